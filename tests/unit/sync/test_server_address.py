"""Where a code may be taken: a server and nothing else, and http only on a network of one's own."""

from __future__ import annotations

import pytest

from domain.errors import Refused
from sync.messages import activation_link, read_activation_link
from sync.server_address import checked_server


@pytest.mark.parametrize(
    "address",
    [
        "https://fanpiao.example.edu.cn",
        "https://fanpiao.example.edu.cn:8443/canteen",
        "http://127.0.0.1:8000",
        "http://[::1]:8000",
        "http://192.168.3.7:8000",
        "http://10.1.2.3",
        "http://canteen",
        "http://canteen.local:8000",
    ],
)
def test_an_address_that_may_be_asked_is_kept_as_it_is(address: str) -> None:
    assert checked_server(f" {address}/ ") == address


@pytest.mark.parametrize(
    "address",
    [
        "", "canteen", "ftp://canteen", "file:///etc/passwd", "https://", "http://a..b",
        "http://" + "a" * 300, "http://127.0.0.1:abc", "http://127.0.0.1:99999", "http://[::1",
        "https://fanpiao.example.edu.cn@203.0.113.9", "https://u:p@10.0.0.1",
        "https://10.0.0.1/?next=x", "https://10.0.0.1/#x", "http://10.0.0.1 x",
        "http://10.0.0.1\r\nX: y",
    ],
)  # fmt: skip
def test_what_is_more_or_less_than_a_server_is_refused(address: str) -> None:
    with pytest.raises(Refused, match=r"activation\.no_server"):
        checked_server(address)


@pytest.mark.parametrize("host", ["fanpiao.example.edu.cn", "93.184.216.34", "[2606:4700::1111]"])
def test_the_open_network_is_asked_over_https_only(host: str) -> None:
    with pytest.raises(Refused, match=r"activation\.not_private"):
        checked_server(f"http://{host}")
    assert checked_server(f"https://{host}")


def test_a_link_shows_its_server_and_not_its_code() -> None:
    link = read_activation_link(activation_link("https://canteen.example", "7K2M-9QXF"))
    assert "canteen.example" in repr(link)
    assert "7K2M" not in repr(link)

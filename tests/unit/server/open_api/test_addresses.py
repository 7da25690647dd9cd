"""What a merchant may have us send to: public https, and what the setting names."""

from __future__ import annotations

import ipaddress

import pytest

from domain.errors import Refused
from server.open_api.addresses import (
    Forbidden,
    allowed_networks,
    check_url,
    is_permitted,
    resolve,
)

LOOPBACK = allowed_networks("127.0.0.0/8, ::1")


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
     "0.0.0.0", "255.255.255.255", "224.0.0.1", "::1", "::", "fe80::1", "fd00::1", "ff02::1",
     "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::1", "64:ff9b::a00:1", "2001::1"],
)  # fmt: skip
def test_an_address_that_is_not_public_is_not_sent_to(address: str) -> None:
    assert not is_permitted(ipaddress.ip_address(address), ())


@pytest.mark.parametrize("address", ["8.8.8.8", "203.119.1.1", "2400:3200::1", "::ffff:8.8.8.8"])
def test_a_public_one_is(address: str) -> None:
    assert is_permitted(ipaddress.ip_address(address), ())


def test_a_network_that_the_setting_names_is_sent_to_and_no_other() -> None:
    allowed = allowed_networks("10.20.0.0/16")
    assert is_permitted(ipaddress.ip_address("10.20.3.4"), allowed)
    assert is_permitted(ipaddress.ip_address("::ffff:10.20.3.4"), allowed)
    assert not is_permitted(ipaddress.ip_address("10.21.3.4"), allowed)


@pytest.mark.parametrize(
    ("url", "code"),
    [("http://example.com/in", "webhooks.not_https"), ("ftp://example.com", "webhooks.bad_url"),
     ("https://", "webhooks.bad_url"), ("https://user:pw@example.com/", "webhooks.bad_url"),
     ("https://example.com/#a", "webhooks.bad_url"), ("https://exa mple.com", "webhooks.bad_url"),
     ("https://example.com:99999/", "webhooks.bad_url"), ("file:///etc/passwd", "webhooks.bad_url"),
     ("https://[::1", "webhooks.bad_url"), ("https://a/" + "x" * 500, "webhooks.bad_url"),
     ("https://127.0.0.1/", "webhooks.private_address"),
     ("http://127.0.0.1/", "webhooks.private_address"),
     ("https://localhost/", "webhooks.private_address"),
     ("https://[::ffff:10.0.0.1]/", "webhooks.private_address"),
     ("https://169.254.169.254/latest", "webhooks.private_address")],
)  # fmt: skip
def test_an_address_that_is_no_good_is_refused_when_it_is_typed(url: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        check_url(url, ())
    assert refused.value.code == code


def test_plain_http_is_for_loopback_alone_and_wants_the_setting() -> None:
    assert check_url("http://127.0.0.1:8000/in", LOOPBACK) == "http://127.0.0.1:8000/in"
    assert check_url(" https://example.com/in?a=1 ", ()) == "https://example.com/in?a=1"
    with pytest.raises(Refused):
        check_url("http://10.20.0.1/in", allowed_networks("10.20.0.0/16"))


def test_a_name_that_stands_for_a_private_address_is_found_out_when_it_is_called() -> None:
    with pytest.raises(Forbidden):
        resolve("localhost", 443, ())
    assert set(resolve("localhost", 443, LOOPBACK)) <= {"127.0.0.1", "::1"}


def test_a_setting_that_names_no_network_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="office"):
        allowed_networks("office")

"""The guard of tests/conftest.py: no test reaches beyond this machine, by address or by name."""

from __future__ import annotations

import socket

import pytest

from tests.conftest import OutsideNetwork


# Addresses and names that are reserved for documentation and lead nowhere
@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1"])
def test_an_address_outside_is_refused(address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as outward, pytest.raises(OutsideNetwork):
        outward.connect((address, 80))


def test_a_name_outside_is_not_even_asked_for() -> None:
    with pytest.raises(OutsideNetwork):
        socket.create_connection(("fanpiao.example", 80), timeout=1)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_this_machine_is_reached(host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection((host, port), timeout=5) as client:
            assert client.getpeername()[1] == port

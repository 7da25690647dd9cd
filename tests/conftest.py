"""What every test gets: search profiles, a closed network, and a PostgreSQL when it asks for one.

- `HYPOTHESIS_PROFILE=thorough` searches longer and at random; the default is short and repeatable.
- No test may reach beyond this machine: a connection to anything but loopback fails by name.
"""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from devices.simulated.pcscd import environment as pcscd_environment
from tests.postgres import TemporaryPostgres, temporary_postgres

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# The PC/SC library reads this once per process: tests meet their own service or none
os.environ.update(pcscd_environment())

pytest_plugins = ["tests.server_fixtures"]

# A slow machine is no failure: speed is measured in benchmarks/, never asserted in a test.
_SLOW_IS_FINE = (HealthCheck.too_slow, HealthCheck.data_too_large)
settings.register_profile(
    "ci", max_examples=60, deadline=None, derandomize=True, suppress_health_check=_SLOW_IS_FINE
)
settings.register_profile(
    "thorough", max_examples=2000, deadline=None, suppress_health_check=_SLOW_IS_FINE
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


class OutsideNetwork(AssertionError):
    """A test tried to reach beyond this machine."""


def _refuse_outside(host: Any) -> None:
    host = host.decode() if isinstance(host, bytes) else str(host or "")
    if host in {"", "localhost", "0.0.0.0", "::", socket.gethostname()}:
        return
    try:
        inside = ipaddress.ip_address(host.split("%", 1)[0]).is_loopback
    except ValueError:
        inside = False
    if not inside:
        raise OutsideNetwork(f"a test tried to connect to {host}; tests use loopback only")


@pytest.fixture(autouse=True, scope="session")
def _closed_network() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex"):
            original = getattr(socket.socket, name)

            def guarded(self: socket.socket, address: Any, *, _original: Any = original) -> Any:
                if self.family in (socket.AF_INET, socket.AF_INET6):
                    _refuse_outside(address[0])
                return _original(self, address)

            patch.setattr(socket.socket, name, guarded)
        look_up = socket.getaddrinfo

        def guarded_look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
            _refuse_outside(host)
            return look_up(host, *args, **kwargs)

        patch.setattr(socket, "getaddrinfo", guarded_look_up)
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[TemporaryPostgres]:
    """One PostgreSQL per test process, started when first asked for."""
    with temporary_postgres() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: TemporaryPostgres) -> Iterator[str]:
    """The URL of an empty database of this test's own."""
    url = postgres.fresh_database()
    yield url
    postgres.drop_database(url)

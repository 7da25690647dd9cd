"""A counter, a loopback server, and the client between them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.client import Client
from tests.integration.sync.loopback_server import Custodian, Loopback, running
from tests.unit.sync.makers import TERMINAL, Counter, terminal_key


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    """A server that answers by the routes a test gives it."""
    with running() as server:
        yield server


@pytest.fixture
def custodian(loopback: Loopback, counter: Counter) -> Custodian:
    """The loopback server, keeping records and answering heartbeats by the counter's own clock."""
    return Custodian(loopback, clock=counter.clock)


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    """An opened counter."""
    made = Counter(tmp_path / "counter.sqlite3")
    yield made
    made.close()


@pytest.fixture
def client(counter: Counter, loopback: Loopback) -> Iterator[Client]:
    """The counter's client, pointed at the loopback server."""
    made = Client(loopback.url, terminal_key(), TERMINAL, counter.corrected)
    yield made
    made.close()

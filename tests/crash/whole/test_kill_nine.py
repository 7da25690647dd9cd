"""kill -9 of servers and counters at random moments of real traffic (MONEY §2–4).

A fork server keeps everything imported, so a killed process is back in milliseconds and a run has
room for many kills. What a counter showed as approved is told to this process over a pipe before
the counter goes on; afterwards every such payment must stand in the books exactly once.

`FANPIAO_CRASH_KILLS` sets how many kills of each kind a run makes (25 per engine by default, so
50 of each in CI).
"""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import random
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from django.db import connection

from server.audit.run_audit import run_audit
from server.cases.models import Case
from server.config.sample import Sample, create_sample
from server.config.secrets import load_secrets
from server.payments.models import Payment
from sync.activation import activate_terminal
from sync.audit import audit_store
from sync.keystore import FileKeyStore
from sync.messages import Acceptance, decode
from sync.store import LocalStore
from tests.crash.whole.children import (
    CounterPlace,
    ServerPlace,
    drain,
    sell_until_killed,
    serve_for_ever,
)
from tests.crash.whole.clock import SkippingClock

KILLS = int(os.environ.get("FANPIAO_CRASH_KILLS", "25"))
"""Of servers, and as many of counters, per engine."""
LUNCH = datetime(2026, 11, 23, 3, 40, tzinfo=UTC)
START_LIMIT_S = 60.0
PAUSE_S = (0.0, 0.25)
LOOK_S = 0.02
SALE_LIMIT_S = 8.0
"""A counter whose servers are down sells offline within this, even on a busy machine."""

spawning = multiprocessing.get_context("forkserver")
spawning.set_forkserver_preload(["tests.crash.whole.preload"])


@dataclass
class Life:
    """One process that is killed and started again."""

    target: Any
    arguments: tuple[Any, ...]
    process: BaseProcess | None = None
    kills: int = 0

    def start(self, *more: Any) -> None:
        """Start it."""
        process = spawning.Process(target=self.target, args=(*self.arguments, *more), daemon=True)
        process.start()
        self.process = process

    def kill(self) -> None:
        """kill -9, by its own process id."""
        process = self.process
        assert process is not None
        assert process.pid
        process.kill()
        process.join()
        self.kills += 1


@dataclass
class CounterLife(Life):
    """A counter, and what it said was approved."""

    approved: set[UUID] = field(default_factory=set)
    seed: int = 0
    has_sold: bool = False
    _pipe: Connection | None = None

    def begin(self) -> None:
        """Start selling."""
        self.seed, self.has_sold = self.seed + 1, False
        self._pipe, theirs = spawning.Pipe(duplex=False)
        self.start(self.seed, theirs)
        theirs.close()

    def listen(self) -> None:
        """Take what it has told so far, also after its death."""
        assert self._pipe is not None
        with contextlib.suppress(EOFError, OSError):
            while self._pipe.poll():
                self.approved.add(self._pipe.recv())
                self.has_sold = True


class Canteen:
    """Servers and counters of one sample canteen on one database."""

    def __init__(self, folder: Path, database: str, ports: list[int]) -> None:
        self.folder = folder
        self.clock_path = folder / "clock"
        self.clock = SkippingClock(self.clock_path, starts_at=LUNCH)
        secrets = folder / "secrets"
        self.sample: Sample = create_sample(
            now=self.clock.now(), random=os.urandom, secrets=load_secrets(secrets), counters=2
        )
        self.servers = [
            Life(
                serve_for_ever,
                (ServerPlace(database, str(secrets), port, self.clock_path),),
            )
            for port in ports
        ]
        self.ports = ports
        self._moment = threading.Event()
        self.counters: list[CounterLife] = []

    def open(self) -> None:
        """Start the servers, activate the counters and let them sell."""
        for server, port in zip(self.servers, self.ports, strict=True):
            server.start()
            wait_until_up(port)
        for number, registered in enumerate(self.sample.counters):
            place = self._place(number)
            place.folder.mkdir()
            activate_terminal(
                FileKeyStore(place.folder / "keys.json"), place.url, registered.activation_code,
                serial=f"S{number}", software="crash", random=os.urandom,
            )  # fmt: skip
            life = CounterLife(sell_until_killed, (place,), seed=number * 1_000)
            self.counters.append(life)
            life.begin()

    def _place(self, number: int) -> CounterPlace:
        cashier = next(one for one in self.sample.operators if one.role == "cashier")
        return CounterPlace(
            folder=self.folder / f"counter-{number}",
            url=f"http://127.0.0.1:{self.ports[number % len(self.ports)]}",
            clock=self.clock_path,
            operator_pin=cashier.pin,
            cards=tuple(person.card_uid for person in self.sample.people[:12]),
        )

    def storm(self, rng: random.Random) -> None:
        """Kill until every kind has had its share, restarting at once."""
        victims: list[Life] = [*self.servers, *self.counters]
        shares = {
            id(life): -(-KILLS // len(kind))
            for kind in (self.servers, self.counters)
            for life in kind
        }
        while left := [life for life in victims if life.kills < shares[id(life)]]:
            life = rng.choice(left)
            self._wait_for_sales([life] if isinstance(life, CounterLife) else self.counters)
            self._moment.wait(rng.uniform(*PAUSE_S))
            life.kill()
            if isinstance(life, CounterLife):
                life.listen()
                life.begin()
            else:
                life.start()
        self._wait_for_sales(self.counters)

    def _wait_for_sales(self, counters: Sequence[Life]) -> None:
        """Let one of `counters` sell something since it began, so that a kill meets traffic."""
        watched = [life for life in self.counters if any(life is one for one in counters)]
        until = time.monotonic() + SALE_LIMIT_S
        while time.monotonic() < until and not any(life.has_sold for life in watched):
            for counter in self.counters:
                counter.listen()
            self._moment.wait(LOOK_S)
        for counter in watched:
            counter.has_sold = False

    def close(self) -> list[tuple[int, list[Any]]]:
        """Stop the sales the hard way, recover and drain; return what each counter still holds."""
        for counter in self.counters:
            counter.kill()
            counter.listen()
        for port in self.ports:
            wait_until_up(port)
        left = []
        for counter in self.counters:
            ours, theirs = spawning.Pipe(duplex=False)
            process = spawning.Process(
                target=drain, args=(*counter.arguments, counter.seed + 500, theirs), daemon=True
            )
            process.start()
            theirs.close()
            assert ours.poll(120), "a counter did not drain"
            left.append(ours.recv())
            process.join()
        return left

    def stop(self) -> None:
        """End what is still running."""
        for life in [*self.servers, *self.counters]:
            if life.process is not None and life.process.is_alive():
                life.kill()


def wait_until_up(port: int) -> None:
    """Wait until a server answers on `port`."""
    until = time.monotonic() + START_LIMIT_S
    while time.monotonic() < until:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"http://127.0.0.1:{port}/v1/health", timeout=2).status_code == 200:
                return
        threading.Event().wait(LOOK_S)
    raise AssertionError(f"no server on port {port} within {START_LIMIT_S} s")


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on now."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports: list[int] = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


@contextlib.contextmanager
def canteen(folder: Path, database: str, servers: int) -> Iterator[Canteen]:
    """A canteen that is stopped whatever happens."""
    made = Canteen(folder, database, free_ports(servers))
    try:
        made.open()
        yield made
    finally:
        made.stop()


def accepted_at(place: CounterPlace) -> dict[UUID, Acceptance]:
    """The acceptances in a counter's journal."""
    store = LocalStore(place.folder / "counter.sqlite3")
    rows = store.rows("SELECT body FROM journal WHERE kind = 'acceptance' AND state <> 'lost'")
    found = [decode(Acceptance, body) for (body,) in rows]
    assert audit_store(store) == []
    store.close()
    return {one.request.intent.payment_id: one for one in found}


def prove(made: Canteen, left: list[tuple[int, list[Any]]]) -> dict[str, Any]:
    """Nothing lost, nothing doubled, audits clean; return what there was of traffic and kills."""
    assert [waiting for waiting, _ in left] == [0, 0], left
    payments = {row.id: row for row in Payment.objects.all()}
    for counter in made.counters:
        accepted = accepted_at(counter.arguments[0])
        lost = counter.approved - set(payments)
        assert not lost, f"approved but not in the books: {lost}"
        assert counter.approved <= set(accepted), "approved but not in the journal"
        for payment_id, acceptance in accepted.items():
            assert payments[payment_id].state in ("succeeded", "reversed"), payment_id
            assert payments[payment_id].total_amount == acceptance.request.intent.total
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT cause_id FROM ledger_transfer WHERE cause_kind = 'payment'"
            " AND purpose = 'sale' GROUP BY cause_id HAVING count(*) > 1"
        )
        assert cursor.fetchall() == []
    report = run_audit(made.clock.now())
    assert report.findings == ()
    approved = sum(len(counter.approved) for counter in made.counters)
    summary: dict[str, Any] = {
        "payments": len(payments),
        "approved": approved,
        "server kills": sum(server.kills for server in made.servers),
        "counter kills": sum(counter.kills for counter in made.counters),
        "cases": sorted(Case.objects.values_list("kind", flat=True)),
    }
    print(json.dumps(summary))
    return summary


@pytest.mark.timeout(900)
def test_kills_lose_and_double_nothing_on_sqlite(sqlite_database: str, tmp_path: Path) -> None:
    with canteen(tmp_path, sqlite_database, servers=1) as made:
        made.storm(random.Random(20261122))
        left = made.close()
        came = prove(made, left)
    assert min(came["server kills"], came["counter kills"]) >= KILLS
    assert came["approved"] > KILLS, "too little traffic to prove anything"


@pytest.mark.timeout(900)
def test_kills_lose_and_double_nothing_with_two_servers_on_postgresql(
    postgresql_database: str, tmp_path: Path
) -> None:
    with canteen(tmp_path, postgresql_database, servers=2) as made:
        made.storm(random.Random(20261123))
        left = made.close()
        came = prove(made, left)
    assert min(came["server kills"], came["counter kills"]) >= KILLS
    assert came["approved"] > KILLS, "too little traffic to prove anything"

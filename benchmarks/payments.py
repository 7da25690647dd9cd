"""Payments per second: signed, over HTTP, durable before the answer; beside pgbench's.

The load shares the machine with what it measures: on two cores the client takes its part of
them, as pgbench's own client does of the anchor's.
"""

import statistics
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.anchors import Anchor, make_anchor, sqlite_rate
from benchmarks.apart import apart
from benchmarks.canteen import Books, Canteen, make_canteen, read_books
from benchmarks.disk import sync_us
from benchmarks.figures import Figure, at_most, quantile, rate
from benchmarks.load import Stage, pay_at
from benchmarks.serving import Served, serving
from tests.postgres import temporary_postgres

CLIENTS = (1, 16, 64, 256)
PAYMENTS = {1: 1_200, 16: 6_400, 64: 12_800, 256: 20_480}
"""Payments per stage and round: some two seconds of each."""
QUICK_SHARE = 4
PEOPLE = 2_000
TARGETS = {64: 0.50, 256: 0.60}
P99_MS = 10.0
ANCHORS = (("pay1", 32), ("pay1", 1), ("pay", 32), ("pay", 1))
LIMITS = {
    1: "one request after the other: a round trip, a set of reads, a commit",
    16: "the interpreter: event loop and writer take turns",
    64: "the interpreter of the one server process; the client has the other core's rest",
    256: "the interpreter of the one server process; the client has the other core's rest",
}


@dataclass(slots=True)
class _Found:
    """What the rounds measured."""

    stages: dict[int, list[Stage]] = field(default_factory=dict)
    anchors: dict[tuple[str, int], list[float]] = field(default_factory=dict)
    syncs_us: list[float] = field(default_factory=list)
    cpu_us: dict[int, list[float]] = field(default_factory=dict)


def measure(*, quick: bool) -> Iterator[Figure]:
    """Yield the figures on PostgreSQL, then on SQLite."""
    rounds = 1 if quick else 3
    with tempfile.TemporaryDirectory(prefix="fanpiao-bench-") as place:
        folder = Path(place)
        folder.chmod(0o755)
        with temporary_postgres() as server:
            anchor = make_anchor(server, folder)
            canteen = _canteen(server.fresh_database(), folder / "secrets")
            found = _rounds(canteen, anchor, rounds, quick=quick)
            yield from _figures("PostgreSQL", found)
            yield from _anchor_figures(found)
        canteen = _canteen(str(folder / "server.sqlite3"), folder / "secrets")
        yield from _figures("SQLite", _rounds(canteen, None, rounds, quick=quick))


def _canteen(database: str, secrets: Path) -> Canteen:
    return apart(make_canteen, database, secrets, max(CLIENTS), PEOPLE)


def _rounds(canteen: Canteen, anchor: Anchor | None, rounds: int, *, quick: bool) -> _Found:
    found = _Found()
    length_s = 2 if quick else 5
    with serving(canteen) as served:
        apart(pay_at, served.port, canteen, 16, 20, -1)  # caches, plans and pools are warm
        for number in range(rounds):
            _measure_anchors(found, anchor, length_s)
            for clients in CLIENTS:
                each = PAYMENTS[clients] // clients // (QUICK_SHARE if quick else 1)
                _measure_stage(found, served, canteen, clients, each, number)
            _measure_anchors(found, anchor, length_s)
    _prove(canteen, found)
    return found


def _measure_anchors(found: _Found, anchor: Anchor | None, length_s: int) -> None:
    found.syncs_us.append(sync_us())
    if anchor is None:
        for per_commit in (1, 50):
            place = ("sqlite", per_commit)
            found.anchors.setdefault(place, []).append(sqlite_rate(per_commit, length_s / 2))
        return
    for script, clients in ANCHORS:
        measured = anchor.rate(script, clients, length_s)
        found.anchors.setdefault((script, clients), []).append(measured)


def _measure_stage(
    found: _Found, served: Served, canteen: Canteen, clients: int, each: int, number: int
) -> None:
    before_s = served.cpu_s()
    stage = apart(pay_at, served.port, canteen, clients, each, number * 1_000 + clients)
    cpu_us = (served.cpu_s() - before_s) / stage.payments * 1e6
    found.cpu_us.setdefault(clients, []).append(cpu_us)
    found.stages.setdefault(clients, []).append(stage)


def _prove(canteen: Canteen, found: _Found) -> None:
    """Every approval is in the books, once, and the audit finds nothing."""
    stages = [stage for theirs in found.stages.values() for stage in theirs]
    books: Books = apart(read_books, canteen.database)
    assert books.findings == (), books.findings
    warm = 16 * 20
    assert books.payments == sum(stage.payments for stage in stages) + warm, books
    assert books.amount > sum(stage.amount for stage in stages), books


def _figures(engine: str, found: _Found) -> Iterator[Figure]:
    place = ("pay1", 32) if engine == "PostgreSQL" else ("sqlite", 50)
    name = "pgbench pay1 c=32" if engine == "PostgreSQL" else "bare SQLite, 50 per commit"
    sync = statistics.median(found.syncs_us)
    for clients, stages in found.stages.items():
        cpu_us = statistics.median(found.cpu_us[clients])
        limit = f"{LIMITS[clients]} ({cpu_us:.0f} µs CPU of the server each, {sync:.0f} µs a sync)"
        yield rate(
            f"{engine}: signed payments over HTTP, c={clients}",
            [stage.rate for stage in stages],
            name,
            found.anchors[place],
            limit,
            at_least=TARGETS.get(clients) if engine == "PostgreSQL" else None,
        )
        for share in (0.5, 0.99):
            value = statistics.median(quantile(stage.latencies_ms, share) for stage in stages)
            most = P99_MS if (clients, share) == (16, 0.99) else None
            title = f"{engine}: latency p{share * 100:.0f}, c={clients}"
            yield at_most(title, value, "ms", most, "")


def _anchor_figures(found: _Found) -> Iterator[Figure]:
    for (script, clients), values in found.anchors.items():
        limit = "the disk's syncs" if clients == 1 else "the two cores, shared with pgbench"
        yield Figure(f"pgbench {script}, c={clients}", statistics.median(values), "/s", limit=limit)

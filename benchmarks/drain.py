"""The drain: what counters sold offline, pushed 500 signed and chained records at a time."""

import random
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from benchmarks.anchors import make_anchor
from benchmarks.apart import apart
from benchmarks.canteen import Books, Canteen, Till, make_canteen, read_books
from benchmarks.disk import sync_us
from benchmarks.figures import Figure, rate
from benchmarks.load import payment, send, signed
from benchmarks.serving import serving
from domain.ids import new_id
from sync import signing
from sync.messages import (
    Acceptance,
    JournalOpened,
    Mode,
    PushAnswer,
    PushRequest,
    Record,
    RecordKind,
    Stamp,
    Status,
    decode,
    encode,
)
from tests.postgres import temporary_postgres

RECORDS = 500
"""Records per push: the most that the server takes."""
PUSHES = 4
COUNTERS = (1, 4)
PEOPLE = 2_000
TARGET = 2.0
LIMIT = "the interpreter: a signature, a plan and a decision for each record"


@dataclass(frozen=True, slots=True)
class Drained:
    """What one stage measured."""

    records: int
    elapsed_s: float

    @property
    def rate(self) -> float:
        """Records per second."""
        return self.records / self.elapsed_s


def measure(*, quick: bool) -> Iterator[Figure]:
    """Yield records per second at one and at four counters beside pgbench's six statements."""
    rounds = 1 if quick else 3
    anchors: list[float] = []
    found: dict[int, list[Drained]] = {counters: [] for counters in COUNTERS}
    syncs_us = []
    with tempfile.TemporaryDirectory(prefix="fanpiao-bench-") as place:
        folder = Path(place)
        folder.chmod(0o755)
        with temporary_postgres() as server:
            anchor = make_anchor(server, folder)
            tills = sum(COUNTERS) * rounds + 1
            canteen = apart(
                make_canteen, server.fresh_database(), folder / "secrets", tills, PEOPLE
            )
            with serving(canteen) as served:
                apart(push_at, served.port, canteen, tills - 1, 1, 1)  # warm
                first = 0
                for _ in range(rounds):
                    syncs_us.append(sync_us())
                    anchors.append(anchor.rate("pay", 32, 2 if quick else 5))
                    for counters in COUNTERS:
                        found[counters].append(
                            apart(push_at, served.port, canteen, first, counters, PUSHES)
                        )
                        first += counters
                    anchors.append(anchor.rate("pay", 32, 2 if quick else 5))
            _prove(canteen, [one for theirs in found.values() for one in theirs])
    for counters, stages in found.items():
        yield rate(
            f"PostgreSQL: drained records, {counters} counter{'s' * (counters > 1)}",
            [stage.rate for stage in stages],
            "pgbench pay c=32",
            anchors,
            f"{LIMIT} ({statistics.median(syncs_us):.0f} µs a sync)",
            at_least=TARGET,
        )


def push_at(port: int, canteen: Canteen, first: int, counters: int, pushes: int) -> Drained:
    """Push from `counters` terminals, the one numbered `first` first. For `apart`.

    Raises AssertionError when a record is not applied.
    """
    rng = random.Random(first)
    tills = canteen.tills[first : first + counters]
    wires = [_pushes(till, canteen.people, pushes, rng) for till in tills]
    answers, _, elapsed_s = send(port, wires)
    for theirs in answers:
        for body in theirs:
            dispositions = decode(PushAnswer, body).dispositions
            assert len(dispositions) == RECORDS, "a record was not answered"
            assert {one.status for one in dispositions} == {Status.APPLIED}, dispositions[:3]
    return Drained(counters * pushes * RECORDS, elapsed_s)


def _pushes(till: Till, people: Sequence[UUID], pushes: int, rng: random.Random) -> list[bytes]:
    records = _journal(till, people, pushes * RECORDS, rng)
    cut = [records[n : n + RECORDS] for n in range(0, len(records), RECORDS)]
    return [signed(till, "/v1/records", encode(PushRequest(records=tuple(part)))) for part in cut]


def _journal(till: Till, people: Sequence[UUID], count: int, rng: random.Random) -> list[Record]:
    """Sign a journal of `count` records: its opening, then meals handed over offline."""
    key = signing.TerminalKey(till.seed, till.key_id)
    journal_id = new_id(int(time.time() * 1000), rng.randbytes)
    records: list[Record] = []
    previous = signing.CHAIN_START
    for sequence in range(1, count + 1):
        kind, body = _row(till, people, sequence, rng)
        record = key.sign_record(
            Record(
                terminal_id=till.terminal_id, key_id=till.key_id, journal_id=journal_id,
                sequence=sequence, previous_hash=previous, kind=kind, body=body,
            )
        )  # fmt: skip
        previous = signing.record_hash(record)
        records.append(record)
    return records


def _row(
    till: Till, people: Sequence[UUID], sequence: int, rng: random.Random
) -> tuple[RecordKind, bytes]:
    if sequence == 1:
        now = datetime.now(UTC)
        stamp = Stamp(corrected_at=now, raw_at=now, boot_id="bench", monotonic_s=1.0)
        return RecordKind.JOURNAL_OPENED, encode(JournalOpened(stamp=stamp))
    request = payment(till, people[sequence % len(people)], rng)
    return RecordKind.ACCEPTANCE, encode(
        Acceptance(request=request, mode=Mode.OFFLINE, policy_version=1)
    )


def _prove(canteen: Canteen, stages: Sequence[Drained]) -> None:
    """Every record is in the books, once, and the audit finds nothing."""
    books: Books = apart(read_books, canteen.database)
    assert books.findings == (), books.findings
    journals = len(canteen.tills)
    pushed = sum(stage.records for stage in stages) + RECORDS
    assert books.payments == pushed - journals, (books, pushed, journals)

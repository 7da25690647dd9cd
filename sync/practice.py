"""A second store for practice: the same people and prices, other books, and a key nobody knows.

Rules
- It is a file of its own, made anew for each practice and removed after it.
- Its journal is signed with a key made for it and under a terminal id no server gave out: were a
  row ever sent, it would be rejected as unauthentic. Nothing here holds the real journal or key.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import msgspec

from domain.clock import Clock
from sync.account_rows import GENERATION
from sync.clocks import CorrectedClock
from sync.messages import ActivationAnswer
from sync.outbox import Journal
from sync.replica import FRESH, Replica
from sync.signing import TerminalKey
from sync.store import LocalStore

_TABLES = {
    "feed_row": "generation, kind, entity, lookup, number, body",
    "account": "generation, account_id, person_id, kind, unit, balance, held, floor, version",
}
_PARTS = ("", "-wal", "-shm", ".lock")


@dataclass(frozen=True, slots=True)
class PracticeBooks:
    """Store, journal and replica of one practice, and a binding that is nobody's."""

    store: LocalStore
    journal: Journal
    replica: Replica
    clock: CorrectedClock
    binding: ActivationAnswer

    def close(self) -> None:
        """End the practice: the file goes, with all that was rung up."""
        self.store.close()
        remove(self.store.path)


def open_practice(
    path: Path,
    real: LocalStore,
    binding: ActivationAnswer,
    raw: Clock,
    corrected: CorrectedClock,
    random: Callable[[int], bytes],
) -> PracticeBooks:
    """Make fresh practice books at `path` from what the real store knows; reads `real` only."""
    remove(path)
    store = LocalStore(path)
    copy_replica(real, store)
    clock = CorrectedClock(raw, store)
    clock.learn(corrected.now(), sent_s=corrected.monotonic())
    own = msgspec.structs.replace(
        binding, terminal_id=UUID(bytes=random(16)), key_id="practice", binding_version=0
    )
    key = TerminalKey(TerminalKey.generate(random).seed, own.key_id)
    journal = Journal(store, key, own.terminal_id, clock, random)
    return PracticeBooks(store, journal, Replica(store, clock), clock, own)


def copy_replica(real: LocalStore, practice: LocalStore) -> None:
    """Take over the generation in use; templates stay sealed as they are."""
    generation = real.meta(GENERATION)
    with practice.transaction():
        for table, columns in _TABLES.items():
            clear = columns.replace("body", "unseal(body)")
            rows = real.rows(f"SELECT {clear} FROM {table} WHERE generation = ?", (generation,))
            marks = ", ".join("?" * len(columns.split(",")))
            practice.execute_many(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)
        for fact in (GENERATION, FRESH):
            practice.put_meta(fact, real.meta(fact))


def remove(path: Path) -> None:
    """Remove a practice store, also one that a power cut left behind."""
    for tail in _PARTS:
        path.with_name(path.name + tail).unlink(missing_ok=True)

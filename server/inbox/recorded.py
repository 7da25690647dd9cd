"""A command with its record: the effect on the books and the disposition share one commit.

The wrapped command decides; this one adds the record's place as a key, replays a record that is
already here, notices a second hash at the same place, and writes the disposition beside the
effects. A record that waits or is parked runs through it again until it is definite.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from msgspec import structs

from server import sql
from server.cases.effects import CaseOpened
from server.inbox.open_records import Opened
from server.inbox.places import place_id, record_id
from server.ledger.commands import (
    AccountKey,
    Command,
    CounterKey,
    Decision,
    Effect,
    Key,
    Locked,
    Reader,
)
from server.payments.arrivals import Booked
from server.work.effects import DueDone, DueRow
from server.writes import Writes
from sync.messages import Balance, Status

PLACE = "record"
"""The kind of key of a record's place."""
RETRY = "inbox.retry"
"""The kind of due work that puts a waiting record to its command again."""
DECIDE = "inbox.decide"
"""A person's decision, queued by the console for the process that has the writer."""

PAYER_OWNERS = ("person", "grant_share")
"""Owners of accounts whose balances a counter keeps."""

RECORD = sql.Table.of(
    "inbox_record",
    {
        "id": "uuid", "organisation": "uuid", "terminal": "uuid", "journal": "uuid",
        "sequence": "int8", "place": "uuid", "previous_hash": "bytea", "hash": "bytea",
        "key_id": "text", "kind": "text", "body": "bytea", "signature": "bytea", "version": "int4",
        "received_at": "timestamptz", "status": "text", "code": "text", "subject_kind": "text",
        "subject_id": "uuid", "shift": "uuid", "resolution": "text", "resolved_by": "text",
    },
)  # fmt: skip
FATE = sql.Table.of(
    "inbox_record", {"organisation": "uuid", "id": "uuid", "status": "text", "code": "text"}
)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a record is about: ("payment", id), ("refund", id), ("shift", id) or ("journal", id)."""

    kind: str
    id: UUID
    shift_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A record already at a place: its hash and its present disposition."""

    id: UUID
    hash: bytes
    status: str
    code: str


@dataclass(frozen=True, slots=True)
class RecordWritten:
    """Store a record with its disposition, or change the disposition of one not yet definite."""

    organisation_id: UUID
    id: UUID
    place: UUID
    opened: Opened
    booked: Booked
    subject: Subject
    received_at: datetime
    is_new: bool

    @classmethod
    def write_all(cls, writes: Writes, effects: Sequence["RecordWritten"], /) -> None:
        """Insert the new ones and update the others."""
        new = [effect._row() for effect in effects if effect.is_new]
        writes.insert(RECORD, new, exactly="a record's place is locked")
        fates = [
            (e.organisation_id, e.id, str(e.booked.status), e.booked.code)
            for e in effects
            if not e.is_new
        ]
        writes.update(
            FATE,
            fates,
            keys=2,
            guard="t.status IN ('waiting', 'parked')",
            exactly="a definite disposition does not change",
        )

    def _row(self) -> tuple[Any, ...]:
        record = self.opened.record
        return (
            self.id, self.organisation_id, record.terminal_id, record.journal_id,
            record.sequence, self.place, record.previous_hash, self.opened.hash, record.key_id,
            str(record.kind), record.body, record.signature, record.version,
            self.received_at, str(self.booked.status), self.booked.code, self.subject.kind,
            self.subject.id, self.subject.shift_id, "", "",
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Parked:
    """The inner command of a record that cannot be booked at all."""

    key: Key
    code: str

    @property
    def keys(self) -> Sequence[Key]:
        """The record's own."""
        return (self.key,)

    @property
    def counters(self) -> Sequence[CounterKey]:
        """None."""
        return ()

    @property
    def accounts(self) -> Sequence[AccountKey]:
        """None."""
        return ()

    @property
    def reader(self) -> Reader | None:
        """Nothing to read."""
        return None

    def decide(self, locked: Locked) -> Decision:
        """Park."""
        return Decision(Booked(Status.PARKED, self.code))


@dataclass(frozen=True, slots=True)
class Recorded:
    """`inner`, run for one record."""

    inner: Command
    organisation_id: UUID
    opened: Opened
    subject: Subject
    received_at: datetime
    retry_at: datetime
    """When to try again if it has to wait."""
    again: bool = False
    """Put a record that waits or is parked to its command again, instead of replaying its fate."""

    def parked(self, code: str) -> "Recorded":
        """Return the command that takes custody of this record and leaves it to a person."""
        return replace(self, inner=Parked(Key(self.organisation_id, "note", self.id), code))

    place: Key = field(init=False)
    """The key of this record's place in its journal."""
    id: UUID = field(init=False)
    """The id of this record."""
    keys: Sequence[Key] = field(init=False, repr=False)
    """The inner command's keys, and the place."""

    def __post_init__(self) -> None:
        """Name once what is asked for several times per batch."""
        record = self.opened.record
        place = Key(self.organisation_id, PLACE, place_id(record.journal_id, record.sequence))
        id_ = record_id(record.journal_id, record.sequence, self.opened.hash)
        object.__setattr__(self, "place", place)
        object.__setattr__(self, "id", id_)
        object.__setattr__(self, "keys", (place, *self.inner.keys))

    @property
    def counters(self) -> Sequence[CounterKey]:
        """As the inner command."""
        return self.inner.counters

    @property
    def accounts(self) -> Sequence[AccountKey]:
        """As the inner command."""
        return self.inner.accounts

    @property
    def reader(self) -> Reader | None:
        """Reads the places and whatever the inner command reads."""
        return reader_with_places(self.inner.reader)

    def decide(self, locked: Locked) -> Decision:
        """Replay a record that is here; else let the inner command decide and write its word down.

        A replay never asks the inner command: what was booked once may since have been reversed.
        """
        kept: Mapping[bytes, Kept] = locked.rows.get(self.place, {})
        mine = kept.get(self.opened.hash)
        if mine is not None and (mine.status == Status.APPLIED or not self.again):
            return Decision(_replay(mine, locked))
        decision = self.inner.decide(locked)
        if decision.needs:
            return decision
        effects = (*decision.effects, *self._effects(decision.answer, kept, is_new=mine is None))
        # Under the record's own place something is stored in any case
        forgets = tuple(key for key in decision.forgets if key != self.place)
        return structs.replace(decision, effects=effects, forgets=forgets)

    def _effects(self, booked: Booked, kept: Mapping[bytes, Kept], *, is_new: bool) -> list[Effect]:
        # What the inner command calls a replay is, for this record, booked: it applies
        fate = replace(booked, status=Status.APPLIED) if _is_booked(booked) else booked
        effects: list[Effect] = [
            RecordWritten(
                self.organisation_id, self.id, self.place.id, self.opened, fate, self.subject,
                self.received_at, is_new,
            )
        ]  # fmt: skip
        if fate.status is Status.WAITING and is_new:
            effects.append(DueRow(self.id, self.organisation_id, RETRY, self.id, self.retry_at))
        elif fate.status is not Status.WAITING and not is_new:
            effects.append(DueDone(self.organisation_id, RETRY, self.id))
        if any(hash_ != self.opened.hash for hash_ in kept):
            effects.append(self._fork())
        return effects

    def _fork(self) -> CaseOpened:
        record = self.opened.record
        return CaseOpened(
            self.organisation_id, "fork", "place", self.place.id, 0, self.received_at,
            {"journal": str(record.journal_id), "sequence": record.sequence}, record.terminal_id,
        )  # fmt: skip


def _replay(kept: Kept, locked: Locked) -> Booked:
    """Answer a repeated record with its fate and the balances a counter may have missed."""
    status = Status.REPLAYED if kept.status == Status.APPLIED else Status(kept.status)
    balances = tuple(
        Balance(account_id=key.id, balance=at.balance, held=at.held, version=at.version)
        for key, at in locked.accounts.items()
        if key.owner_kind in PAYER_OWNERS
    )
    return Booked(status, kept.code, balances)


def _is_booked(booked: Booked) -> bool:
    return booked.status in (Status.APPLIED, Status.REPLAYED)


def read_places(
    cursor: Any, keys: Sequence[Key], fresh: Collection[Key] = ()
) -> Mapping[Key, Mapping[bytes, Kept]]:
    """Read what stands at the places among `keys`: per place, by hash."""
    places = {key.id: key for key in keys if key.kind == PLACE and key not in fresh}
    rows = sql.select(
        cursor,
        "SELECT place, id, hash, status, code FROM inbox_record WHERE place IN {any}",
        places,
    )
    found: dict[Key, dict[bytes, Kept]] = {}
    for place, id_, hash_, status, code in rows:
        key = places[sql.to_uuid(place)]
        found.setdefault(key, {})[bytes(hash_)] = Kept(sql.to_uuid(id_), hash_, status, code)
    return found


@lru_cache(maxsize=32)
def reader_with_places(inner: Reader | None) -> Reader:
    """Return the one reader that reads places and, beside them, what `inner` reads."""

    def read(cursor: Any, keys: Sequence[Key], fresh: Collection[Key]) -> Mapping[Key, Any]:
        others = [key for key in keys if key.kind != PLACE]
        rows: dict[Key, Any] = dict(inner(cursor, others, fresh)) if inner is not None else {}
        rows.update(read_places(cursor, keys, fresh))
        return rows

    return read

"""Follow a journal: move its head over what has come, and notice what has not.

The chain proves omission only. A gap younger than `GAP_GRACE` is normal, since an urgent
cancellation may overtake older rows; one that lasts becomes a case, closed when it is filled.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from server import sql
from server.cases.effects import CaseClosed, CaseOpened, case_id
from server.inbox.places import place_id
from server.ledger.commands import AccountKey, CounterKey, Decision, Effect, Key, Locked, Reader
from server.work.effects import DueDone, DueRow
from server.writes import Writes
from sync.messages import Lost, decode

JOURNAL = "journal"
GAP = "inbox.gap"
GAP_GRACE = timedelta(minutes=10)
FOLLOWED_MAX = 5_000
"""Rows looked at in one go; the next push goes on from there."""

ROW = sql.Table.of(
    "inbox_journal",
    {
        "id": "uuid", "organisation": "uuid", "terminal": "uuid", "head_sequence": "int8",
        "head_hash": "bytea", "top_sequence": "int8", "first_seen_at": "timestamptz",
    },
)  # fmt: skip
UPSERT = (
    "ON CONFLICT (id) DO UPDATE SET head_sequence = excluded.head_sequence,"
    " head_hash = excluded.head_hash, top_sequence = excluded.top_sequence"
)


@dataclass(frozen=True, slots=True)
class Place:
    """What stands at one sequence: the record's hash and the hash it says came before."""

    sequence: int
    hash: bytes
    previous_hash: bytes


@dataclass(frozen=True, slots=True)
class Followed:
    """A journal as the server has it."""

    head_sequence: int = 0
    head_hash: bytes = b""
    top_sequence: int = 0
    beyond: tuple[Place, ...] = ()
    terminal_id: UUID | None = None
    """Whose journal it is; None: it is new."""
    lost: frozenset[int] = frozenset()
    """Sequences that the counter has owned up to as lost: nothing will come there."""


@dataclass(frozen=True, slots=True)
class JournalMoved:
    """A journal's new head and top."""

    organisation_id: UUID
    terminal_id: UUID
    journal_id: UUID
    at: Followed
    seen_at: datetime

    @classmethod
    def write_all(cls, writes: Writes, effects: Sequence["JournalMoved"], /) -> None:
        """Upsert the journals."""
        rows = [
            (e.journal_id, e.organisation_id, e.terminal_id, e.at.head_sequence,
             e.at.head_hash, e.at.top_sequence, e.seen_at)
            for e in effects
        ]  # fmt: skip
        writes.insert(ROW, rows, UPSERT)


def advance(journal: Followed) -> tuple[Followed, bool]:
    """Return the journal with its head moved as far as nothing is missing, and whether the chain
    of hashes broke on the way (two histories: a fork).
    """
    head, hash_, is_broken = journal.head_sequence, journal.head_hash, False
    for place in journal.beyond:
        while head + 1 in journal.lost and place.sequence > head + 1:
            head, hash_ = head + 1, b""
        if place.sequence == head + 1:
            is_broken |= hash_ != b"" and place.previous_hash != hash_
            head, hash_ = place.sequence, place.hash
    top = max((place.sequence for place in journal.beyond), default=head)
    return Followed(head, hash_, max(top, journal.top_sequence)), is_broken


@dataclass(frozen=True, slots=True)
class FollowJournal:
    """The command: one journal, after some of its records were booked."""

    organisation_id: UUID
    terminal_id: UUID
    journal_id: UUID
    now: datetime
    has_lasted: bool = False
    """A gap that is still there has been there for `GAP_GRACE`: open its case."""

    @property
    def keys(self) -> Sequence[Key]:
        """The journal."""
        return (Key(self.organisation_id, JOURNAL, self.journal_id),)

    @property
    def counters(self) -> Sequence[CounterKey]:
        """None."""
        return ()

    @property
    def accounts(self) -> Sequence[AccountKey]:
        """None: a journal's head is no money."""
        return ()

    @property
    def reader(self) -> Reader:
        """Reads the journal and what is beyond its head."""
        return read_journals

    def decide(self, locked: Locked) -> Decision:
        """Move the head; a gap is due for a look, a broken chain is a case at once."""
        before: Followed = locked.rows.get(self.keys[0], Followed())
        if before.terminal_id not in (None, self.terminal_id):
            # Somebody writes under another terminal's journal: its records stand, its head does not
            return Decision(before)
        after, is_broken = advance(before)
        effects: list[Effect] = [
            JournalMoved(self.organisation_id, self.terminal_id, self.journal_id, after, self.now)
        ]
        effects.extend(self._gap(before, after))
        if is_broken:
            effects.append(
                CaseOpened(
                    self.organisation_id, "fork", JOURNAL, self.journal_id, 0, self.now,
                    {"sequence": after.head_sequence}, self.terminal_id,
                )
            )  # fmt: skip
        return Decision(after, effects=tuple(effects))

    def _gap(self, before: Followed, after: Followed) -> list[Effect]:
        had_gap = before.top_sequence > before.head_sequence
        has_gap = after.top_sequence > after.head_sequence
        has_moved = after.head_sequence > before.head_sequence
        effects: list[Effect] = []
        if had_gap and has_moved:
            case = gap_case(self.organisation_id, self.journal_id, before.head_sequence + 1)
            effects.append(CaseClosed(case, self.now, "filled", "system"))
        if has_gap and self.has_lasted:
            effects.append(self._gap_case(after))
        elif has_gap and (has_moved or not had_gap):
            due_at = self.now + GAP_GRACE
            effects.append(
                DueRow(self.journal_id, self.organisation_id, GAP, self.journal_id, due_at)
            )
        elif had_gap and not has_gap:
            effects.append(DueDone(self.organisation_id, GAP, self.journal_id))
        return effects

    def _gap_case(self, journal: Followed) -> CaseOpened:
        first = journal.head_sequence + 1
        data = {
            "journal": str(self.journal_id),
            "first_missing": first,
            "top": journal.top_sequence,
        }
        return CaseOpened(
            self.organisation_id, "gap", "place", place_id(self.journal_id, first), 0,
            self.now, data, self.terminal_id,
        )  # fmt: skip


def gap_case(organisation_id: UUID, journal_id: UUID, first_missing: int) -> UUID:
    """Return the id of the case of the gap that starts at `first_missing`."""
    return case_id(organisation_id, "gap", "place", place_id(journal_id, first_missing))


def read_journals(
    cursor: Any, keys: Sequence[Key], _fresh: Collection[Key] = ()
) -> Mapping[Key, Followed]:
    """Read each journal's head and what is beyond it, at most `FOLLOWED_MAX` rows each.

    Records are stored before their journal is: a fresh one is read as well.
    """
    heads = {
        sql.to_uuid(id_): (head, bytes(hash_), top, sql.to_uuid(terminal))
        for id_, head, hash_, top, terminal in sql.select(
            cursor,
            "SELECT id, head_sequence, head_hash, top_sequence, terminal FROM inbox_journal"
            " WHERE id IN {any}",
            [key.id for key in keys],
        )
    }
    found = {}
    for key in keys:
        head, hash_, top, terminal_id = heads.get(key.id, (0, b"", 0, None))
        cursor.execute(
            "SELECT sequence, hash, previous_hash FROM inbox_record WHERE organisation = %s"
            f" AND journal = %s AND sequence > %s ORDER BY sequence LIMIT {FOLLOWED_MAX}",
            [key.organisation_id, key.id, head],
        )
        beyond = tuple(Place(n, bytes(h), bytes(p)) for n, h, p in cursor.fetchall())
        found[key] = Followed(head, hash_, top, beyond, terminal_id, _lost(cursor, key))
    return found


def _lost(cursor: Any, key: Key) -> frozenset[int]:
    cursor.execute(
        "SELECT body FROM inbox_record WHERE organisation = %s AND journal = %s AND kind = 'lost'",
        [key.organisation_id, key.id],
    )
    return frozenset(decode(Lost, bytes(body)).sequence for (body,) in cursor.fetchall())

"""A counter's journal: what it sold offline, signed and chained, taken in as the inbox does."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from server.fleet.read_standing import read_standing
from server.http import TerminalIdentity
from server.inbox.book_records import plan_records, read_context
from server.inbox.follow_journal import FollowJournal
from server.inbox.open_records import Opened, open_records
from server.payments.arrivals import Booked
from sync import signing
from sync.messages import Acceptance, JournalOpened, Record, RecordKind, Stamp, encode


class Journal:
    """One terminal's; `take_in` is what its server does with a push of it."""

    def __init__(self, key: signing.TerminalKey, terminal: TerminalIdentity, id: UUID) -> None:
        self._key, self._terminal, self._id = key, terminal, id
        self._sequence, self._previous = 0, signing.CHAIN_START

    def push(self, acceptances: Sequence[Acceptance], now: datetime) -> tuple[list[Any], Any]:
        """Sign records of these; return the commands that book them, and the one that follows."""
        records = [] if self._sequence else [self._opening(now)]
        records += [self._signed(RecordKind.ACCEPTANCE, encode(one)) for one in acceptances]
        terminal = self._terminal
        standing = read_standing(terminal.organisation_id, [terminal.terminal_id])[
            terminal.terminal_id
        ]
        raws = [encode(record) for record in records]
        opened = [
            item for item in open_records(terminal, standing.keys, raws) if isinstance(item, Opened)
        ]
        assert len(opened) == len(records)
        commands = plan_records(read_context(terminal, standing, now), opened)
        follow = FollowJournal(terminal.organisation_id, terminal.terminal_id, self._id, now)
        return list(commands), follow

    def _opening(self, now: datetime) -> Record:
        stamp = Stamp(corrected_at=now, raw_at=now, boot_id="month", monotonic_s=1.0)
        return self._signed(RecordKind.JOURNAL_OPENED, encode(JournalOpened(stamp=stamp)))

    def _signed(self, kind: RecordKind, body: bytes) -> Record:
        self._sequence += 1
        record = self._key.sign_record(
            Record(
                terminal_id=self._terminal.terminal_id, key_id=self._key.key_id,
                journal_id=self._id, sequence=self._sequence, previous_hash=self._previous,
                kind=kind, body=body,
            )
        )  # fmt: skip
        self._previous = signing.record_hash(record)
        return record


def check(booked: Sequence[Any]) -> None:
    """Every record was booked, and nobody has to bear anything."""
    for one in booked:
        assert isinstance(one, Booked), one
        assert not one.case_kinds, one
        assert not one.code, one

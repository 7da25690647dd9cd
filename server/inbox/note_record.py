"""Take a record that moves no money: an event, a journal's first row, a lost row.

A journal that follows another one tells of a restored disk image, and a lost row of a broken
disk: each is a case, since somebody should know why.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from server.cases.effects import CaseOpened
from server.inbox.places import place_id
from server.ledger.commands import AccountKey, CounterKey, Decision, Effect, Key, Locked, Reader
from server.payments.arrivals import Booked
from sync.messages import Event, JournalOpened, Lost, Status

NOTE = "note"


@dataclass(frozen=True, slots=True)
class NoteRecord:
    """The command for one such record; `id` is the record's."""

    id: UUID
    organisation_id: UUID
    terminal_id: UUID
    journal_id: UUID
    message: Event | JournalOpened | Lost
    now: datetime

    @property
    def keys(self) -> Sequence[Key]:
        """The record itself."""
        return (Key(self.organisation_id, NOTE, self.id),)

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
        """Keep it; open a case where a person should look."""
        return Decision(Booked(Status.APPLIED, ""), effects=tuple(self._cases()))

    def _cases(self) -> list[Effect]:
        message = self.message
        if isinstance(message, JournalOpened) and message.old_journal_id is not None:
            data = {
                "old_journal": str(message.old_journal_id),
                "old_head": message.old_head_sequence,
            }
            return [self._case("restored_store", "journal", self.journal_id, data)]
        if isinstance(message, Lost):
            place = place_id(self.journal_id, message.sequence)
            data = {"sequence": message.sequence, "why": message.why}
            return [self._case("lost_record", "place", place, data)]
        return []

    def _case(
        self, kind: str, subject_kind: str, subject_id: UUID, data: dict[str, object]
    ) -> CaseOpened:
        return CaseOpened(
            self.organisation_id, kind, subject_kind, subject_id, 0, self.now, data,
            self.terminal_id,
        )  # fmt: skip

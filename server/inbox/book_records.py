"""Book opened records: each gets its command, and each command runs once for its record.

`plan_records` only reads (who the terminal was bound to, what payments need); the writer does
the rest. The order of records does not matter to the books; they are queued as they were sent.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal, cast
from uuid import UUID

from msgspec.structs import replace

from server.fleet.read_standing import BindingStanding, Standing
from server.http import TerminalIdentity
from server.inbox.keep_shift import KeepShift
from server.inbox.note_record import NoteRecord
from server.inbox.open_records import Opened
from server.inbox.places import record_id
from server.inbox.recorded import Recorded, Subject
from server.ledger.commands import Command
from server.merchants.read_stores import StoreProfile, read_stores
from server.payments.arrivals import Arrived
from server.payments.book_offline_acceptance import plan_acceptances
from server.payments.cancel_payment import plan_cancellations
from server.payments.refund_payment import plan_refunds
from sync import messages
from sync.messages import RecordKind

RETRY_DELAY = timedelta(seconds=30)
"""How soon a waiting record is put to its command again."""

KeyState = Literal["active", "retired", "revoked"]
Plan = Callable[[Sequence[Arrived[Any]]], Sequence[Command]]
PLANS: Mapping[RecordKind, Plan] = {
    RecordKind.ACCEPTANCE: plan_acceptances,
    RecordKind.CANCELLATION: plan_cancellations,
    RecordKind.REFUND: plan_refunds,
}


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of the terminal whose records these are."""

    terminal: TerminalIdentity
    standing: Standing
    stores: Mapping[UUID, StoreProfile]
    now: datetime

    def binding(self, version: int) -> BindingStanding | None:
        """The binding of this version, if this terminal ever held it."""
        return self.standing.bindings.get(version)

    def as_bound(self, body: Any) -> TerminalIdentity:
        """The terminal with the binding a record names, if it ever held it; else as it is now."""
        version = _binding_version(body)
        binding = self.binding(version)
        if binding is None:
            return self.terminal
        return replace(
            self.terminal,
            binding_version=version,
            merchant_id=binding.merchant_id,
            store_id=binding.store_id,
            site_id=binding.site_id,
        )

    def is_bound(self, body: Any) -> bool:
        """Whether the terminal ever held the binding (and the store) a record names."""
        binding = self.binding(_binding_version(body))
        if binding is None or not isinstance(body, messages.Acceptance):
            return binding is not None
        intent = body.request.intent
        return (binding.merchant_id, binding.store_id) == (intent.merchant_id, intent.store_id)

    def is_beyond_head(self, opened: Opened) -> bool:
        """Whether a revoked terminal's record lies beyond the head it last reported."""
        if opened.key.revoked_at is None:
            return False
        standing = self.standing
        is_reported_journal = opened.record.journal_id == standing.reported_journal_id
        return not is_reported_journal or opened.record.sequence > standing.reported_sequence

    def business_on(self, body: Any) -> date:
        """The business day of a shift's record, by the store it was made at."""
        if isinstance(body, messages.ShiftOpened):
            return body.business_on
        at = min(body.stamp.corrected_at, self.now)
        store = self.stores.get(self.as_bound(body).store_id)
        return store.business_on(at) if store is not None else at.date()


def read_context(terminal: TerminalIdentity, standing: Standing, now: datetime) -> Context:
    """Read what planning needs of a terminal's store."""
    store_ids = {binding.store_id for binding in standing.bindings.values()}
    stores = read_stores(terminal.organisation_id, sorted(store_ids | {terminal.store_id}))
    return Context(terminal, standing, stores, now)


def plan_records(
    context: Context, opened: Sequence[Opened], *, again: bool = False
) -> list[Recorded]:
    """Return one command per record, in order; reads, but writes nothing."""
    inner: dict[int, Command] = {}
    for kind, plan in PLANS.items():
        places = [i for i, record in enumerate(opened) if record.record.kind == kind]
        if places:
            commands = plan([arrived(context, opened[i], is_decided=again) for i in places])
            inner.update(zip(places, commands, strict=True))
    return [
        _recorded(context, record, inner.get(i) or _own_command(context, record), again=again)
        for i, record in enumerate(opened)
    ]


def arrived(context: Context, opened: Opened, *, is_decided: bool = False) -> Arrived[Any]:
    """Say of a record for payments what the chain and the fleet know of it."""
    return Arrived(
        message=opened.body,
        terminal=context.as_bound(opened.body),
        key_state=cast(KeyState, opened.key.state),
        revoked_at=opened.key.revoked_at,
        bound=context.is_bound(opened.body),
        beyond_head=context.is_beyond_head(opened),
        record_id=_id(opened),
        received_at=context.now,
        is_decided=is_decided,
    )


def _own_command(context: Context, opened: Opened) -> Command:
    terminal, record, body = context.terminal, opened.record, opened.body
    if isinstance(body, messages.Event | messages.JournalOpened | messages.Lost):
        return NoteRecord(
            _id(opened), terminal.organisation_id, terminal.terminal_id, record.journal_id, body,
            context.now,
        )  # fmt: skip
    return KeepShift(
        _id(opened), terminal.organisation_id, terminal.terminal_id,
        context.as_bound(body).merchant_id, body, context.business_on(body),
    )  # fmt: skip


def _recorded(context: Context, opened: Opened, inner: Command, *, again: bool) -> Recorded:
    return Recorded(
        inner, context.terminal.organisation_id, opened, subject_of(opened), context.now,
        context.now + RETRY_DELAY, again,
    )  # fmt: skip


def subject_of(opened: Opened) -> Subject:
    """Name what a record is about, so that people find it by any id they have."""
    body = opened.body
    shift_id: UUID | None = getattr(body, "shift_id", None)
    if isinstance(body, messages.Acceptance):
        return Subject("payment", body.request.intent.payment_id, body.request.shift_id)
    if isinstance(body, messages.Cancellation):
        return Subject("payment", body.payment_id, shift_id)
    if isinstance(body, messages.RefundRequest):
        return Subject("refund", body.refund_id, shift_id)
    if isinstance(body, messages.ShiftOpened | messages.ShiftClosed | messages.CashMoved):
        return Subject("shift", body.shift_id, shift_id)
    return Subject("journal", opened.record.journal_id, shift_id)


def _binding_version(body: Any) -> int:
    request = body.request if isinstance(body, messages.Acceptance) else body
    version: int = getattr(request, "binding_version", 0)
    return version


def _id(opened: Opened) -> UUID:
    record = opened.record
    return record_id(record.journal_id, record.sequence, opened.hash)

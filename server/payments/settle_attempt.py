"""What a channel said about an attempt, committed: the attempt, its payment and the postings.

The same command serves the call itself, every later query and every reversal, so that whatever
comes first decides and the rest changes nothing. Rules:

- Success of a live payment posts the sale. Success of one that is being reversed is late: it goes
  on being reversed. Success after the end is refunded by itself, with a case.
- A reversal is definite only when the channel confirms it by a query (`Reversed`).
- An attempt by mandate is the bank's part of a wallet payment (`debits.py`).
- `Unknown` changes nothing but the attempt's own state: unknown is unknown.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from msgspec.structs import replace

from domain.payment_outcomes import CaseKind
from domain.payment_states import (
    LIVE_ATTEMPT_STATES,
    AttemptEvent,
    AttemptState,
    PaymentEvent,
    PaymentState,
    RefundState,
    advance,
)
from server.channels.channel import (
    AwaitingPayer,
    Created,
    Declined,
    NotFound,
    QueryOutcome,
    Reversed,
    Succeeded,
    Terms,
    Unknown,
)
from server.channels.exchanges import Heard, judged
from server.ledger.commands import AccountKey, CounterKey, Decision, Key, Locked, Reader
from server.payments import answers, debits, read_files
from server.payments.accounts import (
    PAYABLE,
    merchant_account,
    receivable_account,
    surplus_account,
)
from server.payments.cancel_payment import BY_SERVER, request_reversal
from server.payments.decide_payment import Decided
from server.payments.draft import Draft
from server.payments.legs import Leg
from server.payments.moves import sell, undo
from server.payments.new_row import save
from server.payments.put_open import put_open, refund_overpay
from server.payments.read_files import OrderFile, PaymentFile
from server.payments.refund_moves import own_refund
from server.payments.rows import AttemptRow, AttemptSaved, PaymentRow, RefundSaved
from server.payments.sale import complete_due
from server.payments.schedule import (
    COLLECT,
    RESOLVE_KIND,
    gate_of,
    has_collected_long_enough,
    has_waited_long_enough,
    next_due,
)
from server.runtime import Secrets
from server.work.effects import DueDone, DueRow

LATE: Final = "late_success"
CHANNEL_REFUND: Final = "payments.refund"
_EVENTS: Final = {
    Succeeded: AttemptEvent.SUCCEED,
    Declined: AttemptEvent.DECLINE,
    AwaitingPayer: AttemptEvent.AWAIT_PAYER,
    Created: AttemptEvent.AWAIT_PAYER,
    Unknown: AttemptEvent.LOSE_SIGHT,
    NotFound: AttemptEvent.LOSE_SIGHT,
}


@dataclass(frozen=True, slots=True)
class SettleAttempt:
    """One outcome, with the exchanges it was heard in, and the provider's schedule.

    Its decision's answer is `Decided`, with the attempt as it now is.
    """

    organisation_id: UUID
    payment_id: UUID
    order_id: UUID
    merchant_id: UUID
    channel: str
    attempt_id: UUID
    said: QueryOutcome | Created
    now: datetime
    secrets: Secrets = field(repr=False)
    terms: Terms = field(default=Terms(), repr=False)
    heard: Sequence[Heard] = field(default=(), repr=False)
    amount: int | None = None
    """What a notice says of the whole order; another than the attempt's own is not believed."""

    @property
    def keys(self) -> Sequence[Key]:
        """The payment and its order."""
        return (
            Key(self.organisation_id, read_files.PAYMENT, self.payment_id),
            Key(self.organisation_id, read_files.ORDER, self.order_id),
        )

    @property
    def counters(self) -> Sequence[CounterKey]:
        """None: a channel's payer has no entitlement here."""
        return ()

    @property
    def accounts(self) -> Sequence[AccountKey]:
        """The channel's receivable and the merchant's payable."""
        return (
            receivable_account(self.organisation_id, self.channel),
            merchant_account(self.organisation_id, self.merchant_id, PAYABLE),
        )

    @property
    def reader(self) -> Reader | None:
        """The reader of all of this app's commands."""
        return read_files.read_files

    def decide(self, locked: Locked) -> Decision:
        """Move the attempt by what was said, and its payment after it."""
        draft = Draft(locked, self.organisation_id, self.now)
        file: PaymentFile = locked.rows[self.keys[0]]
        row, attempt = file.payment, self._attempt(file)
        assert row is not None, "an attempt without its payment"
        if self.amount not in (None, attempt.amount):
            draft.case(
                "notice_amount", "payment", row.id, attempt.amount, row.terminal,
                said_amount=self.amount,
            )  # fmt: skip
        elif attempt.state in LIVE_ATTEMPT_STATES:
            row, attempt = self._move(draft, file, row, attempt)
        elif isinstance(self.said, Succeeded) and self._is_news(attempt):
            row, attempt = self._refund_late(draft, row, attempt)
        for exchange in judged(self.heard, self.said):
            draft.effect(("heard", exchange.id), exchange)
        balances = draft.balances()
        answer = answers.present(row, self.secrets, attempt=attempt, balances=balances)
        return draft.decision(Decided(answer, attempt))

    def _attempt(self, file: PaymentFile) -> AttemptRow:
        return next(attempt for attempt in file.attempts if attempt.id == self.attempt_id)

    def _is_news(self, attempt: AttemptRow) -> bool:
        """Whether a success was not known: after a decline, or a reversal that saw no money."""
        return attempt.state is not AttemptState.SUCCEEDED and not attempt.took_money

    # --- live ----------------------------------------------------------------------------

    def _move(
        self, draft: Draft, file: PaymentFile, row: PaymentRow, attempt: AttemptRow
    ) -> tuple[PaymentRow, AttemptRow]:
        if attempt.way == COLLECT and attempt.state is not AttemptState.REVERSING:
            return self._collect(draft, file, row, attempt)
        if attempt.state is AttemptState.REVERSING:
            return self._go_on_reversing(draft, file, row, attempt)
        if isinstance(self.said, Reversed):
            # Somebody closed it at the channel: nothing is held there any more
            return self._end(draft, file, row, attempt, took_money=self.said.took_money)
        attempt = self._advanced(attempt, self._event(attempt))
        before = row
        if attempt.state is AttemptState.SUCCEEDED:
            row = self._succeed(draft, row, attempt)
        elif attempt.state is AttemptState.DECLINED:
            row = self._decline(draft, row, attempt)
        elif has_waited_long_enough(attempt, self.terms, self.now):
            only = replace(file, attempts=(attempt,))
            row = replace(request_reversal(draft, only, row), cancelled_by=BY_SERVER)
            reversing = advance(attempt.state, AttemptEvent.REVERSE)
            attempt = replace(attempt, state=reversing, tries=0)
        self._keep(draft, attempt)
        return self._changed(draft, file, before, row), attempt

    def _succeed(self, draft: Draft, row: PaymentRow, attempt: AttemptRow) -> PaymentRow:
        if attempt.mandate is not None:
            return self._sold(draft, debits.paid(draft, row, attempt))
        receivable = receivable_account(row.organisation, row.channel)
        total = row.total_amount
        legs = (Leg(receivable, total, total),) if total else ()
        return self._sold(draft, sell(draft, row, legs, PAYABLE, PaymentEvent.SUCCEED))

    def _decline(self, draft: Draft, row: PaymentRow, attempt: AttemptRow) -> PaymentRow:
        if attempt.mandate is None:
            state = advance(row.state, PaymentEvent.DECLINE)
            return replace(row, state=state, code=attempt.code, changed_at=self.now)
        row = debits.declined(draft, row, attempt)
        return self._sold(draft, row) if row.state is PaymentState.SUCCEEDED else row

    def _sold(self, draft: Draft, row: PaymentRow) -> PaymentRow:
        """Look at the order of a payment that has just been paid."""
        order: OrderFile = draft.locked.rows.get(self.keys[1]) or OrderFile()
        if order.order is not None and row.total_amount < order.order.total_amount:
            draft.effect(("complete", row.order), complete_due(row, self.now))
        return refund_overpay(draft, row, order)

    def _collect(
        self, draft: Draft, file: PaymentFile, row: PaymentRow, attempt: AttemptRow
    ) -> tuple[PaymentRow, AttemptRow]:
        """The meal is gone: the bank's word says only who is owed."""
        before = row
        if isinstance(self.said, Reversed):
            attempt = replace(attempt, state=advance(attempt.state, AttemptEvent.REVERSE))
            ended = advance(attempt.state, AttemptEvent.REVERSAL_CONFIRMED)
            attempt = replace(attempt, state=ended, changed_at=self.now)
        else:
            attempt = self._advanced(attempt, self._event(attempt))
        if attempt.state is AttemptState.SUCCEEDED:
            row = debits.collected(draft, row, attempt)
        elif attempt.state not in LIVE_ATTEMPT_STATES:
            row = debits.uncollected(draft, row, attempt)
        elif has_collected_long_enough(attempt, self.now):
            reversing = advance(attempt.state, AttemptEvent.REVERSE)
            attempt = replace(attempt, state=reversing, tries=0)
        self._keep(draft, attempt)
        if row != before:
            # What came back to the payer had to wait for who gave it
            save(draft, put_open(draft, row, file), is_new=False)
        return row, attempt

    def _event(self, attempt: AttemptRow) -> AttemptEvent:
        if isinstance(self.said, NotFound) and attempt.code_text:
            # Some channels know of an order only when its payer has come to it
            return AttemptEvent.AWAIT_PAYER
        return _EVENTS[type(self.said)]

    def _advanced(self, attempt: AttemptRow, event: AttemptEvent) -> AttemptRow:
        said = self.said
        return replace(
            attempt,
            state=advance(attempt.state, event),
            code=said.code if isinstance(said, Declined) else "",
            channel_ref=said.reference if isinstance(said, Succeeded) else attempt.channel_ref,
            code_text=said.code_text if isinstance(said, Created) else attempt.code_text,
            launch=dict(said.launch) if isinstance(said, Created) else attempt.launch,
            took_money=attempt.took_money or isinstance(said, Succeeded),
            tries=attempt.tries + 1,
            changed_at=self.now,
        )

    def _changed(
        self, draft: Draft, file: PaymentFile, before: PaymentRow, row: PaymentRow
    ) -> PaymentRow:
        if row == before:
            return row
        if row.state is not before.state:
            row = put_open(draft, row, file)
        save(draft, row, is_new=False)
        return row

    # --- reversing -----------------------------------------------------------------------

    def _go_on_reversing(
        self, draft: Draft, file: PaymentFile, row: PaymentRow, attempt: AttemptRow
    ) -> tuple[PaymentRow, AttemptRow]:
        said = self.said
        if isinstance(said, Reversed):
            took_money = said.took_money or attempt.took_money
            return self._end(draft, file, row, attempt, took_money=took_money)
        if isinstance(said, Declined):
            return self._end(draft, file, row, attempt, took_money=attempt.took_money)
        if isinstance(said, Succeeded) and not attempt.took_money:
            draft.case(CaseKind.LATE_SUCCESS, "payment", row.id, attempt.amount, row.terminal)
        attempt = self._advanced(attempt, _EVENTS[type(said)])
        self._keep(draft, attempt)
        return row, attempt

    def _end(
        self,
        draft: Draft,
        file: PaymentFile,
        row: PaymentRow,
        attempt: AttemptRow,
        *,
        took_money: bool,
    ) -> tuple[PaymentRow, AttemptRow]:
        """The channel holds nothing any more: confirmed."""
        before = row
        if attempt.state is not AttemptState.REVERSING:
            attempt = replace(attempt, state=advance(attempt.state, AttemptEvent.REVERSE))
            row = replace(row, state=advance(row.state, PaymentEvent.REVERSE))
        ended = advance(attempt.state, AttemptEvent.REVERSAL_CONFIRMED)
        attempt = replace(attempt, state=ended, took_money=took_money, changed_at=self.now)
        if row.state is PaymentState.SUCCEEDED:
            # The counter has handed the meal over meanwhile: its rest is owed, and stays so
            row = debits.uncollected(draft, row, attempt)
        else:
            row = self._undone(draft, row, attempt, took_money=took_money)
        self._keep(draft, attempt)
        if took_money:
            draft.close_case(CaseKind.LATE_SUCCESS, "payment", row.id, "reversed")
        return self._changed(draft, file, before, row), attempt

    def _undone(
        self, draft: Draft, row: PaymentRow, attempt: AttemptRow, *, took_money: bool
    ) -> PaymentRow:
        if attempt.mandate is not None:
            row = debits.undone(draft, row, attempt)
        if row.merchant_side:
            row = undo(draft, row, PaymentEvent.REVERSAL_CONFIRMED)
        else:
            event = PaymentEvent.REVERSAL_CONFIRMED if took_money else PaymentEvent.NOTHING_TAKEN
            row = replace(row, state=advance(row.state, event), changed_at=self.now)
        return replace(row, cancelled_by=row.cancelled_by or BY_SERVER)

    # --- after the end -------------------------------------------------------------------

    def _refund_late(
        self, draft: Draft, row: PaymentRow, attempt: AttemptRow
    ) -> tuple[PaymentRow, AttemptRow]:
        """Money came after the payment was over: it is the payer's, and goes back."""
        amount = attempt.amount
        refund = replace(
            own_refund(draft, row, amount, LATE), state=RefundState.SUBMITTED, tender="channel"
        )
        amounts = {
            receivable_account(row.organisation, row.channel): -amount,
            surplus_account(row.organisation): amount,
        }
        draft.post(refund, "late", amounts, None)
        draft.effect(("refund", refund.id), RefundSaved(refund, True))
        due = DueRow(
            uuid5(refund.id, CHANNEL_REFUND), row.organisation, CHANNEL_REFUND, refund.id, self.now,
            gate=gate_of(row.channel),
        )  # fmt: skip
        draft.effect(("channel", refund.id), due)
        draft.case(CaseKind.LATE_SUCCESS, "payment", row.id, amount, row.terminal)
        attempt = replace(attempt, took_money=True, changed_at=self.now)
        draft.effect(("attempt", attempt.id), AttemptSaved(attempt, False))
        return row, attempt

    def _keep(self, draft: Draft, attempt: AttemptRow) -> None:
        """Store the attempt, with its next due row while it is live."""
        draft.effect(("attempt", attempt.id), AttemptSaved(attempt, False))
        organisation, id = self.organisation_id, attempt.id
        due_at = next_due(attempt, self.terms, self.now)
        if due_at is None:
            draft.effect(("due", id), DueDone(organisation, RESOLVE_KIND, id))
        else:
            due = DueRow(
                id, organisation, RESOLVE_KIND, id, due_at,
                since=attempt.submitted_at, gate=gate_of(attempt.channel),
            )  # fmt: skip
            draft.effect(("due", id), due)

"""What a channel said about a refund, committed with its postings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from msgspec.structs import replace

from domain.payment_outcomes import CaseKind
from domain.payment_states import PaymentState, RefundEvent, RefundState, advance
from server.channels.channel import Declined, RefundOutcome, Succeeded
from server.ledger.commands import AccountKey, CounterKey, Decision, Key, Locked, Reader
from server.payments import read_files
from server.payments.accounts import receivable_account, surplus_account
from server.payments.draft import Draft
from server.payments.legs import Leg, Part
from server.payments.moves import give_portions_back, return_parts
from server.payments.new_row import save
from server.payments.read_files import PaymentFile
from server.payments.refund_moves import CHANNEL_KIND
from server.payments.rows import PaymentRow, RefundRow, RefundSaved
from server.work.effects import DueDone

LATE: Final = "late_success"
"""The reason of a refund of money that came after its payment was over."""


@dataclass(frozen=True, slots=True)
class SettleRefund:
    """One outcome of a channel's refund. Its decision's answer is the refund as it now is."""

    organisation_id: UUID
    payment_id: UUID
    refund_id: UUID
    said: RefundOutcome
    now: datetime

    @property
    def keys(self) -> Sequence[Key]:
        """The payment and the refund."""
        return (
            Key(self.organisation_id, read_files.PAYMENT, self.payment_id),
            Key(self.organisation_id, read_files.REFUND, self.refund_id),
        )

    @property
    def counters(self) -> Sequence[CounterKey]:
        """None."""
        return ()

    @property
    def accounts(self) -> Sequence[AccountKey]:
        """Known only under the lock: asked for then."""
        return ()

    @property
    def reader(self) -> Reader | None:
        """The reader of all of this app's commands."""
        return read_files.read_files

    def decide(self, locked: Locked) -> Decision:
        """Post a refund that went through; take back the reservation of one that never will."""
        draft = Draft(locked, self.organisation_id, self.now)
        file: PaymentFile = locked.rows[self.keys[0]]
        refund: RefundRow = locked.rows[self.keys[1]]
        row = file.payment
        assert row is not None, "a channel's refund without its payment"
        if refund.state is not RefundState.SUBMITTED or not isinstance(
            self.said, Succeeded | Declined
        ):
            return Decision(refund)
        if isinstance(self.said, Declined) and not self._may_refuse(row, refund):
            self._open_case(draft, refund, self.said)
            return draft.decision(refund)
        if isinstance(self.said, Succeeded):
            refund = self._post(draft, row, refund)
        else:
            refund = self._refuse(draft, row, refund, self.said)
        draft.effect(("refund", refund.id), RefundSaved(refund, False))
        draft.effect(("due", refund.id), DueDone(self.organisation_id, CHANNEL_KIND, refund.id))
        return draft.decision(refund)

    def _may_refuse(self, row: PaymentRow, refund: RefundRow) -> bool:
        """Money of a payment that is over must go back: then a refund is tried for ever."""
        return refund.reason != LATE and row.state is PaymentState.SUCCEEDED

    def _open_case(self, draft: Draft, refund: RefundRow, said: Declined) -> None:
        draft.case(
            "refund_declined", "refund", refund.id, refund.amount, refund.terminal, code=said.code
        )

    def _post(self, draft: Draft, row: PaymentRow, refund: RefundRow) -> RefundRow:
        if refund.reason == LATE:
            receivable = receivable_account(row.organisation, row.channel)
            surplus = surplus_account(row.organisation)
            amounts = {receivable: refund.amount, surplus: -refund.amount}
            draft.post(refund, "returned", amounts, None)
            draft.close_case(CaseKind.LATE_SUCCESS, "payment", row.id, "refunded")
        else:
            parts = [Part(leg, leg.amount) for leg in refund.legs]
            return_parts(draft, row, parts, refund, "refund")
            if row.portions and not row.left_amount:
                save(draft, give_portions_back(draft, row), is_new=False)
        return replace(
            refund,
            state=advance(refund.state, RefundEvent.POST),
            posted_amount=refund.amount,
            changed_at=self.now,
        )

    def _refuse(
        self, draft: Draft, row: PaymentRow, refund: RefundRow, said: Declined
    ) -> RefundRow:
        self._open_case(draft, refund, said)
        save(draft, released(row, refund, self.now), is_new=False)
        return replace(
            refund,
            state=advance(refund.state, RefundEvent.REFUSE),
            code=said.code,
            changed_at=self.now,
        )


def released(row: PaymentRow, refund: RefundRow, now: datetime) -> PaymentRow:
    """Give back to a payment what a refund that failed had reserved of it."""
    taken = {leg.account: leg.amount for leg in refund.legs}

    def back(leg: Leg) -> Leg:
        return replace(leg, refunded_amount=leg.refunded_amount - taken.get(leg.account, 0))

    amount = sum(taken.values())
    after, left = list(row.line_refunds), amount
    named = sorted(set(refund.lines)) or range(len(after))
    for index in reversed([index for index in named if 0 <= index < len(after)]):
        part = min(after[index], left)
        after[index], left = after[index] - part, left - part
    return replace(
        row,
        legs=tuple(back(leg) for leg in row.legs),
        refunded_amount=row.refunded_amount - amount,
        line_refunds=tuple(after),
        changed_at=now,
    )

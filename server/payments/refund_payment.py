"""Refund a payment: under the refund's own id, never more than was paid (MONEY §3).

A refund may come before its payment is definite: it waits, and whatever changes the payment puts
it to the table again. Cash that has left the drawer is a fact: what no payment backs goes to the
shift's suspense with a case.

Above the agreement's limit, counted over all refunds of the payment, a supervisor has approved at
the counter; without that the refund is parked until somebody decides, and cash, which has left the
drawer, opens a case.
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from msgspec.structs import replace

from domain.authorization import Tender
from domain.payment_states import RefundState
from server.ledger.commands import AccountKey, CounterKey, Decision, Key, Locked, Reader
from server.merchants.operators import Place, read_supervisors
from server.merchants.read_stores import StoreProfile, read_stores
from server.payments import read_files
from server.payments.arrivals import Arrived, Booked
from server.payments.draft import Draft
from server.payments.models import Refund
from server.payments.new_row import save
from server.payments.plan import business_days, clamp
from server.payments.put_open import dispute_settled
from server.payments.read_files import PaymentFile
from server.payments.refund_moves import put_refund, status_of
from server.payments.rows import RefundRow
from sync.messages import RefundRequest, Status
from sync.pins import refund_approval

NEEDS_SUPERVISOR: Final = "refunds.needs_supervisor"
UNAPPROVED: Final = "refund_unapproved"
"""The case of cash that left a drawer above the limit."""


@dataclass(frozen=True, slots=True)
class RefundPayment:
    """One refund, as it would be stored. Its decision's answer is `Booked`."""

    refund: RefundRow
    now: datetime
    limit_amount: int | None = None
    """What may go back of the payment unless `is_approved`; None: all of it."""
    is_approved: bool = False

    @property
    def keys(self) -> Sequence[Key]:
        """The payment, whose lock guards Σ refunds ≤ paid, and the refund's own id."""
        organisation = self.refund.organisation
        return (
            Key(organisation, read_files.PAYMENT, self.refund.payment),
            Key(organisation, read_files.REFUND, self.refund.id),
        )

    @property
    def counters(self) -> Sequence[CounterKey]:
        """Known only under the lock: what gives all of a meal back gives its portion back too."""
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
        """Replay a refund that has its answer; put any other to the table."""
        draft = Draft(locked, self.refund.organisation, self.now)
        file: PaymentFile = locked.rows.get(self.keys[0]) or PaymentFile()
        known: RefundRow | None = locked.rows.get(self.keys[1])
        if known is not None and not self._is_same(known):
            return Decision(Booked(Status.PARKED, "refunds.key_reused"))
        if known is not None and known.state is not RefundState.WAITING:
            return Decision(Booked(Status.REPLAYED, known.code))
        if known is None and self._needs_approval(file):
            if self.refund.tender != Tender.CASH:
                return Decision(Booked(Status.PARKED, NEEDS_SUPERVISOR))
            mine = self.refund
            draft.case(UNAPPROVED, "refund", mine.id, mine.amount, mine.terminal)
        refund = self.refund if known is None else known
        row, refund, _ = put_refund(draft, file.payment, refund, is_new=known is None)
        if row is not None and row != file.payment:
            row = replace(row, changed_at=self.now)
            dispute_settled(draft, row, (*file.refunds, refund))
            save(draft, row, is_new=False)
        kinds = tuple(draft.case_kinds)
        booked = Booked(status_of(refund), refund.code, draft.balances(), kinds)
        return draft.decision(booked)

    def _needs_approval(self, file: PaymentFile) -> bool:
        """Whether this refund takes what goes back of its payment above the limit."""
        if self.is_approved or self.limit_amount is None:
            return False
        asked = (RefundState.WAITING, RefundState.SUSPENSE)
        before = sum(one.amount for one in file.refunds if one.state in asked)
        before += file.payment.refunded_amount if file.payment is not None else 0
        return before + self.refund.amount > self.limit_amount

    def _is_same(self, known: RefundRow) -> bool:
        mine = self.refund
        return (known.payment, known.amount, known.tender, known.lines) == (
            mine.payment, mine.amount, mine.tender, mine.lines,
        )  # fmt: skip


def plan_refunds(items: Sequence[Arrived[RefundRequest]]) -> list[RefundPayment]:
    """Plan any number of signed refunds, in order, with one read per organisation."""
    stores: dict[UUID, Mapping[UUID, StoreProfile]] = {}
    for organisation in {item.terminal.organisation_id for item in items}:
        ids = {
            item.terminal.store_id
            for item in items
            if item.terminal.organisation_id == organisation
        }
        stores[organisation] = read_stores(organisation, sorted(ids))
    hashes = read_supervisors([item.message.supervisor_id for item in items])
    return [
        _command(
            item,
            stores[item.terminal.organisation_id].get(item.terminal.store_id),
            is_approved=item.is_decided or _is_approved(item, hashes),
        )
        for item in items
    ]


def put_again(refund: Refund, now: datetime) -> RefundPayment:
    """Return the command that looks at a waiting refund once more."""
    return RefundPayment(_row(refund), now)


def _is_approved(item: Arrived[RefundRequest], hashes: Mapping[Place, str]) -> bool:
    """Whether a supervisor of the terminal's merchant was asked for their PIN about this refund."""
    message, terminal = item.message, item.terminal
    if message.supervisor_id is None or not message.supervisor_proof:
        return False
    place = (terminal.organisation_id, terminal.merchant_id, message.supervisor_id)
    right = refund_approval(
        hashes.get(place, ""), message.refund_id, message.payment_id, message.amount
    )
    return hmac.compare_digest(right, message.supervisor_proof)


def _command(
    item: Arrived[RefundRequest], store: StoreProfile | None, *, is_approved: bool
) -> RefundPayment:
    message, terminal = item.message, item.terminal
    occurred_at = clamp(message.stamp.corrected_at, item.received_at)
    business_on, booked_on = business_days(store, occurred_at, item.received_at)
    refund = RefundRow(
        id=message.refund_id,
        organisation=terminal.organisation_id,
        payment=message.payment_id,
        merchant=terminal.merchant_id,
        terminal=terminal.terminal_id,
        tender=message.tender.value,
        amount=message.amount,
        state=RefundState.NOTHING,
        reason=message.reason[:200],
        lines=message.lines,
        shift=message.shift_id,
        operator=message.operator_id,
        record=item.record_id,
        occurred_at=occurred_at,
        received_at=item.received_at,
        changed_at=item.received_at,
        business_on=business_on,
        booked_on=booked_on,
    )
    limit = None if store is None else store.refund_limit_on(business_on)
    return RefundPayment(refund, item.received_at, limit, is_approved)


def _row(refund: Refund) -> RefundRow:
    """What identifies a stored refund to its command, which reads the rest under the lock."""
    return RefundRow(
        id=refund.id,
        organisation=refund.organisation,
        payment=refund.payment,
        merchant=refund.merchant,
        terminal=refund.terminal,
        tender=refund.tender,
        amount=refund.amount,
        state=RefundState(refund.state),
        lines=tuple(refund.lines),
        occurred_at=refund.occurred_at,
        received_at=refund.received_at,
        changed_at=refund.changed_at,
        business_on=refund.business_on,
        booked_on=refund.booked_on,
    )

"""Refund a payment: under the refund's own id, never more than was paid (MONEY §3).

A refund may come before its payment is definite: it waits, and whatever changes the payment puts
it to the table again. Cash that has left the drawer is a fact: what no payment backs goes to the
shift's suspense with a case.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from domain.payment_states import RefundState
from server.ledger.commands import AccountKey, CounterKey, Decision, Key, Locked, Reader
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


@dataclass(frozen=True, slots=True)
class RefundPayment:
    """One refund, as it would be stored. Its decision's answer is `Booked`."""

    refund: RefundRow
    now: datetime

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
        refund = self.refund if known is None else known
        row, refund, _ = put_refund(draft, file.payment, refund, is_new=known is None)
        if row is not None and row != file.payment:
            row = replace(row, changed_at=self.now)
            dispute_settled(draft, row, (*file.refunds, refund))
            save(draft, row, is_new=False)
        kinds = tuple(draft.case_kinds)
        booked = Booked(status_of(refund), refund.code, draft.balances(), kinds)
        return draft.decision(booked)

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
    return [
        _command(item, stores[item.terminal.organisation_id].get(item.terminal.store_id))
        for item in items
    ]


def put_again(refund: Refund, now: datetime) -> RefundPayment:
    """Return the command that looks at a waiting refund once more."""
    return RefundPayment(_row(refund), now)


def _command(item: Arrived[RefundRequest], store: StoreProfile | None) -> RefundPayment:
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
    return RefundPayment(refund, item.received_at)


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

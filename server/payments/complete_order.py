"""Post what an order's payments hold once all of it is paid, or release it when time is up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from msgspec.structs import replace

from domain.payment_states import PaymentEvent, PaymentState
from server.ledger.commands import AccountKey, CounterKey, Decision, Key, Locked, Reader
from server.payments import read_files
from server.payments.cancel_payment import cancel_payment
from server.payments.decide_payment import HOLD_FOR
from server.payments.draft import Draft
from server.payments.models import Order, Payment
from server.payments.moves import end_holds, sell
from server.payments.new_row import save
from server.payments.put_open import put_open
from server.payments.read_files import OrderFile, PaymentFile
from server.payments.resolve_payment import Submit
from server.work.handlers import Claimed

LOOK_AGAIN: Final = timedelta(seconds=1)
"""After an order changed while its holds were being posted."""


@dataclass(frozen=True, slots=True)
class PostHold:
    """Turn one held payment into a sale, if its order is covered. The answer says whether."""

    organisation_id: UUID
    payment_id: UUID
    order_id: UUID
    now: datetime

    @property
    def keys(self) -> Sequence[Key]:
        """The payment and its order."""
        return (
            Key(self.organisation_id, read_files.PAYMENT, self.payment_id),
            Key(self.organisation_id, read_files.ORDER, self.order_id),
        )

    @property
    def counters(self) -> Sequence[CounterKey]:
        """None: the portion was counted when the hold was made."""
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
        """Post if nothing of the order is missing any more and nothing is still with a channel."""
        draft = Draft(locked, self.organisation_id, self.now)
        file: PaymentFile = locked.rows[self.keys[0]]
        order: OrderFile = locked.rows[self.keys[1]]
        row = file.payment
        assert row is not None
        assert order.order is not None
        # What a payer's bank is being asked for is posted by the bank's word
        if row.state is not PaymentState.SUBMITTED or row.tender != "wallet" or row.channel:
            return Decision(answer=row.state is PaymentState.SUCCEEDED)
        rest = order.taken_amount(row.id, PaymentState.SUCCEEDED, PaymentState.SUBMITTED)
        if rest + row.total_amount < order.order.total_amount:
            return Decision(answer=False)
        end_holds(draft, row, posted=True)
        row = sell(draft, row, row.legs, row.merchant_side, PaymentEvent.SUCCEED)
        row = put_open(draft, replace(row, changed_at=self.now), file)
        save(draft, row, is_new=False)
        return draft.decision(answer=True)


def complete_order(submit: Submit, due: Claimed, now: datetime) -> datetime | None:
    """`payments.complete`: post an order's holds when it is covered; release them when late."""
    order = Order.objects.get(organisation=due.organisation_id, id=due.subject_id)
    live = _live(order)
    held = [one for one in live if one.tender == "wallet" and not one.channel]
    if not held:
        return None
    if len(held) == len(live) and _covered(order):
        posted = [submit(PostHold(order.organisation, one.id, order.id, now)) for one in held]
        if all(posted):
            return None
        # One was ended meanwhile, or the order is no longer covered: look again, then release
        return now + LOOK_AGAIN
    until = min(payment.changed_at for payment in held) + HOLD_FOR
    if now < until:
        return until
    for payment in held:
        submit(cancel_payment(order.organisation, payment.id, now=now))
    return None


def _live(order: Order) -> list[Payment]:
    return list(
        Payment.objects.filter(organisation=order.organisation, order=order.id, state="submitted")
    )


def _covered(order: Order) -> bool:
    rows = Payment.objects.filter(
        organisation=order.organisation, order=order.id, state__in=("submitted", "succeeded")
    ).values_list("total_amount", "refunded_amount")
    return sum(total - refunded for total, refunded in rows) >= order.total_amount

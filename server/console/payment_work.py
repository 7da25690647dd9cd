"""What people decide about a channel's payment, done by the process that has the books' writer.

The page queues a due row in the transaction of its log entry; the handlers here submit the same
commands that counters' messages become. A row that runs twice is the same refund, by its id.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domain.payment_states import RefundState
from server.merchants.read_stores import read_stores
from server.payments.cancel_payment import cancel_payment
from server.payments.models import Payment
from server.payments.plan import business_days
from server.payments.refund_payment import RefundPayment
from server.payments.rows import RefundRow
from server.runtime import Runtime
from server.work.handlers import Claimed, register

REFUND: Final = "console.refund"
CANCEL: Final = "console.cancel"
COMMIT_LIMIT_S: Final = 30.0


def register_work(runtime: Runtime) -> None:
    """Let this process carry out what the console queued."""
    register_handlers(lambda command: runtime.writer.submit(command).result(COMMIT_LIMIT_S))


def register_handlers(submit: Callable[[Any], Any]) -> None:
    """Register the handlers over any way of submitting commands."""

    def refund(due: Claimed, now: datetime) -> None:
        payment = _payment(due, UUID(due.data["payment"]))
        submit(RefundPayment(refund_row(payment, due, now), now))

    def cancel(due: Claimed, now: datetime) -> None:
        submit(cancel_payment(due.organisation_id, due.subject_id, now=now))

    register(REFUND, refund)
    register(CANCEL, cancel)


def refund_row(payment: Payment, due: Claimed, now: datetime) -> RefundRow:
    """The refund that somebody asked for, of no counter and no shift."""
    store = read_stores(payment.organisation, [payment.store]).get(payment.store)
    business_on, booked_on = business_days(store, now, now)
    return RefundRow(
        id=due.subject_id,
        organisation=payment.organisation,
        payment=payment.id,
        merchant=payment.merchant,
        terminal=None,
        tender=payment.tender,
        amount=int(due.data["amount"]),
        state=RefundState.NOTHING,
        reason=str(due.data["reason"])[:200],
        occurred_at=now,
        received_at=now,
        changed_at=now,
        business_on=business_on,
        booked_on=booked_on,
    )


def _payment(due: Claimed, id: UUID) -> Payment:
    return Payment.objects.get(organisation=due.organisation_id, id=id)

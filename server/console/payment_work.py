"""What people decide about a channel's payment or notice, done by the process that has the books'
writer.

The page queues a due row in the transaction of its log entry; the handlers here submit the same
commands that counters' messages become. A row that runs twice is the same refund, by its id.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection

from domain.errors import Refused
from domain.payment_states import RefundState
from server.cases.approvals import carried_out
from server.cases.models import Approval
from server.channels.channel import Forged
from server.channels.models import ChannelAccount, ChannelNotice, Verdict
from server.channels.notices import first_verdict, mark_taken, number_of
from server.console.channel_desk import working_desk
from server.merchants.read_stores import read_stores
from server.payments.cancel_payment import cancel_payment
from server.payments.models import Payment
from server.payments.plan import business_days
from server.payments.refund_payment import RefundPayment
from server.payments.rows import RefundRow
from server.payments.take_notice import command_of
from server.runtime import Runtime, Secrets
from server.work.effects import DueRow
from server.work.handlers import Claimed, register
from server.writes import write_now

REFUND: Final = "console.refund"
CANCEL: Final = "console.cancel"
NOTICE: Final = "console.notice"
REFUND_KIND: Final = "approvals.refund"
"""Four eyes: a refund above the agreement's limit."""
COMMIT_LIMIT_S: Final = 30.0


def register_work(runtime: Runtime) -> None:
    """Let this process carry out what the console queued."""
    register_handlers(
        lambda command: runtime.writer.submit(command).result(COMMIT_LIMIT_S), runtime.secrets
    )


def register_handlers(submit: Callable[[Any], Any], secrets: Secrets) -> None:
    """Register the handlers over any way of submitting commands, and what approvals carry out."""

    def refund(due: Claimed, now: datetime) -> None:
        payment = _payment(due, UUID(due.data["payment"]))
        submit(RefundPayment(refund_row(payment, due, now), now))

    def cancel(due: Claimed, now: datetime) -> None:
        submit(cancel_payment(due.organisation_id, due.subject_id, now=now))

    def notice(due: Claimed, now: datetime) -> None:
        row = ChannelNotice.objects.filter(
            organisation=due.organisation_id, id=due.subject_id
        ).first()
        if row is not None:
            take_again(row, submit, secrets, now)

    register(REFUND, refund)
    register(CANCEL, cancel)
    register(NOTICE, notice)
    carried_out.register(REFUND_KIND, queue_approved)


def queue_approved(approval: Approval, now: datetime) -> None:
    """A refund that somebody else approved becomes due, under the id it was asked for with.

    Raises `Refused("orders.too_much")` when other refunds have taken it meanwhile.
    """
    mine = Payment.objects.select_for_update().filter(organisation=approval.organisation)
    payment = mine.get(id=approval.subject_id)
    left_amount = payment.total_amount - payment.refunded_amount
    if approval.amount > left_amount:
        raise Refused("orders.too_much", left_amount=left_amount)
    id = UUID(approval.data["refund"])
    data = {"payment": str(approval.subject_id), "amount": approval.amount,
            "reason": approval.reason}  # fmt: skip
    with connection.cursor() as cursor:
        write_now(cursor, [DueRow(id, approval.organisation, REFUND, id, now, data)])


def take_again(
    row: ChannelNotice, submit: Callable[[Any], Any], secrets: Secrets, now: datetime
) -> Verdict:
    """Verify a notice on file once more, as of when it came, and book what it says.

    The same command as when a provider calls: what is booked already stays as it is.
    """
    account = ChannelAccount.objects.get(organisation_id=row.organisation, name=row.channel)
    channel = working_desk().open(account)
    said = channel.read_notice(row.headers, bytes(row.body), row.first_at)
    if isinstance(said, Forged):
        row.verdict, row.why = first_verdict(said), said.why[:200]
        row.save(update_fields=["verdict", "why"])
        return Verdict(row.verdict)
    verdict, command = command_of(row.organisation, row.channel, said, channel.terms, secrets, now)
    if command is not None:
        submit(command)
    row.number, row.why = number_of(said), ""
    row.save(update_fields=["number", "why"])
    mark_taken(row.id, now, verdict)
    return verdict


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

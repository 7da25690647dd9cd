"""What our books expect a channel's bill to say: payments and refunds as items.

An item is looked for in the bill of the day it was sent on; what a bill or an earlier day names is
looked up whenever it was. Of what came to nothing, and of a reversal, lines are possible and not
expected: some providers list both lines of a reversal, others neither.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from django.db.models import Q, QuerySet

from domain.errors import Refused
from domain.ids import attempt_id_of, attempt_number
from server.payments.models import Attempt, Payment, Refund
from server.payments.refund_moves import channel_amount
from server.reconciliation.clear_items import CALENDAR
from server.reconciliation.import_bill import PAID, REFUNDED
from server.reconciliation.models import ClearedItem

NOT_PAID: Final = "NOT PAID"
NOT_REFUNDED: Final = "NOT REFUNDED"
CHUNK: Final = 500


@dataclass(frozen=True, slots=True)
class Expected:
    """One item of ours. `fee` is what the channel should keep of us: by the contract's cost, and
    where it states none what the merchant pays; None: nobody agreed, so the channel's word holds.
    """

    item: str
    amount: int
    fee: int | None
    status: str
    occurred_at: datetime
    attempt: UUID | None = None


def read_expected(
    organisation_id: UUID, channel: str, on: date, named: Collection[str]
) -> list[Expected]:
    """Return the items of one day and those `named`, but for what is cleared already."""
    start = datetime.combine(on, time(), CALENDAR)
    # What became definite since, but was sent before the day's end
    is_of_day = Q(changed_at__gte=start)
    ids = [id for id in map(_id_of, named) if id is not None]
    attempts = Attempt.objects.filter(organisation=organisation_id, channel=channel)
    sent = attempts.filter(is_of_day, submitted_at__lt=start + timedelta(days=1))
    found = {row.id: row for row in (*sent, *_by("id", attempts, ids))}
    refunds = Refund.objects.filter(organisation=organisation_id).exclude(tender="cash")
    asked = refunds.filter(is_of_day, received_at__lt=start + timedelta(days=1))
    returned = {row.id: row for row in (*asked, *_by("id", refunds, ids))}
    payments = _payments(
        organisation_id, channel, (row.payment for row in (*found.values(), *returned.values()))
    )
    items = [
        *_of_payments(found.values(), payments, named),
        *_of_refunds(returned.values(), payments, named),
    ]
    items += _of_reversals(organisation_id, channel, found.values(), payments, named)
    cleared = cleared_items(organisation_id, channel, [item.item for item in items])
    return [item for item in items if item.item not in cleared]


def cleared_items(organisation_id: UUID, channel: str, items: Collection[str]) -> set[str]:
    """Return which of `items` are cleared with our books."""
    rows = ClearedItem.objects.filter(
        organisation=organisation_id, channel=channel, has_ours=True, undone_by__isnull=True
    )
    return {row.item for row in _by("item", rows, items)}


def _of_payments(
    attempts: Iterable[Attempt], payments: Mapping[UUID, Payment], named: Collection[str]
) -> Iterator[Expected]:
    for attempt in attempts:
        number = attempt_number(attempt.id)
        is_expected = attempt.state == "succeeded" or (
            attempt.took_money and attempt.state != "reversed"
        )
        if is_expected or number in named:
            status = PAID if is_expected or attempt.took_money else NOT_PAID
            payment = payments[attempt.payment]
            fee = _fee(payment)
            yield Expected(number, attempt.amount, fee, status, attempt.submitted_at, attempt.id)


def _fee(payment: Payment) -> int | None:
    if not payment.rate or payment.tender != "channel":
        return None
    is_ours_stated = payment.rate.get("cost") is not None
    return payment.rate["cost_amount"] if is_ours_stated else payment.fee_amount


def _of_refunds(
    refunds: Iterable[Refund], payments: Mapping[UUID, Payment], named: Collection[str]
) -> Iterator[Expected]:
    for refund in refunds:
        item = f"R{attempt_number(refund.id)}"
        is_done = refund.state == "succeeded"
        amount = channel_amount(refund) if refund.payment in payments else 0
        if amount and (is_done or item in named):
            status = REFUNDED if is_done else NOT_REFUNDED
            yield Expected(item, -amount, None, status, refund.received_at)


def _of_reversals(
    organisation_id: UUID, channel: str, attempts: Iterable[Attempt],
    payments: Mapping[UUID, Payment], named: Collection[str],
) -> Iterator[Expected]:  # fmt: skip
    """Of a reversal whose payment a bill listed, the money's way back is expected too."""
    taken = [row for row in attempts if row.state == "reversed" and row.took_money]
    numbers = [attempt_number(row.id) for row in taken]
    listed = cleared_items(organisation_id, channel, numbers)
    for attempt, number in zip(taken, numbers, strict=True):
        # Past its window a reversal is a refund under a number of its own
        names = [f"R{number}", f"R{attempt_number(uuid5(attempt.id, 'reversal'))}"]
        item = next((name for name in names if name in named), names[0])
        if item in named or number in named or number in listed:
            left = attempt.amount - payments[attempt.payment].refunded_amount
            yield Expected(item, -left, None, REFUNDED, attempt.changed_at)


def _payments(organisation_id: UUID, channel: str, ids: Iterable[UUID]) -> dict[UUID, Payment]:
    rows = Payment.objects.filter(organisation=organisation_id, channel=channel)
    return {row.id: row for row in _by("id", rows, set(ids))}


def _by(name: str, rows: "QuerySet[Any]", values: Collection[Any]) -> Iterator[Any]:
    """Yield the rows whose `name` is one of `values`, a few hundred values at a time."""
    listed = list(values)
    for start in range(0, len(listed), CHUNK):
        yield from rows.filter(**{f"{name}__in": listed[start : start + CHUNK]})


def _id_of(item: str) -> UUID | None:
    try:
        return attempt_id_of(item.removeprefix("R"))
    except Refused:
        return None

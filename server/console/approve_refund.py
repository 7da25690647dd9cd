"""Refunds from the office above the agreement's limit: one member of staff asks, another approves.

The limit counts all that went back of the payment, as it does at the counter.
"""

from collections.abc import Mapping
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as now_text

from domain.errors import Refused
from server.cases.approvals.decide_approval import approve, turn_down
from server.cases.approvals.request_approval import (
    Asked,
    Subject,
    request_approval,
    withdraw_request,
)
from server.cases.models import Approval, ApprovalState
from server.console.audit import write_entry
from server.console.payment_work import REFUND, REFUND_KIND
from server.fresh import fresh_id
from server.merchants.read_stores import read_stores
from server.organisations.pages import by, now, random
from server.payments.models import Payment, Refund
from server.work.models import Due

DECISIONS: Final[Mapping[str, Any]] = {"approve": approve, "turn_down": turn_down, "withdraw": None}
UNSETTLED: Final = ("waiting", "suspense")
"""Refunds that the payment does not count as refunded yet."""


def refund_limit(row: Payment) -> int | None:
    """Return what may go back of a payment without a second person; None: all of it."""
    store = read_stores(row.organisation, [row.store]).get(row.store)
    return None if store is None else store.refund_limit_on(store.business_on(now()))


def needs_approval(row: Payment, amount: int) -> bool:
    """Whether a refund takes what goes back of its payment above the limit, counting what is on
    its way. The payment stays locked until the page's transaction ends: two who ask at once are
    counted one after the other.
    """
    limit = refund_limit(row)
    if limit is None:
        return False
    mine = Payment.objects.select_for_update().filter(organisation=row.organisation)
    before = mine.get(id=row.id).refunded_amount
    asked = Refund.objects.filter(
        organisation=row.organisation, payment=row.id, state__in=UNSETTLED
    ).values_list("amount", flat=True)
    queued = Due.objects.filter(
        organisation=row.organisation, kind=REFUND, data__payment=str(row.id)
    ).values_list("data", flat=True)
    on_its_way = sum(asked) + sum(int(data["amount"]) for data in queued)
    return before + on_its_way + amount > limit


def waiting_refund(row: Payment) -> Approval | None:
    """Return the request about this payment that nobody has decided."""
    return Approval.objects.filter(
        organisation=row.organisation, kind=REFUND_KIND, subject_kind="payment",
        subject_id=row.id, state=ApprovalState.WAITING,
    ).first()  # fmt: skip


def ask_for_refund(request: HttpRequest, row: Payment, amount: int, reason: str) -> None:
    """Ask in the reader's name; raises `Refused` while another request waits."""
    at = now()
    refund = fresh_id(at, random)
    subject = Subject("payment", row.id, row.channel)
    asked = Asked(row.organisation, REFUND_KIND, subject, {"refund": str(refund)}, amount, reason)
    request_approval(asked, by=by(request), now=at, random=random)
    data = {"amount": amount, "refund": str(refund)}
    write_entry(request, "orders.refund_asked", row, reason=reason, data=data)


def decide_refund(request: HttpRequest, row: Payment, decision: str, note: str) -> None:
    """Approve, turn down or withdraw what waits; raises `Refused` for whoever may not."""
    waiting = waiting_refund(row)
    if waiting is None:
        raise Refused("approvals.unknown")
    if decision == "turn_down" and not note:
        raise Refused("staff.reason_missing")
    place, who = (row.organisation, waiting.id), by(request)
    if decision == "withdraw":
        withdraw_request(*place, by=who, now=now())
    else:
        DECISIONS[decision](*place, by=who, now=now(), note=note)
    data = {"amount": waiting.amount, "asked_by": waiting.asked_by}
    write_entry(request, f"orders.refund_{ENTRY[decision]}", row, reason=note, data=data)
    messages.success(request, now_text("Decided."))


ENTRY: Final = {"approve": "approved", "turn_down": "turned_down", "withdraw": "withdrawn"}

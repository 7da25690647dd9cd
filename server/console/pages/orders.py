"""Payments through channels: found by any number, told as one time line, mended for a reason."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as now_text
from django.utils.translation import gettext_lazy as _

from domain.errors import Refused
from domain.money import parse_amount
from server.console.approve_refund import (
    DECISIONS,
    ask_for_refund,
    decide_refund,
    needs_approval,
    refund_limit,
    waiting_refund,
)
from server.console.audit import write_entry
from server.console.find_number import payments_by_number
from server.console.live import asked_again, mark_of
from server.console.order_history import history_of, moving, rate_lines, route_reasons, siblings
from server.console.page import MONEY, page
from server.console.payment_work import CANCEL, REFUND
from server.console.render import render
from server.console.roles import ADMINISTRATOR, APPROVER, FINANCE, MANAGER, Granted, Reach
from server.console.within import terminals_within
from server.fresh import fresh_id
from server.organisations.pages import now, random
from server.payments.models import LIVE_ATTEMPTS, Attempt, Payment, Refund
from server.payments.schedule import RESOLVE_KIND, gate_of
from server.work.effects import DueRow
from server.work.models import Due
from server.writes import write_now

PER_PAGE = 50
CHANNEL, CASH = "channel", "cash"
"""Cash goes back at a counter, out of a drawer."""
CHANGERS = frozenset({ADMINISTRATOR, FINANCE})
DECIDERS = CHANGERS | {APPROVER}
"""Who may approve what another one asked for."""


@page("orders/", title=_("Channel payments"), section=MONEY,
      roles={ADMINISTRATOR, FINANCE, MANAGER})  # fmt: skip
def orders(request: HttpRequest, reach: Reach) -> HttpResponse:
    """List payments through channels, the newest first, or those that a number finds."""
    asked = request.GET.get("number", "").strip()[:64]
    rows = _rows(reach)
    if asked:
        rows = rows.filter(payments_by_number(asked))
    shown = Paginator(rows.order_by("-received_at"), PER_PAGE)
    context = {
        "payments": shown.get_page(request.GET.get("page")), "number": asked,
        "keep": f"number={asked}" if asked.isalnum() else "",
    }  # fmt: skip
    return render(request, "console/orders.html", context)


@page("orders/<uuid:payment_id>/", title=_("Payment"), section=MONEY,
      roles={ADMINISTRATOR, FINANCE, MANAGER, APPROVER}, name="order")  # fmt: skip
def order(request: HttpRequest, reach: Reach, payment_id: UUID) -> HttpResponse:
    """Show one payment's whole history; queue what was asked for."""
    row = get_object_or_404(terminals_within(reach, Payment.objects.all()), id=payment_id)
    if request.method == "POST":
        may = DECIDERS if request.POST.get("do") in DECISIONS else CHANGERS
        if not reach.within(may).covers(Granted(FINANCE, row.organisation)):
            raise Refused("staff.beyond_reach")
        _act(request, row)
        return redirect("console:order", payment_id=row.id)
    context = _detail(reach, row)
    return asked_again(request, context["mark"]) or render(request, "console/order.html", context)


def _rows(reach: Reach) -> "QuerySet[Payment]":
    return terminals_within(reach, Payment.objects.filter(tender="channel"))


def _detail(reach: Reach, row: Payment) -> dict[str, Any]:
    attempts = list(_of(Attempt, row).order_by("submitted_at"))
    refunds = list(_of(Refund, row).order_by("received_at"))
    history = history_of(row, attempts, refunds)
    queued = Due.objects.filter(organisation=row.organisation, kind__in=(REFUND, CANCEL))
    is_queued = queued.filter(Q(subject_id=row.id) | Q(data__payment=str(row.id))).exists()
    approval = waiting_refund(row)
    return {
        "row": row,
        "attempts": [{"row": one, "reasons": route_reasons(one)} for one in attempts],
        "refunds": refunds,
        "siblings": siblings(row),
        "history": history,
        "rate": rate_lines(row),
        "left_amount": row.total_amount - row.refunded_amount,
        "limit_amount": refund_limit(row),
        "approval": approval,
        "is_live": any(one.state in LIVE_ATTEMPTS for one in attempts),
        "is_paid": row.state == "succeeded",
        "may_cancel": row.tender == CHANNEL and row.state in ("submitted", "succeeded"),
        "may_refund": row.state == "succeeded" and row.tender != CASH,
        "is_queued": is_queued,
        "is_moving": is_queued or moving(attempts, refunds, LIVE_ATTEMPTS),
        "mark": mark_of(row.changed_at, row.state, [one.at for one in history], is_queued,
                        approval and approval.id),
        "may_change": bool(reach.within(CHANGERS)),
        "may_list": bool(reach.within(CHANGERS | {MANAGER})),
        "may_decide": bool(reach.within(DECIDERS)),
    }  # fmt: skip


def _of(model: Any, row: Payment) -> Any:
    return model.objects.filter(organisation=row.organisation, payment=row.id)


def _act(request: HttpRequest, row: Payment) -> None:
    asked, reason = request.POST.get("do", ""), request.POST.get("reason", "").strip()[:200]
    if asked in DECISIONS:
        decide_refund(request, row, asked, reason)
        return
    if asked not in ("query", "refund", "cancel"):
        return
    if not reason:
        raise Refused("staff.reason_missing")
    due, data = _due(request, row, asked, reason)
    if asked == "refund" and needs_approval(row, data["amount"]):
        ask_for_refund(request, row, data["amount"], reason)
        messages.success(request, now_text("A colleague must approve it."))
        return
    with connection.cursor() as cursor:
        write_now(cursor, due)
    write_entry(request, f"orders.{asked}", row, reason=reason, data=data)
    messages.success(request, now_text("Asked for; the answer follows in a moment."))


def _due(
    request: HttpRequest, row: Payment, asked: str, reason: str
) -> tuple[list[DueRow], dict[str, Any]]:
    at, organisation = now(), row.organisation
    if asked == "query":
        live = _of(Attempt, row).filter(state__in=LIVE_ATTEMPTS)
        rows = [
            DueRow(one.id, organisation, RESOLVE_KIND, one.id, at, gate=gate_of(one.channel))
            for one in live
        ]
        if not rows:
            raise Refused("orders.definite")
        return rows, {}
    if asked == "cancel":
        if row.tender != CHANNEL or row.state not in ("submitted", "succeeded"):
            raise Refused("orders.definite")
        return [DueRow(row.id, organisation, CANCEL, row.id, at)], {}
    amount = parse_amount(request.POST.get("amount", ""))
    left = row.total_amount - row.refunded_amount
    if row.state != "succeeded" or row.tender == CASH or not 0 < amount <= left:
        raise Refused("orders.too_much", left_amount=left)
    id = fresh_id(at, random)
    data = {"payment": str(row.id), "amount": amount, "reason": reason}
    return [DueRow(id, organisation, REFUND, id, at, data)], {"amount": amount, "refund": str(id)}

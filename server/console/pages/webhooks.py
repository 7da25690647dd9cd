"""Webhooks: merchants' addresses and their secrets, what they were told, and telling it again."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as now_text
from django.utils.translation import gettext_lazy as _

from domain.errors import Refused
from server.console.audit import changing, write_entry
from server.console.live import asked_again, mark_of
from server.console.order_history import readable
from server.console.page import SETTINGS, page
from server.console.render import render
from server.console.roles import ADMINISTRATOR, FINANCE, SUPPORT, Granted, Reach
from server.merchants.models import Merchant
from server.open_api.change_endpoint import (
    add_endpoint,
    renew_secret,
    send_again,
    send_test,
    set_url,
    switch,
)
from server.open_api.models import Endpoint, Event, EventState, Try
from server.organisations.pages import now, random, secrets
from server.payments.models import Payment

PER_PAGE = 50
READERS = frozenset({ADMINISTRATOR, FINANCE, SUPPORT})
CHANGERS = frozenset({ADMINISTRATOR})


@page("webhooks/", title=_("Webhooks"), section=SETTINGS, roles=READERS)
def webhooks(request: HttpRequest, reach: Reach) -> HttpResponse:
    """List the addresses and what was sent; add an address."""
    if request.method == "POST":
        endpoint, secret = _add(request, reach)
        # Not sent on: the secret is in this one answer and nowhere else
        return _shown_once(request, endpoint, secret)
    state = request.GET.get("state", "")
    rows = reach.of(Event.objects.all())
    counts = dict(rows.values_list("state").annotate(Count("id")).order_by())
    if state in EventState.values:
        rows = rows.filter(state=state)
    shown = Paginator(rows.order_by("-created_at", "-id"), PER_PAGE)
    endpoints = reach.of(Endpoint.objects.select_related("merchant"))
    context = {
        "endpoints": endpoints.order_by("merchant__name"),
        "events": shown.get_page(request.GET.get("page")), "state": state,
        "states": [(value, label, counts.get(value, 0)) for value, label in EventState.choices],
        "keep": f"state={state}" if state in EventState.values else "",
        "merchants": _free_merchants(reach), "may_change": bool(reach.within(CHANGERS)),
        "names": dict(reach.of(Merchant.objects.all()).values_list("id", "name")),
    }  # fmt: skip
    return render(request, "console/webhooks.html", context)


@page("webhooks/<uuid:endpoint_id>/", title=_("Webhook"), section=SETTINGS, roles=CHANGERS,
      name="webhook")  # fmt: skip
def webhook(request: HttpRequest, reach: Reach, endpoint_id: UUID) -> HttpResponse:
    """Change one address: where, a new secret, on and off, a test."""
    row = get_object_or_404(reach.of(Endpoint.objects.select_related("merchant")), id=endpoint_id)
    if request.method != "POST":
        return render(request, "console/webhook.html", {"row": row})
    if not reach.covers(Granted(ADMINISTRATOR, row.organisation_id)):
        raise Refused("staff.beyond_reach")
    return _change(request, row)


@page("webhooks/events/<uuid:event_id>/", title=_("Event"), section=SETTINGS, roles=READERS,
      name="webhook_event")  # fmt: skip
def webhook_event(request: HttpRequest, reach: Reach, event_id: UUID) -> HttpResponse:
    """Show what a merchant was told, every try, and send it again."""
    row = get_object_or_404(reach.of(Event.objects.all()), id=event_id)
    if request.method == "POST":
        send_again(row, now=now())
        write_entry(request, "webhooks.sent_again", row, data={"kind": row.kind})
        messages.success(request, now_text("Asked for; the answer follows in a moment."))
        return redirect("console:webhook_event", event_id=row.id)
    tries = list(
        Try.objects.filter(organisation=row.organisation, event=row.id).order_by("-at", "-id")[:50]
    )
    mark = mark_of(row.state, row.tries, len(tries))
    context = {
        "row": row, "mark": mark, "is_moving": row.state == EventState.WAITING,
        "merchant": Merchant.objects.filter(
            organisation_id=row.organisation, id=row.merchant
        ).first(),
        "is_channel": row.payment is not None and Payment.objects.filter(
            organisation=row.organisation, id=row.payment, tender="channel"
        ).exists(),
        "may_see_orders": bool(reach.within({ADMINISTRATOR, FINANCE})),
        "body": readable(row.body),
        "tries": [{"row": one, "said": readable(one.answer)} for one in tries],
    }  # fmt: skip
    return asked_again(request, mark) or render(request, "console/webhook_event.html", context)


def _add(request: HttpRequest, reach: Reach) -> tuple[Endpoint, str]:
    asked = request.POST.get("merchant", "")
    merchant = _free_merchants(reach).filter(id=asked).first() if asked else None
    if merchant is None:
        raise Refused("webhooks.no_merchant")
    if not reach.within(CHANGERS).covers(Granted(ADMINISTRATOR, merchant.organisation_id)):
        raise Refused("staff.beyond_reach")
    endpoint, secret = add_endpoint(
        merchant, request.POST.get("url", ""), secrets=secrets(), random=random, now=now()
    )
    data = {"merchant": str(merchant), "url": endpoint.url}
    write_entry(request, "webhooks.added", endpoint, data=data)
    return endpoint, secret


def _change(request: HttpRequest, row: Endpoint) -> HttpResponse:
    asked = request.POST.get("do", "")
    if asked == "renew":
        with changing(request, "webhooks.renewed", row):
            secret = renew_secret(row, secrets=secrets(), random=random, now=now())
        return _shown_once(request, row, secret)
    if asked == "test":
        event_id = send_test(row, random=random, now=now())
        write_entry(request, "webhooks.tested", row)
        return redirect("console:webhook_event", event_id=event_id)
    if asked == "save":
        with changing(request, "webhooks.changed", row):
            set_url(row, request.POST.get("url", ""), now=now())
    elif asked in ("enable", "disable"):
        with changing(request, f"webhooks.{asked}d", row):
            switch(row, is_enabled=asked == "enable", now=now())
    messages.success(request, now_text("Saved."))
    return redirect("console:webhook", endpoint_id=row.id)


def _shown_once(request: HttpRequest, row: Endpoint, secret: str) -> HttpResponse:
    context: dict[str, Any] = {"row": row, "secret": secret}
    return render(request, "console/webhook_secret.html", context)


def _free_merchants(reach: Reach) -> "QuerySet[Merchant]":
    """The merchants within reach of whoever may add, that have no address yet."""
    mine = reach.within(CHANGERS).of(Merchant.objects.order_by("name"))
    return mine.exclude(id__in=Endpoint.objects.values("merchant"))

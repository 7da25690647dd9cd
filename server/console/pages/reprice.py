"""Price a meal anew: preview what goes back, ask for it, follow the refunds."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext_lazy as _

from domain.errors import Refused
from domain.messages import text
from domain.money import parse_amount, plain_amount
from domain.typed_days import typed_day
from server.cases.models import Approval, ApprovalState
from server.catalogue.models import MealPeriod
from server.console.audit import write_entry
from server.console.page import MONEY, page
from server.console.render import render
from server.console.reprice import (
    GIVEN,
    KIND,
    Repricing,
    ask_to_reprice,
    given_back,
    preview,
)
from server.console.roles import ADMINISTRATOR, APPROVER, FINANCE, MANAGER, Reach
from server.merchants.models import Store
from server.organisations.pages import by, language, now, random

ASKERS = frozenset({ADMINISTRATOR, FINANCE, MANAGER})


@page("reprice/", title=_("Price a meal anew"), section=MONEY, roles=ASKERS)
def reprice(request: HttpRequest, reach: Reach) -> HttpResponse:
    """Preview by GET, ask by POST."""
    stores = list(reach.of(Store.objects.order_by("name"), site="site"))
    form = request.POST if request.method == "POST" else request.GET
    store = next((one for one in stores if str(one.id) == form.get("store")), None)
    store = store or (stores[0] if stores else None)
    if store is None:
        return render(request, "console/reprice.html", {"stores": []})
    day = typed_day(form.get("day", "")) or _yesterday(store)
    if request.method == "POST":
        asked = ask_to_reprice(
            _asked(form, store, day), form.get("reason", ""), by=by(request), now=now(),
            random=random,
        )  # fmt: skip
        write_entry(request, "reprice.asked", asked, reason=asked.reason, data=dict(asked.data))
        return redirect("console:reprice_request", request_id=asked.id)
    context = {
        "stores": stores, "store": store, "day": day, "form": form,
        "meals": MealPeriod.objects.filter(organisation_id=store.organisation_id).order_by("code"),
        "recent": Approval.objects.filter(
            organisation=store.organisation_id, kind=KIND, data__store=str(store.id)
        ).order_by("-asked_at")[:20],
        **_previewed(form, store, day),
    }  # fmt: skip
    return render(request, "console/reprice.html", context)


@page(
    "reprice/<uuid:request_id>/", title=_("Price a meal anew"), section=MONEY,
    roles=ASKERS | {APPROVER}, name="reprice_request",
)  # fmt: skip
def reprice_request(request: HttpRequest, reach: Reach, request_id: UUID) -> HttpResponse:
    """Show one request, and how far its refunds have come."""
    row = get_object_or_404(Approval, kind=KIND, id=request_id)
    repricing = Repricing.of(row)
    stores = reach.of(Store.objects.all(), site="site")
    store = stores.filter(id=repricing.store_id, organisation_id=row.organisation).first()
    if store is None:
        raise Http404
    is_approved = row.state == ApprovalState.APPROVED
    made, made_amount = given_back(row) if is_approved else (0, 0)
    count = len(row.data[GIVEN]) if is_approved else row.data["count"]
    context = {
        "row": row, "repricing": repricing, "store": store, "made": made,
        "made_amount": made_amount, "count": count,
        "is_open": is_approved and made < count,
    }  # fmt: skip
    part = bool(request.headers.get("X-Live"))
    return render(request, f"console/reprice_{'progress' if part else 'request'}.html", context)


def _yesterday(store: Store) -> date:
    return now().astimezone(ZoneInfo(store.zone)).date() - timedelta(days=1)


def _asked(form: Any, store: Store, day: date) -> Repricing:
    return Repricing(
        store.organisation_id, store.id, day, form.get("meal", ""),
        parse_amount(form.get("old", "")), parse_amount(form.get("new", "")),
    )  # fmt: skip


def _previewed(form: Any, store: Store, day: date) -> dict[str, Any]:
    """Return what the typed prices would give back; nothing was typed yet: nothing."""
    if not form.get("old"):
        return {}
    try:
        repricing = _asked(form, store, day)
        told = preview(repricing)
    except Refused as refused:
        return {"why": text(refused.code, refused.data, language())}
    return {
        "told": told,
        "old": plain_amount(repricing.old_amount), "new": plain_amount(repricing.new_amount),
    }  # fmt: skip

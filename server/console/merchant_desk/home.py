"""A merchant's first page: today's takings of its stores, and how its account stands."""

from django.http import HttpRequest, HttpResponse

from server.console.merchant_desk.own import (
    merchant_asked,
    merchants_of,
    read_standing,
    stores_of,
)
from server.console.render import render
from server.console.roles import Reach
from server.console.takings import read_takings
from server.merchants.models import MerchantState
from server.organisations.pages import language, now
from server.settlement.models import Batch, DayClose

SHOWN = 7


def show_desk(request: HttpRequest, reach: Reach) -> HttpResponse:
    """Show the desk of the merchant asked for, or of the reader's first one."""
    merchant = merchant_asked(request, reach)
    stores = stores_of(merchant)
    own = {"organisation": merchant.organisation_id}
    batches = Batch.objects.filter(**own, payee_kind="merchant", payee=merchant.id)
    context = {
        "merchant": merchant, "merchants": merchants_of(reach), "has_store": bool(stores),
        "is_closed": merchant.state == MerchantState.CLOSED,
        "is_suspended": merchant.state == MerchantState.SUSPENDED,
        "day": read_takings(stores, now(), language()),
        "standing": read_standing(merchant),
        "closes": DayClose.objects.filter(**own, merchant=merchant.id)
        .order_by("-booked_on")[:SHOWN],
        "batches": batches.order_by("-due_on")[:SHOWN],
    }  # fmt: skip
    return render(request, "console/merchant_home.html", context)

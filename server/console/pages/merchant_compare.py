"""A merchant holds its own list of sales against ours: what differs, side by side."""

from datetime import date, timedelta

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from domain.errors import Refused
from domain.typed_days import typed_day
from server.console.audit import write_entry
from server.console.merchant_desk.compare import (
    Compared,
    as_table,
    compare,
    kind_text,
    read_list,
)
from server.console.merchant_desk.files import as_file
from server.console.merchant_desk.own import merchant_asked, merchants_of, stores_of
from server.console.merchant_desk.payments import MAX_DAYS
from server.console.page import SETTLING, page
from server.console.people_reach import uploaded
from server.console.render import render
from server.console.roles import MERCHANT, Reach
from server.merchants.models import Merchant
from server.organisations.pages import language, now
from server.payments.models import Payment

SHOWN = 500
"""More differences than this are read in the file."""
MAX_SALES = 200_000


@page("merchant/compare/", title=_("Compare with your own list"), section=SETTLING,
      roles={MERCHANT}, is_one_change=False, place=9)  # fmt: skip
def merchant_compare(request: HttpRequest, reach: Reach) -> HttpResponse:
    """Take a list; show what differs, or give it out as a file."""
    merchant = merchant_asked(request, reach)
    since, until = _days(request)
    context = {
        "merchant": merchant, "merchants": merchants_of(reach), "since": since, "until": until,
        "stores": stores_of(merchant), "store": request.POST.get("store", ""),
    }  # fmt: skip
    if request.method != "POST":
        return render(request, "console/merchant_compare.html", context)
    data, name = uploaded(request)
    found = compare(merchant, _sales(request, merchant, since, until), read_list(data))
    with transaction.atomic():
        write_entry(request, "merchant.compared", merchant, data={
            "file": name, "rows": found.their_count, "differences": len(found.differences),
        })  # fmt: skip
    if kind := request.POST.get("file", ""):
        return as_file(as_table(found, language()), kind, f"fanpiao-compare-{since}-{until}",
                       language())  # fmt: skip
    return render(request, "console/merchant_compare.html", {**context, **_shown(found, name)})


def _shown(found: Compared, name: str) -> dict[str, object]:
    return {
        "found": found, "name": name,
        "rows": [(one, kind_text(one.kind, language())) for one in found.differences[:SHOWN]],
        "more": len(found.differences) - SHOWN,
        "off_amount": found.their_amount - found.our_amount,
    }  # fmt: skip


def _days(request: HttpRequest) -> tuple[date, date]:
    """Return the business days asked for; yesterday when none were."""
    typed = request.POST if request.method == "POST" else request.GET
    until = typed_day(typed.get("until", "")) or now().date() - timedelta(days=1)
    since = typed_day(typed.get("since", "")) or until
    return max(min(since, until), until - timedelta(days=MAX_DAYS - 1)), until


def _sales(request: HttpRequest, merchant: Merchant, since: date, until: date) -> list[Payment]:
    rows = Payment.objects.filter(
        organisation=merchant.organisation_id, merchant=merchant.id, state="succeeded",
        business_on__range=(since, until),
    )  # fmt: skip
    if wanted := request.POST.get("store", ""):
        store = next((one for one in stores_of(merchant) if str(one.id) == wanted), None)
        if store is None:
            raise Http404
        rows = rows.filter(store=store.id)
    if rows.count() > MAX_SALES:
        raise Refused("merchants.too_many_rows", rows=MAX_SALES)
    return list(rows)

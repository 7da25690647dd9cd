"""A merchant's own payments and refunds: listed, found by a number, looked into, as a file."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from domain.messages import text
from domain.sale_numbers import sale_number
from server.console.merchant_desk.files import as_file
from server.console.merchant_desk.own import merchant_asked, merchants_of, stores_of
from server.console.merchant_desk.payments import (
    MAX_FILE_ROWS,
    as_table,
    file_rows,
    payments_of,
    read_asked,
    refunds_of,
    totals_of,
)
from server.console.page import MONEY, page
from server.console.render import render
from server.console.roles import MERCHANT, Reach
from server.fleet.models import Terminal
from server.merchants.models import MerchantOperator
from server.organisations.pages import language
from server.payments.models import TENDERS, Payment, Refund
from server.reports.words import word
from server.settlement.models import Item

PER_PAGE = 50


@page("merchant/payments/", title=_("Payments and refunds"), section=MONEY, roles={MERCHANT})
def merchant_payments(request: HttpRequest, reach: Reach) -> HttpResponse:
    """List what was asked for; a number that is one payment's leads straight to it."""
    merchant = merchant_asked(request, reach)
    stores = stores_of(merchant)
    asked = read_asked(request, stores)
    is_refunds = asked.what == "refunds" and not asked.number
    rows: Any = refunds_of(merchant, asked) if is_refunds else payments_of(merchant, asked)
    shown = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    if asked.number and shown.paginator.count == 1:
        return redirect("console:merchant_payment", payment_id=shown[0].id)
    query = urlencode(asked.as_query(merchant))
    context = {
        "merchant": merchant, "merchants": merchants_of(reach), "stores": stores, "asked": asked,
        "tenders": [(name, word(f"tender.{name}", language())) for name in TENDERS],
        "rows": [_row(one, {store.id: store.name for store in stores}) for one in shown],
        "shown": shown, "is_refunds": is_refunds, "keep": query,
        "totals": None if asked.number else totals_of(merchant, asked),
        "files": [(kind, f"{reverse('console:merchant_payments_file', args=[kind])}?{query}")
                  for kind in ("xlsx", "csv")],
    }  # fmt: skip
    return render(request, "console/merchant_payments.html", context)


@page("merchant/payments/file/<str:kind>/", title=_("Payments as a file"), section=MONEY,
      roles={MERCHANT})  # fmt: skip
def merchant_payments_file(request: HttpRequest, reach: Reach, kind: str) -> HttpResponse:
    """Give out what the list shows, payments and refunds, as a file."""
    merchant = merchant_asked(request, reach)
    asked = read_asked(request, stores_of(merchant))
    if file_rows(merchant, asked) > MAX_FILE_ROWS:
        messages.error(request, text("merchants.too_many_rows", {"rows": MAX_FILE_ROWS},
                                     language()))  # fmt: skip
        back = urlencode(asked.as_query(merchant))
        return redirect(f"{reverse('console:merchant_payments')}?{back}")
    name = f"fanpiao-payments-{merchant.code}-{asked.since}-{asked.until}"
    return as_file(as_table(merchant, asked, language()), kind, _plain(name), language())


@page("merchant/payments/<uuid:payment_id>/", title=_("Payment"), section=MONEY,
      roles={MERCHANT})  # fmt: skip
def merchant_payment(request: HttpRequest, reach: Reach, payment_id: UUID) -> HttpResponse:
    """Show one payment: where, how, by whom, what went back of it, and where it was settled."""
    row = get_object_or_404(reach.of(Payment.objects.all(), merchant="merchant"), id=payment_id)
    own = {"organisation": row.organisation}
    refunds = Refund.objects.filter(**own, payment=row.id).order_by("occurred_at")
    items = Item.objects.filter(**own, payment=row.id, merchant=row.merchant)
    names = {
        "store": merchants_of(reach).filter(stores=row.store).values_list("stores__name"),
        "terminal": Terminal.objects.filter(**own, id=row.terminal).values_list("name"),
        "operator": MerchantOperator.objects.filter(
            **own, merchant=row.merchant, id__in=[row.operator]
        ).values_list("name"),
    }  # fmt: skip
    context: dict[str, Any] = {
        "row": row,
        "number": sale_number(row.id),
        "refunds": refunds,
        "items": items.select_related("day", "batch").order_by("day__booked_on", "id"),
        "tender": word(f"tender.{row.tender}", language()),
        "discount_amount": sum(row.discounts),
        "left_amount": row.total_amount - row.refunded_amount,
        **{name: (found.first() or ("–",))[0] for name, found in names.items()},
    }
    return render(request, "console/merchant_payment.html", context)


def _row(one: Any, stores: dict[UUID, str]) -> dict[str, Any]:
    is_refund = isinstance(one, Refund)
    payment = one.payment if is_refund else one.id
    return {
        "row": one, "payment": payment, "number": sale_number(payment) or str(payment)[:8],
        "store": "" if is_refund else stores.get(one.store, "–"),
        "tender": word(f"tender.{one.tender}", language()),
        "amount": one.posted_amount or one.amount if is_refund else one.total_amount,
    }  # fmt: skip


def _plain(name: str) -> str:
    """A file name that every system takes, whatever a merchant's code is."""
    return "".join(one if one.isascii() and (one.isalnum() or one in "-_") else "_" for one in name)

"""Clearing detail files of card networks: taken in, line by line, and whose numbers are unknown."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as now_text
from django.utils.translation import gettext_lazy as _

from domain.clearing_files import LAYOUTS
from domain.errors import Refused
from domain.money import format_amount
from domain.typed_days import typed_day
from server.cases.models import Case
from server.channels.models import ChannelAccount
from server.console.audit import write_entry
from server.console.page import SETTLING, page
from server.console.pages.bills import ACCOUNTANTS
from server.console.render import render
from server.console.roles import Reach
from server.fresh import fresh_id
from server.merchants.models import Merchant
from server.organisations.pages import now, random
from server.reconciliation.read_file import MAX_BYTES
from server.settlement.models import ClearingFile, MerchantNumber
from server.settlement.take_clearing import UNKNOWN_MERCHANT, take_clearing

SHOWN = 100


@page(
    "clearing/", title=_("Clearing files"), section=SETTLING, roles=ACCOUNTANTS, place=7,
    is_one_change=False,
)  # fmt: skip
def clearing(request: HttpRequest, reach: Reach) -> HttpResponse:
    """List files taken in and merchant numbers; take one more of either."""
    accounts = list(reach.of(ChannelAccount.objects.order_by("name")))
    if request.method == "POST":
        if request.POST.get("do") == "number":
            _name_number(request, reach, accounts)
        else:
            _take(request, accounts)
        return redirect("console:clearing")
    numbers = _numbers(reach)
    context = {
        "accounts": accounts, "layouts": list(LAYOUTS),
        "files": reach.of(ClearingFile.objects.all()).annotate(
            posted=Count("lines"), posted_amount=Sum("lines__amount"),
            fees=Sum("lines__fee_amount"),
        ).order_by("-cleared_on", "-taken_at")[:SHOWN],
        "numbers": numbers.order_by("channel", "number"),
        "names": dict(reach.of(Merchant.objects.all()).values_list("id", "name")),
        "merchants": reach.of(Merchant.objects.order_by("name")),
        "unknown": reach.of(Case.objects.filter(kind=UNKNOWN_MERCHANT, closed_at__isnull=True))
        .order_by("opened_at"),
    }  # fmt: skip
    return render(request, "console/clearing.html", context)


def _numbers(reach: Reach) -> "QuerySet[MerchantNumber]":
    return reach.of(MerchantNumber.objects.all())


def _account(request: HttpRequest, accounts: list[ChannelAccount]) -> ChannelAccount | None:
    asked = request.POST.get("channel", "")
    return next((one for one in accounts if str(one.id) == asked), None)


def _take(request: HttpRequest, accounts: list[ChannelAccount]) -> None:
    account, on = _account(request, accounts), typed_day(request.POST.get("on", ""))
    sent, layout = request.FILES.get("file"), request.POST.get("layout", "")
    if account is None or on is None or sent is None or not layout:
        raise Refused("settlement.file_missing")
    if (sent.size or 0) > MAX_BYTES:
        raise Refused("reconcile.too_large", most=f"{MAX_BYTES >> 20} MB")
    file = sent.read()
    with transaction.atomic():
        done = take_clearing(account.organisation_id, account.name, layout, file, on, now())
        data = {"day": on.isoformat(), "layout": layout, "booked": done.booked,
                "known": done.known, "unknown": done.unknown, "amount": done.amount}  # fmt: skip
        write_entry(request, "clearing.taken", account, data=data)
    said = now_text(
        "%(booked)d lines booked (%(amount)s), %(known)d were here already,"
        " %(unknown)d have a merchant number that nobody has."
    )
    told: dict[str, Any] = {"booked": done.booked, "known": done.known, "unknown": done.unknown,
                            "amount": format_amount(done.amount)}  # fmt: skip
    show = messages.warning if done.unknown else messages.success
    show(request, said % told)


def _name_number(request: HttpRequest, reach: Reach, accounts: list[ChannelAccount]) -> None:
    account, number = _account(request, accounts), request.POST.get("number", "").strip()
    asked = request.POST.get("merchant", "")
    merchant = next((m for m in reach.of(Merchant.objects.all()) if str(m.id) == asked), None)
    if account is None or merchant is None or not 0 < len(number) <= 32:
        raise Refused("settlement.number_field")
    organisation: UUID = account.organisation_id
    taken = MerchantNumber.objects.filter(
        Q(channel=account.name), organisation=organisation, number=number
    ).first()
    if taken is not None:
        raise Refused("settlement.number_taken", number=number)
    with transaction.atomic():
        row = MerchantNumber.objects.create(
            id=fresh_id(now(), random), organisation=organisation, channel=account.name,
            number=number, merchant=merchant.id,
        )  # fmt: skip
        write_entry(request, "clearing.number", row, data={"merchant": merchant.name})
    messages.success(request, now_text("Saved. Take the file in again: its lines are booked now."))

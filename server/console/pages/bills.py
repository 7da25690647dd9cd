"""Reconciliation: every channel's days with their bills; fetch, upload and match one again."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as now_text
from django.utils.translation import gettext_lazy as _

from domain.errors import Refused
from domain.typed_days import typed_day
from server.channels.models import ChannelAccount, ChannelExchange
from server.console.audit import write_entry
from server.console.bill_days import AGES, is_over, read_day, read_days, read_pool
from server.console.live import asked_again, mark_of
from server.console.page import SETTLING, page
from server.console.render import render
from server.console.roles import ADMINISTRATOR, FINANCE, Reach
from server.organisations.pages import by, now
from server.reconciliation.clear_items import CALENDAR
from server.reconciliation.day_work import ask_day, waiting_day
from server.reconciliation.import_bill import import_bill
from server.reconciliation.models import Bill, Difference, DifferenceState
from server.reconciliation.read_file import MAX_BYTES, is_readable, read_bill_file

ACCOUNTANTS = frozenset({ADMINISTRATOR, FINANCE})
SPAN = timedelta(days=13)
SHOWN_DIFFERENCES = 200


@page("bills/", title=_("Reconciliation"), section=SETTLING, roles=ACCOUNTANTS, place=1)
def bills(request: HttpRequest, reach: Reach) -> HttpResponse:
    """List two weeks of channel-days, what waits, and how old it is."""
    today = now().astimezone(CALENDAR).date()
    accounts = list(_accounts(reach).order_by("name"))
    if request.GET.get("channel"):
        return _open_day(request, accounts)
    until = min(typed_day(request.GET.get("until", "")) or today, today)
    since = until - SPAN
    differences = reach.of(Difference.objects.all())
    context = {
        "accounts": accounts,
        "days": read_days(accounts, since, until, now()),
        "since": since, "until": until, "yesterday": today - timedelta(days=1),
        "earlier": since - timedelta(days=1),
        "later": until + SPAN + timedelta(days=1) if until < today else None,
        "pool": read_pool(differences, today), "ages": AGES,
    }  # fmt: skip
    return render(request, "console/bills.html", context)


@page(
    "bills/<uuid:account_id>/<str:day>/", title=_("Bill of a day"), section=SETTLING,
    roles=ACCOUNTANTS, name="bill_day", is_one_change=False,
)  # fmt: skip
def bill_day(request: HttpRequest, reach: Reach, account_id: UUID, day: str) -> HttpResponse:
    """Show one day of one channel; take its file, or have it fetched or matched again."""
    account = get_object_or_404(_accounts(reach), id=account_id)
    on = typed_day(day)
    if on is None:
        raise Http404
    if request.method == "POST":
        _act(request, account, on)
        return redirect("console:bill_day", account_id=account.id, day=on.isoformat())
    context = _detail(account, on)
    return asked_again(request, context["mark"]) or render(
        request, "console/bill_day.html", context
    )


def _accounts(reach: Reach) -> "QuerySet[ChannelAccount]":
    return reach.of(ChannelAccount.objects.all())


def _open_day(request: HttpRequest, accounts: list[ChannelAccount]) -> HttpResponse:
    """Go to the day that somebody typed."""
    on = typed_day(request.GET.get("day", ""))
    asked = next((one for one in accounts if str(one.id) == request.GET["channel"]), None)
    if asked is None or on is None:
        messages.error(request, now_text("Choose a channel and a day."))
        return redirect("console:bills")
    return redirect("console:bill_day", account_id=asked.id, day=on.isoformat())


def _detail(account: ChannelAccount, on: date) -> dict[str, Any]:
    day = read_day(account, on, now())
    mine = {"organisation": account.organisation_id, "channel": account.name}
    waiting = waiting_day(account.organisation_id, account.name, on)
    differences = Difference.objects.filter(**mine, first_on=on)
    asked = ChannelExchange.objects.filter(
        **mine, operation="bill", number__contains=on.isoformat()
    ).order_by("-at")
    return {
        "account": account, "on": on, "day": day, "is_over": is_over(on, now()),
        "versions": Bill.objects.filter(**mine, on=on).defer("file").order_by("-version"),
        "differences": differences.order_by("state", "kind", "item")[:SHOWN_DIFFERENCES],
        "answer": asked.first() if day.bill is None else None,
        "is_readable": is_readable(account.provider),
        "is_moving": waiting is not None,
        "mark": mark_of(waiting and (waiting.due_at, waiting.attempts),
                        day.bill and (day.bill.version, day.bill.matched_at)),
    }  # fmt: skip


def _act(request: HttpRequest, account: ChannelAccount, on: date) -> None:
    asked, at = request.POST.get("do", ""), now()
    if not is_over(on, at):
        raise Refused("reconcile.day_not_over", on=on.isoformat())
    if asked == "upload":
        _upload(request, account, on)
        return
    if asked not in ("fetch", "match"):
        return
    with transaction.atomic():
        is_fetched = asked == "fetch"
        ask_day(account.organisation_id, account.name, on, at, is_fetched=is_fetched)
        write_entry(request, f"bills.{asked}", account, data={"day": on.isoformat()})


def _upload(request: HttpRequest, account: ChannelAccount, on: date) -> None:
    sent = request.FILES.get("file")
    if sent is None:
        raise Refused("reconcile.no_file_chosen")
    if (sent.size or 0) > MAX_BYTES:
        raise Refused("reconcile.too_large", most=f"{MAX_BYTES >> 20} MB")
    said = read_bill_file(account, on, sent.read())
    at, organisation = now(), account.organisation_id
    with transaction.atomic():
        done = import_bill(organisation, account.name, said, now=at, by=by(request))
        ask_day(organisation, account.name, on, at, is_fetched=False)
        data = {"day": on.isoformat(), "lines": done.bill.lines, "digest": done.bill.digest}
        write_entry(request, "bills.upload", account, data={**data, "is_news": done.is_news})
    if done.is_news:
        messages.success(request, now_text("The bill is taken in; it is being matched."))
    else:
        messages.info(request, now_text("This bill was here already; nothing changed."))


def open_differences(reach: Reach) -> int:
    """Return how many differences wait for a person."""
    return reach.of(Difference.objects.filter(state=DifferenceState.OPEN)).count()

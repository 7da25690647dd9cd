"""Notices: what came to the channels' addresses, what became of it, the bytes as they came."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as now_text
from django.utils.translation import gettext_lazy as _

from domain.errors import Refused
from server.channels.models import ChannelAccount, ChannelNotice, Verdict
from server.console.audit import write_entry
from server.console.channel_desk import working_desk
from server.console.live import asked_again, mark_of
from server.console.order_history import readable
from server.console.page import MONEY, page
from server.console.payment_work import NOTICE
from server.console.render import render
from server.console.roles import ADMINISTRATOR, FINANCE, SUPPORT, Granted, Reach
from server.organisations.pages import now
from server.payments.models import Attempt, Refund
from server.work.effects import DueRow
from server.work.models import Due
from server.writes import write_now

PER_PAGE = 50
READERS = frozenset({ADMINISTRATOR, FINANCE, SUPPORT})
CHANGERS = frozenset({ADMINISTRATOR, FINANCE})


@page("notices/", title=_("Notices"), section=MONEY, roles=READERS)
def notices(request: HttpRequest, reach: Reach) -> HttpResponse:
    """List what came, the newest first; by verdict, channel or number."""
    rows = reach.of(ChannelNotice.objects.all())
    counts = dict(rows.values_list("verdict").annotate(Count("id")).order_by())
    names = sorted(set(rows.values_list("channel", flat=True)))
    verdict, channel = request.GET.get("verdict", ""), request.GET.get("channel", "")[:32]
    number = request.GET.get("number", "").strip()[:64]
    if verdict in Verdict.values:
        rows = rows.filter(verdict=verdict)
    if channel:
        rows = rows.filter(channel=channel)
    if number:
        rows = rows.filter(number=number.replace("-", ""))
    shown = Paginator(rows.order_by("-last_at", "-id"), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "notices": shown, "verdict": verdict, "channel": channel, "number": number,
        "verdicts": [(value, label, counts.get(value, 0)) for value, label in Verdict.choices],
        "channels": names,
        "keep": _kept(verdict=verdict, channel=channel, number=number),
    }  # fmt: skip
    return render(request, "console/notices.html", context)


@page("notices/<uuid:notice_id>/", title=_("Notice"), section=MONEY, roles=READERS, name="notice")
def notice(request: HttpRequest, reach: Reach, notice_id: UUID) -> HttpResponse:
    """Show one notice as it came; have it taken again."""
    row = get_object_or_404(reach.of(ChannelNotice.objects.all()), id=notice_id)
    if request.method == "POST":
        if not reach.within(CHANGERS).covers(Granted(FINANCE, row.organisation)):
            raise Refused("staff.beyond_reach")
        _take_again(request, row)
        return redirect("console:notice", notice_id=row.id)
    is_queued = Due.objects.filter(
        organisation=row.organisation, kind=NOTICE, subject_id=row.id
    ).exists()
    mark = mark_of(row.verdict, row.why, row.taken_at, is_queued)
    context = {
        "row": row, "mark": mark,
        "is_queued": is_queued, "headers": sorted(row.headers.items()),
        "body": readable(row.body), "size": len(bytes(row.body)), "payment": _payment(row),
        "may_change": bool(reach.within(CHANGERS)),
    }  # fmt: skip
    return asked_again(request, mark) or render(request, "console/notice.html", context)


def _take_again(request: HttpRequest, row: ChannelNotice) -> None:
    """Queue it for the process that has the books' writer, with its entry."""
    account = ChannelAccount.objects.filter(
        organisation_id=row.organisation, name=row.channel
    ).first()
    if account is None:
        raise Refused("channels.cannot_open", why=row.channel)
    if wrong := working_desk().setting_error(account):
        raise Refused("channels.cannot_open", why=wrong)
    due = DueRow(row.id, row.organisation, NOTICE, row.id, now())
    with connection.cursor() as cursor:
        write_now(cursor, [due])
    data = {"channel": row.channel, "number": row.number, "verdict": row.verdict}
    write_entry(request, "notices.taken_again", row, data=data)
    messages.success(request, now_text("Asked for; the answer follows in a moment."))


def _payment(row: ChannelNotice) -> Any:
    """The id of the payment that a notice is about, if it is one of ours."""
    try:
        id = UUID(hex=row.number)
    except ValueError:
        return None
    mine: list[QuerySet[Any]] = [
        model.objects.filter(organisation=row.organisation, id=id).values_list("payment", flat=True)
        for model in (Attempt, Refund)
    ]
    return mine[0].first() or mine[1].first()


def _kept(**filters: str) -> str:
    return "&".join(f"{name}={value}" for name, value in filters.items() if value.isascii()
                    and value.replace("_", "").replace("-", "").isalnum())  # fmt: skip

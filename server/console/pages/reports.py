"""Reports: asked for by days and groups, shown with a chart, and given out as files."""

from collections.abc import Sequence
from datetime import date
from itertools import islice
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as now_text
from django.utils.translation import gettext_lazy as _

from domain.errors import Refused
from domain.messages import text
from domain.typed_days import typed_day
from server.console.audit import write_entry
from server.console.merchant_desk.own import merchants_of
from server.console.page import MONEY, page
from server.console.pictures import bars_svg
from server.console.render import render
from server.console.roles import ADMINISTRATOR, FINANCE, MANAGER, MERCHANT, Reach
from server.merchants.models import Store
from server.organisations.models import Organisation
from server.organisations.pages import by, language, now, random
from server.reports.catalogue import REPORTS, Question, make
from server.reports.dimensions import DIMENSIONS
from server.reports.exports import CONTENT_TYPES, WRITERS, ask_export, file_name, file_of
from server.reports.models import Export, ExportState
from server.reports.scope import EVERYTHING, Scope
from server.reports.tables import Kind, Row, Table, Totals, passing

READERS = frozenset({ADMINISTRATOR, FINANCE, MANAGER, MERCHANT})
ABOUT_PEOPLE = frozenset({"department", "category"})
"""Who the diners are is the organisation's business, not a merchant's."""
SHOWN_ROWS = 200
"""More belongs into a file."""
MAX_GROUPS = 3
CHARTED = ("net_amount", "amount", "left")


@page("reports/", title=_("Reports"), section=MONEY, roles=READERS)
def reports(request: HttpRequest, reach: Reach) -> HttpResponse:
    """Show one report, or have it written to a file."""
    organisation, scope = _place(reach)
    if request.method == "POST":
        question = _question(request.POST, organisation, scope)
        export = ask_export(
            question, request.POST.get("format", ""), by=by(request), now=now(), random=random
        )
        asked = {"report": export.report, "format": export.file_format, **export.asked}
        write_entry(request, "reports.exported", export, data=asked)
        return redirect("console:exports")
    question = _question(request.GET, organisation, scope)
    context = {
        "question": question,
        "report": REPORTS[question.report],
        "kinds": _kinds(scope),
        "ways": [(name, DIMENSIONS[name].heading.title(language())) for name in _ways(scope)],
        "groups": [*question.by, *("",) * MAX_GROUPS][:MAX_GROUPS],
        "formats": list(WRITERS),
        **_shown(question),
    }
    return render(request, "console/reports.html", context)


@page("reports/files/", title=_("Report files"), section=MONEY, roles=READERS)
def exports(request: HttpRequest, reach: Reach) -> HttpResponse:
    """List the reader's own files with their progress, newest first."""
    rows = list(_own(request, reach).order_by("-asked_at")[:50])
    open_states = (ExportState.WAITING, ExportState.RUNNING)
    context = {
        "exports": [(one, REPORTS[one.report].title(language())) for one in rows],
        "is_open": any(one.state in open_states for one in rows),
    }
    part = bool(request.headers.get("X-Live"))
    return render(request, f"console/exports{'_list' if part else ''}.html", context)


@page("reports/files/<uuid:export_id>/", title=_("Report file"), section=MONEY, roles=READERS)
def export_file(request: HttpRequest, reach: Reach, export_id: UUID) -> HttpResponse:
    """Give out one of the reader's own files."""
    export = get_object_or_404(_own(request, reach), id=export_id, state=ExportState.DONE)
    response = StreamingHttpResponse(
        list(file_of(export)), content_type=CONTENT_TYPES[export.file_format]
    )
    response["Content-Disposition"] = f'attachment; filename="{file_name(export)}"'
    response["Content-Length"] = str(export.byte_count)
    return response  # type: ignore[return-value]


def _own(request: HttpRequest, reach: Reach) -> QuerySet[Export]:
    organisation, _scope = _place(reach)
    return Export.objects.filter(organisation=organisation.id, asked_by=by(request))


def _place(reach: Reach) -> tuple[Organisation, Scope]:
    """Return the organisation and how much of it the reader sees: all, a site's stores, or what a
    merchant itself sold.
    """
    if speaks_for := list(merchants_of(reach)):
        home = speaks_for[0].organisation
        own = [one.id for one in speaks_for if one.organisation_id == home.id]
        return home, Scope(merchants=frozenset(own))
    whole = reach.of(Organisation.objects.all(), organisation="pk").order_by("created_at").first()
    if whole is not None:
        return whole, EVERYTHING
    stores = list(reach.of(Store.objects.select_related("organisation"), site="site"))
    if not stores:
        raise PermissionDenied
    place = stores[0].organisation
    return place, Scope(frozenset(one.id for one in stores if one.organisation_id == place.id))


def _question(asked: Any, organisation: Organisation, scope: Scope) -> Question:
    """Read the form; what is missing or unreadable becomes this month so far, and the first."""
    today = now().astimezone(ZoneInfo(organisation.zone)).date()
    report = asked.get("report", "")
    groups = [name for name in asked.getlist("by") if name in _ways(scope)]
    named = report if report in dict(_kinds(scope)) else "trade"
    return Question(
        organisation.id, named,
        typed_day(asked.get("since", "")) or today.replace(day=1),
        typed_day(asked.get("until", "")) or today,
        tuple(dict.fromkeys(groups))[:MAX_GROUPS] or REPORTS[named].groups,
        language(), scope,
    )  # fmt: skip


def _ways(scope: Scope) -> list[str]:
    hidden = ABOUT_PEOPLE if scope.merchants is not None else frozenset()
    return [name for name in DIMENSIONS if name not in hidden]


def _kinds(scope: Scope) -> list[tuple[str, str]]:
    return [
        (name, report.title(language()))
        for name, report in REPORTS.items()
        if scope == EVERYTHING or not report.is_whole
    ]


def _shown(question: Question) -> dict[str, Any]:
    try:
        table = make(question)
    except Refused as refused:
        return {"why": text(refused.code, refused.data, language())}
    totals = Totals(table.columns)
    rows = list(islice(passing(table, totals), SHOWN_ROWS + 1))
    is_cut = len(rows) > SHOWN_ROWS
    return {
        "columns": [(one.title(language()), _is_number(one.kind)) for one in table.columns],
        "rows": [_cells(table, row) for row in rows[:SHOWN_ROWS]],
        "totals": None if is_cut or not any(totals.row) else _cells(table, totals.row),
        "is_cut": is_cut,
        "shown_rows": SHOWN_ROWS,
        "chart": _chart(table, rows[:SHOWN_ROWS], question.by),
    }


def _cells(table: Table, row: Row) -> list[tuple[Any, str]]:
    """Return each cell with its kind, which says how it is written."""
    return [(value, str(column.kind)) for value, column in zip(row, table.columns, strict=True)]


def _is_number(kind: Kind) -> bool:
    return kind in (Kind.COUNT, Kind.AMOUNT, Kind.RATE, Kind.SPAN)


def _chart(table: Table, rows: Sequence[Row], groups: Sequence[str]) -> Any:
    """Draw the chief amount of each row in whole yuan, where a row is one thing."""
    keys = [column.key for column in table.columns]
    measure = next((keys.index(name) for name in CHARTED if name in keys), None)
    is_one_thing = len(groups) < 2 and table.name not in ("ledger", "subsidy_spending")
    if measure is None or not is_one_thing or not 1 < len(rows) <= 62:
        return ""
    bars = [(_label(keys[0], row[0]), max(0, (row[measure] or 0) // 100)) for row in rows]
    return bars_svg(bars, f"{table.columns[measure].title(language())} ({now_text('yuan')})")


def _label(key: str, value: Any) -> str:
    if isinstance(value, date):
        # Written below the axis every fifth day, as the chart does with full hours
        return f"{value:%m-%d}" + (":00" if value.day % 5 == 1 else "")
    return f"{value}:00" if key == "hour" else str(value or "–")

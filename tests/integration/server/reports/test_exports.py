"""A report as a file: made by the worker, whole or not at all, gone after a week."""

from __future__ import annotations

import io
from datetime import timedelta

import openpyxl
import pytest

from domain.errors import Refused
from server.reports import exports
from server.reports.catalogue import REPORTS, Question, make
from server.reports.exports import KIND, Exporter, ask_export, file_name, file_of
from server.reports.models import Export, ExportPart, ExportState
from server.reports.scope import Scope
from server.work.handlers import Claimed
from server.work.models import Due
from tests.factories.clocks import StandingClock
from tests.factories.payments import Till
from tests.integration.server.reports.days import ledger_says, trade_at_random


def question(till: Till, report: str = "trade", **changes: object) -> Question:
    today = till.now.date()
    values = {"since": today - timedelta(days=20), "until": today + timedelta(days=1), **changes}
    return Question(till.organisation, report, **values)  # type: ignore[arg-type]


def work_off(till: Till, export: Export) -> object:
    [due] = Due.objects.filter(kind=KIND, subject_id=export.id)
    claimed = Claimed(due.id, due.organisation, KIND, export.id, due.due_at, due.data, 1)
    said = Exporter(StandingClock(till.now)).work_off(claimed, till.now)
    if Export.objects.filter(id=export.id).exists():
        export.refresh_from_db()
    return said


def asked(till: Till, what: Question, file_format: str = "xlsx") -> Export:
    return ask_export(what, file_format, by="eva", now=till.now, random=till.rows.random)


@pytest.mark.parametrize("report", REPORTS)
@pytest.mark.parametrize("file_format", ["xlsx", "csv"])
def test_every_report_becomes_a_file(till: Till, report: str, file_format: str) -> None:
    trade_at_random(till, 8)
    export = asked(till, question(till, report, by=REPORTS[report].groups), file_format)
    assert work_off(till, export) == export.expires_at
    assert export.state == ExportState.DONE
    data = b"".join(file_of(export))
    assert len(data) == export.byte_count
    assert data.startswith(b"PK" if file_format == "xlsx" else b"\xef\xbb\xbf")
    assert file_name(export).endswith(f".{file_format}")


def test_a_files_total_is_the_ledgers(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "PART_BYTES", 1_000)
    trade_at_random(till, 9)
    export = asked(till, question(till, by=("day", "tender"), language="en"))
    work_off(till, export)
    assert ExportPart.objects.filter(export=export).count() > 1
    book = openpyxl.load_workbook(io.BytesIO(b"".join(file_of(export))))
    last = list(book.worksheets[0].iter_rows(values_only=True))[-1]
    assert last[0] == "Total"
    assert round(float(str(last[-1])) * 100) == ledger_says(till.rows)


def test_what_is_refused_says_why_and_is_not_tried_again(till: Till) -> None:
    wrong = question(till, since=till.now.date() + timedelta(days=9), language="en")
    export = asked(till, wrong)
    work_off(till, export)
    assert export.state == ExportState.FAILED
    assert "swap" in export.why


def test_a_killed_worker_is_followed_by_another_and_a_slow_one_is_left_alone(till: Till) -> None:
    export = asked(till, question(till))
    Export.objects.filter(id=export.id).update(
        state=ExportState.RUNNING, worked_at=till.now, rows_written=5_000
    )
    ExportPart.objects.create(
        organisation=export.organisation, export=export, number=0, data=b"half"
    )
    assert work_off(till, export) == till.now + exports.SILENCE
    assert export.state == ExportState.RUNNING
    till.pass_time(minutes=6)
    work_off(till, export)
    assert export.state == ExportState.DONE
    assert b"half" not in b"".join(file_of(export))


def test_after_a_week_it_is_gone(till: Till) -> None:
    export = asked(till, question(till))
    work_off(till, export)
    till.pass_time(days=8)
    assert work_off(till, export) is None
    assert not Export.objects.exists()
    assert not ExportPart.objects.exists()


def test_a_narrow_scope_never_opens_the_whole_books(till: Till) -> None:
    narrow = Scope(stores=frozenset({till.rows.store.id}))
    for name, report in REPORTS.items():
        if report.is_whole:
            with pytest.raises(Refused, match=r"reports\.not_yours"):
                make(question(till, name, scope=narrow))
    with pytest.raises(Refused, match=r"reports\.unknown"):
        make(question(till, "weather"))
    with pytest.raises(Refused, match=r"reports\.unknown"):
        asked(till, question(till), "pdf")

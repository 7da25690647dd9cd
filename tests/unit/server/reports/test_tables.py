"""Files keep types, totals and texts as they are."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pytest

from server.reports import tables
from server.reports.tables import Column, Kind, Table, write_csv, write_xlsx

COLUMNS = (
    Column("name", "名称", "Name"),
    Column("day", "日期", "Day", Kind.DAY),
    Column("at", "时间", "At", Kind.MOMENT),
    Column("sales", "笔数", "Sales", Kind.COUNT, is_summed=True),
    Column("amount", "金额", "Amount", Kind.AMOUNT, is_summed=True),
    Column("rate", "比率", "Rate", Kind.RATE),
)
DAY, AT = date(2026, 9, 1), datetime(2026, 9, 1, 12, 0, 5, tzinfo=UTC)
ROWS = [
    ("一号窗口", DAY, AT, 3, 120_005, 0.5),
    ("=HYPERLINK(1)", DAY, AT, 1, -99, None),
    ("001234567890123456", None, None, 0, 0, 1.0),
]


def table() -> Table:
    return Table("sample", COLUMNS, iter(ROWS))


def test_a_workbook_keeps_types_and_ends_in_totals(tmp_path: Path) -> None:
    path = tmp_path / "sample.xlsx"
    totals = write_xlsx(table(), path, "en")
    assert totals.rows == 3
    [sheet] = openpyxl.load_workbook(path).worksheets
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0] == ("Name", "Day", "At", "Sales", "Amount", "Rate")
    assert rows[1] == ("一号窗口", datetime(2026, 9, 1), AT.replace(tzinfo=None), 3, 1200.05, 0.5)
    assert rows[2][0] == "=HYPERLINK(1)"
    assert sheet["A3"].data_type == "s"
    assert rows[3][0] == "001234567890123456"
    assert rows[4] == ("Total", None, None, 4, 1199.06, None)
    assert sheet["E2"].number_format.startswith("#,##0.00")


def test_a_text_file_is_what_excel_and_programs_read(tmp_path: Path) -> None:
    path = tmp_path / "sample.csv"
    write_csv(table(), path, "zh")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["名称", "日期", "时间", "笔数", "金额", "比率"]
    assert rows[1] == ["一号窗口", "2026-09-01", "2026-09-01 12:00:05", "3", "1200.05", "0.5"]
    assert rows[2][0] == "'=HYPERLINK(1)"
    assert rows[2][4] == "-0.99"
    assert rows[4] == ["合计", "", "", "4", "1199.06", ""]


def test_a_long_table_goes_on_to_a_next_sheet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "SHEET_ROWS", 3)
    path = tmp_path / "long.xlsx"
    rows = [("x", None, None, 1, 1, None)] * 4
    write_xlsx(Table("long", COLUMNS, rows), path, "en")
    book = openpyxl.load_workbook(path)
    assert [sheet.max_row for sheet in book.worksheets] == [3, 3, 2]
    assert book.worksheets[-1]["E2"].value == 0.04


def test_how_far_a_file_has_come_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "TOLD_EVERY", 2)
    told: list[int] = []
    rows = [("x", None, None, 1, 1, None)] * 5
    write_csv(Table("long", COLUMNS, rows), tmp_path / "x.csv", "en", told.append)
    assert told == [2, 4]

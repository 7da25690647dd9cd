"""A report as a table: typed columns, rows one at a time, totals counted while they pass.

    table = Table("sales_by_store", COLUMNS, rows)
    write_xlsx(table, path, language); write_csv(table, path, language)

Rules
- Amounts are fen in the rows and yuan with two decimals in a file: numbers in XLSX, plain text in
  CSV. Counts, days and moments keep their own types; a text is never a formula (a cell that begins
  like one is told apart by the writer, in CSV by an apostrophe as OWASP advises).
- A column either adds up (`is_summed`) or its total stays empty: no total of averages.
- Rows stream: a table of millions of rows needs no memory; XLSX goes on to a next sheet where
  Excel's limit of 1,048,576 rows ends one.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID

import xlsxwriter

from domain.messages import Language
from domain.money import plain_amount

SHEET_ROWS = 1_048_576
TOLD_EVERY = 5_000
"""Rows between two words on how far a file has come."""
EPOCH_OF_EXCEL = date(1900, 3, 1)
"""Earlier days mean different days in different spreadsheets: they are written as text."""

Cell = str | int | float | date | datetime | UUID | None
Row = Sequence[Any]
Told = Callable[[int], None]


class Kind(StrEnum):
    """What a column holds; amounts in fen, rates as a share of one, spans in milliseconds."""

    TEXT = "text"
    COUNT = "count"
    AMOUNT = "amount"
    RATE = "rate"
    SPAN = "span"
    DAY = "day"
    MOMENT = "moment"


FORMATS = {
    Kind.TEXT: "@", Kind.COUNT: "#,##0", Kind.AMOUNT: "#,##0.00;[Red]-#,##0.00",
    Kind.RATE: "0.00%", Kind.SPAN: "#,##0", Kind.DAY: "yyyy-mm-dd",
    Kind.MOMENT: "yyyy-mm-dd hh:mm:ss",
}  # fmt: skip
WIDTHS = {Kind.TEXT: 24, Kind.AMOUNT: 16, Kind.DAY: 12, Kind.MOMENT: 20}


@dataclass(frozen=True, slots=True)
class Column:
    """One column, named in both languages."""

    key: str
    zh: str
    en: str
    kind: Kind = Kind.TEXT
    is_summed: bool = False

    def title(self, language: Language) -> str:
        """Return the heading in `language`."""
        return self.zh if language == "zh" else self.en


@dataclass(slots=True)
class Table:
    """Columns and a run of rows, each as long as the columns; rows are read once."""

    name: str
    columns: Sequence[Column]
    rows: Iterable[Row]


class Totals:
    """Sums of the columns that add up, kept while rows pass."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._summed = [place for place, column in enumerate(columns) if column.is_summed]
        self._sums = dict.fromkeys(self._summed, 0)
        self._width = len(columns)
        self.rows = 0

    def add(self, row: Row) -> None:
        """Count one row."""
        self.rows += 1
        for place in self._summed:
            value = row[place]
            if isinstance(value, int):
                self._sums[place] += value

    @property
    def row(self) -> list[int | None]:
        """The total of each column, None where nothing adds up."""
        return [self._sums.get(place) for place in range(self._width)]


def passing(table: Table, totals: Totals, told: Told | None = None) -> Iterator[Row]:
    """Yield the rows of `table` while `totals` counts them."""
    for row in table.rows:
        totals.add(row)
        if told is not None and totals.rows % TOLD_EVERY == 0:
            told(totals.rows)
        yield row


def as_dicts(table: Table) -> tuple[list[dict[str, Any]], dict[str, int | None]]:
    """Return all rows and the totals by column key, for a page or a program."""
    totals = Totals(table.columns)
    keys = [column.key for column in table.columns]
    rows = [dict(zip(keys, row, strict=True)) for row in passing(table, totals)]
    return rows, dict(zip(keys, totals.row, strict=True))


def write_csv(table: Table, path: Path, language: Language, told: Told | None = None) -> Totals:
    """Write UTF-8 with a byte order mark (Excel asks for it) and a last row of totals."""
    totals = Totals(table.columns)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([column.title(language) for column in table.columns])
        for row in passing(table, totals, told):
            writer.writerow(_texts(table.columns, row))
        if any(value is not None for value in totals.row):
            writer.writerow(_with_word(_texts(table.columns, totals.row), language))
    return totals


def write_xlsx(table: Table, path: Path, language: Language, told: Told | None = None) -> Totals:
    """Write a workbook with typed cells, a frozen heading, and a last row of totals."""
    totals = Totals(table.columns)
    options = {"constant_memory": True, "remove_timezone": True, "strings_to_urls": False}
    with xlsxwriter.Workbook(path, options) as book:
        sheets = _Sheets(book, table, language)
        for row in passing(table, totals, told):
            sheets.write(row)
        sheets.write_totals(totals)
    return totals


class _Sheets:
    """The sheets of one workbook, filled from top to bottom."""

    def __init__(self, book: xlsxwriter.Workbook, table: Table, language: Language) -> None:
        self._book, self._table, self._language = book, table, language
        self._formats = [book.add_format({"num_format": FORMATS[c.kind]}) for c in table.columns]
        self._total_formats = [
            book.add_format({"num_format": FORMATS[c.kind], "bold": True, "top": 1})
            for c in table.columns
        ]
        self._bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
        self._open()

    def _open(self) -> None:
        self._sheet = self._book.add_worksheet()
        for place, column in enumerate(self._table.columns):
            self._sheet.set_column(place, place, WIDTHS.get(column.kind, 12))
            self._sheet.write_string(0, place, column.title(self._language), self._bold)
        self._sheet.freeze_panes(1, 0)
        self._at = 1

    def write(self, row: Row) -> None:
        if self._at == SHEET_ROWS:
            self._open()
        self._put(row, self._formats)

    def write_totals(self, totals: Totals) -> None:
        if any(value is not None for value in totals.row):
            if self._at == SHEET_ROWS:
                self._open()
            self._put(_with_word(list(totals.row), self._language), self._total_formats)

    def _put(self, row: Row, formats: Sequence[Any]) -> None:
        for place, (value, style) in enumerate(zip(row, formats, strict=True)):
            _put_cell(self._sheet, self._at, place, value, self._table.columns[place].kind, style)
        self._at += 1


def _put_cell(sheet: Any, at: int, place: int, value: Cell, kind: Kind, style: Any) -> None:
    if value is None or value == "":
        sheet.write_blank(at, place, None, style)
    elif isinstance(value, datetime) or isinstance(value, date) and value >= EPOCH_OF_EXCEL:
        sheet.write_datetime(at, place, value, style)
    elif isinstance(value, int | float):
        sheet.write_number(at, place, value / 100 if kind is Kind.AMOUNT else value, style)
    else:
        sheet.write_string(at, place, str(value), style)


def _texts(columns: Sequence[Column], row: Row) -> list[str]:
    return [_text(column.kind, value) for column, value in zip(columns, row, strict=True)]


def _text(kind: Kind, value: Cell) -> str:
    if value is None:
        return ""
    if kind is Kind.AMOUNT and isinstance(value, int):
        return plain_amount(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{value}"
    return str(value)


def _with_word(row: list[Any], language: Language) -> list[Any]:
    """Say "total" in the first column unless that one adds up."""
    if row and row[0] in (None, ""):
        row[0] = "合计" if language == "zh" else "Total"
    return row

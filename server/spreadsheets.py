"""Lists that people bring: xlsx and csv in, templates and reports out.

Rules
- A list is read as text, cell by cell, with its place; what each cell means is its app's business.
- A cell that Excel has changed behind the writer's back (a class "1-2" that became a date, a
  number of more than 15 digits that was rounded, a formula) is an error, never a guess.
- A merged cell counts as its value in each of the rows it covers, as it looks on paper.
- Sizes are bounded before anything is unpacked.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from domain.errors import Refused

MAX_FILE = 10 * 1024 * 1024
MAX_UNPACKED = 80 * 1024 * 1024
"""What an xlsx may grow to: 50,000 rows of ten columns need about 40 MB."""
MAX_PARTS = 500
MAX_ROWS = 50_000
MAX_COLUMNS = 60
MAX_COVERED = 4 * MAX_ROWS
"""Cells below merged ones: four whole columns of classes, departments and the like."""
MAX_HEADER_ROW = 15
"""Titles and notes may stand above the header."""
MAX_CELL = 200
MAX_SHOWN = 40
"""Characters of a wrong value that are told back."""
EXACT_DIGITS = 15
"""What Excel keeps of a number (IEEE 754); further digits have become noughts."""

_MERGED = re.compile(rb'<mergeCell\s[^>]*?ref="([A-Z]{1,3})(\d+):([A-Z]{1,3})(\d+)"')
_ZIP, _OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True)
class Column:
    """A column a list may have: found by any of its names, in either language."""

    key: str
    title_zh: str
    title_en: str
    aliases: tuple[str, ...] = ()
    is_required: bool = False

    @property
    def names(self) -> set[str]:
        """Every name it answers to, as compared."""
        return {_plain(name) for name in (self.key, self.title_zh, self.title_en, *self.aliases)}


@dataclass(frozen=True, slots=True)
class CellError:
    """What is wrong with one cell; `code` has its sentences in `domain.texts.lists`."""

    row: int
    column: str
    value: str
    code: str
    data: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a list, by its number in the file: text per column key, stripped."""

    row: int
    cells: Mapping[str, str]

    def __getitem__(self, key: str) -> str:
        return self.cells.get(key, "")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A list as read. `ignored` are headings nobody asked for."""

    lines: tuple[Line, ...]
    columns: frozenset[str]
    errors: tuple[CellError, ...] = ()
    ignored: tuple[str, ...] = ()


_Row = tuple[int, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class _Wrong:
    """A cell that does not say what its writer meant."""

    code: str
    shown: str


def read_sheet(data: bytes, columns: Sequence[Column]) -> Sheet:
    """Read an xlsx or csv file by its content, whatever its name.

    Raises `Refused("lists.…")` when it is no list at all: empty, too large, an old or locked
    format, no sheet with the required headings, or more than one.
    """
    if not data.strip(b"\x00 \r\n\t\xef\xbb\xbf"):
        raise Refused("lists.empty")
    if len(data) > MAX_FILE:
        raise Refused("lists.too_large", megabytes=MAX_FILE // 1024 // 1024)
    if data.startswith(_OLD_OFFICE):
        raise Refused("lists.old_format")
    tables = _workbook(data) if data.startswith(_ZIP) else [("csv", _csv_rows(data))]
    found = [sheet for _, rows in tables if (sheet := _sheet(rows, columns)) is not None]
    if not found:
        wanted = "、".join(column.title_zh for column in columns if column.is_required)
        named = ", ".join(column.title_en for column in columns if column.is_required)
        raise Refused("lists.no_header", wanted=wanted, named=named)
    if len(found) > 1:
        raise Refused("lists.several_sheets", count=len(found))
    if not found[0].lines and not found[0].errors:
        raise Refused("lists.no_rows")
    return found[0]


def write_sheet(rows: Iterable[Sequence[Any]], title: str) -> bytes:
    """Return an xlsx of `rows`, the first being the headings; every cell is text.

    A text that begins like a formula stays a text (it is nobody's programme).
    """
    book = openpyxl.Workbook(write_only=True)
    page = book.create_sheet(title)
    page.freeze_panes = "A2"
    for index in range(1, MAX_COLUMNS):
        page.column_dimensions[get_column_letter(index)].width = 18
    for number, row in enumerate(rows):
        page.append([_text_cell(page, value, is_heading=number == 0) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _text_cell(page: Any, value: Any, *, is_heading: bool) -> Any:
    cell = WriteOnlyCell(page, value=str(value))
    cell.data_type = "s"
    # The text format keeps 0012 and 1-2 as they are typed
    cell.number_format = "@"
    if is_heading:
        cell.font = Font(bold=True)
    return cell


def write_template(columns: Sequence[Column], examples: Sequence[Sequence[str]]) -> bytes:
    """Return an xlsx with the headings in both languages and some made-up rows."""
    headings = [f"{column.title_zh} {column.title_en}" for column in columns]
    return write_sheet([headings, *examples], "名单")


def _workbook(data: bytes) -> list[tuple[str, Iterator[_Row]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
                raise Refused("lists.too_large", megabytes=MAX_FILE // 1024 // 1024)
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        raise Refused("lists.unreadable") from error
    except Exception as error:
        # Whatever else a broken or hostile file does to the parsers below us
        if isinstance(error, Refused):
            raise
        raise Refused("lists.unreadable") from error
    pages = [page for page in book.worksheets if page.sheet_state == "visible"]
    return [(page.title, _page_rows(data, page)) for page in pages]


def _page_rows(data: bytes, page: Any) -> Iterator[_Row]:
    """Yield the rows of a page with the merged cells below their first row filled in."""
    covered = _merged_below(data, page)
    values: dict[tuple[int, int], Any] = {}
    # What the file says of its own size is not believed: rows are counted as they come
    page.reset_dimensions()
    try:
        for number, cells in enumerate(page.iter_rows(max_col=MAX_COLUMNS), 1):
            if number > MAX_ROWS + MAX_HEADER_ROW:
                raise Refused("lists.too_many_rows", limit=MAX_ROWS)
            row = [_meant(cell) for cell in cells]
            for index in range(len(row)):
                source = covered.get((number, index))
                if source is not None:
                    row[index] = values.get(source, "")
                elif covered:
                    values[(number, index)] = row[index]
            yield number, row
    except Refused:
        raise
    except Exception as error:
        # As above: whatever a broken or hostile page does to the parsers
        raise Refused("lists.unreadable") from error


def _merged_below(data: bytes, page: Any) -> dict[tuple[int, int], tuple[int, int]]:
    """Return {(row, column from 0): the cell whose value it shows} of merges over rows."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        xml = archive.read(page._worksheet_path)
    found: dict[tuple[int, int], tuple[int, int]] = {}
    covered = 0
    for first, top, last, bottom in _MERGED.findall(xml):
        left = column_index_from_string(first.decode()) - 1
        if first != last or left >= MAX_COLUMNS:
            continue  # a title across the page
        # Merges that lie over each other cost time and mean nothing
        rows = range(int(top) + 1, min(int(bottom), MAX_ROWS) + 1)
        covered += len(rows)
        if covered > MAX_COVERED:
            raise Refused("lists.unreadable")
        found.update({(row, left): (int(top), left) for row in rows})
    return found


def _meant(cell: Any) -> str | _Wrong:
    """What a cell says, as text."""
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        return _Wrong("lists.formula", str(value))
    if cell.data_type == "e":
        return _Wrong("lists.cell_error", str(value))
    if isinstance(value, datetime | date | time | timedelta):
        return _Wrong("lists.is_date", str(value))
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number(value)
    return str(value).replace("\u00a0", " ").strip()


def _number(value: int | float) -> str | _Wrong:
    if isinstance(value, float) and not value.is_integer():
        return repr(value)
    digits = str(int(value))
    if len(digits.lstrip("-")) > EXACT_DIGITS:
        return _Wrong("lists.rounded", digits)
    return digits


def _csv_rows(data: bytes) -> Iterator[_Row]:
    text = _decoded(data)
    head = text[:4096].splitlines()[0] if text.strip() else ""
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        for number, row in enumerate(reader, 1):
            if number > MAX_ROWS + MAX_HEADER_ROW:
                raise Refused("lists.too_many_rows", limit=MAX_ROWS)
            # Excel writes ="0012" to keep a text; a tab in front does the same
            yield number, [re.sub(r'^="(.*)"$', r"\1", cell.strip()) for cell in row[:MAX_COLUMNS]]
    except csv.Error as error:
        raise Refused("lists.unreadable") from error


def _decoded(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        names: tuple[str, ...] = ("utf-16",)
    else:
        names = ("utf-8-sig", "gb18030")
    for name in names:
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise Refused("lists.encoding")


def _sheet(rows: Iterator[_Row], columns: Sequence[Column]) -> Sheet | None:
    """Read rows below the header; None when the first rows hold no header."""
    for number, row in rows:
        places = _header(row, columns)
        if places is not None:
            return _body(rows, places, row, columns)
        if number >= MAX_HEADER_ROW:
            break
    return None


def _header(row: Sequence[Any], columns: Sequence[Column]) -> dict[int, Column] | None:
    found: dict[int, Column] = {}
    for place, cell in enumerate(row):
        for column in columns:
            if isinstance(cell, str) and _is_named(cell, column):
                if column in found.values():
                    raise Refused("lists.column_twice", column=cell[:MAX_SHOWN])
                found[place] = column
                break
    is_whole = all(column in found.values() for column in columns if column.is_required)
    return found if is_whole else None


def _is_named(cell: str, column: Column) -> bool:
    """Whether a heading names the column; our templates' headings hold both languages."""
    both = _plain(column.title_zh + column.title_en)
    return _plain(cell) in column.names | {both}


def _plain(name: str) -> str:
    """A heading without spaces, stars, brackets' content and case."""
    name = re.sub(r"[（(\[【].*?[)）\]】]", "", name)
    return re.sub(r"[\s*＊:：_\-./]", "", name).casefold()


def _body(
    rows: Iterator[_Row],
    places: Mapping[int, Column],
    header: Sequence[Any],
    columns: Sequence[Column],
) -> Sheet:
    lines: list[Line] = []
    errors: list[CellError] = []
    for number, row in rows:
        cells, wrong = _line(number, row, places)
        errors += wrong
        if any(cells.values()):
            lines.append(Line(number, cells))
    if len(lines) > MAX_ROWS:
        raise Refused("lists.too_many_rows", limit=MAX_ROWS)
    ignored = tuple(
        cell[:MAX_SHOWN]
        for place, cell in enumerate(header)
        if isinstance(cell, str) and cell and place not in places
    )
    keys = frozenset(column.key for column in places.values())
    return Sheet(tuple(lines), keys, tuple(errors), ignored)


def _line(
    number: int, row: Sequence[Any], places: Mapping[int, Column]
) -> tuple[dict[str, str], list[CellError]]:
    cells: dict[str, str] = {}
    errors: list[CellError] = []
    for place, column in places.items():
        cell = row[place] if place < len(row) else ""
        if isinstance(cell, _Wrong):
            errors.append(_wrong(number, column, cell.shown, cell.code))
        elif len(cell) > MAX_CELL:
            errors.append(_wrong(number, column, cell, "lists.cell_too_long", limit=MAX_CELL))
        elif any(ord(character) < 32 for character in cell):
            errors.append(_wrong(number, column, cell, "lists.cell_strange"))
        else:
            cells[column.key] = cell
    return cells, errors


def _wrong(number: int, column: Column, value: str, code: str, **data: int) -> CellError:
    shown = "".join(c if c.isprintable() else " " for c in value[:MAX_SHOWN])
    return CellError(number, column.key, shown, code, data)

"""The consent register that comes with a folder of photographs: who said yes or no, when, how.

One row per person, xlsx or csv, headings in Chinese or English. A row that leaves something open
is an error with its place; it is never completed by a guess.
"""

import re
from dataclasses import dataclass, replace
from datetime import date

from domain.typed_days import is_possible
from server.biometrics.give_consent import ConsentForm
from server.biometrics.models import EvidenceKind, Giver, Twin
from server.spreadsheets import CellError, Column, Line, Sheet, read_sheet, write_sheet

COLUMNS = (
    Column("number", "学号", "Number",
           ("编号", "工号", "学籍号", "人员编号", "student number", "staff number", "id", "no"),
           is_required=True),
    Column("answer", "是否同意", "Agrees", ("同意", "答复", "answer", "consent"), is_required=True),
    Column("giver_name", "同意人", "Given by", ("签字人", "签名", "姓名", "giver", "signed by"),
           is_required=True),
    Column("relation", "与本人关系", "Relation", ("关系",), is_required=True),
    Column("under_14", "未满14周岁", "Under 14", ("未满十四周岁", "未满14", "14岁以下")),
    Column("signed_on", "签署日期", "Signed on", ("日期", "同意日期", "date"), is_required=True),
    Column("text_version", "同意书版本", "Text version", ("版本", "version"), is_required=True),
    Column("evidence", "凭据", "Evidence", ("存放处", "凭据存放", "where kept"), is_required=True),
    Column("keeps_photo", "同意保存照片", "Keeps photograph", ("保存照片", "photo")),
    Column("expires_on", "有效期至", "Expires on", ("到期", "到期日", "expires")),
    Column("twin_number", "双胞胎或兄弟姐妹学号", "Twin's number", ("双胞胎", "twin", "sibling")),
)  # fmt: skip
EXAMPLES = (
    ("20260101", "是", "张大山（示例）", "父亲", "是", "2026-09-01", "2026-1", "档案柜 3-12", "否",
     "", ""),
    ("T0012", "是", "李老师（示例）", "本人", "否", "2026-09-01", "2026-1", "档案柜 1-02", "否", "",
     ""),
)  # fmt: skip
DATES = frozenset({"signed_on", "expires_on"})
SELF = frozenset({"本人", "自己", "self"})
YES = frozenset({"是", "同意", "yes", "y", "true", "1", "√", "✓"})
NO = frozenset({"否", "不同意", "no", "n", "false", "0", "×", "x", ""})

_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?: 00:00:00)?")


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One person's answer. `form` is what a yes says; None is a no."""

    row: int
    number: str
    signed_on: date
    given_by: Giver
    form: ConsentForm | None
    expires_on: date | None
    twin_number: str


@dataclass(frozen=True, slots=True)
class Register:
    """A register as read: sound rows by number, and what is wrong with the others."""

    rows: dict[str, RegisterRow]
    errors: tuple[CellError, ...]


def register_template() -> bytes:
    """Return the spreadsheet to fill in, with two made-up rows."""
    headings = [f"{column.title_zh}（{column.title_en}）" for column in COLUMNS]
    return write_sheet([headings, *EXAMPLES], "同意书登记")


def read_register(data: bytes) -> Register:
    """Read a register; raises `Refused("lists.…")` when the file is none at all."""
    sheet = _with_dates(read_sheet(data, COLUMNS))
    rows: dict[str, RegisterRow] = {}
    errors = list(sheet.errors)
    spoilt = {error.row for error in errors}
    for line in sheet.lines:
        wrong = _wrong(line, rows)
        errors += wrong
        if not wrong and line.row not in spoilt:
            rows[line["number"]] = _row(line)
    return Register(rows, tuple(sorted(errors, key=lambda error: error.row)))


def _with_dates(sheet: Sheet) -> Sheet:
    """In the columns of dates a cell that Excel holds as a date is what it should be."""
    meant = {
        (error.row, error.column): error.value
        for error in sheet.errors
        if error.code == "lists.is_date" and error.column in DATES
    }
    lines = tuple(
        replace(line, cells={**line.cells, **{column: value for (row, column), value
                                              in meant.items() if row == line.row}})
        for line in sheet.lines
    )  # fmt: skip
    errors = tuple(one for one in sheet.errors if (one.row, one.column) not in meant)
    return replace(sheet, lines=lines, errors=errors)


def _wrong(line: Line, rows: dict[str, RegisterRow]) -> list[CellError]:
    checks = (
        ("number", not line["number"], "enrolments.cell_empty"),
        ("number", line["number"] in rows, "enrolments.number_twice"),
        ("answer", _said(line["answer"]) is None or not line["answer"], "enrolments.yes_or_no"),
        ("giver_name", not line["giver_name"], "enrolments.cell_empty"),
        ("relation", not line["relation"], "enrolments.cell_empty"),
        ("under_14", _said(line["under_14"]) is None, "enrolments.yes_or_no"),
        ("relation", bool(_said(line["under_14"])) and _is_self(line), "consents.needs_guardian"),
        ("signed_on", _date(line["signed_on"]) is None, "enrolments.no_date"),
        ("text_version", not line["text_version"], "enrolments.cell_empty"),
        ("evidence", not line["evidence"], "enrolments.cell_empty"),
        ("keeps_photo", _said(line["keeps_photo"]) is None, "enrolments.yes_or_no"),
        ("expires_on", bool(line["expires_on"]) and _date(line["expires_on"]) is None,
         "enrolments.no_date"),
    )  # fmt: skip
    return [
        CellError(line.row, column, line[column], code) for column, is_wrong, code in checks
        if is_wrong
    ]  # fmt: skip


def _row(line: Line) -> RegisterRow:
    signed_on = _date(line["signed_on"])
    assert signed_on is not None, "a row without a date is an error"
    given_by = Giver.SELF if _is_self(line) else Giver.GUARDIAN
    form = ConsentForm(
        giver_name=line["giver_name"],
        text_version=line["text_version"],
        evidence=line["evidence"],
        given_by=given_by,
        relation="" if given_by is Giver.SELF else line["relation"],
        is_under_14=bool(_said(line["under_14"])),
        keeps_photo=bool(_said(line["keeps_photo"])),
        evidence_kind=EvidenceKind.PAPER,
        twin=Twin.YES if line["twin_number"] else Twin.NOT_ASKED,
    )
    return RegisterRow(
        row=line.row,
        number=line["number"],
        signed_on=signed_on,
        given_by=given_by,
        form=form if _said(line["answer"]) else None,
        expires_on=_date(line["expires_on"]),
        twin_number=line["twin_number"],
    )


def _is_self(line: Line) -> bool:
    return line["relation"].casefold() in SELF


def _said(value: str) -> bool | None:
    """Yes, no, or None for what is neither."""
    word = value.casefold()
    if word in YES:
        return True
    return False if word in NO else None


def _date(value: str) -> date | None:
    found = _DATE.fullmatch(value)
    try:
        day = date(*(int(part) for part in found.groups())) if found else None
    except ValueError:
        return None
    return day if day is not None and is_possible(day) else None

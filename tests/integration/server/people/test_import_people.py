"""A list of people: tried first, wrong in every way lists are, imported whole, and only once."""

import csv
import io
import os
import re
import zipfile
from collections.abc import Callable
from datetime import date, timedelta

import openpyxl
import pytest

from domain.errors import Refused
from server.feed.models import Marker
from server.people import bulk_change, import_people
from server.people.bulk_change import confirm_change, errors_of, keep_trial, work_off
from server.people.change_person import part_with_person
from server.people.import_people import Import, people_template, register_import, try_import
from server.people.models import BulkChange, Membership, Person
from server.spreadsheets import MAX_ROWS, read_sheet
from server.work.models import Due
from server.work.worker import Worker
from sync.signing import digits_reference
from tests.factories.server_rows import NOW, SECRETS, Rows
from tests.factories.spreadsheets import first_page

HEAD = ("学号", "姓名", "人员类别", "班级", "家长电话")
ZHANG = ("20260101", "张小明", "学生", "七年级1班", "138 0000 1234")
LI = ("T0012", "李老师", "staff", "数学组", "")


@pytest.fixture(autouse=True)
def _registered() -> None:
    register_import()
    bulk_change.register_work(os.urandom)


@pytest.fixture
def rows(sqlite_database: str) -> Rows:
    made = Rows()
    made.new_category("student")
    made.new_category("staff", name_zh="教职工", name_en="Staff")
    return made


def xlsx(*lines: tuple, head: tuple = HEAD, sheet: str = "名单") -> bytes:
    book = openpyxl.Workbook()
    first_page(book).title = sheet
    for line in (head, *lines):
        first_page(book).append(line)
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_csv(*lines: tuple, encoding: str = "utf-8") -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows((HEAD, *lines))
    return out.getvalue().encode(encoding)


def into(rows: Rows, category: str = "") -> Import:
    key = SECRETS.card_key(rows.organisation.id)
    return Import(rows.organisation.id, (rows.site.id,), category, key)


def tried(rows: Rows, data: bytes, category: str = "") -> bulk_change.Trial:
    return try_import(data, "list.xlsx", into(rows, category), now=NOW, random=rows.random)


def kept(rows: Rows, data: bytes, category: str = "") -> BulkChange:
    trial = tried(rows, data, category)
    return keep_trial(rows.organisation.id, trial, now=NOW, random=rows.random, by="a")


def imported(rows: Rows, data: bytes, category: str = "") -> BulkChange:
    change = kept(rows, data, category)
    confirm_change(change, now=NOW, random=rows.random, by="b")
    while not work_off(rows.organisation.id, change.id, now=NOW, random=rows.random):
        pass
    change.refresh_from_db()
    return change


def wrong(rows: Rows, *lines: tuple) -> list[tuple[int, str, str]]:
    return [(error.row, error.column, error.code) for error in tried(rows, xlsx(*lines)).errors]


def refusal(rows: Rows, data: bytes) -> str:
    with pytest.raises(Refused) as refused:
        tried(rows, data)
    return refused.value.code


def people() -> dict[str, str]:
    return dict(Person.objects.values_list("number", "name"))


def test_a_trial_run_changes_nothing(rows: Rows) -> None:
    trial = tried(rows, xlsx(ZHANG, LI))
    assert (trial.tally["added"], list(trial.errors), people()) == (2, [], {})


def test_people_come_with_class_category_site_and_a_hash_of_four_digits(database: str) -> None:
    rows = Rows()
    rows.new_category("student")
    rows.new_category("staff", name_zh="教职工", name_en="Staff")
    change = imported(rows, xlsx(ZHANG, LI))
    assert (change.state, change.outcome) == ("done", {"added": 2})
    assert (change.planned_by, change.confirmed_by) == ("a", "b")
    zhang = Person.objects.get(number="20260101")
    assert (zhang.name, zhang.department, zhang.category.code) == (
        "张小明", "七年级1班", "student",
    )  # fmt: skip
    key = SECRETS.card_key(rows.organisation.id)
    assert zhang.digits_hash == digits_reference(key, zhang.id, "1234")
    assert "1234" not in str(BulkChange.objects.values_list("items", "settings"))
    assert Membership.objects.filter(person=zhang, site=rows.site).exists()
    assert Marker.objects.filter(kind="person", entity=str(zhang.id)).exists()
    again = kept(rows, xlsx(ZHANG, LI))
    assert (again.tally, again.total_count) == ({"unchanged": 2}, 0)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_is_read_in_every_encoding_that_people_save_it_in(rows: Rows, encoding: str) -> None:
    trial = tried(rows, as_csv(ZHANG, LI, encoding=encoding))
    assert [item["name"] for item in trial.items] == ["张小明", "李老师"]


def test_our_own_template_reads_back(rows: Rows) -> None:
    trial = tried(rows, people_template())
    assert (trial.tally["added"], list(trial.errors)) == (2, [])


def test_a_known_person_changes_only_where_the_list_says_something_else(rows: Rows) -> None:
    imported(rows, xlsx(ZHANG, LI))
    before = Person.objects.get(number="20260101")
    data = xlsx(("20260101", "张小明", "七年级2班"), head=("编号", "姓名", "班级"))
    trial = tried(rows, data)
    assert trial.items[0]["changes"] == {"department": ["七年级1班", "七年级2班"]}
    imported(rows, data)
    after = Person.objects.get(number="20260101")
    assert (after.department, after.category, after.digits_hash) == (
        "七年级2班", before.category, before.digits_hash,
    )  # fmt: skip
    assert after.version > before.version


def test_each_mistake_is_named_by_row_and_column(rows: Rows) -> None:
    assert wrong(
        rows,
        ZHANG,
        ("", "无号", "学生", "", ""),
        ("20260101", "重号", "学生", "", ""),
        ("2026 03", "空格", "学生", "", ""),
        ("S4", "", "学生", "", ""),
        ("S5", "王", "外星人", "", ""),
        ("S6", "王", "", "", ""),
        ("S7", "王", "学生", "", "一三八"),
        ("S8", "王", "学生", date(2026, 1, 2), ""),
        ("S9", "=A2", "学生", "", ""),
        (123456789012345678, "王", "学生", "", ""),
        ("S11", "王\n小", "学生", "", ""),
    ) == [
        (3, "number", "lists.missing"),
        (4, "number", "lists.twice"),
        (5, "number", "people.number_malformed"),
        (6, "name", "lists.missing"),
        (7, "category", "people.category_unknown"),
        (8, "category", "people.category_missing"),
        (9, "phone", "people.phone_malformed"),
        (10, "department", "lists.is_date"),
        (11, "name", "lists.formula"),
        (12, "number", "lists.rounded"),
        (13, "name", "lists.cell_strange"),
    ]


def test_one_mistake_keeps_the_whole_list_out(rows: Rows) -> None:
    change = kept(rows, xlsx(ZHANG, ("S5", "王", "外星人", "", "")))
    with pytest.raises(Refused, match="lists.has_errors"):
        confirm_change(change, now=NOW, random=rows.random, by="b")
    assert errors_of(change)[0].row == 3
    work_off(rows.organisation.id, change.id, now=NOW, random=rows.random)
    assert people() == {}


def test_a_list_is_confirmed_once_and_while_it_is_fresh(rows: Rows) -> None:
    change = kept(rows, xlsx(ZHANG))
    late = NOW + timedelta(hours=25)
    with pytest.raises(Refused, match="lists.too_old"):
        confirm_change(change, now=late, random=rows.random, by="b")
    confirm_change(change, now=NOW, random=rows.random, by="b")
    with pytest.raises(Refused, match="lists.confirmed_already"):
        confirm_change(change, now=NOW, random=rows.random, by="b")


def test_who_has_left_does_not_return_by_a_list(rows: Rows) -> None:
    imported(rows, xlsx(ZHANG))
    part_with_person(Person.objects.get(), now=NOW)
    assert wrong(rows, ZHANG) == [(2, "number", "people.left_already")]


def test_merged_cells_count_for_every_row_they_cover(rows: Rows) -> None:
    book = openpyxl.Workbook()
    page = first_page(book)
    page.append(("七年级学生名单",))
    page.merge_cells("A1:E1")
    page.append(HEAD)
    for number in range(3):
        page.append((f"S{number}", "王", "学生", "七年级1班" if number == 0 else None, None))
    page.merge_cells("D3:D5")
    trial = tried(rows, saved(book))
    assert {item["changes"]["department"][1] for item in trial.items} == {"七年级1班"}


def test_the_sheet_with_the_headings_is_found_and_two_are_asked_about(rows: Rows) -> None:
    book = openpyxl.load_workbook(io.BytesIO(xlsx(ZHANG)))
    book.create_sheet("说明", 0).append(("请填写下页",))
    assert tried(rows, saved(book)).tally["added"] == 1
    book.copy_worksheet(book["名单"])
    assert refusal(rows, saved(book)) == "lists.several_sheets"


def test_numbers_typed_as_numbers_lose_their_point(rows: Rows) -> None:
    trial = tried(rows, xlsx((20260101.0, "张", "学生", "", 1000001234)))
    assert (trial.items[0]["number"], list(trial.errors)) == ("20260101", [])


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "lists.empty"),
        (b"\xef\xbb\xbf\r\n", "lists.empty"),
        (b"\xd0\xcf\x11\xe0old", "lists.old_format"),
        (b"PK\x03\x04 broken", "lists.unreadable"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00", "lists.encoding"),
        ("学号,班级\n1,2".encode(), "lists.no_header"),
        ("学号,姓名\n".encode(), "lists.no_rows"),
        ("学号,姓名,编号\n1,2,3".encode(), "lists.column_twice"),
        ("学号,姓名,余额\n1,张,100".encode(), "people.no_balance"),
        (b"x" * (10 * 1024 * 1024 + 1), "lists.too_large"),
    ],
)
def test_what_is_no_list_is_refused_with_what_to_do(rows: Rows, data: bytes, code: str) -> None:
    assert refusal(rows, data) == code


def test_a_bomb_is_not_unpacked(rows: Rows) -> None:
    out = io.BytesIO(xlsx(ZHANG))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/bomb.xml", b"\x00" * 90 * 1024 * 1024)
    assert refusal(rows, out.getvalue()) == "lists.too_large"


def test_an_entity_bomb_is_refused(rows: Rows) -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]>'
    source = zipfile.ZipFile(io.BytesIO(xlsx(ZHANG)))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in source.namelist():
            body = source.read(name)
            if name.startswith("xl/worksheets/"):
                start = body.index(b"<worksheet")
                body = bomb + body[start:]
            archive.writestr(name, body)
    assert refusal(rows, out.getvalue()) == "lists.unreadable"


def with_page(change: Callable[[bytes], bytes]) -> bytes:
    """Our own list with its page's XML changed."""
    source = zipfile.ZipFile(io.BytesIO(xlsx(ZHANG)))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            body = source.read(name)
            archive.writestr(name, change(body) if name.startswith("xl/worksheets/") else body)
    return out.getvalue()


def told(rows: Rows, data: bytes) -> list[str]:
    """What is wrong with the list as a whole, or with its rows."""
    try:
        return [error.code for error in tried(rows, data).errors]
    except Refused as refused:
        return [refused.code]


def test_merges_laid_over_each_other_are_refused_at_once(rows: Rows) -> None:
    merges = b"<mergeCells>" + b'<mergeCell ref="A3:A50000"/>' * 100_000 + b"</mergeCells>"
    data = with_page(lambda body: body.replace(b"</sheetData>", b"</sheetData>" + merges))
    assert refusal(rows, data) == "lists.unreadable"


@pytest.mark.parametrize(
    "cell",
    [b'<c r="A2"><v>' + b"9" * 6_000 + b"</v></c>", b'<c r="A2" t="s"><v>99999</v></c>',
     b'<c r="A2" t="s"><v>x</v></c>', b'<c r="ZZZZZZ2"><v>1</v></c>',
     b'<c r="A2" t="d"><v>9999-99-99</v></c>',
     b'<c r="A2" t="e"><v>#REF!</v></c>', b"</row></sheetData>"],
)  # fmt: skip
def test_a_page_that_breaks_its_reader_is_a_mistake_and_no_defect(rows: Rows, cell: bytes) -> None:
    data = with_page(lambda body: re.sub(rb'<c r="A2".*?</c>', lambda _: cell, body))
    assert [code for code in told(rows, data) if code.startswith("lists.")]


def test_too_many_rows_are_refused(rows: Rows) -> None:
    data = "学号,姓名\n" + "1,2\n" * (MAX_ROWS + 16)
    assert refusal(rows, data.encode()) == "lists.too_many_rows"


def test_a_stop_in_the_middle_omits_and_repeats_nothing(rows: Rows) -> None:
    count = bulk_change.FIRST_CHUNK * 5 + 7
    data = as_csv(*((f"S{n}", f"人{n}", "学生", "一班", "") for n in range(count)))
    change = kept(rows, data)
    confirm_change(change, now=NOW, random=rows.random, by="b")
    organisation = rows.organisation.id
    assert not work_off(organisation, change.id, now=NOW, random=rows.random, chunks=1)
    change.refresh_from_db()
    assert (change.done_count, len(people())) == (bulk_change.FIRST_CHUNK,) * 2
    # The server was stopped here; its due work goes on
    worker = Worker()
    while Due.objects.exists():
        worker.step(NOW)
    change.refresh_from_db()
    assert (change.state, change.outcome, len(people())) == ("done", {"added": count}, count)


def test_who_has_another_number_by_the_time_it_is_confirmed_is_skipped(rows: Rows) -> None:
    imported(rows, xlsx(ZHANG, LI))
    number = ZHANG[0]
    data = as_csv((number, ZHANG[1], "", "三班", ""))
    change = kept(rows, data)
    Person.objects.filter(number=number).update(number="moved")
    confirm_change(change, now=NOW, random=rows.random, by="b")
    assert work_off(rows.organisation.id, change.id, now=NOW, random=rows.random)
    change.refresh_from_db()
    assert (change.state, change.outcome) == ("done", {"skipped": 1})


def test_who_arrives_is_told_to_whoever_cares(rows: Rows) -> None:
    told: list[int] = []
    import_people.on_arrival(lambda organisation, people, now: told.append(len(people)))
    try:
        imported(rows, xlsx(ZHANG, LI))
    finally:
        import_people._arrivals.pop()
    assert told == [2]


def test_headings_nobody_asked_for_are_told(rows: Rows) -> None:
    sheet = read_sheet("学号,姓名,爱好\n1,张,棋".encode(), import_people.COLUMNS)
    assert sheet.ignored == ("爱好",)

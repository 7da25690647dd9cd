"""People from a spreadsheet: a trial run that says what would happen, then the import itself.

A row is known by its number. An empty cell and a missing column leave what is there as it is; so
the same list again changes nothing. Of a guardian's telephone number only a keyed hash of its last
four digits is kept, for the second factor. Money never comes by a list of people.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.errors import Refused
from domain.ids import RandomBytes
from server.fresh import fresh_id
from server.people.bulk_change import Chunk, Item, Trial, register_change
from server.people.feed_marks import mark_arrivals, touch_people
from server.people.models import Card, Category, Membership, Person, PersonState
from server.spreadsheets import CellError, Column, Line, Sheet, read_sheet, write_template
from sync.signing import digits_reference

KIND = "people"
COLUMNS = (
    Column(
        "number", "编号", "Number",
        ("学号", "工号", "学籍号", "人员编号", "学工号", "卡号编号", "student number",
         "staff number", "student id", "staff id", "id", "no"), is_required=True,
    ),
    Column("name", "姓名", "Name", ("名字", "学生姓名", "full name"), is_required=True),
    Column("category", "类别", "Category", ("人员类别", "身份", "类型", "type")),
    Column(
        "department", "班级或部门", "Class or department",
        ("班级", "部门", "院系", "单位", "班别", "class", "department", "form"),
    ),
    Column(
        "phone", "监护人电话", "Guardian phone",
        ("家长电话", "联系电话", "电话", "手机", "手机号", "监护人手机", "phone", "mobile",
         "guardian", "guardian mobile"),
    ),
)  # fmt: skip
_BALANCE = Column(
    "balance", "余额", "Balance",
    ("期初余额", "账户余额", "钱包余额", "充值金额", "金额", "opening balance", "amount"),
)  # fmt: skip
EXAMPLES = (
    ("20260101", "张小明（示例）", "学生", "七年级1班", "010-00001234"),
    ("T0012", "李老师（示例）", "教职工", "数学组", ""),
)
MAX_NUMBER, MAX_NAME, MAX_DEPARTMENT = 32, 100, 64
FIELDS = ("name", "category", "department", "phone", "site")

_NUMBER = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,31}")
_PHONE = re.compile(r"\+?[0-9]{7,15}")
_BATCH = 5_000
"""Numbers asked for at once, below SQLite's limit of variables."""

Arrival = Callable[[UUID, Sequence[UUID], datetime], None]
"""(organisation, people, now): called inside the transaction in which people arrive."""
_arrivals: list[Arrival] = []


def on_arrival(callback: Arrival) -> None:
    """Call `callback` whenever people are imported; registering twice is once."""
    if callback not in _arrivals:
        _arrivals.append(callback)


@dataclass(frozen=True, slots=True)
class Import:
    """What an import of people needs to know besides the list itself."""

    organisation_id: UUID
    site_ids: tuple[UUID, ...]
    category: str
    """The code of the category of new people whose row names none; "" for none."""
    card_key: bytes


def people_template() -> bytes:
    """Return the spreadsheet to fill in, with two made-up rows."""
    return write_template(COLUMNS, EXAMPLES)


def try_import(
    data: bytes, title: str, into: Import, *, now: datetime, random: RandomBytes
) -> Trial:
    """Read the list and say, row by row, what would happen; raises `Refused` ("lists.…").

    The tally counts added, changed and unchanged people; errors name row, column and value.
    """
    sheet = read_sheet(data, (*COLUMNS, _BALANCE))
    if "balance" in sheet.columns:
        raise Refused("people.no_balance", column=_BALANCE.title_zh)
    trial = _Trial(into, sheet, now, random)
    trial.run()
    items = [item for item in trial.items if item["changes"]]
    return Trial(
        KIND, title, items, trial.tally, sorted(trial.errors, key=lambda error: error.row),
        {"sites": [str(site) for site in into.site_ids], "ignored": list(sheet.ignored)},
    )  # fmt: skip


class _Trial:
    """One trial run."""

    def __init__(self, into: Import, sheet: Sheet, now: datetime, random: RandomBytes) -> None:
        self._into, self._sheet, self._now, self._random = into, sheet, now, random
        self.items: list[Item] = []
        self.errors: list[CellError] = list(sheet.errors)
        self.tally: Counter[str] = Counter()
        self._categories = _category_names(into.organisation_id)
        numbers = [line["number"] for line in sheet.lines]
        self._people = read_people(into.organisation_id, numbers)
        self._members = _members(into, [person.id for person in self._people.values()])
        self._seen: dict[str, int] = {}
        # A cell that could not be read is told once, and not as missing too
        self._unread = {(error.row, error.column) for error in sheet.errors}
        self._bad_rows = {error.row for error in sheet.errors}

    def run(self) -> None:
        """Look at every row."""
        for line in self._sheet.lines:
            cells = self._checked(line)
            if cells is not None and line.row not in self._bad_rows:
                self._plan(line, cells)
        self.tally["errors"] = len(self.errors)

    def _checked(self, line: Line) -> dict[str, str] | None:
        before = len(self.errors)
        self._check_number(line)
        self._check_texts(line)
        phone = re.sub(r"[\s()-]", "", line["phone"])
        if phone and not _PHONE.fullmatch(phone):
            self._wrong(line, "phone", "people.phone_malformed")
        category = self._category(line)
        if len(self.errors) > before:
            return None
        return {**line.cells, "phone": phone, "category": category}

    def _check_number(self, line: Line) -> None:
        number = line["number"]
        if not number:
            return self._wrong(line, "number", "lists.missing")
        if not _NUMBER.fullmatch(number):
            return self._wrong(line, "number", "people.number_malformed")
        if number in self._seen:
            return self._wrong(line, "number", "lists.twice", row=self._seen[number])
        self._seen[number] = line.row
        person = self._people.get(number)
        if person is not None and person.state == PersonState.LEFT:
            self._wrong(line, "number", "people.left_already")

    def _check_texts(self, line: Line) -> None:
        if not line["name"]:
            self._wrong(line, "name", "lists.missing")
        if len(line["name"]) > MAX_NAME:
            self._wrong(line, "name", "people.name_too_long", limit=MAX_NAME)
        if len(line["department"]) > MAX_DEPARTMENT:
            limit = MAX_DEPARTMENT
            self._wrong(line, "department", "people.department_too_long", limit=limit)

    def _category(self, line: Line) -> str:
        """Return the category's code; "" when a known person keeps theirs."""
        named = line["category"]
        if not named:
            if line["number"] in self._people or self._into.category:
                return "" if line["number"] in self._people else self._into.category
            self._wrong(line, "category", "people.category_missing")
            return ""
        code = self._categories.get(named.casefold(), "")
        if not code:
            allowed = "、".join(sorted({*_shown(self._into.organisation_id)}))
            self._wrong(line, "category", "people.category_unknown", allowed=allowed)
        return code

    def _wrong(self, line: Line, column: str, code: str, **data: str | int) -> None:
        if (line.row, column) not in self._unread:
            self.errors.append(CellError(line.row, column, line[column][:40], code, data))

    def _plan(self, line: Line, cells: Mapping[str, str]) -> None:
        person = self._people.get(line["number"])
        if person is None:
            item = self._new(line, cells)
        else:
            item = self._known(line, cells, person)
        word = "added" if item["is_new"] else "changed" if item["changes"] else "unchanged"
        self.tally[word] += 1
        self.items.append(item)

    def _new(self, line: Line, cells: Mapping[str, str]) -> Item:
        id = fresh_id(self._now, self._random)
        changes = {
            "name": ["", cells["name"]],
            "category": ["", cells["category"]],
            "department": ["", cells.get("department", "")],
        }
        return self._item(line, id, changes, cells["phone"], is_new=True)

    def _known(self, line: Line, cells: Mapping[str, str], person: Person) -> Item:
        present = {
            "name": person.name,
            "category": person.category.code,
            "department": person.department,
        }
        changes = {
            name: [before, cells[name]]
            for name, before in present.items()
            if cells.get(name) and cells[name] != before
        }
        if set(self._into.site_ids) - self._members.get(person.id, set()):
            changes["site"] = ["", "+"]
        item = self._item(line, person.id, changes, cells["phone"], is_new=False)
        if item["digits"] and item["digits"] != person.digits_hash:
            item["changes"]["phone"] = ["", "····"]
        return item

    def _item(
        self, line: Line, id: UUID, changes: dict[str, Any], phone: str, *, is_new: bool
    ) -> Item:
        digits = digits_reference(self._into.card_key, id, phone[-4:]) if phone else ""
        return {
            "row": line.row, "id": str(id), "number": line["number"], "name": line["name"],
            "changes": changes, "digits": digits, "is_new": is_new,
        }  # fmt: skip


def read_people(organisation_id: UUID, numbers: Iterable[str]) -> dict[str, Person]:
    """Return the people of these numbers, whatever their state."""
    wanted = sorted(set(numbers))
    found: dict[str, Person] = {}
    for start in range(0, len(wanted), _BATCH):
        rows = Person.objects.filter(
            organisation_id=organisation_id, number__in=wanted[start : start + _BATCH]
        )
        found.update({person.number: person for person in rows.select_related("category")})
    return found


def _members(into: Import, person_ids: Sequence[UUID]) -> dict[UUID, set[UUID]]:
    found: dict[UUID, set[UUID]] = {}
    for start in range(0, len(person_ids), _BATCH):
        rows = Membership.objects.filter(
            organisation_id=into.organisation_id,
            person_id__in=person_ids[start : start + _BATCH],
            site_id__in=into.site_ids,
        )
        for person_id, site_id in rows.values_list("person_id", "site_id"):
            found.setdefault(person_id, set()).add(site_id)
    return found


def _category_names(organisation_id: UUID) -> dict[str, str]:
    """Every name of every category, as compared, with its code."""
    rows = Category.objects.filter(organisation_id=organisation_id)
    return {
        name.casefold(): category.code
        for category in rows
        for name in (category.name_en, category.name_zh, category.code)
    }


def _shown(organisation_id: UUID) -> list[str]:
    rows = Category.objects.filter(organisation_id=organisation_id)
    return list(rows.values_list("name_zh", flat=True))


def register_import() -> None:
    """Let confirmed imports be worked off."""
    register_change(KIND, _apply)


def _apply(chunk: Chunk) -> Mapping[str, int]:
    """Add and change the people of a chunk; who has left or is numbered anew by now is skipped."""
    organisation_id = chunk.organisation_id
    rows = Category.objects.filter(organisation_id=organisation_id)
    categories = {category.code: category for category in rows}
    numbers = [item["number"] for item in chunk.items]
    locked = Person.objects.select_for_update().filter(
        organisation_id=organisation_id, number__in=numbers
    ).order_by("id")  # fmt: skip
    known = {person.number: person for person in locked}
    new = [
        _person(organisation_id, item, categories)
        for item in chunk.items
        if item["number"] not in known and item["is_new"]
    ]
    Person.objects.bulk_create(new)
    changed = [
        _changed(known[item["number"]], item, categories)
        for item in chunk.items
        if item["number"] in known and known[item["number"]].state != PersonState.LEFT
    ]
    fields = ["name", "category", "department", "digits_hash"]
    Person.objects.bulk_update(changed, fields)
    _join(chunk, [*new, *changed])
    touch_people(changed)
    for callback in _arrivals:
        callback(organisation_id, [person.id for person in new], chunk.now)
    skipped = len(chunk.items) - len(new) - len(changed)
    return {"added": len(new), "changed": len(changed), "skipped": skipped}


def _person(organisation_id: UUID, item: Item, categories: Mapping[str, Category]) -> Person:
    changes = item["changes"]
    return Person(
        id=UUID(item["id"]),
        organisation_id=organisation_id,
        number=item["number"],
        name=changes["name"][1],
        category=categories[changes["category"][1]],
        department=changes["department"][1],
        digits_hash=item["digits"],
    )


def _changed(person: Person, item: Item, categories: Mapping[str, Category]) -> Person:
    changes = item["changes"]
    person.name = changes["name"][1] if "name" in changes else person.name
    person.department = changes.get("department", ["", person.department])[1]
    if "category" in changes:
        person.category = categories[changes["category"][1]]
    # The hash is keyed by the person's id: one made for somebody else's would never match
    if item["digits"] and item["id"] == str(person.id):
        person.digits_hash = item["digits"]
    return person


def _join(chunk: Chunk, people: Sequence[Person]) -> None:
    """Let people eat at the list's sites; only new memberships are told to the counters."""
    sites = [UUID(site) for site in chunk.settings["sites"]]
    ids = [person.id for person in people]
    rows = Membership.objects.filter(organisation_id=chunk.organisation_id, person_id__in=ids)
    present = set(rows.values_list("person_id", "site_id"))
    missing = [(id, site) for site in sites for id in ids if (id, site) not in present]
    Membership.objects.bulk_create(
        Membership(
            id=fresh_id(chunk.now, chunk.random),
            organisation_id=chunk.organisation_id,
            person_id=person_id,
            site_id=site_id,
        )
        for person_id, site_id in missing
    )
    cards = Card.objects.filter(organisation_id=chunk.organisation_id, person_id__in=ids)
    mark_arrivals(chunk.organisation_id, missing, list(cards))

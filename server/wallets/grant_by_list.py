"""Subsidies to many: by a list of people and sums, or one sum for whole categories and classes.

A trial run shows who gets what and the total; confirming makes the grant and hands it out, each
share once however often the work is done (`people.bulk_change`, `grant_subsidy`). A grant's name
is used once, so that last month's list is not handed out again by a slip.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from domain.errors import Refused
from domain.ids import RandomBytes
from domain.money import format_amount, parse_amount
from server.fresh import fresh_id
from server.ledger.apply import apply
from server.organisations.models import Organisation
from server.people.bulk_change import Chunk, Item, Trial, confirm_change, register_change
from server.people.import_people import read_people
from server.people.models import BulkChange, Person, PersonState
from server.spreadsheets import CellError, Column, Line, Sheet, read_sheet, write_template
from server.wallets.grant_subsidy import GrantShares
from server.wallets.models import Grant

KIND = "subsidy"
COLUMNS = (
    Column(
        "number", "编号", "Number", ("学号", "工号", "学籍号", "人员编号", "student number", "id"),
        is_required=True,
    ),
    Column("name", "姓名", "Name", ("名字",)),
    Column(
        "amount", "金额", "Amount", ("补助金额", "补贴金额", "金额元", "元", "yuan"),
        is_required=True,
    ),
)  # fmt: skip
EXAMPLES = (("20260101", "张小明（示例）", "300.00"), ("20260102", "李小红（示例）", "150.00"))
MAX_SHARE_AMOUNT = 500_000
"""¥5,000 a person and grant: more is a slip of the finger, or fen typed as yuan."""
MAX_NAME = 100


@dataclass(frozen=True, slots=True)
class GrantTerms:
    """What the money is for; empty `merchants` and `meal_periods` mean everywhere, at any meal."""

    name: str
    starts_at: datetime
    expires_at: datetime | None = None
    merchants: tuple[UUID, ...] = ()
    meal_periods: tuple[str, ...] = ()


def subsidy_template() -> bytes:
    """Return the spreadsheet to fill in."""
    return write_template(COLUMNS, EXAMPLES)


def try_list(
    organisation_id: UUID, data: bytes, terms: GrantTerms, *, now: datetime, random: RandomBytes
) -> Trial:
    """Read a list of numbers and sums in yuan; say who gets what, and what is wrong."""
    check_terms(organisation_id, terms, now)
    sheet = read_sheet(data, COLUMNS)
    people = read_people(organisation_id, [line["number"] for line in sheet.lines])
    items, errors = _items(sheet, people)
    return _trial(terms, items, errors, now, random)


def try_selection(
    organisation_id: UUID,
    categories: Sequence[str],
    departments: Sequence[str],
    amount: int,
    terms: GrantTerms,
    *,
    now: datetime,
    random: RandomBytes,
) -> Trial:
    """Give the same `amount` (fen) to everybody of these categories and classes who is here.

    With both given, a person must be in one of each. Raises `Refused("people.nobody")`.
    """
    check_terms(organisation_id, terms, now)
    check_amount(amount)
    rows = Person.objects.filter(organisation_id=organisation_id).exclude(state=PersonState.LEFT)
    if categories:
        rows = rows.filter(category__code__in=categories)
    if departments:
        rows = rows.filter(department__in=departments)
    if not (categories or departments) or not rows.exists():
        raise Refused("people.nobody")
    items = [_item(person, amount, 0) for person in rows.order_by("number")]
    return _trial(terms, items, [], now, random)


def confirm_grant(change: BulkChange, *, now: datetime, random: RandomBytes, by: str) -> None:
    """Make the grant and let it be handed out; raises `Refused` as `confirm_change` does."""
    told = change.settings
    with transaction.atomic():
        confirm_change(change, now=now, random=random, by=by)
        if Grant.objects.filter(organisation=change.organisation_id, name=told["name"]).exists():
            raise Refused("subsidies.name_taken", name=told["name"])
        Grant.objects.create(
            id=UUID(told["grant"]),
            organisation=change.organisation_id,
            name=told["name"],
            merchants=told["merchants"],
            meal_periods=told["meal_periods"],
            starts_at=datetime.fromisoformat(told["starts_at"]),
            expires_at=_instant(told["expires_at"]),
            created_at=now,
            created_by=by,
        )


def check_terms(organisation_id: UUID, terms: GrantTerms, now: datetime) -> None:
    """Refuse a grant without a new name or with an end that is past or before its start."""
    if not terms.name.strip() or len(terms.name) > MAX_NAME:
        raise Refused("subsidies.name_missing", limit=MAX_NAME)
    if Grant.objects.filter(organisation=organisation_id, name=terms.name).exists():
        raise Refused("subsidies.name_taken", name=terms.name)
    if terms.expires_at is not None and terms.expires_at <= max(now, terms.starts_at):
        raise Refused("subsidies.expired")


def check_amount(amount: int) -> None:
    """Refuse a sum that nobody means."""
    if not 0 < amount <= MAX_SHARE_AMOUNT:
        raise Refused("subsidies.amount_out_of_range", limit_amount=MAX_SHARE_AMOUNT)


def _items(sheet: Sheet, people: Mapping[str, Person]) -> tuple[list[Item], list[CellError]]:
    items: list[Item] = []
    errors = list(sheet.errors)
    unread = {error.row for error in sheet.errors}
    seen: dict[str, int] = {}
    for line in sheet.lines:
        if line.row in unread:
            continue
        person = people.get(line["number"])
        error = _wrong(line, person, seen)
        if error is not None:
            errors.append(error)
        elif person is not None:
            items.append(_item(person, parse_amount(_yuan(line)), line.row))
        seen.setdefault(line["number"], line.row)
    return items, sorted(errors, key=lambda error: error.row)


def _wrong(line: Line, person: Person | None, seen: Mapping[str, int]) -> CellError | None:
    number = line["number"]
    if number in seen:
        return CellError(line.row, "number", number, "lists.twice", {"row": seen[number]})
    if person is None:
        code = "people.number_unknown" if number else "lists.missing"
        return CellError(line.row, "number", number, code)
    if person.state == PersonState.LEFT:
        return CellError(line.row, "number", number, "people.left_already")
    if line["name"] and line["name"] != person.name:
        data = {"name": person.name}
        return CellError(line.row, "name", line["name"], "people.other_name", data)
    try:
        check_amount(parse_amount(_yuan(line)))
    except Refused as refusal:
        limit: dict[str, str | int] = {"limit_amount": MAX_SHARE_AMOUNT, "digits": 2}
        return CellError(line.row, "amount", line["amount"], refusal.code, limit)
    return None


def _yuan(line: Line) -> str:
    return line["amount"].removesuffix("元")


def _item(person: Person, amount: int, row: int) -> Item:
    return {
        "row": row, "person": str(person.id), "number": person.number, "name": person.name,
        "department": person.department, "amount": amount,
    }  # fmt: skip


def _trial(
    terms: GrantTerms,
    items: list[Item],
    errors: Sequence[CellError],
    now: datetime,
    random: RandomBytes,
) -> Trial:
    total = sum(item["amount"] for item in items)
    settings: dict[str, Any] = {
        "grant": str(fresh_id(now, random)),
        "name": terms.name,
        "merchants": [str(merchant) for merchant in terms.merchants],
        "meal_periods": list(terms.meal_periods),
        "starts_at": terms.starts_at.isoformat(),
        "expires_at": terms.expires_at.isoformat() if terms.expires_at else "",
        "total_amount": total,
    }
    tally = {"people": len(items), "errors": len(errors)}
    return Trial(KIND, f"{terms.name} · {format_amount(total)}", items, tally, errors, settings)


def _instant(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def register_grants() -> None:
    """Let confirmed subsidies be handed out."""
    register_change(KIND, _apply)


def _apply(chunk: Chunk) -> Mapping[str, int]:
    """Grant the shares of a chunk; who has left meanwhile gets none."""
    zone = Organisation.objects.get(id=chunk.organisation_id).zone
    business_on = chunk.now.astimezone(ZoneInfo(zone)).date()
    here = set(
        Person.objects.filter(
            organisation_id=chunk.organisation_id, id__in=[item["person"] for item in chunk.items]
        )
        .exclude(state=PersonState.LEFT)
        .values_list("id", flat=True)
    )
    by_amount: dict[int, list[UUID]] = {}
    for item in chunk.items:
        person_id = UUID(item["person"])
        if person_id in here:
            by_amount.setdefault(item["amount"], []).append(person_id)
    grant_id = UUID(chunk.settings["grant"])
    commands = [
        GrantShares(
            chunk.organisation_id, grant_id, "subsidy", tuple(sorted(people)), amount, chunk.now,
            business_on,
        )
        for amount, people in sorted(by_amount.items())
    ]  # fmt: skip
    granted = sum(apply(connection, commands))
    return Counter(granted=granted, skipped=len(chunk.items) - granted)

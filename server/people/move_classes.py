"""The end of a school year: classes move up, graduates leave on their last day.

Leaving has its day: on the midnight after it, in the organisation's zone, the person leaves as one
who leaves by hand does (`change_person.part_with_person`): nothing is paid any more, consents and
face data end, cards count as returned, and what is in the wallet stays owed.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from domain.errors import Refused
from domain.ids import RandomBytes
from server.fresh import fresh_id
from server.organisations.models import Organisation
from server.people.bulk_change import Chunk, Item, Trial, register_change
from server.people.change_person import part_with_person
from server.people.feed_marks import touch_people
from server.people.models import Person, PersonState
from server.work.effects import DueDone, DueRow
from server.work.handlers import Claimed, register
from server.writes import write_now

MOVING = "classes"
LEAVING = "people.leaving"
"""The due work of one person's last day."""
LEAVE = "\x7fleave"
"""In a mapping, instead of the next class: who is in this one leaves."""


def try_move(
    organisation_id: UUID, mapping: Mapping[str, str], leaves_on: date | None, *, now: datetime
) -> Trial:
    """Say who moves to which class and who leaves; classes not in `mapping` stay as they are.

    All moves are meant at once: 七年级 → 八年级 and 八年级 → 九年级 do not chain.
    Raises `Refused("people.leaves_in_past")` and `Refused("people.nobody")`.
    """
    leaving = [name for name, then in mapping.items() if then == LEAVE]
    if leaving and (leaves_on is None or leaves_on < today(organisation_id, now)):
        raise Refused("people.leaves_in_past")
    if any(len(then) > 64 for then in mapping.values()):
        raise Refused("people.department_too_long", limit=64)
    moving = [name for name, then in mapping.items() if then not in (name, "")]
    rows = Person.objects.filter(organisation_id=organisation_id, department__in=moving)
    people = list(rows.exclude(state=PersonState.LEFT).order_by("department", "number"))
    if not people:
        raise Refused("people.nobody")
    items = [_item(person, mapping[person.department], leaves_on) for person in people]
    tally = Counter("leaving" if "leaves_on" in item["changes"] else "moved" for item in items)
    return Trial(MOVING, "", items, tally)


def try_leaving(
    organisation_id: UUID, person_ids: Sequence[UUID], leaves_on: date, *, now: datetime
) -> Trial:
    """Say who of these people would leave on a day."""
    if leaves_on < today(organisation_id, now):
        raise Refused("people.leaves_in_past")
    rows = Person.objects.filter(organisation_id=organisation_id, id__in=person_ids)
    people = list(rows.exclude(state=PersonState.LEFT).order_by("number"))
    if not people:
        raise Refused("people.nobody")
    items = [_item(person, LEAVE, leaves_on) for person in people]
    return Trial(MOVING, "", items, {"leaving": len(items)})


def keep_staying(person: Person) -> None:
    """Take a planned leaving back."""
    with transaction.atomic():
        person.leaves_on = None
        person.save(update_fields=["leaves_on"])
        with connection.cursor() as cursor:
            write_now(cursor, [DueDone(person.organisation_id, LEAVING, person.id)])
        touch_people([person])


def today(organisation_id: UUID, now: datetime) -> date:
    """Return the day it is where the organisation is."""
    return now.astimezone(_zone(organisation_id)).date()


def register_moves() -> None:
    """Let confirmed moves be worked off, and let people leave when their day is over."""
    register_change(MOVING, _apply)
    register(LEAVING, leave_now)


def leave_now(due: Claimed, now: datetime) -> datetime | None:
    """Part with a person whose last day is over; come again when the day was put off."""
    person = Person.objects.filter(
        organisation_id=due.organisation_id, id=due.subject_id, leaves_on__isnull=False
    ).first()
    if person is None or person.leaves_on is None:
        return None
    over_at = _end_of(person.leaves_on, _zone(person.organisation_id))
    if now < over_at:
        return over_at
    part_with_person(person, now=now, by="leaves_on")
    return None


def _zone(organisation_id: UUID) -> ZoneInfo:
    return ZoneInfo(Organisation.objects.get(id=organisation_id).zone)


def _end_of(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), zone)


def _item(person: Person, then: str, leaves_on: date | None) -> Item:
    if then == LEAVE and leaves_on is not None:
        before = person.leaves_on.isoformat() if person.leaves_on else ""
        changes = {"leaves_on": [before, leaves_on.isoformat()]}
    else:
        changes = {"department": [person.department, then]}
    return {
        "row": 0, "id": str(person.id), "number": person.number, "name": person.name,
        "department": person.department, "changes": changes,
    }  # fmt: skip


def _apply(chunk: Chunk) -> Mapping[str, int]:
    """Move the people of a chunk; who left or was moved elsewhere meanwhile is skipped."""
    organisation_id = chunk.organisation_id
    locked = Person.objects.select_for_update().filter(
        organisation_id=organisation_id, id__in=[item["id"] for item in chunk.items]
    ).order_by("id")  # fmt: skip
    people = {str(person.id): person for person in locked.exclude(state=PersonState.LEFT)}
    zone = _zone(organisation_id)
    moved: list[Person] = []
    dues: list[DueRow] = []
    for item in chunk.items:
        person = people.get(item["id"])
        if person is None or person.department != item["department"]:
            continue
        moved.append(person)
        changes = item["changes"]
        person.department = changes.get("department", ["", person.department])[1]
        if "leaves_on" in changes:
            person.leaves_on = date.fromisoformat(changes["leaves_on"][1])
            dues.append(_due(person, chunk.now, chunk.random, zone))
    Person.objects.bulk_update(moved, ["department", "leaves_on"])
    with connection.cursor() as cursor:
        write_now(cursor, dues)
    touch_people(moved)
    return {
        "moved": len(moved) - len(dues), "leaving": len(dues),
        "skipped": len(chunk.items) - len(moved),
    }  # fmt: skip


def _due(person: Person, now: datetime, random: RandomBytes, zone: ZoneInfo) -> DueRow:
    assert person.leaves_on is not None, "only who leaves is due"
    at = _end_of(person.leaves_on, zone)
    return DueRow(fresh_id(now, random), person.organisation_id, LEAVING, person.id, at)

"""Give cards out, class by class: whose turn it is, a tap, the next; and back when it was a slip.

Whoever taps sends the UID as their reader gives it; it becomes a keyed hash here and is gone. A
card whose UID is new at each tap is refused, because it would never be found again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q

from domain.card_numbers import is_random
from domain.class_names import class_order
from domain.errors import Refused
from domain.ids import RandomBytes
from server.people.bind_card import bind_card, replace_card, unbind_card
from server.people.models import Card, CardEvent, CardState, Person, PersonState
from sync.signing import card_reference


@dataclass(frozen=True, slots=True)
class ClassProgress:
    """A class or department: how many are in it, and how many have a card."""

    name: str
    people_count: int
    with_card_count: int


@dataclass(frozen=True, slots=True)
class WorkLine:
    """One person of a class, in the order of their numbers."""

    person_id: UUID
    number: str
    name: str
    has_card: bool


def read_classes(organisation_id: UUID) -> list[ClassProgress]:
    """Return all classes and departments with people in them; "" are people without one."""
    active = Q(cards__state=CardState.ACTIVE)
    rows = (
        Person.objects.filter(organisation_id=organisation_id)
        .exclude(state=PersonState.LEFT)
        .values("department")
        .annotate(
            people=Count("id", distinct=True),
            carded=Count("id", distinct=True, filter=active),
        )
    )
    found = [ClassProgress(row["department"], row["people"], row["carded"]) for row in rows]
    return sorted(found, key=lambda one: class_order(one.name))


def read_work_list(organisation_id: UUID, department: str) -> list[WorkLine]:
    """Return everybody of a class who has not left: the work-list, with what is done of it."""
    rows = (
        Person.objects.filter(organisation_id=organisation_id, department=department)
        .exclude(state=PersonState.LEFT)
        .annotate(carded=Count("cards", filter=Q(cards__state=CardState.ACTIVE)))
        .order_by("number")
    )
    return [WorkLine(row.id, row.number, row.name, row.carded > 0) for row in rows]


def issue_card(
    person: Person,
    uid: bytes,
    *,
    card_key: bytes,
    now: datetime,
    random: RandomBytes,
    by: str,
    label: str = "",
) -> Card:
    """Bind the tapped card; raises `Refused` ("cards.uid_random", "cards.taken", "cards.lost")."""
    if person.state == PersonState.LEFT:
        raise Refused("people.left")
    reference = reference_of(uid, card_key)
    return bind_card(person, reference, now=now, random=random, label=label, by=by)


def issue_replacement(
    lost: Card, uid: bytes, *, card_key: bytes, now: datetime, random: RandomBytes, by: str
) -> Card:
    """Block the old card and bind the tapped one to its owner, together or not at all."""
    reference = reference_of(uid, card_key)
    if reference == lost.card_key:
        raise Refused("cards.lost")
    return replace_card(lost, reference, now=now, random=random, by=by)


def undo_issue(
    person: Person, *, now: datetime, by: str, within: Sequence[UUID] | None = None
) -> Card:
    """Take the person's last binding back; `within` limits it to these cards."""
    rows = Card.objects.filter(
        organisation_id=person.organisation_id, person=person, state=CardState.ACTIVE
    )
    if within is not None:
        rows = rows.filter(id__in=within)
    card = rows.order_by("-bound_at", "id").first()
    if card is None:
        raise Refused("cards.none_bound")
    unbind_card(card, now=now, by=by)
    return card


def reference_of(uid: bytes, card_key: bytes) -> str:
    """Return the card's key; raises `Refused("cards.uid_random")` when its UID never stays."""
    if is_random(uid):
        raise Refused("cards.uid_random")
    return card_reference(card_key, uid)


def read_history(organisation_id: UUID, person_id: UUID) -> list[CardEvent]:
    """Return what happened to the cards of a person while they were theirs, newest first."""
    rows = CardEvent.objects.filter(organisation_id=organisation_id, person_id=person_id)
    return list(rows.select_related("card").order_by("-at", "card_id", "-place"))

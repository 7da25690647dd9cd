"""Enter somebody who may eat here, and say at which sites."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from domain.errors import Refused
from domain.ids import RandomBytes
from server.fresh import fresh_id
from server.people.feed_marks import mark_arrival, mark_departure
from server.people.models import Card, Category, Membership, Person


def enter_person(
    category: Category,
    number: str,
    name: str,
    site_ids: Sequence[UUID],
    *,
    now: datetime,
    random: RandomBytes,
    face_auto: bool = False,
    allergies: str = "",
    department: str = "",
) -> Person:
    """Create a person; raises `Refused("people.number_taken")`."""
    organisation_id = category.organisation_id
    with transaction.atomic():
        if Person.objects.filter(organisation_id=organisation_id, number=number).exists():
            raise Refused("people.number_taken", number=number)
        person = Person.objects.create(
            id=fresh_id(now, random),
            organisation_id=organisation_id,
            number=number,
            name=name,
            category=category,
            face_auto=face_auto,
            allergies=allergies,
            department=department,
        )
        for site_id in site_ids:
            join_site(person, site_id, now=now, random=random)
    return person


def join_site(person: Person, site_id: UUID, *, now: datetime, random: RandomBytes) -> None:
    """Let the person eat at a site; once is enough."""
    with transaction.atomic():
        Membership.objects.get_or_create(
            organisation_id=person.organisation_id,
            person=person,
            site_id=site_id,
            defaults={"id": fresh_id(now, random)},
        )
        mark_arrival(person, _cards(person), site_id)


def leave_site(person: Person, site_id: UUID) -> None:
    """End the membership: the site's counters forget the person and the cards."""
    with transaction.atomic():
        Membership.objects.filter(
            organisation_id=person.organisation_id, person=person, site_id=site_id
        ).delete()
        mark_departure(person, _cards(person), site_id)


def _cards(person: Person) -> list[Card]:
    rows = Card.objects.filter(organisation_id=person.organisation_id, person=person)
    return list(rows.order_by("card_key"))

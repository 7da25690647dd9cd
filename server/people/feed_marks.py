"""Which feed rows a change of a person or a card touches; call last inside atomic()."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import F

from server.feed.effects import mark
from server.people.models import Card, Membership, Person
from sync.messages import FeedKind


def touch_person(person: Person) -> None:
    """Give the person the next version and tell the counters of every site they eat at."""
    Person.objects.filter(organisation_id=person.organisation_id, id=person.id).update(
        version=F("version") + 1
    )
    person.refresh_from_db(fields=["version"])
    for site_id in sites_of(person):
        mark_person(person, site_id)


def mark_person(person: Person, site_id: UUID, *, tombstone: bool = False) -> None:
    """Tell one site of a person, or that they eat there no more."""
    scope = f"site:{site_id}"
    mark(person.organisation_id, scope, FeedKind.PERSON, str(person.id), tombstone=tombstone)


def mark_card(card: Card, site_ids: Iterable[UUID], *, tombstone: bool = False) -> None:
    """Tell sites of a card."""
    for site_id in site_ids:
        scope = f"site:{site_id}"
        mark(card.organisation_id, scope, FeedKind.CARD, card.card_key, tombstone=tombstone)


def sites_of(person: Person) -> list[UUID]:
    """Return the sites where the person may eat, in a fixed order for the locks."""
    rows = Membership.objects.filter(organisation_id=person.organisation_id, person=person)
    return sorted(rows.values_list("site_id", flat=True))

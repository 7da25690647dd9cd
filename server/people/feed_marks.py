"""Which feed rows a change of people or cards touches; call last inside atomic().

All marks of one call are one statement, in the feed's own order of places, so that two of them, or
one and the writer, never wait for each other crosswise.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import connection
from django.db.models import F

from server.feed.effects import FeedChange
from server.people.models import Card, Membership, Person
from server.writes import write_now
from sync.messages import FeedKind


def touch_person(person: Person, *cards: Card) -> None:
    """As `touch_people`, for one person and some of their cards; refreshes its version."""
    touch_people([person], cards)
    person.refresh_from_db(fields=["version"])


def touch_people(people: Sequence[Person], cards: Sequence[Card] = ()) -> None:
    """Give people the next version; tell the sites where they eat of them and of `cards`.

    The people are of one organisation, and each card belongs to one of them.
    """
    if not people:
        return
    organisation_id = people[0].organisation_id
    ids = [person.id for person in people]
    Person.objects.filter(organisation_id=organisation_id, id__in=ids).update(
        version=F("version") + 1
    )
    memberships = list(
        Membership.objects.filter(organisation_id=organisation_id, person_id__in=ids).values_list(
            "person_id", "site_id"
        )
    )
    changes = [_person(organisation_id, person, site) for person, site in memberships]
    for card in cards:
        sites = [site for person, site in memberships if person == card.person_id]
        changes += [_card(card, site, is_gone=False) for site in sites]
    _write(changes)


def mark_arrival(person: Person, cards: Iterable[Card], site_id: UUID) -> None:
    """Tell one site of a person and their cards."""
    changes = [_person(person.organisation_id, person.id, site_id)]
    _write([*changes, *(_card(card, site_id, is_gone=False) for card in cards)])


def mark_arrivals(
    organisation_id: UUID, memberships: Sequence[tuple[UUID, UUID]], cards: Sequence[Card]
) -> None:
    """As `mark_arrival`, for many (person, site) at once; `cards` are all those people's."""
    changes = [_person(organisation_id, person, site) for person, site in memberships]
    for card in cards:
        sites = [site for person, site in memberships if person == card.person_id]
        changes += [_card(card, site, is_gone=False) for site in sites]
    _write(changes)


def mark_departure(person: Person, cards: Iterable[Card], site_id: UUID) -> None:
    """Tell one site that a person eats there no more."""
    gone = FeedChange(
        person.organisation_id, f"site:{site_id}", FeedKind.PERSON, str(person.id), tombstone=True
    )
    _write([gone, *(_card(card, site_id, is_gone=True) for card in cards)])


def mark_cards_gone(card: Card, site_ids: Iterable[UUID]) -> None:
    """Tell sites that a card is none of theirs any more."""
    _write([_card(card, site_id, is_gone=True) for site_id in site_ids])


def sites_of(person: Person) -> list[UUID]:
    """Return the sites where the person may eat."""
    rows = Membership.objects.filter(organisation_id=person.organisation_id, person=person)
    return sorted(rows.values_list("site_id", flat=True))


def _person(organisation_id: UUID, person_id: UUID, site_id: UUID) -> FeedChange:
    return FeedChange(organisation_id, f"site:{site_id}", FeedKind.PERSON, str(person_id))


def _card(card: Card, site_id: UUID, *, is_gone: bool) -> FeedChange:
    scope = f"site:{site_id}"
    return FeedChange(card.organisation_id, scope, FeedKind.CARD, card.card_key, tombstone=is_gone)


def _write(changes: Sequence[FeedChange]) -> None:
    assert connection.in_atomic_block, "a feed change belongs to the transaction of its cause"
    if changes:
        with connection.cursor() as cursor:
            write_now(cursor, changes)

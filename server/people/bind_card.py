"""Cards: bound to a person, lost, found, returned, replaced.

A card is named by `card_key`, the HMAC of its UID under the organisation's card key, made by
whoever read the card (`sync.signing.card_reference`).
"""

from datetime import datetime

from django.db import transaction

from domain.errors import Refused
from domain.ids import RandomBytes
from domain.offline_policy import Assurance
from server.fresh import fresh_id
from server.people.feed_marks import mark_cards_gone, sites_of, touch_person
from server.people.models import Card, CardState, Person


def bind_card(
    person: Person,
    card_key: str,
    *,
    now: datetime,
    random: RandomBytes,
    label: str = "",
    assurance: Assurance = Assurance.CARD_UID,
) -> Card:
    """Give the card to the person; raises `Refused` ("cards.taken", "cards.lost").

    A card that was returned may go to somebody else. A lost one must first be found.
    """
    with transaction.atomic():
        card = _card_for(person, card_key, now, random)
        card.person = person
        card.state = CardState.ACTIVE
        card.label = label
        card.assurance = assurance
        card.bound_at = now
        card.lost_at = card.returned_at = None
        card.save()
        touch_person(person, card)
    return card


def lose_card(card: Card, *, now: datetime) -> None:
    """Report the card lost: what is signed with it after `now` is not its owner's."""
    _end(card, CardState.LOST, lost_at=now)


def find_card(card: Card) -> None:
    """Take the report back: the card pays again."""
    if card.state != CardState.LOST:
        raise Refused("cards.unknown")
    _end(card, CardState.ACTIVE, lost_at=None)


def return_card(card: Card, *, now: datetime) -> None:
    """Take the card back; it may be given to somebody else."""
    _end(card, CardState.RETURNED, returned_at=now)


def replace_card(
    lost: Card, card_key: str, *, now: datetime, random: RandomBytes, label: str = ""
) -> Card:
    """Report `lost` lost, if it is not yet, and bind another card to its person."""
    with transaction.atomic():
        if lost.state == CardState.ACTIVE:
            lose_card(lost, now=now)
        return bind_card(lost.person, card_key, now=now, random=random, label=label)


def _card_for(person: Person, card_key: str, now: datetime, random: RandomBytes) -> Card:
    found = (
        Card.objects.select_for_update()
        .filter(organisation_id=person.organisation_id, card_key=card_key)
        .first()
    )
    if found is None:
        return Card(
            id=fresh_id(now, random), organisation_id=person.organisation_id, card_key=card_key
        )
    if found.state == CardState.LOST:
        raise Refused("cards.lost")
    if found.state == CardState.ACTIVE and found.person_id != person.id:
        raise Refused("cards.taken")
    if found.person_id != person.id:
        # Sites that only knew the former owner must forget the card
        gone = set(sites_of(found.person)) - set(sites_of(person))
        mark_cards_gone(found, gone)
    return found


def _end(card: Card, state: CardState, **changes: datetime | None) -> None:
    with transaction.atomic():
        card.state = state
        for name, value in changes.items():
            setattr(card, name, value)
        card.save(update_fields=["state", *changes])
        touch_person(card.person, card)

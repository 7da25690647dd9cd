"""Cards: bound to a person, lost, found, returned, replaced.

A card is named by `card_key`, the HMAC of its UID under the organisation's card key, made by
whoever read the card (`sync.signing.card_reference`). Each step leaves a `CardEvent`.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid5

from django.db import transaction
from django.db.models import Count

from domain.errors import Refused
from domain.ids import RandomBytes
from domain.offline_policy import Assurance
from server.fresh import fresh_id
from server.people.feed_marks import mark_cards_gone, sites_of, touch_person
from server.people.models import Card, CardEvent, CardEventKind, CardState, Person


def bind_card(
    person: Person,
    card_key: str,
    *,
    now: datetime,
    random: RandomBytes,
    label: str = "",
    assurance: Assurance = Assurance.CARD_UID,
    by: str = "",
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
        write_events([card], CardEventKind.BOUND, now=now, by=by)
        touch_person(person, card)
    return card


def lose_card(card: Card, *, now: datetime, lost_at: datetime | None = None, by: str = "") -> None:
    """Report the card lost: what is signed with it after `lost_at` is not its owner's.

    `lost_at` is when it got lost, as its owner says; by default now, never later.
    """
    since = lost_at or now
    if since > now:
        raise Refused("cards.lost_in_future")
    if card.state == CardState.RETURNED:
        raise Refused("cards.not_active")
    _end(card, CardState.LOST, CardEventKind.LOST, now, by, lost_at=since)


def find_card(card: Card, *, now: datetime, by: str = "") -> None:
    """Take the report back: the card pays again."""
    if card.state != CardState.LOST:
        raise Refused("cards.unknown")
    _end(card, CardState.ACTIVE, CardEventKind.FOUND, now, by, lost_at=None)


def return_card(card: Card, *, now: datetime, by: str = "") -> None:
    """Take the card back; it may be given to somebody else."""
    _end(card, CardState.RETURNED, CardEventKind.RETURNED, now, by, returned_at=now)


def unbind_card(card: Card, *, now: datetime, by: str = "") -> None:
    """Take a binding back that was a slip of the hand; the card may go to somebody else."""
    if card.state != CardState.ACTIVE:
        raise Refused("cards.none_bound")
    _end(card, CardState.RETURNED, CardEventKind.UNBOUND, now, by, returned_at=now)


def replace_card(
    lost: Card,
    card_key: str,
    *,
    now: datetime,
    random: RandomBytes,
    label: str = "",
    by: str = "",
) -> Card:
    """Report `lost` lost, if it is not yet, and bind another card to its person."""
    with transaction.atomic():
        if lost.state == CardState.ACTIVE:
            lose_card(lost, now=now, by=by)
        return bind_card(lost.person, card_key, now=now, random=random, label=label, by=by)


def write_events(cards: Sequence[Card], kind: CardEventKind, *, now: datetime, by: str) -> None:
    """Write down what happened to cards; inside atomic(), once the cards say so themselves."""
    if not cards:
        return
    ids = [card.id for card in cards]
    rows = CardEvent.objects.filter(
        organisation_id=cards[0].organisation_id, card_id__in=ids
    ).values("card_id")
    counts = dict(rows.annotate(count=Count("id")).values_list("card_id", "count"))
    CardEvent.objects.bulk_create(
        CardEvent(
            id=uuid5(card.id, str(counts.get(card.id, 0))),
            place=counts.get(card.id, 0),
            organisation_id=card.organisation_id,
            card=card,
            person_id=card.person_id,
            kind=kind,
            at=now,
            by=by,
        )
        for card in cards
    )


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


def _end(
    card: Card,
    state: CardState,
    kind: CardEventKind,
    now: datetime,
    by: str,
    **changes: datetime | None,
) -> None:
    with transaction.atomic():
        card.state = state
        for name, value in changes.items():
            setattr(card, name, value)
        card.save(update_fields=["state", *changes])
        write_events([card], kind, now=now, by=by)
        touch_person(card.person, card)

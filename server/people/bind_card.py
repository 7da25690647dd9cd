"""Cards: bound to a person, lost, found, returned, replaced.

A card is named by `card_key`, the HMAC of its UID under the organisation's card key, made by
whoever read the card (`sync.signing.card_reference`). Each step locks the owner, then the card, and
leaves a `CardEvent`.
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
from server.people.models import Card, CardEvent, CardEventKind, CardState, Person, PersonState


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
    """Give the card to the person; raises `Refused` ("cards.taken", "cards.lost", "people.left").

    A card that was returned may go to somebody else. A lost one must first be found.
    """
    with transaction.atomic():
        if _locked_owner(person).state == PersonState.LEFT:
            raise Refused("people.left")
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


def prove_card(card: Card) -> None:
    """The card proved itself by its keys to a desk of ours: its payments get the caps of that.

    What was bound by a typed or listed number stays a number until then, and is one again when it
    is bound anew. Raises `Refused` ("cards.taken", "cards.not_active").
    """
    with transaction.atomic():
        held = _locked(card)
        if held.state != CardState.ACTIVE:
            raise Refused("cards.not_active")
        if held.assurance != Assurance.MUTUAL_CARD:
            held.assurance = Assurance.MUTUAL_CARD
            held.save(update_fields=["assurance"])
            touch_person(held.person, held)
    card.refresh_from_db()


def lose_card(card: Card, *, now: datetime, lost_at: datetime | None = None, by: str = "") -> None:
    """Report the card lost: what is signed with it after `lost_at` is not its owner's.

    `lost_at` is when it got lost, as its owner says; by default now, never later.
    """
    since = lost_at or now
    if since > now:
        raise Refused("cards.lost_in_future")
    with transaction.atomic():
        held = _locked(card)
        if held.state == CardState.RETURNED:
            raise Refused("cards.not_active")
        _end(held, CardState.LOST, CardEventKind.LOST, now, by, lost_at=since)
    card.refresh_from_db()


def find_card(card: Card, *, now: datetime, by: str = "") -> None:
    """Take the report back: the card pays again, or is free when its owner left meanwhile."""
    with transaction.atomic():
        held = _locked(card)
        if held.state != CardState.LOST:
            raise Refused("cards.unknown")
        if held.person.state == PersonState.LEFT:
            _end(held, CardState.RETURNED, CardEventKind.RETURNED, now, by, returned_at=now)
        else:
            _end(held, CardState.ACTIVE, CardEventKind.FOUND, now, by, lost_at=None)
    card.refresh_from_db()


def return_card(card: Card, *, now: datetime, by: str = "") -> None:
    """Take the card back; it may be given to somebody else."""
    with transaction.atomic():
        held = _locked(card)
        if held.state == CardState.RETURNED:
            return
        _end(held, CardState.RETURNED, CardEventKind.RETURNED, now, by, returned_at=now)
    card.refresh_from_db()


def unbind_card(card: Card, *, now: datetime, by: str = "") -> None:
    """Take a binding back that was a slip of the hand; the card may go to somebody else."""
    with transaction.atomic():
        held = _locked(card)
        if held.state != CardState.ACTIVE:
            raise Refused("cards.none_bound")
        _end(held, CardState.RETURNED, CardEventKind.UNBOUND, now, by, returned_at=now)
    card.refresh_from_db()


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
        if _locked(lost).state == CardState.ACTIVE:
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


def _locked_owner(person: Person) -> Person:
    return Person.objects.select_for_update().get(
        organisation_id=person.organisation_id, id=person.id
    )


def _locked(card: Card) -> Card:
    """Lock owner and card, in the order in which somebody leaves, and return the card as it is.

    Raises `Refused("cards.taken")` when it has another owner by now than the caller was shown.
    """
    owner = _locked_owner(card.person)
    held = Card.objects.select_for_update().get(organisation_id=card.organisation_id, id=card.id)
    if held.person_id != owner.id:
        raise Refused("cards.taken")
    held.person = owner
    return held


def _end(
    card: Card,
    state: CardState,
    kind: CardEventKind,
    now: datetime,
    by: str,
    **changes: datetime | None,
) -> None:
    """Write down the next state of a locked card."""
    card.state = state
    for name, value in changes.items():
        setattr(card, name, value)
    card.save(update_fields=["state", *changes])
    write_events([card], kind, now=now, by=by)
    touch_person(card.person, card)

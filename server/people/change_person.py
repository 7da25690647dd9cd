"""Freeze, free and part with people; give them a PIN.

What must happen elsewhere when somebody leaves (their consent ends) is registered by wiring:
this app does not know who cares.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from domain.errors import Refused
from domain.ids import RandomBytes
from server.people.bind_card import write_events
from server.people.feed_marks import touch_person
from server.people.models import Card, CardEventKind, CardState, Person, PersonState
from sync import pins
from sync.signing import digits_reference

Departure = Callable[[UUID, UUID, datetime], None]
"""(organisation, person, now): called inside the transaction in which the person leaves."""

MIN_PIN_LENGTH = 4
MAX_PIN_LENGTH = 12
_departures: list[Departure] = []


def on_departure(callback: Departure) -> None:
    """Call `callback` whenever a person leaves; registering twice is once."""
    if callback not in _departures:
        _departures.append(callback)


def freeze_person(person: Person, *, now: datetime) -> None:
    """Stop a person from paying: sales signed after `now` are disputed, not debited."""
    _change(person, PersonState.ACTIVE, PersonState.FROZEN, frozen_at=now)


def free_person(person: Person) -> None:
    """Let a frozen person pay again."""
    _change(person, PersonState.FROZEN, PersonState.ACTIVE, frozen_at=None)


def part_with_person(person: Person, *, now: datetime, by: str = "") -> None:
    """The person leaves the organisation; the books keep their name, nothing else may.

    Their cards count as returned, so that they may go to somebody else; one that was reported
    lost stays lost. What is left in their wallets stays owed to them (`wallets.list_owed`).
    """
    with transaction.atomic():
        held = _locked(person)
        if held.state == PersonState.LEFT:
            return
        _save(held, PersonState.LEFT, left_at=now, face_auto=False)
        for callback in _departures:
            callback(held.organisation_id, held.id, now)
        touch_person(held, *_take_cards(held, now=now, by=by))
    person.refresh_from_db()


def hold_present(organisation_id: UUID, person_id: UUID) -> None:
    """Lock a person to the end of the transaction, for what must not outlive their leaving.

    Raises `Refused("people.left")` for who has left.
    """
    rows = Person.objects.select_for_update().filter(id=person_id, organisation_id=organisation_id)
    held = rows.first()
    if held is not None and held.state == PersonState.LEFT:
        raise Refused("people.left")


def set_person_pin(person: Person, pin: str, *, random: RandomBytes) -> None:
    """Give the person a PIN for "by number" and second factors; 4 to 12 digits."""
    if not (pin.isascii() and pin.isdigit()) or len(pin) > MAX_PIN_LENGTH:
        raise Refused("pins.malformed")
    if len(pin) < MIN_PIN_LENGTH:
        raise Refused("pins.too_short")
    with transaction.atomic():
        person.pin_hash = pins.hash_pin(pin, random(pins.SALT_LENGTH))
        person.save(update_fields=["pin_hash"])
        touch_person(person)


def set_last_digits(person: Person, digits: str, *, card_key: bytes) -> None:
    """Keep a keyed hash of the last four digits that serve as second factor, never the digits."""
    if not (digits.isascii() and digits.isdigit() and len(digits) == 4):
        raise Refused("pins.malformed")
    with transaction.atomic():
        person.digits_hash = digits_reference(card_key, person.id, digits)
        person.save(update_fields=["digits_hash"])
        touch_person(person)


def _change(person: Person, before: PersonState, after: PersonState, **changes: object) -> None:
    with transaction.atomic():
        held = _locked(person)
        if held.state == after:
            return
        if held.state != before:
            raise Refused(f"people.{held.state}")
        _save(held, after, **changes)
        touch_person(held)
    person.refresh_from_db()


def _take_cards(person: Person, *, now: datetime, by: str) -> list[Card]:
    rows = Card.objects.select_for_update().filter(
        organisation_id=person.organisation_id, person=person, state=CardState.ACTIVE
    )
    cards = list(rows.order_by("card_key"))
    for card in cards:
        card.state, card.returned_at = CardState.RETURNED, now
    Card.objects.bulk_update(cards, ["state", "returned_at"])
    write_events(cards, CardEventKind.RETURNED, now=now, by=by)
    return cards


def _locked(person: Person) -> Person:
    return Person.objects.select_for_update().get(
        id=person.id, organisation_id=person.organisation_id
    )


def _save(person: Person, state: PersonState, **changes: object) -> None:
    person.state = state
    for name, value in changes.items():
        setattr(person, name, value)
    person.save(update_fields=["state", *changes])

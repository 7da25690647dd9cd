"""Who a payer reference names, and what deciding a payment must know of them.

Three queries for any number of references: cards, people, memberships. A profile may be kept for
a second at most; the command re-reads state and version under its lock (`read_versions`).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from domain.authorization import PersonState, Shortfall
from domain.people_names import mask_name
from server.people.models import Card, Membership, Person


@dataclass(frozen=True, slots=True)
class PayerCard:
    """The card that was shown. A sale signed after `lost_at` is not the person's."""

    card_key: str
    state: str
    assurance: int
    lost_at: datetime | None
    returned_at: datetime | None


@dataclass(frozen=True, slots=True)
class PayerProfile:
    """One payer. `card` is set when the reference was a card; hashes never reach a message."""

    person_id: UUID
    number: str
    masked_name: str
    category: str
    state: PersonState
    version: int
    site_ids: frozenset[UUID]
    second_factor: str
    shortfall: Shortfall
    debt_limit_amount: int
    frozen_at: datetime | None
    left_at: datetime | None
    face_auto: bool
    show_balance: bool
    pin_hash: str
    digits_hash: str
    card: PayerCard | None = None


def read_payers(organisation_id: UUID, references: Sequence[str]) -> dict[str, PayerProfile]:
    """Return the payer of each reference that names one of this organisation's people.

    References are as in `sync.messages.Intent.payer`. Cash, codes, malformed and unknown
    references are missing from the answer. A lost or returned card still names its person: what
    to do about it depends on when it was used.
    """
    wanted = {reference: _split(reference) for reference in references}
    cards = _cards(organisation_id, _values(wanted, "card"))
    person_ids = _uuids(_values(wanted, "person"))
    person_ids |= {card.person_id for card in cards.values()}
    people = _people(organisation_id, person_ids, _values(wanted, "number"))
    sites = _sites(organisation_id, [person.id for person in people])
    by_id = {person.id: _profile(person, sites.get(person.id, frozenset())) for person in people}
    by_number = {profile.number: profile for profile in by_id.values()}
    found: dict[str, PayerProfile] = {}
    for reference, (kind, value) in wanted.items():
        profile = _pick(kind, value, by_id, by_number, cards)
        if profile is not None:
            found[reference] = profile
    return found


@dataclass(frozen=True, slots=True)
class PersonVersion:
    """What a command compares under its lock."""

    version: int
    state: PersonState
    frozen_at: datetime | None


def read_versions(organisation_id: UUID, person_ids: Collection[UUID]) -> dict[UUID, PersonVersion]:
    """Return the present state and version of people, in one query on the caller's connection."""
    rows = Person.objects.filter(organisation_id=organisation_id, id__in=person_ids).values_list(
        "id", "version", "state", "frozen_at"
    )
    return {
        id: PersonVersion(version, PersonState(state), frozen_at)
        for id, version, state, frozen_at in rows
    }


def _split(reference: str) -> tuple[str, str]:
    kind, _, value = reference.partition(":")
    # NUL is in no number or key, and PostgreSQL will not even be asked about it
    return ("", "") if "\x00" in value else (kind, value)


def _values(wanted: dict[str, tuple[str, str]], kind: str) -> set[str]:
    return {value for found, value in wanted.values() if found == kind and value}


def _uuids(texts: set[str]) -> set[UUID]:
    found = set()
    for text in texts:
        try:
            found.add(UUID(text))
        except ValueError:
            continue
    return found


def _cards(organisation_id: UUID, keys: set[str]) -> dict[str, Card]:
    if not keys:
        return {}
    rows = Card.objects.filter(organisation_id=organisation_id, card_key__in=keys)
    return {card.card_key: card for card in rows}


def _people(organisation_id: UUID, ids: set[UUID], numbers: set[str]) -> list[Person]:
    if not ids and not numbers:
        return []
    named = Q(id__in=ids) | Q(number__in=numbers)
    return list(
        Person.objects.filter(named, organisation_id=organisation_id).select_related("category")
    )


def _sites(organisation_id: UUID, person_ids: list[UUID]) -> dict[UUID, frozenset[UUID]]:
    if not person_ids:
        return {}
    found: dict[UUID, frozenset[UUID]] = {}
    rows = Membership.objects.filter(
        organisation_id=organisation_id, person_id__in=person_ids
    ).values_list("person_id", "site_id")
    for person_id, site_id in rows:
        found[person_id] = found.get(person_id, frozenset()) | {site_id}
    return found


def _profile(person: Person, site_ids: frozenset[UUID]) -> PayerProfile:
    category = person.category
    return PayerProfile(
        person_id=person.id,
        number=person.number,
        masked_name=mask_name(person.name),
        category=category.code,
        state=PersonState(person.state),
        version=person.version,
        site_ids=site_ids,
        second_factor=category.second_factor,
        shortfall=Shortfall(category.shortfall),
        debt_limit_amount=category.debt_limit_amount,
        frozen_at=person.frozen_at,
        left_at=person.left_at,
        face_auto=person.face_auto,
        show_balance=category.show_balance,
        pin_hash=person.pin_hash,
        digits_hash=person.digits_hash,
    )


def _pick(
    kind: str,
    value: str,
    by_id: dict[UUID, PayerProfile],
    by_number: dict[str, PayerProfile],
    cards: dict[str, Card],
) -> PayerProfile | None:
    if kind == "number":
        return by_number.get(value)
    if kind == "person":
        return next((by_id[id] for id in _uuids({value}) if id in by_id), None)
    card = cards.get(value) if kind == "card" else None
    if card is None:
        return None
    return _with_card(by_id[card.person_id], card)


def _with_card(profile: PayerProfile, card: Card) -> PayerProfile:
    shown = PayerCard(card.card_key, card.state, card.assurance, card.lost_at, card.returned_at)
    return replace(profile, card=shown)

"""Who a payer reference names, and what deciding a payment must know of them.

One query per kind of reference, for any number of references, and in SQL: this is on the path of
every payment, where the ORM costs more than the database. A profile may be kept for a second at
most; the command re-reads state and version under its lock (`read_versions`).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from domain.authorization import PersonState, Shortfall
from domain.people_names import mask_name
from server import sql
from server.people.models import Person

_PERSON = """
p.id, p.number, p.name, p.state, p.version, p.frozen_at, p.left_at, p.face_auto, p.pin_hash,
p.digits_hash, g.code, g.second_factor, g.shortfall, g.debt_limit_amount, g.show_balance,
p.organisation_id, m.site_id
"""
_REST = """
JOIN people_category g ON g.id = p.category_id LEFT JOIN people_membership m ON m.person_id = p.id
"""
CARDS = f"""
SELECT c.card_key, c.state, c.assurance, c.lost_at, c.returned_at, {_PERSON}
FROM people_card c JOIN people_person p ON p.id = c.person_id {_REST}
WHERE c.card_key IN {{any}} AND c.organisation_id = %s
"""
# By the primary key alone: an engine that knows little of a young table may prefer the index of
# the organisation and look at everybody. Whose they are is compared below
BY_ID = f"SELECT {_PERSON} FROM people_person p {_REST} WHERE p.id IN {{any}}"
BY_NUMBER = f"""
SELECT {_PERSON} FROM people_person p {_REST}
WHERE p.number IN {{any}} AND p.organisation_id = %s
"""
_ORGANISATION, _SITE = -2, -1
"""Where a person's row says whose it is, and one site: a row per site, one if there is none."""


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
    pin_hash: str = field(repr=False)
    digits_hash: str = field(repr=False)
    card: PayerCard | None = None


_Holder = tuple[PayerCard, UUID]
"""A card and its person."""


def read_payers(organisation_id: UUID, references: Sequence[str]) -> dict[str, PayerProfile]:
    """Return the payer of each reference that names one of this organisation's people.

    References are as in `sync.messages.Intent.payer`. Cash, codes, malformed and unknown
    references are missing from the answer. A lost or returned card still names its person: what
    to do about it depends on when it was used.
    """
    wanted = {reference: _split(reference) for reference in references}
    with connection.cursor() as cursor:
        cards = _cards(cursor, organisation_id, _values(wanted, "card"))
        numbers, ids = _values(wanted, "number"), _uuids(_values(wanted, "person"))
        people = _people(cursor, organisation_id, set(ids.values()), numbers)
        rows = [row[5:] for row in cards] + people
    by_id = _profiles(rows)
    by_number = {profile.number: profile for profile in by_id.values()}
    holders = {row[0]: (_card(row), sql.to_uuid(row[5])) for row in cards}
    found: dict[str, PayerProfile] = {}
    for reference, (kind, value) in wanted.items():
        if kind == "person":
            profile = by_id.get(ids[value]) if value in ids else None
        else:
            profile = _pick(kind, value, by_id, by_number, holders)
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


def _uuids(texts: set[str]) -> dict[str, UUID]:
    found = {}
    for text in texts:
        try:
            found[text] = UUID(text)
        except ValueError:
            continue
    return found


def _cards(cursor: Any, organisation_id: UUID, keys: set[str]) -> list[tuple[Any, ...]]:
    return sql.select(cursor, CARDS, keys, organisation_id, kind="text")


def _people(
    cursor: Any, organisation_id: UUID, ids: set[UUID], numbers: set[str]
) -> list[tuple[Any, ...]]:
    by_id = sql.select(cursor, BY_ID, ids)
    by_number = sql.select(cursor, BY_NUMBER, numbers, organisation_id, kind="text")
    mine = [row for row in by_id if sql.to_uuid(row[_ORGANISATION]) == organisation_id]
    return mine + by_number


def _profiles(rows: Sequence[Sequence[Any]]) -> dict[UUID, PayerProfile]:
    sites: dict[UUID, set[UUID]] = {}
    first: dict[UUID, Sequence[Any]] = {}
    for row in rows:
        person_id = sql.to_uuid(row[0])
        first.setdefault(person_id, row)
        eats_at = sites.setdefault(person_id, set())
        if row[_SITE] is not None:
            eats_at.add(sql.to_uuid(row[_SITE]))
    return {id: _profile(id, row, frozenset(sites[id])) for id, row in first.items()}


def _card(row: Sequence[Any]) -> PayerCard:
    key, state, assurance, lost_at, returned_at = row[:5]
    return PayerCard(key, state, assurance, _instant(lost_at), _instant(returned_at))


def _profile(person_id: UUID, row: Sequence[Any], site_ids: frozenset[UUID]) -> PayerProfile:
    return PayerProfile(
        person_id=person_id,
        number=row[1],
        masked_name=mask_name(row[2]),
        state=PersonState(row[3]),
        version=row[4],
        frozen_at=_instant(row[5]),
        left_at=_instant(row[6]),
        face_auto=bool(row[7]),
        pin_hash=row[8],
        digits_hash=row[9],
        category=row[10],
        second_factor=row[11],
        shortfall=Shortfall(row[12]),
        debt_limit_amount=row[13],
        show_balance=bool(row[14]),
        site_ids=site_ids,
    )


def _instant(value: Any) -> datetime | None:
    return None if value is None else sql.to_instant(value)


def _pick(
    kind: str,
    value: str,
    by_id: Mapping[UUID, PayerProfile],
    by_number: Mapping[str, PayerProfile],
    cards: Mapping[str, _Holder],
) -> PayerProfile | None:
    if kind == "number":
        return by_number.get(value)
    holder = cards.get(value) if kind == "card" else None
    if holder is None:
        return None
    card, person_id = holder
    return replace(by_id[person_id], card=card)

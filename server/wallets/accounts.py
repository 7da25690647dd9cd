"""The accounts of a person's money, named in one place.

A person's cash and debt belong to the person; a subsidy or meal count belongs to the person's
share of one grant, so that it can only ever be spent as that grant allows and return to it.
"""

from functools import lru_cache
from uuid import UUID, uuid5

from server.ledger.commands import AccountKey

CNY = "CNY"
MEAL = "MEAL"
KEPT = 1 << 15
"""People whose account keys are kept, ids and all: they come every day (some 20 MB a kind)."""


@lru_cache(maxsize=KEPT)
def cash_account(organisation_id: UUID, person_id: UUID) -> AccountKey:
    """The person's own money: never below zero."""
    return AccountKey(organisation_id, "person", person_id, "cash", CNY, floor=0)


@lru_cache(maxsize=KEPT)
def debt_account(organisation_id: UUID, person_id: UUID) -> AccountKey:
    """What the person owes, as a balance ≤ 0 without a floor: a fact can never fail here."""
    return AccountKey(organisation_id, "person", person_id, "debt", CNY, floor=None)


def share_id(person_id: UUID, grant_id: UUID) -> UUID:
    """The id of a person's share of a grant, which owns the share's account."""
    return uuid5(person_id, str(grant_id))


def share_account(organisation_id: UUID, share: UUID, kind: str) -> AccountKey:
    """The account of a share: `kind` subsidy (fen) or meal (a count); never below zero."""
    unit = MEAL if kind == "meal" else CNY
    return AccountKey(organisation_id, "grant_share", share, kind, unit, floor=0)


def grant_budget(organisation_id: UUID, grant_id: UUID, kind: str) -> AccountKey:
    """The budget that a grant is paid from; negative by what was granted and not returned."""
    unit = MEAL if kind == "meal" else CNY
    return AccountKey(organisation_id, "grant", grant_id, "subsidy_funder", unit)


def bank_account(organisation_id: UUID) -> AccountKey:
    """The organisation's bank account, where top-ups arrive; negative by what it holds."""
    return AccountKey(organisation_id, "organisation", organisation_id, "bank")


def drawer_account(organisation_id: UUID, shift_id: UUID) -> AccountKey:
    """The cash in the drawer of one shift: negative by what it holds."""
    return AccountKey(organisation_id, "shift", shift_id, "drawer")


def meal_redeemed(organisation_id: UUID) -> AccountKey:
    """Meals that were eaten: the meal side of turning a count into money."""
    return AccountKey(organisation_id, "organisation", organisation_id, "meal_redeemed", MEAL)


def meal_conversion(organisation_id: UUID) -> AccountKey:
    """What eaten meals cost at their stated value: the money side of the same."""
    return AccountKey(organisation_id, "organisation", organisation_id, "meal_conversion")

"""The accounts that a payment moves besides the payer's own."""

from functools import lru_cache
from uuid import UUID

from server.channels.channel import channel_owner_id
from server.ledger.commands import AccountKey, CounterKey

PAYABLE = "payable"
DISPUTED = "disputed"
CASH_TAKINGS = "cash_takings"


@lru_cache(maxsize=1_024)
def merchant_account(organisation_id: UUID, merchant_id: UUID, side: str) -> AccountKey:
    """What the merchant is owed: `side` payable or disputed; or holds itself: cash_takings."""
    return AccountKey(organisation_id, "merchant", merchant_id, side)


def suspense_account(organisation_id: UUID) -> AccountKey:
    """Who bears a disputed sale is not known yet: negative until a person decides."""
    return AccountKey(organisation_id, "organisation", organisation_id, "suspense_short")


def surplus_account(organisation_id: UUID) -> AccountKey:
    """Money we hold that belongs to a payer, such as a channel's late success, until returned."""
    return AccountKey(organisation_id, "organisation", organisation_id, "suspense_long")


def receivable_account(organisation_id: UUID, channel: str) -> AccountKey:
    """What a channel has taken for us and not paid out: negative while it owes us."""
    owner = channel_owner_id(organisation_id, channel)
    return AccountKey(organisation_id, "channel", owner, "receivable")


def drawer_account(organisation_id: UUID, shift_id: UUID) -> AccountKey:
    """The cash in the drawer of one shift: negative by what it holds."""
    return AccountKey(organisation_id, "shift", shift_id, "drawer")


def drawer_suspense(organisation_id: UUID, shift_id: UUID) -> AccountKey:
    """Cash that was handed out of a shift's drawer without a payment to back it."""
    return AccountKey(organisation_id, "shift", shift_id, "drawer_suspense")


def variance_account(organisation_id: UUID, merchant_id: UUID) -> AccountKey:
    """What offline totals differed from the posted prices, per merchant."""
    return AccountKey(organisation_id, "merchant", merchant_id, "pricing_variance")


def variance_offset(organisation_id: UUID) -> AccountKey:
    """The other side of every variance: the payer and the merchant keep the counter's total."""
    return AccountKey(organisation_id, "organisation", organisation_id, "pricing_variance")


def meal_counter(
    organisation_id: UUID, person_id: UUID, business_on: object, period: str, limit: int | None
) -> CounterKey:
    """The entitlement: portions of one meal of one business day, on the person."""
    return CounterKey(
        organisation_id, f"person:{person_id}", "meal", f"{business_on}/{period}", limit
    )

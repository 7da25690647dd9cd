"""The accounts that settlement moves. What we owe is positive (0007)."""

from typing import Final
from uuid import UUID

from server.ledger.commands import AccountKey
from server.payments.accounts import PAYABLE, merchant_account

OWN_CAUSES: Final = ("day_close", "settlement_batch")
"""Transfers of these causes on a merchant's payable are what settlement itself took of it."""


def payee_account(organisation_id: UUID, kind: str, payee_id: UUID) -> AccountKey:
    """What we owe a payee: a merchant's payable, an agent's commission, a receiver's share."""
    if kind == "merchant":
        return merchant_account(organisation_id, payee_id, PAYABLE)
    side = "commission" if kind == "agent" else PAYABLE
    return AccountKey(organisation_id, kind, payee_id, side)


def fee_income(organisation_id: UUID) -> AccountKey:
    """What merchants' fees left us, agents apart."""
    return AccountKey(organisation_id, "organisation", organisation_id, "fee_income")


def own_discount(organisation_id: UUID, merchant_id: UUID) -> AccountKey:
    """Discounts that the merchant bears itself: negative until its day is closed."""
    return AccountKey(organisation_id, "merchant", merchant_id, "discount_expense")


def in_transit(organisation_id: UUID) -> AccountKey:
    """Payouts that the bank has not confirmed."""
    return AccountKey(organisation_id, "organisation", organisation_id, "payout_in_transit")


def bad_debt(organisation_id: UUID) -> AccountKey:
    """What was given up by four eyes: negative, a loss."""
    return AccountKey(organisation_id, "organisation", organisation_id, "bad_debt")

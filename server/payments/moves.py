"""How a payment moves money: sold, held, given back. Pure functions from row to row over a draft.

Signs are the books' own: what the organisation owes is positive. A sale takes from the payer's
legs and gives to the merchant; giving back is its mirror, except that money for a person's own
cash repays that person's debt first, so that nobody owns cash and debt at once.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID, uuid5

from msgspec.structs import replace

from domain.payment_states import PaymentEvent, PaymentState, advance
from server.ledger.commands import AccountKey, HoldEnded, HoldOpened
from server.payments.accounts import (
    meal_counter,
    merchant_account,
    variance_account,
    variance_offset,
)
from server.payments.draft import Draft
from server.payments.legs import Leg, Part, give_back, left_of
from server.payments.rows import PaymentRow, RefundRow
from server.wallets.accounts import (
    cash_account,
    debt_account,
    meal_conversion,
    meal_redeemed,
)

Amounts = dict[AccountKey, int]


def sell(
    draft: Draft, row: PaymentRow, legs: Sequence[Leg], side: str, event: PaymentEvent
) -> PaymentRow:
    """Post a sale by `legs` to the merchant's `side` and return the payment as succeeded.

    A payment that was reversed before is sold again under a purpose of its own.
    """
    amounts: Amounts = {}
    for leg in legs:
        _take(amounts, leg)
    _add(amounts, merchant_account(row.organisation, row.merchant, side), _total(legs))
    if row.price_amount is not None and row.price_amount != row.total_amount:
        _vary(draft, row, amounts)
    purpose = "sale_again" if row.state is PaymentState.REVERSED else "sale"
    draft.post(row, purpose, amounts, row.person)
    debt = sum(leg.amount for leg in legs if leg.account.kind == "debt")
    return replace(
        row,
        state=advance(row.state, event),
        legs=tuple(legs),
        merchant_side=side,
        debt_amount=debt,
        code="",
        changed_at=draft.now,
    )


def hold(draft: Draft, row: PaymentRow, legs: Sequence[Leg], side: str) -> PaymentRow:
    """Hold `legs` for a payment that waits for the rest of its order."""
    for leg in legs:
        opened = HoldOpened(
            _hold_id(row, leg), leg.account, leg.units, "payment", row.id, draft.now
        )
        draft.hold(opened, row.person)
    return replace(
        row,
        state=advance(row.state, PaymentEvent.SUBMIT),
        legs=tuple(legs),
        merchant_side=side,
        changed_at=draft.now,
    )


def end_holds(draft: Draft, row: PaymentRow, *, posted: bool) -> None:
    """End the holds of a held payment, by their owner."""
    for leg in row.legs:
        ended = HoldEnded(
            _hold_id(row, leg), leg.account, leg.units, "payment", row.id, draft.now, posted
        )
        draft.hold(ended, row.person)


def repay_debt(draft: Draft, row: PaymentRow) -> None:
    """Let cash that a hold has released repay what its owner owes meanwhile."""
    if row.person is None:
        return
    cash = cash_account(row.organisation, row.person)
    debt = debt_account(row.organisation, row.person)
    amount = min(draft.state(cash).available, -draft.state(debt).balance)
    draft.post(row, "repayment", {cash: -amount, debt: amount}, row.person)


def undo(draft: Draft, row: PaymentRow, event: PaymentEvent) -> PaymentRow:
    """Give back what refunds have left of a sale, in one transfer."""
    _, parts, _ = give_back(row.legs, left_of(row.legs))
    return_parts(draft, row, parts, row, "reversal")
    row = give_portions_back(draft, row)
    return replace(row, state=advance(row.state, event), changed_at=draft.now)


def return_parts(
    draft: Draft, row: PaymentRow, parts: Iterable[Part], cause: PaymentRow | RefundRow,
    purpose: str,
) -> None:  # fmt: skip
    """Post `parts` of a payment back to where they came from, taken from the merchant's side."""
    amounts: Amounts = {}
    own_cash = 0
    for part in parts:
        if part.leg.account.owner_kind == "person":
            own_cash += part.amount
        else:
            _return(amounts, part)
        side = merchant_account(row.organisation, row.merchant, row.merchant_side)
        _add(amounts, side, -part.amount)
    if own_cash and row.person is not None:
        credit_person(draft, amounts, row.organisation, row.person, own_cash)
    draft.post(cause, purpose, amounts, row.person)


def give_portions_back(draft: Draft, row: PaymentRow) -> PaymentRow:
    """Return a payment's portions to the entitlement; the row has none left to give twice."""
    if not row.portions or row.person is None:
        return row
    meal = meal_counter(row.organisation, row.person, row.business_on, row.meal_period, None)
    draft.count(meal, -row.portions, row.id)
    return replace(row, portions=0)


def credit_person(
    draft: Draft, amounts: Amounts, organisation_id: UUID, person_id: UUID, amount: int
) -> None:
    """Give a person money of their own in `amounts`: repay debt first, then add to cash."""
    debt = debt_account(organisation_id, person_id)
    cash = cash_account(organisation_id, person_id)
    repaid = min(amount, -draft.state(debt).balance)
    draft.state(cash)
    _add(amounts, debt, repaid)
    _add(amounts, cash, amount - repaid)


def _take(amounts: Amounts, leg: Leg) -> None:
    _add(amounts, leg.account, -leg.units)
    if leg.is_counted:
        organisation = leg.account.organisation_id
        _add(amounts, meal_redeemed(organisation), leg.units)
        _add(amounts, meal_conversion(organisation), -leg.amount)


def _return(amounts: Amounts, part: Part) -> None:
    account = part.leg.account
    _add(amounts, account, part.units)
    if part.leg.is_counted:
        _add(amounts, meal_redeemed(account.organisation_id), -part.units)
        _add(amounts, meal_conversion(account.organisation_id), part.amount)


def _vary(draft: Draft, row: PaymentRow, amounts: Amounts) -> None:
    """Show beside the sale what it differs from the posted price; nobody's money moves by it."""
    assert row.price_amount is not None
    difference = row.total_amount - row.price_amount
    _add(amounts, variance_offset(row.organisation), difference)
    _add(amounts, variance_account(row.organisation, row.merchant), -difference)
    draft.case(
        "price_variance", "payment", row.id, difference, row.terminal,
        charged_amount=row.total_amount, posted_amount=row.price_amount,
    )  # fmt: skip


def _add(amounts: Amounts, account: AccountKey, amount: int) -> None:
    amounts[account] = amounts.get(account, 0) + amount


def _total(legs: Sequence[Leg]) -> int:
    return sum(leg.amount for leg in legs)


def _hold_id(row: PaymentRow, leg: Leg) -> UUID:
    return uuid5(row.id, f"hold/{leg.account.id}")

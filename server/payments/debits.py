"""What the payer's bank pays of a sale by mandate, as pure moves of rows over a draft.

Rules (docs/decisions/0020)
- Purses are drawn first; the bank is asked for all of the rest or for nothing. The purses are held
  until its word is definite: both are posted, or none.
- A definite no releases the purses, or, where the person's category allows it, goes to debt.
- What a counter accepted before the bank's word is a fact: its rest is debt, and `claim_amount`
  says that the bank is asked for it. A success turns that debt into the bank's leg; a definite no
  leaves it, to be repaid by the next cash top-up.
- A payment has one attempt at a bank, whose id follows from the payment's: sent any number of
  times, before the meal or after it, it is one debit.
"""

from collections.abc import Mapping
from typing import Final
from uuid import uuid5

from msgspec.structs import replace

from domain.authorization import Leg as Drawn
from domain.payment_states import LIVE_ATTEMPT_STATES, AttemptState, PaymentEvent, advance
from server.payments.accounts import PAYABLE, receivable_account
from server.payments.draft import Draft
from server.payments.legs import Leg, left_of
from server.payments.moves import (
    Amounts,
    credit_person,
    end_holds,
    give_portions_back,
    hold,
    repay_debt,
    sell,
)
from server.payments.read_files import PaymentFile
from server.payments.rows import AttemptRow, AttemptSaved, PaymentRow
from server.payments.schedule import (
    COLLECT,
    DEBIT,
    FIRST_LOOK,
    MANDATE_KIND,
    RESOLVE_KIND,
    gate_of,
)
from server.wallets.accounts import debt_account
from server.wallets.read_mandates import MandateFunding, mandate_counter
from server.work.effects import DueRow

COLLECTION: Final = "collection"
"""The purpose of the transfer by which a bank pays what a payment left owing."""
MAY_OWE, DEBT_LIMIT = "may_owe", "debt_limit_amount"
"""In an attempt's route: what the category said about debt when the payment was decided."""


def ask_bank(
    draft: Draft, row: PaymentRow, legs: tuple[Leg, ...], debit: Drawn, mandate: MandateFunding,
    may_owe: Mapping[str, object],
) -> tuple[PaymentRow, AttemptRow]:  # fmt: skip
    """Hold the purses and open the attempt; the bank itself is asked after the commit."""
    # Nobody has sold anything yet: the merchant's side is empty until the bank's word
    row = replace(hold(draft, row, legs, PAYABLE), merchant_side="", channel=mandate.channel)
    attempt = _attempt(draft, row, debit.amount, mandate, DEBIT)
    attempt = replace(attempt, route=dict(may_owe))
    _open(draft, row, attempt)
    return row, attempt


def paid(draft: Draft, row: PaymentRow, attempt: AttemptRow) -> PaymentRow:
    """The bank took its part: post the held purses and it, in one sale."""
    end_holds(draft, row, posted=True)
    bank = receivable_account(row.organisation, attempt.channel)
    legs = (*row.legs, Leg(bank, attempt.amount, attempt.amount))
    return sell(draft, row, legs, PAYABLE, PaymentEvent.SUCCEED)


def declined(draft: Draft, row: PaymentRow, attempt: AttemptRow) -> PaymentRow:
    """The bank took nothing: the rest is owed, where it may be, or there is no sale."""
    _uncount(draft, row, attempt)
    if _may_owe(draft, row, attempt):
        end_holds(draft, row, posted=True)
        legs = (*row.legs, _debt(row, attempt.amount))
        return sell(draft, row, legs, PAYABLE, PaymentEvent.SUCCEED)
    row = released(draft, row)
    state = advance(row.state, PaymentEvent.DECLINE)
    return replace(row, state=state, code=attempt.code, changed_at=draft.now)


def undone(draft: Draft, row: PaymentRow, attempt: AttemptRow) -> PaymentRow:
    """The attempt is over for ever, and the bank holds nothing of it."""
    _uncount(draft, row, attempt)
    return row if row.merchant_side else released(draft, row)


def released(draft: Draft, row: PaymentRow) -> PaymentRow:
    """Let go of the held purses of a sale that will not be."""
    end_holds(draft, row, posted=False)
    repay_debt(draft, row)
    return replace(give_portions_back(draft, row), legs=())


def accepted(draft: Draft, row: PaymentRow, file: PaymentFile) -> PaymentRow:
    """The meal is gone before the bank's word: post the purses, owe the rest, and claim it."""
    end_holds(draft, row, posted=True)
    rest = row.total_amount - left_of(row.legs)
    legs = (*row.legs, _debt(row, rest)) if rest else row.legs
    row = sell(draft, row, legs, PAYABLE, PaymentEvent.ACCEPT_FACT)
    live = live_attempt(file)
    if live is not None and live.state is not AttemptState.REVERSING:
        claimed = replace(live, way=COLLECT, changed_at=draft.now)
        draft.effect(("attempt", live.id), AttemptSaved(claimed, False))
        row = replace(row, claim_amount=live.amount)
    # What came into the wallet meanwhile repays first
    repay_debt(draft, row)
    return row


def claim(draft: Draft, row: PaymentRow, debit: Drawn, mandate: MandateFunding) -> PaymentRow:
    """Have the bank asked for what a fact left owing."""
    row = replace(row, channel=mandate.channel, claim_amount=debit.amount)
    _open(draft, row, _attempt(draft, row, debit.amount, mandate, COLLECT))
    return row


def collected(draft: Draft, row: PaymentRow, attempt: AttemptRow) -> PaymentRow:
    """The bank paid what was owed: its leg takes the debt's place.

    If the debt was repaid otherwise meanwhile, the money is the person's own.
    """
    assert row.person is not None, "a mandate is a person's"
    bank = receivable_account(row.organisation, attempt.channel)
    amounts: Amounts = {bank: -attempt.amount}
    credit_person(draft, amounts, row.organisation, row.person, attempt.amount)
    draft.post(row, COLLECTION, amounts, row.person)
    legs = tuple(
        replace(leg, account=bank) if leg.account.kind == "debt" else leg for leg in row.legs
    )
    return replace(row, legs=legs, debt_amount=0, claim_amount=0, changed_at=draft.now)


def uncollected(draft: Draft, row: PaymentRow, attempt: AttemptRow) -> PaymentRow:
    """The bank definitely paid nothing: the debt stays."""
    _uncount(draft, row, attempt)
    return replace(row, claim_amount=0, changed_at=draft.now)


def live_attempt(file: PaymentFile) -> AttemptRow | None:
    """The attempt of a payment that is not definite yet."""
    return next((one for one in file.attempts if one.state in LIVE_ATTEMPT_STATES), None)


def _attempt(
    draft: Draft, row: PaymentRow, amount: int, mandate: MandateFunding, way: str
) -> AttemptRow:
    return AttemptRow(
        id=uuid5(row.id, "attempt/1"),
        organisation=row.organisation,
        payment=row.id,
        channel=mandate.channel,
        amount=amount,
        state=AttemptState.SUBMITTED,
        submitted_at=draft.now,
        changed_at=draft.now,
        way=way,
        mandate=mandate.id,
    )


def _open(draft: Draft, row: PaymentRow, attempt: AttemptRow) -> None:
    """Store a new attempt, count it to its mandate's day, and let the worker look at it."""
    assert attempt.mandate is not None
    counter = mandate_counter(row.organisation, attempt.mandate, row.booked_on)
    draft.count(counter, attempt.amount, row.id)
    draft.effect(("attempt", attempt.id), AttemptSaved(attempt, True))
    # A collection is the worker's from the start; before the meal it only looks after the call
    due_at = draft.now if attempt.way == COLLECT else draft.now + FIRST_LOOK
    due = DueRow(
        attempt.id, row.organisation, RESOLVE_KIND, attempt.id, due_at,
        gate=gate_of(attempt.channel),
    )  # fmt: skip
    draft.effect(("due", attempt.id), due)


def _debt(row: PaymentRow, amount: int) -> Leg:
    assert row.person is not None, "a mandate is a person's"
    return Leg(debt_account(row.organisation, row.person), amount, amount)


def _may_owe(draft: Draft, row: PaymentRow, attempt: AttemptRow) -> bool:
    said = attempt.route or {}
    if not said.get(MAY_OWE):
        return False
    limit = said.get(DEBT_LIMIT)
    if limit is None:
        return True
    assert row.person is not None, "a mandate is a person's"
    owed = -draft.state(debt_account(row.organisation, row.person)).balance
    return bool(owed + attempt.amount <= limit)


def _uncount(draft: Draft, row: PaymentRow, attempt: AttemptRow) -> None:
    """What the bank did not take is not of its mandate's day."""
    if attempt.mandate is not None:
        counter = mandate_counter(row.organisation, attempt.mandate, row.booked_on)
        draft.count(counter, -attempt.amount, row.id)
        if attempt.code.startswith("mandates."):
            # The bank knows something of the mandate that we do not
            due = DueRow(
                attempt.mandate, row.organisation, MANDATE_KIND, attempt.mandate, draft.now,
                gate=gate_of(attempt.channel),
            )  # fmt: skip
            draft.effect(("mandate", attempt.mandate), due)

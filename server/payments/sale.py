"""What a sale moves: its entitlement, its accounts, and the payer's legs. Shared by whoever
decides a payment online and whoever books it as a fact, so that the two can never differ.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import uuid5

from domain.authorization import AccountSnapshot, Approve, PersonState
from server.ledger.commands import AccountKey, CounterKey, Key
from server.payments.accounts import (
    CASH_TAKINGS,
    PAYABLE,
    drawer_account,
    meal_counter,
    merchant_account,
)
from server.payments.draft import Draft
from server.payments.legs import Leg
from server.payments.plan import Plan
from server.payments.rows import CodeUsed, PaymentRow
from server.wallets.accounts import debt_account
from server.work.effects import DueRow
from sync.messages import Tender

COMPLETE_KIND: Final = "payments.complete"
"""Due work: post or release what an order's payments hold."""


def complete_due(row: PaymentRow, at: datetime) -> DueRow:
    """Look at an order's holds at `at`."""
    id = uuid5(row.order, COMPLETE_KIND)
    return DueRow(id, row.organisation, COMPLETE_KIND, row.order, at)


def counters_of(plan: Plan) -> tuple[CounterKey, ...]:
    """What a sale by this plan may count: a meal, and the day of a mandate."""
    meal, mandate = meal_of(plan), plan.mandate
    found = (meal, None if mandate is None else mandate.day_counter(plan.booked_on))
    return tuple(counter for counter in found if counter is not None)


def meal_of(plan: Plan) -> CounterKey | None:
    """The entitlement this payment uses, if it uses one."""
    payer = plan.payer
    if payer is None or not plan.portions:
        return None
    return meal_counter(
        plan.asked.terminal.organisation_id,
        payer.person_id,
        plan.business_on,
        plan.request.meal_period,
        plan.entitlement_limit,
    )


def code_used(plan: Plan, key: Key) -> CodeUsed:
    """The effect that makes a second use of this wallet code visible."""
    code = plan.code
    assert code is not None
    payment_id = plan.request.intent.payment_id
    return CodeUsed(key.id, key.organisation_id, code.certificate_id, code.nonce, payment_id)


def snapshot_of(draft: Draft, plan: Plan, state: PersonState | None = None) -> AccountSnapshot:
    """The payer's purses as they are under the lock; `state` if it is newer than the plan."""
    payer = plan.payer
    assert payer is not None
    organisation = plan.asked.terminal.organisation_id
    meal = meal_of(plan)
    sources = [source.source(draft.state(source.account)) for source in plan.funding]
    if plan.mandate is not None:
        used = draft.locked.counters.get(plan.mandate.day_counter(plan.booked_on), 0)
        sources.append(plan.mandate.source(used))
    return AccountSnapshot(
        person_id=payer.person_id,
        state=payer.state if state is None else state,
        category=payer.category,
        sources=tuple(sources),
        debt_amount=-draft.state(debt_account(organisation, payer.person_id)).balance,
        debt_limit_amount=payer.debt_limit_amount,
        entitlement_used=draft.locked.counters.get(meal, 0) if meal is not None else 0,
        entitlement_limit=plan.entitlement_limit,
        shortfall=payer.shortfall,
    )


def sale_accounts(plan: Plan) -> Sequence[AccountKey]:
    """The accounts a sale by this plan's tender moves."""
    terminal, request = plan.asked.terminal, plan.request
    organisation, merchant = terminal.organisation_id, terminal.merchant_id
    if request.intent.tender is Tender.CASH:
        shift = request.shift_id or terminal.terminal_id
        takings = merchant_account(organisation, merchant, CASH_TAKINGS)
        return drawer_account(organisation, shift), takings
    if request.intent.tender is Tender.CHANNEL or plan.payer is None:
        return ()
    return (
        *(source.account for source in plan.funding),
        debt_account(organisation, plan.payer.person_id),
        merchant_account(organisation, merchant, PAYABLE),
    )


def sale_legs(plan: Plan, verdict: Approve) -> tuple[tuple[Leg, ...], str]:
    """The payer's legs of an approved sale, and the merchant's side of it."""
    terminal, request = plan.asked.terminal, plan.request
    organisation, total = terminal.organisation_id, request.intent.total
    if request.intent.tender is Tender.CASH:
        shift = request.shift_id or terminal.terminal_id
        legs = (Leg(drawer_account(organisation, shift), total, total),) if total else ()
        return legs, CASH_TAKINGS
    accounts = {source.account.id: source.account for source in plan.funding}
    drawn = [Leg(accounts[leg.source_id], leg.amount, leg.units) for leg in verdict.legs]
    if verdict.debt_amount:
        assert plan.payer is not None
        debt = debt_account(organisation, plan.payer.person_id)
        drawn.append(Leg(debt, verdict.debt_amount, verdict.debt_amount))
    return tuple(drawn), PAYABLE

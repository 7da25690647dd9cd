"""The row and the order of a payment that is seen for the first time."""

from datetime import datetime
from uuid import UUID

import msgspec
from msgspec.structs import replace

from domain.payment_states import PaymentState
from server.payments.draft import Draft
from server.payments.plan import Plan
from server.payments.read_files import OrderFile
from server.payments.rows import OrderRow, OrderSaved, PaymentRow, PaymentSaved
from sync.messages import Mode


def new_row(plan: Plan, fingerprint: bytes, mode: Mode, now: datetime) -> PaymentRow:
    """The payment as it would be stored, in the state NOTHING: the caller says what becomes of it.

    Secrets of the request (PIN, the channel's code) are not part of it.
    """
    request, intent = plan.request, plan.request.intent
    terminal, payer = plan.asked.terminal, plan.payer
    return PaymentRow(
        id=intent.payment_id,
        organisation=terminal.organisation_id,
        order=intent.order_id,
        merchant=terminal.merchant_id,
        store=terminal.store_id,
        terminal=terminal.terminal_id,
        binding_version=terminal.binding_version,
        tender=intent.tender.value,
        payer=intent.payer,
        person=payer.person_id if payer is not None else None,
        masked_name=payer.masked_name if payer is not None else "",
        credential=request.evidence.credential.value,
        assurance=request.evidence.assurance,
        total_amount=intent.total,
        state=PaymentState.NOTHING,
        fingerprint=fingerprint,
        mode=mode.value,
        occurred_at=plan.occurred_at,
        received_at=plan.asked.received_at,
        changed_at=now,
        business_on=plan.business_on,
        booked_on=plan.booked_on,
        portions=plan.portions,
        lines=tuple(line.amount for line in intent.lines),
        discounts=tuple(discount.amount for discount in intent.discounts),
        evidence=msgspec.to_builtins(request.evidence),
        meal_period=request.meal_period,
        shift=request.shift_id,
        operator=request.operator_id,
    )


def save_order(draft: Draft, plan: Plan, file: OrderFile) -> int:
    """Make the order, or give it a new total while no money is on it; return its total."""
    intent = plan.request.intent
    total = max(plan.request.order_total, intent.total)
    terminal = plan.asked.terminal
    place = ("order", intent.order_id)
    order = file.order
    if order is None:
        order = OrderRow(
            intent.order_id, terminal.organisation_id, terminal.merchant_id, terminal.store_id,
            total, plan.asked.received_at,
        )  # fmt: skip
        draft.effect(place, OrderSaved(order, True))
    elif order.total_amount != total and not money_on(file, intent.payment_id):
        order = replace(order, total_amount=total)
        draft.effect(place, OrderSaved(order, False))
    return order.total_amount


def money_on(file: OrderFile, besides: UUID) -> int:
    """What other payments hold or took of this order."""
    return file.taken_amount(besides, PaymentState.SUBMITTED, PaymentState.SUCCEEDED)


def save(draft: Draft, row: PaymentRow, *, is_new: bool) -> None:
    """Store the payment as it now is."""
    draft.effect(("payment", row.id), PaymentSaved(row, is_new))

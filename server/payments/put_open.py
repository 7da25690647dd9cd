"""After a payment's change of state: everything that waited for it is put to the table again."""

from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from domain.payment_outcomes import Arrival, Effect, Message, outcome
from domain.payment_states import PaymentEvent, PaymentState
from server.payments.accounts import DISPUTED, suspense_account
from server.payments.draft import Draft
from server.payments.legs import Leg
from server.payments.moves import sell
from server.payments.read_files import OrderFile, PaymentFile
from server.payments.refund_moves import (
    own_refund,
    put_open_refunds,
    put_refund,
    server_state,
    unpark,
)
from server.payments.rows import ParkedRow, PaymentRow, RefundRow
from sync.messages import Status, Tender

OVERPAY: Final = "overpay"
DISPUTE_CASES: Final = (
    "over_cap", "revoked_terminal", "card_lost", "person_frozen", "code_replayed",
    "bad_credential", "payer_unknown", "accepted_after_decline", "accepted_after_reversal",
    "accepted_channel_offline",
)  # fmt: skip
"""Every kind of case that `dispute` may open."""


def put_open(draft: Draft, row: PaymentRow, file: PaymentFile) -> PaymentRow:
    """Put parked acceptances, then waiting refunds, to the table; return the payment after it."""
    for parked in file.parked:
        row = _put_parked(draft, row, parked)
    return put_open_refunds(draft, row, file)


def dispute(draft: Draft, row: PaymentRow, kind: str, code: str) -> PaymentRow:
    """Book a sale that no payer is debited for: suspense → merchant disputed, with one case."""
    amount = row.left_amount
    suspense = suspense_account(row.organisation)
    legs = (Leg(suspense, amount, amount),) if amount else ()
    draft.case(kind, "payment", row.id, amount, row.terminal, code=code)
    return sell(draft, row, legs, DISPUTED, PaymentEvent.ACCEPT_FACT)


def refund_overpay(draft: Draft, row: PaymentRow, order: OrderFile) -> PaymentRow:
    """Give back by itself what this payment paid beyond its order (cash cannot: only a case)."""
    if row.state is not PaymentState.SUCCEEDED or order.order is None:
        return row
    taken = order.taken_amount(row.id, PaymentState.SUCCEEDED) + row.left_amount
    excess = min(taken - order.order.total_amount, row.left_amount)
    if excess <= 0:
        return row
    draft.case(OVERPAY, "payment", row.id, excess, row.terminal, order=str(row.order))
    if row.tender == Tender.CASH:
        return row
    refund = own_refund(draft, row, excess, OVERPAY)
    changed, _, _ = put_refund(draft, row, refund, is_new=True)
    assert changed is not None
    return changed


def _put_parked(draft: Draft, row: PaymentRow, parked: ParkedRow) -> PaymentRow:
    arrival = Arrival(Message.ACCEPTANCE_SAME, is_server_approved=parked.is_server_approved)
    said = outcome(server_state(row, row.tender), arrival)
    if said.effect is Effect.PARK:
        return row
    if said.effect in (Effect.FACT, Effect.FACT_DISPUTED):
        # Only a channel's acceptance is parked, and this channel has just said that it took nothing
        kind = said.case or "accepted_channel_offline"
        row = dispute(draft, row, kind, "tenders.not_offline")
    unpark(draft, parked, Status.APPLIED, "")
    return replace(row, acceptance_on_file=row.acceptance_on_file or said.files_acceptance)


def dispute_settled(draft: Draft, row: PaymentRow, refunds: Iterable[RefundRow]) -> None:
    """Close the case of a disputed sale once all of it has gone back to suspense.

    What was refunded in cash came out of the merchant's drawer: that much stays disputed.
    """
    is_cash = any(refund.tender == Tender.CASH and refund.posted_amount for refund in refunds)
    if row.merchant_side != DISPUTED or row.left_amount or is_cash:
        return
    for kind in DISPUTE_CASES:
        draft.close_case(kind, "payment", row.id, "refunded")

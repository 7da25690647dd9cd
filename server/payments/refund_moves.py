"""Putting a refund to the outcome table: when it arrives, and whenever its payment changes.

The same refund in the same state of its payment always ends the same way, so it does not matter
whether the refund or the payment's last word came first.
"""

import dataclasses
from collections.abc import Sequence
from datetime import timedelta
from uuid import uuid5

from msgspec.structs import replace

from domain.authorization import Tender
from domain.payment_outcomes import (
    REFUND_WAIT_S,
    Arrival,
    CaseKind,
    Effect,
    Message,
    Outcome,
    ServerState,
    outcome,
)
from domain.payment_states import PaymentState, RefundEvent, RefundState, advance
from server.payments.accounts import (
    CASH_TAKINGS,
    DISPUTED,
    drawer_account,
    drawer_suspense,
    merchant_account,
)
from server.payments.arrivals import Booked, RecordSettled
from server.payments.draft import Draft
from server.payments.legs import Leg, Part, give_back, left_of, read_legs
from server.payments.models import Refund
from server.payments.moves import give_portions_back, return_parts
from server.payments.read_files import PaymentFile
from server.payments.rows import (
    AcceptanceUnparked,
    ParkedRow,
    PaymentRow,
    RefundRow,
    RefundSaved,
)
from server.payments.schedule import gate_of
from server.work.effects import DueDone, DueRow
from sync.messages import Status

WAIT_KIND = "payments.refund_wait"
"""Due work: a refund has waited long enough for its payment."""
CHANNEL_KIND = "payments.refund"
"""Due work: a refund that a channel must carry out."""
OPEN_REFUNDS = frozenset({RefundState.WAITING, RefundState.SUSPENSE})


def server_state(row: PaymentRow | None, tender: str) -> ServerState:
    """The row as the outcome table sees it; `tender` is the message's, for an unknown id."""
    if row is None:
        return ServerState(PaymentState.NOTHING, Tender(tender))
    return ServerState(
        row.state,
        Tender.CHANNEL if _is_bank_undoing(row) else Tender(row.tender),
        is_acceptance_on_file=row.acceptance_on_file,
        is_cancellation_on_file=row.cancellation_on_file,
        parked_code=row.parked_code or None,
    )


def undoing_state(row: PaymentRow | None) -> ServerState:
    """The row as a cancellation sees it: what a payer's bank may have, only it gives back."""
    state = server_state(row, "wallet")
    is_asked = row is not None and row.state is PaymentState.SUBMITTED and bool(row.channel)
    if row is not None and (is_asked or bank_amount(row.legs, left_of(row.legs))):
        return dataclasses.replace(state, tender=Tender.CHANNEL)
    return state


def bank_amount(legs: Sequence[Leg], amount: int) -> int:
    """How much of `amount`, given back, is a channel's to give."""
    _, parts, _ = give_back(legs, amount)
    return sum(part.amount for part in parts if part.leg.is_of_channel)


def channel_amount(refund: RefundRow | Refund) -> int:
    """What of a refund its channel gives back: all, or the bank's part of a wallet's payment."""
    if refund.tender != Tender.WALLET:
        return refund.amount
    legs = refund.legs if isinstance(refund, RefundRow) else read_legs(refund.legs)
    return sum(leg.amount for leg in legs if leg.is_of_channel)


def _is_bank_undoing(row: PaymentRow) -> bool:
    """Whether a sale that a bank paid a part of is on its way back."""
    is_wallet = row.tender == Tender.WALLET and bool(row.channel)
    return is_wallet and row.state is PaymentState.REVERSING and bool(row.merchant_side)


def put_refund(
    draft: Draft, row: PaymentRow | None, refund: RefundRow, *, is_new: bool
) -> tuple[PaymentRow | None, RefundRow, Outcome]:
    """Put one open refund to the table, and do what it says."""
    waited = draft.now - refund.received_at > timedelta(seconds=REFUND_WAIT_S)
    arrival = Arrival(
        Message.REFUND,
        is_cash=refund.tender == Tender.CASH,
        is_within_paid=row is not None and _open_amount(refund) <= _refundable(row, refund),
        has_waited_out=waited,
    )
    said = _unsupported(row, refund) or outcome(_as_refundable(row, refund), arrival)
    before = refund
    row, refund = _carry_out(draft, row, refund, said)
    if said.case is not None:
        draft.case(said.case, "refund", refund.id, _open_amount(refund), refund.terminal)
    if is_new or refund != before:
        refund = replace(refund, changed_at=draft.now)
        draft.effect(("refund", refund.id), RefundSaved(refund, is_new))
        _schedule(draft, row, refund)
    return row, refund, said


def status_of(refund: RefundRow) -> Status:
    """The disposition of the record that brought a refund. Refused is definite, so applied."""
    return Status.WAITING if refund.state is RefundState.WAITING else Status.APPLIED


def put_open_refunds(draft: Draft, row: PaymentRow, file: PaymentFile) -> PaymentRow:
    """After a payment's change of state: put what waits for it to the table again."""
    for refund in file.refunds:
        if refund.state not in OPEN_REFUNDS:
            continue
        changed, after, _ = put_refund(draft, row, refund, is_new=False)
        assert changed is not None
        row = changed
        if refund.record is not None and status_of(after) is not status_of(refund):
            _settle(draft, refund, after)
    return row


def _settle(draft: Draft, before: RefundRow, after: RefundRow) -> None:
    assert before.record is not None
    booked = Booked(status_of(after), after.code)
    settled = RecordSettled(draft.organisation_id, before.record, booked, draft.now)
    draft.effect(("settled", before.record), settled)


def unpark(draft: Draft, parked: ParkedRow, status: Status, code: str) -> None:
    """A parked acceptance has its answer: its record is settled in this commit."""
    draft.effect(("unparked", parked.id), AcceptanceUnparked(parked.id))
    settled = RecordSettled(draft.organisation_id, parked.id, Booked(status, code), draft.now)
    draft.effect(("settled", parked.id), settled)


def own_refund(draft: Draft, row: PaymentRow, amount: int, why: str) -> RefundRow:
    """A refund that the server makes by itself; its id follows from the payment and the reason."""
    return RefundRow(
        id=uuid5(row.id, why),
        organisation=row.organisation,
        payment=row.id,
        merchant=row.merchant,
        terminal=None,
        tender=row.tender,
        amount=amount,
        state=RefundState.NOTHING,
        reason=why,
        shift=row.shift,
        occurred_at=draft.now,
        received_at=draft.now,
        changed_at=draft.now,
        business_on=row.business_on,
        booked_on=draft.booked_on(row),
    )


def _as_refundable(row: PaymentRow | None, refund: RefundRow) -> ServerState:
    """The payment as a refund sees it: no channel holds the money of a disputed one."""
    state = server_state(row, refund.tender)
    if row is not None and row.merchant_side == DISPUTED and row.tender == Tender.CHANNEL:
        return dataclasses.replace(state, tender=Tender.WALLET)
    if row is not None and row.claim_amount:
        # A bank is being asked for it: until its word nobody knows whose the money is
        return dataclasses.replace(state, state=PaymentState.SUBMITTED)
    if row is not None and row.tender == Tender.WALLET:
        by_bank = bank_amount(row.legs, refund.amount - refund.posted_amount)
        return dataclasses.replace(state, tender=Tender.CHANNEL) if by_bank else state
    return state


def _unsupported(row: PaymentRow | None, refund: RefundRow) -> Outcome | None:
    """Money goes back the way it came, or in cash, from who was paid; a meal goes back whole."""
    if row is None or row.state is not PaymentState.SUCCEEDED:
        return None
    is_cash = refund.tender == Tender.CASH
    if row.merchant != refund.merchant:
        return _of_another_merchant(row, is_cash=is_cash)
    if is_cash:
        return None
    _, _, left = give_back(row.legs, refund.amount)
    splits_a_meal = left > 0 and refund.amount <= row.left_amount
    if refund.tender == row.tender and not splits_a_meal:
        return None
    return Outcome(Effect.REFUSE, row.state, "refunds.unsupported", refund_event=RefundEvent.REFUSE)


def _of_another_merchant(row: PaymentRow, *, is_cash: bool) -> Outcome:
    """Nobody gives back what another merchant was paid; cash that left a drawer is a fact."""
    if not is_cash:
        refuse = RefundEvent.REFUSE
        return Outcome(Effect.REFUSE, row.state, "refunds.unsupported", refund_event=refuse)
    return Outcome(
        Effect.CASH_SUSPENSE,
        row.state,
        case=CaseKind.CASH_REFUND_UNPAID,
        refund_event=RefundEvent.PUT_IN_SUSPENSE,
    )


def _open_amount(refund: RefundRow) -> int:
    return refund.amount - refund.posted_amount


def _refundable(row: PaymentRow, refund: RefundRow) -> int:
    """What may still go back: of the payment and, when lines are named, of those lines."""
    if not refund.lines:
        return row.left_amount
    lines = [index for index in set(refund.lines) if 0 <= index < len(row.lines)]
    of_lines = sum(row.lines[index] - _line_refund(row, index) for index in lines)
    return min(row.left_amount, of_lines)


def _line_refund(row: PaymentRow, index: int) -> int:
    return row.line_refunds[index] if index < len(row.line_refunds) else 0


def _carry_out(
    draft: Draft, row: PaymentRow | None, refund: RefundRow, said: Outcome
) -> tuple[PaymentRow | None, RefundRow]:
    event = said.refund_event
    assert event is not None, f"{said.effect} says nothing of the refund"
    state = advance(refund.state, event)
    if said.effect is Effect.WAIT:
        return row, replace(refund, state=state)
    if said.effect is Effect.REFUSE:
        return row, replace(refund, state=state, code=said.code or "")
    if said.effect is Effect.CASH_SUSPENSE:
        amount = _open_amount(refund) - refund.suspense_amount
        refund = _into_suspense(draft, refund, amount)
        return row, replace(refund, state=state)
    assert row is not None
    row, refund = _pay_back(draft, row, refund, said)
    return row, replace(refund, state=state, code=said.code or "")


def _pay_back(
    draft: Draft, row: PaymentRow, refund: RefundRow, said: Outcome
) -> tuple[PaymentRow, RefundRow]:
    amount = min(_open_amount(refund), _refundable(row, refund))
    if amount:
        row, parts = _reserve(row, refund, amount)
        if said.refund_event is RefundEvent.SUBMIT:
            return row, replace(refund, legs=_legs(parts))
        if refund.tender == Tender.CASH:
            refund = _post_cash(draft, row, refund, amount)
        else:
            return_parts(draft, row, parts, refund, "refund")
        if not row.left_amount:
            row = give_portions_back(draft, row)
        refund = replace(refund, posted_amount=refund.posted_amount + amount, legs=_legs(parts))
    if said.effect is Effect.POST_REFUND_EXCESS_SUSPENSE:
        rest = _open_amount(refund) - refund.suspense_amount
        refund = _into_suspense(draft, refund, rest)
    return row, refund


def _reserve(
    row: PaymentRow, refund: RefundRow, amount: int
) -> tuple[PaymentRow, tuple[Part, ...]]:
    """Count `amount` as refunded, on the payment, its legs and its lines."""
    legs, parts, _ = give_back(row.legs, amount)
    return replace(
        row,
        legs=legs,
        refunded_amount=row.refunded_amount + amount,
        line_refunds=_lines_after(row, refund.lines, amount),
    ), parts


def _lines_after(row: PaymentRow, named: Sequence[int], amount: int) -> tuple[int, ...]:
    """Spread a refund over the named lines, or over all of them from the first."""
    after = [_line_refund(row, index) for index in range(len(row.lines))]
    for index in sorted(set(named)) or range(len(after)):
        part = max(0, min(row.lines[index] - after[index], amount))
        after[index] += part
        amount -= part
    return tuple(after)


def _legs(parts: Sequence[Part]) -> tuple[Leg, ...]:
    return tuple(
        replace(part.leg, amount=part.amount, units=part.units, refunded_amount=0) for part in parts
    )


def _post_cash(draft: Draft, row: PaymentRow, refund: RefundRow, amount: int) -> RefundRow:
    """Cash went out of the drawer: the merchant holds so much less; or it leaves suspense."""
    organisation, shift = refund.organisation, refund.shift or refund.payment
    takings = merchant_account(organisation, row.merchant, CASH_TAKINGS)
    released = min(amount, refund.suspense_amount)
    if released:
        suspense = drawer_suspense(organisation, shift)
        purpose = f"release/{refund.posted_amount}"
        draft.post(refund, purpose, {suspense: released, takings: -released}, None)
        if released == refund.suspense_amount:
            for kind in (CaseKind.CASH_REFUND_UNPAID, CaseKind.CASH_EXCESS):
                draft.close_case(kind, "refund", refund.id, "payment_arrived")
    rest = amount - released
    draft.post(refund, "refund", {drawer_account(organisation, shift): rest, takings: -rest}, None)
    return replace(refund, suspense_amount=refund.suspense_amount - released)


def _into_suspense(draft: Draft, refund: RefundRow, amount: int) -> RefundRow:
    shift = refund.shift or refund.payment
    drawer = drawer_account(refund.organisation, shift)
    suspense = drawer_suspense(refund.organisation, shift)
    draft.post(refund, "suspense", {drawer: amount, suspense: -amount}, None)
    return replace(refund, suspense_amount=refund.suspense_amount + amount)


def _schedule(draft: Draft, row: PaymentRow | None, refund: RefundRow) -> None:
    """A waiting refund is looked at again; one for a channel is carried out at once."""
    organisation, id = refund.organisation, refund.id
    wait_until = refund.received_at + timedelta(seconds=REFUND_WAIT_S + 1)
    if refund.state is RefundState.WAITING:
        due = max(wait_until, draft.now + timedelta(hours=1))
        draft.effect(("due", id), DueRow(uuid5(id, WAIT_KIND), organisation, WAIT_KIND, id, due))
    else:
        draft.effect(("done", id), DueDone(organisation, WAIT_KIND, id))
    if refund.state is RefundState.SUBMITTED and row is not None:
        due_row = DueRow(
            uuid5(id, CHANNEL_KIND), organisation, CHANNEL_KIND, id, draft.now,
            gate=gate_of(row.channel),
        )  # fmt: skip
        draft.effect(("channel", id), due_row)

"""What the bank's states and codes mean to us (docs/bank-link.md §5).

A code says that nothing was done and nothing will be; a state says how an order stands. Whatever
is not in these tables is unknown, and a person should look.
"""

from collections.abc import Mapping
from typing import Final

from server.channels.channel import (
    AwaitingPayer,
    Declined,
    NotFound,
    PayOutcome,
    QueryOutcome,
    RefundQueryOutcome,
    Reversed,
    ReverseOutcome,
    Succeeded,
    Unknown,
)
from server.channels.providers.bank.wire import Answer, Lost

BUSY: Final = "busy"
REFUSALS: Final[Mapping[str, str]] = {
    "code_invalid": "channels.code_invalid",
    "code_expired": "channels.code_expired",
    "code_used": "channels.code_used",
    "insufficient_funds": "channels.insufficient_funds",
    "over_limit": "channels.limit",
    "account_blocked": "channels.payer_account",
    "payer_cancelled": "channels.declined",
    "payer_timed_out": "channels.declined",
    "risk": "channels.declined",
    "mandate_unknown": "mandates.unknown",
    "mandate_ended": "mandates.ended",
    "mandate_limit": "mandates.limit",
    "rate_limited": "channels.busy",
    "closed_for_business": "channels.unavailable",
    "bad_request": "channels.misconfigured",
    "bad_signature": "channels.misconfigured",
    "stale": "channels.misconfigured",
    "not_allowed": "channels.misconfigured",
    "number_reused": "channels.misconfigured",
    "number_closed": "channels.declined",
}
NOT_REVERSED: Final[Mapping[str, str]] = {
    "paying": "channels.still_paying",
    "too_late": "channels.reversal_too_late",
    "has_refunds": "channels.not_reversible",
}
REFUNDS_REFUSED: Final[Mapping[str, str]] = {
    "not_paid": "refunds.nothing_paid",
    "exceeds_paid": "refunds.exceeds_paid",
    "too_late": "refunds.channel_too_late",
    "payer_gone": "refunds.channel_payer_gone",
    "balance_short": "refunds.channel_balance_short",
    "closed": "refunds.channel_closed",
    "number_reused": "refunds.channel_refused",
    "bad_request": "refunds.channel_refused",
    "not_allowed": "refunds.channel_refused",
}


def order_state(said: Answer | Lost, number: str, amount: int | None = None) -> QueryOutcome:
    """Read how an order stands. With `amount`, the bank has to mean the same."""
    if isinstance(said, Lost):
        return Unknown(said.why, said.is_alert)
    if not said.is_done:
        return _refusal(said)
    if said.text("number") != number or said.data.get("currency") != "CNY":
        return Unknown("an answer about another order", is_alert=True)
    if amount is not None and said.data.get("amount") != amount:
        return Unknown("an order of another amount", is_alert=True)
    return stands(said.text("state"), said.text("reason"), said.text("reference"))


def stands(state: str, reason: str, reference: str) -> QueryOutcome:
    """Read an order's state, of an answer or a notice."""
    if state == "paid" and reference:
        return Succeeded(reference)
    if state in ("open", "paying"):
        return AwaitingPayer()
    if state == "declined" and reason in REFUSALS:
        return Declined(REFUSALS[reason])
    if state in ("closed", "reversed"):
        return Reversed(took_money=state == "reversed")
    return Unknown(f"state {state!r} {reason!r}", is_alert=True)


def paid_or_not(said: QueryOutcome) -> PayOutcome:
    """Read the same as the answer to a charge: a number that is closed takes no money."""
    if isinstance(said, Reversed):
        return Declined("channels.declined")
    return Unknown("not found", is_alert=True) if isinstance(said, NotFound) else said


def reversal(said: Answer | Lost, number: str) -> ReverseOutcome:
    """Read the answer to a reversal."""
    if isinstance(said, Answer) and said.text("code") in NOT_REVERSED:
        return Declined(NOT_REVERSED[said.text("code")])
    present = order_state(said, number)
    if isinstance(present, (Reversed, Unknown)):
        return present
    return Unknown(f"reversed, yet {type(present).__name__}", is_alert=True)


def refund_state(said: Answer | Lost, refund_number: str, amount: int = 0) -> RefundQueryOutcome:
    """Read how a refund stands."""
    if isinstance(said, Lost):
        return Unknown(said.why, said.is_alert)
    if not said.is_done:
        return _refund_refusal(said)
    if said.text("refund_number") != refund_number:
        return Unknown("an answer about another refund", is_alert=True)
    if amount and said.data.get("amount") != amount:
        return Unknown("a refund of another amount", is_alert=True)
    return refund_stands(said.text("state"), said.text("reason"), said.text("reference"))


def refund_stands(state: str, reason: str, reference: str) -> RefundQueryOutcome:
    """Read a refund's state, of an answer or a notice."""
    if state == "succeeded" and reference:
        return Succeeded(reference)
    if state == "processing":
        return Unknown("processing")
    if state == "failed" and reason in REFUNDS_REFUSED:
        return Declined(REFUNDS_REFUSED[reason])
    return Unknown(f"refund {state!r} {reason!r}", is_alert=True)


def mandate_state(said: Answer | Lost, mandate: str) -> PayOutcome:
    """Read how a mandate stands: succeeded is active."""
    if isinstance(said, Lost):
        return Unknown(said.why, said.is_alert)
    if not said.is_done:
        return paid_or_not(_refusal(said))
    states: Mapping[str, PayOutcome] = {
        "asked": AwaitingPayer(),
        "active": Succeeded(mandate),
        "ended": Declined("mandates.ended"),
    }
    if said.text("mandate") != mandate or said.text("state") not in states:
        return Unknown(f"mandate {said.text('state')!r}", is_alert=True)
    return states[said.text("state")]


def _refusal(said: Answer) -> QueryOutcome:
    code = said.text("code")
    if said.status == 404 and code == "not_found":
        return NotFound()
    if code in REFUSALS and 400 <= said.status < 500:
        return Declined(REFUSALS[code])
    return Unknown(f"{said.status} {code!r}", is_alert=code != BUSY)


def _refund_refusal(said: Answer) -> RefundQueryOutcome:
    code = said.text("code")
    if said.status == 404 and code == "not_found":
        return NotFound()
    if code in REFUNDS_REFUSED and 400 <= said.status < 500:
        return Declined(REFUNDS_REFUSED[code])
    return Unknown(f"{said.status} {code!r}", is_alert=code not in (BUSY, "rate_limited"))

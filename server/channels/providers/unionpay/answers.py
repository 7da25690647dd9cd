"""What UnionPay's answer codes mean to us.

Source: "平台接入接口规范 第5部分 附录" (respCode). 00 to a request means accepted, not done: only a
query's `origRespCode` tells what became of it. 03, 04 and 05 are unknown and asked about. Codes of
money that moved although the order failed (42, 74, 75) are unknown and need a person; so is every
code that is not here.
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

ACCEPTED: Final = "00"
DONE: Final = frozenset({"00", "A6"})
"""A6 is a success with a flaw in the issuer's answer."""
DUPLICATE: Final = "12"
NOT_FOUND: Final = "34"
REVERSED: Final = "46"
NO_FILE: Final = "98"
TOO_OFTEN: Final = "37"

_WAITING: Final = frozenset({"05", "70", "82", "83"})
"""Accepted, or the payer has to type something."""
_UNCLEAR: Final = frozenset({"03", "04", "06", "99"})
_DECLINED: Final[Mapping[str, str]] = {
    "01": "channels.declined",
    "02": "channels.unavailable",
    "10": "channels.misconfigured",
    "11": "channels.misconfigured",
    "13": "channels.misconfigured",
    "30": "channels.declined",
    "31": "channels.misconfigured",
    "32": "channels.misconfigured",
    "33": "channels.limit",
    "37": "channels.busy",
    "38": "channels.payer_account",
    "39": "channels.declined",
    "43": "channels.misconfigured",
    "60": "channels.card_refused",
    "61": "channels.card_refused",
    "62": "channels.card_refused",
    "63": "channels.card_refused",
    "64": "channels.insufficient_funds",
    "65": "channels.card_refused",
    "66": "channels.card_refused",
    "67": "channels.payer_account",
    "68": "channels.card_refused",
    "69": "channels.declined",
    "71": "channels.card_refused",
    "72": "channels.payer_account",
    "73": "channels.card_refused",
    "77": "channels.payer_account",
    "78": "channels.card_refused",
    "81": "channels.limit",
    "85": "channels.declined",
    "86": "channels.code_used",
    "87": "channels.limit",
    "88": "channels.code_expired",
    "90": "channels.insufficient_funds",
    "91": "channels.payer_account",
}
_REFUND_DECLINED: Final[Mapping[str, str]] = {
    "33": "refunds.exceeds_paid",
    "35": "refunds.nothing_paid",
    "36": "refunds.exceeds_paid",
    "39": "refunds.channel_too_late",
    "45": "refunds.channel_closed",
    "60": "refunds.channel_payer_gone",
    "61": "refunds.channel_payer_gone",
    "63": "refunds.channel_payer_gone",
    "64": "refunds.channel_balance_short",
    "90": "refunds.channel_balance_short",
    "01": "refunds.channel_refused",
    "10": "refunds.channel_refused",
    "11": "refunds.channel_refused",
    "13": "refunds.channel_refused",
    "30": "refunds.channel_refused",
    "31": "refunds.channel_refused",
    "32": "refunds.channel_refused",
}
_NOT_REVERSED: Final[Mapping[str, str]] = {
    "35": "channels.still_paying",
    "39": "channels.reversal_too_late",
    "32": "channels.not_reversible",
    "45": "channels.not_reversible",
}


def refusal(code: str) -> PayOutcome | None:
    """Read a request's own answer: None when it was accepted, or is known from before."""
    if code in (ACCEPTED, DUPLICATE):
        return None
    return _read(code, _DECLINED)


def pay_state(fields: Mapping[str, str]) -> QueryOutcome:
    """Read the answer of a query about a payment."""
    if fields.get("respCode") == NOT_FOUND:
        return NotFound()
    if fields.get("respCode") != ACCEPTED:
        return _unanswered(fields.get("respCode", ""))
    code = fields.get("origRespCode", "")
    if code in DONE:
        return Succeeded(fields.get("queryId", ""))
    if code == REVERSED:
        return Reversed(took_money=int_of(fields.get("settleAmt", "")) > 0)
    return _read(code, _DECLINED)


def refund_refusal(code: str) -> RefundQueryOutcome | None:
    """Read a refund's own answer: None when it was accepted, or is known from before."""
    if code in (ACCEPTED, DUPLICATE):
        return None
    said = _read(code, _REFUND_DECLINED)
    assert not isinstance(said, AwaitingPayer)
    return said


def refund_state(fields: Mapping[str, str]) -> RefundQueryOutcome:
    """Read the answer of a query about a refund."""
    if fields.get("respCode") == NOT_FOUND:
        return NotFound()
    if fields.get("respCode") != ACCEPTED:
        return _unanswered(fields.get("respCode", ""))
    code = fields.get("origRespCode", "")
    if code in DONE:
        return Succeeded(fields.get("queryId", ""))
    said = _read(code, _REFUND_DECLINED)
    assert not isinstance(said, AwaitingPayer)
    return said


def refusal_to_reverse(code: str) -> ReverseOutcome | None:
    """Read a reversal's own answer: None when it was accepted, or had been done before."""
    if code in (ACCEPTED, DUPLICATE, REVERSED):
        return None
    if code in _NOT_REVERSED:
        return Declined(_NOT_REVERSED[code])
    return Unknown(f"reversal answered {code}", is_alert=not _is_known(code))


def int_of(text: str) -> int:
    """Return an amount in fen; 0 for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 12 else 0


def _read(code: str, declined: Mapping[str, str]) -> PayOutcome:
    if code in declined:
        return Declined(declined[code])
    if code in _WAITING:
        # A refund that is accepted is not waiting for anybody
        return AwaitingPayer() if declined is _DECLINED else Unknown(f"accepted: {code}")
    return Unknown(f"answered {code!r}", is_alert=code not in _UNCLEAR)


def _unanswered(code: str) -> Unknown:
    """The query itself was refused, which says nothing about what it asks for."""
    return Unknown(f"query answered {code!r}", is_alert=not _is_known(code))


def _is_known(code: str) -> bool:
    return code in _DECLINED or code in _WAITING or code in _UNCLEAR or code == NOT_FOUND

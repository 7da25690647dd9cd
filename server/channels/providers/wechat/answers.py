"""WeChat Pay's words → our outcomes: one table per operation. What is in no table is an alert.

Error codes come from the "错误码" section of each operation's page; older pages spell some without
underscores (`ORDERNOTEXIST`, `BANKERROR`), so codes are compared without them.

Why some refusals are not `Declined`
- `PARAM_ERROR` and `INVALID_REQUEST` on a charge: payers have been charged although the interface
  answered so (a bank type too long for its own field), hence unknown, and an alert.
- `OUT_TRADE_NO_USED`, `ORDER_PAID`, `ORDER_CLOSED` say something of an earlier call under the same
  number: a query tells what.
- `SYSTEM_ERROR` and `BANK_ERROR` say that WeChat Pay does not know itself.
"""

from collections.abc import Mapping
from typing import Any, Final

from server.channels.channel import (
    AwaitingPayer,
    CreateOutcome,
    Declined,
    NotFound,
    PayOutcome,
    QueryOutcome,
    RefundOutcome,
    RefundQueryOutcome,
    Reversed,
    ReverseOutcome,
    Succeeded,
    Unknown,
)
from server.channels.providers.wechat.wire import Answer, Lost

_MISCONFIGURED: Final = Declined("channels.misconfigured")
_NOT_KNOWN: Final = Unknown("WeChat Pay does not know")
_ASK: Final = Unknown("the number was used before")

_SETUP: Final[Mapping[str, Declined]] = {
    "SIGNERROR": _MISCONFIGURED,
    "NOAUTH": _MISCONFIGURED,
    "MCHNOTEXISTS": _MISCONFIGURED,
    "APPIDMCHIDNOTMATCH": _MISCONFIGURED,
}
"""Refused before anything was looked at: our account is set up wrongly."""

PAY: Final[Mapping[str, PayOutcome]] = {
    **_SETUP,
    "USERPAYING": AwaitingPayer(),
    "ACCEPT": AwaitingPayer(),
    "SYSTEMERROR": _NOT_KNOWN,
    "BANKERROR": _NOT_KNOWN,
    "OUTTRADENOUSED": _ASK,
    "ORDERPAID": _ASK,
    "ORDERCLOSED": _ASK,
    "ORDERREVERSED": _ASK,
    "PARAMERROR": Unknown("PARAM_ERROR", is_alert=True),
    "INVALIDREQUEST": Unknown("INVALID_REQUEST", is_alert=True),
    "NOTENOUGH": Declined("channels.insufficient_funds"),
    "AUTHCODEEXPIRE": Declined("channels.code_expired"),
    "AUTHCODEERROR": Declined("channels.code_invalid"),
    "AUTHCODEINVALID": Declined("channels.code_invalid"),
    "NOTSUPORTCARD": Declined("channels.card_refused"),
    "NOTSUPPORTCARD": Declined("channels.card_refused"),
    "RULELIMIT": Declined("channels.limit"),
    "ACCOUNTERROR": Declined("channels.payer_account"),
    "USERACCOUNTABNORMAL": Declined("channels.payer_account"),
    "BUYERMISMATCH": Declined("channels.payer_account"),
    "TRADEERROR": Declined("channels.declined"),
    "FREQUENCYLIMITED": Declined("channels.busy"),
    "FREQUENCYLIMITEXCEED": Declined("channels.busy"),
    "RATELIMITEXCEEDED": Declined("channels.busy"),
}

CREATE: Final[Mapping[str, CreateOutcome]] = {
    **_SETUP,
    "SYSTEMERROR": _NOT_KNOWN,
    "BANKERROR": _NOT_KNOWN,
    "OUTTRADENOUSED": _ASK,
    "ORDERPAID": _ASK,
    "ORDERCLOSED": _ASK,
    "PARAMERROR": _MISCONFIGURED,
    "INVALIDREQUEST": Unknown("INVALID_REQUEST", is_alert=True),
    "OPENIDMISMATCH": Declined("channels.payer_account"),
    "ACCOUNTERROR": Declined("channels.payer_account"),
    "RULELIMIT": Declined("channels.limit"),
    "TRADEERROR": Declined("channels.declined"),
    "FREQUENCYLIMITED": Declined("channels.busy"),
    "FREQUENCYLIMITEXCEED": Declined("channels.busy"),
    "RATELIMITEXCEEDED": Declined("channels.busy"),
}
"""A request that was refused for its form opened nothing. `INVALID_REQUEST` is no such refusal: an
order may be open under this number with other contents, and somebody may be paying it."""

_ASK_AGAIN: Final[Mapping[str, Unknown]] = {
    "SYSTEMERROR": _NOT_KNOWN,
    "BANKERROR": _NOT_KNOWN,
    "FREQUENCYLIMITED": Unknown("asked too often"),
    "FREQUENCYLIMITEXCEED": Unknown("asked too often"),
    "RATELIMITEXCEEDED": Unknown("asked too often"),
    "SIGNERROR": Unknown("SIGN_ERROR", is_alert=True),
    "NOAUTH": Unknown("NO_AUTH", is_alert=True),
    "MCHNOTEXISTS": Unknown("MCH_NOT_EXISTS", is_alert=True),
    "PARAMERROR": Unknown("PARAM_ERROR", is_alert=True),
    "INVALIDREQUEST": Unknown("INVALID_REQUEST", is_alert=True),
}
"""What says nothing about an order that is there."""

QUERY: Final[Mapping[str, QueryOutcome]] = {
    **_ASK_AGAIN,
    "ORDERNOTEXIST": NotFound(),
    "RESOURCENOTEXISTS": NotFound(),
}

REVERSE: Final[Mapping[str, ReverseOutcome]] = {
    **_ASK_AGAIN,
    "USERPAYING": Declined("channels.still_paying"),
    "REVERSEEXPIRE": Declined("channels.reversal_too_late"),
    "TRADEERROR": Declined("channels.not_reversible"),
    "ORDERREVERSED": Reversed(took_money=False),
    "ORDERCLOSED": Reversed(took_money=False),
    "ORDERNOTEXIST": Reversed(took_money=False),
    "RESOURCENOTEXISTS": Reversed(took_money=False),
}
"""None of these is definite: a query after it is. A number that was never seen has nothing to
undo, and the query says so too."""

CLOSE: Final[Mapping[str, ReverseOutcome]] = {
    **_ASK_AGAIN,
    "USERPAYING": Declined("channels.still_paying"),
    "ORDERPAID": Declined("channels.not_reversible"),
    "TRADEERROR": Declined("channels.not_reversible"),
    "TRADESTATEERROR": Declined("channels.not_reversible"),
    "ORDERCLOSED": Reversed(took_money=False),
    "ORDERNOTEXIST": Reversed(took_money=False),
    "RESOURCENOTEXISTS": Reversed(took_money=False),
}

REFUND: Final[Mapping[str, RefundOutcome]] = {
    **_ASK_AGAIN,
    "NOTENOUGH": Declined("refunds.channel_balance_short"),
    "USERACCOUNTABNORMAL": Declined("refunds.channel_payer_gone"),
    "TRADEOVERDUE": Declined("refunds.channel_too_late"),
    "INVALIDREQUEST": Declined("refunds.channel_refused"),
    "REFUNDFEEMISMATCH": Declined("refunds.channel_refused"),
    "REFUNDAMOUNTERROR": Declined("refunds.channel_refused"),
    "RESOURCENOTEXISTS": Declined("refunds.channel_refused"),
    "ORDERNOTEXIST": Declined("refunds.channel_refused"),
    "BIZERRNEEDRETRY": _NOT_KNOWN,
    "INVALIDREQTOOMUCH": Unknown("asked too often"),
    "ERROR": Unknown("ERROR"),
}
"""A refund that was refused is over: money that must go back goes under a new refund number."""

QUERY_REFUND: Final[Mapping[str, RefundQueryOutcome]] = {
    **_ASK_AGAIN,
    "RESOURCENOTEXISTS": NotFound(),
    "REFUNDNOTEXIST": NotFound(),
    "REFUNDNOTEXISTS": NotFound(),
}

BILL: Final[Mapping[str, str]] = {
    "NOSTATEMENTEXIST": "bills.empty",
    "STATEMENTCREATING": "bills.not_ready",
    "SYSTEMERROR": "bills.not_ready",
    "FREQUENCYLIMITED": "bills.not_ready",
    "RATELIMITEXCEEDED": "bills.not_ready",
    "INVALIDREQUEST": "bills.refused",
    "PARAMERROR": "bills.refused",
    "SIGNERROR": "bills.refused",
    "NOAUTH": "bills.refused",
}

CODE_PAY: Final = "MICROPAY"
"""The trade type of an order made by scanning the payer's code."""


def by_state(transaction: Mapping[str, Any]) -> QueryOutcome:
    """Tell an order's outcome from its `trade_state`."""
    state = str(transaction.get("trade_state", ""))
    match state:
        case "SUCCESS" | "REFUND":
            return Succeeded(str(transaction.get("transaction_id", "")))
        case "NOTPAY" | "USERPAYING" | "ACCEPT":
            return AwaitingPayer()
        case "CLOSED":
            return Reversed(took_money=False)
        case "REVOKED":
            return Reversed(took_money=bool(transaction.get("transaction_id")))
        case "PAYERROR" if transaction.get("trade_type", CODE_PAY) == CODE_PAY:
            return Declined("channels.declined")
    return Unknown(f"trade_state {state[:32]!r}", is_alert=True)


def of_refund(refund: Mapping[str, Any], state_name: str = "status") -> RefundOutcome:
    """Tell a refund's outcome from its `status`."""
    state = str(refund.get(state_name, ""))
    match state:
        case "SUCCESS":
            return Succeeded(str(refund.get("refund_id", "")))
        case "PROCESSING":
            return Unknown("the refund is on its way")
        case "CLOSED":
            return Declined("refunds.channel_closed")
        case "ABNORMAL":
            return Unknown("the payer's account refuses the refund", is_alert=True)
    return Unknown(f"refund status {state[:32]!r}", is_alert=True)


def lost(heard: Lost) -> Unknown:
    """Nothing authentic was heard."""
    return Unknown(heard.why, is_alert=heard.is_alert)


def strange(heard: Answer) -> Unknown:
    """An answer that no page of the documentation has."""
    return Unknown(f"HTTP {heard.status} {heard.code[:48]}", is_alert=True)

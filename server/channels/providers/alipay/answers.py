"""Alipay's words → our outcomes: one table per operation. What is in no table is an alert.

Codes: the "公共错误码" page of the gateway and the "业务错误码" section of each method's page
(opendocs.alipay.com). Some pages spell ACQ as AQC; the bill's codes differ from what is answered.

Why some refusals are not `Declined`
- 20000 and ACQ.SYSTEM_ERROR: the trade may have gone either way; the page says to query.
- TRADE_HAS_SUCCESS, TRADE_HAS_CLOSE, TRADE_STATUS_ERROR: they tell of an earlier call under the
  same number, which is ours alone; a query tells what became of it.
- PULL_MOBILE_CASHIER_FAIL: the trade may be waiting for its payer all the same.
"""

from collections.abc import Mapping
from typing import Final, TypeVar

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
from server.channels.providers.alipay.money import fen
from server.channels.providers.alipay.wire import Answer, Lost

OK: Final = "10000"
PAYING: Final = "10003"
UNAVAILABLE: Final = "20000"
FAILED: Final = "40004"

Outcome = TypeVar("Outcome")

_SETUP: Final = Declined("channels.misconfigured")
_CONTRACT: Final = Declined("channels.not_contracted")
_FUNDS: Final = Declined("channels.insufficient_funds")
_CODE: Final = Declined("channels.code_invalid")
_PAYER: Final = Declined("channels.payer_account")
_LIMIT: Final = Declined("channels.limit")
_OTHER_WAY: Final = Declined("channels.declined")
_BUSY: Final = Declined("channels.busy")
_ASK: Final = Unknown("the number was used before")
_NOT_KNOWN: Final = Unknown("Alipay does not know")

GATEWAY_REFUSALS: Final[Mapping[str, Declined]] = {
    "20001": _SETUP,
    "40001": _SETUP,
    "40002": _SETUP,
    "40003": _SETUP,
    "40005": _BUSY,
    "40006": _CONTRACT,
}
"""The gateway refused before any system behind it was asked, so nothing was done."""

_SYSTEM: Final[Mapping[str, Unknown]] = {
    "ACQ.SYSTEM_ERROR": _NOT_KNOWN,
    "AQC.SYSTEM_ERROR": _NOT_KNOWN,
}

_ORDER: Final[Mapping[str, Declined | Unknown]] = {
    **_SYSTEM,
    "ACQ.TRADE_HAS_SUCCESS": _ASK,
    "ACQ.TRADE_HAS_CLOSE": _ASK,
    "ACQ.TRADE_STATUS_ERROR": _ASK,
    "ACQ.TRADE_HAS_FINISHED": _ASK,
    "ACQ.CONTEXT_INCONSISTENT": Unknown("the number stands for another order", is_alert=True),
    "ACQ.TRADE_BUYER_NOT_MATCH": Unknown("the number has another payer", is_alert=True),
    "ACQ.INVALID_PARAMETER": _SETUP,
    "ACQ.PARTNER_ERROR": _SETUP,
    "ACQ.SELLER_NOT_EXIST": _SETUP,
    "ACQ.INVALID_STORE_ID": _SETUP,
    "ACQ.INVALID_RECEIVE_ACCOUNT": _SETUP,
    "ACQ.EXIST_FORBIDDEN_WORD": Declined("channels.forbidden_word"),
    "ACQ.CURRENCY_NOT_SUPPORT": _SETUP,
    "ACQ.AMOUNT_OR_CURRENCY_ERROR": _SETUP,
    "ACQ.SUB_GOODS_SIZE_MAX_COUNT": _SETUP,
    "ACQ.APPLY_PC_MERCHANT_CODE_ERROR": _SETUP,
    "ACQ.DEFAULT_SETTLE_RULE_NOT_EXIST": _SETUP,
    "ACQ.TRADE_SETTLE_ERROR": _SETUP,
    "ACQ.ROYALTY_ACCOUNT_NOT_EXIST": _SETUP,
    "ACQ.RISK_MERCHANT_IP_NOT_EXIST": _SETUP,
    "ACQ.SUB_MERCHANT_CREATE_FAIL": _SETUP,
    "ACQ.SUB_MERCHANT_TYPE_INVALID": _SETUP,
    "ACQ.PLATFORM_BUSINESS_ACQUIRE_MODE_MUST_MERCHANT_ID": _SETUP,
    "ACQ.SECONDARY_MERCHANT_ID_BLANK": _SETUP,
    "ACQ.SECONDARY_MERCHANT_ID_INVALID": _SETUP,
    "ACQ.SECONDARY_MERCHANT_NOT_MATCH": _SETUP,
    "ACQ.SECONDARY_MERCHANT_ALIPAY_ACCOUNT_INVALID": _SETUP,
    "ACQ.ACCESS_FORBIDDEN": _CONTRACT,
    "ACQ.UN_SUPPORT_TRADE_SCENE": _CONTRACT,
    "ACQ.MERCHANT_AGREEMENT_NOT_EXIST": _CONTRACT,
    "ACQ.MERCHANT_AGREEMENT_INVALID": _CONTRACT,
    "ACQ.MERCHANT_STATUS_NOT_NORMAL": Declined("channels.merchant_suspended"),
    "ACQ.MERCHANT_PERM_RECEIPT_SUSPEND_LIMIT": Declined("channels.merchant_suspended"),
    "ACQ.SECONDARY_MERCHANT_STATUS_ERROR": Declined("channels.merchant_suspended"),
    "ACQ.SECONDARY_MERCHANT_ISV_PUNISH_INDIRECT": Declined("channels.merchant_suspended"),
    "ACQ.SELLER_BEEN_BLOCKED": Declined("channels.merchant_suspended"),
    "ACQ.TOTAL_FEE_EXCEED": _LIMIT,
    "ACQ.BEYOND_PAY_RESTRICTION": _LIMIT,
    "ACQ.BEYOND_PER_RECEIPT_RESTRICTION": _LIMIT,
    "ACQ.BEYOND_PER_RECEIPT_DAY_RESTRICTION": _LIMIT,
    "ACQ.BEYOND_PER_RECEIPT_SINGLE_RESTRICTION": _LIMIT,
    "ACQ.MERCHANT_PERM_RECEIPT_DAY_LIMIT": _LIMIT,
    "ACQ.MERCHANT_PERM_RECEIPT_SINGLE_LIMIT": _LIMIT,
    "ACQ.PRODUCT_AMOUNT_LIMIT_ERROR": _LIMIT,
    "ACQ.RESTRICTED_MERCHANT_INDUSTRY": _LIMIT,
    "ACQ.REQUEST_AMOUNT_EXCEED": _LIMIT,
    "ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR": _LIMIT,
    "ACQ.BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR": _LIMIT,
    "ACQ.BUYER_SELLER_EQUAL": _PAYER,
    "ACQ.BUYER_NOT_EXIST": _PAYER,
    "ACQ.BUYER_ENABLE_STATUS_FORBID": _PAYER,
    "ACQ.BUYER_NOT_MAINLAND_CERT": _PAYER,
    "ACQ.NOT_CERTIFIED_USER": _PAYER,
    "ACQ.ERROR_BUYER_CERTIFY_LEVEL_LIMIT": _PAYER,
    "ACQ.USER_LOGONID_DUP": _PAYER,
    "ACQ.PAYER_UNMATCHED": _PAYER,
    "ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR": Declined("channels.order_expired"),
}
"""What any way of opening a trade may be refused for."""

PAY: Final[Mapping[str, PayOutcome]] = {
    **_ORDER,
    "ACQ.PULL_MOBILE_CASHIER_FAIL": Unknown("the payer's cashier did not come up"),
    "ACQ.PAYMENT_AUTH_CODE_INVALID": _CODE,
    "ACQ.AUTH_TOKEN_IS_NOT_EXIST": _CODE,
    "ACQ.CERT_EXPIRED": Declined("channels.code_expired"),
    "ACQ.BUYER_BALANCE_NOT_ENOUGH": _FUNDS,
    "ACQ.BUYER_BANKCARD_BALANCE_NOT_ENOUGH": _FUNDS,
    "ACQ.NO_PAYMENT_INSTRUMENTS_AVAILABLE": _FUNDS,
    "ACQ.ERROR_BALANCE_PAYMENT_DISABLE": _PAYER,
    "ACQ.MOBILE_PAYMENT_SWITCH_OFF": _PAYER,
    "ACQ.USER_FACE_PAYMENT_SWITCH_OFF": _PAYER,
    "ACQ.SMILE_PAY_MERCHANT_NOT_MATCH": _SETUP,
    "ACQ.PAYMENT_REQUEST_HAS_RISK": Declined("channels.risk"),
    "ACQ.PAYMENT_FAIL": _OTHER_WAY,
    "ACQ.NOT_SUPPORT_PAYMENT_INST": _OTHER_WAY,
    "ACQ.CARD_TYPE_ERROR": _OTHER_WAY,
    "ACQ.CARD_USER_NOT_MATCH": _OTHER_WAY,
}
CREATE: Final[Mapping[str, CreateOutcome]] = _ORDER
QUERY: Final[Mapping[str, QueryOutcome]] = {
    **_SYSTEM,
    "ACQ.TRADE_NOT_EXIST": NotFound(),
    "ACQ.ENTERPRISE_PAY_BIZ_ERROR": _NOT_KNOWN,
    "ACQ.INVALID_PARAMETER": Unknown("ACQ.INVALID_PARAMETER", is_alert=True),
    "ACQ.ACCESS_FORBIDDEN": Unknown("ACQ.ACCESS_FORBIDDEN", is_alert=True),
}
_FIXED: Final = Declined("channels.not_reversible")
CANCEL: Final[Mapping[str, ReverseOutcome]] = {
    **_SYSTEM,
    "ACQ.TRADE_NOT_EXIST": Unknown("there was nothing to cancel"),
    "ACQ.SELLER_BALANCE_NOT_ENOUGH": Unknown("our balance at Alipay is short", is_alert=True),
    "ACQ.TRADE_CANCEL_TIME_OUT": Declined("channels.reversal_too_late"),
    "ACQ.TRADE_HAS_FINISHED": _FIXED,
    "ACQ.REASON_TRADE_BEEN_FREEZEN": _FIXED,
    "ACQ.REASON_TRADE_REFUND_FEE_ERR": _FIXED,
    "ACQ.INVALID_PARAMETER": Unknown("ACQ.INVALID_PARAMETER", is_alert=True),
}
"""Nothing here is definite: a query after it is. CANCEL_NOT_ALLOWED asks for a close instead."""
CLOSE: Final[Mapping[str, ReverseOutcome]] = {
    **_SYSTEM,
    "ACQ.TRADE_NOT_EXIST": Unknown("there was nothing to close"),
    "ACQ.REASON_TRADE_STATUS_INVALID": _FIXED,
    "ACQ.REASON_ILLEGAL_STATUS": _FIXED,
    "ACQ.TRADE_STATUS_ERROR": _FIXED,
    "ACQ.INVALID_PARAMETER": Unknown("ACQ.INVALID_PARAMETER", is_alert=True),
}
_REFUSED: Final = Declined("refunds.channel_refused")
_GONE: Final = Declined("refunds.channel_payer_gone")
REFUND: Final[Mapping[str, RefundOutcome]] = {
    **_SYSTEM,
    "ACQ.ENTERPRISE_PAY_BIZ_ERROR": _NOT_KNOWN,
    "ACQ.DISCORDANT_REPEAT_REQUEST": Unknown("the refund number was used before", is_alert=True),
    "ACQ.SELLER_BALANCE_NOT_ENOUGH": Declined("refunds.channel_balance_short"),
    "ACQ.TRADE_HAS_FINISHED": Declined("refunds.channel_too_late"),
    "ACQ.BUYER_ERROR": _GONE,
    "ACQ.BUYER_NOT_EXIST": _GONE,
    "ACQ.BUYER_ENABLE_STATUS_FORBID": _GONE,
    "ACQ.REFUND_ACCOUNT_NOT_EXIST": _GONE,
    "ACQ.USER_NOT_MATCH_ERR": _GONE,
    "ACQ.TRADE_NOT_EXIST": _REFUSED,
    "ACQ.TRADE_HAS_CLOSE": _REFUSED,
    "ACQ.TRADE_STATUS_ERROR": _REFUSED,
    "ACQ.TRADE_NOT_ALLOW_REFUND": _REFUSED,
    "ACQ.TRADE_SETTLE_ERROR": _REFUSED,
    "ACQ.NOT_ALLOW_PARTIAL_REFUND": _REFUSED,
    "ACQ.ONLINE_TRADE_VOUCHER_NOT_ALLOW_REFUND": _REFUSED,
    "ACQ.REASON_TRADE_BEEN_FREEZEN": _REFUSED,
    "ACQ.REASON_TRADE_STATUS_INVALID": _REFUSED,
    "ACQ.REASON_ILLEGAL_STATUS": _REFUSED,
    "ACQ.REASON_TRADE_REFUND_FEE_ERR": _REFUSED,
    "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL": _REFUSED,
    "ACQ.REFUND_FEE_ERROR": _REFUSED,
    "ACQ.REFUND_CHARGE_ERROR": _REFUSED,
    "ACQ.ALLOC_AMOUNT_VALIDATE_ERROR": _REFUSED,
    "ACQ.REFUNDALLOC_UNAUTH_LIMIT": _REFUSED,
    "ACQ.REFUND_ROYALTY_PAYEE_ACCOUNT_NOT_EXIST": _REFUSED,
    "ACQ.CUSTOMER_VALIDATE_ERROR": _REFUSED,
    "ACQ.OVERDRAFT_AGREEMENT_NOT_MATCH": _REFUSED,
    "ACQ.OVERDRAFT_ASSIGN_ACCOUNT_INVALID": _REFUSED,
    "ACQ.INVALID_PARAMETER": Unknown("ACQ.INVALID_PARAMETER", is_alert=True),
}
QUERY_REFUND: Final[Mapping[str, RefundQueryOutcome]] = {
    **_SYSTEM,
    "ACQ.TRADE_NOT_EXIST": NotFound(),
    "TRADE_NOT_EXIST": NotFound(),
    "ACQ.INVALID_PARAMETER": Unknown("ACQ.INVALID_PARAMETER", is_alert=True),
}


def of_pay(heard: Answer | Lost, number: str, amount: int) -> PayOutcome:
    """Read the answer to `alipay.trade.pay`."""
    if isinstance(heard, Lost):
        return _lost(heard) if heard.was_sent else Declined("channels.unreachable")
    if heard.code == PAYING:
        return _ours(heard, number) or AwaitingPayer()
    if heard.code == OK:
        return _ours(heard, number, amount) or Succeeded(heard.text("trade_no"))
    if heard.code in GATEWAY_REFUSALS:
        return GATEWAY_REFUSALS[heard.code]
    return _refusal(heard, PAY)


def of_create(heard: Answer | Lost) -> CreateOutcome | None:
    """Read a refusal to open an order; None when it is open."""
    if isinstance(heard, Lost):
        return _lost(heard)
    if heard.code == OK:
        return None
    if heard.code in GATEWAY_REFUSALS:
        return GATEWAY_REFUSALS[heard.code]
    return _refusal(heard, CREATE)


def of_query(heard: Answer | Lost, number: str) -> QueryOutcome:
    """Read the answer to `alipay.trade.query`."""
    if isinstance(heard, Lost):
        return _lost(heard)
    if heard.code == OK:
        return _ours(heard, number) or by_status(heard.data)
    return _refusal(heard, QUERY)


def by_status(trade: Mapping[str, object]) -> QueryOutcome:
    """Read a trade's status, in an answer or a notice.

    TRADE_CLOSED is unpaid and timed out or cancelled, or paid and wholly returned: a trade that was
    paid has the time of its payment (`send_pay_date`, in a notice `gmt_payment`), and one that was
    not has not, nor anything received. What fits neither is nobody's guess.
    """
    status = str(trade.get("trade_status", ""))
    if status in ("TRADE_SUCCESS", "TRADE_FINISHED"):
        return Succeeded(str(trade.get("trade_no", "")))
    if status == "WAIT_BUYER_PAY":
        return AwaitingPayer()
    if status != "TRADE_CLOSED":
        return Unknown(f"trade_status {status[:64]!r}", is_alert=True)
    if trade.get("send_pay_date") or trade.get("gmt_payment"):
        return Reversed(took_money=True)
    if _received_something(trade):
        return Unknown("closed, never paid, and something was received", is_alert=True)
    return Reversed(took_money=False)


def of_cancel(heard: Answer | Lost, number: str) -> ReverseOutcome:
    """Read the answer to `alipay.trade.cancel`."""
    if isinstance(heard, Lost):
        return _lost(heard)
    if heard.text("retry_flag") == "Y":
        return Unknown(f"to be asked again ({heard.sub_code[:64]})")
    if heard.code != OK:
        return _refusal(heard, CANCEL)
    actions: Mapping[str, ReverseOutcome] = {
        "close": Reversed(took_money=False),
        "refund": Reversed(took_money=True),
        # Answered for a number that Alipay has never seen, too
        "": Unknown("there was nothing to cancel"),
    }
    action = heard.text("action")
    said = actions.get(action, Unknown(f"action {action[:64]!r}", is_alert=True))
    return _ours(heard, number) or said


def of_close(heard: Answer | Lost, number: str) -> ReverseOutcome:
    """Read the answer to `alipay.trade.close`."""
    if isinstance(heard, Lost):
        return _lost(heard)
    if heard.code == OK:
        return _ours(heard, number) or Reversed(took_money=False)
    return _refusal(heard, CLOSE)


def of_refund(heard: Answer | Lost, number: str) -> Succeeded | Declined | Unknown | None:
    """Read the answer to `alipay.trade.refund`; None: taken, but this call moved no money.

    `fund_change` N is said of a repeat of a refund that is done, and of one still to be done.
    """
    if isinstance(heard, Lost):
        return _lost(heard)
    if heard.code != OK:
        return _refusal(heard, REFUND)
    if heard.text("fund_change") == "Y":
        return _ours(heard, number) or Succeeded(heard.text("trade_no"))
    return _ours(heard, number)


def of_query_refund(heard: Answer | Lost, number: str, refund_number: str) -> RefundQueryOutcome:
    """Read the answer to `alipay.trade.fastpay.refund.query`.

    10000 only says that the query worked; without `refund_status` the refund was not received or
    has failed, and the same refund number may be sent again.
    """
    if isinstance(heard, Lost):
        return _lost(heard)
    if heard.code != OK:
        return _refusal(heard, QUERY_REFUND)
    status = heard.text("refund_status")
    if not status:
        return NotFound()
    if status == "REFUND_PROCESSING":
        return Unknown("the refund is on its way")
    if status == "REFUND_FAIL":
        return Declined("refunds.channel_closed")
    if status != "REFUND_SUCCESS":
        return Unknown(f"refund_status {status[:64]!r}", is_alert=True)
    if heard.text("out_request_no") not in ("", refund_number):
        return Unknown("the answer is about another refund", is_alert=True)
    return _ours(heard, number) or Succeeded(heard.text("trade_no"))


def _refusal(heard: Answer, table: Mapping[str, Outcome]) -> Outcome | Unknown:
    said = table.get(heard.sub_code) if heard.code == FAILED else None
    if said is not None:
        return said
    if heard.code == UNAVAILABLE:
        return _NOT_KNOWN
    is_alert = heard.code != "40005"
    return Unknown(f"{heard.code[:16]} {heard.sub_code[:64]}".strip(), is_alert=is_alert)


def _ours(heard: Answer, number: str, amount: int | None = None) -> Unknown | None:
    """Say why a good answer is not about what was asked; None when it is."""
    if heard.text("out_trade_no") not in ("", number):
        return Unknown("the answer is about another order", is_alert=True)
    if amount is None:
        return None
    try:
        is_same = fen(heard.text("total_amount")) == amount
    except ValueError:
        is_same = False
    return None if is_same else Unknown("another amount was charged", is_alert=True)


def _lost(heard: Lost) -> Unknown:
    return Unknown(heard.why, is_alert=heard.is_alert)


def _received_something(trade: Mapping[str, object]) -> bool:
    for name in ("receipt_amount", "buyer_pay_amount"):
        try:
            if trade.get(name) and fen(str(trade[name])) != 0:
                return True
        except ValueError:
            return True
    return bool(trade.get("fund_bill_list"))

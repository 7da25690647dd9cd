"""How WeChat Pay writes orders and refunds down: its JSON objects and trouble."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from server.sandbox.entries import Order, Refund, RefundState, State, Way
from server.sandbox.frame import Reply
from server.sandbox.wechat.sign_in import OPENID

CALENDAR: Final = timezone(timedelta(hours=8))
TRADE_TYPES: Final[Mapping[Way, str]] = {
    Way.CODE: "MICROPAY",
    Way.SCAN: "NATIVE",
    Way.PAGE: "JSAPI",
    Way.APP: "APP",
}
_REFUND_STATES: Final[Mapping[RefundState, str]] = {
    RefundState.PROCESSING: "PROCESSING",
    RefundState.SUCCEEDED: "SUCCESS",
    RefundState.FAILED: "CLOSED",
}


def trade_state(order: Order, refunds: Sequence[Refund]) -> str:
    """Name the state of an order."""
    is_code = order.way is Way.CODE
    match order.state:
        case State.PAID:
            is_back = any(refund.state is not RefundState.FAILED for refund in refunds)
            return "REFUND" if is_back else "SUCCESS"
        case State.PAYING:
            return "USERPAYING" if is_code else "NOTPAY"
        case State.DECLINED:
            return "PAYERROR" if is_code else "NOTPAY"
        case State.REVERSED:
            return "REVOKED"
        case State.CLOSED:
            return "REVOKED" if is_code else "CLOSED"
    return "NOTPAY"


def transaction(order: Order, refunds: Sequence[Refund]) -> dict[str, Any]:
    """Write an order down. What is known only once it was paid is missing before."""
    written: dict[str, Any] = {
        **{name: value for name, value in order.attributes.items() if name in _PARTIES},
        "out_trade_no": order.number,
        "trade_state": trade_state(order, refunds),
        "trade_state_desc": order.state.value,
        "amount": {"total": order.amount, "currency": "CNY"},
    }
    if order.paid_at is not None:
        written |= {
            "transaction_id": order.reference,
            "trade_type": TRADE_TYPES[order.way],
            "bank_type": "OTHERS",
            "success_time": instant(order.paid_at),
            "payer": {"openid": order.payer or OPENID},
        }
        written["amount"] |= {"payer_total": order.amount, "payer_currency": "CNY"}
    elif order.way is Way.CODE and order.state is State.DECLINED:
        written["trade_type"] = TRADE_TYPES[order.way]
    return written


def refund_object(order: Order, refund: Refund, *, is_just_taken: bool = False) -> dict[str, Any]:
    """Write a refund down. One that was just taken is on its way, however quick it will be."""
    state = RefundState.PROCESSING if is_just_taken else refund.state
    written = {
        "refund_id": refund.reference,
        "out_refund_no": refund.refund_number,
        "transaction_id": order.reference,
        "out_trade_no": order.number,
        "channel": "ORIGINAL",
        "user_received_account": "支付用户零钱",
        "create_time": instant(refund.asked_at),
        "status": _REFUND_STATES[state],
        "funds_account": "AVAILABLE",
        "amount": refund_amount(order, refund),
    }
    if state is RefundState.SUCCEEDED and refund.done_at is not None:
        written["success_time"] = instant(refund.done_at)
    return written


def refund_notice(order: Order, refund: Refund) -> dict[str, Any]:
    """What a notice about a refund seals."""
    names = ("sp_mchid", "sub_mchid", "mchid")
    written: dict[str, Any] = {
        **{name: order.attributes[name] for name in names if name in order.attributes},
        "out_trade_no": order.number,
        "transaction_id": order.reference,
        "out_refund_no": refund.refund_number,
        "refund_id": refund.reference,
        "refund_status": _REFUND_STATES[refund.state],
        "user_received_account": "支付用户零钱",
        "amount": refund_amount(order, refund),
    }
    del written["amount"]["currency"]
    return written


def refund_amount(order: Order, refund: Refund) -> dict[str, Any]:
    """The money part of a refund."""
    return {
        "total": order.amount,
        "refund": refund.amount,
        "payer_total": order.amount,
        "payer_refund": refund.amount,
        "currency": "CNY",
    }


def instant(at: datetime) -> str:
    """Write a time as RFC 3339, on WeChat's clock."""
    return at.astimezone(CALENDAR).isoformat(timespec="seconds")


def written(content: Mapping[str, Any], status: int = 200) -> Reply:
    """Answer an object."""
    return Reply(status, json.dumps(content, ensure_ascii=False).encode())


def trouble(status: int, code: str, message: str) -> Reply:
    """Answer an error."""
    return written({"code": code, "message": message}, status)


_PARTIES: Final = ("appid", "mchid", "sp_appid", "sp_mchid", "sub_appid", "sub_mchid")

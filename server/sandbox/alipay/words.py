"""What Alipay writes: trades, refunds and refusals as it puts them, and its notices' form."""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from server.sandbox.entries import Order, Refund, State, Why

CALENDAR: Final = timezone(timedelta(hours=8))
BUYER: Final = "2088102117955611"
_YUAN: Final = re.compile(r"([0-9]{1,9})(?:\.([0-9]{1,2}))?")
_MESSAGES: Final = {
    "ACQ.SYSTEM_ERROR": "系统错误",
    "ACQ.INVALID_PARAMETER": "参数无效",
    "ACQ.TRADE_NOT_EXIST": "交易不存在",
    "ACQ.TRADE_HAS_SUCCESS": "交易已被支付",
    "ACQ.TRADE_HAS_CLOSE": "交易已经关闭",
    "ACQ.TRADE_STATUS_ERROR": "交易状态不合法",
    "ACQ.TRADE_HAS_FINISHED": "交易已完结",
    "ACQ.CONTEXT_INCONSISTENT": "交易信息被篡改",
    "ACQ.PAYMENT_AUTH_CODE_INVALID": "支付失败，获取顾客账户信息失败，请顾客刷新付款码后重新收款",
    "ACQ.BUYER_BALANCE_NOT_ENOUGH": "支付失败，买家余额不足",
    "ACQ.TOTAL_FEE_EXCEED": "订单总金额超过限额",
    "ACQ.CANCEL_NOT_ALLOWED": "交易不允许撤销",
    "ACQ.TRADE_CANCEL_TIME_OUT": "超过撤销时间范围",
    "ACQ.REASON_TRADE_STATUS_INVALID": "交易状态异常",
    "ACQ.REASON_TRADE_REFUND_FEE_ERR": "退款金额无效",
    "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL": "撤销或退款金额与订单金额不一致",
    "ACQ.DISCORDANT_REPEAT_REQUEST": "不一致的请求",
    "ACQ.REFUND_ACCOUNT_NOT_EXIST": "退款账户不存在",
}
_WHY: Final = {
    Why.NO_ORDER: "ACQ.TRADE_NOT_EXIST",
    Why.DIFFERENT: "ACQ.CONTEXT_INCONSISTENT",
    Why.CODE_USED: "ACQ.PAYMENT_AUTH_CODE_INVALID",
    Why.NOT_OPEN: "ACQ.REASON_TRADE_STATUS_INVALID",
    Why.NOT_PAID: "ACQ.TRADE_STATUS_ERROR",
    Why.BEYOND: "ACQ.REASON_TRADE_REFUND_FEE_ERR",
    Why.HAS_REFUNDS: "ACQ.REASON_TRADE_REFUND_FEE_ERR",
}

Content = dict[str, Any]


def success(**content: Any) -> Content:
    """Say that it was done."""
    return {"code": "10000", "msg": "Success", **content}


def failed(sub_code: str, **content: Any) -> Content:
    """Say that business failed."""
    message = _MESSAGES.get(sub_code, "业务处理失败")
    return {
        "code": "40004", "msg": "Business Failed", "sub_code": sub_code, "sub_msg": message,
        **content,
    }  # fmt: skip


def refused(why: Why, **content: Any) -> Content:
    """Put what the books refuse into words."""
    return failed(_WHY.get(why, "ACQ.INVALID_PARAMETER"), **content)


def unavailable() -> Content:
    """Confess trouble: it may have been done."""
    return {
        "code": "20000", "msg": "Service Currently Unavailable", "sub_code": "isp.unknow-error",
        "sub_msg": "系统繁忙",
    }  # fmt: skip


def yuan(amount: int) -> str:
    """Write fen as yuan."""
    sign = "-" if amount < 0 else ""
    return f"{sign}{abs(amount) // 100}.{abs(amount) % 100:02d}"


def fen(text: object) -> int:
    """Read yuan as fen; raises `ValueError`."""
    match = _YUAN.fullmatch(str(text))
    if match is None:
        raise ValueError(f"no amount: {text!r}")
    return int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))


def clock_text(at: datetime) -> str:
    """Write an instant in Alipay's calendar."""
    return f"{at.astimezone(CALENDAR):%Y-%m-%d %H:%M:%S}"


def names(order: Order) -> Content:
    """Name an order as every answer about it does."""
    return {"out_trade_no": order.number, "trade_no": order.reference}


def paid(order: Order) -> Content:
    """Describe a charge that went through; the payer's name holds what must be escaped."""
    assert order.paid_at is not None
    return {
        **names(order),
        "buyer_logon_id": "159****5620",
        "buyer_user_id": order.payer or BUYER,
        "total_amount": yuan(order.amount),
        "receipt_amount": yuan(order.amount),
        "buyer_pay_amount": yuan(order.amount),
        "point_amount": "0.00",
        "invoice_amount": yuan(order.amount),
        "gmt_payment": clock_text(order.paid_at),
        "store_name": '北区食堂 "一号}" \\ 小吃/面点',
        "fund_bill_list": [{"amount": yuan(order.amount), "fund_channel": "ALIPAYACCOUNT"}],
    }


def trade(order: Order, status: str) -> Content:
    """Describe a trade to who queries it."""
    content = {
        **names(order),
        "buyer_logon_id": "159****5620",
        "buyer_user_id": order.payer or BUYER,
        "trade_status": status,
        "total_amount": yuan(order.amount),
        "buyer_pay_amount": yuan(order.amount if order.took_money else 0),
        "receipt_amount": yuan(order.amount if order.took_money else 0),
        "invoice_amount": yuan(order.amount if order.took_money else 0),
        "point_amount": "0.00",
        "buyer_user_type": "PRIVATE",
    }
    if order.paid_at is not None:
        content["send_pay_date"] = clock_text(order.paid_at)
        content["fund_bill_list"] = [
            {"amount": yuan(order.amount), "fund_channel": "ALIPAYACCOUNT"}
        ]
    return content


def status_of(order: Order, returned_amount: int, is_finished: bool) -> str:  # noqa: FBT001
    """Tell a trade's status; a trade that was returned wholly is closed, too."""
    if order.state in (State.OPEN, State.PAYING):
        return "WAIT_BUYER_PAY"
    if order.state is State.PAID and returned_amount < order.amount:
        return "TRADE_FINISHED" if is_finished else "TRADE_SUCCESS"
    return "TRADE_CLOSED"


def notice_form(order: Order, status: str, refund: Refund | None, seen: Mapping[str, str]) -> dict[
    str, str
]:  # fmt: skip
    """Write the fields of a notice; `seen` are those that say who, when and for whom."""
    form = {
        "notify_type": "trade_status_sync",
        "charset": "utf-8",
        "version": "1.0",
        "sign_type": "RSA2",
        "trade_no": order.reference,
        "out_trade_no": order.number,
        "buyer_id": order.payer or BUYER,
        "buyer_logon_id": "159****5620",
        "trade_status": status,
        "subject": order.attributes.get("subject", ""),
        "total_amount": yuan(order.amount),
        "receipt_amount": yuan(order.amount),
        "buyer_pay_amount": yuan(order.amount),
        "gmt_create": clock_text(order.created_at),
        "fund_bill_list": json.dumps(
            [{"amount": yuan(order.amount), "fundChannel": "ALIPAYACCOUNT"}]
        ),
        **seen,
    }
    if order.paid_at is not None:
        form["gmt_payment"] = clock_text(order.paid_at)
    if refund is not None:
        form["out_biz_no"] = refund.refund_number
        form["gmt_refund"] = f"{clock_text(refund.done_at or refund.asked_at)}.123"
    return form


def qr_code(reference: str) -> str:
    """Return the text of a code to show."""
    return "https://qr.alipay.com/bax" + hashlib.sha256(reference.encode()).hexdigest()[:17]

"""What is sent to Alipay, as `biz_content` of each method."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from server.channels.channel import Charge, PayeeOrder
from server.channels.providers.alipay.money import yuan
from server.channels.providers.alipay.wire import CHINA

SUBJECT: Final = "消费"
"""When a sale has no name; Alipay takes none without."""
_UNWANTED: Final = re.compile(r"[/=&\\\"'\x00-\x1f\x7f]+")
"""The documentation excludes `/`, `=` and `&`; the rest only makes trouble in bills."""
_USER_ID: Final = re.compile(r"2088[0-9]{12}")
_OPEN_FOR: Final = "3m"
"""How long an unpaid charge of a payer's code may live, should every cancellation of ours fail."""
_MINUTES_MAX: Final = 120
"""A code of the provider's lives two hours at most."""


def charge(asked: Charge) -> dict[str, Any]:
    """`alipay.trade.pay`. A face token (`fp…`) is charged like a code, under another scene."""
    is_face = asked.auth_code.startswith("fp")
    return {
        "out_trade_no": asked.number,
        "scene": "security_code" if is_face else "bar_code",
        "auth_code": asked.auth_code,
        "product_code": "FACE_TO_FACE_PAYMENT",
        "subject": subject(asked.subject),
        "total_amount": yuan(asked.amount),
        "timeout_express": _OPEN_FOR,
        **_place(asked.store, asked.device),
    }


def code_to_show(asked: PayeeOrder, now: datetime) -> dict[str, Any]:
    """`alipay.trade.precreate`: the code's life counts from now, the trade's from the scan."""
    minutes = f"{_minutes(asked.expires_at - now)}m"
    return {
        "out_trade_no": asked.number,
        "product_code": "FACE_TO_FACE_PAYMENT",
        "subject": subject(asked.subject),
        "total_amount": yuan(asked.amount),
        "qr_code_timeout_express": minutes,
        "timeout_express": minutes,
        **_place(asked.store, asked.device),
    }


def page(asked: PayeeOrder, app_id: str) -> dict[str, Any]:
    """`alipay.trade.create`, for the JS bridge: a payer's user id, or the newer open id."""
    is_user_id = _USER_ID.fullmatch(asked.payer) is not None
    return {
        "out_trade_no": asked.number,
        "product_code": "JSAPI_PAY",
        "op_app_id": app_id,
        "buyer_id" if is_user_id else "buyer_open_id": asked.payer,
        "subject": subject(asked.subject),
        "total_amount": yuan(asked.amount),
        "time_expire": clock_text(asked.expires_at),
        **_place(asked.store, asked.device),
    }


def app(asked: PayeeOrder) -> dict[str, Any]:
    """`alipay.trade.app.pay`, which is not sent: the payer's phone carries it."""
    return {
        "out_trade_no": asked.number,
        "product_code": "QUICK_MSECURITY_PAY",
        "subject": subject(asked.subject),
        "total_amount": yuan(asked.amount),
        "time_expire": clock_text(asked.expires_at),
    }


def refund(number: str, refund_number: str, amount: int) -> dict[str, Any]:
    """`alipay.trade.refund`: `out_request_no` makes it happen once."""
    return {
        "out_trade_no": number,
        "out_request_no": refund_number,
        "refund_amount": yuan(amount),
    }


def subject(text: str) -> str:
    """Return a name that Alipay takes."""
    return _UNWANTED.sub(" ", text).strip()[:128] or SUBJECT


def clock_text(at: datetime) -> str:
    """Write an instant in Alipay's calendar."""
    return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"


def instant(text: str) -> datetime:
    """Read a time in Alipay's calendar. Raises `ValueError`."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA)


def _minutes(left: timedelta) -> int:
    """Whole minutes, rounded up: the code may outlive the order a little, never end before it."""
    return min(max(-(-int(left.total_seconds()) // 60), 1), _MINUTES_MAX)


def _place(store: str, device: str) -> Mapping[str, str]:
    named = {"store_id": store[:32], "terminal_id": device[:32]}
    return {name: value for name, value in named.items() if value}

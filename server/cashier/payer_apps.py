"""Which app opened the page, by its User-Agent; a table, since every app has its own word.

Sources: WeChat's and Alipay's own web-page guides name MicroMessenger and AlipayClient; UnionPay's
QR page guide names UnionPay/<version> <app>; banks' apps name themselves.
"""

from typing import Final

MARKS: Final = (
    ("MicroMessenger", "wechat"),
    ("AlipayClient", "alipay"),
    ("UnionPay/", "unionpay"),
    ("CloudPay", "unionpay"),
    ("FanpiaoBank", "bank"),
)
"""(mark, kind), first match wins. A bank adds its own mark here when it joins."""
BROWSER: Final = ""


def app_of(user_agent: str) -> str:
    """Return the kind of app, or `BROWSER` when it is none that we know."""
    return next((kind for mark, kind in MARKS if mark in user_agent), BROWSER)

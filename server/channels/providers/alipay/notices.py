"""Read what Alipay calls to say: a form, verified, for this app and seller, not old, not seen.

Whoever books it still compares number and amount with the order: an authentic notice of another
order is no payment of this one. Alipay repeats a notice, signed anew with the time of sending,
under the same `notify_id`, until the answer is exactly `success`.
"""

from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime, timedelta
from threading import Lock
from typing import Final
from urllib.parse import parse_qsl

from server.channels.channel import Forged, Notice, NoticeAnswer, Succeeded
from server.channels.providers.alipay import answers, signing
from server.channels.providers.alipay.money import fen
from server.channels.providers.alipay.orders import instant
from server.channels.providers.alipay.wire import Wire

WINDOW: Final = timedelta(minutes=5)
"""How far the time of sending may be from ours."""
REMEMBERED: Final = 100_000
"""Signatures kept at most; only those of verified notices get in."""
FIELDS_MAX: Final = 100
TAKEN: Final = NoticeAnswer(200, b"success", "text/plain")
REFUSED: Final = NoticeAnswer(200, b"fail", "text/plain")


class Seen:
    """The signatures of notices within the time window. May be used from many threads."""

    def __init__(self, limit: int = REMEMBERED) -> None:
        self._limit = limit
        self._at: OrderedDict[str, datetime] = OrderedDict()
        self._lock = Lock()

    def is_new(self, signature: str, now: datetime) -> bool:
        """Remember a signature; False when it was seen before."""
        with self._lock:
            while self._at:
                at = next(iter(self._at.values()))
                if now - at <= 2 * WINDOW and len(self._at) < self._limit:
                    break
                self._at.popitem(last=False)
            is_new = signature not in self._at
            self._at.setdefault(signature, now)
            return is_new


def read(wire: Wire, seller_id: str, seen: Seen, body: bytes, now: datetime) -> Notice | Forged:
    """Verify and read a notice."""
    try:
        form = _form(body)
    except ValueError as problem:
        return Forged(f"not a notice: {problem}")
    signature = form.get("sign", "")
    if not _is_authentic(wire, form, signature):
        return Forged("signature is wrong" if signature else "not signed")
    wrong = _not_for_us(form, wire.app_id, seller_id) or _not_now(form, now)
    if wrong:
        return Forged(wrong)
    if not seen.is_new(signature, now):
        return Forged("the same signed bytes again", is_replay=True)
    try:
        return _notice(form)
    except (KeyError, ValueError) as problem:
        return Forged(f"not about a trade: {problem}")


def _is_authentic(wire: Wire, form: Mapping[str, str], signature: str) -> bool:
    """In certificate mode a notice may name its certificate, which some SDKs do not sign over."""
    unnamed = {name: value for name, value in form.items() if name != "alipay_cert_sn"}
    texts = {signing.notice_text(form), signing.notice_text(unnamed)}
    return any(wire.is_alipay_s(text, signature) for text in texts)


def _form(body: bytes) -> dict[str, str]:
    pairs = parse_qsl(
        body.decode("ascii"),
        keep_blank_values=True,
        strict_parsing=True,
        encoding="utf-8",
        errors="strict",
        max_num_fields=FIELDS_MAX,
    )
    form = dict(pairs)
    if len(form) != len(pairs):
        raise ValueError("a field stands twice")
    return form


def _not_for_us(form: Mapping[str, str], app_id: str, seller_id: str) -> str:
    if form.get("app_id") != app_id:
        return "for another app"
    if form.get("seller_id") != seller_id:
        return "for another seller"
    return ""


def _not_now(form: Mapping[str, str], now: datetime) -> str:
    try:
        sent_at = instant(form.get("notify_time", ""))
    except ValueError:
        return "no time of sending"
    is_recent = abs(now - sent_at) <= WINDOW
    return "" if is_recent else "sent at another time than ours"


def _notice(form: Mapping[str, str]) -> Notice:
    if not form.get("notify_id"):
        raise ValueError("no notify_id")
    if form.get("refund_fee") and form.get("out_biz_no"):
        # `refund_fee` is what went back of the trade so far: where that is more than this refund,
        # whoever compares asks instead of believing
        return Notice(
            form["notify_id"],
            form["out_trade_no"],
            fen(form["refund_fee"]),
            Succeeded(form["trade_no"]),
            refund_number=form["out_biz_no"],
        )
    return Notice(
        form["notify_id"],
        form["out_trade_no"],
        fen(form["total_amount"]),
        answers.by_status(form),
    )

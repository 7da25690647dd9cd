"""Read what WeChat Pay calls to say: verified, not too old, not seen before, unsealed, for us.

WeChat repeats a notice until it is taken; each repeat is signed anew, so it passes, under the same
notice id. The same signed bytes a second time are a replay and do not.
"""

import json
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime
from threading import Lock
from typing import Any, Final

from server.channels.channel import Forged, Notice, NoticeAnswer
from server.channels.providers.wechat import answers, signing
from server.channels.providers.wechat.orders import Parties
from server.channels.providers.wechat.wire import WINDOW

REMEMBERED: Final = 100_000
"""Nonces kept at most; only those of verified notices get in, so nobody can crowd them out."""
TAKEN: Final = NoticeAnswer(204, b"", "application/json")
REFUSED: Final = NoticeAnswer(
    500, b'{"code":"FAIL","message":"try again"}', "application/json"
)  # fmt: skip


class Nonces:
    """The nonces of notices that are still within the time window. Used from many threads."""

    def __init__(self, limit: int = REMEMBERED) -> None:
        self._limit = limit
        self._seen: OrderedDict[str, datetime] = OrderedDict()
        self._lock = Lock()

    def is_new(self, nonce: str, now: datetime) -> bool:
        """Remember a nonce; False when it was seen before."""
        with self._lock:
            self._forget(now)
            if nonce in self._seen:
                return False
            self._seen[nonce] = now
            return True

    def _forget(self, now: datetime) -> None:
        """Drop what the time window refuses anyway (both ways of it), then the oldest."""
        while self._seen:
            seen_at = next(iter(self._seen.values()))
            if now - seen_at <= 2 * WINDOW and len(self._seen) < self._limit:
                return
            self._seen.popitem(last=False)


def read(parties: Parties, api_key: bytes, body: bytes) -> Notice | Forged:
    """Read a notice whose signature was found right."""
    try:
        notice = json.loads(body)
        kind = str(notice["event_type"])
        opened = signing.unsealed(api_key, notice["resource"])
        if opened is None:
            return Forged("cannot be unsealed with this APIv3 key")
        said = json.loads(opened)
        if not parties.are_meant(said):
            return Forged("for another merchant or app")
        if kind.startswith("TRANSACTION."):
            return _of_payment(str(notice["id"]), said)
        if kind.startswith("REFUND."):
            return _of_refund(str(notice["id"]), said)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
        return Forged(f"not a notice: {type(problem).__name__}")
    return Forged(f"about something else: {kind[:32]!r}")


def _of_payment(id: str, said: Mapping[str, Any]) -> Notice:
    amount = _fen(said["amount"], "total")
    return Notice(id, str(said["out_trade_no"]), amount, answers.by_state(said))


def _of_refund(id: str, said: Mapping[str, Any]) -> Notice:
    return Notice(
        id,
        str(said["out_trade_no"]),
        _fen(said["amount"], "refund"),
        answers.of_refund(said, "refund_status"),
        refund_number=str(said["out_refund_no"]),
    )


def _fen(part: Mapping[str, Any], name: str) -> int:
    value = part[name]
    if type(value) is not int or part.get("currency", "CNY") != "CNY":
        raise ValueError("not an amount in fen")
    return value

"""A circuit breaker: after several unknown answers in a row a channel is left alone for a while.

Closed → open after `FAILURES` unknown answers in a row; after `REST` one probe is let through,
and its answer closes the breaker or opens it again. Queries and reversals are never held back:
they are about money that may already have moved.
"""

from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from server.channels.channel import (
    Channel,
    PayOutcome,
    QueryOutcome,
    RefundOutcome,
    ReverseOutcome,
    Unknown,
)

FAILURES: Final = 5
"""Unknown answers in a row before payers are spared the wait."""
REST: Final = timedelta(seconds=30)
"""How long a failing channel is left alone before one payment probes it."""


class Breaker:
    """Counts the unknown answers of one channel; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._failures = 0
        self._opened_at: datetime | None = None

    def admits(self, now: datetime) -> bool:
        """Whether a payment may be sent now; the first after a rest is the probe."""
        with self._lock:
            if self._opened_at is None:
                return True
            if now - self._opened_at < REST:
                return False
            self._opened_at = now
            return True

    def record(self, *, is_known: bool, now: datetime) -> None:
        """Count one answer."""
        with self._lock:
            if is_known:
                self._failures, self._opened_at = 0, None
                return
            self._failures += 1
            if self._failures >= FAILURES:
                self._opened_at = now


def guarded(channel: Channel, breaker: Breaker) -> Channel:
    """Return `channel` with its payments counted by `breaker`."""
    return _Guarded(channel, breaker)


class _Guarded:
    def __init__(self, channel: Channel, breaker: Breaker) -> None:
        self._channel = channel
        self._breaker = breaker

    @property
    def name(self) -> str:
        return self._channel.name

    def pay(self, number: str, amount: int, auth_code: str, now: datetime) -> PayOutcome:
        said = self._channel.pay(number, amount, auth_code, now)
        self._breaker.record(is_known=not isinstance(said, Unknown), now=now)
        return said

    def query(self, number: str, now: datetime) -> QueryOutcome:
        return self._channel.query(number, now)

    def reverse(self, number: str, now: datetime) -> ReverseOutcome:
        return self._channel.reverse(number, now)

    def refund(self, number: str, refund_number: str, amount: int, now: datetime) -> RefundOutcome:
        return self._channel.refund(number, refund_number, amount, now)

    def query_refund(self, refund_number: str, now: datetime) -> RefundOutcome:
        return self._channel.query_refund(refund_number, now)

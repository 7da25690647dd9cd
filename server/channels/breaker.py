"""How a channel is doing: a circuit breaker, and the share of its answers that said something.

Closed → open after `FAILURES` unknown answers in a row; after `REST` one probe is let through,
and its answer closes the breaker or opens it again. Queries and reversals are never held back:
they are about money that may already have moved.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from threading import Lock
from typing import Final

FAILURES: Final = 5
"""Unknown answers in a row before payers are spared the wait."""
REST: Final = timedelta(seconds=30)
"""How long a failing channel is left alone before one payment probes it."""
HALF_LIFE: Final = timedelta(minutes=10)
"""After so long an answer counts half in the share."""
PRIOR: Final = 5.0
"""A channel starts as if it had answered this many payments well, so one failure is not all."""


class BreakerState(StrEnum):
    """Whether payments are let through."""

    CLOSED = "closed"
    OPEN = "open"
    """Payments go elsewhere; after a rest one of them probes."""
    PROBING = "probing"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a channel is doing, as this process counted it since it started."""

    state: BreakerState
    failures: int
    """Unknown answers in a row."""
    known_share: float
    last_known_at: datetime | None
    last_unknown_at: datetime | None


class Breaker:
    """Counts the answers of one channel; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._failures = 0
        self._opened_at: datetime | None = None
        self._known, self._all = PRIOR, PRIOR
        self._counted_at: datetime | None = None
        self._alerts = 0
        self._known_at: datetime | None = None
        self._unknown_at: datetime | None = None

    def is_closed(self, now: datetime) -> bool:
        """Whether a payment might be sent now; asking takes no probe."""
        with self._lock:
            return self._opened_at is None or now - self._opened_at >= REST

    def admits(self, now: datetime) -> bool:
        """Whether this payment may be sent now; the first after a rest is the probe."""
        with self._lock:
            if self._opened_at is None:
                return True
            if now - self._opened_at < REST:
                return False
            self._opened_at = now
            return True

    def record(self, *, is_known: bool, now: datetime, is_alert: bool = False) -> None:
        """Count one answer. `is_alert`: it was not what the documentation allows."""
        with self._lock:
            self._decay(now)
            self._all += 1
            self._known += is_known
            self._alerts += is_alert
            if is_known:
                self._failures, self._opened_at, self._known_at = 0, None, now
                return
            self._unknown_at = now
            self._failures += 1
            if self._failures >= FAILURES:
                self._opened_at = now

    def standing(self, now: datetime) -> Standing:
        """Return how the channel is doing; asking takes no probe."""
        with self._lock:
            state = BreakerState.CLOSED
            if self._opened_at is not None:
                is_resting = now - self._opened_at < REST
                state = BreakerState.OPEN if is_resting else BreakerState.PROBING
            share = self._known / self._all
            return Standing(state, self._failures, share, self._known_at, self._unknown_at)

    @property
    def known_share(self) -> float:
        """Of late, the share of payments that the channel gave a clear answer to, 0 … 1."""
        with self._lock:
            return self._known / self._all

    @property
    def alerts(self) -> int:
        """How many answers somebody should look at, since this process started."""
        with self._lock:
            return self._alerts

    def _decay(self, now: datetime) -> None:
        if self._counted_at is not None and now > self._counted_at:
            kept = 0.5 ** ((now - self._counted_at) / HALF_LIFE)
            self._known = PRIOR + (self._known - PRIOR) * kept
            self._all = PRIOR + (self._all - PRIOR) * kept
        self._counted_at = now

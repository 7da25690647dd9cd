"""Nonces of notices that were seen: one is good once within the time that a signature is."""

from collections import OrderedDict
from datetime import datetime
from threading import Lock
from typing import Final

from server.channels.providers.bank.signing import WINDOW

LIMIT: Final = 100_000
"""Nonces kept; a bank that calls more often within ten minutes forgets the oldest."""


class Nonces:
    """May be used from many threads. Another process sees a repeat too, as the same notice id."""

    def __init__(self) -> None:
        self._seen: OrderedDict[str, datetime] = OrderedDict()
        self._lock = Lock()

    def take(self, nonce: str, now: datetime) -> bool:
        """Whether a nonce is new; it is not any more."""
        with self._lock:
            self._forget(now)
            if nonce in self._seen:
                return False
            self._seen[nonce] = now
            return True

    def _forget(self, now: datetime) -> None:
        while self._seen:
            nonce, at = next(iter(self._seen.items()))
            if len(self._seen) <= LIMIT and now - at <= 2 * WINDOW:
                return
            del self._seen[nonce]

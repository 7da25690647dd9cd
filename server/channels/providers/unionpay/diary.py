"""When a number was first sent: UnionPay finds an order only by its number and that very time.

With `Tools` that keep a diary it is on disk before the first byte leaves, so that a restarted
server can still ask; what it cannot keep is not sent. Without one, this process remembers its last
`LIMIT` numbers.
"""

import logging
from collections import OrderedDict
from datetime import datetime, timedelta, timezone
from threading import Lock
from typing import Final

from server.channels.channel import Account, Diary, Tools

LIMIT: Final = 50_000
CALENDAR: Final = timezone(timedelta(hours=8))

log = logging.getLogger(__name__)


class Times:
    """The `txnTime` of each number. May be used from many threads."""

    def __init__(self, account: Account, tools: Tools) -> None:
        self._account = account
        self._diary = tools if isinstance(tools, Diary) else None
        self._known: OrderedDict[str, str] = OrderedDict()
        self._lock = Lock()

    def first(self, number: str, now: datetime) -> str:
        """Return when a number was first sent: now, unless it was before; empty: send nothing."""
        text = self.of(number) or written(now)
        if self._diary is not None:
            try:
                text = self._diary.note(self._account, number, text)
            except Exception:
                # The diary's store has errors of its own, which a channel does not know
                log.exception("the diary of %s cannot be written", self._account.name)
                return ""
        self._remember(number, text)
        return text

    def of(self, number: str) -> str:
        """Return when a number was first sent; empty when nobody remembers."""
        with self._lock:
            text = self._known.get(number, "")
        if not text and self._diary is not None:
            try:
                text = self._diary.noted(self._account, number)
            except Exception:
                log.exception("the diary of %s cannot be read", self._account.name)
        return text

    def _remember(self, number: str, text: str) -> None:
        with self._lock:
            self._known[number] = text
            if len(self._known) > LIMIT:
                self._known.popitem(last=False)


def written(now: datetime) -> str:
    """Return an instant as UnionPay writes it: fourteen digits, in Beijing."""
    return now.astimezone(CALENDAR).strftime("%Y%m%d%H%M%S")

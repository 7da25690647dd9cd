"""What happened at the counter, told as lines of the bench from what the counter's screens said."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from fanpiao.demo.bench import Seen
from fanpiao.demo.canteen import ZONE
from terminal_app.screens.bench.view import Happening
from terminal_app.screens.bench.words import blank
from terminal_app.screens.bench.words import word as written

KEPT_MAX: Final = 30
_PHASES: Final = {
    "armed": ("saidServing", "calm"),
    "confirm": ("saidConfirm", "calm"),
    "second_factor": ("saidFactor", "calm"),
    "declined": ("saidDeclined", "warn"),
    "recover": ("saidRecover", "warn"),
}
"""Phases worth a line, with the line's word and kind; "armed" only after "idle"."""


class Story:
    """Keeps the newest lines, the newest first."""

    def __init__(self, now: Callable[[], datetime], echo: Callable[[str], None]) -> None:
        self._now, self._echo = now, echo
        self._lines: deque[Happening] = deque(maxlen=KEPT_MAX)
        self._count = 0
        self._last: dict[str, Any] = {}
        self.paid: list[tuple[str, bool]] = []
        """(credential, with the server?) of every approval that was shown."""

    @property
    def lines(self) -> tuple[Happening, ...]:
        """The newest first."""
        return tuple(self._lines)

    def say(self, word: str, kind: str = "calm", amount: int | None = None) -> None:
        """Add a line."""
        self._count += 1
        clock = self._now().astimezone(ZONE).strftime("%H:%M:%S")
        self._lines.appendleft(Happening(self._count, clock, word, kind, amount))
        self._echo(f"{clock} {written(word, 'en', blank(amount))}")

    def forget(self) -> None:
        """The counter starts anew: compare with nothing."""
        self._last = {}

    def hear(self, views: list[Seen]) -> None:
        """Tell what is new in these views."""
        for seen in views:
            former, self._last = self._last, seen.what
            self._tell(former, seen.what)

    def _tell(self, former: dict[str, Any], view: dict[str, Any]) -> None:
        phase, was = view["phase"], former.get("phase", "")
        if former and view["online"] != former["online"]:
            is_online = view["online"]
            self.say("saidOnline" if is_online else "saidOffline", "good" if is_online else "warn")
        if _is_paid(former, view):
            self._paid(view)
        elif phase == "reversed" and was != "reversed":
            self.say("saidReversed", "calm", _amount(view))
        elif phase != was and phase in _PHASES and (phase != "armed" or was in ("idle", "locked")):
            self.say(*_PHASES[phase])
        for code in (view["hint"], view["refusal"]):
            if code and code not in (former.get("hint"), former.get("refusal")):
                self.say(code, "warn")

    def _paid(self, view: dict[str, Any]) -> None:
        is_online = next((bool(row[3]) for row in view["strip"] if row[0] == view["payment"]), True)
        self.paid.append((view["credential"] or view["tender"], is_online))
        self.say("saidApproved" if is_online else "saidAlone", "good", _amount(view))


def _is_paid(former: dict[str, Any], view: dict[str, Any]) -> bool:
    if view["phase"] != "approved":
        return False
    return former.get("phase") != "approved" or former["payment"] != view["payment"]


def _amount(view: dict[str, Any]) -> int:
    found = [row[1] for row in view["strip"] if row[0] == view["payment"]]
    return int(found[0]) if found else int(view["amount"] or 0)

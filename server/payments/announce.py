"""Who else is told of changed payments and refunds, in the commit that changes them.

Payments know nobody above them: whoever must hear registers, and writes its own rows by the same
`writes`. What it does is on the path of every payment, so it must be small and must not refuse.
"""

from collections.abc import Callable, Sequence
from typing import Any

from server.writes import Writes

Announcer = Callable[[Writes, Sequence[Any]], None]
"""`announcer(writes, rows)`: rows of payments, attempts, refunds … as they now are."""

_announcers: dict[str, Announcer] = {}


def register_announcer(name: str, announcer: Announcer) -> None:
    """Let `announcer` hear; the same name again replaces it (a restarted server's wiring)."""
    _announcers[name] = announcer


def announce(writes: Writes, rows: Sequence[Any]) -> None:
    """Tell everybody who registered."""
    for announcer in _announcers.values():
        announcer(writes, rows)

"""The Clock protocol: the only way time enters the rules.

The system's own clock does I/O and therefore lives outside ``domain``.
"""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time in the three ways the rules need it."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never step back while ``boot_id`` stays the same."""
        ...

    def boot_id(self) -> str:
        """Return a text that changes with every start of the machine."""
        ...

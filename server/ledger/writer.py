"""The queue in front of `apply` (signatures; body follows)."""

from concurrent.futures import Future
from datetime import datetime
from typing import Any

from server.ledger.commands import Command


class Writer:
    """Commits queued commands in batches, one thread, on Django's own connection."""

    def submit(self, command: Command, *, push: bool = False) -> "Future[Any]":
        """Queue `command`; the future answers after COMMIT or raises `Unavailable`."""
        raise NotImplementedError

    async def answer(self, command: Command, *, push: bool = False) -> Any:
        """Queue `command` and wait for its answer without blocking the event loop."""
        raise NotImplementedError

    def step(self, now: datetime) -> int:
        """Commit one batch of what waits; return how many commands were answered."""
        raise NotImplementedError

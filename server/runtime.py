"""What every app's API is handed when the server starts: the writer, the clock, the secrets.

Nothing of an app is named here, so that any app may import it; what a higher app needs beyond
this is passed to it by `server.config.wiring`.
"""

import asyncio
import hashlib
import hmac
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection

from domain.clock import Clock

T = TypeVar("T")


class Writes(Protocol):
    """The ledger's writer as an app sees it (`server.ledger.writer.Writer`)."""

    @property
    def waiting(self) -> int:
        """How many commands are queued: what tells pushes to slow down."""
        ...

    @property
    def push_delay_ms(self) -> int:
        """How long a counter should wait before its next push."""
        ...

    def submit(self, command: Any, *, push: bool = False) -> "Future[Any]":
        """Queue `command`; the future answers after COMMIT or raises `Unavailable`."""
        ...

    async def answer(self, command: Any, *, push: bool = False) -> Any:
        """Queue `command` and wait for its answer without blocking the event loop."""
        ...


@dataclass(frozen=True, slots=True)
class Secrets:
    """Keys derived from one root by purpose, and by organisation where one is named."""

    root: bytes = field(repr=False)

    def key(self, purpose: str, organisation_id: UUID | None = None) -> bytes:
        """Return the 32-byte key of `purpose`: the same for ever, independent of all others."""
        info = f"fanpiao/1 {purpose}\n{organisation_id or ''}".encode()
        return hmac.new(self.root, info, hashlib.sha256).digest()

    def mac_key(self, organisation_id: UUID) -> bytes:
        """Signs the server's own answers, so that it can prove to itself what it said."""
        return self.key("answer mac", organisation_id)

    def card_key(self, organisation_id: UUID) -> bytes:
        """Hashes card UIDs: shared with the organisation's terminals, useless anywhere else."""
        return self.key("card uid", organisation_id)


@dataclass(frozen=True, slots=True)
class Runtime:
    """One running server. `reads` is a bounded pool of threads, each with its own connection."""

    writer: Writes
    clock: Clock
    secrets: Secrets
    random: Callable[[int], bytes]
    """A source of n random bytes, for ids and codes."""
    reads: Executor
    public_url: str = ""
    """Where payers and providers reach this server; empty when nobody said."""

    async def read(self, work: Callable[..., T], *arguments: Any) -> T:
        """Run blocking `work` (the ORM, cryptography) on a pool thread and await its result."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.reads, _on_live_connection, work, *arguments)


def _on_live_connection(work: Callable[..., T], *arguments: Any) -> T:
    """Drop this thread's connection when it turns out to be gone, so that the next one is new."""
    try:
        return work(*arguments)
    except (OperationalError, InterfaceError):
        connection.close()
        raise

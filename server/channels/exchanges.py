"""What providers answered, kept as evidence in the commit that acts on it.

A channel tells its exchanges to the `Listener` of its process; whoever calls it collects them on
the calling thread and hands them to the command, so that evidence and outcome are stored together.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID, uuid5

import httpx
from msgspec import Struct

from server import sql
from server.channels.channel import Account, Sent
from server.channels.diary import NoteKeeper
from server.channels.models import ChannelExchange
from server.writes import Writes

ANSWER_LIMIT: Final = 64 * 1024
"""Bytes of an answer that are kept; a bill is kept as a bill."""
EXCHANGE: Final = sql.Table.of(
    "channels_channelexchange",
    {
        "id": "uuid", "organisation": "uuid", "channel": "text", "operation": "text",
        "number": "text", "at": "timestamptz", "status": "int4", "answer": "bytea",
        "outcome": "text",
    },
)  # fmt: skip


class Heard(Struct, frozen=True):
    """One exchange; an effect of the command that commits what followed from it."""

    id: UUID
    organisation: UUID
    channel: str
    sent: Sent

    @classmethod
    def write_all(cls, writes: Writes, effects: Sequence["Heard"], /) -> None:
        """Insert the exchanges; one that is known already is the same."""
        rows = {effect.id: effect.row() for effect in effects}
        writes.insert(EXCHANGE, list(rows.values()), "ON CONFLICT (id) DO NOTHING")

    def row(self) -> tuple[Any, ...]:
        """The values in the table's order."""
        sent = self.sent
        return (
            self.id, self.organisation, self.channel, sent.operation[:32], sent.number[:64],
            sent.at, sent.status, sent.answer[:ANSWER_LIMIT], sent.outcome[:200],
        )  # fmt: skip


def save(heard: Sequence[Heard]) -> None:
    """Keep exchanges that no command acts on, such as those of a bill or a self-test."""
    names = [name for name, _ in EXCHANGE.columns]
    ChannelExchange.objects.bulk_create(
        [ChannelExchange(**dict(zip(names, one.row(), strict=True))) for one in heard],
        ignore_conflicts=True,
    )


@dataclass(slots=True)
class Listener:
    """The `Tools` of this process's channels."""

    client: httpx.Client
    random_bytes: Callable[[int], bytes]
    notes: NoteKeeper = field(default_factory=NoteKeeper)
    _local: threading.local = field(default_factory=threading.local)

    def http(self) -> httpx.Client:
        """One client for all: its pool keeps connections per host."""
        return self.client

    def random(self, count: int) -> bytes:
        """Return `count` random bytes."""
        return self.random_bytes(count)

    def keep(self, account: Account, sent: Sent) -> None:
        """Give an exchange to whoever listens on this thread."""
        heard: list[Heard] | None = getattr(self._local, "heard", None)
        if heard is not None:
            id = uuid5(account.id, f"{sent.operation}/{sent.number}/{sent.at}/{len(heard)}")
            heard.append(Heard(id, account.organisation_id, account.name, sent))

    def note(self, account: Account, number: str, text: str) -> str:
        """Remember something of a number, on disk before it returns."""
        return self.notes.note(account, number, text)

    def noted(self, account: Account, number: str) -> str:
        """Return what is remembered of a number."""
        return self.notes.noted(account, number)

    def close(self) -> None:
        """Close the connections to providers, and the diary's own to the database."""
        self.client.close()
        self.notes.close()

    @contextmanager
    def listening(self) -> Iterator[list[Heard]]:
        """Collect what this thread's calls keep while the block lasts."""
        heard: list[Heard] = []
        self._local.heard = heard
        try:
            yield heard
        finally:
            self._local.heard = None

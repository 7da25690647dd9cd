"""What providers answered, kept as evidence in the commit that acts on it.

A channel tells its exchanges to the `Listener` of its process; whoever calls it collects them on
the calling thread and hands them to the command, so that evidence and outcome are stored together.
"""

import dataclasses
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID, uuid5

import httpx
from msgspec import Struct
from msgspec.structs import replace

from server import sql
from server.channels.channel import Account, Sent, Unknown
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
        "outcome": "text", "is_unclear": "bool", "is_alert": "bool", "took_ms": "int4",
        "seen_by": "text",
    },
)  # fmt: skip


class Heard(Struct, frozen=True):
    """One exchange; an effect of the command that commits what followed from it."""

    id: UUID
    organisation: UUID
    channel: str
    sent: Sent
    is_unclear: bool = False
    is_alert: bool = False
    took_ms: int | None = None

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
            self.is_unclear or is_no_answer(sent.status), self.is_alert, self.took_ms, "",
        )  # fmt: skip


def is_no_answer(status: int) -> bool:
    """Whether an HTTP status says that the provider did not get to answer; 0: nothing came."""
    return status == 0 or status >= 500


def judged(heard: Sequence[Heard], said: object) -> Sequence[Heard]:
    """Return the exchanges with what was made of them: `said` is the last one's meaning."""
    if not heard or not isinstance(said, Unknown):
        return heard
    last = replace(
        heard[-1], is_unclear=True, is_alert=said.is_alert,
        sent=dataclasses.replace(heard[-1].sent, outcome=f"Unknown: {said.why}"),
    )  # fmt: skip
    return (*heard[:-1], last)


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

    def __post_init__(self) -> None:
        """Hear each answer as it comes, for the time that it took."""
        hooks = self.client.event_hooks
        self.client.event_hooks = {**hooks, "response": [*hooks["response"], self._answered]}

    def http(self) -> httpx.Client:
        """One client for all: its pool keeps connections per host."""
        return self.client

    def random(self, count: int) -> bytes:
        """Return `count` random bytes."""
        return self.random_bytes(count)

    def keep(self, account: Account, sent: Sent) -> None:
        """Give an exchange to whoever listens on this thread."""
        heard: list[Heard] | None = getattr(self._local, "heard", None)
        took_ms = self._took_ms()
        if heard is not None:
            id = uuid5(account.id, f"{sent.operation}/{sent.number}/{sent.at}/{len(heard)}")
            heard.append(Heard(id, account.organisation_id, account.name, sent, took_ms=took_ms))

    def _answered(self, response: httpx.Response) -> None:
        self._local.response = response

    def _took_ms(self) -> int | None:
        """How long this thread's last answer took, once; None when there is none or half of one."""
        response: httpx.Response | None = getattr(self._local, "response", None)
        self._local.response = None
        try:
            return None if response is None else round(response.elapsed.total_seconds() * 1000)
        except RuntimeError:
            return None  # it was not read to its end

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

"""What a provider asks back later about a number, such as the time we sent it: on disk at once.

Channels are called on many threads; one thread of its own keeps the diary, with one connection.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from uuid import uuid5

from django.db import InterfaceError, OperationalError, connection

from server.channels.channel import Account
from server.channels.models import ChannelNote


@dataclass(slots=True)
class NoteKeeper:
    """Keeps notes. Raises the database's own errors: what cannot be kept must not be sent."""

    _thread: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(1, "channel-diary")
    )

    def note(self, account: Account, number: str, text: str) -> str:
        """Remember `text` of a number, once; returns what is remembered, the first for ever."""
        return self._run(lambda: _noted_first(account, number, text))

    def noted(self, account: Account, number: str) -> str:
        """Return what is remembered of a number; empty when nothing is."""
        return self._run(lambda: _noted(account, number))

    def close(self) -> None:
        """Close the thread's connection."""
        self._run(_closed)
        self._thread.shutdown()

    def _run(self, work: Callable[[], str]) -> str:
        return self._thread.submit(_on_live_connection, work).result()


def _noted_first(account: Account, number: str, text: str) -> str:
    row = ChannelNote(
        id=uuid5(account.id, number),
        organisation=account.organisation_id,
        channel=account.name,
        number=number,
        text=text,
    )
    ChannelNote.objects.bulk_create([row], ignore_conflicts=True)
    return _noted(account, number)


def _noted(account: Account, number: str) -> str:
    mine = ChannelNote.objects.filter(
        organisation=account.organisation_id, channel=account.name, number=number
    )
    return mine.values_list("text", flat=True).first() or ""


def _closed() -> str:
    connection.close()
    return ""


def _on_live_connection(work: Callable[[], str]) -> str:
    try:
        return work()
    except (OperationalError, InterfaceError):
        connection.close()
        raise

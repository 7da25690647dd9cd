"""What the inbox hands to payments, what it gets back, and how it hears of it later.

A record is booked by a command; its `Decision.answer` is a `Booked`. A record that waits or is
parked may be settled by a later command of another record: that command then carries a
`RecordSettled`, which whoever keeps the records (the inbox) writes in the same commit.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Literal, TypeVar
from uuid import UUID

from server.http import TerminalIdentity
from server.writes import Writes
from sync.messages import Balance, Status

MessageT = TypeVar("MessageT")


@dataclass(frozen=True, slots=True)
class Arrived(Generic[MessageT]):
    """An authentic record's message, and what the fleet knows of who signed it.

    `terminal` carries the binding that the message names, when this terminal ever held it
    (`bound`); else its present one. `beyond_head`: signed by a revoked or forked terminal beyond
    the head it last reported. `revoked_at` is when the signing key or terminal was revoked.
    """

    message: MessageT
    terminal: TerminalIdentity
    key_state: Literal["active", "retired", "revoked"]
    revoked_at: datetime | None
    bound: bool
    beyond_head: bool
    record_id: UUID
    received_at: datetime
    is_decided: bool = False
    """A person has said to put this parked record to its command once more."""


@dataclass(frozen=True, slots=True)
class Booked:
    """What became of a record: its disposition, the balances it left, and the cases it opened."""

    status: Status
    code: str = ""
    balances: tuple[Balance, ...] = ()
    case_kinds: tuple[str, ...] = ()


Settler = Callable[[Writes, Sequence["RecordSettled"]], None]
_settlers: list[Settler] = []


def register_settler(settler: Settler) -> None:
    """Let `settler(writes, effects)` write later dispositions; the inbox does so when ready."""
    if settler not in _settlers:
        _settlers.append(settler)


@dataclass(frozen=True, slots=True)
class RecordSettled:
    """A waiting or parked record has got its answer through another one."""

    organisation_id: UUID
    record_id: UUID
    booked: Booked
    settled_at: datetime

    @classmethod
    def write_all(cls, writes: Writes, effects: Sequence["RecordSettled"], /) -> None:
        """Hand the news to whoever keeps the records."""
        for settler in _settlers:
            settler(writes, effects)

"""The port every payment channel is reached through, and the outcomes it may answer.

Rules
- Only what is explicitly success or failure counts: anything else is `Unknown`, never `Declined`.
- `number` is an attempt's (or refund's) id as 32 hex digits; a channel never charges it twice.
- A channel raises nothing: time-outs and broken connections are `Unknown` with the reason.
- Nothing here is called with a database transaction open.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID, uuid5


@dataclass(frozen=True, slots=True)
class Succeeded:
    """The channel took the money (or, for a refund, gave it back)."""

    reference: str = ""


@dataclass(frozen=True, slots=True)
class Declined:
    """The channel definitely did not and will not, under our dotted code."""

    code: str


@dataclass(frozen=True, slots=True)
class AwaitingPayer:
    """The payer must do something, such as type a password on the phone."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody can say; ask again. `why` is for the log, never for people."""

    why: str = ""


@dataclass(frozen=True, slots=True)
class Reversed:
    """The order number is closed for ever; `took_money` says whether it had been charged."""

    took_money: bool


PayOutcome = Succeeded | Declined | AwaitingPayer | Unknown
QueryOutcome = PayOutcome | Reversed
ReverseOutcome = Reversed | Declined | Unknown
"""`Declined` here: the channel refuses to reverse (still paying, or past its window)."""
RefundOutcome = Succeeded | Declined | Unknown


class Channel(Protocol):
    """One provider of payments by the payer's code."""

    @property
    def name(self) -> str:
        """The stable name under which accounts and attempts are kept."""

    def pay(self, number: str, amount: int, auth_code: str, now: datetime) -> PayOutcome:
        """Charge `amount` fen under `number` by the payer's code."""

    def query(self, number: str, now: datetime) -> QueryOutcome:
        """Tell what became of `number`; a number the channel never saw is `Unknown`."""

    def reverse(self, number: str, now: datetime) -> ReverseOutcome:
        """Undo `number` whether or not it was charged, and close it for ever."""

    def refund(self, number: str, refund_number: str, amount: int, now: datetime) -> RefundOutcome:
        """Give back part of a charged `number`; repeating `refund_number` is the same refund."""

    def query_refund(self, refund_number: str, now: datetime) -> RefundOutcome:
        """Tell what became of a refund."""


def channel_owner_id(organisation_id: UUID, name: str) -> UUID:
    """The owner id of a channel's accounts in one organisation's books."""
    return uuid5(organisation_id, f"channel/{name}")

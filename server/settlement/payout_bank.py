"""The port to whoever pays merchants: files of payouts, taken once by their number.

Rules for an implementation: only what the bank said authentically is an answer; a refusal counts
only by a code that says that nothing was paid; everything else is `Unclear`, and is asked again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from server.settlement.settle_payout import Word


@dataclass(frozen=True, slots=True)
class PayoutOrder:
    """One payout as it is ordered; `number` is 32 hex digits, one payout for ever."""

    number: str
    amount: int
    holder: str
    account: str = field(repr=False)
    bank: str = ""
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The bank has this very file, and tries each payout once."""


@dataclass(frozen=True, slots=True)
class FileRefused:
    """Definite: nothing of the file was or will be paid."""

    code: str


@dataclass(frozen=True, slots=True)
class NeverCame:
    """Definite: the bank does not know this file; it may be sent again."""


@dataclass(frozen=True, slots=True)
class Unclear:
    """Nobody knows; `is_alert` when somebody should look (a wrong key, another file's number)."""

    why: str
    is_alert: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """An authentic word on one payout. `word` None: the bank does not know either yet."""

    number: UUID
    word: Word | None
    amount: int | None = None
    """What a notice says of the amount; another than the payout's own is not believed."""


FileAnswer = Accepted | FileRefused | NeverCame | Unclear


class PayoutBank(Protocol):
    """A bank that pays out."""

    name: str

    def submit(self, number: str, orders: Sequence[PayoutOrder], now: datetime) -> FileAnswer:
        """Hand a file over; the same number with the same orders is the same file."""

    def look(self, number: str, now: datetime) -> FileAnswer:
        """Ask whether a file arrived."""

    def results(self, number: str, now: datetime) -> Sequence[Told] | Unclear:
        """Return how the payouts of a file stand."""

    def read_notice(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Told | None:
        """Read what the bank posts by itself; None: it is not the bank's, or not for us."""

"""What lies on the reader, from the states of its slots. Pure: no service, no clock.

Two slots of one reader (contact and contactless, or two antennas) are one place to put a card.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

READS_MAX = 10
"""A card at the edge of the field is asked again, for half a second; then it must be taken away."""


class Slot(Protocol):
    """What the tray needs to know of a slot."""

    @property
    def reader(self) -> str:
        """Its name."""

    @property
    def has_card(self) -> bool:
        """Whether a card lies there."""

    @property
    def change_count(self) -> int:
        """How often a card came or went so far."""


@dataclass(frozen=True, slots=True)
class Read:
    """Read the card in this slot, then say `done` or `failed`."""

    reader: str
    already_there: bool = False


@dataclass(frozen=True, slots=True)
class Left:
    """The card that was presented, or the two, are gone."""


@dataclass(frozen=True, slots=True)
class Two:
    """A second card came."""


@dataclass(slots=True)
class Tray:
    """The place where a card is put.

    A presented card stays presented until it leaves; after two cards nothing is read until all
    are gone, and a card that exchanged itself between two looks has left first.
    """

    _is_presented: bool = False
    _is_two: bool = False
    _failed_count: int = 0
    _counts: dict[str, int] | None = None
    _was_there: bool = False

    def look(self, slots: Iterable[Slot]) -> list[Read | Left | Two]:
        """Say what to do about what lies there now."""
        lying = {slot.reader: slot.change_count for slot in slots if slot.has_card}
        known = lying if self._counts is None else self._counts
        is_exchanged = any(known.get(name, at) != at for name, at in lying.items())
        self._was_there = (
            bool(lying) and not is_exchanged and (self._was_there or self._counts is None)
        )
        self._counts = lying
        left: list[Read | Left | Two] = []
        if not lying or (is_exchanged and not self._is_two):
            left = self.leave()
        if not lying or self._is_two:
            return left
        if len(lying) > 1:
            self._is_two, self._is_presented = True, False
            return [*left, Two()]
        if self._is_presented or self._failed_count >= READS_MAX:
            return left
        return [*left, Read(next(iter(lying)), already_there=self._was_there)]

    def done(self) -> None:
        """The card was read to its end."""
        self._is_presented = True

    def failed(self) -> None:
        """It was not."""
        self._failed_count += 1

    def leave(self) -> list[Read | Left | Two]:
        """Forget what lies there; `Left` when it had been told of."""
        was_told = self._is_presented or self._is_two
        self._is_presented, self._is_two, self._failed_count = False, False, 0
        return [Left()] if was_told else []

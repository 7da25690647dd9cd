"""A gate: how much of the work that passes through one place may be in hand at once.

As much as whoever is behind it bears: one more after an answer, half after silence (or a refusal
for asking too often). After `PATIENCE` silences in a row it is closed and lets one row through at
a time, after a rest that doubles: ten thousand rows wait for one call that runs out, not for ten
thousand of them.
"""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from server.work.handlers import Claimed

PATIENCE: Final = 3
FIRST_REST: Final = timedelta(seconds=1)

Place = tuple[UUID | None, str]
"""An organisation and the gate's name; what passes through none shares one place."""


def place_of(due: Claimed) -> Place:
    """Return the place of a row's gate."""
    return (due.organisation_id, due.gate) if due.gate else (None, "")


@dataclass(slots=True)
class Gate:
    """One gate of one lane. `most` rows at once; `longest_rest` while it is closed."""

    most: int
    longest_rest: timedelta
    waiting: deque[Claimed] = field(default_factory=deque)
    """Claimed, not begun."""
    in_hand: int = 0
    silences: int = 0
    _room: int = 0
    _rests_until: datetime | None = None

    def __post_init__(self) -> None:
        self._room = self.most

    @property
    def is_closed(self) -> bool:
        """Whether nobody behind it answers."""
        return self.silences >= PATIENCE

    def admits(self, now: datetime) -> bool:
        """Whether one more of those that wait may begin."""
        is_resting = self._rests_until is not None and now < self._rests_until
        return bool(self.waiting) and self.in_hand < self._room and not is_resting

    def begin(self) -> Claimed:
        """Take the next one in hand."""
        self.in_hand += 1
        return self.waiting.popleft()

    def give_back(self, before: datetime) -> list[Claimed]:
        """Take out those that wait whose lease ends before that instant: the first to come."""
        old = []
        while self.waiting and (held_until := self.waiting[0].held_until) and held_until < before:
            old.append(self.waiting.popleft())
        return old

    def end(self, now: datetime, *, is_answered: bool) -> None:
        """Let one go through, and learn from how it went."""
        self.in_hand -= 1
        if is_answered:
            self._room = min(self._room + 1, self.most)
            self.silences, self._rests_until = 0, None
            return
        self._room = max(1, self._room // 2)
        self.silences += 1
        if self.is_closed:
            self._room = 1
            doublings = min(self.silences - PATIENCE, 16)
            self._rests_until = now + min(FIRST_REST * (1 << doublings), self.longest_rest)

"""From the keys of a keypad or foot switch to what they mean. Pure.

Key codes are those of linux/input-event-codes.h. Both rows of digits count, so that a pad with
NumLock off and a laptop's top row do the same.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from devices.ports import Key
from devices.transport.hid import EV_KEY, KeyEvent

_DIGITS: Final = [Key(str(digit)) for digit in range(10)]
_TOP_ROW: Final = dict(zip((11, *range(2, 11)), _DIGITS, strict=True))
_PAD: Final = dict(zip((82, 79, 80, 81, 75, 76, 77, 71, 72, 73), _DIGITS, strict=True))
KEYS: Final[Mapping[int, Key]] = {
    **_TOP_ROW,
    **_PAD,
    78: Key.PLUS,
    55: Key.TIMES,
    83: Key.POINT,
    52: Key.POINT,
    28: Key.ENTER,
    96: Key.ENTER,
    14: Key.BACKSPACE,
    74: Key.MINUS,
    12: Key.MINUS,
    98: Key.SLASH,
    53: Key.SLASH,
    1: Key.CLEAR,
    111: Key.CLEAR,
}
"""On the cashier's side − and / are keys of their own, as they are in the counter's window."""
DINER_KEYS: Final[Mapping[int, Key]] = {**KEYS, 74: Key.BACKSPACE, 98: Key.CLEAR, 78: Key.CLEAR}
"""A diner's pad has no Backspace or Esc (most have none): − takes back, / and + clear."""
DEBOUNCE_S: Final = 0.2
"""A foot on a switch bounces for some tens of ms; nobody means it twice in so short a time."""
_DOWN: Final = 1


def keyed(events: Iterable[KeyEvent], keys: Mapping[int, Key] = KEYS) -> Iterator[Key]:
    """Return what was pressed; held keys repeat nothing, other keys mean nothing."""
    for event in events:
        if event.type == EV_KEY and event.value == _DOWN and event.code in keys:
            yield keys[event.code]


@dataclass(slots=True)
class Pressed:
    """Tells presses of a switch from its bouncing; `code` None takes any key."""

    code: int | None = None
    debounce_s: float = DEBOUNCE_S
    _at: float = float("-inf")

    def count(self, events: Iterable[KeyEvent], now: float) -> int:
        """How often it was pressed by a person: once at most in `debounce_s`."""
        downs = any(
            event.type == EV_KEY and event.value == _DOWN and self.code in (None, event.code)
            for event in events
        )
        if not downs or now - self._at < self.debounce_s:
            return 0
        self._at = now
        return 1

"""Tells what a scanner types from what a person types, by its rhythm alone. Pure.

For counters where the input device cannot be grabbed: the window sees every key of every keyboard.

- A key is held back until it is clear whose it is, never longer than the pause that ends a burst.
- `LENGTH_MIN` and more characters, each within `gap_s` of the one before, are a scanner's. A
  person reaches two or three such keys in a row, not six; a held key repeats, a scanner never does.
- Enter or Tab right behind a burst belongs to it, and so does one that comes late: it must never
  reach a window where Enter confirms a sale.
- What was a person's after all is given back in its order, for the window it was meant for.

Times of strokes are those of the keyboard (window systems stamp each key), so that keys which had
to wait for a busy program are not taken for a burst.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

K = TypeVar("K")

GAP_S: Final = 0.05
"""Scanners leave 1–30 ms between keys, fast typists 60 ms and more."""
LENGTH_MIN: Final = 6
"""The shortest code that is told from typing; payment codes have 16 digits and more."""
LENGTH_MAX: Final = 8192
SUFFIX_S: Final = 0.5
"""An Enter so long after a code that had none yet was still sent by the scanner."""
SUFFIXES: Final = frozenset("\r\n\t")


@dataclass(frozen=True, slots=True)
class Code:
    """A scanner typed this; `typed_at` is when its last character was."""

    text: str = field(repr=False)
    typed_at: float


@dataclass(frozen=True, slots=True)
class Replay(Generic[K]):
    """A person typed these; hand them on in this order."""

    keys: tuple[K, ...]


@dataclass(slots=True)
class Burst(Generic[K]):
    """The keys held back. Feed it every stroke; call `settle` when nothing came for `gap_s`."""

    gap_s: float = GAP_S
    length_min: int = LENGTH_MIN
    _text: list[str] = field(default_factory=list)
    _keys: list[K] = field(default_factory=list)
    _typed_at: float = float("-inf")
    _code_at: float = float("-inf")

    @property
    def is_holding(self) -> bool:
        """Whether keys are held back, so that `settle` has to come."""
        return bool(self._keys)

    def feed(
        self, typed_at: float, text: str, key: K, *, is_repeat: bool = False
    ) -> Iterator[Code | Replay[K]]:
        """Take one stroke: the character it types, "" for none, and the key to give back."""
        if typed_at - self._typed_at > self.gap_s:
            yield from self.settle()
        if text in SUFFIXES and text:
            yield from self._suffix(typed_at, key)
        elif is_repeat or len(text) != 1 or len(self._text) >= LENGTH_MAX:
            yield from self.settle()
            yield Replay((key,))
        else:
            self._text.append(text)
            self._keys.append(key)
            self._typed_at = typed_at

    def settle(self) -> Iterator[Code | Replay[K]]:
        """Decide about what is held: the burst is over."""
        if not self._keys:
            return
        text, keys = "".join(self._text), tuple(self._keys)
        self._text.clear()
        self._keys.clear()
        if len(text) >= self.length_min:
            self._code_at = self._typed_at
            yield Code(text, self._typed_at)
        else:
            yield Replay(keys)

    def _suffix(self, typed_at: float, key: K) -> Iterator[Code | Replay[K]]:
        settled = list(self.settle())
        is_late = typed_at - self._code_at <= SUFFIX_S
        yield from settled
        if is_late:
            self._code_at = float("-inf")
        else:
            yield Replay((key,))

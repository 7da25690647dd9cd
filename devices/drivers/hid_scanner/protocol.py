"""From keys that a scanner types to frames: a small keyboard of its own. Pure.

- Shift, Caps Lock and AltGr by the layout the scanner is set to; Ctrl with a key is a control
  character (GS of GS1 codes comes as Ctrl+]); Alt with digits of the pad is a character by its
  number, as scanners type that want to be right on every layout.
- Enter, the pad's Enter or Tab end a frame. Until the first of them a pause of `gap_s` does, for
  scanners set to send none; from then on half a frame is dropped, never taken for a code.
- When the kernel says that it lost events, what was being typed is no code any more.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from devices.transport.hid import EV_KEY, EV_SYN, SYN_DROPPED, KeyEvent
from devices.transport.keymaps import (
    ALT_GR,
    CAPS_LOCK,
    LAYOUTS,
    LEFT_ALT,
    LEFT_CTRL,
    LEFT_SHIFT,
    PAD,
    RIGHT_CTRL,
    RIGHT_SHIFT,
    SUFFIXES,
    Layout,
)

FRAME_MAX = 8192
"""More than the largest 2-D code holds (7089 digits)."""
GAP_S = 0.3
"""Scanners type a key every 1–30 ms; one in a radio's shadow pauses, but not so long."""
_HELD = frozenset({LEFT_SHIFT, RIGHT_SHIFT, LEFT_CTRL, RIGHT_CTRL, LEFT_ALT, ALT_GR})
_UP, _DOWN = 0, 1
END = "\r"


@dataclass(slots=True)
class Keys:
    """One keyboard: which modifiers are held, and what the next key therefore means."""

    layout: Layout = field(default_factory=lambda: LAYOUTS["us"])
    _held: set[int] = field(default_factory=set)
    _is_caps: bool = False
    _number: str = ""

    def typed(self, event: KeyEvent) -> str:
        """Return what the event types: a character, `END`, or nothing. Repeats type nothing."""
        if event.type != EV_KEY:
            return ""
        if event.code in _HELD:
            return self._hold(event)
        if event.value != _DOWN:
            return ""
        if event.code == CAPS_LOCK:
            self._is_caps = not self._is_caps
            return ""
        if event.code in SUFFIXES:
            return END
        return self._character(event.code)

    def _hold(self, event: KeyEvent) -> str:
        if event.value == _UP:
            self._held.discard(event.code)
        else:
            self._held.add(event.code)
        if event.code != LEFT_ALT or event.value != _UP:
            return ""
        number, self._number = self._number, ""
        return chr(int(number)) if number and int(number) < 0x110000 else ""

    def _character(self, code: int) -> str:
        if LEFT_ALT in self._held:
            self._number += PAD[code] if PAD.get(code, "").isdigit() else ""
            self._number = self._number[-7:]
            return ""
        character = self.layout.character(
            code,
            shift=bool(self._held & {LEFT_SHIFT, RIGHT_SHIFT}),
            caps=self._is_caps,
            third=ALT_GR in self._held,
        )
        is_control = bool(self._held & {LEFT_CTRL, RIGHT_CTRL})
        return _control(character) if is_control else character


def _control(character: str) -> str:
    upper = character.upper()
    return chr(ord(upper) & 0x1F) if len(upper) == 1 and "@" <= upper <= "_" else ""


@dataclass(slots=True)
class KeyFramer:
    """Cuts what a scanner types into frames; holds at most `FRAME_MAX` characters."""

    keys: Keys = field(default_factory=Keys)
    gap_s: float = GAP_S
    dropped_count: int = 0
    _part: list[str] = field(default_factory=list)
    _is_spoilt: bool = False
    _has_suffix: bool = False
    _typed_at: float = 0.0

    def feed(self, events: Iterable[KeyEvent], now: float) -> Iterator[bytes]:
        """Return the frames that `events` complete, without their ends; empty ones are none."""
        for event in events:
            self._typed_at = now
            if event.type == EV_SYN and event.code == SYN_DROPPED:
                self._spoil()
                continue
            typed = self.keys.typed(event)
            if typed == END:
                self._has_suffix = True
                yield from self._end()
            elif typed:
                self._take(typed)

    def tick(self, now: float) -> Iterator[bytes]:
        """Settle what was begun `gap_s` ago; call it when nothing more is waiting to be fed."""
        if not (self._part or self._is_spoilt) or now - self._typed_at < self.gap_s:
            return
        if self._has_suffix:
            self.drop_partial()
        else:
            yield from self._end()

    def drop_partial(self) -> None:
        """Forget what has begun, and which keys are held: the device was opened anew."""
        self.dropped_count += bool(self._part or self._is_spoilt)
        self._part.clear()
        self._is_spoilt = False
        self.keys = Keys(self.keys.layout)

    def _take(self, typed: str) -> None:
        if len(self._part) >= FRAME_MAX:
            self._is_spoilt = True
        else:
            self._part.append(typed)

    def _spoil(self) -> None:
        # Which modifiers are down now nobody knows
        self.keys = Keys(self.keys.layout)
        self._is_spoilt = True

    def _end(self) -> Iterator[bytes]:
        part, is_spoilt = "".join(self._part), self._is_spoilt
        self._part.clear()
        self._is_spoilt = False
        self.dropped_count += is_spoilt
        if part and not is_spoilt:
            yield part.encode("utf-8", errors="surrogatepass")

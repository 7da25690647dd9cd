"""The far end of an input device: a pipe that the real drivers read as if the kernel typed.

The pipe is found at a path, as those of `/dev/input/by-id` are: unplugging removes it, plugging in
makes a new one there. Controls may be called on any thread.
"""

import os
import threading
from collections.abc import Iterable
from pathlib import Path

from devices.transport.hid import EV_KEY, EV_SYN, KeyEvent, packed
from devices.transport.keymaps import ENTER, LAYOUTS, LEFT_CTRL

GS = "\x1d"
_BRACKET = 27


class InputLine:
    """A keyboard, keypad, foot switch or scanner that is played; `path` is what a profile names."""

    def __init__(self, path: Path, layout: str = "us") -> None:
        self.path = path
        self._layout = LAYOUTS[layout]
        self._turn = threading.Lock()
        self._end = -1
        self.plug_in()

    def plug_in(self) -> None:
        """Make the device; does nothing when it is plugged in."""
        with self._turn:
            if self._end < 0:
                os.mkfifo(self.path)
                # Open for reading too, or nobody could write before the driver reads
                self._end = os.open(self.path, os.O_RDWR | os.O_NONBLOCK)

    def unplug(self) -> None:
        """Pull the plug: whoever has it open loses it."""
        with self._turn:
            end, self._end = self._end, -1
            if end >= 0:
                self.path.unlink(missing_ok=True)
                os.close(end)

    def present(self, text: str) -> None:
        """Type a code once, as a scanner that ends with Enter; into the void while unplugged."""
        self.play([*self.strokes(text), *stroke(ENTER)])

    def press(self, code: int) -> None:
        """Press and let go one key."""
        self.play(stroke(code))

    def strokes(self, text: str) -> list[KeyEvent]:
        """What the scanner types for `text`, without an end."""
        return [event for letter in text for event in self._letter(letter)]

    def play(self, events: Iterable[KeyEvent]) -> None:
        """Play events as they were recorded."""
        with self._turn:
            if self._end >= 0:
                os.write(self._end, b"".join(packed(event) for event in events))

    def _letter(self, letter: str) -> list[KeyEvent]:
        keys = (LEFT_CTRL, _BRACKET) if letter == GS else self._layout.keys_of(letter)
        return stroke(*keys)


def stroke(*codes: int) -> list[KeyEvent]:
    """Press the keys in turn and let go of them in reverse, as a keyboard reports it."""
    report = KeyEvent(EV_SYN, 0, 0)
    down = [KeyEvent(EV_KEY, code, 1) for code in codes]
    up = [KeyEvent(EV_KEY, code, 0) for code in reversed(codes)]
    return [event for one in (*down, *up) for event in (one, report)]

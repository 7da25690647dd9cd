"""Simulated time that passes as fast as the people let it.

Every line of people (one per counter) is a thread that says for what instant it waits. When all
wait, the clock is moved to the earliest of their instants; while one of them stands at a counter,
time is the machine's own, so that what is measured there is real.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from fanpiao.demo.clock import SharedClock
from fanpiao.demo.processes import DemoFailed

LOOK_S = 0.05


class Timeline:
    """The clock of one run, moved by whoever waits last."""

    def __init__(self, clock: SharedClock) -> None:
        self.clock = clock
        self.skipped_s = 0.0
        self._is_over = False
        self._changed = threading.Condition()
        self._lines: set[int] = set()
        self._waiting: dict[int, float] = {}

    @contextmanager
    def line(self) -> Iterator[None]:
        """Count this thread among those that must wait before time is moved."""
        me = threading.get_ident()
        with self._changed:
            self._lines.add(me)
        try:
            yield
        finally:
            with self._changed:
                self._lines.discard(me)
                self._waiting.pop(me, None)
                self._changed.notify_all()

    def wait(self, seconds: float) -> None:
        """Return after so many simulated seconds."""
        me, until_s = threading.get_ident(), self.clock.monotonic() + seconds
        with self._changed:
            self._waiting[me] = until_s
            while (left_s := until_s - self.clock.monotonic()) > 0:
                if self._is_over:
                    raise DemoFailed("the run was ended")
                if self._lines <= set(self._waiting):
                    self._skip_to(min(self._waiting.values()))
                else:
                    self._changed.wait(min(left_s, LOOK_S))
            del self._waiting[me]

    def end(self) -> None:
        """Let nobody wait any longer: whoever still does, or will, gets `DemoFailed`."""
        with self._changed:
            self._is_over = True
            self._changed.notify_all()

    def _skip_to(self, instant_s: float) -> None:
        left_s = instant_s - self.clock.monotonic()
        self.clock.skip(left_s)
        self.skipped_s += max(0.0, left_s)
        self._changed.notify_all()
        if left_s <= 0:
            # Another line's instant has come: let its thread take it
            self._changed.wait(LOOK_S / 10)

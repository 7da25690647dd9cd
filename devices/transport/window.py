"""What a window of the kiosk hands to a device: the window's thread puts, the device's bus takes.

A device fed so is lost while no window is there to feed it: a program without a screen cannot see
what a scanner types.
"""

import queue
import threading
from typing import Generic, Protocol, TypeVar, runtime_checkable

from devices.ports import STEP_WAIT_S, DeviceLost
from devices.transport.burst import Code

E = TypeVar("E")

WAITING_MAX = 1000
"""What the bus has not fetched by then was typed at a device that is not open."""


class WindowFeed(Generic[E]):
    """A bounded queue between two threads, with a window at its near end or not."""

    def __init__(self) -> None:
        self._waiting: queue.Queue[E] = queue.Queue(WAITING_MAX)
        self._has_window = threading.Event()
        self._is_open = False

    def attach(self) -> None:
        """A window feeds from now on."""
        self._has_window.set()

    def detach(self) -> None:
        """The window is gone."""
        self._has_window.clear()

    def put(self, what: E) -> None:
        """Hand over; never waits. Nobody who reads: nothing is kept."""
        if not self._is_open:
            return
        try:
            self._waiting.put_nowait(what)
        except queue.Full:
            return

    def open(self) -> None:
        """Begin to read, what came before discarded; `DeviceLost` without a window."""
        assert not self._is_open, "opened twice"
        if not self._has_window.is_set():
            raise DeviceLost("devices.no_window")
        while not self._waiting.empty():
            self._waiting.get_nowait()
        self._is_open = True

    def take(self) -> list[E]:
        """Return what came, after waiting for the first at most `STEP_WAIT_S`."""
        assert self._is_open, "not open"
        if not self._has_window.is_set():
            raise DeviceLost("devices.no_window")
        try:
            first = self._waiting.get(timeout=STEP_WAIT_S)
        except queue.Empty:
            return []
        return [first, *(self._waiting.get_nowait() for _ in range(self._waiting.qsize()))]

    def close(self) -> None:
        """Stop reading; safe to call more than once."""
        self._is_open = False


@runtime_checkable
class TypedCodes(Protocol):
    """A device that codes typed into a window belong to, and how to tell them from a person's."""

    feed: WindowFeed[Code]
    gap_s: float
    length_min: int


@runtime_checkable
class TypedKey(Protocol):
    """A device that is pressed by one key of its own, named as Qt names it."""

    feed: WindowFeed[None]
    key: str

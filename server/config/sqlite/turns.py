"""Whose turn it is to write: SQLite has one writer, and waiting for it is not fair by itself.

SQLite's own waiting is sleeping and trying again. Beside a writer that commits batch after batch,
a heartbeat or the sequencer can miss every gap for seconds. Here whoever waits is served in order,
each handed the turn by the one before.
"""

from collections import deque
from threading import Lock


class Turns:
    """A fair lock between the threads of one process."""

    def __init__(self) -> None:
        self._mutex = Lock()
        self._taken = False
        self._waiting: deque[Lock] = deque()

    @property
    def waiting(self) -> int:
        """How many threads wait."""
        return len(self._waiting)

    def take(self, timeout_s: float) -> bool:
        """Wait for the turn; False when it did not come in time."""
        with self._mutex:
            if not self._taken:
                self._taken = True
                return True
            gate = Lock()
            gate.acquire()
            self._waiting.append(gate)
        if gate.acquire(timeout=timeout_s):
            return True
        with self._mutex:
            if gate in self._waiting:
                self._waiting.remove(gate)
                return False
        return True  # handed to us in the very last moment

    def give(self) -> None:
        """Hand the turn to who has waited longest, or to nobody."""
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False

"""The threads of one terminal: each goes round its loop until all are told to stop."""

import sys
import threading
import traceback
from collections.abc import Callable

AFTER_DEFECT_S = 1.0
STOP_S = 3.0


class Loops:
    """Starts threads and stops them. `defect`: what ended the one that all depends on."""

    def __init__(self) -> None:
        self.defect: BaseException | None = None
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self, name: str, loop: Callable[[], None]) -> None:
        """Go round `loop` in a thread; a round that fails is told, and the next one comes."""
        self._start(name, lambda: self._again_and_again(loop))

    def start_vital(self, name: str, loop: Callable[[], None]) -> None:
        """Go round `loop`, without which nothing makes sense: its failure stops everything."""
        self._start(name, lambda: self._until_it_fails(loop))

    def pause(self, delay_s: float) -> None:
        """Wait between two rounds; returns at once when it is time to stop."""
        self._stopping.wait(delay_s)

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until something stops the loops; say whether it has."""
        return self._stopping.wait(timeout_s)

    @property
    def is_stopping(self) -> bool:
        """Whether the loops were asked to end."""
        return self._stopping.is_set()

    def interrupt(self) -> None:
        """Ask for the end, from a signal or another thread; whoever waits then calls `join`."""
        self._stopping.set()

    def join(self) -> None:
        """End every loop, and give each some seconds for its last round."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(STOP_S)

    def _start(self, name: str, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _again_and_again(self, loop: Callable[[], None]) -> None:
        while not self._stopping.is_set():
            try:
                loop()
            except Exception:
                traceback.print_exc(file=sys.stderr)
                self._stopping.wait(AFTER_DEFECT_S)

    def _until_it_fails(self, loop: Callable[[], None]) -> None:
        try:
            while not self._stopping.is_set():
                loop()
        except BaseException as defect:
            self.defect = defect
            self._stopping.set()
            raise

"""Threads that merely call a `step(now)`: nothing else in the server makes a thread loop."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime

from django.db import connection

from domain.clock import Clock

FAILED_PAUSE_S = 1.0
"""After a step that failed (a database that restarts), so that a log stays readable."""
STOP_LIMIT_S = 30.0

log = logging.getLogger(__name__)

Step = Callable[[datetime], int]


class Loop:
    """One thread that steps: at once while there is work, else every `pause_s`."""

    def __init__(self, name: str, step: Step, clock: Clock, pause_s: float) -> None:
        self._step = step
        self._clock = clock
        self._pause_s = pause_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Let the present step end, then the thread."""
        self._stopping.set()
        self._thread.join(STOP_LIMIT_S)

    def _run(self) -> None:
        pause_s = 0.0
        while not self._stopping.wait(pause_s):
            pause_s = self._once()
        connection.close()

    def _once(self) -> float:
        try:
            return 0.0 if self._step(self._clock.now()) else self._pause_s
        except Exception:
            log.exception("a step of %s failed", self._thread.name)
            connection.close()
            return FAILED_PAUSE_S

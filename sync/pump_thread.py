"""The thread that merely calls `Pump.step`, and is woken when a row was journalled."""

import logging
import threading
from collections.abc import Callable

from domain.errors import Refused, Unavailable
from sync.pump import Pump

LONGEST_NAP_S = 1.0
"""A nap ends by itself, so that a stop or a changed clock is never waited for long."""

log = logging.getLogger(__name__)


class PumpThread:
    """Runs one pump. `monotonic` gives the seconds the pump counts in."""

    def __init__(self, pump: Pump, monotonic: Callable[[], float]) -> None:
        self._pump = pump
        self._monotonic = monotonic
        self._woken = threading.Event()
        self._is_stopping = False
        self.failure: BaseException | None = None
        """A mistake of ours that ended the thread; sales go on, but nothing is handed over."""
        self._thread = threading.Thread(target=self._run, name="pump", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def hurry(self) -> None:
        """Look at once: a row was journalled. A delay the server asked for still holds."""
        self._woken.set()

    def stop(self, timeout_s: float = 15.0) -> None:
        """Stop after the step under way; what waits stays in the journal."""
        self._is_stopping = True
        self._woken.set()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        try:
            while not self._is_stopping:
                self._woken.clear()
                self._woken.wait(min(self._step(), LONGEST_NAP_S))
        except BaseException as failure:
            self.failure = failure
            raise

    def _step(self) -> float:
        try:
            return self._pump.step(self._monotonic())
        except (Refused, Unavailable) as error:
            # The counter itself stops selling on a failing store; the pump only tries again
            log.warning("the pump could not step: %s", error)
            return LONGEST_NAP_S

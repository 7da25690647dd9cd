"""Due work in parallel: what has just become due never waits behind what has been late for long.

Two lanes of threads. `fresh` does what became due within `LATE`: a payer is at a counter. `late`
does the rest, such as ten thousand payments that a provider left open when it was down. A channel
that lets every call run out fills one lane's threads, not both.
"""

import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.db import connection

from domain.clock import Clock
from server.work.handlers import Claimed
from server.work.worker import claim, do, let_go

LATE: Final = timedelta(seconds=30)
FRESH_THREADS: Final = 6
LATE_THREADS: Final = 4
QUEUED: Final = 3
"""Claimed rows a thread, the one in hand included: ten seconds each, they end within the lease."""
FULL_WAIT_S: Final = 0.2
CLOSE_LIMIT_S: Final = 5.0

Claim = Callable[[datetime, int], list[Claimed]]


class Lanes:
    """A worker with threads; `step` is called by one thread."""

    def __init__(self, clock: Clock) -> None:
        self._lanes = (
            _Lane("fresh", FRESH_THREADS, lambda now, n: claim(now, n, after=now - LATE), clock),
            _Lane("late", LATE_THREADS, lambda now, n: claim(now, n, until=now - LATE), clock),
        )

    def step(self, now: datetime) -> int:
        """Claim as much as there is room for; return how much is in hand."""
        claimed = sum(lane.fill(now) for lane in self._lanes)
        running = [future for lane in self._lanes for future in lane.running]
        if claimed == 0 and running:
            wait(running, FULL_WAIT_S, FIRST_COMPLETED)
        return len(running)

    def stop(self) -> None:
        """Let what is in hand end; what was only claimed is let go of."""
        for lane in self._lanes:
            lane.stop()


@dataclass(slots=True)
class _Lane:
    name: str
    threads: int
    claim: Claim
    clock: Clock
    running: dict[Future[None], Claimed] = field(default_factory=dict)
    _pool: ThreadPoolExecutor = field(init=False)

    def __post_init__(self) -> None:
        self._pool = ThreadPoolExecutor(self.threads, f"work-{self.name}")

    def fill(self, now: datetime) -> int:
        self.running = {f: due for f, due in self.running.items() if not f.done()}
        room = self.threads * QUEUED - len(self.running)
        claimed = self.claim(now, room) if room >= self.threads else []
        self.running.update({self._pool.submit(self._do, due): due for due in claimed})
        return len(claimed)

    def stop(self) -> None:
        let_go(due for future, due in self.running.items() if future.cancel())
        wait(self.running)
        # Every thread closes its own connection: each takes one task and waits for the rest
        together = threading.Barrier(self.threads)
        list(self._pool.map(lambda _: _close(together), range(self.threads)))
        self._pool.shutdown()

    def _do(self, due: Claimed) -> None:
        try:
            do(due, self.clock.now())
        except Exception:
            # The database is gone: the row is due again when its lease is over
            connection.close()
            raise


def _close(together: threading.Barrier) -> None:
    # A thread that is stuck breaks the barrier; the others still close theirs
    with contextlib.suppress(threading.BrokenBarrierError):
        together.wait(CLOSE_LIMIT_S)
    connection.close()

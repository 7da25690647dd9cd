"""Due work in parallel: what somebody waits for now never waits behind what has waited for long.

Two lanes of threads. `fresh` does what is younger than `FRESH`: a payer is at a counter. `late`
does the rest, such as ten thousand payments that a provider left open when it was down, however
often they were put off. Each lane has threads of its own, so neither waits for the other, and at
each of its gates (`gates.py`) no more is in hand than whoever is behind it bears.
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
from server.work.gates import Gate, Place, place_of
from server.work.handlers import Claimed
from server.work.worker import LEASE, Done, attempt, claim, let_go, put_off, settle

FRESH: Final = timedelta(minutes=3)
"""As long as an order lives: later nobody stands at the counter any more."""
FRESH_THREADS: Final = 6
LATE_THREADS: Final = 12
FREE_THREADS: Final = 2
"""Of each lane, that one gate leaves to the others."""
AT_ONCE: Final = 2
"""Rows claimed at once for each thread."""
FRESH_REST: Final = timedelta(seconds=2)
LATE_REST: Final = timedelta(seconds=10)
"""Between the calls to somebody who does not answer, at most."""
LOOK_EVERY: Final = timedelta(milliseconds=100)
"""When all that may be claimed is claimed; and how long what has ended is gathered."""
FULL_WAIT_S: Final = 0.2
CLOSE_LIMIT_S: Final = 5.0

Claim = Callable[[datetime, int, list[Place]], list[Claimed]]


class Lanes:
    """A worker with threads; `step` is called by one thread."""

    def __init__(self, clock: Clock) -> None:
        self._lanes = (
            _Lane("fresh", FRESH_THREADS, FRESH_REST, _claim_fresh, clock),
            _Lane("late", LATE_THREADS, LATE_REST, _claim_late, clock),
        )

    def step(self, now: datetime) -> int:
        """Claim and begin as much as there is room for; return how much is in hand."""
        begun = sum(lane.step(now) for lane in self._lanes)
        running = [future for lane in self._lanes for future in lane.running]
        if begun == 0 and running:
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
    longest_rest: timedelta
    claim: Claim
    clock: Clock
    running: dict[Future[Done], Claimed] = field(default_factory=dict)
    _gates: dict[Place, Gate] = field(default_factory=dict)
    _full: list[Place] = field(default_factory=list)
    _ended: list[Done] = field(default_factory=list)
    _settled_at: datetime | None = None
    _looked_at: datetime | None = None
    _pool: ThreadPoolExecutor = field(init=False)

    def __post_init__(self) -> None:
        self._pool = ThreadPoolExecutor(self.threads, f"work-{self.name}")

    def step(self, now: datetime) -> int:
        """Settle what has ended and begin what may begin; return how many began."""
        self._reap(now)
        is_set = len(self._ended) >= self.threads or _is_over(self._settled_at, now)
        if self._ended and (is_set or not self.running):
            self._settle(now)
        begun = self._begin(now)
        if self._may_look(now):
            self._claim(now)
            begun += self._begin(now)
        return begun

    def stop(self) -> None:
        let_go(due for gate in self._gates.values() for due in gate.waiting)
        wait(self.running)
        self._reap(self.clock.now())
        self._settle(self.clock.now())
        # Every thread closes its own connection: each takes one task and waits for the rest
        together = threading.Barrier(self.threads)
        list(self._pool.map(lambda _: _close(together), range(self.threads)))
        self._pool.shutdown()

    # --- ending --------------------------------------------------------------------------

    def _reap(self, now: datetime) -> None:
        """Let what has ended through its gate."""
        for future in [future for future in self.running if future.done()]:
            gate = self._gates[place_of(self.running.pop(future))]
            done = future.result()
            gate.end(now, is_answered=done.is_answered)
            self._ended.append(done)

    def _settle(self, now: datetime) -> None:
        done, self._ended, self._settled_at = self._ended, [], now
        settle(done)
        for place in {place_of(one.due) for one in done if not one.is_answered}:
            if self._gates[place].is_closed:
                put_off(place, now)

    # --- beginning -----------------------------------------------------------------------

    def _begin(self, now: datetime) -> int:
        """Begin what the gates admit, the one with the least in hand first."""
        before = len(self.running)
        while len(self.running) < self.threads:
            open_ones = [gate for gate in self._gates.values() if gate.admits(now)]
            if not open_ones:
                break
            due = min(open_ones, key=lambda gate: gate.in_hand).begin()
            self.running[self._pool.submit(self._do, due)] = due
        return len(self.running) - before

    def _do(self, due: Claimed) -> Done:
        done = attempt(due, self.clock.now())
        if done.error:
            connection.close_if_unusable_or_obsolete()
        return done

    # --- claiming ------------------------------------------------------------------------

    def _may_look(self, now: datetime) -> bool:
        """Whether something may be there to be claimed: a look over a backlog costs something."""
        full = [place for place, gate in self._gates.items() if len(gate.waiting) >= gate.most]
        is_news = full != self._full
        self._full = full
        return is_news or _is_over(self._looked_at, now)

    def _claim(self, now: datetime) -> None:
        # What cannot begin within half of its lease might not end within it
        let_go(old for gate in self._gates.values() for old in gate.give_back(now + LEASE / 2))
        claimed = self.claim(now, self.threads * AT_ONCE, self._full)
        for due in claimed:
            self._gate(place_of(due)).waiting.append(due)
        self._looked_at = None if claimed else now

    def _gate(self, place: Place) -> Gate:
        if place not in self._gates:
            most = self.threads - FREE_THREADS if place[1] else self.threads
            self._gates[place] = Gate(most, self.longest_rest)
        return self._gates[place]


def _claim_fresh(now: datetime, limit: int, besides: list[Place]) -> list[Claimed]:
    return claim(now, limit, newer_than=now - FRESH, besides=besides)


def _claim_late(now: datetime, limit: int, besides: list[Place]) -> list[Claimed]:
    return claim(now, limit, older_than=now - FRESH, besides=besides)


def _is_over(since: datetime | None, now: datetime) -> bool:
    """Whether `LOOK_EVERY` has passed, or a clock was set back."""
    return since is None or not timedelta() <= now - since < LOOK_EVERY


def _close(together: threading.Barrier) -> None:
    # A thread that is stuck breaks the barrier; the others still close theirs
    with contextlib.suppress(threading.BrokenBarrierError):
        together.wait(CLOSE_LIMIT_S)
    connection.close()

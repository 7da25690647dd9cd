"""The queue in front of `apply`: group commit, one thread, on Django's own connection.

Rules (MONEY §3-4)
- A batch is what waits when the one before it is done: no linger, at most `MAX_BATCH`.
- Online commands go before pushes; pushes get a share, at least `MIN_PUSHES` while any wait and
  at most half a batch.
- What is not planned yet is planned before the batch begins, one set of reads for all of a kind.
- An answer is given after COMMIT, never before. A batch that fails is run again by halves, down
  to the one command that cannot be: a defect, stored nowhere.
- When the connection breaks during COMMIT nobody knows: all of the batch get Unavailable, and
  the same ids sent again find what was stored.
- A command that waited past its budget gets Unavailable and is not stored.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Condition
from typing import Any

from django.db import connection, transaction

from domain.clock import Clock
from domain.errors import Defect, Unavailable
from server.ledger.apply import apply
from server.ledger.commands import Command, Unplanned
from server.ledger.failures import Failure, failure_of

MAX_WAITING = 2048
"""Commands in the queue: at some 5,000 a second, 400 ms of work, half a counter's budget."""
MAX_BATCH = 256
"""Commands per commit; more gains nothing and makes everybody wait longer."""
MAX_PUSHES = MAX_BATCH // 2
MIN_PUSHES = 16
"""Room for pushes in a batch full of online commands, so that queues at counters still drain."""
MAX_TRIES = 4
"""The first, and three more after deadlocks or a connection lost before COMMIT."""
MAX_KNOWN = 500_000
"""Account ids (as numbers) remembered as existing (some 60 MB); then the memory starts afresh."""
ONLINE_BUDGET = timedelta(milliseconds=600)
"""A counter gives a wallet payment 800 ms and takes it offline then; 200 are the network's."""
PUSH_BUDGET = timedelta(seconds=10)
MAX_PUSH_DELAY_MS = 5_000
"""What a full queue asks of a pushing counter; half that when it is half full."""

log = logging.getLogger(__name__)


@dataclass(eq=False, slots=True)
class _Entry:
    """A command that waits. With a loop, `future` is that loop's own."""

    command: Command | Unplanned
    expires_at: datetime
    future: Any
    loop: asyncio.AbstractEventLoop | None
    result: Any = None
    error: Exception | None = None


class Writer:
    """Commits queued commands in batches. `step` belongs to one thread; the rest to any."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._online: deque[_Entry] = deque()
        self._pushes: deque[_Entry] = deque()
        self._changed = Condition()
        self._open = True
        self._known: set[int] = set()

    def submit(self, command: Command | Unplanned, *, push: bool = False) -> "Future[Any]":
        """Queue `command`; the future answers after COMMIT.

        It raises `Unavailable` when the queue is full, the budget has run out or the database
        is gone (then nobody knows, see above), and `Defect` when the command cannot be.
        """
        future: Future[Any] = Future()
        self._queue(_Entry(command, self._expiry(push=push), future, None), push=push)
        return future

    async def answer(self, command: Command | Unplanned, *, push: bool = False) -> Any:
        """Queue `command` and await its answer; errors as from `submit`."""
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        self._queue(_Entry(command, self._expiry(push=push), future, loop), push=push)
        return await future

    def step(self, now: datetime) -> int:
        """Commit one batch of what waits, if anything does; return how many were answered."""
        with self._changed:
            batch = self._take()
        if not batch:
            return 0
        live = [entry for entry in batch if entry.expires_at >= now]
        if len(live) < len(batch):
            _fail([e for e in batch if e.expires_at < now], _unavailable("server.overloaded"))
        try:
            self._commit(live)
        except BaseException:
            _fail(live, _unavailable("databases.commit_unknown"))
            raise
        finally:
            _deliver(batch)
        return len(batch)

    def run(self) -> None:
        """Step until `stop`; what waits then is still answered."""
        while self._wait():
            try:
                self.step(self._clock.now())
            except Exception:  # its batch has been answered; without a writer nobody would be
                log.exception("a step of the writer failed")
                connection.close()
        connection.close()

    def stop(self) -> None:
        """Take no further commands; `run` returns when the queue is empty."""
        with self._changed:
            self._open = False
            self._changed.notify_all()

    @property
    def waiting(self) -> int:
        """How many commands wait."""
        return len(self._online) + len(self._pushes)

    @property
    def push_delay_ms(self) -> int:
        """How long a counter should wait before its next push, from how full the queue is."""
        share = self.waiting / MAX_WAITING
        return 0 if share < 0.25 else round(share * MAX_PUSH_DELAY_MS)

    def _expiry(self, *, push: bool) -> datetime:
        return self._clock.now() + (PUSH_BUDGET if push else ONLINE_BUDGET)

    def _queue(self, entry: _Entry, *, push: bool) -> None:
        with self._changed:
            if not self._open:
                raise Unavailable("server.stopping")
            if self.waiting >= MAX_WAITING:
                raise Unavailable("server.busy", retry_after_ms=MAX_PUSH_DELAY_MS)
            (self._pushes if push else self._online).append(entry)
            self._changed.notify()

    def _wait(self) -> bool:
        with self._changed:
            while self._open and not self.waiting:
                self._changed.wait()
            return self._open or bool(self.waiting)

    def _take(self) -> list[_Entry]:
        reserved = min(MIN_PUSHES, len(self._pushes))
        online = min(len(self._online), MAX_BATCH - reserved)
        pushes = min(len(self._pushes), MAX_PUSHES, MAX_BATCH - online)
        batch = [self._online.popleft() for _ in range(online)]
        return batch + [self._pushes.popleft() for _ in range(pushes)]

    def _commit(self, batch: Sequence[_Entry]) -> None:
        """Give every entry of `batch` its result or error, halving past whoever breaks it."""
        if not batch:
            return
        error = self._try(batch)
        if error is None:
            return
        if isinstance(error, Unavailable):
            _fail(batch, _unavailable(error.code))
        elif len(batch) == 1:
            log.error("a command failed alone: %r", batch[0].command, exc_info=error)
            _fail(batch, lambda: _defect(error))
        else:
            middle = len(batch) // 2
            self._commit(batch[:middle])
            self._commit(batch[middle:])

    def _try(self, batch: Sequence[_Entry]) -> Exception | None:
        """Run `batch` as one transaction, again after what may pass; return why it failed."""
        for _ in range(MAX_TRIES):
            committing = False
            try:
                commands = _planned([entry.command for entry in batch])
                with transaction.atomic():
                    answers = apply(connection, commands, self._known)
                    committing = True
                for entry, answer in zip(batch, answers, strict=True):
                    entry.result = answer
                self._bound_known()
                return None
            except Exception as error:
                failure = failure_of(error)
                if failure is Failure.DEFECT:
                    return error
                log.warning("a batch of %d failed: %s", len(batch), error)
                if failure is not Failure.AGAIN:
                    connection.close()
                if failure is Failure.FULL:
                    return Unavailable("databases.full")
                if failure is Failure.LOST and committing:
                    return Unavailable("databases.commit_unknown")
        return Unavailable("databases.unreachable")

    def _bound_known(self) -> None:
        if len(self._known) > MAX_KNOWN:
            self._known.clear()


def _planned(waiting: Sequence[Command | Unplanned]) -> list[Command]:
    """Plan those that are not planned yet, all of a kind at once; the order stays."""
    commands: list[Any] = list(waiting)
    kinds: dict[Any, list[int]] = {}
    for place, one in enumerate(waiting):
        if hasattr(one, "plan_all"):
            kinds.setdefault(type(one), []).append(place)
    for kind, places in kinds.items():
        planned = kind.plan_all([waiting[place] for place in places])
        for place, command in zip(places, planned, strict=True):
            commands[place] = command
    return commands


def _unavailable(code: str) -> Callable[[], Exception]:
    return lambda: Unavailable(code)


def _defect(error: Exception) -> Exception:
    return error if isinstance(error, AssertionError) else Defect(str(error))


def _fail(entries: Sequence[_Entry], error: Callable[[], Exception]) -> None:
    for entry in entries:
        entry.error = error()


def _deliver(entries: Sequence[_Entry]) -> None:
    """Hand out results: one call per event loop, however many answers it awaits."""
    loops: dict[asyncio.AbstractEventLoop, list[_Entry]] = {}
    for entry in entries:
        if entry.loop is None:
            _settle([entry])
        else:
            loops.setdefault(entry.loop, []).append(entry)
    for loop, theirs in loops.items():
        try:
            loop.call_soon_threadsafe(_settle, theirs)
        except RuntimeError:
            log.warning("%d answers came after their loop had closed", len(theirs))


def _settle(entries: Sequence[_Entry]) -> None:
    for entry in entries:
        if entry.future.done():
            continue  # the caller gave up waiting; what was stored stays stored
        if entry.error is None:
            entry.future.set_result(entry.result)
        else:
            entry.future.set_exception(entry.error)

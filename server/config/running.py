"""A whole server in this process: the application and the threads behind it.

    with running(clock, secrets, random) as application:
        …                                     # an ASGI application: uvicorn serves it

On SQLite the worker has to be one of the threads; on PostgreSQL it may also run elsewhere.
"""

import contextlib
import logging
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.asgi import get_asgi_application
from django.db import DatabaseError, connection
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from domain.clock import Clock
from domain.ids import RandomBytes
from server.config.asgi import Application, Asgi
from server.config.loops import Loop, Step
from server.config.overdue import open_overdue_cases
from server.config.settling import PAUSE_S as SETTLER_PAUSE_S
from server.config.settling import Settler
from server.config.wiring import Wired, wire
from server.console.channel_desk import forget_channels
from server.feed.epoch import ensure_epoch
from server.feed.sequencer import BATCH, Sequencer
from server.ledger.writer import Writer
from server.reconciliation.fetch_bill import schedule_bills
from server.runtime import Runtime, Secrets
from server.work.lanes import Lanes
from server.work.worker import let_all_go

READ_THREADS = 4
"""Threads, and so connections, for reads and for whatever uses the ORM."""
SEQUENCER_PAUSE_S = 0.05
WORKER_PAUSE_S = 0.5
OVERDUE_PERIOD = timedelta(minutes=1)
STOP_LIMIT_S = 30.0
CLOSE_LIMIT_S = 5.0

log = logging.getLogger(__name__)


@contextlib.contextmanager
def running(
    clock: Clock, secrets: Secrets, random: RandomBytes, *, with_worker: bool = True,
    public_url: str = "",
) -> Iterator[Application]:  # fmt: skip
    """Run the server's threads while the block lasts; Django is set up and migrated."""
    with _services(clock, secrets, random, with_worker=with_worker, public_url=public_url) as wired:
        yield Application(
            signed=wired.signed,
            unsigned=wired.unsigned,
            authenticate=wired.authenticator.authenticate,
            clock=clock,
            behind=_pages(),
        )


@contextlib.contextmanager
def running_worker(clock: Clock, secrets: Secrets, random: RandomBytes) -> Iterator[None]:
    """Run due work and the sequencer alone, beside servers on the same PostgreSQL."""
    with _services(clock, secrets, random, with_worker=True):
        yield


@contextlib.contextmanager
def _services(
    clock: Clock, secrets: Secrets, random: RandomBytes, *, with_worker: bool,
    public_url: str = "",
) -> Iterator[Wired]:  # fmt: skip
    """Start what serves whom: the worker ends first, then the writer, the sequencer last."""
    writer, sequencer = Writer(clock), Sequencer(random)
    ensure_epoch(random)
    with contextlib.ExitStack() as stack:
        stack.callback(connection.close)
        stack.callback(_number_the_rest, sequencer, clock)
        stack.enter_context(_looping("sequencer", _full(sequencer), clock, SEQUENCER_PAUSE_S))
        reads = stack.enter_context(ThreadPoolExecutor(READ_THREADS, "reads"))
        stack.callback(_close_connections, reads)
        stack.enter_context(_writing(writer))
        wired = wire(Runtime(writer, clock, secrets, random, reads, public_url))
        stack.callback(wired.listener.close)
        stack.callback(forget_channels)
        stack.callback(wired.sandbox.stop)
        if with_worker:
            if connection.vendor == "sqlite":
                # One process at a time (MONEY §4): what a killed one had claimed nobody does
                let_all_go()
            lanes = Lanes(clock)
            stack.callback(lanes.stop)
            stack.enter_context(_looping("worker", _work(lanes), clock, WORKER_PAUSE_S))
            settler = Settler(random)
            stack.enter_context(_looping("settlement", settler.step, clock, SETTLER_PAUSE_S))
        yield wired


def _full(sequencer: Sequencer) -> Step:
    """Number again at once only after a full batch: while payments come, something always waits,
    and a step takes as much of the interpreter as some ten of them.
    """
    return lambda now: sequencer.step(now) // BATCH


def _number_the_rest(sequencer: Sequencer, clock: Clock) -> None:
    """Number what the writer committed last; without a database the next start does it."""
    try:
        sequencer.step(clock.now())
    except DatabaseError as error:
        log.warning("the last changes wait for the next start: %s", error)


def _close_connections(reads: ThreadPoolExecutor) -> None:
    """Close every pool thread's connection: each thread takes one task and waits for the rest."""
    together = threading.Barrier(READ_THREADS)

    def close(_: int) -> None:
        # A thread that is stuck breaks the barrier; the others still close theirs
        with contextlib.suppress(threading.BrokenBarrierError):
            together.wait(CLOSE_LIMIT_S)
        connection.close()

    list(reads.map(close, range(READ_THREADS)))


@contextlib.contextmanager
def _writing(writer: Writer) -> Iterator[None]:
    thread = threading.Thread(target=writer.run, name="writer", daemon=True)
    thread.start()
    try:
        yield
    finally:
        writer.stop()
        thread.join(STOP_LIMIT_S)


@contextlib.contextmanager
def _looping(name: str, step: Step, clock: Clock, pause_s: float) -> Iterator[None]:
    loop = Loop(name, step, clock, pause_s)
    loop.start()
    try:
        yield
    finally:
        loop.stop()


def _work(lanes: Lanes) -> Step:
    """Due work, and every minute a look at what is overdue and whose bills nobody fetches."""
    looked_at = list[datetime]()

    def step(now: datetime) -> int:
        if not looked_at or abs(now - looked_at[-1]) >= OVERDUE_PERIOD:
            looked_at[:] = [now]
            open_overdue_cases(now)
            schedule_bills(now)
        return lanes.step(now)

    return step


def _pages() -> Asgi:
    """Django, told of the client's address by a proxy on this machine (or one that is named)."""
    django: Any = ASGIStaticFilesHandler(get_asgi_application())
    trusted = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1")
    pages: Any = ProxyHeadersMiddleware(django, trusted_hosts=trusted)
    served: Asgi = pages
    return served

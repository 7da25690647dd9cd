"""Two at once, on purpose: works started together, and a wait until one waits for another's lock.

with transaction.atomic():
    change_something()
    sent = pool.submit(change_the_same)
    until_one_waits(sent)           # it has come as far as the lock
sent.result()                       # it saw what was committed
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

from django.db import connection, connections, transaction

from domain.errors import Refused

LOOK_EVERY_S = 0.005
PATIENCE_S = 20.0
# Not pg_stat_activity: a transaction sees that one as it was at its first look
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


def together(*works: Callable[[], Any]) -> list[Any]:
    """Run `works` at the same moment, each on a thread with a connection of its own.

    A `Refused` is answered with its code.
    """
    start = threading.Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        start.wait(10)
        return _answered(work)

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def meeting(first: Callable[[], Any], second: Callable[[], Any]) -> Any:
    """Run `first` in a transaction, `second` until it waits for it, commit; answer of `second`."""
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            first()
            sent = pool.submit(_answered, second)
            until_one_waits(sent)
        return sent.result(PATIENCE_S)


def until_one_waits(sent: Future[Any]) -> None:
    """Return once somebody waits for a lock; SQLite lets nobody in, and says so to nobody."""
    if connection.vendor != "postgresql":
        return
    until = time.monotonic() + PATIENCE_S
    with connection.cursor() as cursor:
        while not sent.done():
            cursor.execute(WAITING)
            found = cursor.fetchone()
            if found and found[0]:
                return
            assert time.monotonic() < until, "nobody came as far as the lock"
            wait([sent], LOOK_EVERY_S)


def _answered(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except Refused as refusal:
        return refusal.code
    finally:
        connections.close_all()

"""What the counter says and what the books say, payment by payment, and why they may differ.

Both are read live from the two databases with plain SQL on read-only connections, so that what is
compared shares no code with what compares it. A payment that differs is explained only by a row of
its own that still waits at the counter, or by a sale that is open there; anything else is a real
difference.
"""

import sqlite3
from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

from fanpiao.demo.books import Books

GRACE_S = 4.0
"""The two files are read one after the other while both move: so long a difference may pass."""


@dataclass(frozen=True, slots=True)
class Journal:
    """What the counter's own file says: fen by payment, payments that wait, payments open."""

    charged: dict[str, int]
    waiting: frozenset[str]
    open: frozenset[str]
    waiting_count: int = 0


@dataclass(frozen=True, slots=True)
class Money:
    """The line. `differing` payments are not the same on both sides; of these, `unexplained` have
    no reason to be.
    """

    counter_amount: int = 0
    books_amount: int = 0
    waiting_count: int = 0
    open_count: int = 0
    differing_count: int = 0
    unexplained: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether both say the same of every payment."""
        return self.differing_count == 0


class Watch:
    """Reads both, and calls a difference real when it has stood for `GRACE_S`."""

    def __init__(self, store: Path, books: Books) -> None:
        self._store, self._books = store, books
        self._since: dict[str, float] = {}

    def read(self, now: float) -> Money:
        """Compare as of `now`, in monotonic seconds."""
        journal = read_journal(self._store)
        booked = {one.payment_id: one.charged_amount for one in self._books.payments().values()}
        money = compare(journal, booked)
        self._since = {one: self._since.get(one, now) for one in money.unexplained}
        stood = tuple(one for one, since in self._since.items() if now - since >= GRACE_S)
        return replace(money, unexplained=stood)


def compare(journal: Journal, booked: dict[str, int]) -> Money:
    """Hold the counter's journal against the books."""
    differing = {
        payment
        for payment in journal.charged.keys() | booked.keys()
        if journal.charged.get(payment, 0) != booked.get(payment, 0)
    }
    return Money(
        counter_amount=sum(journal.charged.values()),
        books_amount=sum(booked.values()),
        waiting_count=journal.waiting_count,
        open_count=len(journal.open),
        differing_count=len(differing),
        unexplained=tuple(sorted(differing - journal.waiting - journal.open)),
    )


def read_journal(store: Path) -> Journal:
    """Read the counter's file while the counter goes on, or after its power was cut."""
    if not store.exists():
        return Journal({}, frozenset(), frozenset())
    uri = f"{store.as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True, timeout=5)) as connection:
        rows = connection.execute(
            "SELECT payment_id, kind, amount, state FROM journal WHERE payment_id IS NOT NULL"
        ).fetchall()
        (waiting_count,) = connection.execute(
            "SELECT count(*) FROM journal WHERE state IN ('waiting', 'rejected')"
        ).fetchone()
        opened = connection.execute("SELECT payment_id FROM intent WHERE outcome IS NULL")
        frozen = frozenset(str(UUID(bytes=bytes(row[0]))) for row in opened)
    return _summed(rows, frozen, int(waiting_count))


def _summed(rows: list[tuple[Any, ...]], frozen: frozenset[str], waiting_count: int) -> Journal:
    charged: dict[str, int] = defaultdict(int)
    waiting = set()
    for payment, kind, amount, state in rows:
        payment_id = str(UUID(bytes=bytes(payment)))
        if kind == "acceptance":
            charged[payment_id] += amount
        elif kind == "refund":
            charged[payment_id] -= amount
        if state in ("waiting", "rejected"):
            waiting.add(payment_id)
    return Journal(dict(charged), frozenset(waiting), frozen, waiting_count)

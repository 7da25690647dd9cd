"""Where a peer's books lie: one SQLite file, and the shelves beside the orders.

`Shelf` is the file with its transactions; `Mandates` and `Events` keep to one table each. All of
one peer's shelves share one file and one lock.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from typing import Any, Final

from server.sandbox.entries import (
    Event,
    Mandate,
    MandateState,
    Order,
    Refused,
    State,
    Way,
    Why,
)
from server.sandbox.faults import Fault

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS orders (
    number TEXT PRIMARY KEY, amount INTEGER NOT NULL CHECK (amount > 0), way TEXT NOT NULL,
    state TEXT NOT NULL, reference TEXT NOT NULL UNIQUE, payer TEXT NOT NULL,
    payer_code TEXT NOT NULL, part TEXT, created_at REAL NOT NULL, due_at REAL, paid_at REAL,
    closed_at REAL, expires_at REAL, notice_url TEXT NOT NULL, attributes TEXT NOT NULL,
    reversals INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX IF NOT EXISTS code_once ON orders (payer_code) WHERE payer_code <> '';
CREATE TABLE IF NOT EXISTS refunds (
    refund_number TEXT PRIMARY KEY, number TEXT NOT NULL REFERENCES orders (number),
    amount INTEGER NOT NULL CHECK (amount > 0), state TEXT NOT NULL,
    reference TEXT NOT NULL UNIQUE, asked_at REAL NOT NULL, due_at REAL, will_fail INTEGER NOT NULL,
    done_at REAL, notice_url TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS refunds_of ON refunds (number);
CREATE TABLE IF NOT EXISTS mandates (
    number TEXT PRIMARY KEY, state TEXT NOT NULL, payer TEXT NOT NULL, attributes TEXT NOT NULL,
    asked_at REAL NOT NULL, active_at REAL, ended_at REAL
);
CREATE TABLE IF NOT EXISTS events (
    id INTEGER PRIMARY KEY, number TEXT NOT NULL, refund_number TEXT NOT NULL,
    url TEXT NOT NULL, happened_at REAL NOT NULL, due_at REAL, sent INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS orders_due ON orders (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS orders_open ON orders (expires_at) WHERE state = 'open';
CREATE INDEX IF NOT EXISTS orders_paid ON orders (paid_at);
CREATE INDEX IF NOT EXISTS orders_closed ON orders (closed_at);
CREATE INDEX IF NOT EXISTS refunds_due ON refunds (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS refunds_done ON refunds (done_at);
CREATE INDEX IF NOT EXISTS events_due ON events (due_at) WHERE due_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS counter (last INTEGER NOT NULL);
INSERT INTO counter SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM counter);
"""

Now = Callable[[], datetime]


class Shelf:
    """One SQLite file. Transactions may nest in one thread; others wait."""

    def __init__(self, path: Path | str, now: Now) -> None:
        self.now = now
        self.db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self.db.row_factory = sqlite3.Row
        # A killed peer forgets nothing; only a machine without power might, and then it is a game
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.execute("PRAGMA synchronous=NORMAL")
        self.db.execute("PRAGMA foreign_keys=ON")
        self.db.executescript(_SCHEMA)
        self._lock = RLock()
        self._depth = 0

    def close(self) -> None:
        """Close the file; what was written stays written."""
        with self._lock:
            self.db.close()

    def stamp(self) -> float:
        """Now, as it is stored."""
        return self.now().timestamp()

    def count(self) -> int:
        """Return the next number of this provider's own numbering."""
        row = self.db.execute("UPDATE counter SET last = last + 1 RETURNING last").fetchall()[0]
        return int(row["last"])

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it or nothing; an inner one belongs to the outer one."""
        with self._lock:
            if self._depth == 0:
                self.db.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._end("ROLLBACK")
                raise
            self._end("COMMIT")

    def _end(self, how: str) -> None:
        self._depth -= 1
        if self._depth == 0:
            self.db.execute(how)


class Mandates:
    """Standing permissions to deduct, which payers confirm and anybody may end."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def ask(self, number: str, payer: str, attributes: Mapping[str, str] | None = None) -> Mandate:
        """Open a mandate that the payer has to confirm; the same number again is the same one.

        Raises `Refused` when the number is another payer's.
        """
        with self._shelf.transaction():
            self._shelf.db.execute(
                "INSERT INTO mandates (number, state, payer, attributes, asked_at)"
                " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (number, MandateState.ASKED, payer, as_json(attributes), self._shelf.stamp()),
            )
            mandate = self._known(number)
            if mandate.payer != payer:
                raise Refused(Why.DIFFERENT)
            return mandate

    def confirm(self, number: str) -> Mandate:
        """Be the payer who confirms. Raises `Refused` (unknown or ended)."""
        return self._change(number, MandateState.ACTIVE, "active_at")

    def end(self, number: str) -> Mandate:
        """End a mandate for ever; ended again it stays ended. Raises `Refused` (unknown)."""
        return self._change(number, MandateState.ENDED, "ended_at")

    def look(self, number: str) -> Mandate | None:
        """Tell how a mandate stands."""
        with self._shelf.transaction():
            row = self._shelf.db.execute(
                "SELECT * FROM mandates WHERE number = ?", (number,)
            ).fetchone()
        return None if row is None else _mandate(row)

    def all(self) -> list[Mandate]:
        """List every mandate."""
        with self._shelf.transaction():
            rows = self._shelf.db.execute("SELECT * FROM mandates ORDER BY rowid").fetchall()
        return [_mandate(row) for row in rows]

    def _change(self, number: str, state: MandateState, column: str) -> Mandate:
        with self._shelf.transaction():
            known = self._known(number)
            if known.state is MandateState.ENDED and state is not MandateState.ENDED:
                raise Refused(Why.NO_MANDATE)
            self._shelf.db.execute(
                f"UPDATE mandates SET state = ?, {column} = COALESCE({column}, ?) WHERE number = ?",
                (state, self._shelf.stamp(), number),
            )
            return self._known(number)

    def _known(self, number: str) -> Mandate:
        mandate = self.look(number)
        if mandate is None:
            raise Refused(Why.NO_MANDATE)
        return mandate


class Events:
    """What merchants are to be told, and when next."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def add(self, number: str, url: str, happened_at: datetime, refund_number: str = "") -> None:
        """Remember to tell `url`, from now on; without a url nobody is told."""
        if url:
            at = happened_at.timestamp()
            self._shelf.db.execute(
                "INSERT INTO events (number, refund_number, url, happened_at, due_at)"
                " VALUES (?, ?, ?, ?, ?)",
                (number, refund_number, url, at, at),
            )

    def due(self, now: datetime) -> list[Event]:
        """List what is to be told by now, the longest due first."""
        with self._shelf.transaction():
            rows = self._shelf.db.execute(
                "SELECT * FROM events WHERE due_at <= ? ORDER BY due_at, id", (now.timestamp(),)
            ).fetchall()
        return [_event(row) for row in rows]

    def all(self) -> list[Event]:
        """List everything that merchants were or are to be told."""
        with self._shelf.transaction():
            rows = self._shelf.db.execute("SELECT * FROM events ORDER BY id").fetchall()
        return [_event(row) for row in rows]

    def told(self, event: Event, next_at: datetime | None, *, is_sent: bool = True) -> None:
        """Note one sending, and when it is repeated (None: never)."""
        with self._shelf.transaction():
            self._shelf.db.execute(
                "UPDATE events SET sent = sent + ?, due_at = ? WHERE id = ?",
                (int(is_sent), next_at and next_at.timestamp(), event.id),
            )


def as_json(attributes: Mapping[str, str] | None) -> str:
    """Return attributes as they are stored."""
    return json.dumps(dict(attributes or {}), ensure_ascii=False)


def as_instant(stamp: float | None) -> datetime | None:
    """Return a stored time as an aware one."""
    return None if stamp is None else datetime.fromtimestamp(stamp, UTC)


def known_instant(stamp: float) -> datetime:
    """Return a stored time that is never empty."""
    return datetime.fromtimestamp(stamp, UTC)


def read_order(row: Any) -> Order:
    """Return a row of orders as a value."""
    return Order(
        number=row["number"],
        amount=row["amount"],
        way=Way(row["way"]),
        state=State(row["state"]),
        reference=row["reference"],
        payer=row["payer"],
        part=row["part"] and Fault(row["part"]),
        created_at=known_instant(row["created_at"]),
        due_at=as_instant(row["due_at"]),
        paid_at=as_instant(row["paid_at"]),
        closed_at=as_instant(row["closed_at"]),
        expires_at=as_instant(row["expires_at"]),
        notice_url=row["notice_url"],
        attributes=json.loads(row["attributes"]),
    )


def _mandate(row: Any) -> Mandate:
    return Mandate(
        row["number"],
        MandateState(row["state"]),
        row["payer"],
        json.loads(row["attributes"]),
        known_instant(row["asked_at"]),
        as_instant(row["active_at"]),
        as_instant(row["ended_at"]),
    )


def _event(row: Any) -> Event:
    return Event(
        row["id"],
        row["number"],
        row["refund_number"],
        row["url"],
        known_instant(row["happened_at"]),
        as_instant(row["due_at"]),
        row["sent"],
    )

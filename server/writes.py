"""Writes that go to the database together: on PostgreSQL as one statement for many tables.

A statement costs both sides some hundred microseconds however little it does, and a batch of
payments writes a dozen tables. Each write is a data-modifying WITH query (PostgreSQL manual
7.8.4) and the statement answers how many rows each changed. SQLite, which is called in this very
process, gets each write at once.

All parts of one statement see the tables as they were before it, so a table that is written
twice starts a new statement.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from typing import Any

from psycopg import RawCursor

from domain.errors import Defect
from server import sql


@dataclass(frozen=True, slots=True)
class _Part:
    """One table's write: its text, and which of the statement's counts must be how much."""

    table: str
    text: str
    arrays: Sequence[str]
    rows: int
    exactly: str


class Writes:
    """Collects writes until `send`. `exactly` names rows of which each must have been written:
    any other count is a `Defect`, raised by `send` at the latest.
    """

    def __init__(self, cursor: Any) -> None:
        self.cursor = cursor
        self._is_postgres = sql.is_postgres(cursor)
        self._parts: list[_Part] = []

    def insert(
        self, table: sql.Table, rows: Sequence[sql.Row], conflict: str = "", *, exactly: str = ""
    ) -> None:
        """Insert `rows`, as `sql.insert` does."""
        if not rows:
            return
        if self._is_postgres:
            self._add(table, sql.insert_text(table, conflict), rows, exactly)
        else:
            _check(exactly, len(rows), sql.insert(self.cursor, table, rows, conflict))

    def update(
        self,
        table: sql.Table,
        rows: Sequence[sql.Row],
        *,
        keys: int = 1,
        guard: str = "",
        exactly: str = "",
    ) -> None:
        """Change `rows`, as `sql.update` does."""
        if not rows:
            return
        if self._is_postgres:
            self._add(table, sql.update_text(table, keys, guard), rows, exactly)
        else:
            changed = sql.update(self.cursor, table, rows, keys=keys, guard=guard)
            _check(exactly, len(rows), changed)

    def delete(self, table: sql.Table, rows: Sequence[sql.Row]) -> None:
        """Delete `rows`, as `sql.delete` does."""
        if not rows:
            return
        if self._is_postgres:
            self._add(table, sql.delete_text(table), rows, "")
        else:
            sql.delete(self.cursor, table, rows)

    def send(self) -> None:
        """Let the database do what was collected, and check what it counted."""
        parts, self._parts = self._parts, []
        if not parts:
            return
        arrays = [array for part in parts for array in part.arrays]
        statement = _statement(tuple(part.text for part in parts))
        for part, changed in zip(parts, self._counts(statement, arrays), strict=True):
            _check(part.exactly, part.rows, changed)

    def _counts(self, statement: str, arrays: Sequence[str]) -> Sequence[int]:
        """Run a statement that is in PostgreSQL's own notation.

        The driver would look through some ten thousand characters for %s each time: it remembers
        only shorter ones.
        """
        database = self.cursor.db
        with database.wrap_database_errors, RawCursor(database.connection) as cursor:
            cursor.execute(statement, arrays)
            counts: Sequence[int] | None = cursor.fetchone()
        assert counts is not None, "a SELECT of counts has one row"
        return counts

    def _add(self, table: sql.Table, text: str, rows: Sequence[sql.Row], exactly: str) -> None:
        if any(part.table == table.name for part in self._parts):
            self.send()
        arrays = sql.arrays(table, rows)
        self._parts.append(_Part(table.name, text, arrays, len(rows), exactly))


@contextmanager
def writing(cursor: Any) -> Iterator[Writes]:
    """Collect writes for the length of the block, then send them."""
    writes = Writes(cursor)
    yield writes
    writes.send()


def write_now(cursor: Any, effects: Sequence[Any]) -> None:
    """Write effects of one kind at once, inside the transaction of their cause."""
    if effects:
        with writing(cursor) as writes:
            type(effects[0]).write_all(writes, effects)


@lru_cache(maxsize=512)
def _statement(texts: tuple[str, ...]) -> str:
    parts = ", ".join(f"w{n} AS ({text} RETURNING 1)" for n, text in enumerate(texts))
    counts = ", ".join(f"(SELECT count(*) FROM w{n})" for n in range(len(texts)))
    number = count(1)
    return re.sub("%s", lambda _: f"${next(number)}", f"WITH {parts} SELECT {counts}")


def _check(exactly: str, expected: int, changed: int) -> None:
    if exactly and changed != expected:
        raise Defect(f"{changed} of {expected} rows written: {exactly}")

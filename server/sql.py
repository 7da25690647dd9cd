"""Set-based SQL for both engines: one call writes or reads any number of rows.

PostgreSQL gets one statement whose text never changes (arrays through unnest, so it stays
prepared); SQLite gets one executemany of a statement it compiled once. Values are plain Python
(UUID, aware datetime, date, int, bool, str, bytes, None; JSON by `to_json`) on both, and are
read back by `to_uuid`, `to_instant` and `to_date`. Cursors are Django's.
"""

import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec

Row = Sequence[Any]


def _sqlite_instant(value: datetime) -> str:
    """Store as Django does: UTC without offset, the microseconds only when there are any."""
    if value.tzinfo is not None:
        value = value.astimezone(UTC).replace(tzinfo=None)
    return value.isoformat(" ")


sqlite3.register_adapter(UUID, lambda value: value.hex)
sqlite3.register_adapter(datetime, _sqlite_instant)
sqlite3.register_adapter(date, date.isoformat)


@dataclass(frozen=True, slots=True)
class Table:
    """A table's name and the columns written, each with its PostgreSQL type, key first.

    `Table("feed_marker", {"organisation": "uuid", "scope": "text", …})`; types: uuid, text,
    int8, int4, bool, date, timestamptz, jsonb, bytea, float8.
    """

    name: str
    columns: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, name: str, columns: Mapping[str, str]) -> "Table":
        """Make a table from a mapping of column to type."""
        return cls(name, tuple(columns.items()))


def is_postgres(cursor: Any) -> bool:
    """Whether `cursor` talks to PostgreSQL; else it is SQLite."""
    return bool(cursor.db.vendor == "postgresql")


def insert(cursor: Any, table: Table, rows: Sequence[Row], conflict: str = "") -> int:
    """Insert `rows` (in the table's column order); return how many were written.

    `conflict` is what follows, such as "ON CONFLICT DO NOTHING"; in it the new row is
    `excluded`. Sort the rows when another transaction may write the same ones.
    """
    if not rows:
        return 0
    if is_postgres(cursor):
        cursor.execute(insert_text(table, conflict), arrays(table, rows))
    else:
        cursor.executemany(_sqlite_insert(table, conflict), rows)
    return int(cursor.rowcount)


def insert_new(
    cursor: Any, table: Table, rows: Sequence[Row], returning: str
) -> list[tuple[Any, ...]]:
    """Insert those `rows` that are not there yet; return the `returning` columns of them.

    For rows of UUIDs, texts, integers and instants: SQLite gets them as one JSON text.
    """
    if not rows:
        return []
    tail = f"ON CONFLICT DO NOTHING RETURNING {returning}"
    if is_postgres(cursor):
        cursor.execute(insert_text(table, tail), arrays(table, rows))
        return list(cursor.fetchall())
    cursor.execute(_sqlite_insert_json(table, tail), [json.dumps([_plain(row) for row in rows])])
    return list(cursor.fetchall())


def update(
    cursor: Any, table: Table, rows: Sequence[Row], *, keys: int = 1, guard: str = ""
) -> int:
    """Set the columns after the first `keys` where those are equal; return how many rows changed.

    `guard` is a further condition on the present row `t`, such as "t.state = 'submitted'";
    compare the result with `len(rows)`: less means that the guard refused.
    """
    if not rows:
        return 0
    if is_postgres(cursor):
        cursor.execute(update_text(table, keys, guard), arrays(table, rows))
    else:
        ordered = [(*row[keys:], *row[:keys]) for row in rows]
        cursor.executemany(_sqlite_update(table, keys, guard), ordered)
    return int(cursor.rowcount)


def delete(cursor: Any, table: Table, rows: Sequence[Row]) -> int:
    """Delete the rows whose columns equal the table's; return how many there were."""
    if not rows:
        return 0
    if is_postgres(cursor):
        cursor.execute(delete_text(table), arrays(table, rows))
    else:
        cursor.executemany(_sqlite_delete(table), rows)
    return int(cursor.rowcount)


def select(
    cursor: Any, statement: str, values: Iterable[Any], *arguments: Any, kind: str = "uuid"
) -> list[tuple[Any, ...]]:
    """Read with `… WHERE id IN {any}`, where {any} stands once for all `values` of type `kind`.

    Further `arguments` fill the `%s` after it. No limit on the number of values.
    """
    wanted = list(values)
    if not wanted:
        return []
    if is_postgres(cursor):
        text = statement.replace("IN {any}", f"= ANY(%s::{kind}[])")
        cursor.execute(text, [array(kind, wanted), *arguments])
    else:
        text = statement.replace("{any}", "(SELECT value FROM json_each(%s))")
        cursor.execute(text, [json.dumps(_plain(wanted)), *arguments])
    return list(cursor.fetchall())


def to_uuid(value: Any) -> UUID:
    """A UUID column as read by a raw cursor of either engine."""
    return value if isinstance(value, UUID) else UUID(value)


def to_instant(value: Any) -> datetime:
    """An instant column as read by a raw cursor of either engine: aware, UTC."""
    instant = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def to_date(value: Any) -> date:
    """A date column as read by a raw cursor of either engine."""
    return value if isinstance(value, date) else date.fromisoformat(value)


def to_json(value: Any) -> str:
    """The text of a JSON column; UUIDs and instants inside become texts."""
    return msgspec.json.encode(value).decode()


def from_json(value: Any) -> Any:
    """A JSON column as read by a raw cursor of either engine."""
    return json.loads(value) if isinstance(value, str | bytes) else value


def array(kind: str, values: Collection[Any]) -> str:
    """The text of a PostgreSQL array (manual 8.15.6), for a parameter cast to `kind`[].

    The driver's own way asks a regular expression about every element, which took a fifth of a
    batch; here each kind is known not to need it, or is quoted, a column at a time.
    """
    return "{" + _WRITTEN[kind](values) + "}"


_SEPARATOR = "\x1f"
"""Between texts while they are quoted: a control character, which few texts have and no JSON."""


def _texts(values: Collection[Any]) -> str:
    try:
        joined = _SEPARATOR.join(values)
    except TypeError:  # a NULL among them
        return _each(_quoted)(values)
    if joined.count(_SEPARATOR) >= len(values):
        return _each(_quoted)(values)
    return _quoted(joined).replace(_SEPARATOR, '","') if values else ""


def _quoted(text: str) -> str:
    if "\\" in text or '"' in text:
        text = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def _each(write: Callable[[Any], str]) -> Callable[[Collection[Any]], str]:
    def written(values: Collection[Any]) -> str:
        return ",".join(["NULL" if value is None else write(value) for value in values])

    return written


def _uuids(values: Collection[Any]) -> str:
    return ",".join(["NULL" if value is None else f"{value.int:032x}" for value in values])


def _numbers(values: Collection[Any]) -> str:
    return _each(str)(values) if None in values else ",".join(map(str, values))


# A batch names few instants and days, each in several rows and columns
_day = lru_cache(maxsize=512)(date.isoformat)
_utc = lru_cache(maxsize=4_096)(datetime.isoformat)


def _instant(value: datetime) -> str:
    """Of another zone two instants may look alike, an hour apart: only UTC is remembered."""
    return _utc(value) if value.tzinfo is UTC else value.isoformat()


_WRITTEN: dict[str, Callable[[Collection[Any]], str]] = {
    "uuid": _uuids,
    "text": _texts,
    "jsonb": _texts,
    "int4": _numbers,
    "int8": _numbers,
    "float8": _each(repr),
    "bool": _each(lambda value: "t" if value else "f"),
    "date": _each(_day),
    "timestamptz": _each(_instant),
    "bytea": _each(lambda value: f'"\\\\x{bytes(value).hex()}"'),
}


def arrays(table: Table, rows: Sequence[Row]) -> list[str]:
    """The parameters of a PostgreSQL statement: an array per column of the table."""
    columns = zip(*rows, strict=True)
    return [array(kind, values) for (_, kind), values in zip(table.columns, columns, strict=True)]


def _plain(row: Row) -> list[Any]:
    """What JSON can say, as SQLite's adapters above would store it."""
    return [
        value.hex
        if isinstance(value, UUID)
        else _sqlite_instant(value)
        if isinstance(value, datetime)
        else value
        for value in row
    ]


def _names(columns: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f'"{name}"' for name, _ in columns)


def _arrays(table: Table) -> str:
    return "unnest(" + ", ".join(f"%s::{kind}[]" for _, kind in table.columns) + ")"


def _matches(table: Table, left: str, right: str, keys: int | None = None) -> str:
    pairs = (f'{left}"{name}" = {right}"{name}"' for name, _ in table.columns[:keys])
    return " AND ".join(pairs)


@lru_cache(maxsize=512)
def insert_text(table: Table, tail: str) -> str:
    """PostgreSQL's statement for `insert`."""
    target = f'"{table.name}" ({_names(table.columns)})'
    return f"INSERT INTO {target} SELECT * FROM {_arrays(table)} {tail}"


@lru_cache(maxsize=512)
def _sqlite_insert(table: Table, tail: str) -> str:
    marks = ", ".join(["%s"] * len(table.columns))
    return f'INSERT INTO "{table.name}" ({_names(table.columns)}) VALUES ({marks}) {tail}'


@lru_cache(maxsize=512)
def _sqlite_insert_json(table: Table, tail: str) -> str:
    values = ", ".join(f"json_extract(value, '$[{n}]')" for n in range(len(table.columns)))
    target = f'"{table.name}" ({_names(table.columns)})'
    # Without WHERE the parser takes ON CONFLICT for the ON of a join
    return f"INSERT INTO {target} SELECT {values} FROM json_each(%s) WHERE true {tail}"


@lru_cache(maxsize=512)
def update_text(table: Table, keys: int, guard: str) -> str:
    """PostgreSQL's statement for `update`."""
    changes = ", ".join(f'"{name}" = v."{name}"' for name, _ in table.columns[keys:])
    where = _matches(table, "t.", "v.", keys) + (f" AND ({guard})" if guard else "")
    source = f"{_arrays(table)} AS v({_names(table.columns)})"
    return f'UPDATE "{table.name}" AS t SET {changes} FROM {source} WHERE {where}'


@lru_cache(maxsize=512)
def _sqlite_update(table: Table, keys: int, guard: str) -> str:
    changes = ", ".join(f'"{name}" = %s' for name, _ in table.columns[keys:])
    where = " AND ".join(f't."{name}" = %s' for name, _ in table.columns[:keys])
    where += f" AND ({guard})" if guard else ""
    return f'UPDATE "{table.name}" AS t SET {changes} WHERE {where}'


@lru_cache(maxsize=512)
def delete_text(table: Table) -> str:
    """PostgreSQL's statement for `delete`."""
    source = f"{_arrays(table)} AS v({_names(table.columns)})"
    return f'DELETE FROM "{table.name}" AS t USING {source} WHERE {_matches(table, "t.", "v.")}'


@lru_cache(maxsize=512)
def _sqlite_delete(table: Table) -> str:
    where = " AND ".join(f'"{name}" = %s' for name, _ in table.columns)
    return f'DELETE FROM "{table.name}" WHERE {where}'

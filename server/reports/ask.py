"""Asking the books: rows of one statement, streamed."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

CHUNK = 5_000

Argument = UUID | date | str


def ask(statement: str, *arguments: Argument) -> Iterator[Any]:
    """Yield the rows of one SELECT, `CHUNK` at a time; memory does not grow with their number."""
    for rows in ask_chunks(statement, *arguments):
        yield from rows


def ask_chunks(statement: str, *arguments: Argument) -> Iterator[Sequence[Any]]:
    """Yield the rows of one SELECT in runs of at most `CHUNK`."""
    is_postgres = connection.vendor == "postgresql"
    values = [_value(one, is_postgres=is_postgres) for one in arguments]
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement, values)
        while rows := cursor.fetchmany(CHUNK):
            yield rows


def _value(value: Argument, *, is_postgres: bool) -> Any:
    """A parameter as the engine compares it: SQLite keeps ids and days as text."""
    if is_postgres or isinstance(value, str):
        return value
    return value.hex if isinstance(value, UUID) else value.isoformat()

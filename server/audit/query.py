"""Asking the snapshot."""

from collections.abc import Iterator, Sequence
from typing import Any

from server.audit.findings import Finding

ROWS_AT_ONCE = 500


def rows(connection: Any, statement: str, arguments: Sequence[Any] = ()) -> Iterator[Any]:
    """Yield the rows of one SELECT, a few hundred at a time."""
    with connection.cursor() as cursor:
        cursor.execute(statement, list(arguments))
        while found := cursor.fetchmany(ROWS_AT_ONCE):
            yield from found


def findings(
    connection: Any, rule: str, statement: str, text: str, arguments: Sequence[Any] = ()
) -> Iterator[Finding]:
    """Yield a finding per row: the first column is its subject, the others fill `text`."""
    for subject, *values in rows(connection, statement, arguments):
        yield Finding(rule, text.format(*values), str(subject))

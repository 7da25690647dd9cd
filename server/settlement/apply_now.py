"""One command of settlement in a transaction of its own, again when two met in a lock."""

from typing import Any, Final

from django.db import connection, transaction

from server.ledger.apply import apply
from server.ledger.commands import Command
from server.ledger.failures import Failure, failure_of, is_database_error

MAX_TRIES: Final = 3


def apply_now(command: Command) -> Any:
    """Apply `command`, commit, and return its answer; a deadlock is tried again."""
    for tries_left in reversed(range(MAX_TRIES)):
        try:
            with transaction.atomic():
                return apply(connection, [command])[0]
        except Exception as error:
            again = is_database_error(error) and failure_of(error) is Failure.AGAIN
            if not again or not tries_left:
                raise
    raise AssertionError("unreachable")

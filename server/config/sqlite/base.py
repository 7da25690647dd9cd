"""Django's SQLite with fair turns: `ENGINE = "server.config.sqlite"`.

Every transaction begins IMMEDIATE, so taking the turn before BEGIN and giving it back at its end
orders all the writers of this process. Another process (a backup, the audit) only reads.
"""

from collections import defaultdict
from threading import Lock
from typing import Any

from django.db.backends.sqlite3 import base
from django.db.utils import OperationalError

from server.config.sqlite.turns import Turns

TURN_TIMEOUT_S = 5.0
"""As long as SQLite's own patience (`busy_timeout`)."""

_turns: defaultdict[str, Turns] = defaultdict(Turns)
_mutex = Lock()


class DatabaseWrapper(base.DatabaseWrapper):
    """One connection; it holds the turn from BEGIN to COMMIT, ROLLBACK or its closing."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._turns: Turns | None = None

    def _start_transaction_under_autocommit(self) -> None:
        with _mutex:
            turns = _turns[str(self.settings_dict["NAME"])]
        if not turns.take(TURN_TIMEOUT_S):
            raise OperationalError("database is locked")
        self._turns = turns
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._give()
            raise

    def _commit(self) -> Any:
        try:
            return super()._commit()  # type: ignore[misc]
        finally:
            self._give_unless_open()

    def _rollback(self) -> Any:
        try:
            return super()._rollback()  # type: ignore[misc]
        finally:
            self._give_unless_open()

    def _close(self) -> Any:
        try:
            return super()._close()  # type: ignore[misc]
        finally:
            self._give()

    def _give_unless_open(self) -> None:
        """A COMMIT that failed leaves the transaction open: its ROLLBACK gives the turn back."""
        if self.connection is None or not self.connection.in_transaction:
            self._give()

    def _give(self) -> None:
        turns, self._turns = self._turns, None
        if turns is not None:
            turns.give()

"""The counter's one SQLite file: journal, intents, replica and clocks, in one local transaction.

Rules
- WAL and synchronous=FULL: what a transaction committed survives a power cut.
- One process per store, by a lock on the file beside it; a second one is refused by name.
- A transaction is whole or not at all. A full disk is `Unavailable` ("storage.full"), with nothing
  half-written, and the store works again as soon as there is room.
- A file that is no longer a readable database is `Refused` ("storage.unreadable"): it is set aside
  by `set_aside`, never overwritten, because unpushed sales may still be read from it.
"""

import errno
import fcntl
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any, NoReturn

import msgspec

from domain.errors import Defect, Refused, Unavailable
from sync.schema import MIGRATIONS, SEAL_ALL
from sync.sealing import StoreSeal

Row = tuple[Any, ...]

_FULL_CODES = frozenset(
    {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE}
)
"""A quota or a file size limit shows as a failed write, not as a full disk."""
_FAILING_CODES = frozenset({sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY})
_UNREADABLE_CODES = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_BUSY_TIMEOUT_S = 5.0
"""For a reader in another process (`fanpiao audit --terminal`); we ourselves are one writer."""
_SEALED_WITH = "sealed_with"
_OUR_MARK = 0x46504C53
"""`PRAGMA application_id` of our files ("FPLS"), so that a foreign database is not migrated."""


class LocalStore:
    """One open store. Its methods may be called from several threads; they take turns.

    With a `seal_key` what is written through the SQL functions `seal` and `blind` opens only with
    it (`unseal`): people, journal bodies, intents. Another key is `Refused` ("storage.sealed");
    without one a sealed store shows its columns and nothing that is sealed.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        is_read_only: bool = False,
        seal_key: bytes = b"",
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self.path = Path(path)
        self._seal = StoreSeal(seal_key, random)
        self.is_read_only = is_read_only
        self._turn = threading.RLock()
        self._depth = 0
        self._lock_file = -1 if is_read_only else _lock(self.path)
        self._connection: sqlite3.Connection | None = None
        try:
            with self._translated():
                self._connection = self._open()
            self._check_seal(is_new_key=bool(seal_key) and not is_read_only)
        except BaseException:
            self.close()
            raise

    @property
    def connection(self) -> sqlite3.Connection:
        """The open database, for reports; writes go through `transaction`."""
        if self._connection is None:
            raise Defect("the store is closed")
        return self._connection

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One durable transaction: on disk when it ends. Nested uses join the outer one.

        Raises `Unavailable` ("storage.full") with nothing written.
        """
        with self._turn:
            if self._depth:
                yield
                return
            self._depth = 1
            try:
                with self._translated():
                    yield from self._one_transaction()
            finally:
                self._depth = 0

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Run one writing statement, in the present transaction or its own; return rows changed."""
        with self.transaction(), self._translated():
            return self.connection.execute(sql, parameters).rowcount

    def execute_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run one writing statement for many rows, in the present transaction or its own."""
        with self.transaction(), self._translated():
            self.connection.executemany(sql, rows)

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """All rows of a query."""
        with self._turn, self._translated():
            return self.connection.execute(sql, parameters).fetchall()

    def row(self, sql: str, parameters: Sequence[Any] = ()) -> Row | None:
        """The first row of a query, if any."""
        with self._turn, self._translated():
            found: Row | None = self.connection.execute(sql, parameters).fetchone()
            return found

    def meta(self, name: str) -> Any:
        """A small fact kept under `name`, as JSON values; None when there is none."""
        found = self.row("SELECT unseal(value) FROM meta WHERE name = ?", (name,))
        return None if found is None else msgspec.json.decode(found[0])

    def put_meta(self, name: str, value: Any, *, is_sealed: bool = False) -> None:
        """Keep a small fact, replacing what was there."""
        text = msgspec.json.encode(value).decode()
        value_sql = "seal(?)" if is_sealed else "?"
        self.execute(
            f"INSERT OR REPLACE INTO meta (name, value) VALUES (?, {value_sql})", (name, text)
        )

    def blind(self, text: str) -> str:
        """What `text` is looked up by in a sealed store."""
        return self._seal.blind(text)

    def empty_log(self) -> None:
        """Fold the write-ahead log into the file and cut it, so that it holds nothing deleted."""
        with self._turn, self._translated():
            self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Close the file and give up the lock; closing twice is nothing."""
        with self._turn:
            if self._connection is not None:
                self._connection.close()
                self._connection = None
            if self._lock_file >= 0:
                os.close(self._lock_file)
                self._lock_file = -1

    def __enter__(self) -> "LocalStore":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _check_seal(self, *, is_new_key: bool) -> None:
        """Refuse another key; seal what was written before there was one, once."""
        known, name = self.meta(_SEALED_WITH), self._seal.name()
        if known is not None and is_new_key and known != name:
            raise Refused("storage.sealed", path=str(self.path))
        if known is not None or not is_new_key:
            return
        with self.transaction():
            for statement in SEAL_ALL:
                self.execute(statement)
            self.put_meta(_SEALED_WITH, name)
        self.empty_log()

    def _open(self) -> sqlite3.Connection:
        mode = "ro" if self.is_read_only else "rwc"
        connection = sqlite3.connect(
            f"{self.path.absolute().as_uri()}?mode={mode}",
            uri=True,
            timeout=_BUSY_TIMEOUT_S,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            if not self.is_read_only:
                with suppress(PermissionError):  # another owner's file that we may write
                    os.chmod(self.path, 0o600)
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = FULL")
                # What is deleted is overwritten: a stolen disk tells nothing that was wiped
                connection.execute("PRAGMA secure_delete = ON")
            for function in ("seal", "unseal", "blind"):
                connection.create_function(function, 1, getattr(self._seal, function))
            _check_and_migrate(connection, self.path, is_read_only=self.is_read_only)
        except BaseException:
            connection.close()
            raise
        return connection

    def _one_transaction(self) -> Iterator[None]:
        connection = self.connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            # SQLite itself has rolled back after some failures; a second time would raise
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            _raise_ours(error, self.path)


def set_aside(path: Path | str) -> Path:
    """Move a store that cannot be read out of the way and return where it is now.

    The next start makes a new store, whose journal is a new one. Nothing is deleted: sales that
    were not pushed may still be read from the file that was set aside.
    """
    old = Path(path)
    names = (old.with_name(f"{old.name}.aside-{number}") for number in count(1))
    aside = next(name for name in names if not name.exists())
    for tail in ("", "-wal", "-shm"):
        part = old.with_name(old.name + tail)
        if part.exists():
            part.rename(aside.with_name(aside.name + tail))
    return aside


def _lock(path: Path) -> int:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        code = "storage.full" if error.errno == errno.ENOSPC else "storage.failing"
        raise Unavailable(code, path=str(path)) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        raise Refused("terminals.in_use", path=str(path)) from error
    return handle


def _check_and_migrate(connection: sqlite3.Connection, path: Path, *, is_read_only: bool) -> None:
    mark = connection.execute("PRAGMA application_id").fetchone()[0]
    step = connection.execute("PRAGMA user_version").fetchone()[0]
    has_tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] > 0
    if has_tables and mark != _OUR_MARK:
        raise Refused("storage.unreadable", path=str(path))
    if step > len(MIGRATIONS):
        raise Refused("storage.newer", path=str(path))
    if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
        raise Refused("storage.unreadable", path=str(path))
    if is_read_only:
        return
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(f"PRAGMA application_id = {_OUR_MARK}")
    for statements in MIGRATIONS[step:]:
        for statement in statements:
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
    connection.execute("COMMIT")


def _raise_ours(error: sqlite3.DatabaseError, path: Path) -> NoReturn:
    detail = getattr(error, "sqlite_errorcode", 0)
    code = detail & 0xFF
    if detail in _FULL_CODES:
        raise Unavailable("storage.full", path=str(path)) from error
    if code in _UNREADABLE_CODES:
        raise Refused("storage.unreadable", path=str(path)) from error
    if code == sqlite3.SQLITE_BUSY:
        raise Unavailable("terminals.in_use", path=str(path)) from error
    if code in _FAILING_CODES:
        raise Unavailable("storage.failing", path=str(path)) from error
    raise error

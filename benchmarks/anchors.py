"""The anchors: what the same database does when nothing but the payment itself is asked of it.

`pay1` is a payment, two entries and two balances in one prepared statement; `pay` is the same as
six statements in a transaction. Payers and payees are drawn from many rows, so nobody waits for
a hot one: the anchor is as fast as this PostgreSQL can be.
"""

import re
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from tests.postgres import TemporaryPostgres, binaries

PAYERS = 10_000
PAYEES = 1_000
SCHEMA = f"""
CREATE TABLE account (id bigint PRIMARY KEY, balance bigint NOT NULL);
CREATE TABLE payment (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), payer bigint NOT NULL,
  payee bigint NOT NULL, amount bigint NOT NULL, made_at timestamptz NOT NULL);
CREATE TABLE entry (payment uuid NOT NULL, account bigint NOT NULL, amount bigint NOT NULL,
  PRIMARY KEY (payment, account));
INSERT INTO account SELECT n, 1000000000 FROM generate_series(1, {PAYERS + PAYEES}) n;
"""
DRAW = f"""
\\set payer random(1, {PAYERS})
\\set payee random({PAYERS + 1}, {PAYERS + PAYEES})
\\set amount random(500, 3000)
"""
PAY1 = (
    DRAW
    + """
WITH p AS (INSERT INTO payment (payer, payee, amount, made_at)
  VALUES (:payer, :payee, :amount, now()) RETURNING id),
e AS (INSERT INTO entry SELECT id, v.a, v.x FROM p,
  (VALUES (:payer::bigint, 0 - :amount::bigint), (:payee::bigint, :amount::bigint)) v(a, x))
UPDATE account SET balance = balance
  + CASE WHEN id = :payer::bigint THEN 0 - :amount::bigint ELSE :amount::bigint END
 WHERE id IN (:payer::bigint, :payee::bigint);
"""
)
PAY = (
    DRAW
    + """
\\set drawn random(1, 9223372036854775807)
BEGIN;
UPDATE account SET balance = balance - :amount::bigint
  WHERE id = :payer AND balance >= :amount::bigint;
UPDATE account SET balance = balance + :amount::bigint WHERE id = :payee;
INSERT INTO payment (id, payer, payee, amount, made_at)
  VALUES (lpad(to_hex(:drawn::bigint), 32, '0')::uuid, :payer, :payee, :amount, now());
INSERT INTO entry VALUES (lpad(to_hex(:drawn::bigint), 32, '0')::uuid, :payer, 0 - :amount::bigint),
  (lpad(to_hex(:drawn::bigint), 32, '0')::uuid, :payee, :amount);
END;
"""
)
"""Six statements with BEGIN and END."""
SCRIPTS = {"pay1": PAY1, "pay": PAY}
_TPS = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Anchor:
    """pgbench's payments on one PostgreSQL, in a database of their own."""

    url: str
    scripts: Path

    def rate(self, script: str, clients: int, length_s: int) -> float:
        """Return payments per second of `script` ("pay1", "pay") at `clients` connections."""
        parts = urlsplit(self.url)
        command = [
            str(binaries() / "pgbench"), "--no-vacuum", "--protocol=prepared",
            f"--file={self.scripts / script}", f"--client={clients}", f"--time={length_s}",
            f"--host={parts.hostname}", f"--port={parts.port}", f"--username={parts.username}",
            parts.path.lstrip("/"),
        ]  # fmt: skip
        done = subprocess.run(
            command, env={"PGPASSWORD": parts.password or ""}, capture_output=True, text=True,
            check=False, timeout=length_s + 60,
        )  # fmt: skip
        found = _TPS.search(done.stdout)
        assert done.returncode == 0, done.stderr[-500:]
        assert found is not None, done.stdout
        return float(found[1])


def make_anchor(server: TemporaryPostgres, folder: Path) -> Anchor:
    """Make the database and the scripts."""
    url = server.fresh_database()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(SCHEMA)
        connection.execute("VACUUM ANALYZE")
    for name, text in SCRIPTS.items():
        (folder / name).write_text(text.strip().replace("\n  ", " ") + "\n")
    return Anchor(url, folder)


def sqlite_rate(per_commit: int, length_s: float) -> float:
    """Return payments per second of the same payment on SQLite (WAL, FULL), one writer."""
    with tempfile.TemporaryDirectory(prefix="fanpiao-anchor-") as folder:
        connection = sqlite3.connect(Path(folder) / "anchor.sqlite3", isolation_level=None)
        _sqlite_schema(connection)
        made, started = 0, time.perf_counter()
        while time.perf_counter() - started < length_s:
            connection.execute("BEGIN IMMEDIATE")
            _sqlite_pay(connection, range(made, made + per_commit))
            connection.execute("COMMIT")
            made += per_commit
        elapsed_s = time.perf_counter() - started
        connection.close()
    return made / elapsed_s


def _sqlite_schema(connection: sqlite3.Connection) -> None:
    connection.executescript(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
        "CREATE TABLE account (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL);"
        "CREATE TABLE payment (id INTEGER PRIMARY KEY, payer INTEGER, payee INTEGER,"
        " amount INTEGER, made_at TEXT);"
        "CREATE TABLE entry (payment INTEGER, account INTEGER, amount INTEGER,"
        " PRIMARY KEY (payment, account)) WITHOUT ROWID;"
    )
    rows = [(n, 10**9) for n in range(PAYERS + PAYEES)]
    connection.executemany("INSERT INTO account VALUES (?, ?)", rows)


def _sqlite_pay(connection: sqlite3.Connection, numbers: Sequence[int]) -> None:
    for n in numbers:
        payer, payee, amount = n * 7919 % PAYERS, PAYERS + n * 104_729 % PAYEES, 500 + n % 2_500
        move = "UPDATE account SET balance = balance + ? WHERE id = ?"
        connection.execute(
            "INSERT INTO payment VALUES (?, ?, ?, ?, '2026-11-23')", (n, payer, payee, amount)
        )
        connection.execute(
            "INSERT INTO entry VALUES (?, ?, ?), (?, ?, ?)", (n, payer, -amount, n, payee, amount)
        )
        connection.execute(move, (-amount, payer))
        connection.execute(move, (amount, payee))

"""What the payout bank remembers: files by their number, payouts by theirs, each once for ever.

A payout is settled by the clock when somebody looks: what becomes of it stands in the last two
digits of the account.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from server.sandbox.books import Books, plain_number

PROCESS_S: Final = 5.0
RETURN_S: Final = 86_400.0
RETURN_FEE_AMOUNT: Final = 200
FAILS: Final = {"90": "account_closed", "91": "name_differs"}
COMES_BACK: Final = "92"
NEVER_HEARD: Final = "93"
COLUMNS: Final = ["number", "amount", "currency", "holder", "account", "bank", "purpose"]
MOST_AMOUNT: Final = 10**11
_SCHEMA: Final = (
    "CREATE TABLE IF NOT EXISTS files (number TEXT PRIMARY KEY, digest TEXT NOT NULL,"
    " taken_at REAL NOT NULL)",
    "CREATE TABLE IF NOT EXISTS payouts (number TEXT PRIMARY KEY, file TEXT NOT NULL,"
    " amount INTEGER NOT NULL CHECK (amount > 0), account TEXT NOT NULL, state TEXT NOT NULL,"
    " code TEXT NOT NULL DEFAULT '', reference TEXT NOT NULL, fee INTEGER NOT NULL DEFAULT 0,"
    " due_at REAL, url TEXT NOT NULL)",
)


class BadFile(Exception):
    """The file is not what the document says; the argument is the code."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One payout as the bank has it."""

    number: str
    file: str
    amount: int
    account: str
    state: str
    code: str
    reference: str
    fee_amount: int


class Drafts:
    """The shelf of files and payouts, in the file of the peer's books."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._db = books.shelf.db
        for statement in _SCHEMA:
            self._db.execute(statement)

    def take(self, number: str, digest: str, body: bytes, notice_url: str) -> str:
        """Take a file, whole; return the digest of the file that has the number now.

        Raises `BadFile`: nothing of it was taken.
        """
        rows = read(body)
        with self._books.transaction():
            known = self.digest_of(number)
            if known is not None:
                return known
            self._db.execute(
                "INSERT INTO files VALUES (?, ?, ?)", (number, digest, self._books.shelf.stamp())
            )
            for row in rows:
                self._add(number, row, notice_url)
        return digest

    def _add(self, file: str, row: Sequence[str], notice_url: str) -> None:
        number, amount, _, _, account, *_ = row
        now = self._books.shelf.now()
        reference = plain_number(now, self._books.shelf.count())
        due_at = None
        if account[-2:] != NEVER_HEARD:
            due_at = (now + timedelta(seconds=PROCESS_S)).timestamp()
        added = self._db.execute(
            "INSERT INTO payouts (number, file, amount, account, state, reference, due_at, url)"
            " VALUES (?, ?, ?, ?, 'processing', ?, ?, ?) ON CONFLICT DO NOTHING",
            (number, file, int(amount), account, reference, due_at, notice_url),
        )
        if not added.rowcount:
            raise BadFile("payout_taken")

    def digest_of(self, number: str) -> str | None:
        """Return the digest of a file; None: it never came."""
        row = self._db.execute("SELECT digest FROM files WHERE number = ?", (number,)).fetchone()
        return None if row is None else str(row["digest"])

    def settle(self) -> None:
        """Let payouts end, or come back, that are due by the clock."""
        now = self._books.shelf.now()
        with self._books.transaction():
            due = self._db.execute(
                "SELECT * FROM payouts WHERE due_at <= ?", (now.timestamp(),)
            ).fetchall()
            for row in due:
                self._end(row)

    def _end(self, row: Any) -> None:
        ending = row["account"][-2:]
        state, code, fee, again = "succeeded", "", 0, None
        if row["state"] == "succeeded":
            state, code, fee = "returned", "account_blocked", RETURN_FEE_AMOUNT
        elif ending in FAILS:
            state, code = "failed", FAILS[ending]
        elif ending == COMES_BACK:
            again = row["due_at"] + RETURN_S
        self._db.execute(
            "UPDATE payouts SET state = ?, code = ?, fee = ?, due_at = ? WHERE number = ?",
            (state, code, min(fee, row["amount"]), again, row["number"]),
        )
        self._books.events.add(row["number"], row["url"], self._books.shelf.now(), state)

    def look(self, number: str) -> Draft | None:
        """Return a payout as it stands."""
        row = self._db.execute("SELECT * FROM payouts WHERE number = ?", (number,)).fetchone()
        return None if row is None else _draft(row)

    def of_file(self, number: str) -> list[Draft]:
        """List the payouts of a file."""
        rows = self._db.execute("SELECT * FROM payouts WHERE file = ? ORDER BY number", (number,))
        return [_draft(row) for row in rows.fetchall()]


def read(body: bytes) -> list[list[str]]:
    """Read a file of payouts; raises `BadFile`."""
    try:
        rows = list(csv.reader(io.StringIO(body.decode("utf-8"), newline=""), strict=True))
        header, *lines, total = rows
        amounts = [int(line[1]) for line in lines]
    except (UnicodeDecodeError, ValueError, IndexError, csv.Error) as wrong:
        raise BadFile("bad_file") from wrong
    sums = ["total", str(sum(amounts)), "CNY", str(len(lines))]
    are_whole = all(len(line) == len(COLUMNS) and line[2] == "CNY" for line in lines)
    if header != COLUMNS or total[:4] != sums or not are_whole or not all(a > 0 for a in amounts):
        raise BadFile("bad_file")
    if sum(amounts) > MOST_AMOUNT:
        raise BadFile("over_limit")
    return lines


def result_file(drafts: Sequence[Draft]) -> bytes:
    """Write how the payouts of a file stand."""
    rows = [[d.number, d.state, d.code, d.reference, str(d.fee_amount)] for d in drafts]
    out = io.StringIO(newline="")
    header = ["number", "state", "code", "reference", "fee"]
    csv.writer(out).writerows([header, *rows, ["total", str(len(rows)), "", "", ""]])
    return out.getvalue().encode()


def _draft(row: Any) -> Draft:
    return Draft(
        row["number"], row["file"], row["amount"], row["account"], row["state"], row["code"],
        row["reference"], row["fee"],
    )  # fmt: skip

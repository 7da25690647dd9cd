"""A channel that behaves like an outside party: slow, unsure, late, and never forgetful.

What it charged lies in a SQLite file of its own (WAL, synchronous=FULL), written before it
answers, so that killing our server does not make the "provider" forget. Its bill is what a real
provider's statement would be: the truth that our books are held against.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from threading import Lock
from typing import Final

from server.channels.channel import (
    AwaitingPayer,
    Bill,
    BillItem,
    BillKind,
    Charge,
    Created,
    CreateOutcome,
    Declined,
    Finding,
    Forged,
    NoBill,
    NotFound,
    Notice,
    NoticeAnswer,
    PayeeOrder,
    PayOutcome,
    QueryOutcome,
    RefundOutcome,
    RefundQueryOutcome,
    Reversed,
    ReverseOutcome,
    Succeeded,
    Terms,
    Unknown,
)
from server.channels.providers.simulated.script import AWAIT_S, Part, Script

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS charge (
    number TEXT PRIMARY KEY, amount INTEGER NOT NULL, part TEXT NOT NULL, state TEXT NOT NULL,
    sent_at REAL NOT NULL, took_money INTEGER NOT NULL DEFAULT 0,
    reversals INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS refund (
    number TEXT PRIMARY KEY, charge TEXT NOT NULL, amount INTEGER NOT NULL
);
"""
_CALENDAR: Final = timezone(timedelta(hours=8))
_LOOK: Final = "SELECT amount, part, state, sent_at, took_money, reversals FROM charge"


@dataclass(frozen=True, slots=True)
class Statement:
    """One charge as the provider remembers it: `amount` charged less `returned_amount`."""

    number: str
    amount: int
    returned_amount: int


@dataclass(slots=True)
class _Charge:
    amount: int
    part: Part
    state: str
    sent_at: float
    took_money: bool
    reversals: int


class SimulatedChannel:
    """The simulated provider. One instance may be used from many threads."""

    def __init__(self, path: Path, script: Script | None = None, name: str = "simulated") -> None:
        self._name = name
        self._script = script or Script()
        self._lock = Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.execute("PRAGMA busy_timeout=5000")
        self._db.executescript(_SCHEMA)

    @property
    def name(self) -> str:
        """The name under which accounts and attempts are kept."""
        return self._name

    @property
    def terms(self) -> Terms:
        """The schedule that most providers ask for."""
        return Terms()

    def close(self) -> None:
        """Close the file; what was charged stays charged."""
        self._db.close()

    def pay(self, charge: Charge, now: datetime) -> PayOutcome:
        """Play the code's part; the same number again is only looked up."""
        number = charge.number
        with self._transaction():
            known = self._look(number)
            if known is None:
                part = self._script.part(charge.auth_code)
                known = self._charge(number, charge.amount, part, now)
            if known.part in (Part.NEVER_ANSWER, Part.UNKNOWN_THEN_SUCCEED):
                return Unknown("simulated time-out")
            said = self._present(number, known, now)
        return Declined("channels.code_used") if isinstance(said, Reversed) else said

    def create(self, order: PayeeOrder, now: datetime) -> CreateOutcome:
        """Open an order, which somebody pays a little later."""
        with self._transaction():
            if self._look(order.number) is None:
                self._charge(order.number, order.amount, Part.AWAIT_THEN_SUCCEED, now)
        return Created(f"SIMULATED:{order.number}")

    def query(self, number: str, now: datetime) -> QueryOutcome:
        """Tell the present state; a silent one is unknown."""
        with self._transaction():
            known = self._look(number)
            if known is None:
                return NotFound()
            if known.state == "silent":
                return Unknown("simulated: no answer")
            return self._present(number, known, now)

    def reverse(self, number: str, now: datetime) -> ReverseOutcome:
        """Close the number for ever, unless its part is to refuse at first or to be late."""
        with self._transaction():
            known = self._look(number)
            if known is None:
                known = self._charge(number, 0, Part.SUCCEED, now, state="closed")
            self._db.execute(
                "UPDATE charge SET reversals = reversals + 1 WHERE number = ?", (number,)
            )
            if known.part is Part.REFUSE_REVERSAL and known.reversals < 2:
                return Declined("channels.password_needed")
            if known.part is Part.LATE_AFTER_REVERSAL and known.reversals == 0:
                # The reversal is swallowed, and the payer's money arrives after it
                self._set(number, "paid", took_money=True)
                return Unknown("simulated: reversal lost")
            self._set(number, "closed", took_money=known.took_money)
            return Reversed(known.took_money)

    def refund(
        self, number: str, refund_number: str, amount: int, total_amount: int, now: datetime
    ) -> RefundOutcome:
        """Give back part of what was charged; a refund number works once."""
        with self._transaction():
            done = self._db.execute(
                "SELECT 1 FROM refund WHERE number = ?", (refund_number,)
            ).fetchone()
            if done is not None:
                return Succeeded(refund_number)
            known = self._look(number)
            if known is None or not known.took_money or known.state == "closed":
                return Declined("refunds.nothing_paid")
            if self._returned(number) + amount > known.amount:
                return Declined("refunds.exceeds_paid")
            self._db.execute(
                "INSERT INTO refund (number, charge, amount) VALUES (?, ?, ?)",
                (refund_number, number, amount),
            )
            return Succeeded(refund_number)

    def query_refund(self, number: str, refund_number: str, now: datetime) -> RefundQueryOutcome:
        """Tell whether a refund went through."""
        with self._transaction():
            found = self._db.execute(
                "SELECT 1 FROM refund WHERE number = ?", (refund_number,)
            ).fetchone()
        return Succeeded(refund_number) if found is not None else NotFound()

    def bill(self, kind: BillKind, on: date, now: datetime) -> Bill | NoBill:
        """The day's charges and what went back of them."""
        with self._transaction():
            rows = self._db.execute(
                "SELECT number, amount, sent_at, '' FROM charge WHERE took_money = 1"
                " UNION ALL SELECT r.charge, r.amount, c.sent_at, r.number FROM refund r"
                " JOIN charge c ON c.number = r.charge ORDER BY 1, 4"
            ).fetchall()
        items = [
            BillItem(number, refund_number or number, amount, 0, "", _at(sent_at), refund_number)
            for number, amount, sent_at, refund_number in rows
            if _at(sent_at).astimezone(_CALENDAR).date() == on
        ]
        return Bill(kind, on, items, b"")

    def read_notice(
        self, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> Notice | Forged:
        """Nobody calls in a simulation."""
        return Forged("a simulated channel sends no notices")

    def answer_notice(self, *, is_taken: bool) -> NoticeAnswer:
        """What a caller that is not the provider gets."""
        return NoticeAnswer(200 if is_taken else 400, b"", "text/plain")

    def self_test(self, now: datetime) -> Sequence[Finding]:
        """There is no key to be wrong."""
        return ()

    def statement(self) -> list[Statement]:
        """Every charge that took money, with what went back of it."""
        with self._transaction():
            rows = self._db.execute(
                "SELECT number, amount, state FROM charge WHERE took_money = 1 ORDER BY number"
            ).fetchall()
            return [
                Statement(number, amount, amount if state == "closed" else self._returned(number))
                for number, amount, state in rows
            ]

    def _charge(
        self, number: str, amount: int, part: Part, now: datetime, state: str = ""
    ) -> _Charge:
        took_money = state == "" and part in (
            Part.SUCCEED, Part.UNKNOWN_THEN_SUCCEED,
        )  # fmt: skip
        states = {
            Part.SUCCEED: "paid",
            Part.UNKNOWN_THEN_SUCCEED: "paid",
            Part.DECLINE: "declined",
            Part.NEVER_ANSWER: "silent",
        }
        state = state or states.get(part, "awaiting")
        self._db.execute(
            "INSERT INTO charge (number, amount, part, state, sent_at, took_money)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (number, amount, part.value, state, now.timestamp(), took_money),
        )
        return _Charge(amount, part, state, now.timestamp(), took_money, 0)

    def _present(self, number: str, charge: _Charge, now: datetime) -> PayOutcome | Reversed:
        is_over = now.timestamp() - charge.sent_at >= AWAIT_S
        may_pay = charge.part in (Part.AWAIT_THEN_SUCCEED, Part.REFUSE_REVERSAL)
        if charge.state == "awaiting" and is_over and may_pay:
            self._set(number, "paid", took_money=True)
            return Succeeded(number)
        if charge.state == "paid":
            return Succeeded(number)
        if charge.state == "declined":
            return Declined("channels.insufficient_funds")
        if charge.state == "closed":
            return Reversed(charge.took_money)
        return AwaitingPayer()

    def _set(self, number: str, state: str, *, took_money: bool) -> None:
        self._db.execute(
            "UPDATE charge SET state = ?, took_money = ? WHERE number = ?",
            (state, took_money, number),
        )

    def _look(self, number: str) -> _Charge | None:
        row = self._db.execute(f"{_LOOK} WHERE number = ?", (number,)).fetchone()
        if row is None:
            return None
        amount, part, state, sent_at, took_money, reversals = row
        return _Charge(amount, Part(part), state, sent_at, bool(took_money), reversals)

    def _returned(self, number: str) -> int:
        found = self._db.execute(
            "SELECT COALESCE(SUM(amount), 0) FROM refund WHERE charge = ?", (number,)
        ).fetchone()
        return int(found[0])

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")


def _at(timestamp: float) -> datetime:
    return datetime.fromtimestamp(timestamp, UTC)

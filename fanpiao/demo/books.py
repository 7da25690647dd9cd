"""The server's books, read straight from its database file while the server goes on.

Plain SQL on a read-only connection on purpose: what judges the run shares no code with what is
judged.
"""

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

_SALES = "FROM payments_payment WHERE state IN ('succeeded', 'reversing', 'reversed')"
_TENDER = """CASE WHEN tender = 'cash' THEN 'cash'
    WHEN credential IN ('wallet_code', 'channel_code') THEN 'code' ELSE credential END"""
TENDERS = ("code", "card", "face", "cash", "number")


@dataclass(frozen=True, slots=True)
class Booked:
    """One payment as the server has it. Amounts in fen."""

    payment_id: str
    tender: str
    state: str
    mode: str
    total_amount: int
    refunded_amount: int
    person_id: str

    @property
    def charged_amount(self) -> int:
        """What the payer's side gave and did not get back."""
        return self.total_amount - self.refunded_amount if self.state == "succeeded" else 0


class Books:
    """Questions to the database of the run."""

    def __init__(self, path: Path) -> None:
        self._uri = f"{path.as_uri()}?mode=ro"

    def payments(self) -> dict[str, Booked]:
        """Every payment by its id, whatever became of it."""
        rows = self._rows(
            f"SELECT id, {_TENDER}, state, mode, total_amount, refunded_amount,"
            " coalesce(person, '') FROM payments_payment"
        )
        booked = (
            Booked(_id(payment), tender, state, mode, total, refunded, _id(person))
            for payment, tender, state, mode, total, refunded, person in rows
        )
        return {payment.payment_id: payment for payment in booked}

    def by_tender(self) -> dict[str, int]:
        """How many payments took money, by what was shown."""
        found = self._counts(f"SELECT {_TENDER}, count(*) {_SALES} GROUP BY 1")
        return {tender: found.get(tender, 0) for tender in TENDERS}

    def offline(self) -> int:
        """How many were decided at a counter without the server; cash is always decided there."""
        return self._number(f"SELECT count(*) {_SALES} AND mode = 'offline' AND tender != 'cash'")

    def refunded(self) -> int:
        """How many went back, in part or in whole."""
        return self._number(
            f"SELECT count(*) {_SALES} AND (refunded_amount > 0 OR state = 'reversed')"
        )

    def balance(self, person_id: UUID | None = None) -> int:
        """All wallets of one person, subsidies and debt with them; of everybody without one."""
        if person_id is None:
            return self._number(
                "SELECT coalesce(sum(balance), 0) FROM ledger_account"
                " WHERE owner_kind IN ('person', 'grant_share')"
            )
        shares = "SELECT s.id FROM wallets_share s WHERE s.person = ?"
        own = self._number(
            "SELECT coalesce(sum(balance), 0) FROM ledger_account"
            " WHERE owner_kind = 'person' AND owner_id = ?",
            person_id.hex,
        )
        return own + self._number(
            "SELECT coalesce(sum(balance), 0) FROM ledger_account"
            f" WHERE owner_kind = 'grant_share' AND owner_id IN ({shares})",
            person_id.hex,
        )

    def cases(self) -> dict[str, int]:
        """Open and closed cases by kind."""
        return self._counts("SELECT kind, count(*) FROM cases_case GROUP BY 1 ORDER BY 1")

    def by_mode(self) -> dict[str, dict[str, tuple[int, int]]]:
        """(count, amount) by tender and by who decided: "online" or "offline"."""
        found: dict[str, dict[str, tuple[int, int]]] = {tender: {} for tender in TENDERS}
        for tender, mode, count, amount in self._rows(
            f"SELECT {_TENDER}, mode, count(*), sum(total_amount) {_SALES} GROUP BY 1, 2"
        ):
            found.setdefault(str(tender), {})[str(mode)] = (int(count), int(amount))
        return found

    def parked(self) -> int:
        """Records that the server keeps without an effect yet."""
        return self._number(
            "SELECT count(*) FROM inbox_record WHERE status IN ('parked','waiting')"
        )

    def accounts(self) -> list[tuple[str, str, int, int]]:
        """(owner kind, kind, accounts, balance), for the report."""
        return [
            (str(owner), str(kind), int(count), int(balance))
            for owner, kind, count, balance in self._rows(
                "SELECT owner_kind, kind, count(*), sum(balance) FROM ledger_account"
                " GROUP BY 1, 2 HAVING sum(abs(balance)) != 0 ORDER BY 1, 2"
            )
        ]

    def meals(self) -> list[tuple[str, int, int]]:
        """(meal, payments, amount)."""
        return [
            (str(meal), int(count), int(amount))
            for meal, count, amount in self._rows(
                f"SELECT meal_period, count(*), sum(total_amount) {_SALES}"
                " GROUP BY 1 ORDER BY min(occurred_at)"
            )
        ]

    def _counts(self, sql: str) -> dict[str, int]:
        return {str(key) or "none": int(count) for key, count in self._rows(sql)}

    def _number(self, sql: str, *parameters: str) -> int:
        ((number,),) = self._rows(sql, *parameters)
        return int(number)

    def _rows(self, sql: str, *parameters: str) -> list[tuple[Any, ...]]:
        connection = sqlite3.connect(self._uri, uri=True, timeout=5)
        try:
            return connection.execute(sql, parameters).fetchall()
        finally:
            connection.close()


def _id(stored: str) -> str:
    return str(UUID(hex=stored)) if stored else ""

"""The shelf of refunds: each number once, done at once or, by its part, a while later."""

from datetime import timedelta
from typing import Any

from server.sandbox.entries import Order, Refund, RefundState
from server.sandbox.faults import REFUND_S, Fault
from server.sandbox.shelves import Events, Shelf, as_instant, known_instant

_SLOW = (Fault.REFUND_PENDING, Fault.REFUND_FAILS)


class Refunds:
    """Refunds as rows; whether one may be made is for `Books` to say."""

    def __init__(self, shelf: Shelf, events: Events) -> None:
        self._shelf = shelf
        self._events = events

    def add(
        self,
        order: Order,
        refund_number: str,
        amount: int,
        reference: str,
        part: Fault | None,
        notice_url: str,
    ) -> Refund:
        """Accept a refund of `order`; what is not slow is done at once."""
        now = self._shelf.now()
        due = now + timedelta(seconds=REFUND_S if part in _SLOW else 0)
        self._shelf.db.execute(
            "INSERT INTO refunds (refund_number, number, amount, state, reference, asked_at,"
            " due_at, will_fail, notice_url) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                refund_number, order.number, amount, RefundState.PROCESSING, reference,
                now.timestamp(), due.timestamp(), part is Fault.REFUND_FAILS, notice_url,
            ),
        )  # fmt: skip
        return self.known(refund_number)

    def of(self, number: str) -> list[Refund]:
        """List an order's refunds, the first asked first."""
        rows = self._shelf.db.execute(
            "SELECT refund_number FROM refunds WHERE number = ? ORDER BY rowid", (number,)
        ).fetchall()
        return [self.known(row["refund_number"]) for row in rows]

    def known(self, refund_number: str) -> Refund:
        """Return a refund that exists."""
        refund = self.find(refund_number)
        assert refund is not None, refund_number
        return refund

    def find(self, refund_number: str) -> Refund | None:
        """Return a refund as it stands now."""
        row = self._shelf.db.execute(
            "SELECT * FROM refunds WHERE refund_number = ?", (refund_number,)
        ).fetchone()
        if row is None:
            return None
        if row["due_at"] is not None and row["due_at"] <= self._shelf.stamp():
            return self._end(row)
        return _refund(row)

    def settle(self) -> None:
        """Let every pending refund be through whose time has come."""
        for row in self._shelf.db.execute(
            "SELECT refund_number FROM refunds WHERE due_at <= ?", (self._shelf.stamp(),)
        ).fetchall():
            self.find(row["refund_number"])

    def _end(self, row: Any) -> Refund:
        state = RefundState.FAILED if row["will_fail"] else RefundState.SUCCEEDED
        self._shelf.db.execute(
            "UPDATE refunds SET state = ?, due_at = NULL, done_at = ? WHERE refund_number = ?",
            (state, row["due_at"], row["refund_number"]),
        )
        at = known_instant(row["due_at"])
        self._events.add(row["number"], row["notice_url"], at, row["refund_number"])
        return self.known(row["refund_number"])


def _refund(row: Any) -> Refund:
    return Refund(
        row["refund_number"],
        row["number"],
        row["amount"],
        RefundState(row["state"]),
        row["reference"],
        known_instant(row["asked_at"]),
        as_instant(row["done_at"]),
        row["notice_url"],
    )

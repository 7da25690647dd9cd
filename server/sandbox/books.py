"""A peer's own books: what the provider remembers, whatever the merchant believes.

Rules
- A number is one order for ever: charged again it is only looked up.
- Every change is on disk before it is answered, so that nothing is forgotten when either side dies.
- A payer who types is settled by the clock when somebody looks; no thread is needed for it.
- What moved is never changed: the bill of a day is the same whenever it is asked for.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Final

from server.sandbox.entries import (
    Move,
    MoveKind,
    Order,
    Refund,
    RefundState,
    Refused,
    Silence,
    State,
    Way,
    Why,
)
from server.sandbox.faults import TYPING_S, Fault
from server.sandbox.refunds import Refunds
from server.sandbox.shelves import (
    Events,
    Mandates,
    Now,
    Shelf,
    as_json,
    read_order,
)

CALENDAR: Final = timezone(timedelta(hours=8))
"""Providers live in China: a day of a bill is a day of UTC+8."""
_TYPING: Final = frozenset({Fault.PAYER_TYPES, Fault.REFUSE_REVERSAL, Fault.PAYER_GIVES_UP})
_WAITING: Final = frozenset({Fault.PAYER_NEVER, Fault.LATE_AFTER_REVERSAL, Fault.SILENT})

Numbering = Callable[[datetime, int], str]


def plain_number(at: datetime, count: int) -> str:
    """Number an order as providers do: the day in UTC+8 and a count, 28 digits."""
    return f"{at.astimezone(CALENDAR):%Y%m%d}{count:020d}"


class Books:
    """One provider's books. May be used from many threads."""

    def __init__(self, path: Path | str, now: Now, numbering: Numbering = plain_number) -> None:
        """`path` may be ":memory:"; `now` is the provider's clock; `numbering` its references."""
        self._shelf = Shelf(path, now)
        self._db = self._shelf.db
        self._now = now
        self._numbering = numbering
        self.mandates = Mandates(self._shelf)
        self.events = Events(self._shelf)
        self._refunds = Refunds(self._shelf, self.events)

    @property
    def shelf(self) -> Shelf:
        """The file itself, for a peer that keeps more than orders in it."""
        return self._shelf

    def close_file(self) -> None:
        """Close the file; what was charged stays charged."""
        self._shelf.close()

    def transaction(self) -> AbstractContextManager[None]:
        """All of it or nothing; an inner one belongs to the outer one."""
        return self._shelf.transaction()

    # --- orders ---------------------------------------------------------------------------

    def charge(
        self,
        number: str,
        amount: int,
        *,
        payer_code: str = "",
        payer: str = "",
        part: Fault | None = None,
        way: Way = Way.CODE,
        notice_url: str = "",
        attributes: Mapping[str, str] | None = None,
    ) -> Order:
        """Charge a payer who behaves as `part` says; a known number is only looked up.

        Raises `Refused` (another amount under this number; a code used under another number) and
        `Silence` (a silent order).
        """
        with self.transaction():
            known = self._find(number)
            if known is not None:
                return self._same(known, amount)
            self._spend_code(payer_code)
            order = self._new(
                number, amount, way, part, payer_code=payer_code, payer=payer,
                notice_url=notice_url, attributes=attributes,
            )  # fmt: skip
            order = self._behave(order)
        if part is Fault.SILENT:
            raise Silence
        return order

    def open(
        self,
        number: str,
        amount: int,
        *,
        way: Way,
        expires_at: datetime | None = None,
        payer: str = "",
        notice_url: str = "",
        attributes: Mapping[str, str] | None = None,
    ) -> Order:
        """Open an order for somebody to pay; the same number again is the same order."""
        with self.transaction():
            known = self._find(number)
            if known is not None:
                return self._same(known, amount)
            return self._new(
                number, amount, way, None, payer=payer, expires_at=expires_at,
                notice_url=notice_url, attributes=attributes,
            )  # fmt: skip

    def pay_open(self, number: str, payer: str = "") -> Order:
        """Be the payer of an open order, or finish typing. Raises `Refused`."""
        with self.transaction():
            order = self._known(number)
            if order.state not in (State.OPEN, State.PAYING):
                raise Refused(Why.NOT_OPEN)
            if payer:
                self._db.execute("UPDATE orders SET payer = ? WHERE number = ?", (payer, number))
            return self._become(order, State.PAID, self._now())

    def start_paying(self, number: str) -> Order:
        """Be a payer who scanned an open order and now types. Raises `Refused`."""
        with self.transaction():
            order = self._known(number)
            if order.state is not State.OPEN:
                raise Refused(Why.NOT_OPEN)
            self._db.execute(
                "UPDATE orders SET state = ? WHERE number = ?", (State.PAYING.value, number)
            )
            return self._known(number)

    def look(self, number: str) -> Order | None:
        """Tell how an order stands now. Raises `Silence` about a silent one."""
        order = self.peek(number)
        if order is not None and order.part is Fault.SILENT and order.state is State.PAYING:
            raise Silence
        return order

    def peek(self, number: str) -> Order | None:
        """Tell how an order stands now, to whoever stands outside the story."""
        with self.transaction():
            return self._find(number)

    def reverse(self, number: str) -> Order:
        """Undo an order whether or not it was paid, and close it for ever.

        Raises `Refused` (unknown number, payer typing, refunds made) and, when the reversal is
        lost and the payer's money comes after it, `Silence`.
        """
        with self.transaction():
            order = self._known(number)
            reversals = self._count_reversal(number)
            is_late = order.part is Fault.LATE_AFTER_REVERSAL and order.state is State.PAYING
            if is_late and reversals == 1:
                self._become(order, State.PAID, self._now())
            else:
                return self._reverse(order)
        raise Silence

    def close(self, number: str) -> Order:
        """Close an order that nobody paid. Raises `Refused` (unknown, paid)."""
        with self.transaction():
            order = self._known(number)
            if order.took_money:
                raise Refused(Why.NOT_OPEN)
            if order.state in (State.OPEN, State.PAYING):
                return self._become(order, State.CLOSED, self._now())
            return order

    # --- refunds --------------------------------------------------------------------------

    def refund(
        self,
        number: str,
        refund_number: str,
        amount: int,
        *,
        part: Fault | None = None,
        notice_url: str = "",
    ) -> Refund:
        """Give back `amount`; a refund number works once, and again is only looked up.

        Raises `Refused` (unknown order, not paid, beyond what is left, number used differently).
        """
        with self.transaction():
            known = self._refunds.find(refund_number)
            if known is not None:
                if (known.number, known.amount) != (number, amount):
                    raise Refused(Why.DIFFERENT)
                return known
            order = self._known(number)
            if order.state is not State.PAID:
                raise Refused(Why.NOT_PAID)
            if self.returned_amount(number) + amount > order.amount:
                raise Refused(Why.BEYOND)
            reference = self._reference()
            return self._refunds.add(order, refund_number, amount, reference, part, notice_url)

    def look_refund(self, refund_number: str) -> Refund | None:
        """Tell how a refund stands now."""
        with self.transaction():
            return self._refunds.find(refund_number)

    def refunds_of(self, number: str) -> list[Refund]:
        """List an order's refunds, the first asked first."""
        with self.transaction():
            return self._refunds.of(number)

    def returned_amount(self, number: str) -> int:
        """Sum what went back of an order or is on its way, by refunds."""
        refunds = self.refunds_of(number)
        return sum(r.amount for r in refunds if r.state is not RefundState.FAILED)

    # --- for bills and onlookers ------------------------------------------------------------

    def orders(self) -> list[Order]:
        """List every order as it stands now."""
        with self.transaction():
            rows = self._db.execute("SELECT number FROM orders ORDER BY rowid").fetchall()
            return [self._known(row["number"]) for row in rows]

    def moves(self, since: datetime, until: datetime) -> Sequence[Move]:
        """List the money that moved from `since` to before `until`, in the order of time."""
        span = (since.timestamp(), until.timestamp())
        with self.transaction():
            self.settle()
            rows = self._db.execute(
                "SELECT number FROM orders WHERE paid_at >= ? AND paid_at < ?"
                " UNION SELECT number FROM orders WHERE closed_at >= ? AND closed_at < ?"
                " UNION SELECT number FROM refunds WHERE done_at >= ? AND done_at < ?",
                span * 3,
            ).fetchall()
            found = [move for row in rows for move in self._moves_of(self._known(row["number"]))]
        return sorted((m for m in found if since <= m.at < until), key=_of_time)

    def net_amount(self, number: str) -> int:
        """What the payer is out of pocket: charged, less what went back."""
        order = self.peek(number)
        if order is None or order.state is not State.PAID:
            return 0
        done = (r for r in self.refunds_of(number) if r.state is RefundState.SUCCEEDED)
        return order.amount - sum(refund.amount for refund in done)

    def settle(self) -> None:
        """Let every typing payer and pending refund be through whose time has come."""
        with self.transaction():
            stamp = self._shelf.stamp()
            rows = self._db.execute(
                "SELECT number FROM orders WHERE due_at <= ?"
                " UNION SELECT number FROM orders WHERE state = 'open' AND expires_at <= ?",
                (stamp, stamp),
            ).fetchall()
            for row in rows:
                self._find(row["number"])
            self._refunds.settle()

    def _moves_of(self, order: Order) -> list[Move]:
        if order.paid_at is None:
            return []
        moves = [Move(MoveKind.PAID, order.paid_at, order.amount, order)]
        if order.state is State.REVERSED and order.closed_at is not None:
            moves.append(Move(MoveKind.REVERSED, order.closed_at, order.amount, order))
        moves += [
            Move(MoveKind.REFUNDED, refund.done_at, refund.amount, order, refund)
            for refund in self.refunds_of(order.number)
            if refund.state is RefundState.SUCCEEDED and refund.done_at is not None
        ]
        return moves

    # --- inside -----------------------------------------------------------------------------

    def _new(
        self,
        number: str,
        amount: int,
        way: Way,
        part: Fault | None,
        *,
        payer_code: str = "",
        payer: str = "",
        expires_at: datetime | None = None,
        notice_url: str = "",
        attributes: Mapping[str, str] | None = None,
    ) -> Order:
        now = self._now()
        self._db.execute(
            "INSERT INTO orders (number, amount, way, state, reference, payer, payer_code, part,"
            " created_at, expires_at, notice_url, attributes)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                number, amount, way, State.OPEN, self._reference(), payer,
                payer_code, part, now.timestamp(), expires_at and expires_at.timestamp(),
                notice_url, as_json(attributes),
            ),
        )  # fmt: skip
        return self._known(number)

    def _reference(self) -> str:
        return self._numbering(self._now(), self._shelf.count())

    def _behave(self, order: Order) -> Order:
        """Let the payer of a new charge do what is his part."""
        now = self._now()
        if order.part is Fault.DECLINED:
            return self._become(order, State.DECLINED, now)
        if order.part in _TYPING:
            return self._become(order, State.PAYING, now + timedelta(seconds=TYPING_S))
        if order.part in _WAITING:
            return self._become(order, State.PAYING, None)
        return self._become(order, State.PAID, now)

    def _become(self, order: Order, state: State, at: datetime | None) -> Order:
        """Move an order on; `at` is when, or, for a typing payer, until when."""
        stamp = at and at.timestamp()
        column = {State.PAYING: "due_at", State.PAID: "paid_at"}.get(state, "closed_at")
        self._db.execute(
            f"UPDATE orders SET state = ?, due_at = NULL, {column} = ? WHERE number = ?",
            (state, stamp, order.number),
        )
        if state is State.PAID and at is not None:
            self.events.add(order.number, order.notice_url, at)
        return self._known(order.number)

    def _reverse(self, order: Order) -> Order:
        if order.part is Fault.REFUSE_REVERSAL and order.state is State.PAYING:
            raise Refused(Why.PAYING)
        if order.state in (State.CLOSED, State.REVERSED, State.DECLINED):
            return order
        if order.state is State.PAID and self.refunds_of(order.number):
            raise Refused(Why.HAS_REFUNDS)
        after = State.REVERSED if order.state is State.PAID else State.CLOSED
        return self._become(order, after, self._now())

    def _count_reversal(self, number: str) -> int:
        row = self._db.execute(
            "UPDATE orders SET reversals = reversals + 1 WHERE number = ? RETURNING reversals",
            (number,),
        ).fetchall()[0]
        return int(row["reversals"])

    def _spend_code(self, payer_code: str) -> None:
        used = self._db.execute(
            "SELECT 1 FROM orders WHERE payer_code = ? AND payer_code <> ''", (payer_code,)
        ).fetchone()
        if used is not None:
            raise Refused(Why.CODE_USED)

    def _same(self, known: Order, amount: int) -> Order:
        if known.amount != amount:
            raise Refused(Why.DIFFERENT)
        return known

    def _known(self, number: str) -> Order:
        order = self._find(number)
        if order is None:
            raise Refused(Why.NO_ORDER)
        return order

    def _find(self, number: str) -> Order | None:
        row = self._db.execute("SELECT * FROM orders WHERE number = ?", (number,)).fetchone()
        return None if row is None else self._settled(read_order(row))

    def _settled(self, order: Order) -> Order:
        """Bring an order to now: a typing payer may be through, an open order expired."""
        now = self._now()
        if order.state is State.PAYING and order.due_at is not None and order.due_at <= now:
            gave_up = order.part is Fault.PAYER_GIVES_UP
            return self._become(order, State.DECLINED if gave_up else State.PAID, order.due_at)
        if order.state is State.OPEN and order.expires_at is not None and order.expires_at <= now:
            return self._become(order, State.CLOSED, order.expires_at)
        return order


def _of_time(move: Move) -> tuple[datetime, str, int]:
    """In the order of time; what happened in one moment, always in the same order."""
    return move.at, move.order.reference, list(MoveKind).index(move.kind)

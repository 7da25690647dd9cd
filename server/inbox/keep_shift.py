"""Keep a shift and its drawer from the records that open it, close it, and move its cash.

The drawer is an account of the shift: float + cash sales − cash refunds ± moves, booked as they
come. Closing books the difference between counted and expected and takes the counted cash out,
so a closed shift's drawer stands at zero as soon as all its records are here, in any order.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from server import sql
from server.ledger.commands import (
    AccountKey,
    CounterKey,
    Decision,
    Key,
    Locked,
    Posting,
    Reader,
    Transfer,
)
from server.payments.arrivals import Booked
from server.writes import Writes
from sync.messages import CashMoved, ShiftClosed, ShiftOpened, Status

SHIFT = "shift"
ShiftMessage = ShiftOpened | ShiftClosed | CashMoved

OPENED = sql.Table.of(
    "inbox_shift",
    {
        "id": "uuid", "organisation": "uuid", "terminal": "uuid", "merchant": "uuid",
        "operator": "uuid", "business_on": "date", "meal_period": "text",
        "float_amount": "int8", "opened_at": "timestamptz", "tallies": "jsonb",
    },
)  # fmt: skip
CLOSED = sql.Table.of(
    "inbox_shift",
    {
        "id": "uuid", "organisation": "uuid", "terminal": "uuid", "merchant": "uuid",
        "meal_period": "text", "closed_at": "timestamptz", "counted_amount": "int8",
        "expected_amount": "int8", "tallies": "jsonb",
    },
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Drawer:
    """The accounts cash moves between."""

    drawer: AccountKey
    till: AccountKey
    difference: AccountKey

    @classmethod
    def of(cls, organisation_id: UUID, merchant_id: UUID, shift_id: UUID) -> "Drawer":
        """Name the accounts of one shift of one merchant."""
        return cls(
            AccountKey(organisation_id, SHIFT, shift_id, "drawer"),
            AccountKey(organisation_id, "merchant", merchant_id, "till_cash"),
            AccountKey(organisation_id, "merchant", merchant_id, "cash_difference"),
        )


@dataclass(frozen=True, slots=True)
class KeptShift:
    """A shift on file: whose it is, and which of "opened" and "closed" have come."""

    terminal_id: UUID
    ends: frozenset[str]


@dataclass(frozen=True, slots=True)
class ShiftWritten:
    """What an opening or closing record says of a shift; each fills its own columns."""

    organisation_id: UUID
    terminal_id: UUID
    merchant_id: UUID
    message: ShiftOpened | ShiftClosed

    @classmethod
    def write_all(cls, writes: Writes, effects: Sequence["ShiftWritten"], /) -> None:
        """Upsert the shifts."""
        opened = [e._opened(e.message) for e in effects if isinstance(e.message, ShiftOpened)]
        closed = [e._closed(e.message) for e in effects if isinstance(e.message, ShiftClosed)]
        writes.insert(OPENED, opened, _upsert(OPENED, ("tallies",)))
        writes.insert(CLOSED, closed, _upsert(CLOSED, ("meal_period",)))

    def _opened(self, message: ShiftOpened) -> tuple[Any, ...]:
        return (
            message.shift_id, self.organisation_id, self.terminal_id, self.merchant_id,
            message.operator_id, message.business_on, message.meal_period,
            message.float_amount, message.stamp.corrected_at, "{}",
        )  # fmt: skip

    def _closed(self, message: ShiftClosed) -> tuple[Any, ...]:
        return (
            message.shift_id, self.organisation_id, self.terminal_id, self.merchant_id, "",
            message.stamp.corrected_at, message.counted_amount, message.expected_amount,
            sql.to_json(message.tallies),
        )  # fmt: skip


def _upsert(table: sql.Table, inserted_only: tuple[str, ...]) -> str:
    names = [name for name, _ in table.columns[4:] if name not in inserted_only]
    return "ON CONFLICT (id) DO UPDATE SET " + ", ".join(f"{n} = excluded.{n}" for n in names)


@dataclass(frozen=True, slots=True)
class KeepShift:
    """The command for one record about a shift; `id` is the record's, so each books once."""

    id: UUID
    organisation_id: UUID
    terminal_id: UUID
    merchant_id: UUID
    message: ShiftMessage
    business_on: date

    @property
    def keys(self) -> Sequence[Key]:
        """The shift."""
        return (Key(self.organisation_id, SHIFT, self.message.shift_id),)

    @property
    def counters(self) -> Sequence[CounterKey]:
        """None."""
        return ()

    @property
    def accounts(self) -> Sequence[AccountKey]:
        """The drawer, the till and the difference."""
        accounts = self._accounts
        return (accounts.drawer, accounts.till, accounts.difference)

    @property
    def reader(self) -> Reader:
        """Reads which of the two ends of each shift are here."""
        return read_shifts

    @property
    def _accounts(self) -> Drawer:
        return Drawer.of(self.organisation_id, self.merchant_id, self.message.shift_id)

    def decide(self, locked: Locked) -> Decision:
        """Book the cash; a second opening or closing of one shift, or another terminal's word on
        it, is parked for a person.
        """
        kept: KeptShift | None = locked.rows.get(self.keys[0])
        if kept is not None and kept.terminal_id != self.terminal_id:
            return Decision(Booked(Status.PARKED, "shifts.contradiction"))
        ends = frozenset() if kept is None else kept.ends
        message = self.message
        if isinstance(message, CashMoved):
            return Decision(Booked(Status.APPLIED, ""), transfers=self._move(message.amount))
        is_second = ("opened" if isinstance(message, ShiftOpened) else "closed") in ends
        if is_second:
            return Decision(Booked(Status.PARKED, "shifts.contradiction"))
        written = ShiftWritten(self.organisation_id, self.terminal_id, self.merchant_id, message)
        if isinstance(message, ShiftOpened):
            transfers = self._move(message.float_amount)
        else:
            transfers = self._close(message)
        return Decision(Booked(Status.APPLIED, ""), transfers=transfers, effects=(written,))

    def _move(self, amount: int) -> tuple[Transfer, ...]:
        accounts = self._accounts
        return self._transfer("cash", amount, accounts.drawer, accounts.till)

    def _close(self, message: ShiftClosed) -> tuple[Transfer, ...]:
        accounts = self._accounts
        difference = message.counted_amount - message.expected_amount
        return (
            *self._transfer("difference", difference, accounts.drawer, accounts.difference),
            *self._transfer("handover", -message.counted_amount, accounts.drawer, accounts.till),
        )

    def _transfer(
        self, purpose: str, amount: int, drawer: AccountKey, other: AccountKey
    ) -> tuple[Transfer, ...]:
        """Put `amount` of cash into the drawer (what it holds stands negative in the books)."""
        if amount == 0:
            return ()
        return (
            Transfer(
                uuid5(self.id, purpose), self.organisation_id, SHIFT, self.id, purpose,
                (Posting(drawer, -amount), Posting(other, amount)),
                self.message.stamp.corrected_at, self.business_on, self.business_on,
            ),
        )  # fmt: skip


def read_shifts(
    cursor: Any, keys: Sequence[Key], _fresh: Collection[Key] = ()
) -> Mapping[Key, KeptShift]:
    """Read whose each shift is, and which of its ends are on file."""
    by_id = {key.id: key for key in keys}
    rows = sql.select(
        cursor,
        "SELECT id, terminal, opened_at, closed_at FROM inbox_shift WHERE id IN {any}",
        by_id,
    )
    return {
        by_id[sql.to_uuid(id_)]: KeptShift(
            sql.to_uuid(terminal),
            frozenset(
                name for name, at in (("opened", opened), ("closed", closed)) if at is not None
            ),
        )
        for id_, terminal, opened, closed in rows
    }

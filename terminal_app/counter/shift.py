"""A shift: opened with a counted float, closed with counted cash, the difference and the tallies.

The open shift is a fact of the store, so that a power cut does not end it. Closing with records
still waiting is refused unless it is said what stays behind; the closing record carries it.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.errors import Refused
from sync import top_ups
from sync.clocks import CorrectedClock
from sync.messages import CashMoved, RecordKind, ShiftClosed, ShiftOpened
from sync.outbox import Journal
from sync.sales import cash_refunded_amount, sales_of_shift, tallies
from sync.store import LocalStore
from terminal_app.counter.binding import RequestMaker

_OPEN = "shift_open"
CASH = "cash"


@dataclass(frozen=True, slots=True)
class OpenShift:
    """The shift that sells now; `moved_amount` is cash put in less cash taken out."""

    shift_id: UUID
    operator_id: UUID
    business_on: date
    float_amount: int
    moved_amount: int = 0


@dataclass(frozen=True, slots=True)
class Count:
    """The drawer by the books, and what was sold; `topped_up_amount` of it is for wallets."""

    expected_amount: int
    tallies: dict[str, tuple[int, int]]
    waiting_count: int
    waiting_amount: int
    topped_up_amount: int = 0


@dataclass(frozen=True, slots=True)
class Closed:
    """What the closing card shows."""

    counted_amount: int
    difference_amount: int
    count: Count


class Shift:
    """The shift of this counter."""

    def __init__(
        self, store: LocalStore, journal: Journal, clock: CorrectedClock, maker: RequestMaker
    ) -> None:
        self._store = store
        self._journal = journal
        self._clock = clock
        self._maker = maker
        self.present = _read(store)

    @property
    def shift_id(self) -> UUID | None:
        """The id records carry; None when no shift is open."""
        return self.present.shift_id if self.present else None

    def open(
        self, operator_id: UUID, business_on: date, meal_period: str, float_amount: int
    ) -> OpenShift:
        """Open a shift, on disk with its record; one that is open goes on."""
        if self.present is not None:
            return self.present
        opened = OpenShift(self._maker.new_id(), operator_id, business_on, float_amount)
        record = ShiftOpened(
            shift_id=opened.shift_id,
            operator_id=operator_id,
            business_on=business_on,
            meal_period=meal_period,
            float_amount=float_amount,
            stamp=self._clock.stamp(),
            binding_version=self._maker.binding.binding_version,
        )
        with self._store.transaction():
            self._journal.append(RecordKind.SHIFT_OPENED, record)
            self._keep(opened)
        self.present = opened
        return opened

    def move_cash(self, amount: int, reason: str, operator_id: UUID) -> None:
        """Put cash in (positive) or take it out."""
        shift = self._open_shift()
        record = CashMoved(
            shift_id=shift.shift_id,
            amount=amount,
            reason=reason,
            operator_id=operator_id,
            stamp=self._clock.stamp(),
            binding_version=self._maker.binding.binding_version,
        )
        moved = OpenShift(
            shift.shift_id,
            shift.operator_id,
            shift.business_on,
            shift.float_amount,
            shift.moved_amount + amount,
        )
        with self._store.transaction():
            self._journal.append(RecordKind.CASH_MOVED, record)
            self._keep(moved)
        self.present = moved

    def count(self) -> Count:
        """What the drawer should hold and what was sold."""
        shift = self._open_shift()
        sold = [s for s in sales_of_shift(self._store, shift.shift_id) if s.tally == CASH]
        cash = sum(sale.amount for sale in sold)
        cash -= cash_refunded_amount(self._store, shift.shift_id)
        waiting = self._journal.waiting()
        topped_up = top_ups.amount_in_drawer(self._store, shift.shift_id)
        return Count(
            expected_amount=shift.float_amount + shift.moved_amount + cash + topped_up,
            tallies=tallies(self._store, shift.shift_id),
            waiting_count=waiting.count,
            waiting_amount=waiting.amount,
            topped_up_amount=topped_up,
        )

    def close(
        self, operator_id: UUID, counted_amount: int, *, is_queue_accepted: bool = False
    ) -> Closed:
        """Close with counted cash; `Refused("shifts.queue_not_empty")` while records wait.

        `Refused("top_ups.open")` while nobody knows whether cash in the drawer became a balance:
        no count could be right for both. The counter is locked meanwhile instead.
        """
        shift, count = self._open_shift(), self.count()
        if count.waiting_count and not is_queue_accepted:
            raise Refused("shifts.queue_not_empty", count=count.waiting_count)
        if top_ups.open_top_ups(self._store):
            raise Refused("top_ups.open")
        record = ShiftClosed(
            shift_id=shift.shift_id,
            operator_id=operator_id,
            counted_amount=counted_amount,
            expected_amount=count.expected_amount,
            tallies=count.tallies,
            waiting_count=count.waiting_count,
            waiting_amount=count.waiting_amount,
            stamp=self._clock.stamp(),
            binding_version=self._maker.binding.binding_version,
        )
        with self._store.transaction():
            self._journal.append(RecordKind.SHIFT_CLOSED, record)
            self._store.put_meta(_OPEN, None)
        self.present = None
        return Closed(counted_amount, counted_amount - count.expected_amount, count)

    def _open_shift(self) -> OpenShift:
        if self.present is None:
            raise Refused("shifts.none_open")
        return self.present

    def _keep(self, shift: OpenShift) -> None:
        self._store.put_meta(
            _OPEN,
            {
                "shift_id": shift.shift_id.hex,
                "operator_id": shift.operator_id.hex,
                "business_on": shift.business_on.isoformat(),
                "float_amount": shift.float_amount,
                "moved_amount": shift.moved_amount,
            },
        )


def _read(store: LocalStore) -> OpenShift | None:
    kept = store.meta(_OPEN)
    if not isinstance(kept, dict):
        return None
    return OpenShift(
        UUID(hex=kept["shift_id"]),
        UUID(hex=kept["operator_id"]),
        date.fromisoformat(kept["business_on"]),
        kept["float_amount"],
        kept["moved_amount"],
    )

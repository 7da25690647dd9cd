"""The last sales, always visible: what they were, how they stand, and until when undo is one tap.

The strip is memory for the screens; the truth is the journal, from which it is filled at start.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sync.sales import last_sales
from sync.store import LocalStore
from terminal_app.counter.in_hand import SaleInHand


class RowState(StrEnum):
    """How a sale of the strip stands."""

    APPROVED = "approved"
    AWAITING = "awaiting"  # parked: the phone is being waited for
    CANCELLING = "cancelling"
    REVERSED = "reversed"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class StripRow:
    """One row. `sale` 0: from before this start.

    `was_parked`: it was paid beside the line, so that whoever comes back for it is looked for here.
    `presented_at` (when the device saw the credential) and `approved_at` are monotonic.
    """

    payment_id: UUID
    sale: int
    label: str
    amount: int
    masked_name: str
    credential: str
    state: RowState
    approved_at: float
    shift_id: UUID | None
    is_online: bool = False
    is_pulsing: bool = False
    code: str = ""
    presented_at: float = 0.0
    was_parked: bool = False


class Strip:
    """The last so many sales, newest first."""

    def __init__(self, length: int) -> None:
        self._length = length
        self._rows: dict[UUID, StripRow] = {}

    def fill(self, store: LocalStore, label_of: Callable[[datetime], str]) -> None:
        """After a start or a recovery: the journal's last sales, without one-tap undo."""
        for sale in reversed(last_sales(store, self._length)):
            if sale.payment_id in self._rows:
                continue
            is_back = sale.refunded_amount >= sale.amount
            self._rows[sale.payment_id] = StripRow(
                payment_id=sale.payment_id,
                sale=0,
                label=label_of(sale.at),
                amount=sale.amount,
                masked_name="",
                credential=sale.tally,
                state=RowState.REVERSED if is_back else RowState.APPROVED,
                approved_at=float("-inf"),
                shift_id=sale.shift_id,
                is_online=not sale.is_offline_wallet,
            )

    def put(
        self,
        sale: SaleInHand,
        state: RowState,
        label: str,
        now: float,
        *,
        is_online: bool = False,
        is_pulsing: bool = False,
        code: str = "",
    ) -> None:
        """Add a sale, or say how it stands now."""
        kept = self._rows.pop(sale.payment_id, None)
        row = kept or StripRow(
            payment_id=sale.payment_id,
            sale=sale.sale,
            label=label,
            amount=sale.amount,
            masked_name=sale.payer.masked_name,
            credential=sale.payer.credential.value,
            state=state,
            approved_at=now,
            shift_id=sale.request.shift_id,
            presented_at=sale.payer.presented_at,
        )
        if state is RowState.APPROVED and row.state is not RowState.APPROVED:
            name = sale.payer.masked_name or row.masked_name
            row = replace(row, approved_at=now, label=label, masked_name=name)
        row = replace(row, was_parked=row.was_parked or state is RowState.AWAITING)
        self._rows[sale.payment_id] = replace(
            row, state=state, is_online=is_online, is_pulsing=is_pulsing, code=code
        )
        while len(self._rows) > 4 * self._length:
            self._rows.pop(next(iter(self._rows)))

    def mark(
        self, payment_id: UUID, state: RowState, *, is_pulsing: bool = False, code: str = ""
    ) -> None:
        """Say how a row stands now, and why."""
        row = self._rows.get(payment_id)
        if row is not None:
            self._rows[payment_id] = replace(row, state=state, is_pulsing=is_pulsing, code=code)

    def row(self, payment_id: UUID) -> StripRow | None:
        """The row of a payment."""
        return self._rows.get(payment_id)

    def rows(self) -> tuple[StripRow, ...]:
        """Newest first; whatever still pulses is never pushed out by newer ones."""
        newest = list(reversed(self._rows.values()))
        shown = newest[: self._length]
        return (*shown, *(row for row in newest[self._length :] if row.is_pulsing))

"""What the counter asks of its own journal: the strip, the shift's count, a person's meal."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sync import messages
from sync.journal_rows import About, id_of
from sync.messages import Acceptance, RecordKind, RefundRequest, Tender
from sync.store import LocalStore

_SALE = """SELECT payment_id, person_id, shift_id, tally, amount,
    (SELECT coalesce(sum(r.amount), 0) FROM journal r
        WHERE r.payment_id = j.payment_id AND r.kind = 'refund' AND r.state <> 'lost'),
    meal_period, written_at, is_offline_wallet, state IN ('waiting', 'rejected')
    FROM journal j WHERE kind = 'acceptance' AND state <> 'lost'"""


@dataclass(frozen=True, slots=True)
class Sale:
    """An accepted sale of this store. `tally` is its credential kind, or "cash"."""

    payment_id: UUID
    person_id: UUID | None
    shift_id: UUID | None
    tally: str
    amount: int
    refunded_amount: int
    meal_period: str
    at: datetime
    is_offline_wallet: bool
    is_waiting: bool


def last_sales(store: LocalStore, count: int = 5, shift_id: UUID | None = None) -> list[Sale]:
    """The last sales, newest first; of one shift when given."""
    if shift_id is None:
        rows = store.rows(f"{_SALE} ORDER BY place DESC LIMIT ?", (count,))
    else:
        rows = store.rows(
            f"{_SALE} AND shift_id = ? ORDER BY place DESC LIMIT ?", (shift_id.bytes, count)
        )
    return [_sale(row) for row in rows]


def sales_of_shift(store: LocalStore, shift_id: UUID) -> list[Sale]:
    """The shift's sales, oldest first."""
    rows = store.rows(f"{_SALE} AND shift_id = ? ORDER BY place", (shift_id.bytes,))
    return [_sale(row) for row in rows]


def sales_of_person(store: LocalStore, person_id: UUID, since: datetime) -> list[Sale]:
    """A person's sales at this counter since an instant, by whatever credential, oldest first."""
    rows = store.rows(
        f"{_SALE} AND person_id = ? AND written_at >= ? ORDER BY place",
        (person_id.bytes, since.timestamp()),
    )
    return [_sale(row) for row in rows]


def tallies(store: LocalStore, shift_id: UUID) -> dict[str, tuple[int, int]]:
    """The shift's count as `messages.ShiftClosed` carries it: {heading: (count, amount)}.

    Sales by credential kind or "cash"; "refund" with the amounts given back; "cancellation" with
    amount 0, since a cancelled sale took nothing.
    """
    counts: Counter[str] = Counter()
    amounts: Counter[str] = Counter()
    rows = store.rows(
        "SELECT tally, amount FROM journal WHERE shift_id = ? AND tally <> '' AND state <> 'lost'",
        (shift_id.bytes,),
    )
    for heading, amount in rows:
        counts[heading] += 1
        amounts[heading] += amount
    return {heading: (counts[heading], amounts[heading]) for heading in sorted(counts)}


def portions_of_person(
    store: LocalStore, person_id: UUID, meal_period: str, since: datetime
) -> int:
    """Portions of one meal a person had at this counter; a full refund gives its own back."""
    found = store.row(
        "SELECT coalesce(sum(portions), 0) FROM journal WHERE person_id = ?"
        " AND written_at >= ? AND meal_period = ? AND state <> 'lost'",
        (person_id.bytes, since.timestamp(), meal_period),
    )
    return max(0, found[0]) if found else 0


def spent_by_person(store: LocalStore, person_id: UUID, since: datetime) -> int:
    """What a person spent at this counter since an instant, less what was given back, in fen."""
    found = store.row(
        "SELECT coalesce(sum(CASE kind WHEN 'acceptance' THEN amount WHEN 'refund' THEN -amount"
        " ELSE 0 END), 0) FROM journal WHERE person_id = ? AND written_at >= ?"
        " AND state <> 'lost'",
        (person_id.bytes, since.timestamp()),
    )
    return max(0, found[0]) if found else 0


def acceptance_of(store: LocalStore, payment_id: UUID) -> Acceptance | None:
    """The acceptance of a payment as journalled here: what a refund of it needs to know."""
    found = store.row(
        "SELECT unseal(body) FROM journal WHERE payment_id = ? AND kind = ? AND state <> 'lost'",
        (payment_id.bytes, RecordKind.ACCEPTANCE.value),
    )
    return None if found is None else messages.decode(Acceptance, found[0])


def paid_about(store: LocalStore, payment_id: UUID) -> About | None:
    """What is known about the acceptance of a payment; None when it is not of this store."""
    found = store.row(
        "SELECT person_id, amount, portions, meal_period FROM journal"
        " WHERE payment_id = ? AND kind = 'acceptance' AND state <> 'lost'",
        (payment_id.bytes,),
    )
    if found is None:
        return None
    person, amount, portions, meal_period = found
    return About(
        payment_id=payment_id,
        person_id=id_of(person),
        amount=amount,
        portions=portions,
        meal_period=meal_period,
    )


def refunded_amount(store: LocalStore, payment_id: UUID) -> int:
    """What this store gave back of a payment so far, in fen."""
    found = store.row(
        "SELECT coalesce(sum(amount), 0) FROM journal"
        " WHERE payment_id = ? AND kind = 'refund' AND state <> 'lost'",
        (payment_id.bytes,),
    )
    return found[0] if found else 0


def refunds_of(store: LocalStore, payment_id: UUID) -> list[RefundRequest]:
    """Every refund of a payment that this store journalled, whosever sale it was."""
    rows = store.rows(
        "SELECT unseal(body) FROM journal"
        " WHERE payment_id = ? AND kind = 'refund' AND state <> 'lost'",
        (payment_id.bytes,),
    )
    return [messages.decode(RefundRequest, body) for (body,) in rows]


def cash_refunded_amount(store: LocalStore, shift_id: UUID) -> int:
    """Cash that a shift handed back out of its drawer, in fen, also for other shifts' sales."""
    rows = store.rows(
        "SELECT unseal(body) FROM journal"
        " WHERE shift_id = ? AND kind = 'refund' AND state <> 'lost'",
        (shift_id.bytes,),
    )
    refunds = (messages.decode(RefundRequest, body) for (body,) in rows)
    return sum(refund.amount for refund in refunds if refund.tender is Tender.CASH)


def _sale(row: Sequence[Any]) -> Sale:
    payment, person, shift, tally, amount, refunded, period, at, is_offline, is_waiting = row
    return Sale(
        payment_id=UUID(bytes=payment),
        person_id=id_of(person),
        shift_id=id_of(shift),
        tally=tally,
        amount=amount,
        refunded_amount=refunded,
        meal_period=period,
        at=messages.instant(at),
        is_offline_wallet=bool(is_offline),
        is_waiting=bool(is_waiting),
    )

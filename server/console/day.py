"""One store's business day in figures, read from the books and from the counters' own records.

Rules
- A day is `business_on` as booked: by the store's zone and cut-off, never by midnight here.
- A head is a person (or an unnamed payment) with a sale that stands; a second portion is no second
  head. Money is what was paid less what was given back, in fen, summed as integers.
- What a counter did besides selling (overrides, faces not recognised) comes from its signed
  records, so it counts only once they have arrived: the page says how many counters are silent.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from server.fleet.models import Terminal
from server.inbox.models import Record, Shift
from server.merchants.models import MerchantOperator, Store
from server.payments.models import Payment, Refund
from sync import messages
from sync.messages import RecordKind

SLOT = timedelta(minutes=5)
FACE_FAILED = frozenset({"face_unknown"})
OVERRIDES = frozenset({"supervisor_lent", "clock_accepted"})
"""Events in which somebody let a counter do what it would not by itself."""
COLUMNS = (
    "id", "terminal", "operator", "person", "tender", "credential", "total_amount",
    "refunded_amount", "meal_period", "occurred_at", "state", "evidence",
)  # fmt: skip


@dataclass(slots=True)
class Tally:
    """What went through one counter, meal or day."""

    heads: set[UUID] = field(default_factory=set)
    sales: int = 0
    amount: int = 0
    by_credential: Counter[str] = field(default_factory=Counter)
    face_failed: int = 0

    @property
    def served(self) -> int:
        """How many heads."""
        return len(self.heads)

    @property
    def face_sales(self) -> int:
        """How many sales by face."""
        return self.by_credential["face"]


@dataclass(slots=True)
class Hand:
    """What one operator did that is worth asking about, and the cash taken."""

    name: str
    sales: int = 0
    undone: int = 0
    undone_amount: int = 0
    overrides: int = 0
    by_number: int = 0
    cash_count: int = 0
    cash_amount: int = 0


@dataclass(frozen=True, slots=True)
class Day:
    """All figures of a store's day; `slots` is (start, heads) every five minutes without a gap."""

    on: date
    whole: Tally
    meals: Mapping[str, Tally]
    counters: Mapping[UUID, Tally]
    operators: list[Hand]
    slots: list[tuple[datetime, int]]


def read_day(store: Store, on: date) -> Day:
    """Return the figures of `store` on the business day `on`."""
    zone = ZoneInfo(store.zone)
    rows = Payment.objects.filter(
        organisation=store.organisation_id, store=store.id, business_on=on
    ).values(*COLUMNS)
    whole, hands = Tally(), _Hands(store.organisation_id)
    meals: defaultdict[str, Tally] = defaultdict(Tally)
    counters: defaultdict[UUID, Tally] = defaultdict(Tally)
    slots: defaultdict[datetime, set[UUID]] = defaultdict(set)
    for row in rows:
        if row["state"] != "succeeded":
            continue
        hands.sold(row)
        if row["refunded_amount"] == row["total_amount"] and row["total_amount"]:
            continue
        for tally in (whole, meals[row["meal_period"]], counters[row["terminal"]]):
            _count(tally, row)
        slots[_slot(row["occurred_at"].astimezone(zone))].add(row["person"] or row["id"])
    _read_refunds(store, on, hands)
    _read_records(store, on, hands, counters, whole)
    return Day(on, whole, dict(meals), dict(counters), hands.all(), _without_gaps(slots))


def _count(tally: Tally, row: Mapping[str, Any]) -> None:
    tally.heads.add(row["person"] or row["id"])
    tally.sales += 1
    tally.amount += row["total_amount"] - row["refunded_amount"]
    tally.by_credential["cash" if row["tender"] == "cash" else row["credential"]] += 1


class _Hands:
    """The operators of a day by id; their names are read once at the end."""

    def __init__(self, organisation_id: UUID) -> None:
        self._organisation_id = organisation_id
        self._hands: dict[UUID | None, Hand] = {}

    def of(self, operator: UUID | None) -> Hand:
        return self._hands.setdefault(operator, Hand(""))

    def sold(self, row: Mapping[str, Any]) -> None:
        hand = self.of(row["operator"])
        hand.sales += 1
        hand.by_number += row["credential"] == "number"
        hand.overrides += bool(row["evidence"].get("override_reason"))
        if row["tender"] == "cash":
            hand.cash_count += 1
            hand.cash_amount += row["total_amount"] - row["refunded_amount"]

    def gave_back(self, operator: UUID | None, amount: int) -> None:
        hand = self.of(operator)
        hand.undone += 1
        hand.undone_amount += amount

    def all(self) -> list[Hand]:
        names = dict(
            MerchantOperator.objects.filter(
                organisation_id=self._organisation_id, id__in=[id for id in self._hands if id]
            ).values_list("id", "name")
        )
        for id, hand in self._hands.items():
            hand.name = names.get(id, "") if id else ""
        return sorted(self._hands.values(), key=lambda hand: (not hand.name, hand.name))


def _read_refunds(store: Store, on: date, hands: _Hands) -> None:
    """Count what was given back: an undo at a counter is a refund under an id of its own."""
    at_store = Terminal.objects.filter(organisation_id=store.organisation_id, store=store)
    rows = Refund.objects.filter(
        organisation=store.organisation_id, merchant=store.merchant_id, business_on=on,
        state="succeeded", terminal__in=at_store.values("id"),
    ).values_list("operator", "posted_amount")  # fmt: skip
    for operator, amount in rows:
        hands.gave_back(operator, amount)


def _read_records(
    store: Store,
    on: date,
    hands: _Hands,
    counters: defaultdict[UUID, Tally],
    whole: Tally,
) -> None:
    """Count what the shifts of the day wrote into their journals."""
    shifts = Shift.objects.filter(
        organisation=store.organisation_id, merchant=store.merchant_id, business_on=on
    ).values_list("id", flat=True)
    records = Record.objects.filter(
        organisation=store.organisation_id, shift__in=list(shifts),
        kind=RecordKind.EVENT,
    ).values_list("body", "terminal")  # fmt: skip
    for body, terminal in records:
        event = _decoded(body)
        if event is None:
            continue
        hands.of(event.operator_id).overrides += event.name in OVERRIDES
        if event.name in FACE_FAILED:
            counters[terminal].face_failed += 1
            whole.face_failed += 1


def _decoded(body: Any) -> messages.Event | None:
    try:
        return messages.decode(messages.Event, bytes(body))
    except msgspec.MsgspecError:
        return None


def _slot(local: datetime) -> datetime:
    return local.replace(minute=local.minute - local.minute % 5, second=0, microsecond=0)


def _without_gaps(slots: Mapping[datetime, Iterable[UUID]]) -> list[tuple[datetime, int]]:
    """Every slot from the first to the last sale, the empty ones too."""
    if not slots:
        return []
    at, end, found = min(slots), max(slots), []
    while at <= end:
        found.append((at, len(set(slots.get(at, ())))))
        at += SLOT
    return found

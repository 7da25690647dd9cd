"""Hold a channel's bill of one day against our books, and post what agrees.

Lines that are not cleared yet wait beside those of the day, so that what only fell behind a cut-off
meets its other half on a later day: the suspense pool. It is run again whenever a bill comes; run
twice, or after a death in the middle, it does what is left to do.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID, uuid5

import pyarrow as pa
from django.db import transaction

from domain.errors import Unavailable
from server.channels.channel import channel_owner_id
from server.reconciliation.clear_items import clear_items
from server.reconciliation.keep_differences import keep_differences
from server.reconciliation.matching.columns import COLUMNS, Kind
from server.reconciliation.matching.engine import open_engine
from server.reconciliation.models import Bill, BillLine, ClearedItem, Difference, DifferenceState
from server.reconciliation.overdue_bills import close_overdue
from server.reconciliation.read_expected import Expected, cleared_items, read_expected

CHUNK: Final = 500
FEE_BOUND: Final = 1
"""Fen per line by which a channel may round its fee otherwise than we do."""
CLEAR_AT_ONCE: Final = 20_000
"""Items of one clearing: a transaction of some seconds at most."""
MATCHED: Final = "matched"
FEE_ROUNDING: Final = "fee_rounding"
ENGINE_MEMORY: Final = "512MB"
_TYPES: Final = dict(
    zip(COLUMNS, (pa.string(), pa.int64(), pa.int64(), *(pa.string(),) * 3), strict=True)
)
Agreed = tuple[Expected, BillLine, str]
"""What both sides have alike, and how that was found."""


@dataclass(frozen=True, slots=True)
class Found:
    """One difference: its kind, and both sides of it."""

    kind: str
    ours: Expected | None
    line: BillLine | None

    @property
    def is_late_success(self) -> bool:
        """Whether the channel took money that we do not know of."""
        return (
            self.kind == Kind.STATUS and self.ours is not None and self.line is not None
            and self.ours.attempt is not None and self.ours.amount == self.line.amount
        )  # fmt: skip

    @property
    def is_rounding(self) -> bool:
        """Whether only the fee differs, and no more than rounding explains."""
        if self.kind != Kind.FEE or self.ours is None or self.line is None:
            return False
        return abs((self.ours.fee or 0) - self.line.fee_amount) <= FEE_BOUND


@dataclass(frozen=True, slots=True)
class Matched:
    """What a matching did: items cleared, and differences as they now stand."""

    cleared: int
    found: Sequence[Found]


def match_day(
    organisation_id: UUID, channel: str, on: date, now: datetime, *, at_once: int = CLEAR_AT_ONCE
) -> Matched:
    """Match everything open up to the bill of `on`, post what agrees, keep what does not.

    Of a large day `at_once` items are a transaction and a transfer of their own; the day counts as
    matched with the last of them, in which its differences are kept.

    Raises `Unavailable` when somebody else has matched the same lines meanwhile: ask again.
    """
    lines = list(
        BillLine.objects.filter(
            organisation=organisation_id, channel=channel, is_open=True, on__lte=on
        ).order_by("occurred_at", "id")
    )
    waiting = Difference.objects.filter(organisation=organisation_id, channel=channel)
    open_items = waiting.exclude(state=DifferenceState.RESOLVED).values_list("item", flat=True)
    ours = read_expected(
        organisation_id, channel, on, {line.item for line in lines} | set(open_items)
    )
    # No transaction is open while the engine works
    pairs, found = compare(ours, lines)
    found = _told_again(organisation_id, channel, found)
    resolved = [one for one in found if one.is_rounding]
    left = [one for one in found if not one.is_rounding]
    agreed = _agreed(pairs, resolved)
    parts = [agreed[at : at + at_once] for at in range(0, len(agreed), at_once)] or [[]]
    bills = Bill.objects.select_for_update().filter(
        organisation=organisation_id, channel=channel, is_current=True
    )
    for part in parts[:-1]:
        items = _cleared(organisation_id, channel, part, on, now)
        with transaction.atomic():
            list(bills.filter(on__lte=on).values_list("id"))
            _check_open(organisation_id, items)
            clear_items(items, now)
    items = _cleared(organisation_id, channel, parts[-1], on, now)
    with transaction.atomic():
        list(bills.filter(on__lte=on).values_list("id"))  # locked, their files left where they are
        _check_open(organisation_id, items)
        keep_differences(organisation_id, channel, left, on, now)
        bills.filter(on=on).update(matched_at=now)
        close_overdue(organisation_id, channel, on, now)
        clear_items(items, now)
    return Matched(len(agreed), left)


def _told_again(organisation_id: UUID, channel: str, found: Sequence[Found]) -> list[Found]:
    """Call a lone line of an item that is cleared already what it is: a duplicate."""
    lone = {one.line.item for one in found if one.line is not None and one.ours is None}
    cleared = cleared_items(organisation_id, channel, lone)
    return [
        replace(one, kind=Kind.DUPLICATE.value)
        if one.line is not None and one.ours is None and one.line.item in cleared
        else one
        for one in found
    ]


def _check_open(organisation_id: UUID, items: Sequence[ClearedItem]) -> None:
    lines = [item.line for item in items]
    for start in range(0, len(lines), CHUNK):
        some = lines[start : start + CHUNK]
        rows = BillLine.objects.filter(organisation=organisation_id, id__in=some, is_open=True)
        if rows.count() != len(some):
            raise Unavailable("reconcile.matched_meanwhile")


def compare(
    ours: Sequence[Expected], lines: Sequence[BillLine]
) -> tuple[list[tuple[Expected, BillLine]], list[Found]]:
    """Return what agrees, in pairs, and what differs, by the engine of `fanpiao reconcile`."""
    if not ours and not lines:
        return [], []
    fees = {line.item: line.fee_amount for line in lines}
    with open_engine(ENGINE_MEMORY) as engine:
        tables = (
            engine.load("ours", _table(
                (o.item, o.amount, fees.get(o.item, 0) if o.fee is None else o.fee, "CNY",
                 o.status, o.occurred_at.isoformat()) for o in ours)),
            engine.load("theirs", _table(
                (t.item, t.amount, t.fee_amount, t.currency, t.status, t.occurred_at.isoformat())
                for t in lines)),
        )  # fmt: skip
        rows = engine.match(*tables).to_pyarrow().to_pylist()
    return _taken_apart(ours, lines, rows)


def _taken_apart(
    ours: Sequence[Expected], lines: Sequence[BillLine], rows: Sequence[Mapping[str, Any]]
) -> tuple[list[tuple[Expected, BillLine]], list[Found]]:
    by_item = {one.item: one for one in ours}
    left: defaultdict[str, list[BillLine]] = defaultdict(list)
    for line in lines:
        left[line.item].append(line)
    found = []
    paired = dict(by_item)
    for row in sorted(rows, key=lambda row: str(sorted(row.items(), key=str))):
        our = by_item[row["our_id"]] if row["our_amount"] is not None else None
        said = _take(left, row) if row["their_amount"] is not None else None
        if our is not None:
            paired.pop(our.item)
        found.append(Found(row["kind"], our, said))
    return [(our, left[item][0]) for item, our in paired.items()], found


def _take(left: Mapping[str, list[BillLine]], row: Mapping[str, Any]) -> BillLine:
    """Return the line that a difference speaks of; it is nobody else's."""
    lines = left[row["their_id"]]
    place = next(
        place for place, line in enumerate(lines)
        if (line.amount, line.fee_amount, line.occurred_at.isoformat())
        == (row["their_amount"], row["their_fee"], row["their_occurred_at"])
    )  # fmt: skip
    return lines.pop(place)


def _table(rows: Iterable[tuple[Any, ...]]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(_TYPES)
    return pa.table({
        name: pa.array(values, type)
        for (name, type), values in zip(_TYPES.items(), columns, strict=True)
    })  # fmt: skip


def _agreed(pairs: Sequence[tuple[Expected, BillLine]], resolved: Sequence[Found]) -> list[Agreed]:
    agreed = [(*pair, MATCHED) for pair in pairs]
    for one in resolved:
        assert one.ours is not None, one
        assert one.line is not None, one
        agreed.append((one.ours, one.line, FEE_ROUNDING))
    return agreed


def _cleared(
    organisation_id: UUID, channel: str, agreed: Sequence[Agreed], on: date, now: datetime
) -> list[ClearedItem]:
    # The same items again are the same clearing
    named = "/".join(sorted(str(line.id) for _, line, _ in agreed))
    clearing = uuid5(channel_owner_id(organisation_id, channel), f"clearing/{on}/{named}/{now}")
    return [
        cleared_item(our, line, clearing=clearing, how=how, now=now) for our, line, how in agreed
    ]


def cleared_item(
    our: Expected, line: BillLine, *, clearing: UUID, how: str, now: datetime
) -> ClearedItem:
    """Return an item that both sides have as cleared by `clearing`."""
    return ClearedItem(
        id=uuid5(clearing, str(line.id)), organisation=line.organisation, channel=line.channel,
        item=line.item, has_ours=True, our_amount=our.amount, their_amount=line.amount,
        fee_amount=line.fee_amount, line=line.id, clearing=clearing, how=how, cleared_at=now,
    )  # fmt: skip

"""The engine answers as a slow reading of the rules does, row by row, whatever the statements."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.reconciliation.matching.answer import summarise
from server.reconciliation.matching.columns import COLUMNS, Kind
from server.reconciliation.matching.engine import Engine, open_engine


class Row(NamedTuple):
    id: str | None
    amount: int
    fee: int
    currency: str
    status: str
    occurred_at: str

    @property
    def compared(self) -> tuple[int, int, str, str]:
        return self.amount, self.fee, self.currency, self.status


Difference = tuple[str, Row | None, Row | None]

IDS = [None, "00123", "123", "4200001234567890123456789012", *(f"p{n}" for n in range(120))]
AMOUNTS = [0, 100, 100, 101, -100, 2**63 - 1, -(2**63)]
seeds = st.integers(0, 2**32)


def a_row(chance: random.Random) -> Row:
    return Row(
        chance.choice(IDS), chance.choice(AMOUNTS), chance.choice([0, 0, 0, 1]),
        chance.choice(["CNY", "CNY", "CNY", "USD", ""]),
        chance.choice(["SUCCESS"] * 4 + ["REFUND"]),
        chance.choice(["", "2026-11-22 12:00:00", "2026-11-22 12:00:01"]),
    )  # fmt: skip


def two_statements(seed: int) -> tuple[list[Row], list[Row]]:
    """Some ids on both sides alike, some once, some many times, in no order."""
    chance = random.Random(seed)
    shared = [a_row(chance) for _ in range(chance.randint(0, 150))]
    sides = [shared + [a_row(chance) for _ in range(chance.randint(0, 150))] for _ in range(2)]
    for side in sides:
        chance.shuffle(side)
    return sides[0], sides[1]


def kind_of_pair(ours: Row, theirs: Row) -> str | None:
    if ours.currency != theirs.currency:
        return Kind.CURRENCY
    if ours.status != theirs.status:
        return Kind.STATUS
    if ours.amount != theirs.amount:
        return Kind.AMOUNT_OVER if ours.amount > theirs.amount else Kind.AMOUNT_SHORT
    return Kind.FEE if ours.fee != theirs.fee else None


def by_id(statement: Sequence[Row]) -> dict[str, list[Row]]:
    found = defaultdict(list)
    for row in statement:
        if row.id is not None:
            found[row.id].append(row)
    return found


def told(ours: Sequence[Row], theirs: Sequence[Row]) -> Iterator[Difference]:
    """Work the differences out as the rules are written, one id after the other."""
    yield from ((Kind.MISSING_THEIRS, row, None) for row in ours if row.id is None)
    yield from ((Kind.MISSING_OURS, None, row) for row in theirs if row.id is None)
    our_ids, their_ids = by_id(ours), by_id(theirs)
    for id in our_ids.keys() | their_ids.keys():
        yield from of_one_id(our_ids[id], their_ids[id])


def of_one_id(ours: Sequence[Row], theirs: Sequence[Row]) -> Iterator[Difference]:
    left, right = without_equal_pairs(ours, theirs)
    for place in range(max(len(left), len(right))):
        our = left[place] if place < len(left) else None
        their = right[place] if place < len(right) else None
        if our is not None and their is not None:
            kind = kind_of_pair(our, their)
            assert kind is not None
            yield kind, our, their
        elif our is not None:
            is_repeat = bool(theirs) or place > 0
            yield (Kind.DUPLICATE if is_repeat else Kind.MISSING_THEIRS), our, None
        else:
            is_repeat = bool(ours) or place > 0
            yield (Kind.DUPLICATE if is_repeat else Kind.MISSING_OURS), None, their


def without_equal_pairs(ours: Sequence[Row], theirs: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    left, right = sorted(ours), sorted(theirs)
    for content in {row.compared for row in left}:
        while any(r.compared == content for r in left) and any(
            r.compared == content for r in right
        ):
            for side in (left, right):
                side.remove(next(r for r in side if r.compared == content))
    return left, right


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with open_engine("256MB") as opened:
        yield opened


def worked_out(engine: Engine, ours: Sequence[Row], theirs: Sequence[Row]) -> list[Difference]:
    tables = engine.load("ours", as_arrow(ours)), engine.load("theirs", as_arrow(theirs))
    found = engine.match(*tables).to_pyarrow().to_pylist()
    return [(one["kind"], side(one, "our"), side(one, "their")) for one in found]


def as_arrow(statement: Sequence[Row]) -> pa.Table:
    types = (pa.string(), pa.int64(), pa.int64(), pa.string(), pa.string(), pa.string())
    columns = list(zip(*statement, strict=True)) or [()] * len(types)
    arrays = [pa.array(values, type) for values, type in zip(columns, types, strict=True)]
    return pa.table(dict(zip(COLUMNS, arrays, strict=True)))


def side(found: dict[str, Any], who: str) -> Row | None:
    values = [found[f"{who}_{name}"] for name in COLUMNS]
    return None if found[f"{who}_amount"] is None else Row(*values)


def in_order(found: Sequence[Difference]) -> list[str]:
    return sorted(repr((str(kind), our, their)) for kind, our, their in found)


@settings(max_examples=8)
@given(seed=seeds)
def test_the_engine_and_the_slow_reading_agree(engine: Engine, seed: int) -> None:
    ours, theirs = two_statements(seed)
    wanted = list(told(ours, theirs))

    found = worked_out(engine, ours, theirs)

    assert in_order(found) == in_order(wanted)
    summary = summarise(engine, len(ours), len(theirs))
    assert summary.matched == len(theirs) - sum(their is not None for _, _, their in wanted)


@settings(max_examples=3)
@given(seed=seeds)
def test_the_order_of_rows_changes_nothing(engine: Engine, seed: int) -> None:
    ours, theirs = two_statements(seed)
    first = worked_out(engine, ours, theirs)
    assert in_order(first) == in_order(worked_out(engine, ours[::-1], sorted(theirs, key=repr)))


@settings(max_examples=3)
@given(seed=seeds)
def test_a_statement_agrees_with_itself_but_for_rows_without_an_id(
    engine: Engine, seed: int
) -> None:
    ours, _ = two_statements(seed)
    assert all(our is None or our.id is None for _, our, _ in worked_out(engine, ours, ours))


def test_an_id_that_is_everywhere_multiplies_nothing(engine: Engine) -> None:
    same = Row("1", 100, 0, "CNY", "SUCCESS", "")
    ours, theirs = [same] * 20_000, [same._replace(amount=101)] * 20_001

    found = worked_out(engine, ours, theirs)

    kinds = [kind for kind, _, _ in found]
    assert (kinds.count("amount_short"), kinds.count("duplicate")) == (20_000, 1)

"""Two statements of the same money held against each other: one expression, for any engine of ibis.

Both sides are tables of `COLUMNS` as `statements.py` hands them over: ids trimmed and null when
blank, currency and status in capitals, nothing else null. What comes out are the rows that differ,
each with its kind and with both sides in full; what is not among them has matched.

Rules
- Ids match ids, exactly. A row without an id matches nothing.
- Ours as the base finds what they miss, theirs as the base finds what we miss: one full join.
- Of a pair the gravest difference names the kind: currency, status, amount, fee.
- An id that occurs twice on a side takes no part in that join, so that no id multiplies rows. Its
  rows are paired one by one, equal ones first, the others in order of amount; what is left over
  on a side, though the other side knows the id, is a duplicate.
- The same rows give the same answer, in whatever order they come.
"""

from collections.abc import Callable
from typing import Any

import ibis
from ibis import _

from server.reconciliation.matching.columns import COLUMNS, COMPARED, Kind

Table = Any
"""An `ibis.Table`: what its columns hold is nothing mypy can follow."""


def differences(ours: Table, theirs: Table, keep: Callable[[Table], Table]) -> Table:
    """Return what differs: `kind`, and `our_…` and `their_…` of every column, null if not there.

    Amounts and fees are int64 minor units; the amount of a side that is there is never null. The
    rows come in no particular order. `keep` works out a table that is asked for more than once
    (the ids that occur twice: few, or none) and returns it; it may do nothing.
    """
    ours, theirs = ours.select(*COLUMNS), theirs.select(*COLUMNS)
    if ours.occurred_at.type() != theirs.occurred_at.type():
        ours, theirs = (s.mutate(occurred_at=s.occurred_at.cast("string")) for s in (ours, theirs))
    repeated = keep(_repeated(ours, theirs))
    once = [side.anti_join(repeated, _key(side) == repeated.key) for side in (ours, theirs)]
    more = [side.semi_join(repeated, _key(side) == repeated.key) for side in (ours, theirs)]
    return ibis.union(_of_single_ids(*once), _of_repeated_ids(*more))


def _key(side: Table) -> Any:
    """Return the short key by which repeated ids are found.

    Two ids that share a key only seem repeated: they are paired with more care than they need.
    """
    return side.id.hash()


def _repeated(ours: Table, theirs: Table) -> Table:
    keys = [
        side.filter(side.id.notnull()).select(key=_key(side), ours=ibis.literal(is_ours, "int64"))
        for side, is_ours in ((ours, 1), (theirs, 0))
    ]
    counted = ibis.union(*keys).group_by("key").agg(rows=_.count(), ours=_.ours.sum())
    return counted.filter((_.ours > 1) | (_.rows - _.ours > 1)).select("key")


def _of_single_ids(ours: Table, theirs: Table) -> Table:
    left, right = _side(ours, "our"), _side(theirs, "their")
    pairs = left.outer_join(right, left.our_id == right.their_id)
    return _differing(pairs, Kind.MISSING_OURS.value, Kind.MISSING_THEIRS.value)


def _of_repeated_ids(ours: Table, theirs: Table) -> Table:
    rows = ibis.union(ours.mutate(is_ours=True), theirs.mutate(is_ours=False))
    in_order = ibis.window(group_by=("id", "is_ours"), order_by=(*COMPARED, "occurred_at"))
    placed = _without_equal_pairs(rows).mutate(place=ibis.row_number().over(in_order))
    # Of an id that only one side knows, the first row is missing over there; the others repeat it
    placed = placed.mutate(is_repeat=(_.known_there > 0) | (_.place > 0))
    left = _side(placed.filter(_.is_ours), "our", "place", "is_repeat")
    right = _side(placed.filter(~_.is_ours), "their", "place", "is_repeat")
    pairs = left.outer_join(
        right, (left.our_id == right.their_id) & (left.our_place == right.their_place)
    )
    return _differing(
        pairs,
        ibis.ifelse(_.their_is_repeat, Kind.DUPLICATE.value, Kind.MISSING_OURS.value),
        ibis.ifelse(_.our_is_repeat, Kind.DUPLICATE.value, Kind.MISSING_THEIRS.value),
    )


def _without_equal_pairs(rows: Table) -> Table:
    """Drop each row with an equal of its own on the other side; count that side's rows of the id.

    Which of several equal rows are dropped shows in their times only: the earliest are.
    """
    alike, by_id = ibis.window(group_by=("id", *COMPARED)), ibis.window(group_by="id")
    turn = ibis.window(group_by=("id", *COMPARED, "is_ours"), order_by="occurred_at")
    ours, theirs = _.is_ours.cast("int64"), (~_.is_ours).cast("int64")
    counted = rows.mutate(
        pairs=ibis.least(ours.sum().over(alike), theirs.sum().over(alike)),
        turn=ibis.row_number().over(turn),
        known_there=ibis.ifelse(_.is_ours, theirs.sum().over(by_id), ours.sum().over(by_id)),
    )
    return counted.filter(_.turn >= _.pairs)


def _side(side: Table, who: str, *more: str) -> Table:
    return side.select(**{f"{who}_{name}": side[name] for name in (*COLUMNS, *more)})


def _differing(pairs: Table, missing_ours: Any, missing_theirs: Any) -> Table:
    """Give each pair its kind, and keep those that have one."""
    kind = ibis.cases(
        (_.our_amount.isnull(), missing_ours),
        (_.their_amount.isnull(), missing_theirs),
        (_.our_currency != _.their_currency, Kind.CURRENCY.value),
        (_.our_status != _.their_status, Kind.STATUS.value),
        (_.our_amount > _.their_amount, Kind.AMOUNT_OVER.value),
        (_.our_amount < _.their_amount, Kind.AMOUNT_SHORT.value),
        (_.our_fee != _.their_fee, Kind.FEE.value),
        else_=None,
    )
    columns = [f"{who}_{name}" for who in ("our", "their") for name in COLUMNS]
    return pairs.mutate(kind=kind).filter(_.kind.notnull()).select("kind", *columns)

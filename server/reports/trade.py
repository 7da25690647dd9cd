"""Trade by any of the dimensions: sales, what went back, discounts, fees and the net.

Source: the postings on merchants' accounts (`read_movements`), grouped by one ibis expression on
DuckDB. Σ net of all rows = Σ of those postings, whichever way they are grouped.
"""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from domain.errors import Refused
from domain.messages import Language
from server.reports.dimensions import DIMENSIONS, namer
from server.reports.scope import EVERYTHING, Scope
from server.reports.tables import Column, Kind, Row, Table

if TYPE_CHECKING:
    import ibis

MEASURES = (
    Column("sales", "笔数", "Sales", Kind.COUNT, is_summed=True),
    Column("sales_amount", "销售额", "Sales amount", Kind.AMOUNT, is_summed=True),
    Column("returns", "退款笔数", "Refunds", Kind.COUNT, is_summed=True),
    Column("returned_amount", "退款额", "Refunded", Kind.AMOUNT, is_summed=True),
    Column("discount_amount", "优惠", "Discounts", Kind.AMOUNT, is_summed=True),
    Column("fee_amount", "手续费", "Fees", Kind.AMOUNT, is_summed=True),
    Column("net_amount", "净额", "Net", Kind.AMOUNT, is_summed=True),
)
MAX_DAYS = 400
"""A year and a bit: a longer span is asked for in parts, so that no page waits for a decade."""


def trade(
    organisation_id: UUID,
    since: date,
    until: date,
    by: Sequence[str],
    language: Language,
    scope: Scope = EVERYTHING,
) -> Table:
    """Return trade between two business days (both included) grouped by `by`, in that order.

    Amounts in fen; what went back is positive under "refunded" and taken off the net. Raises
    `Refused("reports.unknown_dimension")`, ("reports.days_in_disorder"), ("reports.too_many_days").
    """
    check_span(since, until)
    wrong = [name for name in by if name not in DIMENSIONS]
    if wrong or len(set(by)) != len(by):
        raise Refused("reports.unknown_dimension", name=(wrong or list(by))[0])
    dimensions = [DIMENSIONS[name] for name in by]
    # DuckDB and Arrow take a second to load: whoever makes no report does without
    from server.reports.read_movements import movements

    with movements(organisation_id, since, until, scope) as moved:
        rows = grouped(moved, by)
    namers = [
        namer(dimension, organisation_id, {row[place] for row in rows}, language)
        for place, dimension in enumerate(dimensions)
    ]
    columns = [*(dimension.heading for dimension in dimensions), *MEASURES]
    named = (
        (*(name(value) for name, value in zip(namers, row, strict=False)), *row[len(by) :])
        for row in rows
    )
    return Table("trade", columns, named)


def grouped(moved: "ibis.Table", by: Sequence[str]) -> list[Row]:
    """Return a row per group, its keys first, then `MEASURES`; ordered by the keys."""
    is_sale = moved.kind == "sale"
    returned = (-moved.amount).sum(where=~is_sale).fill_null(0)
    sums = moved.aggregate(
        by=list(by),
        sales=moved.payment.count(where=is_sale),
        sales_amount=moved.amount.sum(where=is_sale).fill_null(0),
        returns=moved.payment.count(where=~is_sale),
        returned_amount=returned,
        discount_amount=moved.discount_amount.sum().fill_null(0),
        fee_amount=moved.fee_amount.sum().fill_null(0),
        net_amount=moved.amount.sum().fill_null(0),
    )
    if by:
        sums = sums.order_by(list(by))
    found = sums.to_pyarrow().to_pydict()
    rows = list(zip(*found.values(), strict=True))
    return [_whole(row, len(by)) for row in rows]


def check_span(since: date, until: date) -> None:
    """Refuse days in the wrong order, and spans of more than `MAX_DAYS`."""
    if until < since:
        raise Refused("reports.days_in_disorder")
    if (until - since).days >= MAX_DAYS:
        raise Refused("reports.too_many_days", days=MAX_DAYS)


def _whole(row: Row, keys: int) -> Row:
    """DuckDB sums big integers into decimals: they are whole numbers here."""
    return (*row[:keys], *(int(value) for value in row[keys:]))

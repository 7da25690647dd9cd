"""X and Z reports: what each shift sold and what its drawer holds.

An X report reads an open shift as it stands, a Z report a closed one, with what was counted. Cash
is read from the postings of the drawer itself, sales from the merchants' accounts.
    expected = float + cash sales + top-ups − cash refunds ± moves;  difference = counted − expected
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from domain.messages import Language
from server import sql
from server.fleet.models import Terminal
from server.inbox.models import Shift
from server.merchants.models import MerchantOperator
from server.reports.ask import ask
from server.reports.scope import EVERYTHING, Scope
from server.reports.tables import Column, Kind, Row, Table
from server.reports.trade import check_span, grouped

COLUMNS = (
    Column("report", "报表", "Report"),
    Column("business_on", "营业日", "Business day", Kind.DAY),
    Column("store", "门店", "Store"),
    Column("terminal", "终端", "Counter"),
    Column("operator", "收银员", "Operator"),
    Column("opened_at", "开班", "Opened", Kind.MOMENT),
    Column("closed_at", "交班", "Closed", Kind.MOMENT),
    Column("sales", "笔数", "Sales", Kind.COUNT, is_summed=True),
    Column("sales_amount", "销售额", "Sales amount", Kind.AMOUNT, is_summed=True),
    Column("returned_amount", "退款额", "Refunded", Kind.AMOUNT, is_summed=True),
    Column("net_amount", "净额", "Net", Kind.AMOUNT, is_summed=True),
    Column("float_amount", "备用金", "Float", Kind.AMOUNT, is_summed=True),
    Column("cash_sales_amount", "现金销售", "Cash sales", Kind.AMOUNT, is_summed=True),
    Column("top_up_amount", "现金充值", "Cash top-ups", Kind.AMOUNT, is_summed=True),
    Column("cash_refund_amount", "现金退款", "Cash refunds", Kind.AMOUNT, is_summed=True),
    Column("moved_amount", "存取现金", "Cash in and out", Kind.AMOUNT, is_summed=True),
    Column("expected_amount", "应有现金", "Expected cash", Kind.AMOUNT, is_summed=True),
    Column("counted_amount", "实点现金", "Counted cash", Kind.AMOUNT, is_summed=True),
    Column("difference_amount", "长短款", "Over or short", Kind.AMOUNT, is_summed=True),
)
DRAWERS = """
SELECT a.owner_id, t.cause_kind, t.purpose, -sum(p.amount) FROM ledger_account a
JOIN ledger_posting p ON p.account = a.id JOIN ledger_transfer t ON t.id = p.transfer
JOIN inbox_shift s ON s.id = a.owner_id AND s.organisation = a.organisation
WHERE a.organisation = %s AND a.owner_kind = 'shift' AND a.kind = 'drawer'
  AND s.business_on >= %s AND s.business_on <= %s
GROUP BY a.owner_id, t.cause_kind, t.purpose
"""
HEADINGS = {
    ("payment", "sale"): "cash_sales", ("payment", "sale_again"): "cash_sales",
    ("payment", "reversal"): "cash_refunds", ("top_up", "top_up"): "top_ups",
}  # fmt: skip
AT_THE_END = frozenset({("shift", "difference"), ("shift", "handover")})
Cash = Mapping[str, int]


def shifts(
    organisation_id: UUID, since: date, until: date, language: Language, scope: Scope = EVERYTHING
) -> Table:
    """Return one row per shift opened on the business days `since` to `until`, both included.

    Raises what `trade.check_span` raises.
    """
    check_span(since, until)
    rows = Shift.objects.filter(
        organisation=organisation_id, business_on__gte=since, business_on__lte=until
    ).order_by("business_on", "opened_at")
    places, operators = _places(organisation_id), _operators(organisation_id)
    cash = _cash(organisation_id, since, until)
    from server.reports.read_movements import movements

    with movements(organisation_id, since, until) as moved:
        sold = {row[0]: row[1:] for row in grouped(moved, ("shift",))}
    found = (
        _row(shift, places, operators, cash[shift.id], sold.get(str(shift.id)), language)
        for shift in rows
        if _is_seen(shift, places, scope)
    )
    return Table("shifts", COLUMNS, found)


def _row(
    shift: Shift, places: Mapping[UUID, Terminal], operators: Mapping[UUID, str], cash: Cash,
    sold: Row | None, language: Language,
) -> Row:  # fmt: skip
    place = places.get(shift.terminal)
    is_closed = shift.closed_at is not None
    opening = shift.float_amount or 0
    expected = sum(cash.values())
    counted = shift.counted_amount if is_closed else None
    x, z = ("X（未交班）", "Z（已交班）") if language == "zh" else ("X (open)", "Z (closed)")
    sales, sales_amount, _, returned, _, _, net = sold or (0,) * 7
    return (
        z if is_closed else x, shift.business_on, place.store.name if place else "",
        place.name if place else str(shift.terminal), _operator(shift, operators),
        shift.opened_at, shift.closed_at, sales, sales_amount, returned, net, opening,
        cash.get("cash_sales", 0), cash.get("top_ups", 0), -cash.get("cash_refunds", 0),
        cash.get("moves", 0) - opening, expected, counted,
        None if counted is None else counted - expected,
    )  # fmt: skip


def _cash(organisation_id: UUID, since: date, until: date) -> Mapping[UUID, Cash]:
    """Return what went into each drawer by heading, before it was counted and handed over."""
    found: defaultdict[UUID, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for shift, cause, purpose, amount in ask(DRAWERS, organisation_id, since, until):
        if (cause, purpose) not in AT_THE_END:
            found[sql.to_uuid(shift)][_heading(cause, purpose)] += int(amount)
    return found


def _heading(cause: str, purpose: str) -> str:
    if cause == "refund":
        return "cash_refunds"
    if cause == "top_up":
        return "top_ups"
    return HEADINGS.get((cause, purpose), "moves")


def _places(organisation_id: UUID) -> Mapping[UUID, Terminal]:
    rows = Terminal.objects.filter(organisation_id=organisation_id).select_related("store")
    return {row.id: row for row in rows}


def _operators(organisation_id: UUID) -> Mapping[UUID, str]:
    rows = MerchantOperator.objects.filter(organisation_id=organisation_id)
    return dict(rows.values_list("id", "name"))


def _operator(shift: Shift, operators: Mapping[UUID, str]) -> str:
    return operators.get(shift.operator, "") if shift.operator else ""


def _is_seen(shift: Shift, places: Mapping[UUID, Any], scope: Scope) -> bool:
    place = places.get(shift.terminal)
    return (scope.merchants is None or shift.merchant in scope.merchants) and (
        scope.stores is None or (place is not None and place.store_id in scope.stores)
    )

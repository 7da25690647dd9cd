"""Statements of a merchant's account as files: a settlement, or a closed day, item by item.

The net of a settlement's statement is the net of the settlement, and that of a day's is the day's:
a test holds both against the books.
"""

from collections.abc import Iterable
from typing import Any

from domain.messages import Language
from domain.sale_numbers import sale_number
from server.console.templatetags.settlement import item_text
from server.reports.tables import Column, Kind, Table
from server.settlement.models import Batch, DayClose, Item

CARRIED = {"zh": "上期结转", "en": "carried in"}
COLUMNS = (
    Column("kind", "类型", "What"),
    Column("number", "小票号", "Receipt number"),
    Column("business_on", "营业日", "Business day", Kind.DAY),
    Column("booked_on", "结算日", "Closed day", Kind.DAY),
    Column("channel", "支付通道", "Channel"),
    Column("amount", "金额", "Amount", Kind.AMOUNT, is_summed=True),
    Column("discount_amount", "商户承担优惠", "Discount you bear", Kind.AMOUNT, is_summed=True),
    Column("fee_amount", "手续费", "Fee", Kind.AMOUNT, is_summed=True),
    Column("net_amount", "净额", "Net", Kind.AMOUNT, is_summed=True),
    Column("payment", "付款编号", "Payment"),
)


def statement_of_batch(row: Batch, language: Language) -> Table:
    """Return what a settlement paid for: its items, and what the one before carried into it."""
    items = Item.objects.filter(organisation=row.organisation, batch=row)
    lines = [*_lines(items)]
    if row.carried_in_amount:
        rest = (None, None, "", None, None, None, row.carried_in_amount, "")
        lines.append((CARRIED[language], "", *rest))
    return Table("settlement", COLUMNS, lines)


def statement_of_day(row: DayClose) -> Table:
    """Return a closed day's items."""
    return Table(
        "day", COLUMNS, _lines(Item.objects.filter(organisation=row.organisation, day=row))
    )


def _lines(items: Any) -> Iterable[tuple[Any, ...]]:
    for one in items.select_related("day").order_by("day__booked_on", "business_on", "id"):
        yield (
            str(item_text(one.kind)), sale_number(one.payment) if one.payment else "",
            one.business_on, one.day.booked_on, one.channel, one.amount, one.discount_amount,
            one.fee_amount, one.amount - one.discount_amount - one.fee_amount,
            one.payment.hex if one.payment else "",
        )  # fmt: skip

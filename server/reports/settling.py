"""What became of merchants' money: settlements, the fees taken of it, and who bore discounts.

Days are those that settlement closed or made a batch for; amounts are fen as booked. A discount is
counted when it is given, for whoever bears it (MONEY §5: discount expense per funder).
"""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from domain.messages import Language
from server import sql
from server.reports.ask import ask
from server.reports.tables import Column, Kind, Row, Table
from server.reports.trade import check_span
from server.reports.words import word

SETTLEMENTS = (
    Column("due_on", "结算日", "Due on", Kind.DAY),
    Column("payee_kind", "收款方类型", "Payee is"),
    Column("payee", "收款方", "Payee"),
    Column("items", "笔数", "Items", Kind.COUNT, is_summed=True),
    Column("amount", "交易净额", "Amount", Kind.AMOUNT, is_summed=True),
    Column("discount", "商户优惠", "Its discounts", Kind.AMOUNT, is_summed=True),
    Column("fee", "手续费", "Fees", Kind.AMOUNT, is_summed=True),
    Column("carried_in", "上期结转", "Carried in", Kind.AMOUNT, is_summed=True),
    Column("net", "应结", "Net", Kind.AMOUNT, is_summed=True),
    Column("split", "分账", "To third parties", Kind.AMOUNT, is_summed=True),
    Column("paid", "出款", "To its bank", Kind.AMOUNT, is_summed=True),
    Column("carried_out", "结转下期", "Carried on", Kind.AMOUNT, is_summed=True),
    Column("state", "状态", "State"),
)
FEES = (
    Column("merchant", "商户", "Merchant"),
    Column("channel", "通道", "Channel"),
    Column("items", "笔数", "Items", Kind.COUNT, is_summed=True),
    Column("amount", "交易净额", "Amount", Kind.AMOUNT, is_summed=True),
    Column("discount", "商户优惠", "Its discounts", Kind.AMOUNT, is_summed=True),
    Column("fee", "手续费", "Fees", Kind.AMOUNT, is_summed=True),
)
DISCOUNTS = (
    Column("funder_kind", "承担方类型", "Borne by a"),
    Column("funder", "承担方", "Borne by"),
    Column("count", "笔数", "Discounts", Kind.COUNT, is_summed=True),
    Column("amount", "优惠金额", "Amount", Kind.AMOUNT, is_summed=True),
)
BATCHES = """
SELECT b.due_on, b.payee_kind, coalesce(m.name, a.name, r.name, ''), b.item_count, b.amount,
       b.discount_amount, b.fee_amount, b.carried_in_amount, b.net_amount, b.split_amount,
       b.payout_amount, b.carried_out_amount, b.state
FROM settlement_batch b
LEFT JOIN merchants_merchant m ON b.payee_kind = 'merchant' AND m.id = b.payee
LEFT JOIN merchants_agent a ON b.payee_kind = 'agent' AND a.id = b.payee
LEFT JOIN merchants_receiver r ON b.payee_kind = 'receiver' AND r.id = b.payee
WHERE b.organisation = %s AND b.due_on >= %s AND b.due_on <= %s
ORDER BY b.due_on, b.payee_kind, b.payee
"""
TAKEN = """
SELECT m.name, i.channel, count(*), sum(i.amount), sum(i.discount_amount), sum(i.fee_amount)
FROM settlement_item i JOIN settlement_dayclose d ON d.id = i.day_id
JOIN merchants_merchant m ON m.id = i.merchant
WHERE i.organisation = %s AND d.booked_on >= %s AND d.booked_on <= %s
GROUP BY m.id, m.name, i.channel ORDER BY m.name, m.id, i.channel
"""
BORNE = """
SELECT a.owner_kind, coalesce(m.name, o.name, ''), count(*), -sum(p.amount)
FROM ledger_account a JOIN ledger_posting p ON p.account = a.id
JOIN ledger_transfer t ON t.id = p.transfer
LEFT JOIN merchants_merchant m ON a.owner_kind = 'merchant' AND m.id = a.owner_id
LEFT JOIN organisations_organisation o ON a.owner_kind = 'organisation' AND o.id = a.owner_id
WHERE a.organisation = %s AND a.kind = 'discount_expense' AND t.cause_kind <> 'day_close'
  AND t.booked_on >= %s AND t.booked_on <= %s
GROUP BY a.owner_kind, a.owner_id, m.name, o.name ORDER BY a.owner_kind, a.owner_id
"""


def settlements(organisation_id: UUID, since: date, until: date, language: Language) -> Table:
    """Return one row per batch due on these days. Raises what `trade.check_span` raises."""
    check_span(since, until)
    return Table("settlements", SETTLEMENTS, _batches(organisation_id, since, until, language))


def fees(organisation_id: UUID, since: date, until: date) -> Table:
    """Return what was taken of each merchant's closed days, by channel; raises the same."""
    check_span(since, until)
    return Table("fees", FEES, _fees(organisation_id, since, until))


def discounts(organisation_id: UUID, since: date, until: date, language: Language) -> Table:
    """Return what each funder bore of discounts booked on these days; raises the same.

    What a refund brought back is taken off.
    """
    check_span(since, until)
    return Table("discounts", DISCOUNTS, _discounts(organisation_id, since, until, language))


def _batches(
    organisation_id: UUID, since: date, until: date, language: Language
) -> Iterator[Row]:  # fmt: skip
    for due_on, kind, name, *amounts, state in ask(BATCHES, organisation_id, since, until):
        yield (
            sql.to_date(due_on), word(f"owner.{kind}", language), name, *map(int, amounts),
            word(f"batch.{state}", language),
        )  # fmt: skip


def _fees(organisation_id: UUID, since: date, until: date) -> Iterator[Row]:
    for merchant, channel, *amounts in ask(TAKEN, organisation_id, since, until):
        yield merchant, channel, *map(int, amounts)


def _discounts(
    organisation_id: UUID, since: date, until: date, language: Language
) -> Iterator[Row]:  # fmt: skip
    for kind, name, *amounts in ask(BORNE, organisation_id, since, until):
        yield word(f"owner.{kind}", language), name, *map(int, amounts)

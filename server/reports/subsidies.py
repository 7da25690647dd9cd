"""The supervised-fund statement: every fen of a subsidy, from grant to plate.

`grants` says per grant what was granted, spent, given back, ended and left; `spending` says who
spent it, where and when. Both are read from the postings of the shares' own accounts, so granted =
spent − returned + ended + left (audit rule 9).
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

GRANTS = (
    Column("grant", "补贴", "Subsidy"),
    Column("kind", "类型", "Kind"),
    Column("expires_at", "到期（UTC）", "Expires (UTC)", Kind.MOMENT),
    Column("people", "人数", "People", Kind.COUNT, is_summed=True),
    Column("granted", "发放", "Granted", Kind.AMOUNT, is_summed=True),
    Column("spent", "使用", "Spent", Kind.AMOUNT, is_summed=True),
    Column("returned", "退回", "Given back", Kind.AMOUNT, is_summed=True),
    Column("ended", "到期与清零", "Expired or cleared", Kind.AMOUNT, is_summed=True),
    Column("left", "结余", "Left", Kind.AMOUNT, is_summed=True),
)
SPENDING = (
    Column("business_on", "营业日", "Business day", Kind.DAY),
    Column("occurred_at", "时间（UTC）", "Time (UTC)", Kind.MOMENT),
    Column("number", "学工号", "Number"),
    Column("name", "姓名", "Name"),
    Column("department", "班级或部门", "Class or department"),
    Column("grant", "补贴", "Subsidy"),
    Column("merchant", "商户", "Merchant"),
    Column("store", "门店", "Store"),
    Column("meal_period", "餐别", "Meal"),
    Column("amount", "金额", "Amount", Kind.AMOUNT, is_summed=True),
)
BY_GRANT = """
SELECT g.name, g.kind, g.expires_at, count(DISTINCT s.id),
  coalesce(sum(CASE WHEN t.cause_kind = 'share' THEN p.amount END), 0),
  coalesce(-sum(CASE WHEN t.cause_kind = 'payment' AND p.amount < 0 THEN p.amount END), 0),
  coalesce(sum(CASE WHEN t.cause_kind IN ('payment', 'refund') AND p.amount > 0
                    THEN p.amount END), 0),
  coalesce(-sum(CASE WHEN t.cause_kind IN ('expiry', 'clear_out') THEN p.amount END), 0),
  coalesce(sum(p.amount), 0)
FROM wallets_grant g JOIN wallets_share s ON s."grant" = g.id AND s.organisation = g.organisation
JOIN ledger_account a ON a.organisation = s.organisation AND a.owner_kind = 'grant_share'
  AND a.owner_id = s.id
JOIN ledger_posting p ON p.account = a.id JOIN ledger_transfer t ON t.id = p.transfer
WHERE g.organisation = %s AND g.kind = 'subsidy' AND t.booked_on <= %s
GROUP BY g.id, g.name, g.kind, g.expires_at ORDER BY g.name
"""
SPENT = """
SELECT t.business_on, t.occurred_at, n.number, n.name, n.department, g.name, m.name, o.name,
       y.meal_period, -p.amount
FROM ledger_account a JOIN ledger_posting p ON p.account = a.id
JOIN ledger_transfer t ON t.id = p.transfer AND t.cause_kind IN ('payment', 'refund')
JOIN wallets_share s ON s.id = a.owner_id AND s.organisation = a.organisation
JOIN wallets_grant g ON g.id = s."grant"
JOIN people_person n ON n.id = s.person
LEFT JOIN payments_refund r ON t.cause_kind = 'refund' AND r.id = t.cause_id
JOIN payments_payment y ON y.id = coalesce(r.payment, t.cause_id)
JOIN merchants_merchant m ON m.id = y.merchant
JOIN merchants_store o ON o.id = y.store
WHERE a.organisation = %s AND a.owner_kind = 'grant_share' AND a.unit = 'CNY'
  AND t.business_on >= %s AND t.business_on <= %s
ORDER BY t.business_on, t.occurred_at, t.id
"""


def grants(organisation_id: UUID, until: date, language: Language) -> Table:
    """Return one row per subsidy, as booked until the end of `until`; amounts in fen."""
    return Table("subsidies", GRANTS, _grants(organisation_id, until, language))


def spending(organisation_id: UUID, since: date, until: date) -> Table:
    """Return one row per use of a subsidy (what came back is negative), streamed.

    Raises what `trade.check_span` raises.
    """
    check_span(since, until)
    return Table("subsidy_spending", SPENDING, _spending(organisation_id, since, until))


def _grants(organisation_id: UUID, until: date, language: Language) -> Iterator[Row]:
    for name, kind, expires_at, people, *amounts in ask(BY_GRANT, organisation_id, until):
        expires = None if expires_at is None else sql.to_instant(expires_at)
        yield name, word(f"grant.{kind}", language), expires, people, *map(int, amounts)


def _spending(organisation_id: UUID, since: date, until: date) -> Iterator[Row]:
    for on, at, *rest in ask(SPENT, organisation_id, since, until):
        yield sql.to_date(on), sql.to_instant(at), *rest

"""The books as an accounting package wants them: one voucher a booked day, by its own codes.

Rules
- An account kind of ours becomes an account of theirs by a mapping: ours → (code, name). What the
  mapping does not name keeps our name under the code "?", so that nothing is left out unseen.
- A voucher's debits equal its credits to the fen, since every transfer's postings do.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from uuid import UUID

from domain.messages import Language
from server import sql
from server.reports.ask import ask
from server.reports.tables import Column, Kind, Row, Table
from server.reports.trade import check_span
from server.reports.words import word

COLUMNS = (
    Column("voucher", "凭证日期", "Voucher", Kind.DAY),
    Column("line", "分录号", "Line", Kind.COUNT),
    Column("summary", "摘要", "Summary"),
    Column("code", "科目编码", "Account code"),
    Column("name", "科目名称", "Account name"),
    Column("debit", "借方金额", "Debit", Kind.AMOUNT, is_summed=True),
    Column("credit", "贷方金额", "Credit", Kind.AMOUNT, is_summed=True),
)
SUMS = """
SELECT t.booked_on, t.cause_kind, a.owner_kind, a.kind,
       coalesce(-sum(CASE WHEN p.amount < 0 THEN p.amount END), 0),
       coalesce(sum(CASE WHEN p.amount > 0 THEN p.amount END), 0)
FROM ledger_transfer t JOIN ledger_posting p ON p.transfer = t.id
JOIN ledger_account a ON a.id = p.account
WHERE t.organisation = %s AND t.booked_on >= %s AND t.booked_on <= %s AND a.unit = 'CNY'
GROUP BY t.booked_on, t.cause_kind, a.owner_kind, a.kind
ORDER BY t.booked_on, t.cause_kind, a.owner_kind, a.kind
"""
NOT_MAPPED = "?"

AccountCodes = Mapping[str, tuple[str, str]]
"""Ours ("person/cash") → (their code, their name)."""

STANDARD: AccountCodes = {
    "person/cash": ("2241.01", "其他应付款-就餐卡余额"),
    "person/debt": ("1221.01", "其他应收款-就餐欠款"),
    "grant_share/subsidy": ("2241.02", "其他应付款-补贴余额"),
    "grant/subsidy_funder": ("1221.02", "其他应收款-补贴资金"),
    "merchant/payable": ("2202.01", "应付账款-商户结算款"),
    "merchant/disputed": ("2241.03", "其他应付款-争议款"),
    "merchant/cash_takings": ("2202.02", "应付账款-商户现金"),
    "merchant/till_cash": ("1001.02", "库存现金-商户现金"),
    "merchant/cash_difference": ("1901.01", "待处理财产损溢-现金长短款"),
    "shift/drawer": ("1001.01", "库存现金-收银钱箱"),
    "channel/receivable": ("1122.01", "应收账款-支付通道"),
    "channel/cost": ("6603.01", "财务费用-通道手续费"),
    "organisation/bank": ("1002.01", "银行存款-存管账户"),
    "organisation/fee_income": ("6051.01", "其他业务收入-手续费"),
    "organisation/suspense_short": ("1901.02", "待处理财产损溢-短款"),
    "organisation/suspense_long": ("2241.04", "其他应付款-长款待查"),
}
"""Codes of the Chinese Accounting Standards for Business Enterprises (appendix of 2006)."""


def journal_export(
    organisation_id: UUID, since: date, until: date, language: Language,
    mapping: AccountCodes = STANDARD,
) -> Table:  # fmt: skip
    """Return the vouchers of the booked days `since` to `until`, both included; amounts in fen.

    Raises what `trade.check_span` raises.
    """
    check_span(since, until)
    return Table("journal", COLUMNS, _rows(organisation_id, since, until, language, mapping))


def _rows(
    organisation_id: UUID, since: date, until: date, language: Language, mapping: AccountCodes
) -> Iterator[Row]:
    voucher, line = None, 0
    for booked_on, cause, owner, kind, debit, credit in ask(SUMS, organisation_id, since, until):
        day = sql.to_date(booked_on)
        if day != voucher:
            voucher, line = day, 0
        ours = f"{word(f'owner.{owner}', language)} · {word(f'account.{kind}', language)}"
        code, name = mapping.get(f"{owner}/{kind}", (NOT_MAPPED, ours))
        summary = word(f"cause.{cause}", language)
        for amounts in ((int(debit), None), (None, int(credit))):
            if any(amounts):
                line += 1
                yield day, line, summary, code, name, *amounts

"""The ledger as it stands on paper: every posting of a span of booked days, streamed.

Signs are the books' own: what the organisation owes is a credit and positive.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from domain.messages import Language
from server import sql
from server.reports.ask import Argument, ask
from server.reports.tables import Column, Kind, Row, Table
from server.reports.trade import check_span
from server.reports.words import word

COLUMNS = (
    Column("booked_on", "记账日", "Booked on", Kind.DAY),
    Column("business_on", "营业日", "Business day", Kind.DAY),
    Column("occurred_at", "发生时间", "Occurred (UTC)", Kind.MOMENT),
    Column("cause", "来源", "Cause"),
    Column("cause_id", "来源编号", "Cause number"),
    Column("purpose", "用途", "Purpose"),
    Column("owner", "户主类型", "Owner"),
    Column("owner_id", "户主编号", "Owner number"),
    Column("account", "账户", "Account"),
    Column("unit", "单位", "Unit"),
    Column("debit", "借方", "Debit", Kind.AMOUNT, is_summed=True),
    Column("credit", "贷方", "Credit", Kind.AMOUNT, is_summed=True),
    Column("count", "餐次", "Meals", Kind.COUNT, is_summed=True),
)
POSTINGS = """
SELECT t.booked_on, t.business_on, t.occurred_at, t.cause_kind, t.cause_id, t.purpose, a.owner_kind,
       a.owner_id, a.kind, a.unit, p.amount
FROM ledger_transfer t JOIN ledger_posting p ON p.transfer = t.id
JOIN ledger_account a ON a.id = p.account
WHERE t.organisation = %s AND t.booked_on >= %s AND t.booked_on <= %s {account}
ORDER BY t.booked_on, t.occurred_at, t.id, a.owner_kind, a.kind
"""


@dataclass(frozen=True, slots=True)
class Which:
    """Whose postings; empty means everybody's, and any account."""

    owner_kind: str = ""
    owner_id: UUID | None = None
    account: str = ""


def ledger_extract(
    organisation_id: UUID, since: date, until: date, language: Language, which: Which = Which()
) -> Table:
    """Return the postings booked on the days `since` to `until`, both included, in their order.

    Debits and credits are fen and add up to the same; a meal count stands apart. Raises what
    `trade.check_span` raises.
    """
    check_span(since, until)
    return Table("ledger", COLUMNS, _rows(organisation_id, since, until, language, which))


def _rows(
    organisation_id: UUID, since: date, until: date, language: Language, which: Which
) -> Iterator[Row]:
    wanted: dict[str, Argument | None] = {
        "a.owner_kind": which.owner_kind, "a.owner_id": which.owner_id, "a.kind": which.account,
    }  # fmt: skip
    asked = {column: value for column, value in wanted.items() if value}
    condition = "".join(f" AND {column} = %s" for column in asked)
    statement = POSTINGS.format(account=condition)
    for row in ask(statement, organisation_id, since, until, *asked.values()):
        yield _row(row, language)


def _row(row: Any, language: Language) -> Row:
    booked, business, at, cause, cause_id, purpose, owner, owner_id, kind, unit, amount = row
    is_money = unit == "CNY"
    return (
        sql.to_date(booked), sql.to_date(business), sql.to_instant(at),
        word(f"cause.{cause}", language), sql.to_uuid(cause_id), purpose,
        word(f"owner.{owner}", language), sql.to_uuid(owner_id),
        word(f"account.{kind}", language), unit,
        -amount if is_money and amount < 0 else None, amount if is_money and amount > 0 else None,
        None if is_money else amount,
    )  # fmt: skip

"""What sales and refunds moved on merchants' accounts: the postings themselves, with who, where
and how, laid into a Parquet file that every report of trade is cut from.

    with movements(organisation_id, since, until, scope) as found: found.group_by("store")…

Rules
- A row is one posting on a merchant's payable, disputed or cash account with a payment or refund as
  its cause, so whatever way the rows are grouped, their sum is what the ledger says.
- A refund carries its own operator, shift and terminal where it has them, and its payment's tender.
- Days are `business_on`: the store's zone and cut-off; the hour is the store's own.
- Rows are read a few thousand at a time: memory does not grow with the days asked for.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from server import sql
from server.merchants.models import Store
from server.reports.ask import ask_chunks
from server.reports.scope import EVERYTHING, Scope

MEMORY_LIMIT = "512MB"
"""What DuckDB may take; it goes on to the temporary folder where that is too little."""

MOVED = """
SELECT t.id, t.cause_kind, t.purpose, t.occurred_at, t.business_on, t.booked_on, p.amount, a.kind,
       y.id, y.merchant, y.store, coalesce(r.terminal, y.terminal), coalesce(r.shift, y.shift),
       coalesce(r.operator, y.operator), y.tender, y.channel, y.credential, y.mode, y.meal_period,
       n.department, c.code, y.fee_amount, y.discounts
FROM ledger_account a
JOIN ledger_posting p ON p.account = a.id
JOIN ledger_transfer t ON t.id = p.transfer AND t.cause_kind IN ('payment', 'refund')
LEFT JOIN payments_refund r ON t.cause_kind = 'refund' AND r.id = t.cause_id
JOIN payments_payment y ON y.id = coalesce(r.payment, t.cause_id)
LEFT JOIN people_person n ON n.id = y.person
LEFT JOIN people_category c ON c.id = n.category_id
WHERE a.organisation = %s AND a.owner_kind = 'merchant'
  AND a.kind IN ('payable', 'disputed', 'cash_takings')
  AND t.business_on >= %s AND t.business_on <= %s
"""

SCHEMA = pa.schema([
    ("transfer", pa.string()), ("kind", pa.string()), ("day", pa.date32()),
    ("booked_on", pa.date32()), ("hour", pa.int8()), ("amount", pa.int64()),
    ("side", pa.string()), ("payment", pa.string()), ("merchant", pa.string()),
    ("store", pa.string()), ("terminal", pa.string()), ("shift", pa.string()),
    ("operator", pa.string()), ("tender", pa.string()), ("channel", pa.string()),
    ("credential", pa.string()), ("mode", pa.string()), ("meal_period", pa.string()),
    ("department", pa.string()), ("category", pa.string()), ("fee_amount", pa.int64()),
    ("discount_amount", pa.int64()),
])  # fmt: skip


@contextmanager
def movements(
    organisation_id: UUID, since: date, until: date, scope: Scope = EVERYTHING
) -> Iterator[ibis.Table]:
    """Yield the movements of the business days `since` to `until`, both included.

    The table has the columns of `SCHEMA`: ids as text, amounts in fen, a sale positive and what
    went back negative. It lies in a temporary folder that is gone afterwards.
    """
    with tempfile.TemporaryDirectory(prefix="fanpiao-report-") as folder:
        path = Path(folder) / "movements.parquet"
        with pq.ParquetWriter(path, SCHEMA) as writer:
            for batch in _batches(organisation_id, since, until, scope):
                writer.write_batch(batch)
        duck = ibis.duckdb.connect(memory_limit=MEMORY_LIMIT, temp_directory=folder, threads=2)
        try:
            yield duck.read_parquet(path)
        finally:
            duck.disconnect()


def _batches(
    organisation_id: UUID, since: date, until: date, scope: Scope
) -> Iterator[pa.RecordBatch]:
    zones = _zones(organisation_id)
    for rows in ask_chunks(MOVED, organisation_id, since, until):
        lines = [_line(row, zones) for row in rows if _is_within(row, scope)]
        if lines:
            columns = [pa.array(column, field.type) for column, field in zip(
                zip(*lines, strict=True), SCHEMA, strict=True
            )]  # fmt: skip
            yield pa.RecordBatch.from_arrays(columns, schema=SCHEMA)


def _is_within(row: Sequence[Any], scope: Scope) -> bool:
    return (scope.merchants is None or sql.to_uuid(row[9]) in scope.merchants) and (
        scope.stores is None or sql.to_uuid(row[10]) in scope.stores
    )


def _line(row: Sequence[Any], zones: dict[UUID, ZoneInfo]) -> tuple[Any, ...]:
    """Return one row as `SCHEMA` has it. What went back takes its share of nobody's discount."""
    (
        transfer, cause, purpose, at, business_on, booked_on, amount, side, payment, merchant,
        store, terminal, shift, operator, tender, channel, credential, mode, meal_period,
        department, category, fee, discounts,
    ) = row  # fmt: skip
    kind = "sale" if cause == "payment" and purpose.startswith("sale") else "back"
    hour = sql.to_instant(at).astimezone(zones[sql.to_uuid(store)]).hour
    return (
        _id(transfer), kind, sql.to_date(business_on), sql.to_date(booked_on), hour, amount, side,
        _id(payment), _id(merchant), _id(store), _id(terminal), _id(shift), _id(operator), tender,
        channel, credential, mode, meal_period, department or "", category or "",
        fee if kind == "sale" else 0,
        _discounted(discounts) if kind == "sale" else 0,
    )  # fmt: skip


def _discounted(discounts: Any) -> int:
    return sum(sql.from_json(discounts) or ())


def _id(value: Any) -> str | None:
    return None if value is None else str(sql.to_uuid(value))


def _zones(organisation_id: UUID) -> dict[UUID, ZoneInfo]:
    stores = Store.objects.filter(organisation_id=organisation_id).values_list("id", "zone")
    return {store: _zone(name) for store, name in stores}


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)

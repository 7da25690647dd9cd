"""Rows of this app as effects of a ledger command, set-based whatever their table."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db import models
from msgspec import Struct

from server import sql
from server.settlement.models import (
    Addendum,
    AgentShare,
    Batch,
    DayClose,
    Item,
    Payout,
)
from server.writes import Writes

_KINDS: dict[type[Any], str] = {
    models.UUIDField: "uuid",
    models.ForeignKey: "uuid",
    models.DateField: "date",
    models.DateTimeField: "timestamptz",
    models.IntegerField: "int4",
    models.BigIntegerField: "int8",
    models.CharField: "text",
    models.JSONField: "jsonb",
    models.BooleanField: "bool",
}


@cache
def table_of(model: type[models.Model]) -> sql.Table:
    """Return the table of a model of this app: the column types follow from its fields."""
    columns = {field.column: _KINDS[type(field)] for field in model._meta.concrete_fields}
    return sql.Table.of(model._meta.db_table, columns)


def values_of(row: models.Model) -> list[Any]:
    """Return a row in the order of its table's columns."""
    values = []
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        values.append(sql.to_json(value) if isinstance(field, models.JSONField) else value)
    return values


class Added(Struct, frozen=True):
    """New rows of one model; any of them being there already is a defect."""

    rows: Sequence[models.Model]

    @classmethod
    def write_all(cls, writes: Writes, effects: Sequence["Added"], /) -> None:
        """Insert them, table by table, parents first."""
        found: dict[type[models.Model], list[models.Model]] = {}
        for effect in effects:
            for row in effect.rows:
                found.setdefault(type(row), []).append(row)
        for model in sorted(found, key=_ORDER.index):
            rows = [values_of(row) for row in found[model]]
            writes.insert(table_of(model), rows, exactly=f"new rows of {model.__name__}")


_ORDER: tuple[type[models.Model], ...] = (DayClose, Batch, Item, Addendum, AgentShare, Payout)

BATCHED = sql.Table.of("settlement_item", {"id": "uuid", "batch_id": "uuid"})
BATCH_STATE = sql.Table.of("settlement_batch", {"id": "uuid", "state": "text"})
PAYOUT_STATE = sql.Table.of(
    "settlement_payout",
    {
        "id": "uuid", "state": "text", "code": "text", "reference": "text",
        "bank_fee_amount": "int8", "changed_at": "timestamptz",
    },
)  # fmt: skip


class ItemsBatched(Struct, frozen=True):
    """These items are in a batch now: none of them was in one before."""

    batch_id: UUID
    item_ids: Sequence[UUID]

    @classmethod
    def write_all(cls, writes: Writes, effects: Sequence["ItemsBatched"], /) -> None:
        """Set their batch."""
        rows = [(item, effect.batch_id) for effect in effects for item in effect.item_ids]
        writes.update(
            BATCHED, rows, guard="t.batch_id IS NULL", exactly="an item is in one batch only"
        )


class PayoutMoved(Struct, frozen=True):
    """A payout is in another state, and with it its batch."""

    id: UUID
    batch_id: UUID
    state: str
    batch_state: str
    code: str
    reference: str
    bank_fee_amount: int
    changed_at: datetime

    @classmethod
    def write_all(cls, writes: Writes, effects: Sequence["PayoutMoved"], /) -> None:
        """Change both."""
        rows = [
            (e.id, e.state, e.code, e.reference, e.bank_fee_amount, e.changed_at) for e in effects
        ]
        writes.update(PAYOUT_STATE, rows, exactly="a payout that moved")
        batches = [(e.batch_id, e.batch_state) for e in effects]
        writes.update(BATCH_STATE, batches, exactly="the batch of a payout")


def asked(cursor: Any, statement: str, *arguments: Any) -> list[tuple[Any, ...]]:
    """Read all rows of one SELECT."""
    cursor.execute(statement, list(arguments))
    return list(cursor.fetchall())

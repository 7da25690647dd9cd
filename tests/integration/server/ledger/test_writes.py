"""Writes that go together: all of them happen, in order where it matters, and are counted."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction

from domain.errors import Defect
from server import sql
from server.cases.models import Case
from server.ledger.models import LockedKey
from server.writes import writing
from tests.factories.ledger import NOON, ORGANISATION, an_id

KEY = sql.Table.of("ledger_key", {"organisation": "uuid", "kind": "text", "id": "uuid"})
CASE = sql.Table.of(
    "cases_case",
    {
        "id": "uuid", "organisation": "uuid", "kind": "text", "subject_kind": "text",
        "subject_id": "uuid", "amount": "int8", "data": "jsonb", "terminal": "uuid",
        "opened_at": "timestamptz", "resolution": "text", "closed_by": "text",
    },
)  # fmt: skip
AMOUNT = sql.Table.of("cases_case", {"id": "uuid", "amount": "int8"})


def case(id: UUID, amount: int) -> tuple[Any, ...]:
    return (id, ORGANISATION, "gap", "place", id, amount, "{}", None, NOON, "", "")


def test_tables_written_together_are_all_written(database: str) -> None:
    ids = [an_id() for _ in range(3)]
    with transaction.atomic(), connection.cursor() as cursor, writing(cursor) as writes:
        writes.insert(KEY, [(ORGANISATION, "note", id) for id in ids], exactly="keys")
        writes.insert(CASE, [case(id, 1) for id in ids], exactly="cases")
    assert set(LockedKey.objects.values_list("id", flat=True)) == set(ids)
    assert Case.objects.count() == 3


def test_a_table_written_twice_sees_its_first_write(database: str) -> None:
    id = an_id()
    with transaction.atomic(), connection.cursor() as cursor, writing(cursor) as writes:
        writes.insert(CASE, [case(id, 1)], exactly="a case")
        writes.update(AMOUNT, [(id, 2)], exactly="the case that is there")
    assert Case.objects.get().amount == 2


def test_a_row_that_had_to_be_written_and_was_not_is_a_defect(database: str) -> None:
    nowhere = [(an_id(), 2)]
    with transaction.atomic(), connection.cursor() as cursor:
        with writing(cursor) as writes:
            writes.update(AMOUNT, nowhere)
        with pytest.raises(Defect, match="0 of 1 rows written: the case"), writing(cursor) as held:
            held.update(AMOUNT, nowhere, exactly="the case is there")


def test_many_tables_keep_their_parameters_apart(database: str) -> None:
    id, other = an_id(), an_id()
    with transaction.atomic(), connection.cursor() as cursor:
        with writing(cursor) as writes:
            writes.insert(CASE, [case(id, 1), case(other, 2)])
        with writing(cursor) as writes:
            writes.update(AMOUNT, [(id, 7), (other, 8)], guard="t.amount < 2")
            writes.delete(KEY, [(ORGANISATION, "note", id)])
    assert dict(Case.objects.values_list("id", "amount")) == {id: 7, other: 2}

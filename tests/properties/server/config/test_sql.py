"""What is written set-based is read back as it was, whatever is in it, on both engines."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server import sql
from tests.factories.ledger import an_id

CASE = sql.Table.of(
    "cases_case",
    {
        "id": "uuid", "organisation": "uuid", "kind": "text", "subject_kind": "text",
        "subject_id": "uuid", "amount": "int8", "data": "jsonb", "terminal": "uuid",
        "opened_at": "timestamptz", "resolution": "text", "closed_by": "text",
    },
)  # fmt: skip
AMOUNT = sql.Table.of("cases_case", {"id": "uuid", "amount": "int8", "closed_by": "text"})

texts = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=48
) | st.sampled_from(["", "NULL", '"', "\\", "{,}", " a ", '\\"', "'%s", "饭票", "a\nb",
                     "\x1f", 'a\x1f"b'])  # fmt: skip
instants = st.datetimes(datetime(1970, 1, 1), datetime(9000, 1, 1), timezones=st.just(UTC))
amounts = st.integers(-(1 << 63), (1 << 63) - 1)
rows = st.tuples(texts, amounts, st.dictionaries(texts, texts, max_size=2), instants,
                 st.none() | st.uuids(version=4))  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(written=st.lists(rows, max_size=6), added=texts)
def test_rows_come_back_as_they_were_written(database: str, written: list[Any], added: str) -> None:
    ids = [an_id() for _ in written]
    full = [
        (id, id, kind, "payment", id, amount, sql.to_json(data), terminal, at, "", "")
        for id, (kind, amount, data, at, terminal) in zip(ids, written, strict=True)
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        assert sql.insert(cursor, CASE, full) == len(full)
        changed = sql.update(cursor, AMOUNT, [(id, 7, added) for id in ids])
        assert changed == len(ids)
        found = sql.select(
            cursor,
            "SELECT id, kind, amount, data, opened_at, terminal, closed_by FROM cases_case"
            " WHERE id IN {any} AND amount = %s",
            ids,
            7,
        )
        transaction.set_rollback(True)

    kept = {
        sql.to_uuid(id): (kind, sql.from_json(data), sql.to_instant(at),
                          None if terminal is None else sql.to_uuid(terminal), closed_by)
        for id, kind, _, data, at, terminal, closed_by in found
    }  # fmt: skip
    assert kept == {
        id: (kind, data, at, terminal, added)
        for id, (kind, _, data, at, terminal) in zip(ids, written, strict=True)
    }


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(kinds=st.lists(texts.filter(lambda text: len(text) < 32), max_size=6))
def test_only_rows_that_are_new_are_said_to_be(database: str, kinds: list[str]) -> None:
    key = sql.Table.of("ledger_key", {"organisation": "uuid", "kind": "text", "id": "uuid"})
    id = an_id()
    wanted = [(id, kind, id) for kind in sorted(set(kinds))]
    with transaction.atomic(), connection.cursor() as cursor:
        first = sql.insert_new(cursor, key, wanted, "kind")
        second = sql.insert_new(cursor, key, [*wanted, (id, "one more", id)], "kind")
        gone = sql.delete(cursor, key, wanted)
        transaction.set_rollback(True)

    assert sorted(kind for (kind,) in first) == sorted(set(kinds))
    assert second == ([] if "one more" in kinds else [("one more",)])
    assert gone == len(wanted)

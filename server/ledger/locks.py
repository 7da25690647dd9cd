"""Locking what commands name, in the one order that everybody keeps.

Keys, then counters, then accounts, each sorted. On SQLite the IMMEDIATE transaction already
excludes every other writer, so only the reading is left.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from server import sql
from server.ledger.commands import AccountKey, AccountState, CounterKey, Key

KEY = sql.Table.of("ledger_key", {"organisation": "uuid", "kind": "text", "id": "uuid"})
COUNTER = sql.Table.of(
    "ledger_counter",
    {
        "id": "uuid", "organisation": "uuid", "subject": "text", "rule": "text",
        "window": "text", "used": "int8", "limit_amount": "int8",
    },
)  # fmt: skip
ACCOUNT = sql.Table.of(
    "ledger_account",
    {
        "id": "uuid", "organisation": "uuid", "owner_kind": "text", "owner_id": "uuid",
        "kind": "text", "unit": "text", "floor": "int8", "balance": "int8", "held": "int8",
        "version": "int8",
    },
)  # fmt: skip
IF_MISSING = "ON CONFLICT DO NOTHING"
LOCK_KEYS = (
    "SELECT 1 FROM ledger_key t JOIN unnest(%s::uuid[], %s::text[], %s::uuid[])"
    " AS v(organisation, kind, id) USING (organisation, kind, id)"
    " ORDER BY t.kind, t.id, t.organisation FOR UPDATE OF t"
)
READ_COUNTERS = "SELECT id, used FROM ledger_counter WHERE id IN {any}"
READ_ACCOUNTS = "SELECT id, balance, held, floor, version FROM ledger_account WHERE id IN {any}"
SORTED_LOCK = " ORDER BY id FOR NO KEY UPDATE"


def lock_keys(cursor: Any, keys: Iterable[Key]) -> set[Key]:
    """Lock `keys` until the transaction ends; return those never seen before.

    A key that another transaction is just inserting is waited for, then found.
    """
    ordered = sorted(set(keys), key=lambda key: (key.kind, key.id.int, key.organisation_id.int))
    rows = [(key.organisation_id, key.kind, key.id) for key in ordered]
    new = sql.insert_new(cursor, KEY, rows, "organisation, kind, id")
    if len(new) == len(ordered):
        return set(ordered)
    fresh = {Key(sql.to_uuid(org), kind, sql.to_uuid(id)) for org, kind, id in new}
    seen = [row for row, key in zip(rows, ordered, strict=True) if key not in fresh]
    if seen and sql.is_postgres(cursor):
        organisations, kinds, ids = zip(*seen, strict=True)
        arrays = (("uuid", organisations), ("text", kinds), ("uuid", ids))
        cursor.execute(LOCK_KEYS, [sql.array(kind, values) for kind, values in arrays])
        assert len(cursor.fetchall()) == len(seen), "a key vanished between insert and lock"
    return fresh


def forget_keys(cursor: Any, keys: Iterable[Key]) -> None:
    """Release fresh keys under which nothing was stored."""
    sql.delete(cursor, KEY, [(key.organisation_id, key.kind, key.id) for key in keys])


def lock_counters(cursor: Any, counters: Iterable[CounterKey]) -> dict[CounterKey, int]:
    """Lock `counters`, made when missing; return what is used of each."""
    by_id = {counter.id: counter for counter in counters}
    if not by_id:
        return {}
    rows = [
        (id, c.organisation_id, c.subject, c.rule, c.window, 0, c.limit)
        for id, c in sorted(by_id.items(), key=_by_id)
    ]
    sql.insert(cursor, COUNTER, rows, IF_MISSING)
    found = sql.select(cursor, READ_COUNTERS + _lock(cursor), by_id)
    assert len(found) == len(by_id), "a counter vanished between insert and lock"
    return {by_id[sql.to_uuid(id)]: used for id, used in found}


def lock_accounts(
    cursor: Any, accounts: Iterable[AccountKey], known: set[int]
) -> dict[AccountKey, AccountState]:
    """Lock `accounts`, made when missing; return their states.

    `known` are ids, as numbers, that existed before and so need no insert; it is only trusted to
    save that statement, never to be true.
    """
    wanted = set(accounts)
    _make_accounts(cursor, [key for key in wanted if key.id.int not in known])
    states = _read_accounts(cursor, wanted)
    if len(states) < len(wanted):
        _make_accounts(cursor, [key for key in wanted if key not in states])
        states = _read_accounts(cursor, wanted)
    assert len(states) == len(wanted), "an account vanished between insert and lock"
    return states


def _make_accounts(cursor: Any, missing: Sequence[AccountKey]) -> None:
    rows = [
        (a.id, a.organisation_id, a.owner_kind, a.owner_id, a.kind, a.unit, a.floor, 0, 0, 0)
        for a in sorted(missing, key=lambda key: key.id.int)
    ]
    sql.insert(cursor, ACCOUNT, rows, IF_MISSING)


def _read_accounts(cursor: Any, keys: set[AccountKey]) -> dict[AccountKey, AccountState]:
    # By number: UUIDs are slow to hash, and every payment has some accounts
    by_number = {key.id.int: key for key in keys}
    states = {}
    ids = [key.id for key in keys]
    for id, balance, held, floor, version in sql.select(cursor, READ_ACCOUNTS + _lock(cursor), ids):
        key = by_number[sql.to_uuid(id).int]
        states[key] = AccountState(key.id, balance, held, floor, version)
    return states


def _by_id(pair: tuple[UUID, Any]) -> int:
    return pair[0].int


def _lock(cursor: Any) -> str:
    return SORTED_LOCK if sql.is_postgres(cursor) else ""

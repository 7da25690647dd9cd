"""Writing what a batch decided: one set-based statement per table, whatever its size."""

from typing import Any

from domain.errors import Defect
from server import sql
from server.ledger.books import Books
from server.ledger.commands import HoldEnded, HoldOpened

TRANSFER = sql.Table.of(
    "ledger_transfer",
    {
        "id": "uuid", "organisation": "uuid", "cause_kind": "text", "cause_id": "uuid",
        "purpose": "text", "occurred_at": "timestamptz", "business_on": "date",
        "booked_on": "date",
    },
)  # fmt: skip
POSTING = sql.Table.of(
    "ledger_posting",
    {
        "transfer": "uuid", "account": "uuid", "organisation": "uuid", "amount": "int8",
        "version": "int8",
    },
)  # fmt: skip
BALANCE = sql.Table.of(
    "ledger_account", {"id": "uuid", "balance": "int8", "held": "int8", "version": "int8"}
)
HOLD = sql.Table.of(
    "ledger_hold",
    {
        "id": "uuid", "organisation": "uuid", "account": "uuid", "amount": "int8",
        "owner_kind": "text", "owner_id": "uuid", "opened_at": "timestamptz",
    },
)  # fmt: skip
HOLD_END = sql.Table.of(
    "ledger_hold",
    {
        "id": "uuid", "account": "uuid", "amount": "int8", "owner_kind": "text",
        "owner_id": "uuid", "ended_at": "timestamptz", "posted": "bool",
    },
)  # fmt: skip
INCREMENT = sql.Table.of(
    "ledger_increment",
    {
        "organisation": "uuid", "counter": "uuid", "amount": "int8", "cause_id": "uuid",
        "forced": "bool",
    },
)  # fmt: skip
USE = sql.Table.of("ledger_counter", {"id": "uuid", "used": "int8", "limit_amount": "int8"})
GIVE_BACK = sql.Table.of("ledger_counter", {"id": "uuid", "used": "int8"})


def write(cursor: Any, books: Books) -> None:
    """Write everything that `books` collected, and forget it there."""
    _write_transfers(cursor, books)
    _write_holds(cursor, books)
    _write_counters(cursor, books)
    _write_balances(cursor, books)
    # One order for all writers, whatever the commands' order was
    for effect in sorted(books.effects, key=lambda kind: (kind.__module__, kind.__qualname__)):
        effect.write_all(cursor, books.effects[effect])
    books.effects.clear()


def _write_transfers(cursor: Any, books: Books) -> None:
    rows = [
        (t.id, t.organisation_id, t.cause_kind, t.cause_id, t.purpose, t.occurred_at,
         t.business_on, t.booked_on)
        for t in books.transfers
    ]  # fmt: skip
    sql.insert(cursor, TRANSFER, rows)
    sql.insert(cursor, POSTING, books.postings)
    books.transfers.clear()
    books.postings.clear()


def _write_holds(cursor: Any, books: Books) -> None:
    opened = [
        (h.id, h.account.organisation_id, h.account.id, h.amount, h.owner_kind, h.owner_id,
         h.opened_at)
        for h in books.holds
        if isinstance(h, HoldOpened)
    ]  # fmt: skip
    ended = [
        (h.id, h.account.id, h.amount, h.owner_kind, h.owner_id, h.ended_at, h.posted)
        for h in books.holds
        if isinstance(h, HoldEnded)
    ]
    sql.insert(cursor, HOLD, opened)
    changed = sql.update(cursor, HOLD_END, ended, keys=5, guard="t.ended_at IS NULL")
    if changed != len(ended):
        raise Defect(f"{len(ended) - changed} of {len(ended)} holds were not there to be ended")
    books.holds.clear()


def _write_counters(cursor: Any, books: Books) -> None:
    rows = [
        (i.counter.organisation_id, i.counter.id, i.amount, i.cause_id, i.forced)
        for i in books.increments
    ]
    sql.insert(cursor, INCREMENT, rows)
    moved = books.moved_counters
    used = [(key.id, books.counters[key], key.limit) for key in moved.values() if key is not None]
    _all(sql.update(cursor, USE, used), len(used), "counters")
    lowered = [(key.id, books.counters[key]) for key, raised in moved.items() if raised is None]
    _all(sql.update(cursor, GIVE_BACK, lowered), len(lowered), "counters")
    books.increments.clear()
    books.moved_counters.clear()


def _write_balances(cursor: Any, books: Books) -> None:
    states = [books.accounts[key] for key in books.moved_accounts]
    rows = [(s.id, s.balance, s.held, s.version) for s in states]
    _all(sql.update(cursor, BALANCE, rows), len(rows), "accounts")
    books.moved_accounts.clear()


def _all(changed: int, expected: int, what: str) -> None:
    if changed != expected:
        raise Defect(f"{changed} of {expected} locked {what} changed")

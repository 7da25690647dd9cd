"""Writing what a batch decided: set-based per table, and all tables together."""

from server import sql
from server.ledger.books import Books
from server.ledger.commands import HoldEnded, HoldOpened
from server.writes import Writes

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
LOCKED = "what is locked is there"
GIVE_BACK = sql.Table.of("ledger_counter", {"id": "uuid", "used": "int8"})


def write(writes: Writes, books: Books) -> None:
    """Write everything that `books` collected, and forget it there."""
    _write_transfers(writes, books)
    _write_holds(writes, books)
    _write_counters(writes, books)
    _write_balances(writes, books)
    # One order for all writers, whatever the commands' order was
    for effect in sorted(books.effects, key=lambda kind: (kind.__module__, kind.__qualname__)):
        effect.write_all(writes, books.effects[effect])
    books.effects.clear()


def _write_transfers(writes: Writes, books: Books) -> None:
    rows = [
        (t.id, t.organisation_id, t.cause_kind, t.cause_id, t.purpose, t.occurred_at,
         t.business_on, t.booked_on)
        for t in books.transfers
    ]  # fmt: skip
    writes.insert(TRANSFER, rows)
    writes.insert(POSTING, books.postings)
    books.transfers.clear()
    books.postings.clear()


def _write_holds(writes: Writes, books: Books) -> None:
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
    writes.insert(HOLD, opened)
    writes.update(
        HOLD_END, ended, keys=5, guard="t.ended_at IS NULL", exactly="holds are there to be ended"
    )
    books.holds.clear()


def _write_counters(writes: Writes, books: Books) -> None:
    rows = [
        (i.counter.organisation_id, i.counter.id, i.amount, i.cause_id, i.forced)
        for i in books.increments
    ]
    writes.insert(INCREMENT, rows)
    moved = books.moved_counters
    used = [(key.id, books.counters[key], key.limit) for key in moved.values() if key is not None]
    writes.update(USE, used, exactly=LOCKED)
    lowered = [(key.id, books.counters[key]) for key, raised in moved.items() if raised is None]
    writes.update(GIVE_BACK, lowered, exactly=LOCKED)
    books.increments.clear()
    books.moved_counters.clear()


def _write_balances(writes: Writes, books: Books) -> None:
    states = [books.accounts[key] for key in books.moved_accounts]
    rows = [(s.id, s.balance, s.held, s.version) for s in states]
    writes.update(BALANCE, rows, exactly=LOCKED)
    books.moved_accounts.clear()

"""Balances at a counter: the server's row and our own deltas, kept apart (MONEY §3).

Rules
- The server's row is replaced only by a higher version; feed pages may repeat the present one.
- available = balance − held − Σ live deltas, always. A delta lives from our row's writing until
  its acknowledgement, which brings the new balance in the same transaction.
- Nothing is ever credited to available by ourselves: a refund shows when the server says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from domain.errors import Defect
from sync.messages import Balance, Record
from sync.store import LocalStore

GENERATION = "replica_generation"
"""The name of the fact that says which generation of the replica is read."""
BUILDING = "replica_building"
"""The name of the fact that says which one is built beside: [generation, epoch, cursor]."""


@dataclass(frozen=True, slots=True)
class Account:
    """The server's row of an account, and what our unacknowledged rows took from it."""

    balance: int
    held: int
    version: int
    taken: int

    @property
    def available(self) -> int:
        """What may still be spent, before its floor."""
        return self.balance - self.held - self.taken


def store_balances(
    store: LocalStore, balances: Sequence[Balance], person_id: UUID | None = None
) -> None:
    """Take over the balances of an answer, each only over a lower version.

    They go to the generation in use and the one being built, so that a rebuild does not bring
    back an older one when it takes over. An account that is not here yet, such as a person's
    first debt, begins with the answer: else it would be forgotten between the end of our delta
    and the next pull. Accounts of people this counter does not know are left out.
    """
    if not balances:
        return
    building = store.meta(BUILDING)
    present = store.meta(GENERATION)
    generations = (present, building[0] if building else present)
    _begin_accounts(store, balances, person_id, generations)
    store.execute_many(
        "UPDATE account SET balance = ?, held = ?, version = ?"
        " WHERE generation IN (?, ?) AND account_id = ? AND version < ?",
        [
            (row.balance, row.held, row.version, *generations, row.account_id.bytes, row.version)
            for row in balances
        ],
    )


def _begin_accounts(
    store: LocalStore,
    balances: Sequence[Balance],
    person_id: UUID | None,
    generations: tuple[int, int],
) -> None:
    """Make room for the accounts of a known person that no page has brought; one will."""
    known = store.row(
        "SELECT 1 FROM feed_row WHERE generation = ? AND kind = 'person' AND entity = ?",
        (generations[0], str(person_id)),
    )
    if person_id is None or known is None:
        return
    store.execute_many(
        "INSERT OR IGNORE INTO account (generation, account_id, person_id, kind, unit, balance,"
        " held, floor, version) VALUES (?, ?, ?, '', 'CNY', 0, 0, NULL, -1)",
        [
            (generation, row.account_id.bytes, person_id.bytes)
            for row in balances
            for generation in sorted(set(generations))
        ],
    )


def store_deltas(store: LocalStore, record: Record, deltas: Mapping[UUID, int]) -> None:
    """Keep what `record` takes from each account until it is acknowledged; zeros are left out."""
    if any(amount < 0 for amount in deltas.values()):
        raise Defect("a counter never credits a balance by itself")
    store.execute_many(
        "INSERT INTO delta (journal_id, sequence, account_id, amount, is_live)"
        " VALUES (?, ?, ?, ?, 1)",
        [
            (record.journal_id.bytes, record.sequence, account_id.bytes, amount)
            for account_id, amount in deltas.items()
            if amount
        ],
    )


def set_deltas_live(store: LocalStore, journal_id: UUID, sequence: int, *, is_live: bool) -> None:
    """End the deltas of an acknowledged row, or wake them when it must be handed over again."""
    store.execute(
        "UPDATE delta SET is_live = ? WHERE journal_id = ? AND sequence = ?",
        (int(is_live), journal_id.bytes, sequence),
    )


def taken(store: LocalStore, account_id: UUID) -> int:
    """What our own unacknowledged rows took from an account, whether or not its row is here."""
    found = store.row(
        "SELECT coalesce(sum(amount), 0) FROM delta WHERE account_id = ? AND is_live",
        (account_id.bytes,),
    )
    return found[0] if found else 0


def account(store: LocalStore, account_id: UUID) -> Account | None:
    """The account as the present generation has it, with our own deltas; None when unknown."""
    found = store.row(
        "SELECT balance, held, version, (SELECT coalesce(sum(amount), 0) FROM delta"
        " WHERE delta.account_id = account.account_id AND is_live) FROM account"
        " WHERE account_id = ? AND generation ="
        " (SELECT CAST(value AS INTEGER) FROM meta WHERE name = ?)",
        (account_id.bytes, GENERATION),
    )
    return None if found is None else Account(*found)

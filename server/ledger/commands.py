"""What a caller hands the writer: commands that lock, decide once, and name their effects.

Rules (MONEY §4)
- A command names every key, counter and account it may touch before it runs; the ledger locks
  them in one fixed order, reads what the command's readers ask for, and calls `decide` once.
- `decide` is pure: it sees `Locked`, answers a `Decision`, and has no other way to act.
- Refusals are decided before any write: a `Decision` without effects writes nothing.
- The ledger knows no app above it: an `Effect` brings its own set-based write.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Protocol
from uuid import UUID, uuid5

from msgspec import Struct

from server.writes import Writes

ACCOUNT_NAMESPACE = UUID("6d1f3a52-5b0e-5c56-8b7e-0f6a0c6f2b11")
"""The UUIDv5 namespace of account ids, so that an account's id follows from its key."""


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """One lockable id, such as ("payment", id) or ("order", id).

    `is_read_only` says that the command writes nothing under it (who pays): it is read with the
    others and not locked, and two commands of a batch may have it in common.
    """

    organisation_id: UUID
    kind: str
    id: UUID
    is_read_only: bool = field(default=False, compare=False)
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.id.int, self.kind)))

    def __hash__(self) -> int:
        # A batch looks every key up some ten times, and UUIDs are slow to hash and compare
        return self._hash

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Key):
            return NotImplemented
        return (
            self._hash == other._hash
            and self.id.int == other.id.int
            and self.kind == other.kind
            and self.organisation_id.int == other.organisation_id.int
        )


@dataclass(frozen=True, slots=True)
class AccountKey:
    """The natural key of an account; the account is created on first use.

    `owner_kind` is person, merchant, channel, shift, organisation…; `kind` is cash, subsidy,
    debt, payable, disputed, suspense_long… `floor` None means the balance may go below zero
    without limit; it matters only at creation.
    """

    organisation_id: UUID
    owner_kind: str
    owner_id: UUID
    kind: str
    unit: str = "CNY"
    floor: int | None = field(default=None, compare=False)
    _hash: int = field(init=False, repr=False, compare=False)
    _id: UUID | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.owner_id.int, self.kind, self.unit)))
        object.__setattr__(self, "_id", None)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, AccountKey):
            return NotImplemented
        return (
            self._hash == other._hash
            and self.owner_id.int == other.owner_id.int
            and self.kind == other.kind
            and self.owner_kind == other.owner_kind
            and self.unit == other.unit
            and self.organisation_id.int == other.organisation_id.int
        )

    @property
    def id(self) -> UUID:
        """The account's id: a UUIDv5 of the key."""
        if self._id is None:
            object.__setattr__(self, "_id", _account_id(self))
        assert self._id is not None
        return self._id


# Hot accounts (a merchant's, a channel's) are in every payment: hashing twice per batch adds up
@lru_cache(maxsize=1 << 16)
def _account_id(key: AccountKey) -> UUID:
    name = f"{key.organisation_id}/{key.owner_kind}/{key.owner_id}/{key.kind}/{key.unit}"
    return uuid5(ACCOUNT_NAMESPACE, name)


@dataclass(frozen=True, slots=True)
class CounterKey:
    """Use in a window: (person, "meal", "2026-11-22/lunch"). `limit` None: no limit."""

    organisation_id: UUID
    subject: str
    rule: str
    window: str
    limit: int | None = field(default=None, compare=False)

    @property
    def id(self) -> UUID:
        """The counter's id: a UUIDv5 of the key."""
        return uuid5(self.organisation_id, f"{self.subject}\n{self.rule}\n{self.window}")


class AccountState(Struct, frozen=True, gc=False):
    """A locked account as it stands after the commands before this one in the batch."""

    id: UUID
    balance: int
    held: int
    floor: int | None
    version: int

    @property
    def available(self) -> int:
        """What may still be drawn above zero: balance − held (MONEY §5)."""
        return self.balance - self.held


class Posting(Struct, frozen=True, gc=False):
    """One leg: positive adds to the account, negative draws from it."""

    account: AccountKey
    amount: int


class Transfer(Struct, frozen=True):
    """Postings that sum to zero per unit, with one cause; UNIQUE (cause kind, id, purpose)."""

    id: UUID
    organisation_id: UUID
    cause_kind: str
    cause_id: UUID
    purpose: str
    postings: tuple[Posting, ...]
    occurred_at: datetime
    business_on: date
    booked_on: date


class HoldOpened(Struct, frozen=True):
    """Reserve `amount` of an account for its owner (an attempt, a payment)."""

    id: UUID
    account: AccountKey
    amount: int
    owner_kind: str
    owner_id: UUID
    opened_at: datetime


class HoldEnded(Struct, frozen=True):
    """End a hold, by its owner only; posting the money is a transfer beside it."""

    id: UUID
    account: AccountKey
    amount: int
    owner_kind: str
    owner_id: UUID
    ended_at: datetime
    posted: bool


class Increment(Struct, frozen=True):
    """Use `amount` of a counter on behalf of a cause; `forced` may pass the limit (a fact)."""

    counter: CounterKey
    amount: int
    cause_id: UUID
    forced: bool = False


class Effect(Protocol):
    """A guarded change of another app's rows, written set-based for a whole batch.

    `write_all` gets every effect of this type in the batch, in command order. It must name
    what has to have been written (`exactly`).
    """

    @classmethod
    def write_all(cls, writes: Writes, effects: "Sequence[Any]", /) -> None:
        """Write all `effects` with as few statements as possible."""


Reader = Callable[[Any, Sequence[Key], Collection[Key]], Mapping[Key, Any]]
"""`reader(cursor, keys, fresh)` reads, after the keys are locked, what commands want to know of
them, one query for the whole batch. Keys without rows are simply missing from the mapping. Of
`fresh` keys, never seen before, nothing is stored that is only ever stored under them."""


class Locked(Struct, frozen=True):
    """Everything a command may look at: all of it locked and current."""

    fresh: frozenset[Key]
    """Keys seen for the first time ever, by this command."""
    rows: Mapping[Key, Any]
    """What the command's reader found, per key."""
    accounts: Mapping[AccountKey, AccountState]
    counters: Mapping[CounterKey, int]


class Decision(Struct, frozen=True):
    """The answer to give the caller after the commit, and what to commit for it.

    With `needs` set nothing is written: the ledger runs the command again with these accounts
    and counters locked too (what the plan could not know, such as the legs and the portion of a
    payment that came in the same push as its refund).
    """

    answer: Any
    transfers: tuple[Transfer, ...] = ()
    holds: tuple[HoldOpened | HoldEnded, ...] = ()
    increments: tuple[Increment, ...] = ()
    effects: tuple[Effect, ...] = ()
    needs: tuple[AccountKey | CounterKey, ...] = ()
    forgets: tuple[Key, ...] = ()
    """Fresh keys to release again, since nothing is stored under them (repriced, unavailable)."""


class Unplanned(Protocol):
    """What the writer is handed before it is a command: its kind is planned for a batch at once.

    Plans are proposals read outside the locks; a batch that is tried again is planned again.
    """

    @classmethod
    def plan_all(cls, waiting: Sequence[Any], /) -> "Sequence[Command]":
        """Return the command of each, in order, with a set of reads for all."""


class Command(Protocol):
    """One unit of work for the writer. Two commands sharing a key never share a batch."""

    @property
    def keys(self) -> Sequence[Key]:
        """Ids to lock, at least one."""

    @property
    def counters(self) -> Sequence[CounterKey]:
        """Counters to lock."""

    @property
    def accounts(self) -> Sequence[AccountKey]:
        """Accounts to lock, created when missing."""

    @property
    def reader(self) -> Reader | None:
        """Reads the rows `decide` wants; the same function object for all of a kind."""

    def decide(self, locked: Locked) -> Decision:
        """Decide, from `locked` alone. Runs again when a batch is retried: no side effects."""

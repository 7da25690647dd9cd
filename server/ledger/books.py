"""The locked part of the books in memory: decisions move it before anything is written.

What a decision does is checked here first, so that no CHECK of the database ever has to refuse:
a breach is a defect of the command that caused it.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from domain.errors import Defect
from server.ledger.commands import (
    AccountKey,
    AccountState,
    CounterKey,
    Decision,
    HoldEnded,
    HoldOpened,
    Increment,
    Key,
    Locked,
    Transfer,
)

PostingRow = tuple[Any, ...]


@dataclass(slots=True)
class Books:
    """Locked keys, counters and accounts, and what the decisions so far want written."""

    fresh: set[Key]
    counters: dict[CounterKey, int]
    accounts: dict[AccountKey, AccountState]
    transfers: list[Transfer] = field(default_factory=list)
    postings: list[PostingRow] = field(default_factory=list)
    holds: list[HoldOpened | HoldEnded] = field(default_factory=list)
    increments: list[Increment] = field(default_factory=list)
    effects: dict[type[Any], list[Any]] = field(default_factory=lambda: defaultdict(list))
    moved_accounts: set[AccountKey] = field(default_factory=set)
    moved_counters: dict[CounterKey, CounterKey | None] = field(default_factory=dict)
    """Each with the limit it was used under; None: only given back, which knows of no limit."""

    def locked_for(
        self,
        keys: Sequence[Key],
        counters: Collection[CounterKey],
        accounts: "set[AccountKey]",
        rows: Any,
    ) -> Locked:
        """Show a command what it locked, as it stands after the commands before it."""
        return Locked(
            fresh=frozenset(key for key in keys if key in self.fresh),
            rows=rows,
            accounts={key: self.accounts[key] for key in accounts},
            counters={key: self.counters[key] for key in counters},
        )

    def take(self, keys: Sequence[Key], accounts: "set[AccountKey]", decision: Decision) -> None:
        """Carry `decision` out in memory; raises `Defect` when it breaks a rule of the books."""
        if not _stores(decision):
            return
        self.fresh.difference_update(set(keys).difference(decision.forgets))
        touched: set[AccountKey] = set()
        for transfer in decision.transfers:
            touched.update(self._post(transfer))
        for hold in decision.holds:
            touched.add(self._hold(hold))
        if not touched <= accounts:
            raise Defect(f"an account moved that was not named: {touched - accounts}")
        for key in touched:
            _check_account(key, self.accounts[key])
        self.moved_accounts.update(touched)
        for increment in decision.increments:
            self._increment(increment)
        for effect in decision.effects:
            self.effects[type(effect)].append(effect)

    def _post(self, transfer: Transfer) -> list[AccountKey]:
        _check_transfer(transfer)
        self.transfers.append(transfer)
        moved = []
        for posting in transfer.postings:
            key, amount = posting.account, posting.amount
            state = self._state(key)
            version = state.version + 1
            self.accounts[key] = AccountState(
                state.id, state.balance + amount, state.held, state.floor, version
            )
            self.postings.append((transfer.id, state.id, transfer.organisation_id, amount, version))
            moved.append(key)
        return moved

    def _hold(self, hold: HoldOpened | HoldEnded) -> AccountKey:
        if hold.amount <= 0:
            raise Defect(f"hold {hold.id} of {hold.amount}")
        state = self._state(hold.account)
        change = hold.amount if isinstance(hold, HoldOpened) else -hold.amount
        self.accounts[hold.account] = AccountState(
            state.id, state.balance, state.held + change, state.floor, state.version
        )
        self.holds.append(hold)
        return hold.account

    def _increment(self, increment: Increment) -> None:
        key = increment.counter
        if key not in self.counters:
            raise Defect(f"a counter moved that was not named: {key}")
        used = self.counters[key] + increment.amount
        over = increment.amount > 0 and key.limit is not None and used > key.limit
        if used < 0 or increment.amount == 0 or (over and not increment.forced):
            raise Defect(f"counter {key} would be {used}")
        self.counters[key] = used
        if increment.amount > 0:
            self.moved_counters[key] = key
        else:
            self.moved_counters.setdefault(key, None)
        self.increments.append(increment)

    def _state(self, key: AccountKey) -> AccountState:
        state = self.accounts.get(key)
        if state is None:
            raise Defect(f"an account moved that was not named: {key}")
        return state


def _stores(decision: Decision) -> bool:
    return bool(decision.transfers or decision.effects or decision.holds or decision.increments)


def _check_transfer(transfer: Transfer) -> None:
    sums: dict[str, int] = {}
    accounts = set()
    for posting in transfer.postings:
        key, amount = posting.account, posting.amount
        if amount == 0 or key.organisation_id != transfer.organisation_id:
            raise Defect(f"transfer {transfer.id}: bad posting {posting}")
        accounts.add(key)
        sums[key.unit] = sums.get(key.unit, 0) + amount
    if len(accounts) < 2 or len(accounts) != len(transfer.postings):
        raise Defect(f"transfer {transfer.id} needs two or more postings, one per account")
    if any(sums.values()):
        raise Defect(f"transfer {transfer.id} does not sum to zero: {sums}")


def _check_account(key: AccountKey, state: AccountState) -> None:
    if state.held < 0:
        raise Defect(f"{key}: held {state.held}")
    if state.floor is not None and state.balance - state.held < state.floor:
        raise Defect(f"{key}: available {state.available} below floor {state.floor}")
    if key.kind == "debt" and state.balance > 0:
        raise Defect(f"{key}: a debt of {-state.balance}")

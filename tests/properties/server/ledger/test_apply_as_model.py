"""`apply` against plain books in memory: whatever the batches, the same balances on both engines.

The model is a dictionary of balances, holds and counters, moved one command at a time. Commands
are cut into batches at random, share keys at random (the later one is then decided in a later
round), and some of them would break a floor or a
limit: those refuse themselves, as real decisions do, from what they are shown.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.audit.run_audit import run_audit
from server.ledger.apply import apply
from server.ledger.commands import (
    CounterKey,
    Decision,
    HoldEnded,
    HoldOpened,
    Increment,
    Key,
    Locked,
)
from server.ledger.models import Account, Counter, Hold, Posting
from server.organisations.models import Organisation
from tests.factories.ledger import NOON, ORGANISATION, AskedFor, a_key, account, an_id, transfer

ACCOUNTS = [
    *[account("cash", owner_id=UUID(int=n), floor=0) for n in (1, 2)],
    account("debt", owner_id=UUID(int=3)),
    *[account(kind, "organisation", UUID(int=9)) for kind in ("bank", "payable")],
]
KEYS = [a_key() for _ in range(4)]
LIMIT = 3
COUNTERS = [CounterKey(ORGANISATION, f"person:{n}", "meal", "lunch", LIMIT) for n in range(2)]


@dataclass
class Model:
    """The same books as plain numbers."""

    balances: list[int] = field(default_factory=lambda: [0] * len(ACCOUNTS))
    held: list[int] = field(default_factory=lambda: [0] * len(ACCOUNTS))
    versions: list[int] = field(default_factory=lambda: [0] * len(ACCOUNTS))
    used: list[int] = field(default_factory=lambda: [0] * len(COUNTERS))
    open_holds: dict[UUID, HoldOpened] = field(default_factory=dict)
    postings: int = 0

    def may_move(self, source: int, target: int, amount: int) -> bool:
        if source == target:
            return False
        return self._may_have(source, -amount) and self._may_have(target, amount)

    def _may_have(self, place: int, change: int) -> bool:
        after, key = self.balances[place] + change, ACCOUNTS[place]
        if key.kind == "debt":
            return after <= 0
        return key.floor is None or after - self.held[place] >= key.floor

    def move(self, source: int, target: int, amount: int) -> None:
        for place, change in ((source, -amount), (target, amount)):
            self.balances[place] += change
            self.versions[place] += 1
            self.postings += 1


@dataclass(frozen=True)
class Move:
    """Move money when that is allowed, by what the command is shown."""

    source: int
    target: int
    amount: int
    key: int

    def command(self) -> AskedFor:
        pair = (ACCOUNTS[self.source], ACCOUNTS[self.target])

        def decide(locked: Locked) -> Decision:
            if self.source == self.target or not all(
                _allowed(locked, key, change)
                for key, change in zip(pair, (-self.amount, self.amount), strict=True)
            ):
                return Decision("refused")
            legs = ((pair[0], -self.amount), (pair[1], self.amount))
            return Decision("moved", transfers=(transfer(*legs),))

        return AskedFor(decide, keys=[KEYS[self.key]], accounts=pair)

    def run(self, model: Model) -> str:
        if not model.may_move(self.source, self.target, self.amount):
            return "refused"
        model.move(self.source, self.target, self.amount)
        return "moved"


def _allowed(locked: Locked, key: Any, change: int) -> bool:
    state = locked.accounts[key]
    if key.kind == "debt":
        return state.balance + change <= 0
    return state.floor is None or state.available + change >= state.floor


@dataclass(frozen=True)
class Reserve:
    """Hold some of the first cash account."""

    amount: int
    id: UUID

    def command(self) -> AskedFor:
        hold = HoldOpened(self.id, ACCOUNTS[0], self.amount, "payment", self.id, NOON)

        def decide(locked: Locked) -> Decision:
            if locked.accounts[ACCOUNTS[0]].available < self.amount:
                return Decision("refused")
            return Decision("held", holds=(hold,))

        return AskedFor(decide, accounts=[ACCOUNTS[0]])

    def run(self, model: Model) -> str:
        if model.balances[0] - model.held[0] < self.amount:
            return "refused"
        model.held[0] += self.amount
        model.open_holds[self.id] = HoldOpened(
            self.id, ACCOUNTS[0], self.amount, "payment", self.id, NOON
        )
        return "held"


@dataclass(frozen=True)
class Use:
    """Use a counter, by force or up to its limit."""

    counter: int
    forced: bool

    def command(self) -> AskedFor:
        key = COUNTERS[self.counter]

        def decide(locked: Locked) -> Decision:
            if locked.counters[key] >= LIMIT and not self.forced:
                return Decision("refused")
            return Decision("used", increments=(Increment(key, 1, an_id(), self.forced),))

        return AskedFor(decide, counters=[key])

    def run(self, model: Model) -> str:
        if model.used[self.counter] >= LIMIT and not self.forced:
            return "refused"
        model.used[self.counter] += 1
        return "used"


places = st.integers(0, len(ACCOUNTS) - 1)
moves = st.builds(Move, places, places, st.integers(1, 300), st.integers(0, len(KEYS) - 1))
reserves = st.builds(Reserve, st.integers(1, 200), st.builds(an_id))
uses = st.builds(Use, st.integers(0, len(COUNTERS) - 1), st.booleans())
batches = st.lists(st.lists(st.one_of(moves, moves, reserves, uses), min_size=1, max_size=12),
                   max_size=5)  # fmt: skip


class _Undo(Exception):
    """Leave the database as it was, for the next example."""


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(batches=batches)
def test_any_batches_leave_the_books_as_the_model_has_them(
    database: str, batches: list[list[Any]]
) -> None:
    with contextlib.suppress(_Undo), transaction.atomic():
        model = Model()
        for batch in batches:
            commands = [step.command() for step in batch]
            answers = apply(connection, commands)
            for place in in_order(commands):
                assert answers[place] == batch[place].run(model)
        _compare(model)
        raise _Undo


def in_order(commands: list[AskedFor]) -> list[int]:
    """The places of `commands` in the order they are decided: who shares a key waits a round."""
    order: list[int] = []
    waiting = list(range(len(commands)))
    while waiting:
        taken: set[Key] = set()
        later: list[int] = []
        for place in waiting:
            keys = set(commands[place].keys)
            (later if keys & taken else order).append(place)
            taken |= keys
        waiting = later
    return order


def _compare(model: Model) -> None:
    kept = {row.id: row for row in Account.objects.all()}
    for place, key in enumerate(ACCOUNTS):
        if key.id in kept:
            row = kept[key.id]
            seen = (row.balance, row.held, row.version)
            assert seen == (model.balances[place], model.held[place], model.versions[place])
        else:
            assert model.versions[place] == 0
    assert Posting.objects.count() == model.postings
    assert set(Hold.objects.values_list("id", flat=True)) == set(model.open_holds)
    used = dict(Counter.objects.values_list("id", "used"))
    assert [used.get(key.id, 0) for key in COUNTERS] == model.used


def test_what_the_model_allows_the_audit_finds_sound(database: str) -> None:
    """A fixed run through money, holds and counters, committed, then held to every rule."""
    Organisation.objects.create(id=ORGANISATION, name="样例", created_at=NOON)
    held = Reserve(40, an_id())
    steps: list[Any] = [
        Move(3, 0, 300, 0),
        Move(0, 4, 120, 1),
        held,
        Use(0, False),
        Move(0, 1, 50, 1),
    ]
    end = HoldEnded(held.id, ACCOUNTS[0], 40, "payment", held.id, NOON, False)
    ending = AskedFor(lambda _: Decision("ended", holds=(end,)), accounts=[ACCOUNTS[0]])
    with transaction.atomic():
        apply(connection, [step.command() for step in steps])
        apply(connection, [ending])

    report = run_audit(NOON)

    ledgers = [found for found in report.findings if found.rule <= "r02_z"]
    assert ledgers == []
    assert Account.objects.get(id=ACCOUNTS[0].id).balance == 130

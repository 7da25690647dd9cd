"""The machine under every order of events: what may never happen, and that nothing gets stuck."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import settings
from hypothesis.stateful import (
    run_state_machine_as_test,
)

from domain.authorization import Tender
from sync.messages import CredentialKind
from terminal_app.counter import effects as do
from terminal_app.counter import events as on
from terminal_app.counter.machine import Machine, Parked, Phase, Stage
from terminal_app.counter.payers import Payer
from terminal_app.counter.rules import Rules
from terminal_app.counter.states import TABLE, advance, ways_out
from tests.properties.counter.world import (
    ANSWERS,
    AWAY,
    CREDENTIALS,
    PRESSES,
    TAKING,
    CounterWorld,
)


class Walk:
    """The same world under a seeded walk that prefers what leads on, so that it sells a lot."""

    def __init__(self, seed: int) -> None:
        self.dice = Random(seed)
        self.world = CounterWorld()
        self.rows: set[tuple[Phase, type]] = set()
        self.world.open_counter(
            is_standing=self.dice.random() < 0.5,
            face=self.dice.choice(["off", "confirm", "auto", "auto"]),
            confirm_by=self.dice.choice(["cashier", "diner", "either"]),
            is_attended=self.dice.random() < 0.8,
        )

    def step(self) -> None:
        world, dice = self.world, self.dice
        phase = world.machine.phase
        if phase in AWAY and dice.random() < 0.7:
            world.get_ready()
        elif phase in TAKING and dice.random() < 0.5:
            self.somebody_comes()
        elif phase in HAND and dice.random() < 0.6:
            self.somebody_answers()
        elif dice.random() < 0.4:
            taken = [event for event in PRESSES if type(event) in TABLE[phase]]
            if taken:
                world.take(dice.choice(taken))
        else:
            self.anything()
        self.check()

    def somebody_comes(self) -> None:
        world, dice = self.world, self.dice
        kind = dice.random()
        if kind < 0.4:
            world.offer(
                dice.choice(CREDENTIALS), dice.randrange(3), *(dice.random() < p for p in SOME)
            )
        elif kind < 0.5:
            world.cash(dice.choice([500, 1200, 10_000]))
        elif kind < 0.6:
            world.code_is_shown()
        elif world.machine.phase is Phase.CANDIDATE:
            world.face_is_known(dice.randrange(3), dice.random() < 0.7, dice.random() < 0.8)
            world.face_means_it()
        else:
            world.face_comes(True)

    def somebody_answers(self) -> None:
        world, dice = self.world, self.dice
        if world.machine.phase is Phase.CANCELLING and dice.random() < 0.5:
            world.cancel_becomes_definite(0)
        else:
            world.server_says(dice.choice([0, 0, 0, 1, 2]), dice.choice(ANSWERS))

    def anything(self) -> None:
        world, dice = self.world, self.dice
        deeds: list[Callable[[], None]] = [
            lambda: world.time_passes(dice.choice(TIMES)),
            lambda: world.time_passes(dice.choice(TIMES)),
            lambda: world.key(dice.choice([0, 500, 850, 12_000])),
            lambda: world.undo(dice.randrange(3), dice.choice(list(on.Who))),
            lambda: world.disk_changes(dice.random() < 0.2),
            world.face_goes,
            lambda: world.server_says(dice.randrange(3), dice.choice(ANSWERS)),
            lambda: world.cancel_becomes_definite(dice.randrange(3), dice.random() < 0.2),
        ]
        dice.choice(deeds)()

    def check(self) -> None:
        world = self.world
        world.at_most_one_charge_per_arming()
        world.every_approval_is_heard_once()
        world.approved_is_shown_only_with_a_record_on_disk()
        world.a_refusal_on_the_glass_charged_nothing()
        world.what_ended_has_exactly_one_ending()


HAND = {Phase.AUTHORISING, Phase.AWAITING, Phase.CANCELLING}
SOME = (0.9, 0.2, 0.2)
TIMES = [0.05, 0.3, 1.0, 2.0, 5.0, 16.0, 50.0]


def test_no_charge_without_an_arming_and_every_end_is_told() -> None:
    watched = {one.function.__name__ for one in CounterWorld.setup_state().invariants}
    assert watched == {
        "at_most_one_charge_per_arming",
        "every_approval_is_heard_once",
        "approved_is_shown_only_with_a_record_on_disk",
        "a_refusal_on_the_glass_charged_nothing",
        "what_ended_has_exactly_one_ending",
    }
    run_state_machine_as_test(
        CounterWorld, settings=settings(max_examples=100, stateful_step_count=60)
    )


def test_a_long_seeded_walk_sells_undoes_and_parks_and_breaks_no_rule() -> None:
    phases: set[Phase] = set()
    charges = refunds = parked = 0
    for seed in range(60):
        walk = Walk(seed)
        for _ in range(250):
            walk.step()
            phases.add(walk.world.machine.phase)
            parked += len(walk.world.machine.parked)
        charges += len(walk.world.charges)
        refunds += len(walk.world.refunded)
    assert phases | {Phase.STARTING, Phase.RECOVER} == set(Phase)
    assert charges > 120
    assert refunds > 40
    assert parked > 0


def test_every_state_has_a_way_out() -> None:
    assert set(TABLE) == set(Phase)
    for phase in Phase:
        assert ways_out(phase), phase


def test_every_state_leads_back_to_idle_or_armed() -> None:
    home = {Phase.IDLE, Phase.ARMED}
    for start in Phase:
        reached, front = {start}, [start]
        while front:
            front = [two for one in front for two in ways_out(one) if two not in reached]
            reached |= set(front)
        assert reached & home, start


@pytest.mark.parametrize(
    "phase",
    [Phase.CONFIRM, Phase.SECOND_FACTOR, Phase.AWAITING, Phase.CANCELLING, Phase.DECLINED],
)
def test_a_state_that_waits_for_a_person_ends_by_itself(phase: Phase) -> None:
    payer = Payer(1, CredentialKind.CARD, Tender.CHANNEL, "code:1", 2, 1200)
    machine = Machine(
        rules=Rules(), phase=phase, payer=payer, arming=1, sale=1, period="lunch", due=1200
    )
    after, _ = advance(machine, on.Tick(), 60.0)
    assert after.phase is not phase


def test_a_shown_code_ends_by_itself_before_the_servers_order_does() -> None:
    payer = Payer(1, CredentialKind.PAYEE_CODE, Tender.CHANNEL, "payee", 0, 1200)
    machine = Machine(phase=Phase.AWAITING, payer=payer, arming=1, sale=1, due=1200)
    still, _ = advance(machine, on.Tick(), 169.0)
    assert still.phase is Phase.AWAITING
    ended, effects = advance(machine, on.Tick(), 171.0)
    assert ended.phase is Phase.CANCELLING
    assert do.JournalCancellation(1, "timed_out", is_shown=True) in effects


def test_a_parked_sale_is_not_held_for_ever() -> None:
    machine = Machine(phase=Phase.IDLE, parked=(Parked(1, 0.0),), sale=1, stage=Stage.DECIDED)
    machine, effects = advance(machine, on.Tick(), 46.0)
    assert do.JournalCancellation(1, "timed_out") in effects
    machine, _ = advance(machine, on.Tick(), 92.0)
    assert machine.parked == ()

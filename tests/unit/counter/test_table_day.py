"""The table row by row: the day and the amount (P11)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from terminal_app.counter import effects as do
from terminal_app.counter import events as on
from terminal_app.counter.machine import Machine, Phase
from terminal_app.counter.states import advance
from tests.unit.counter.machines import (
    BOB,
    CARD,
    CASH,
    KEYED,
    NOW,
    after,
    frozen,
    kinds,
    machine,
    paid,
)


@pytest.mark.parametrize(
    ("state", "event", "expected"),
    [
        (machine(Phase.STARTING), on.CoreReady(), Phase.RECOVER),
        (machine(Phase.RECOVER, operator_id=None), on.Recovered(), Phase.LOCKED),
        (machine(Phase.RECOVER), on.Recovered(), Phase.ARMED),
        (machine(Phase.LOCKED, is_serving=False), on.DayConfirmed(), Phase.IDLE),
        (machine(Phase.LOCKED, period=""), on.DayConfirmed(), Phase.NO_PERIOD),
        (machine(Phase.LOCKED, operator_id=None), on.DayConfirmed(), Phase.LOCKED),
        (
            machine(Phase.NO_PERIOD, period="", is_serving=False),
            on.PeriodChanged("lunch"),
            Phase.IDLE,
        ),
        (machine(Phase.NO_PERIOD, period=""), on.PeriodChanged("lunch"), Phase.ARMED),
        (machine(Phase.IDLE), on.ServingStarted(), Phase.ARMED),
        (machine(Phase.IDLE, KEYED), on.Entered(), Phase.ARMED),
        (machine(Phase.IDLE, KEYED, typed=0), on.Entered(), Phase.IDLE),
        (machine(Phase.IDLE), on.PeriodChanged(""), Phase.NO_PERIOD),
        (machine(Phase.IDLE, KEYED), on.PeriodChanged(""), Phase.IDLE),
        (machine(Phase.IDLE), on.LockPressed(), Phase.LOCKED),
        (machine(Phase.ARMED), on.LockPressed(), Phase.LOCKED),
        (frozen(), on.LockPressed(), Phase.AUTHORISING),
        (machine(Phase.IDLE), on.Obstructed("storage.full"), Phase.BLOCKED),
        (frozen(), on.Obstructed("storage.full"), Phase.AUTHORISING),
        (machine(Phase.BLOCKED, code="a.b", operator_id=None), on.Mended("a.b"), Phase.LOCKED),
        (machine(Phase.BLOCKED, code="a.b"), on.Mended("a.b"), Phase.ARMED),
        (machine(Phase.BLOCKED, code="a.b"), on.Mended("c.d"), Phase.BLOCKED),
        (machine(Phase.BLOCKED, code="a.b"), on.LockPressed(), Phase.BLOCKED),
        (machine(Phase.BLOCKED, code="a.b", has_open_intent=True), on.Mended("a.b"), Phase.RECOVER),
        (machine(Phase.BLOCKED, code="limits.offline_terminal"), on.CapExtended(), Phase.ARMED),
        (machine(Phase.BLOCKED, code="storage.full"), on.CapExtended(), Phase.BLOCKED),
    ],
)
def test_the_day(state: Machine, event: on.Event, expected: Phase) -> None:
    assert after(state, event)[0] is expected


def test_a_cause_to_block_waits_for_the_sale_in_hand() -> None:
    state, _ = advance(paid(CASH), on.Obstructed("terminals.revoked"), NOW)
    assert state.phase is Phase.APPROVED
    state, _ = advance(state, on.Tick(), NOW + 1)
    assert (state.phase, state.code) == (Phase.BLOCKED, "terminals.revoked")


def test_a_sum_that_looks_like_a_slip_is_asked_for_twice_and_too_large_a_one_never_taken() -> None:
    state = machine(Phase.IDLE, KEYED, typed=12_000)
    state, effects = advance(state, on.Entered(), NOW)
    assert (state.phase, effects) == (Phase.IDLE, (do.Show("counters.amount_above"),))
    assert after(state, on.Entered())[0] is Phase.ARMED
    huge = machine(Phase.IDLE, KEYED, typed=2_000_000)
    assert after(huge, on.Entered()) == (Phase.IDLE, (do.Show("limits.per_payment"),))


@pytest.mark.parametrize(
    "phase", [Phase.ARMED, Phase.CANDIDATE, Phase.CONFIRM, Phase.SECOND_FACTOR]
)
def test_p11_an_edited_amount_begins_anew(phase: Phase) -> None:
    state, effects = advance(machine(phase, KEYED, payer=CARD, due=1200), on.AmountKeyed(900), NOW)
    assert (state.phase, state.amount, state.payer, state.arming) == (Phase.ARMED, 900, None, 2)
    assert do.NewOrder(2) in effects


@pytest.mark.parametrize("event", [on.PriceChanged(), on.PeriodChanged("supper")])
@pytest.mark.parametrize("phase", [Phase.ARMED, Phase.CANDIDATE, Phase.CONFIRM])
def test_p11_another_price_or_meal_begins_anew(phase: Phase, event: on.Event) -> None:
    state, _ = advance(machine(phase, payer=CARD, due=1200), event, NOW)
    assert (state.phase, state.shown_at, state.payer) == (Phase.ARMED, NOW, None)


def test_p11_a_frozen_sale_keeps_its_price() -> None:
    state, effects = advance(frozen(), on.PeriodChanged(""), NOW)
    assert (state.phase, state.due, effects) == (Phase.AUTHORISING, 1200, ())


def test_p11_who_comes_too_soon_is_held_until_the_amount_could_be_read() -> None:
    state = machine(Phase.ARMED, shown_at=NOW)
    state, effects = advance(state, on.Offered(CARD), NOW + 0.1)
    assert (state.phase, state.held, effects) == (Phase.ARMED, CARD, ())
    state, effects = advance(state, on.Tick(), NOW + 0.2)
    assert state.phase is Phase.ARMED
    state, effects = advance(state, on.Tick(), NOW + 0.31)
    assert state.phase is Phase.AUTHORISING
    assert kinds(effects) == [do.Spend, do.Freeze]


def test_the_first_credential_wins_while_it_is_held() -> None:
    state = machine(Phase.ARMED, shown_at=NOW)
    state, _ = advance(state, on.Offered(CARD), NOW + 0.1)
    state, _ = advance(state, on.Offered(replace(CARD, offer=2, person_id=BOB)), NOW + 0.2)
    assert state.held == CARD


@pytest.mark.parametrize(
    ("event", "now", "expected"),
    [
        (on.Tick(), 121.0, Phase.IDLE),
        (on.Paused(), NOW, Phase.IDLE),
        (on.Cleared(), NOW, Phase.IDLE),
        (on.AmountKeyed(0), NOW, Phase.IDLE),
    ],
)
def test_a_keyed_amount_goes_back_to_idle(event: on.Event, now: float, expected: Phase) -> None:
    assert after(machine(Phase.ARMED, KEYED), event, now)[0] is expected

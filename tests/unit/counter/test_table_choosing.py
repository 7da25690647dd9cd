"""The table row by row: who pays (P7, P8, P11, P12)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from terminal_app.counter import effects as do
from terminal_app.counter import events as on
from terminal_app.counter.machine import Phase
from terminal_app.counter.payers import Doubt, Factor, Payer
from terminal_app.counter.rules import Rules
from terminal_app.counter.states import advance
from tests.unit.counter.machines import (
    AUTO,
    BOB,
    CARD,
    CASH,
    CODE,
    FACE,
    NOW,
    STANDING,
    after,
    kinds,
    machine,
)


@pytest.mark.parametrize(
    ("payer", "expected"),
    [
        (CARD, Phase.AUTHORISING),
        (CODE, Phase.AUTHORISING),
        (replace(CARD, paid_at=NOW - 60), Phase.CONFIRM),
        (replace(CARD, paid_at=NOW - 5), Phase.ARMED),
        (replace(CARD, is_posted=False), Phase.CONFIRM),
        (replace(CARD, doubt=Doubt.ABOVE_CAP), Phase.SECOND_FACTOR),
        (replace(CARD, doubt=Doubt.ABOVE_CAP, factor=Factor.NONE), Phase.ARMED),
        (replace(CARD, due_amount=0), Phase.ARMED),
    ],
)
def test_a_card_or_code(payer: Payer, expected: Phase) -> None:
    assert after(machine(Phase.ARMED), on.Offered(payer))[0] is expected


def test_cash_is_taken_when_enough_was_given() -> None:
    short = replace(CASH, given_amount=1000)
    assert after(machine(Phase.ARMED), on.CashGiven(short))[0] is Phase.ARMED
    assert after(machine(Phase.ARMED), on.CashGiven(CASH))[0] is Phase.AUTHORISING


@pytest.mark.parametrize(
    ("rules", "is_resting", "expected"),
    [
        (STANDING, False, Phase.CANDIDATE),
        (STANDING, True, Phase.ARMED),
        (replace(STANDING, face="off"), False, Phase.ARMED),
        (replace(STANDING, tenders=frozenset({"card"})), False, Phase.ARMED),
    ],
)
def test_a_face_in_the_zone(rules: Rules, is_resting: bool, expected: Phase) -> None:
    state = machine(Phase.ARMED, rules, is_resting=is_resting)
    assert after(state, on.FaceSeen(7))[0] is expected


@pytest.mark.parametrize(
    ("rules", "payer", "is_meant", "expected"),
    [
        (AUTO, FACE, True, Phase.AUTHORISING),
        (AUTO, FACE, False, Phase.CANDIDATE),
        (AUTO, replace(FACE, is_opted_in=False), True, Phase.CONFIRM),
        (AUTO, replace(FACE, paid_at=NOW - 60), True, Phase.CONFIRM),
        (AUTO, replace(FACE, paid_at=NOW - 5), True, Phase.ARMED),
        (AUTO, replace(FACE, is_posted=False), True, Phase.CONFIRM),
        (AUTO, replace(FACE, doubt=Doubt.LOW_MARGIN), True, Phase.SECOND_FACTOR),
        (AUTO, replace(FACE, doubt=Doubt.CONFUSABLE), True, Phase.SECOND_FACTOR),
        (AUTO, replace(FACE, doubt=Doubt.UNATTENDED), True, Phase.SECOND_FACTOR),
        (STANDING, FACE, True, Phase.CONFIRM),
        (AUTO, replace(FACE, track_id=8), True, Phase.CANDIDATE),
    ],
)
def test_a_face_that_is_known(rules: Rules, payer: Payer, is_meant: bool, expected: Phase) -> None:
    state = machine(Phase.CANDIDATE, rules, track_id=7, is_meant=is_meant, since=NOW)
    assert after(state, on.FaceKnown(payer))[0] is expected


def test_a_known_face_that_then_stands_still_is_charged() -> None:
    state = machine(Phase.CANDIDATE, AUTO, track_id=7, payer=FACE, since=NOW)
    assert after(state, on.FaceMeant(7))[0] is Phase.AUTHORISING
    assert after(state, on.FaceMeant(8))[0] is Phase.CANDIDATE


@pytest.mark.parametrize(
    ("event", "now", "expected"),
    [
        (on.FaceGone(7), NOW, Phase.ARMED),
        (on.FaceGone(8), NOW, Phase.CANDIDATE),
        (on.SecondFace(), NOW, Phase.ARMED),
        (on.Tick(), NOW + 1.4, Phase.CANDIDATE),
        (on.Tick(), NOW + 1.6, Phase.ARMED),
        (on.Offered(CARD), NOW, Phase.AUTHORISING),
    ],
)
def test_a_candidate(event: on.Event, now: float, expected: Phase) -> None:
    state = machine(Phase.CANDIDATE, AUTO, track_id=7, since=NOW)
    assert after(state, event, now)[0] is expected


def test_an_unknown_face_rests_until_the_zone_empties() -> None:
    state = machine(Phase.CANDIDATE, AUTO, track_id=7, since=NOW)
    state, _ = advance(state, on.Tick(), NOW + 2)
    assert after(state, on.FaceSeen(7))[0] is Phase.ARMED
    state, _ = advance(state, on.ZoneEmptied(on.What.FACE), NOW + 3)
    assert after(state, on.FaceSeen(8))[0] is Phase.CANDIDATE


def test_p8_a_card_latches_the_face_it_puts_aside() -> None:
    for phase in (Phase.CANDIDATE, Phase.CONFIRM, Phase.SECOND_FACTOR):
        state = machine(phase, track_id=7, payer=FACE, due=1200)
        other = replace(CARD, person_id=BOB)
        found, effects = after(state, on.Offered(other))
        assert found is Phase.AUTHORISING
        assert effects[0] == do.Latch(7)


def test_p8_a_card_that_waits_to_be_confirmed_keeps_its_place() -> None:
    state = machine(Phase.CONFIRM, payer=replace(CARD, paid_at=1.0), due=1200)
    assert after(state, on.Offered(replace(CARD, person_id=BOB))) == (Phase.CONFIRM, ())


@pytest.mark.parametrize(
    ("confirm_by", "payer", "who", "is_taken"),
    [
        ("cashier", FACE, on.Who.CASHIER, True),
        ("cashier", FACE, on.Who.DINER, False),
        ("diner", FACE, on.Who.DINER, True),
        ("diner", FACE, on.Who.CASHIER, False),
        ("either", FACE, on.Who.DINER, True),
        ("either", replace(FACE, paid_at=1.0), on.Who.DINER, False),
        ("diner", replace(FACE, paid_at=1.0), on.Who.CASHIER, True),
        ("cashier", replace(CARD, is_posted=False), on.Who.DINER, True),
    ],
)
def test_who_may_confirm(confirm_by: Any, payer: Payer, who: on.Who, is_taken: bool) -> None:
    rules = replace(STANDING, confirm_by=confirm_by)
    state = machine(Phase.CONFIRM, rules, payer=payer, due=1200)
    expected = Phase.AUTHORISING if is_taken else Phase.CONFIRM
    assert after(state, on.Confirmed(who))[0] is expected


def test_p11_a_press_sooner_than_the_amount_could_be_read_confirms_nothing() -> None:
    state = machine(Phase.CONFIRM, payer=CARD, due=1200, shown_at=NOW)
    assert after(state, on.Confirmed(on.Who.CASHIER), NOW + 0.2)[0] is Phase.CONFIRM


@pytest.mark.parametrize(
    ("event", "now"),
    [(on.NotMe(), NOW), (on.Cleared(), NOW), (on.Tick(), 98.1)],
)
def test_leaving_a_confirmation_charges_nobody_and_latches_the_track(
    event: on.Event, now: float
) -> None:
    state = machine(Phase.CONFIRM, payer=FACE, track_id=7, due=1200)
    found, effects = after(state, event, now)
    assert found is Phase.ARMED
    assert effects[0] == do.Latch(7)
    assert do.Freeze not in kinds(effects)


def test_a_confirmation_ends_two_seconds_after_the_face_left_unless_it_comes_back() -> None:
    state = machine(Phase.CONFIRM, payer=FACE, track_id=7, due=1200, since=NOW)
    gone, _ = advance(state, on.FaceGone(7), NOW)
    assert after(gone, on.Tick(), NOW + 2.1)[0] is Phase.ARMED
    back, _ = advance(gone, on.FaceSeen(7), NOW + 1)
    assert after(back, on.Tick(), NOW + 2.1)[0] is Phase.CONFIRM


@pytest.mark.parametrize(
    ("event", "wrong", "now", "expected"),
    [
        (on.FactorGiven(True, "pin"), 0, NOW, Phase.AUTHORISING),
        (on.FactorGiven(False), 0, NOW, Phase.SECOND_FACTOR),
        (on.FactorGiven(False), 1, NOW, Phase.ARMED),
        (on.Tick(), 0, 105.1, Phase.ARMED),
        (on.Offered(CARD), 0, NOW, Phase.AUTHORISING),
        (on.NotMe(), 0, NOW, Phase.ARMED),
    ],
)
def test_a_second_factor(event: on.Event, wrong: int, now: float, expected: Phase) -> None:
    state = machine(
        Phase.SECOND_FACTOR,
        payer=replace(FACE, doubt=Doubt.LOW_MARGIN),
        due=1200,
        track_id=7,
        wrong=wrong,
    )
    assert after(state, event, now)[0] is expected


def test_without_the_right_factor_the_face_rests() -> None:
    state = machine(Phase.SECOND_FACTOR, payer=FACE, due=1200, track_id=7, wrong=1)
    state, _ = advance(state, on.FactorGiven(False), NOW)
    assert state.is_resting

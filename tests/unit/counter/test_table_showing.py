"""The table row by row: a code that the payer scans off the glass."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from terminal_app.counter import effects as do
from terminal_app.counter import events as on
from terminal_app.counter.machine import Machine, Parked, Phase, Stage, Then
from terminal_app.counter.states import advance
from tests.unit.counter.machines import CODE, KEYED, NOW, PAYEE, after, frozen, kinds, machine

ASKED = on.CodeAsked(PAYEE)


def shown(**changes: Any) -> Machine:
    """A code on the glass, the server just heard."""
    return frozen(PAYEE, Phase.AWAITING, rules=KEYED, heard_at=NOW, **changes)


@pytest.mark.parametrize("phase", [Phase.ARMED, Phase.CANDIDATE, Phase.DECLINED])
def test_the_sale_is_frozen_before_there_is_a_code(phase: Phase) -> None:
    moved, effects = advance(machine(phase, KEYED), ASKED, NOW)
    assert moved.phase is Phase.AUTHORISING
    assert do.Freeze(1, 1, PAYEE, 1200) in effects


@pytest.mark.parametrize("phase", [Phase.IDLE, Phase.LOCKED, Phase.AWAITING, Phase.APPROVED])
def test_without_an_armed_amount_there_is_nothing_to_show(phase: Phase) -> None:
    assert after(machine(phase, KEYED), ASKED) == (phase, ())


def test_an_amount_that_was_not_read_yet_is_shown_first() -> None:
    held, effects = advance(machine(Phase.ARMED, KEYED, shown_at=NOW - 0.1), ASKED, NOW)
    assert held.phase is Phase.ARMED
    assert effects == ()
    charged, _ = advance(held, on.Tick(), NOW + 0.3)
    assert charged.phase is Phase.AUTHORISING


def test_nothing_due_shows_no_code() -> None:
    nothing = on.CodeAsked(replace(PAYEE, due_amount=0))
    assert after(machine(Phase.ARMED, KEYED), nothing)[0] is Phase.ARMED


def test_it_is_asked_about_twice_a_second() -> None:
    assert after(shown(), on.Tick(), NOW + 0.4)[1] == ()
    assert after(shown(), on.Tick(), NOW + 0.5)[1] == (do.Poll(1),)


def test_silence_changes_nothing_but_when_the_server_was_last_heard() -> None:
    silent, effects = advance(shown(), on.Unanswered(1), NOW + 9)
    assert (silent.phase, silent.heard_at, effects) == (Phase.AWAITING, NOW, ())
    heard, _ = advance(silent, on.Awaiting(1), NOW + 10)
    assert heard.heard_at == NOW + 10


def test_a_new_code_comes_only_when_the_old_one_is_closed() -> None:
    closing, effects = advance(shown(), on.NewCodePressed(), NOW + 60)
    assert closing.phase is Phase.CANCELLING
    assert effects == (do.JournalCancellation(1, "new_code", is_shown=True),)
    waiting, effects = advance(closing, on.CancelledOnDisk(1, is_definite=False), NOW + 60)
    assert waiting.phase is Phase.CANCELLING
    again, effects = advance(waiting, on.CancelDefinite(1), NOW + 61)
    assert again.phase is Phase.AUTHORISING
    assert again.then is Then.OVER
    assert kinds(effects) == [do.Forget, do.Spend, do.Freeze]
    assert do.Freeze(2, 1, PAYEE, 1200) in effects


def test_a_code_paid_while_it_was_being_renewed_is_told_as_returned_and_not_shown_again() -> None:
    closing, _ = advance(shown(), on.NewCodePressed(), NOW + 60)
    told, effects = advance(closing, on.CancelDefinite(1, was_taken=True), NOW + 61)
    assert told.phase is Phase.REVERSED
    assert told.was_taken
    assert do.Play(do.Tone.REVERSED) in effects


def test_an_old_code_is_closed_and_the_same_diner_may_pay_otherwise() -> None:
    closing, _ = advance(shown(), on.Tick(), NOW + 170)
    assert closing.phase is Phase.CANCELLING
    armed, effects = advance(closing, on.CancelDefinite(1), NOW + 171)
    assert (armed.phase, armed.amount, armed.arming) == (Phase.ARMED, 1200, 1)
    assert armed.shown_at == NOW + 171
    assert do.Show("codes.shown_expired") in effects


def test_stop_gives_it_up_for_good() -> None:
    closing, effects = advance(shown(), on.StopPressed(), NOW + 5)
    assert effects == (do.JournalCancellation(1, "cleared", is_shown=True),)
    assert after(closing, on.CancelDefinite(1), NOW + 6)[0] is Phase.REVERSED


def test_next_parks_it_for_as_long_as_it_can_be_paid() -> None:
    parked, effects = advance(shown(), on.NextPressed(), NOW + 5)
    assert parked.parked == (Parked(1, NOW, max_s=170.0),)
    assert do.Park(1) in effects
    assert len(advance(parked, on.Tick(), NOW + 100)[0].parked) == 1
    late, effects = advance(parked, on.Tick(), NOW + 170)
    assert late.parked[0].is_cancelling
    assert do.JournalCancellation(1, "timed_out") in effects


def test_money_that_comes_to_a_parked_one_too_late_is_heard() -> None:
    late = machine(Phase.ARMED, KEYED, sale=1, parked=(Parked(1, NOW, is_cancelling=True),))
    told, effects = advance(late, on.CancelDefinite(1, was_taken=True), NOW + 5)
    assert told.parked == ()
    assert kinds(effects) == [do.Play, do.Log, do.Forget]


def test_a_yes_on_its_way_to_the_disk_is_not_renewed() -> None:
    assert after(shown(stage=Stage.DECIDED), on.NewCodePressed()) == (Phase.AWAITING, ())


def test_a_payers_own_code_has_nothing_to_renew() -> None:
    assert after(frozen(CODE, Phase.AWAITING), on.NewCodePressed()) == (Phase.AWAITING, ())

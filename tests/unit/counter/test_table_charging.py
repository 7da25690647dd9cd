"""The table row by row: the frozen sale, its end, and taking it back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.errors import Defect
from terminal_app.counter import effects as do
from terminal_app.counter import events as on
from terminal_app.counter.machine import Machine, Parked, Phase, Stage, charge
from terminal_app.counter.payers import Payer
from terminal_app.counter.states import TABLE, advance
from tests.unit.counter.machines import (
    CARD,
    CASH,
    CODE,
    FACE,
    KEYED,
    NOW,
    after,
    frozen,
    kinds,
    machine,
    paid,
)


@pytest.mark.parametrize(
    ("payer", "event", "expected", "asked"),
    [
        (CARD, on.Approved(1, True), Phase.AUTHORISING, [do.JournalAcceptance]),
        (CARD, on.Unanswered(1), Phase.AUTHORISING, [do.DecideOffline]),
        (CODE, on.Unanswered(1), Phase.AWAITING, []),
        (CODE, on.Awaiting(1), Phase.AWAITING, []),
        (CARD, on.Cleared(), Phase.CANCELLING, [do.JournalCancellation]),
        (CARD, on.Repriced(1, 900), Phase.CONFIRM, [do.JournalCancellation, do.Play]),
        (
            CARD,
            on.FactorNeeded(1, "limits.second_factor"),
            Phase.SECOND_FACTOR,
            [do.JournalCancellation, do.Play, do.Show],
        ),
        (
            CARD,
            on.Declined(1, "wallets.insufficient", True),
            Phase.DECLINED,
            [do.JournalDecline, do.Play, do.Forget],
        ),
        (
            CARD,
            on.Declined(1, "limits.snapshot_too_old"),
            Phase.DECLINED,
            [do.JournalCancellation, do.Play, do.Forget],
        ),
        (CARD, on.NotStored(1, "storage.full"), Phase.BLOCKED, [do.Play, do.Disarm]),
        (CARD, on.Approved(2, True), Phase.AUTHORISING, []),
        (CARD, on.Declined(0, "x.y"), Phase.AUTHORISING, []),
    ],
)
def test_authorising(payer: Payer, event: on.Event, expected: Phase, asked: list[type]) -> None:
    found, effects = after(frozen(payer), event)
    assert (found, kinds(effects)) == (expected, asked)


def test_the_budget_ends_in_an_offline_decision_once() -> None:
    state, effects = advance(frozen(), on.Tick(), NOW + 0.81)
    assert effects == (do.DecideOffline(1),)
    assert advance(state, on.Tick(), NOW + 0.9)[1] == ()
    assert after(frozen(CODE), on.Tick(), NOW + 0.81)[0] is Phase.AWAITING


def test_nothing_is_shown_before_the_acceptance_is_on_disk() -> None:
    state, effects = advance(frozen(), on.Approved(1, False), NOW)
    assert effects == (do.JournalAcceptance(1, False),)
    found, effects = after(state, on.OnDisk(1))
    assert found is Phase.APPROVED
    assert do.Play(do.Tone.APPROVED) in effects


def test_once_a_yes_is_on_its_way_to_disk_nothing_takes_it_back() -> None:
    state = frozen(stage=Stage.DECIDED)
    for event in (on.Declined(1, "x.y"), on.Cleared(), on.Approved(1, True)):
        assert advance(state, event, NOW) == (state, ())


@pytest.mark.parametrize(
    ("event", "now", "expected", "asked"),
    [
        (on.Tick(), NOW + 1.1, Phase.AWAITING, [do.Poll]),
        (on.Tick(), NOW + 45.1, Phase.CANCELLING, [do.JournalCancellation]),
        (on.StopPressed(), NOW, Phase.CANCELLING, [do.JournalCancellation]),
        (on.NextPressed(), NOW, Phase.ARMED, [do.Park, do.EmptyCart, do.NewOrder]),
        (on.Approved(1, True), NOW, Phase.AWAITING, [do.JournalAcceptance]),
        (on.OnDisk(1), NOW, Phase.APPROVED, [do.Play, do.EmptyCart, do.PrintReceipt]),
        (
            on.Declined(1, "payments.declined", True),
            NOW,
            Phase.DECLINED,
            [do.JournalDecline, do.Play, do.Forget],
        ),
    ],
)
def test_awaiting(event: on.Event, now: float, expected: Phase, asked: list[type]) -> None:
    found, effects = after(frozen(CODE, Phase.AWAITING), event, now)
    assert (found, kinds(effects)) == (expected, asked)


def test_a_third_phone_is_not_parked() -> None:
    state = frozen(CODE, Phase.AWAITING, parked=(Parked(8, NOW), Parked(9, NOW)))
    assert after(state, on.NextPressed())[0] is Phase.AWAITING


def test_a_parked_success_is_heard_and_leaves_the_line_alone() -> None:
    state = machine(Phase.ARMED, parked=(Parked(5, NOW),), sale=6)
    state, effects = advance(state, on.Approved(5, True), NOW)
    assert effects == (do.JournalAcceptance(5, True),)
    state, effects = advance(state, on.OnDisk(5), NOW)
    assert (state.phase, state.parked) == (Phase.ARMED, ())
    assert do.Play(do.Tone.APPROVED) in effects


@pytest.mark.parametrize(
    ("state", "event", "now", "expected"),
    [
        (paid(), on.Tick(), NOW + 0.7, Phase.APPROVED),
        (paid(), on.Tick(), NOW + 0.9, Phase.CLEARING),
        (paid(CASH), on.Tick(), NOW + 0.9, Phase.ARMED),
        (paid(phase=Phase.CLEARING), on.ZoneEmptied(on.What.CARD), NOW, Phase.ARMED),
        (paid(phase=Phase.CLEARING), on.ZoneEmptied(on.What.CODE), NOW, Phase.CLEARING),
        (paid(FACE, phase=Phase.CLEARING), on.AnotherPerson(9), NOW, Phase.ARMED),
        (paid(phase=Phase.CLEARING), on.Cleared(), NOW, Phase.ARMED),
        (paid(phase=Phase.CLEARING), on.PlusOne(), NOW, Phase.CONFIRM),
        (paid(), on.PlusOne(), NOW, Phase.CONFIRM),
        (paid(CODE), on.PlusOne(), NOW, Phase.APPROVED),
        (paid(), on.UndoAsked(1, on.Who.CASHIER), NOW, Phase.CANCELLING),
        (paid(), on.UndoAsked(1, on.Who.DINER), NOW + 4, Phase.CANCELLING),
        (paid(), on.UndoAsked(1, on.Who.DINER), NOW + 6, Phase.APPROVED),
        (paid(phase=Phase.CLEARING), on.UndoAsked(1, on.Who.CASHIER), NOW, Phase.CANCELLING),
        (frozen(phase=Phase.CANCELLING), on.CancelledOnDisk(1, True), NOW, Phase.REVERSED),
        (frozen(phase=Phase.CANCELLING), on.CancelledOnDisk(1, False), NOW, Phase.CANCELLING),
        (frozen(phase=Phase.CANCELLING), on.CancelDefinite(1), NOW, Phase.REVERSED),
        (frozen(phase=Phase.CANCELLING), on.ProvedPaid(1), NOW, Phase.CANCELLING),
        (paid(phase=Phase.CANCELLING, is_undo=True), on.ProvedPaid(1), NOW, Phase.APPROVED),
        (frozen(phase=Phase.CANCELLING), on.Tick(), NOW + 15.1, Phase.ARMED),
        (frozen(phase=Phase.REVERSED), on.Tick(), NOW + 1.4, Phase.REVERSED),
        (frozen(phase=Phase.REVERSED), on.Tick(), NOW + 1.6, Phase.CLEARING),
        (frozen(phase=Phase.DECLINED), on.Offered(replace(CARD, offer=2)), NOW, Phase.AUTHORISING),
        (frozen(phase=Phase.DECLINED), on.Tick(), NOW + 15.1, Phase.CLEARING),
        (frozen(phase=Phase.DECLINED), on.Cleared(), NOW, Phase.CLEARING),
        (frozen(phase=Phase.DECLINED), on.OnAccount(), NOW, Phase.AUTHORISING),
        (frozen(CODE, Phase.DECLINED), on.OnAccount(), NOW, Phase.DECLINED),
        (frozen(phase=Phase.DECLINED), on.CashGiven(CASH), NOW, Phase.AUTHORISING),
    ],
)
def test_after_the_answer(state: Machine, event: on.Event, now: float, expected: Phase) -> None:
    assert after(state, event, now)[0] is expected


def test_still_there_after_four_seconds_is_said_once() -> None:
    state = paid(phase=Phase.CLEARING)
    state, effects = advance(state, on.Tick(), NOW + 4.1)
    assert effects == (do.Show("counters.take_meal"),)
    assert advance(state, on.Tick(), NOW + 5)[1] == ()


def test_plus_one_is_a_new_order_at_the_second_price_for_the_cashier_to_confirm() -> None:
    state = paid(replace(CARD, second_amount=1800), Phase.CLEARING)
    state, effects = advance(state, on.PlusOne(), NOW)
    assert (state.due, state.arming) == (1800, 2)
    assert effects[0] == do.NewOrder(2)
    assert after(state, on.Confirmed(on.Who.DINER), NOW + 1)[0] is Phase.CONFIRM
    assert after(state, on.Entered(), NOW + 1)[0] is Phase.AUTHORISING


def test_the_next_amount_is_armed_when_the_last_diner_has_gone() -> None:
    state = replace(paid(phase=Phase.CLEARING), rules=KEYED, is_serving=False)
    state, _ = advance(state, on.AmountKeyed(900), NOW)
    state, _ = advance(state, on.Entered(), NOW)
    state, _ = advance(state, on.ZoneEmptied(on.What.CARD), NOW)
    assert (state.phase, state.amount) == (Phase.ARMED, 900)


def test_an_arming_that_was_charged_can_never_be_charged_again() -> None:
    with pytest.raises(Defect):
        charge(machine(Phase.ARMED, charged=1), CARD, NOW)


def test_an_event_without_a_row_changes_nothing() -> None:
    every = {event for rows in TABLE.values() for event in rows}
    state = machine(Phase.REVERSED)
    for event in (on.Offered(CARD), on.Entered(), on.FaceSeen(1), on.DayConfirmed()):
        assert type(event) in every
        assert advance(state, event, NOW)[0].phase is Phase.REVERSED


def test_a_card_that_left_before_clearing_leaves_nothing_to_wait_for() -> None:
    state, _ = advance(paid(), on.ZoneEmptied(on.What.CARD), NOW + 0.5)
    assert state.phase is Phase.APPROVED
    assert after(state, on.Tick(), NOW + 1)[0] is Phase.ARMED


def test_something_else_that_left_before_clearing_leaves_the_card_to_wait_for() -> None:
    state, _ = advance(paid(), on.ZoneEmptied(on.What.FACE), NOW + 0.5)
    assert after(state, on.Tick(), NOW + 1)[0] is Phase.CLEARING

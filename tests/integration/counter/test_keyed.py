"""The keypad between sales: what was rung up for one diner never joins the next one's sum."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sync.messages import Outcome
from terminal_app.counter import events as on
from terminal_app.counter import presses
from terminal_app.counter.machine import Phase
from tests.integration.counter.bench import Bench, answer, profile


@pytest.fixture
def bench(make: Callable[..., Bench]) -> Bench:
    made = make(profile(amount={"source": "keyed"}))
    made.open_shift()
    made.key_amount("700")
    made.wait(0.5)
    return made


def declined(bench: Bench) -> None:
    bench.server.says = lambda request: answer(request, Outcome.DECLINED)
    bench.card()
    assert bench.phase is Phase.DECLINED
    bench.lift_card()
    bench.wait(1.2)


def digits(bench: Bench, typed: str) -> None:
    for digit in typed:
        bench.post(presses.DigitTyped(digit))


def test_after_a_declined_sale_the_amount_is_seen_and_the_next_digit_begins_anew(
    bench: Bench,
) -> None:
    declined(bench)
    bench.post(on.Cleared())
    assert bench.phase is Phase.IDLE
    assert bench.view.typed_amount == 700
    digits(bench, "900")
    assert bench.view.typed_amount == 900
    bench.post(on.Entered())
    assert bench.view.shown_amount == 900


def test_after_a_declined_sale_enter_alone_asks_for_the_same_amount_again(bench: Bench) -> None:
    declined(bench)
    bench.wait(15)
    bench.post(on.Entered())
    assert bench.phase is Phase.ARMED
    assert bench.view.shown_amount == 700


def test_after_a_given_up_sale_the_next_digit_begins_anew(bench: Bench) -> None:
    bench.server.says = lambda request: answer(request, Outcome.AWAITING)
    bench.code()
    bench.post(on.StopPressed())
    bench.server.decide(bench.server.requests[0].intent.payment_id, Outcome.REVERSED)
    bench.wait(1.1)
    assert bench.phase is Phase.REVERSED
    digits(bench, "900")  # also while it is still on the glass
    assert bench.view.typed_amount == 900


def test_an_amount_nobody_paid_is_not_the_beginning_of_the_next(bench: Bench) -> None:
    bench.post(on.Paused())
    assert bench.phase is Phase.IDLE
    digits(bench, "900")
    assert bench.view.typed_amount == 900


def test_plus_adds_to_what_was_kept(bench: Bench) -> None:
    declined(bench)
    bench.post(on.Cleared(), presses.PlusTyped())
    digits(bench, "200")
    assert bench.view.typed_amount == 900


def test_an_armed_amount_may_still_be_typed_on(bench: Bench) -> None:
    digits(bench, "0")
    assert bench.view.shown_amount == 7_000

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


def paid_in_cash(bench: Bench) -> None:
    bench.post(presses.CashTendered(2_000))
    assert bench.phase is Phase.APPROVED
    bench.wait(1)
    assert bench.phase is Phase.IDLE


def test_change_is_seen_until_the_next_amount_is_typed(bench: Bench) -> None:
    paid_in_cash(bench)
    assert (bench.view.given_amount, bench.view.change_amount) == (2_000, 1_300)
    digits(bench, "9")
    assert (bench.view.given_amount, bench.view.change_amount) == (0, 0)


def test_change_is_seen_for_ten_seconds_at_most(bench: Bench) -> None:
    paid_in_cash(bench)
    bench.wait(8.5)
    assert bench.view.change_amount == 1_300
    bench.wait(1)
    assert bench.view.change_amount == 0


def test_change_of_a_sale_taken_back_is_seen_no_longer(bench: Bench) -> None:
    paid_in_cash(bench)
    (line,) = bench.view.strip
    bench.post(presses.UndoPressed(line.row.payment_id, on.Who.CASHIER))
    assert bench.view.change_amount == 0


def test_an_amount_typed_while_it_was_green_shows_no_change_of_the_one_before(
    bench: Bench,
) -> None:
    bench.post(presses.CashTendered(2_000))
    digits(bench, "900")
    bench.wait(1)
    assert bench.phase is Phase.IDLE
    assert bench.view.change_amount == 0

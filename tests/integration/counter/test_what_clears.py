"""What the screens say while a card still lies there: only a sale that stands is called paid."""

from __future__ import annotations

from sync.messages import Outcome
from terminal_app.counter import events as on
from terminal_app.counter import presses
from terminal_app.counter.machine import Phase
from tests.integration.counter.bench import CARD, Bench, answer


def test_a_sale_that_stands_clears_as_paid(bench: Bench) -> None:
    bench.card(CARD)
    bench.wait(1.5)
    assert bench.phase is Phase.CLEARING
    assert bench.view.is_paid
    bench.wait(5)
    assert bench.view.hint.code == "counters.take_meal"


def test_a_sale_taken_back_does_not(bench: Bench) -> None:
    bench.card(CARD)
    bench.wait(0.5)
    bench.post(presses.UndoPressed(bench.view.strip[0].row.payment_id))
    bench.wait(2)
    assert bench.phase is Phase.CLEARING
    assert not bench.view.is_paid
    assert bench.view.diner_undo_left_s == 0
    bench.wait(5)
    assert bench.view.hint.code == "counters.take_away"


def test_nor_does_one_that_was_declined(bench: Bench) -> None:
    bench.server.says = lambda request: answer(request, Outcome.DECLINED)
    bench.card(CARD)
    bench.post(on.Cleared())
    assert bench.phase is Phase.CLEARING
    assert not bench.view.is_paid

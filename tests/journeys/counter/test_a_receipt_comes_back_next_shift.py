"""A diner comes back with a receipt after the shift was changed: the sale is found and refunded.

The server is the real one over its real socket; scanners, PINs and the books are too.
"""

from __future__ import annotations

from uuid import UUID

from domain.sale_numbers import sale_number
from server.payments.models import Payment, Refund
from terminal_app.counter import events as on
from terminal_app.counter import presses
from terminal_app.counter.found import Finding, FindStep
from terminal_app.counter.machine import Phase
from tests.journeys.bad_input.books import books_are_sound
from tests.journeys.bad_input.conftest import canteen, counter  # noqa: F401
from tests.journeys.bad_input.open_canteen import OpenCanteen, WalkUp, wait_for

ANSWER_LIMIT_S = 20.0


def next_shift(counter: WalkUp, canteen: OpenCanteen) -> None:  # noqa: F811
    counter.speak()
    counter.post(on.Paused(), presses.CloseAsked(0, is_queue_accepted=True))
    assert counter.phase is Phase.LOCKED
    counter.post(presses.PinEntered(canteen.pin("cashier")), presses.DayAccepted(0))
    assert counter.phase is Phase.IDLE


def finding(counter: WalkUp) -> Finding:  # noqa: F811
    assert counter.view.finding is not None, counter.view.refusal
    return counter.view.finding


def until(counter: WalkUp, *steps: FindStep) -> Finding:  # noqa: F811
    def is_there() -> bool:
        counter.counter.step(counter.now)
        return finding(counter).step in steps

    wait_for(is_there, ANSWER_LIMIT_S)
    return finding(counter)


def look_up(counter: WalkUp, payment_id: UUID) -> Finding:  # noqa: F811
    counter.post(presses.FindOpened(), presses.FindNumber(sale_number(payment_id)))
    return until(counter, FindStep.FOUND, FindStep.ASK)


def test_part_by_a_pin_then_the_rest_by_the_scanned_code_and_never_more(
    canteen: OpenCanteen,  # noqa: F811
    counter: WalkUp,  # noqa: F811
) -> None:
    counter.pay_by_card()
    [payment_id] = counter.accepted()[-1:]
    next_shift(counter, canteen)
    paid = Payment.objects.get(id=payment_id)
    found = look_up(counter, payment_id)
    assert found.sale is not None
    assert (found.sale.total, found.left_amount) == (paid.total_amount, paid.total_amount)

    # More than was paid, then a wrong PIN: nothing is journalled
    pin, total = canteen.pin("cashier"), paid.total_amount
    counter.post(presses.FoundRefunded(total + 1, pin))
    assert counter.view.refusal.code == "refunds.more_than_left"
    counter.post(presses.FoundRefunded(total, "000000"))
    assert counter.view.refusal.code == "pins.wrong"
    assert not Refund.objects.filter(payment=payment_id).exists()

    part = 500 if not found.sale.is_whole_only else total
    counter.post(presses.FoundRefunded(part, pin))
    assert finding(counter).step is FindStep.SENT
    counter.speak()
    until(counter, FindStep.RETURNED)
    assert Payment.objects.get(id=payment_id).refunded_amount == part
    counter.post(presses.FindClosed())

    counter.post(presses.FindOpened())
    counter.code(payment_id.hex)  # the receipt's code: no payer, whatever it looks like
    again = until(counter, FindStep.FOUND)
    assert again.left_amount == total - part
    if again.left_amount:
        counter.post(presses.FoundRefunded(again.left_amount, pin))
        counter.speak()
        until(counter, FindStep.RETURNED)
    counter.post(presses.FindNumber(payment_id.hex))
    assert until(counter, FindStep.FOUND).left_amount == 0
    counter.post(presses.FoundRefunded(1, pin))
    assert counter.view.refusal.code == "undo.nothing"
    assert Payment.objects.get(id=payment_id).refunded_amount == total
    books_are_sound(canteen)


def test_without_the_network_it_is_refused_in_one_sentence(
    canteen: OpenCanteen,  # noqa: F811
    counter: WalkUp,  # noqa: F811
) -> None:
    counter.pay_by_card()
    [payment_id] = counter.accepted()[-1:]
    next_shift(counter, canteen)
    canteen.street.is_open = False
    counter.post(presses.FindOpened(), presses.FindNumber(payment_id.hex))

    def is_said() -> bool:
        counter.counter.step(counter.now)
        return counter.view.refusal.code == "refunds.needs_server"

    wait_for(is_said, ANSWER_LIMIT_S)
    assert finding(counter).step is FindStep.ASK


def test_nobody_looks_for_a_sale_while_a_diner_is_served(counter: WalkUp) -> None:  # noqa: F811
    assert counter.phase is Phase.ARMED
    counter.post(presses.FindOpened())
    assert counter.view.finding is None
    assert counter.view.refusal.code == "counters.busy"

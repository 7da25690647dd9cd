"""Cash for a wallet at the counter, from the diner's card to the books and back to the glass."""

from __future__ import annotations

from uuid import UUID

from server.ledger.models import Account
from terminal_app.counter import events as on
from terminal_app.counter import presses
from terminal_app.counter.machine import Phase
from terminal_app.counter.top_up import TopUpStep
from tests.journeys.bad_input.books import books_are_sound
from tests.journeys.bad_input.conftest import canteen, counter  # noqa: F401
from tests.journeys.bad_input.open_canteen import OpenCanteen, WalkUp, wait_for

ANSWER_LIMIT_S = 20.0


def cash_of(person_id: UUID) -> int:
    return Account.objects.get(owner_kind="person", owner_id=person_id, kind="cash").balance


def in_drawers() -> int:
    return -sum(Account.objects.filter(kind="drawer").values_list("balance", flat=True))


def _begin(counter: WalkUp, uid: bytes) -> None:  # noqa: F811
    """Pause, say whose wallet and how much, let the diner agree."""
    counter.post(on.Paused(), presses.TopUpAsked())
    assert counter.phase is Phase.TOP_UP, (counter.phase, counter.view.hint)
    counter.card(uid)
    counter.post(*map(presses.DigitTyped, ("5", "00", "0")), on.Entered())
    counter.wait(0.5)
    counter.post(on.Confirmed(on.Who.DINER))
    assert counter.view.top_up is not None
    assert counter.view.top_up.step is TopUpStep.PIN, counter.view.top_up


def _pin(counter: WalkUp, canteen: OpenCanteen) -> TopUpStep:  # noqa: F811
    counter.post(presses.PinEntered(canteen.pin("cashier")))

    def is_told() -> bool:
        counter.counter.step(counter.now)
        top_up = counter.view.top_up
        return top_up is None or top_up.step not in (TopUpStep.PIN, TopUpStep.ASKING)

    wait_for(is_told, ANSWER_LIMIT_S)
    assert counter.view.top_up is not None
    return counter.view.top_up.step


def test_fifty_yuan_go_into_the_drawer_and_the_wallet_once(
    canteen: OpenCanteen,  # noqa: F811
    counter: WalkUp,  # noqa: F811
) -> None:
    diner = canteen.next_diner()
    before, drawer = cash_of(diner.person_id), in_drawers()
    _begin(counter, diner.card_uid)
    assert _pin(counter, canteen) is TopUpStep.BOOKED
    assert cash_of(diner.person_id) == before + 5_000
    assert in_drawers() == drawer + 5_000
    counter.wait(10)
    counter.speak()
    assert cash_of(diner.person_id) == before + 5_000
    books_are_sound(canteen)


def test_cash_that_was_sent_into_a_broken_line_is_booked_once_when_it_is_mended(
    canteen: OpenCanteen,  # noqa: F811
    counter: WalkUp,  # noqa: F811
) -> None:
    diner = canteen.next_diner()
    before, drawer = cash_of(diner.person_id), in_drawers()
    _begin(counter, diner.card_uid)
    canteen.street.is_open = False
    assert _pin(counter, canteen) is TopUpStep.WAITING
    assert cash_of(diner.person_id) == before
    canteen.street.is_open = True

    counter.wait(6)  # sent again every few seconds

    def is_booked() -> bool:
        counter.counter.step(counter.now)
        return cash_of(diner.person_id) == before + 5_000

    wait_for(is_booked, ANSWER_LIMIT_S)
    counter.wait(12)
    assert cash_of(diner.person_id) == before + 5_000
    assert in_drawers() == drawer + 5_000
    books_are_sound(canteen)


def test_a_counter_that_knows_it_is_alone_takes_no_cash_for_a_wallet(
    canteen: OpenCanteen,  # noqa: F811
    counter: WalkUp,  # noqa: F811
) -> None:
    canteen.street.is_open = False
    for _ in range(3):  # three that the server did not answer in time: now it knows
        counter.pay_by_card()
    counter.post(on.Paused())
    assert counter.phase is Phase.IDLE
    assert not counter.view.may_top_up
    counter.post(presses.TopUpAsked())
    assert counter.phase is Phase.IDLE
    assert counter.view.refusal.code == "top_ups.needs_server"

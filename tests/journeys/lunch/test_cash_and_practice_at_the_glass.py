"""What a kiosk's two windows are for besides selling: cash for a wallet, and a first try at it."""

from __future__ import annotations

from uuid import UUID

import pytest
from PySide6.QtCore import Qt

from server.config.sample import SamplePerson
from server.inbox.models import Shift
from server.ledger.models import Account
from server.payments.models import Payment
from terminal_app.counter.machine import Phase
from terminal_app.counter.top_up import TopUpStep
from tests.journeys.bad_input.open_canteen import ASKING_LIMIT_S, wait_for
from tests.journeys.lunch.conftest import MakeKiosk
from tests.journeys.lunch.kiosk import READ_S, TIP_S, Kiosk

pytestmark = pytest.mark.pictures

FLOAT, SUM = 20_000, 5_000


def masked(diner: SamplePerson) -> str:
    return f"{diner.name[0]}*{diner.name[-1]}"


def cash_of(person_id: UUID) -> int:
    return Account.objects.get(owner_kind="person", owner_id=person_id, kind="cash").balance


def step_of(kiosk: Kiosk) -> TopUpStep | None:
    return kiosk.view.top_up.step if kiosk.view.top_up else None


def is_booked(kiosk: Kiosk) -> bool:
    kiosk.step()
    return step_of(kiosk) is TopUpStep.BOOKED


def agrees(kiosk: Kiosk, diner: SamplePerson) -> None:
    """Whose wallet, ¥50.00, and the diner's own word for it, on their own glass."""
    kiosk.cashier.tap("more", "topUp")
    assert kiosk.word("topUpWho") in kiosk.cashier.words()
    kiosk.lays_card(diner.card_uid)
    kiosk.cashier.type("50")
    kiosk.cashier.tap("pad_00", "pad_enter")
    words = kiosk.diner.words()
    for shown in (kiosk.word("dinerTopUpSure", kiosk.diner), "¥50.00", masked(diner)):
        assert shown in words, words
    assert "余额" not in words
    kiosk.wait(READ_S)
    kiosk.diner.tap("diner.confirm")
    assert step_of(kiosk) is TopUpStep.PIN


def test_a_diner_hands_over_fifty_yuan_and_reads_it_on_their_own_glass(make: MakeKiosk) -> None:
    kiosk = make()
    kiosk.sign_in(FLOAT)
    diner = kiosk.canteen.next_diner()
    before = cash_of(diner.person_id)
    agrees(kiosk, diner)

    kiosk.enters("000000")
    kiosk.says(kiosk.cashier, "pins.wrong")
    assert cash_of(diner.person_id) == before
    kiosk.enters(kiosk.canteen.pin("cashier"))
    wait_for(lambda: is_booked(kiosk), ASKING_LIMIT_S)

    assert kiosk.word("dinerTopUpDone", kiosk.diner) in kiosk.diner.words()
    assert "¥50.00" in kiosk.diner.words()
    assert kiosk.word("topUpBooked") in kiosk.cashier.words()
    assert cash_of(diner.person_id) == before + SUM
    assert kiosk.printer.kick_count == 1
    kiosk.cashier.tap("leaveTopUp")
    kiosk.lifts_card()
    assert kiosk.phase is Phase.IDLE
    _counts_the_drawer(kiosk)


def _counts_the_drawer(kiosk: Kiosk) -> None:
    """The drawer of the closed shift holds the float and the cash that was taken."""
    kiosk.drain()
    kiosk.cashier.tap("more", "endShift")
    kiosk.cashier.type("250")
    kiosk.cashier.tap("pad_00", "pad_enter")
    assert kiosk.phase is Phase.LOCKED, kiosk.cashier.words()
    assert "¥250.00" in kiosk.cashier.words()
    kiosk.books_hold()
    shift = Shift.objects.get(terminal=kiosk.terminal.counter.parts.binding.terminal_id)
    assert (shift.expected_amount, shift.counted_amount) == (FLOAT + SUM, FLOAT + SUM)


def test_a_diner_who_says_no_keeps_their_cash(make: MakeKiosk) -> None:
    kiosk = make()
    kiosk.sign_in()
    diner = kiosk.canteen.next_diner()
    before = cash_of(diner.person_id)
    kiosk.cashier.tap("more", "topUp")
    kiosk.lays_card(diner.card_uid)
    kiosk.cashier.type("50")
    kiosk.cashier.tap("pad_00", "pad_enter")
    kiosk.diner.tap("diner.notMe")
    assert step_of(kiosk) is TopUpStep.AMOUNT
    kiosk.cashier.tap("leaveTopUp")
    kiosk.lifts_card()
    assert kiosk.phase is Phase.IDLE
    assert cash_of(diner.person_id) == before
    assert kiosk.printer.kick_count == 0
    kiosk.books_hold()


def test_a_new_cashier_practises_and_nothing_of_it_is_money(make: MakeKiosk) -> None:
    kiosk = make()
    kiosk.cashier.tap("offersPractice")
    kiosk.cashier.press_digits(kiosk.canteen.pin("cashier"))
    kiosk.cashier.press(Qt.Key.Key_Enter)
    kiosk.wait(TIP_S)
    for glass in (kiosk.cashier, kiosk.diner):
        assert kiosk.word("practice", glass) in glass.words()
    kiosk.serve()
    diner = kiosk.canteen.next_diner()
    before = cash_of(diner.person_id)
    kiosk.lays_card(diner.card_uid)
    kiosk.until(Phase.APPROVED)
    assert "¥12.00" in kiosk.diner.words()
    kiosk.wait(TIP_S)
    kiosk.cashier.tap("undo_0")
    assert kiosk.word("dinerReturned", kiosk.diner) in kiosk.diner.words()
    kiosk.lifts_card()

    kiosk.cashier.tap("more", "practise")
    kiosk.wait(TIP_S)
    assert kiosk.phase is Phase.LOCKED
    for glass in (kiosk.cashier, kiosk.diner):
        assert kiosk.word("practice", glass) not in glass.words()
    assert not kiosk.cashier.has("offersPractice")
    assert cash_of(diner.person_id) == before
    terminal_id = kiosk.terminal.counter.parts.binding.terminal_id
    assert not Payment.objects.filter(terminal=terminal_id).exists()
    kiosk.books_hold()

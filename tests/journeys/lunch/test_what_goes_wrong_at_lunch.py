"""Mistakes, empty phones, a network that goes, a lost card, a supervisor's word: at a kiosk."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from domain.messages import text
from domain.money import format_amount
from server.cases.models import Case
from server.payments.models import Payment
from server.people.bind_card import lose_card, replace_card
from server.people.models import Card
from sync.signing import card_reference
from terminal_app.counter.machine import Phase
from terminal_app.counter.strip import RowState
from tests.integration.counter.bench import profile
from tests.journeys.bad_input.books import paid
from tests.journeys.lunch.conftest import MakeKiosk
from tests.journeys.lunch.kiosk import LEFT_S, TIP_S, Kiosk

pytestmark = pytest.mark.pictures

STUDENT = 1200
UNDO_S = 60


def pays_by_card(kiosk: Kiosk, uid: bytes) -> None:
    """A good sale, from armed to armed."""
    kiosk.until(Phase.ARMED)
    kiosk.wait(TIP_S)
    kiosk.lays_card(uid)
    kiosk.sees_paid(STUDENT)
    kiosk.lifts_card()
    kiosk.until(Phase.ARMED)


def sees_the_row_struck(kiosk: Kiosk, place: int) -> None:
    """An older sale went back: its row says so, and whoever is next notices nothing."""
    assert kiosk.word("reversed") in kiosk.cashier.words()
    assert kiosk.word("dinerReturned", kiosk.diner) not in kiosk.diner.words()
    assert kiosk.phase is Phase.ARMED
    kiosk.took_back(kiosk.view.strip[place].row.payment_id)


def test_a_wrong_amount_is_undone_with_one_tap_within_a_minute(make: MakeKiosk) -> None:
    kiosk = make(profile=profile("canteen", amount={"source": "keyed"}))
    diner = kiosk.canteen.next_diner()
    kiosk.sign_in()
    kiosk.cashier.press_digits("1800")
    kiosk.cashier.tap("pad_enter")
    kiosk.wait(TIP_S)
    kiosk.lays_card(diner.card_uid)
    wrong = kiosk.sees_paid(1800)
    kiosk.wait(TIP_S)
    kiosk.cashier.tap("undo_0")
    kiosk.sees_returned(1800)
    kiosk.took_back(wrong)
    kiosk.lifts_card()

    kiosk.until(Phase.IDLE)
    kiosk.cashier.press_digits("1200")
    kiosk.cashier.tap("pad_enter")
    kiosk.wait(TIP_S)
    kiosk.lays_card(diner.card_uid)
    kiosk.sees_paid(1200)
    kiosk.lifts_card()
    kiosk.books_hold()
    assert [one for one in paid(diner.person_id) if one] == [1200]


def test_a_wrong_amount_seen_later_takes_the_cashiers_pin(kiosk: Kiosk) -> None:
    diner = kiosk.canteen.next_diner()
    pays_by_card(kiosk, diner.card_uid)
    kiosk.canteen.noon.skip(UNDO_S)
    kiosk.wait(TIP_S)
    assert kiosk.word("refund") in kiosk.cashier.words()
    kiosk.cashier.tap("undo_0")
    kiosk.enters("999999")
    kiosk.says(kiosk.cashier, "pins.wrong")
    assert kiosk.view.strip[0].row.state is RowState.APPROVED
    kiosk.enters(kiosk.canteen.pin("cashier"))
    sees_the_row_struck(kiosk, 0)
    kiosk.books_hold()
    assert [one for one in paid(diner.person_id) if one] == []


def test_who_has_an_empty_phone_eats_by_number_and_pin_on_their_side(kiosk: Kiosk) -> None:
    diner = kiosk.canteen.next_diner()
    kiosk.diner.tap("diner.number")
    kiosk.dials(diner.number)
    assert kiosk.word("dinerPin") in kiosk.diner.words()
    kiosk.dials("000000")
    kiosk.wait(TIP_S)
    assert Payment.objects.filter(person=diner.person_id).count() == 0
    kiosk.says(kiosk.diner, "pins.wrong")
    kiosk.diner.tap("diner.number")
    kiosk.dials(diner.number)
    for digit in diner.pin:
        kiosk.diner.tap(f"diner.key.{digit}")
    assert diner.pin not in kiosk.diner.words()
    kiosk.diner.tap("diner.key.done")
    kiosk.sees_paid(STUDENT, f"{diner.name[0]}*{diner.name[-1]}")
    kiosk.wait(LEFT_S)
    kiosk.books_hold()
    assert paid(diner.person_id) == [STUDENT]
    row = Payment.objects.get(person=diner.person_id, state="succeeded")
    assert row.credential == "number"


def test_the_network_goes_and_comes_back(kiosk: Kiosk) -> None:
    street = kiosk.canteen.street
    kiosk.drain()
    assert kiosk.word("online") in kiosk.cashier.words()
    street.is_open = False
    for _ in range(4):
        pays_by_card(kiosk, kiosk.canteen.next_diner().card_uid)
    words = kiosk.cashier.words()
    waiting = kiosk.view.badge
    assert waiting.waiting_amount == 4 * STUDENT
    told = kiosk.word("waiting").replace("%1", str(waiting.waiting_count))
    assert told.replace("%2", format_amount(4 * STUDENT)) in words, words
    assert kiosk.word("offline") in words, words
    assert kiosk.word("offlineSale") in words
    ours = Payment.objects.filter(terminal=kiosk.terminal.counter.parts.binding.terminal_id)
    assert ours.count() == 0

    street.is_open = True
    kiosk.cashier.tap("badge", "syncNow")
    kiosk.drain()
    assert kiosk.word("allSent") in kiosk.cashier.words()
    kiosk.cashier.tap("closeSheet")
    kiosk.books_hold()
    assert [one.total_amount for one in ours.filter(state="succeeded")] == [STUDENT] * 4
    assert set(ours.values_list("mode", flat=True)) == {"offline"}
    assert not Case.objects.filter(terminal=ours[0].terminal).exists()


def online(kiosk: Kiosk) -> None:
    """The server answers."""


def offline(kiosk: Kiosk) -> None:
    """It does not, and the counter knows what the feed told it before."""
    kiosk.canteen.street.is_open = False


@pytest.mark.parametrize("network", [online, offline])
def test_a_lost_card_is_refused_and_its_replacement_pays(
    kiosk: Kiosk, network: Callable[[Kiosk], None]
) -> None:
    canteen, diner = kiosk.canteen, kiosk.canteen.next_diner()
    card = Card.objects.get(person=diner.person_id)
    lose_card(card, now=canteen.noon.now(), by="office")
    parts = kiosk.terminal.counter.parts

    def state(uid: bytes) -> str:
        row = kiosk.terminal.replica.card(card_reference(parts.binding.card_key, uid))
        return row.state if row else ""

    kiosk.speak_until(lambda: state(diner.card_uid) == "lost")
    network(kiosk)
    kiosk.lays_card(diner.card_uid)
    kiosk.wait(TIP_S)
    kiosk.says(kiosk.diner, "diners.ask_staff")  # the line need not hear why
    kiosk.says(kiosk.cashier, "cards.lost")
    assert Payment.objects.filter(person=diner.person_id, state="succeeded").count() == 0
    kiosk.lifts_card()

    new = os.urandom(7)
    key = card_reference(parts.binding.card_key, new)
    replace_card(card, key, now=canteen.noon.now(), random=os.urandom, by="office")
    canteen.street.is_open = True
    kiosk.speak_until(lambda: state(new) == "active")
    network(kiosk)
    kiosk.until(Phase.ARMED, 30)
    pays_by_card(kiosk, new)
    canteen.street.is_open = True
    kiosk.books_hold()
    assert paid(diner.person_id) == [STUDENT]


def test_a_supervisor_lends_one_action_and_the_cashier_stays(make: MakeKiosk) -> None:
    kiosk = make(profile=profile("canteen", undo={"supervisor_above_amount": 1000}))
    kiosk.sign_in()
    kiosk.serve()
    pays_by_card(kiosk, kiosk.canteen.next_diner().card_uid)
    pays_by_card(kiosk, kiosk.canteen.next_diner().card_uid)
    cashier = kiosk.view.operator_name
    kiosk.cashier.tap("undo_0")
    assert kiosk.word("undoSupervisorTitle") in kiosk.cashier.words()
    kiosk.enters(kiosk.canteen.pin("cashier"))
    assert kiosk.view.strip[0].row.state is RowState.APPROVED, "the cashier's own PIN did it"
    assert text(kiosk.view.refusal.code, {}, "zh") in kiosk.cashier.words()
    kiosk.enters(kiosk.canteen.pin("supervisor"))
    sees_the_row_struck(kiosk, 0)
    assert kiosk.view.operator_name == cashier
    kiosk.until(Phase.ARMED)

    kiosk.cashier.tap("undo_1")
    assert kiosk.cashier.has("closeSheet"), "one word, one action"
    assert kiosk.view.strip[1].row.state is RowState.APPROVED
    kiosk.cashier.tap("closeSheet")
    kiosk.books_hold()

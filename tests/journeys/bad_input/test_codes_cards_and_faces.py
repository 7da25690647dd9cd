"""What cannot pay is said in two languages, charges nobody, and the next diner is served."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from devices import ports
from server.payments.models import Payment
from terminal_app.counter import events as on
from terminal_app.counter import presses
from terminal_app.counter.machine import Phase
from tests.integration.counter.bench import face_seen
from tests.journeys.bad_input.books import books_are_sound, paid
from tests.journeys.bad_input.open_canteen import OpenCanteen, WalkUp, says_what_to_do

LUNCH_AMOUNT = 1200


def nobody_was_charged(counter: WalkUp, since: int) -> None:
    assert Payment.objects.filter(state="succeeded").count() == since
    assert counter.accepted() == []


def the_next_sale_works(counter: WalkUp) -> None:
    diner = counter.pay_by_card()
    assert paid(diner.person_id) == [LUNCH_AMOUNT]
    counter.speak()
    assert counter.journal.waiting().count == 0
    books_are_sound(counter.canteen)


def refused_code(counter: WalkUp) -> str:
    view = counter.view
    return view.code if view.phase is Phase.DECLINED else view.hint.code


def expired(canteen: OpenCanteen) -> str:
    then = canteen.noon.now() - timedelta(minutes=5)
    return canteen.next_diner().phone.code(then, os.urandom(8))


def from_tomorrow(canteen: OpenCanteen) -> str:
    then = canteen.noon.now() + timedelta(days=1)
    return canteen.next_diner().phone.code(then, os.urandom(8))


def tampered(canteen: OpenCanteen) -> str:
    text = canteen.next_diner().phone.code(canteen.noon.now(), os.urandom(8))
    return text[:-12] + ("A" if text[-12] != "A" else "B") + text[-11:]


def cut_short(canteen: OpenCanteen) -> str:
    return canteen.next_diner().phone.code(canteen.noon.now(), os.urandom(8))[:60]


@pytest.mark.parametrize(
    ("shown", "codes"),
    [
        (lambda _: "https://example.com/menu", {"codes.unknown"}),
        (lambda _: "", {"codes.unknown"}),
        (lambda _: "\x00\ufffd" * 300, {"codes.unknown"}),
        (lambda _: "FP1:AAAA", {"codes.malformed"}),
        (expired, {"codes.expired"}),
        (from_tomorrow, {"codes.from_the_future"}),
        (tampered, {"codes.bad_signature", "codes.malformed"}),
        (cut_short, {"codes.malformed"}),
    ],
    ids=["unknown", "empty", "not text", "malformed", "expired", "future", "tampered", "cut"],
)
def test_a_code_that_cannot_pay_says_why_and_charges_nobody(
    counter: WalkUp, shown: Callable[[OpenCanteen], str], codes: set[str]
) -> None:
    before = Payment.objects.filter(state="succeeded").count()
    for is_online in (True, False):
        counter.canteen.street.is_open = is_online
        counter.code(shown(counter.canteen))
        assert refused_code(counter) in codes
        says_what_to_do(refused_code(counter))
        nobody_was_charged(counter, before)
        counter.wait(5)
        counter.take_phone()
        counter.wait(16)
    counter.canteen.street.is_open = True
    the_next_sale_works(counter)


def test_a_code_pays_once_and_shown_again_it_charges_nobody(counter: WalkUp) -> None:
    canteen, diner = counter.canteen, counter.canteen.next_diner()
    text = diner.phone.code(canteen.noon.now(), os.urandom(8))
    counter.code(text)
    assert counter.phase is Phase.APPROVED
    counter.wait(1)
    counter.take_phone()
    counter.code(text)
    assert refused_code(counter) == "codes.replayed"
    says_what_to_do("codes.replayed")
    counter.take_phone()
    the_next_sale_works(counter)
    assert paid(diner.person_id) == [LUNCH_AMOUNT]


def test_a_code_that_paid_at_another_counter_is_refused_here(
    counter: WalkUp, tmp_path: Path
) -> None:
    other = WalkUp(counter.canteen, tmp_path / "other")
    other.learn()
    other.serve()
    diner = counter.canteen.next_diner()
    text = diner.phone.code(counter.canteen.noon.now(), os.urandom(8))
    other.code(text)
    assert other.phase is Phase.APPROVED
    other.close()
    counter.code(text)
    if counter.phase is Phase.CONFIRM:  # the same person again: the cashier allows it
        counter.wait(0.4)
        counter.post(on.Entered())
    assert counter.phase is Phase.DECLINED, counter.view
    assert counter.view.code == "codes.replayed"
    says_what_to_do(counter.view.code)
    counter.post(on.Cleared())
    counter.take_phone()
    the_next_sale_works(counter)
    assert paid(diner.person_id) == [LUNCH_AMOUNT]


@pytest.mark.parametrize(("is_online", "code"), [(True, "cards.unknown"), (False, "cards.unknown")])
def test_a_card_nobody_owns_is_told_so_and_charges_nobody(
    counter: WalkUp, is_online: bool, code: str
) -> None:
    before = Payment.objects.filter(state="succeeded").count()
    counter.canteen.street.is_open = is_online
    counter.card(b"\x04nobody")
    assert counter.phase is Phase.DECLINED
    assert counter.view.code == code
    says_what_to_do(code)
    nobody_was_charged(counter, before)
    counter.canteen.street.is_open = True
    counter.post(on.Cleared())
    counter.lift_card()
    counter.wait(20)
    the_next_sale_works(counter)


def face(counter: WalkUp, match: ports.FaceMatch | None) -> None:
    """One face standing still in the zone for two seconds."""
    for _ in range(20):
        counter.post(face_seen(1, counter.now, match=match))
        counter.wait(0.1)


def test_an_unenrolled_face_is_told_to_use_a_card_and_the_card_works(counter: WalkUp) -> None:
    before = Payment.objects.filter(state="succeeded").count()
    face(counter, None)
    assert counter.phase is Phase.ARMED
    assert counter.view.hint.code == "counters.not_recognised"
    says_what_to_do("counters.not_recognised")
    nobody_was_charged(counter, before)
    the_next_sale_works(counter)


def test_a_face_of_nobody_here_charges_nobody(counter: WalkUp) -> None:
    before = Payment.objects.filter(state="succeeded").count()
    face(counter, ports.FaceMatch(str(UUID(int=7)), 0.2, 0.3))
    assert counter.phase is Phase.ARMED
    says_what_to_do(counter.view.hint.code)
    nobody_was_charged(counter, before)
    the_next_sale_works(counter)


def test_without_any_face_before_the_camera_nothing_happens_and_cards_pay(
    counter: WalkUp,
) -> None:
    for _ in range(30):
        counter.post(ports.ZoneEmpty(counter.now))
        counter.wait(0.1)
    assert counter.phase is Phase.ARMED
    assert counter.view.hint.code == ""
    the_next_sale_works(counter)


@pytest.mark.parametrize(
    ("name", "kind", "hidden"),
    [("camera", "camera", "face"), ("reader", "card_reader", "card")],
)
def test_a_device_unplugged_mid_sale_hides_its_tender_and_the_sale_is_settled_once(
    counter: WalkUp, name: str, kind: str, hidden: str
) -> None:
    canteen, diner = counter.canteen, counter.canteen.next_diner()
    canteen.street.is_open = False  # the sale hangs in the air while the plug is pulled
    seen = ports.CardPresented(diner.card_uid, ports.Assurance.CARD_UID, counter.now, "reader")
    counter.counter.post(seen)
    counter.counter.step(counter.now)
    lost = ports.DeviceHealth(name, kind, ports.HealthState.LOST, counter.now, "devices.lost")
    counter.counter.post(lost)
    counter.counter.step(counter.now)
    counter.until_answered()
    counter.wait(0.1)
    assert counter.phase is Phase.APPROVED
    assert hidden not in counter.view.tenders
    (told,) = [one for one in counter.view.devices if one.device == name]
    says_what_to_do(told.error_code, name=name)
    counter.lift_card()
    canteen.street.is_open = True
    other = canteen.next_diner()
    text = other.phone.code(canteen.noon.now(), os.urandom(8))
    counter.code(text)
    assert counter.phase is Phase.APPROVED, (counter.phase, counter.view.hint)
    counter.wait(1)
    counter.take_phone()
    back = ports.DeviceHealth(name, kind, ports.HealthState.READY, counter.now)
    counter.post(back)
    assert hidden in counter.view.tenders
    the_next_sale_works(counter)
    assert paid(diner.person_id) == paid(other.person_id) == [LUNCH_AMOUNT]


def test_a_number_that_nobody_has_and_a_wrong_pin_charge_nobody(counter: WalkUp) -> None:
    before = Payment.objects.filter(state="succeeded").count()
    diner = counter.canteen.next_diner()
    for number, pin in (("\x00' OR 1=1", "1"), ("9" * 500, ""), (diner.number, "000000")):
        counter.post(presses.NumberEntered(number, pin))
        view = counter.view
        says_what_to_do(view.refusal.code or view.hint.code or view.code)
        nobody_was_charged(counter, before)
        counter.post(on.Cleared())
    counter.wait(20)
    the_next_sale_works(counter)
    assert paid(diner.person_id) == []
    assert Payment.objects.filter(state="succeeded").count() == before + 1

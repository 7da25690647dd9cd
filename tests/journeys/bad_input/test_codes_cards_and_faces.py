"""What cannot pay is said in two languages, charges nobody, and the next diner is served."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta

import pytest

from server.payments.models import Payment
from terminal_app.counter.machine import Phase
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


@pytest.mark.parametrize("is_online", [True, False], ids=["online", "offline"])
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
    counter: WalkUp, shown: Callable[[OpenCanteen], str], codes: set[str], is_online: bool
) -> None:
    before = Payment.objects.filter(state="succeeded").count()
    counter.canteen.street.is_open = is_online
    counter.code(shown(counter.canteen))
    assert refused_code(counter) in codes
    says_what_to_do(refused_code(counter))
    nobody_was_charged(counter, before)
    counter.canteen.street.is_open = True
    counter.wait(5)
    counter.take_phone()
    counter.wait(20)
    the_next_sale_works(counter)

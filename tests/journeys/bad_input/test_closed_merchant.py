"""A merchant is closed while one of its counters serves: the truth is told, and nothing is lost."""

from __future__ import annotations

from django.db import transaction

from server.inbox.models import Shift
from server.merchants.close_merchant import close_merchant
from server.merchants.models import Merchant
from sync.audit import audit_store
from terminal_app.counter import presses
from terminal_app.counter.machine import Phase
from tests.journeys.bad_input.books import books_are_sound, cases_of, paid
from tests.journeys.bad_input.open_canteen import WalkUp, says_what_to_do

LUNCH_AMOUNT = 1200
CLOSED = "merchants.closed"


def test_its_counter_stops_with_a_true_word_and_hands_over_what_it_sold(counter: WalkUp) -> None:
    online = counter.pay_by_card()
    counter.canteen.street.is_open = False
    alone = counter.pay_by_card()
    assert counter.journal.waiting().count > 0
    with transaction.atomic():
        close_merchant(Merchant.objects.get(id=counter.binding.merchant_id))

    counter.canteen.street.is_open = True
    counter.speak()
    counter.wait(1.5)
    assert (counter.phase, counter.view.code) == (Phase.BLOCKED, CLOSED)
    says_what_to_do(CLOSED)
    assert counter.journal.waiting().count == 0
    assert paid(online.person_id) == paid(alone.person_id) == [LUNCH_AMOUNT]
    refused = counter.canteen.next_diner()
    counter.card(refused.card_uid)
    counter.lift_card()
    assert len(counter.accepted()) == 2

    # Nobody could sign in at a blocked counter: one with a drawer to count is locked instead
    _reopened(counter)
    assert counter.phase is Phase.LOCKED
    counter.post(presses.PinEntered(counter.canteen.pin("cashier")))
    assert counter.phase is Phase.LOCKED, "the feed has sent the cashiers away"
    counter.post(presses.PinEntered(counter.canteen.pin("supervisor")))
    counter.wait(1.5)
    assert (counter.phase, counter.view.code) == (Phase.BLOCKED, CLOSED)
    counter.post(presses.CloseAsked(0))
    counter.speak()
    assert Shift.objects.get(terminal=counter.binding.terminal_id).closed_at is not None
    assert paid(refused.person_id) == []
    assert cases_of(counter.binding.terminal_id) == []

    counter.canteen.street.is_open = False
    _reopened(counter)
    assert (counter.phase, counter.view.code) == (Phase.BLOCKED, CLOSED), "without a network too"
    assert audit_store(counter.store) == []
    books_are_sound(counter.canteen)


def _reopened(counter: WalkUp) -> None:
    """Cut the power and let the counter find out how it stands."""
    counter.close()
    counter.open()
    counter.speak()
    counter.wait(1.5)

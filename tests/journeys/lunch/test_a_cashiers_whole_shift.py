"""A cashier's shift from the PIN to the counted drawer, on the two windows of a kiosk."""

from __future__ import annotations

import pytest

from server.inbox.models import Shift
from terminal_app.counter.machine import Phase
from tests.journeys.lunch.conftest import MakeKiosk
from tests.journeys.lunch.eyes import looking
from tests.journeys.lunch.kiosk import TIP_S, Kiosk

pytestmark = pytest.mark.pictures

STUDENT, STAFF, GUEST = 1200, 1500, 1800
FLOAT = 20_000


def opens(kiosk: Kiosk) -> None:
    """Wrong PIN, right PIN, the day, ¥200.00 in the drawer."""
    kiosk.enters("000000")
    kiosk.says(kiosk.cashier, "pins.wrong")
    kiosk.enters(kiosk.canteen.pin("cashier"))
    kiosk.wait(1.2)
    words = kiosk.cashier.words()
    for shown in ("2026-11-23", "午餐", "¥12.00", "¥15.00", "示例收银员"):
        assert shown in words
    kiosk.cashier.type("200")
    kiosk.cashier.tap("pad_00", "acceptDay")
    assert kiosk.word("dinerWelcome") in kiosk.diner.words()
    kiosk.serve()
    assert "¥12.00" in kiosk.diner.words()


def test_a_cashiers_whole_shift(make: MakeKiosk) -> None:
    kiosk = make()
    canteen = kiosk.canteen
    opens(kiosk)

    diner = canteen.next_diner()
    kiosk.lays_card(diner.card_uid)
    kiosk.sees_paid(STUDENT, f"{diner.name[0]}*{diner.name[-1]}")
    kiosk.lifts_card()

    kiosk.until(Phase.ARMED)
    kiosk.shows_wallet(canteen.next_diner())
    by_code = kiosk.sees_paid(STUDENT)
    kiosk.wait(TIP_S)
    kiosk.cashier.tap("undo_0")
    kiosk.sees_returned(STUDENT)
    kiosk.took_back(by_code)

    kiosk.until(Phase.ARMED)
    kiosk.wait(TIP_S)
    kiosk.looks(looking(canteen.sample.with_faces()[0].photos[0]))
    kiosk.until(Phase.CONFIRM)
    kiosk.diner.tap("diner.confirm")
    kiosk.sees_paid(STAFF)
    kiosk.leaves()

    kiosk.until(Phase.ARMED)
    kiosk.wait(TIP_S)
    kiosk.cashier.tap("cash")
    kiosk.cashier.type("50")
    kiosk.cashier.tap("pad_00")
    assert "¥32.00" in kiosk.cashier.words()
    kiosk.cashier.tap("pad_enter")
    kiosk.sees_paid(GUEST)
    assert "¥32.00" in kiosk.diner.words()
    assert kiosk.printer.kick_count == 1
    kiosk.until(Phase.ARMED)

    canteen.street.is_open = False
    late = canteen.next_diner()
    kiosk.lays_card(late.card_uid)
    kiosk.sees_paid(STUDENT)
    kiosk.lifts_card()
    closes(kiosk)
    kiosk.books_hold()
    shift = Shift.objects.get(terminal=kiosk.terminal.counter.parts.binding.terminal_id)
    expected = FLOAT + GUEST
    assert (shift.expected_amount, shift.counted_amount) == (expected, expected - 1000)


def closes(kiosk: Kiosk) -> None:
    """End the shift ¥10.00 short, the queue first refused, then handed over."""
    kiosk.until(Phase.ARMED)
    kiosk.cashier.tap("serve", "more", "endShift")
    kiosk.cashier.type("208")
    kiosk.cashier.tap("pad_00", "pad_enter")
    kiosk.says(kiosk.cashier, "shifts.queue_not_empty", count=kiosk.view.badge.waiting_count)
    assert kiosk.view.shift is not None, "the queue was hidden"
    assert kiosk.cashier.has("endAnyway")
    assert kiosk.word("endShiftAnyway").replace("%1", "8") in kiosk.cashier.words()
    kiosk.canteen.street.is_open = True
    kiosk.cashier.tap("syncNow")
    kiosk.drain()
    kiosk.cashier.tap("pad_enter")
    assert kiosk.phase is Phase.LOCKED
    words = kiosk.cashier.words()
    assert kiosk.word("closedTitle") in words
    assert kiosk.word("nothingWaiting") in words
    for shown in ("¥208.00", "¥218.00", "-¥10.00", "2 笔 ¥24.00", "1 笔 ¥18.00", "1 笔 ¥15.00"):
        assert shown in words

"""A clock off by a day, a disk image brought back, a disk that is full: asked about, never lost."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from domain.errors import Refused, Unavailable
from server.payments.models import Payment
from server.payments.plan import AHEAD_TOLERANCE
from sync.audit import audit_store
from terminal_app.counter import presses
from terminal_app.counter.machine import Phase
from tests.journeys.bad_input.books import books_are_sound, cases_of, paid
from tests.journeys.bad_input.open_canteen import OpenCanteen, WalkUp, says_what_to_do

LUNCH_AMOUNT = 1200
A_DAY = timedelta(days=1)
DAY_OFF = pytest.mark.parametrize("off_by", [A_DAY, -A_DAY], ids=["ahead", "behind"])


def drained(counter: WalkUp) -> None:
    counter.speak()
    assert counter.journal.waiting().count == 0
    assert counter.journal.parked() == []
    assert audit_store(counter.store) == []


@DAY_OFF
def test_a_clock_a_day_off_is_mended_by_the_first_word_with_the_server(
    canteen: OpenCanteen, tmp_path: Path, off_by: timedelta
) -> None:
    counter = WalkUp(canteen, tmp_path / "counter")
    counter.clock.off_by = off_by
    counter.learn()
    assert abs(counter.corrected.now() - canteen.noon.now()) < timedelta(seconds=5)
    counter.serve()
    diner = counter.pay_by_card()
    drained(counter)
    assert paid(diner.person_id) == [LUNCH_AMOUNT]
    (payment,) = Payment.objects.filter(person=diner.person_id)
    assert abs(payment.occurred_at - canteen.noon.now()) < timedelta(minutes=20)
    assert cases_of(counter.binding.terminal_id) == []
    books_are_sound(canteen)
    counter.close()


@DAY_OFF
def test_a_clock_set_a_day_off_by_hand_changes_no_sale(counter: WalkUp, off_by: timedelta) -> None:
    counter.clock.off_by = off_by
    counter.wait(3)
    diner = counter.pay_by_card()
    counter.canteen.street.is_open = False
    other = counter.pay_by_card()
    counter.canteen.street.is_open = True
    drained(counter)
    assert paid(diner.person_id) == paid(other.person_id) == [LUNCH_AMOUNT]
    sold = Payment.objects.filter(person__in=[diner.person_id, other.person_id])
    assert set(sold.values_list("business_on", flat=True)) == {date(2026, 11, 23)}
    books_are_sound(counter.canteen)


@DAY_OFF
def test_after_a_power_cut_without_server_a_clock_a_day_off_asks_and_prices_nothing_silently(
    counter: WalkUp, off_by: timedelta
) -> None:
    before = counter.pay_by_card()
    counter.close()
    counter.canteen.street.is_open = False
    counter.clock.off_by, counter.clock.boot = off_by, "boot-2"
    counter.open()
    counter.wait(1.5)
    assert counter.phase is Phase.BLOCKED
    asked = "clock.behind" if off_by < timedelta(0) else "clock.unsynchronised"
    assert counter.view.code == asked
    says_what_to_do(asked)
    diner = counter.canteen.next_diner()
    counter.card(diner.card_uid)
    assert len(counter.accepted()) == 1
    # A person looks at the clock, sees no other way and sells on: the server sorts it out
    counter.lift_card()
    counter.post(presses.ClockAccepted())
    counter.wait(1.5)
    counter.serve()
    counter.card(diner.card_uid)
    if off_by < timedelta(0):
        # What is known of the balances may be of any age by that clock: cash it is
        assert counter.phase is Phase.DECLINED
        assert counter.view.code == "limits.snapshot_too_old"
        says_what_to_do(counter.view.code)
        counter.post(presses.CashTendered(2_000))
    assert counter.phase is Phase.APPROVED, (counter.phase, counter.view.code, counter.view.hint)
    counter.canteen.street.is_open = True
    counter.wait(1)
    counter.lift_card()
    drained(counter)
    assert paid(before.person_id) == [LUNCH_AMOUNT]
    sold = Payment.objects.filter(id__in=counter.accepted())
    assert [one.state for one in sold] == ["succeeded"] * 2
    latest = counter.canteen.noon.now() + AHEAD_TOLERANCE
    assert all(one.occurred_at <= latest for one in sold)
    is_impossible = off_by > timedelta(0)
    assert cases_of(counter.binding.terminal_id) == ["clock_impossible"] * is_impossible
    books_are_sound(counter.canteen)


def test_without_the_server_a_clock_mended_later_sells_on(counter: WalkUp) -> None:
    counter.pay_by_card()
    counter.close()
    counter.clock.off_by, counter.clock.boot = -A_DAY, "boot-2"
    counter.canteen.street.is_open = False
    counter.open()
    counter.wait(1.5)
    assert counter.phase is Phase.BLOCKED
    counter.canteen.street.is_open = True
    counter.speak()
    counter.wait(1.5)
    assert counter.phase is Phase.LOCKED
    counter.serve()
    counter.pay_by_card()
    drained(counter)
    assert cases_of(counter.binding.terminal_id) == []


def test_a_restored_disk_image_loses_nothing_and_is_told(counter: WalkUp, tmp_path: Path) -> None:
    canteen = counter.canteen
    first = counter.pay_by_card()
    drained(counter)
    counter.close()
    shutil.copytree(counter.folder, tmp_path / "image")
    counter.open()
    counter.learn()
    counter.serve()
    second = counter.pay_by_card()
    drained(counter)
    counter.canteen.street.is_open = False
    third = counter.pay_by_card()  # never handed over: it dies with that disk
    counter.close()

    lost_disk = counter.folder
    shutil.move(lost_disk, tmp_path / "dead disk")
    shutil.copytree(tmp_path / "image", lost_disk)
    counter.open()
    counter.wait(1.5)
    counter.serve()
    fourth = counter.pay_by_card()  # offline, in the old journal: its places are taken already
    canteen.street.is_open = True
    drained(counter)
    fifth = counter.pay_by_card()
    drained(counter)
    for diner in (first, second, fourth, fifth):
        assert paid(diner.person_id) == [LUNCH_AMOUNT], diner.number
    kinds = cases_of(counter.binding.terminal_id)
    assert "restored_store" in kinds
    assert {"fork", "gap"} & set(kinds)
    for kind in kinds:
        says_what_to_do(f"cases.{kind}")
    books_are_sound(canteen)

    # The dead disk is read after all: what it still held is booked, once
    counter.close()
    shutil.move(lost_disk, tmp_path / "restored disk")
    shutil.move(tmp_path / "dead disk", lost_disk)
    counter.open()
    drained(counter)
    assert paid(third.person_id) == [LUNCH_AMOUNT]
    assert paid(second.person_id) == [LUNCH_AMOUNT]
    books_are_sound(canteen)


def test_a_second_program_on_one_store_is_refused_by_name(counter: WalkUp) -> None:
    with pytest.raises((Refused, Unavailable)) as raised:
        WalkUp(counter.canteen, counter.folder)
    refusal = raised.value
    assert isinstance(refusal, Refused | Unavailable)
    assert refusal.code == "terminals.in_use"
    says_what_to_do(refusal.code, **refusal.data)
    counter.pay_by_card()

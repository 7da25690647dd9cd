"""A shift from the PIN to the count; between meals; caps; a clock and a disk that will not do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from devices import ports
from domain.errors import Unavailable
from sync.messages import RecordKind
from terminal_app.counter import events as on
from terminal_app.counter import presses
from terminal_app.counter.machine import Phase
from tests.integration.counter.bench import (
    CASHIER_PIN,
    OTHER_CARD,
    SUPERVISOR_PIN,
    Bench,
    profile,
)

KEYED = {"source": "keyed"}


def test_a_shift_is_opened_with_a_pin_and_closed_with_a_count(bench: Bench) -> None:
    bench.card()
    bench.wait(1)
    bench.lift_card()
    bench.wait(1.5)
    bench.post(presses.CashTendered(5000))
    bench.wait(1.5)
    bench.acknowledge_all()
    bench.post(on.Paused())
    bench.post(presses.CloseAsked(1900))
    assert bench.phase is Phase.LOCKED
    (closed,) = bench.records(RecordKind.SHIFT_CLOSED)
    assert closed.expected_amount == 2000
    assert closed.counted_amount == 1900
    assert closed.tallies == {"card": (1, 1200), "cash": (1, 2000)}
    assert bench.view.closed is not None
    assert bench.view.closed.difference_amount == -100


def test_closing_says_what_stays_behind(bench: Bench) -> None:
    bench.card()
    bench.wait(1)
    bench.lift_card()
    bench.wait(1.5)
    bench.post(on.Paused())
    bench.post(presses.CloseAsked(0))
    assert bench.view.refusal.code == "shifts.queue_not_empty"
    assert bench.phase is Phase.IDLE
    bench.post(presses.CloseAsked(0, is_queue_accepted=True))
    (closed,) = bench.records(RecordKind.SHIFT_CLOSED)
    assert closed.waiting_amount == 1200


def test_five_wrong_pins_lock_for_a_minute_and_are_journalled(make) -> None:
    bench = make()
    for _ in range(5):
        bench.post(presses.PinEntered("000000"))
    bench.post(presses.PinEntered(CASHIER_PIN))
    assert bench.view.refusal.code == "pins.locked"
    assert bench.view.pin_locked_s > 0
    assert [event.name for event in bench.records(RecordKind.EVENT)] == ["pin_locked"]
    bench.wait(61)
    bench.post(presses.PinEntered(CASHIER_PIN))
    assert bench.view.is_signed_in


def test_between_meals_nothing_sells_at_a_fixed_price(bench: Bench) -> None:
    bench.clock.advance(2 * 3600)
    bench.wait(1.1)
    assert bench.phase is Phase.NO_PERIOD
    assert bench.view.day.next_name_zh == "晚餐"
    bench.card()
    assert bench.accepted == []
    bench.post(presses.PeriodHeldOpen("lunch", SUPERVISOR_PIN))
    assert bench.phase is Phase.ARMED


def test_a_reached_cap_blocks_until_a_supervisor_extends_it_once(make) -> None:
    bench = make(terminal_count=1)
    bench.serve()
    bench.server.is_online_first = False
    bench.card()
    bench.lift_card()
    bench.wait(3)
    assert bench.phase is Phase.BLOCKED
    assert bench.view.code == "limits.offline_terminal"
    assert bench.view.badge.may_extend
    bench.post(presses.ExtensionAsked(SUPERVISOR_PIN))
    bench.wait(1)
    assert bench.phase is Phase.ARMED
    bench.card(OTHER_CARD)
    assert bench.phase is Phase.APPROVED
    bench.post(presses.ExtensionAsked(SUPERVISOR_PIN))
    assert bench.view.refusal.code == "limits.extended_already"


def test_past_the_extension_the_meal_goes_on_account_by_the_operators_word(make) -> None:
    bench = make(terminal_count=1)
    bench.serve()
    bench.server.is_online_first = False
    bench.counter.parts.desk.extend()
    for uid in (b"\x04card-1", OTHER_CARD):
        bench.card(uid)
        bench.lift_card()
        bench.wait(3)
    bench.clock.advance(20)
    bench.wait(1)
    bench.card()
    bench.wait(0.4)
    bench.post(on.Entered())
    bench.wait(0.1)
    if bench.phase is Phase.APPROVED:  # the extension had room for three
        bench.lift_card()
        bench.wait(20)
        bench.card()
        bench.wait(0.4)
        bench.post(on.Entered())
    assert bench.phase is Phase.DECLINED
    assert bench.view.code == "limits.offline_terminal"
    before = len(bench.accepted)
    bench.post(on.OnAccount())
    assert bench.phase is Phase.APPROVED
    assert len(bench.accepted) == before + 1
    assert bench.accepted[-1].request.evidence.override_reason == "on_account"


@pytest.mark.parametrize("standing", ["revoked", "retired"])
def test_a_terminal_that_is_none_any_more_sells_nothing(bench: Bench, standing: str) -> None:
    bench.standing = standing
    bench.wait(1.1)
    assert (bench.phase, bench.view.code) == (Phase.BLOCKED, f"terminals.{standing}")
    bench.card()
    assert bench.accepted == []


def test_a_closed_merchants_counter_sells_nothing_until_the_server_says_otherwise(
    bench: Bench,
) -> None:
    bench.not_selling = "merchants.closed"
    bench.wait(1.1)
    assert (bench.phase, bench.view.code) == (Phase.BLOCKED, "merchants.closed")
    bench.card()
    assert bench.accepted == []
    bench.not_selling = ""
    bench.wait(1.1)
    assert bench.phase is not Phase.BLOCKED


def test_a_clock_behind_the_last_record_asks_and_never_prices_silently(make) -> None:
    bench = make()
    bench.open_shift()
    bench.clock.at -= timedelta(days=1)
    bench.clock.boot = "boot-2"
    bench.restart()
    bench.wait(1.1)
    assert bench.phase is Phase.BLOCKED
    assert bench.view.code == "clock.behind"
    bench.post(presses.ClockAccepted())
    bench.wait(1.1)
    assert bench.phase is Phase.LOCKED


def test_a_disk_that_takes_nothing_shows_nothing_as_paid(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise Unavailable("storage.full")

    with monkeypatch.context() as broken:
        broken.setattr(bench.journal, "append", full)
        broken.setattr(bench.store, "put_meta", full)
        bench.card()
        bench.wait(2)
        assert bench.phase is Phase.BLOCKED
        assert bench.view.code == "storage.full"
    assert bench.accepted == []
    bench.wait(2)
    assert bench.phase in (Phase.ARMED, Phase.CLEARING)
    assert len(bench.accepted) == 1  # the server had approved it: counted before the next sale


def test_a_disk_too_full_to_freeze_asks_nobody_for_money(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise Unavailable("storage.full")

    with monkeypatch.context() as broken:
        broken.setattr(bench.journal, "freeze", full)
        bench.card()
        assert bench.phase is Phase.BLOCKED
    assert bench.server.requests == []
    bench.lift_card()
    bench.wait(1.6)
    assert bench.phase is Phase.ARMED
    bench.card()
    assert bench.phase is Phase.APPROVED


def test_two_scanners_that_see_one_phone_charge_it_once(bench: Bench) -> None:
    bench.code()
    seen_too = ports.CodeScanned(
        "134567890123456789", ports.Symbology.QR, "camera", bench.now, deliberate=False
    )
    bench.post(seen_too)
    bench.take_phone()
    bench.wait(2)
    assert bench.phase is Phase.ARMED
    renewed = replace(seen_too, text="134567890123456700", seen_at=bench.now)
    bench.post(renewed)  # the camera's glass never emptied
    assert len(bench.accepted) == 1
    assert bench.view.hint.code == "counters.code_left"


def test_a_keyed_amount_arms_for_one_diner(make) -> None:
    bench = make(profile(amount=KEYED))
    bench.open_shift()
    bench.key_amount("850")
    assert bench.phase is Phase.ARMED
    assert bench.view.shown_amount == 850
    bench.wait(0.4)
    bench.card()
    assert bench.phase is Phase.APPROVED
    assert bench.accepted[0].request.price_version == 0
    bench.wait(1)
    bench.lift_card()
    bench.wait(1.1)
    assert bench.phase is Phase.IDLE
    assert bench.view.typed_amount == 0


def test_the_next_amount_may_be_typed_while_this_one_is_still_green(make) -> None:
    bench = make(profile(amount=KEYED))
    bench.open_shift()
    bench.key_amount("850")
    bench.wait(0.4)
    bench.card()
    bench.key_amount("900")
    bench.lift_card()
    bench.wait(1.2)
    assert bench.phase is Phase.ARMED
    assert bench.view.shown_amount == 900


def test_a_large_sum_is_asked_for_twice(make) -> None:
    bench = make(profile(amount=KEYED))
    bench.open_shift()
    bench.key_amount("20000")
    assert bench.phase is Phase.IDLE
    assert bench.view.hint.code == "counters.amount_above"
    bench.post(on.Entered())
    assert bench.phase is Phase.ARMED


def test_dishes_portions_and_typed_sums_become_lines(make) -> None:
    bench = make(profile(amount=KEYED))
    bench.open_shift()
    bench.post(presses.DishChosen("10001"), presses.TimesTyped(2))
    bench.post(*[presses.DigitTyped(digit) for digit in "250"], presses.PlusTyped())
    bench.post(on.Entered())
    bench.wait(0.4)
    bench.card()
    (acceptance,) = bench.accepted
    intent = acceptance.request.intent
    assert [(line.item, line.quantity, line.amount) for line in intent.lines] == [
        ("10001", 2, 3600),
        ("keyed", 1, 250),
    ]
    assert intent.total == 3850


def test_an_amount_edited_after_the_credential_was_held_begins_anew(make) -> None:
    bench = make(profile(amount=KEYED))
    bench.open_shift()
    bench.key_amount("850")
    bench.card()  # sooner than the amount could be read
    assert bench.phase is Phase.ARMED
    bench.post(presses.DigitTyped("0"))
    bench.wait(1)
    assert bench.phase is Phase.ARMED
    assert bench.view.shown_amount == 8500
    assert bench.accepted == []

"""A cashier's day on the window over a real counter: by finger, and by the numeric keypad alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from sync.messages import Outcome, RecordKind
from terminal_app.counter.machine import Phase
from tests.integration.counter.bench import (
    CASHIER_PIN,
    SUPERVISOR_PIN,
    WECHAT,
    Bench,
    answer,
    profile,
)
from tests.qt.screens.cashier_glass import CashierGlass

KEYED = profile("canteen", amount={"source": "keyed"})
Make = Callable[..., CashierGlass]
K = Qt.Key


@pytest.fixture
def make(tmp_path: Path, qapp: object) -> Iterator[Make]:
    made: list[CashierGlass] = []

    def _make(*given: Any, **rows: Any) -> CashierGlass:
        bench = Bench(tmp_path / str(len(made)), *given, **rows)
        made.append(CashierGlass(bench))
        return made[-1]

    yield _make
    for glass in made:
        glass.close()
        assert glass.bench is not None
        glass.bench.close()


def signed_in(glass: CashierGlass) -> Bench:
    """Open the shift by finger, with ¥200.00 in the drawer."""
    assert glass.bench is not None
    glass.type(CASHIER_PIN)
    glass.tap("pad_enter")
    glass.wait(1.1)
    glass.type("200")
    glass.tap("pad_00", "acceptDay")
    return glass.bench


def test_a_shift_opens_by_pin_and_a_look_at_the_day(make: Make) -> None:
    glass = make()
    glass.type("13579")
    assert "13579" not in glass.words()
    glass.tap("pad_0", "pad_enter")
    glass.wait(1.1)
    for shown in ("2026-03-02", "午餐", "¥12.00", "¥20.00", "陈师傅"):
        assert shown in glass.words()
    glass.type("5")
    glass.tap("pad_00", "acceptDay")
    assert glass.bench is not None
    assert glass.bench.view.shift is not None
    assert glass.bench.view.shift.float_amount == 500
    glass.tap("serve")
    assert glass.bench.phase is Phase.ARMED


def test_a_wrong_pin_is_said_and_the_fifth_locks_the_pad(make: Make) -> None:
    glass = make()
    for _ in range(5):
        glass.type("000000")
        glass.tap("pad_enter")
    assert "60 秒" in glass.words()
    posted = len(glass.posted)
    glass.type("1")
    glass.tap("pad_enter")
    assert len(glass.posted) == posted


def test_a_diner_pays_and_one_tap_takes_it_back(make: Make) -> None:
    glass = make()
    bench = signed_in(glass)
    glass.tap("serve")
    glass.wait(0.5)
    bench.card()
    glass.refresh()
    assert "已收款" in glass.words()
    assert "张*明" in glass.words()
    glass.tap("undo_0")
    glass.wait(0.2)
    assert "这份餐没有付款" in glass.words()
    assert len(bench.records(RecordKind.REFUND)) == 1


def test_an_older_sale_is_given_back_with_the_cashiers_pin_only(make: Make) -> None:
    glass = make()
    bench = signed_in(glass)
    glass.tap("serve")
    glass.wait(0.5)
    bench.card()
    bench.lift_card()
    glass.wait(70)
    glass.tap("undo_0")
    glass.type("999999")
    glass.tap("pad_enter")
    assert "密码不对" in glass.words()
    assert glass.has("closeSheet")
    glass.type(CASHIER_PIN)
    glass.tap("pad_enter")
    assert not glass.has("closeSheet")
    assert len(bench.records(RecordKind.REFUND)) == 1


def test_cash_shows_the_change_before_the_drawer_opens(make: Make) -> None:
    glass = make()
    bench = signed_in(glass)
    glass.tap("serve")
    glass.wait(0.5)
    glass.tap("cash")
    glass.type("10")
    glass.tap("pad_00", "pad_enter")
    assert "还差" in glass.words()
    assert bench.accepted == []
    glass.tap("pad_clear")
    glass.type("50")
    glass.tap("pad_00")
    assert "¥30.00" in glass.words()
    glass.tap("pad_enter")
    glass.wait(0.2)
    (sold,) = bench.accepted
    assert (sold.given_amount, sold.change_amount) == (5000, 3000)
    assert "找零 ¥30.00" in glass.words()


def test_somebody_without_anything_pays_by_number_and_a_reason(make: Make) -> None:
    glass = make(person={"number": "2024001"})
    bench = signed_in(glass)
    glass.tap("serve")
    glass.wait(0.5)
    glass.tap("number")
    glass.type("2024001")
    glass.tap("reason_phone_empty")
    glass.wait(0.5)
    posted = [one for one in glass.posted if type(one).__name__ == "NumberEntered"]
    assert [(one.number, one.reason) for one in posted] == [("2024001", "phone_empty")]
    assert bench.phase is not Phase.IDLE


def test_all_of_a_keyed_sale_works_from_the_numeric_keypad(make: Make) -> None:
    glass = make(KEYED)
    bench = glass.bench
    assert bench is not None
    glass.press_digits(CASHIER_PIN)
    glass.press(K.Key_Enter)
    glass.wait(1.1)
    glass.press(K.Key_Enter)
    assert bench.phase is Phase.IDLE
    glass.press_digits("1250")
    glass.press(K.Key_Plus)
    glass.press_digits("300")
    glass.press(K.Key_Asterisk)
    assert bench.view.typed_amount == 1850
    glass.press(K.Key_Enter)
    glass.wait(0.5)
    assert "¥18.50" in glass.words()
    glass.press(K.Key_Slash)
    glass.press_digits("2000")
    glass.press(K.Key_Enter)
    glass.wait(0.2)
    (sold,) = bench.accepted
    assert sold.change_amount == 150
    glass.press(K.Key_Delete)
    glass.wait(0.2)
    assert len(bench.records(RecordKind.REFUND)) == 1


def test_a_large_amount_wants_a_second_enter_and_escape_drops_it(make: Make) -> None:
    glass = make(KEYED)
    bench = signed_in(glass)
    glass.press_digits("99900")
    glass.press(K.Key_Enter)
    assert bench.phase is Phase.IDLE
    assert "再按一次" in glass.words() or "再次按确认" in glass.words()
    glass.press(K.Key_Escape)
    assert bench.view.typed_amount == 0


def test_dishes_are_rung_up_from_the_menu(make: Make) -> None:
    glass = make(KEYED)
    bench = signed_in(glass)
    glass.wait(1.1)
    glass.tap("tabMenu", "dish_10001", "dish_10001")
    assert bench.view.typed_amount == 3600
    assert "牛肉面  ×2" in glass.words()
    glass.screen.view.setLanguage("en")
    glass.settle()
    assert "Beef noodles  ×2" in glass.words()


def test_a_phone_that_waits_is_parked_and_the_line_goes_on(make: Make) -> None:
    glass = make(KEYED)
    bench = signed_in(glass)
    bench.server.says = lambda request: answer(request, Outcome.AWAITING)
    glass.press_digits("900")
    glass.press(K.Key_Enter)
    glass.wait(0.5)
    bench.code(WECHAT)
    glass.wait(0.5)
    assert "请顾客在手机上确认" in glass.words()
    glass.tap("next")
    assert bench.phase is Phase.IDLE
    assert "1 笔待手机确认" in glass.words()
    assert "待确认" in glass.words()
    bench.server.decide(bench.view.strip[0].row.payment_id, Outcome.APPROVED, total=900)
    glass.wait(2)
    assert "手机已付，可以出餐" in glass.words()


def test_a_reached_cap_says_the_one_thing_to_do_and_a_supervisor_does_it(make: Make) -> None:
    glass = make(terminal_count=1)
    bench = signed_in(glass)
    glass.tap("serve")
    glass.wait(0.5)
    bench.server.is_online_first = False
    bench.card()
    bench.lift_card()
    glass.wait(3)
    assert bench.phase is Phase.BLOCKED
    assert "恢复网络，或由主管输入密码延长一次。" in glass.words()
    glass.tap("mend")
    glass.type(CASHIER_PIN)
    glass.tap("pad_enter")
    assert bench.phase is Phase.BLOCKED
    glass.type(SUPERVISOR_PIN)
    glass.tap("pad_enter")
    glass.wait(1)
    assert bench.phase is Phase.ARMED


def test_between_meals_a_supervisor_serves_on(make: Make) -> None:
    glass = make()
    bench = signed_in(glass)
    bench.clock.advance(2 * 3600)
    glass.wait(1.1)
    assert bench.phase is Phase.NO_PERIOD
    assert "下一餐 晚餐 17:00" in glass.words()
    glass.tap("holdOpen", "meal_lunch")
    glass.type(SUPERVISOR_PIN)
    glass.tap("pad_enter")
    assert bench.view.day.period == "lunch"


def test_the_shift_ends_with_a_count_and_hides_nothing(make: Make) -> None:
    glass = make()
    bench = signed_in(glass)
    glass.tap("serve")
    glass.wait(0.5)
    bench.card()
    bench.lift_card()
    glass.wait(2)
    glass.tap("serve", "more", "endShift")
    glass.type("190")
    glass.tap("pad_00", "pad_enter")
    assert bench.view.shift is not None
    assert "未上传" in glass.words()
    glass.tap("endAnyway")
    assert bench.phase is Phase.LOCKED
    assert "-¥10.00" in glass.words()
    assert "未上传" in glass.words()
    (closed,) = bench.records(RecordKind.SHIFT_CLOSED)
    assert closed.counted_amount == 19_000


def test_after_a_power_cut_the_operator_says_whether_the_meal_was_given(make: Make) -> None:
    glass = make()
    bench = signed_in(glass)
    glass.tap("serve")
    glass.wait(0.5)
    bench.executor.is_immediate = False
    bench.code()
    bench.server.is_up = False
    bench.executor.is_immediate = True
    bench.restart()
    glass.wait(0.2)
    assert bench.phase is Phase.RECOVER
    glass.tap("notHandedOver")
    glass.wait(0.2)
    assert bench.phase is Phase.LOCKED
    assert "断电前 ¥20.00：未扣" in glass.words()


def test_the_language_changes_at_once_and_in_every_word(make: Make) -> None:
    glass = make()
    signed_in(glass)
    glass.tap("language")
    words = glass.words()
    assert "Start serving" in words
    assert "Students" in words
    assert "开始供餐" not in words


def test_a_device_that_is_lost_is_named_and_one_that_works_is_a_sign(make: Make) -> None:
    from devices import ports

    glass = make()
    bench = signed_in(glass)
    for state in (ports.HealthState.READY, ports.HealthState.LOST):
        bench.post(
            ports.DeviceHealth(
                device="reader",
                kind="card_reader",
                state=state,
                seen_at=bench.now,
                error_code="devices.lost" if state is ports.HealthState.LOST else "",
            )
        )
        glass.refresh()
        assert ("读卡器" in glass.words()) == (state is ports.HealthState.LOST)
    glass.tap("devices")
    assert "请检查连线" in glass.words()

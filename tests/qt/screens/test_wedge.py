"""Codes are taken from whatever has the focus; what a person types reaches its field in order."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeyEvent, QShortcut, QWindow
from PySide6.QtTest import QTest

from devices.drivers.hid_keys.window import WindowTrigger
from devices.drivers.hid_scanner.window import WindowScanner
from devices.ports import CodeGone, DeviceLost, Key, Keyed, Side
from terminal_app.screens.wedge import KeypadKeys, WindowKeys, press_key, switch_input_method_off
from tests.qt.screens.typing_hands import type_letter

CODE = "621234567890123456"


class Window(QWindow):
    """A window that keeps what is typed into it."""

    def __init__(self) -> None:
        super().__init__()
        self.typed: list[str] = []
        self.released = 0

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.typed.append(event.text() or Qt.Key(event.key()).name)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        self.released += 1


@pytest.fixture
def window(qtbot):
    window = Window()
    window.show()
    qtbot.waitExposed(window)
    yield window
    window.destroy()


@pytest.fixture
def devices() -> list[Any]:
    return [WindowScanner("gun", {}), WindowTrigger("foot", {"key": "F13"})]


@pytest.fixture
def keys(qapp, devices):
    keys = WindowKeys(devices)
    qapp.installEventFilter(keys)
    for device in devices:
        device.open(0.0)
    yield keys
    keys.stop()
    qapp.removeEventFilter(keys)


def type_as_scanner(window: Any, text: str, end: Any = Qt.Key.Key_Return) -> None:
    for letter in text:
        type_letter(window, letter)
    if end is not None:
        QTest.keyClick(window, end)


def type_as_person(window: Any, text: str) -> None:
    for letter in text:
        type_letter(window, letter, Qt.KeyboardModifier.NoModifier, 60)


def codes(devices: list[Any], now: float = 1.0) -> list[str]:
    return [one.text for one in devices[0].step(now) if not isinstance(one, CodeGone)]


def test_a_scan_reaches_the_scanner_and_no_window(keys, devices, window):
    type_as_scanner(window, CODE)
    assert codes(devices) == [CODE]
    QTest.qWait(120)
    assert window.typed == []
    assert window.released == 0


def test_a_scan_is_heard_whichever_window_is_in_front(keys, devices, window, qtbot):
    other = Window()
    other.show()
    qtbot.waitExposed(other)
    type_as_scanner(other, CODE)
    type_as_scanner(window, "6299998888")
    assert codes(devices) == [CODE, "6299998888"]
    other.destroy()


def test_a_scanner_without_an_end_is_heard_after_the_pause(keys, devices, window, qtbot):
    type_as_scanner(window, CODE, end=None)
    qtbot.waitUntil(lambda: not keys._burst.is_holding, timeout=2000)
    assert codes(devices) == [CODE]


def test_letters_of_both_cases_and_marks_come_through(keys, devices, window):
    type_as_scanner(window, "wxp://f2f0-Ab_9?m=1")
    assert codes(devices) == ["wxp://f2f0-Ab_9?m=1"]


def test_a_person_types_into_their_window_in_order(keys, devices, window, qtbot):
    type_as_person(window, "12.50")
    QTest.keyClick(window, Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier, 60)
    qtbot.waitUntil(lambda: len(window.typed) == 6, timeout=2000)
    assert window.typed == [*"12.50", "\r"]
    assert window.released == 6
    assert codes(devices) == []


def test_a_key_that_types_nothing_passes_at_once_and_after_what_was_held(keys, window):
    type_letter(window, "7")
    assert window.typed == []
    QTest.keyClick(window, Qt.Key.Key_Left)
    assert window.typed == ["7", "Key_Left"]


def test_no_shortcut_steals_a_digit_of_a_code(qapp, keys, devices, window):
    stolen: list[str] = []
    shortcut = QShortcut("7", window)
    shortcut.activated.connect(lambda: stolen.append("7"))
    window.requestActivate()
    type_as_scanner(window, CODE)
    assert (codes(devices), stolen) == ([CODE], [])
    qapp.removeEventFilter(keys)
    type_as_scanner(window, "7")
    assert stolen == ["7"], "without the filter it would have"


def test_the_foot_switch_is_a_trigger_and_no_key(keys, devices, window):
    QTest.keyClick(window, Qt.Key.Key_F13)
    assert [event.source for event in devices[1].step(1.0)] == ["foot"]
    assert window.typed == []


def stamped(window: QWindow, text: str, from_ms: int) -> None:
    """Type as a window system hands keys over: each with the time it went down."""
    for number, letter in enumerate(text):
        event = QKeyEvent(QEvent.Type.KeyPress, ord(letter), Qt.KeyboardModifier(0), letter)
        event.setTimestamp(from_ms + 10 * number)
        QCoreApplication.sendEvent(window, event)


def test_a_busy_program_does_not_cut_a_code_in_two(keys, devices, window, qtbot):
    stamped(window, CODE[:9], 5000)
    QTest.qSleep(200)  # the program is busy; the rest of the code waits in the queue
    keys._look()
    stamped(window, CODE[9:], 5090)
    qtbot.waitUntil(lambda: not keys._burst.is_holding, timeout=2000)
    assert codes(devices) == [CODE]


def test_what_a_person_typed_while_the_program_was_busy_is_no_code(keys, devices, window, qtbot):
    for number, letter in enumerate("12345678"):
        stamped(window, letter, 5000 + 150 * number)
    qtbot.waitUntil(lambda: len(window.typed) == 8, timeout=2000)
    assert codes(devices) == []


def test_without_a_window_the_devices_are_lost_and_say_why(keys, devices):
    keys.stop()
    for device in devices:
        with pytest.raises(DeviceLost, match="devices.no_window"):
            device.step(1.0)


def test_without_such_devices_every_key_passes(qapp, window):
    keys = WindowKeys([])
    qapp.installEventFilter(keys)
    type_as_scanner(window, "123456")
    qapp.removeEventFilter(keys)
    assert window.typed == [*"123456", "\r"]


@pytest.mark.parametrize(
    ("key", "typed"), [(Key.DIGIT_7, "7"), (Key.PLUS, "+"), (Key.ENTER, "\r"), (Key.POINT, ".")]
)
def test_a_grabbed_keypad_presses_keys_of_the_window_of_its_side(window, key, typed):
    press_key(Keyed(key, Side.DINER, "pad", 1.0), window)
    assert window.typed == [typed]


def test_keys_of_a_grabbed_keypad_come_from_its_thread_to_the_window_of_its_side(window, qtbot):
    keypads = KeypadKeys(lambda side: window if side is Side.DINER else None)
    keys = [Keyed(key, Side.DINER, "pad", 1.0) for key in (Key.DIGIT_1, Key.DIGIT_2, Key.ENTER)]
    stray = Keyed(Key.DIGIT_9, Side.CASHIER, "other", 1.0)

    def put_all() -> None:
        for one in (stray, *keys):
            keypads.put(one)

    bus = threading.Thread(target=put_all)
    bus.start()
    bus.join()
    assert window.typed == []
    qtbot.waitUntil(lambda: len(window.typed) == 3, timeout=2000)
    assert window.typed == ["1", "2", "\r"]


def test_a_trigger_with_a_key_that_does_not_exist_is_told(qapp):
    with pytest.raises(ValueError, match="F13"):
        WindowKeys([WindowTrigger("foot", {"key": "Pedal"})])


def test_the_input_method_is_off():
    environment = {"QT_IM_MODULE": "fcitx", "QT_IM_MODULES": "fcitx;ibus"}
    switch_input_method_off(environment)
    assert environment == {"QT_IM_MODULE": "none", "XMODIFIERS": "@im=none"}

"""Keypads and foot switches: what keys mean, bouncing, and plugs pulled out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from evdev import ecodes

from devices.drivers.hid_keys.protocol import KEYS, keyed
from devices.ports import DeviceEntry, DeviceLost, Key, Keyed, Side, TriggerPressed
from devices.registry import make_device
from devices.simulated.input_line import InputLine, stroke
from devices.transport.hid import EV_KEY, KeyEvent


@pytest.fixture
def line(tmp_path: Path):
    line = InputLine(tmp_path / "keys")
    yield line
    line.unplug()


def opened(kind: str, driver: str, line: InputLine, **settings: Any) -> Any:
    device = make_device(DeviceEntry("pad", kind, driver, {"path": str(line.path), **settings}))
    device.open(0.0)
    return device


@pytest.mark.parametrize("digit", "0123456789")
def test_both_rows_of_digits_are_digits(digit: str) -> None:
    for name in (f"KEY_KP{digit}", f"KEY_{digit}"):
        assert list(keyed(stroke(getattr(ecodes, name)))) == [Key(digit)]


def test_the_other_keys_are_the_kernels() -> None:
    meant = {
        "KEY_KPPLUS": Key.PLUS, "KEY_KPASTERISK": Key.TIMES, "KEY_KPDOT": Key.POINT,
        "KEY_KPENTER": Key.ENTER, "KEY_BACKSPACE": Key.BACKSPACE, "KEY_ESC": Key.CLEAR,
        "KEY_KPMINUS": Key.MINUS, "KEY_KPSLASH": Key.SLASH,
    }  # fmt: skip
    assert {name: KEYS[getattr(ecodes, name)] for name in meant} == meant


def test_a_diner_takes_back_and_clears_with_the_keys_a_pad_has(line: InputLine) -> None:
    pad = opened("keypad", "hid_keypad", line, side="diner")
    line.press(ecodes.KEY_KPMINUS)
    line.press(ecodes.KEY_KPSLASH)
    assert [event.key for event in pad.step(1.0)] == [Key.BACKSPACE, Key.CLEAR]
    pad.close()


def test_a_held_key_is_pressed_once() -> None:
    events = [KeyEvent(EV_KEY, 82, value) for value in (1, 2, 2, 0)]
    assert list(keyed(events)) == [Key.DIGIT_0]


def test_keys_come_with_side_and_time_and_never_show_in_a_repr(line: InputLine) -> None:
    pad = opened("keypad", "hid_keypad", line, side="diner")
    line.press(ecodes.KEY_KP7)
    (event,) = pad.step(2.5)
    assert event == Keyed(Key.DIGIT_7, Side.DINER, "pad", 2.5)
    assert "7" not in repr(event)
    pad.close()


def test_a_profile_may_say_what_a_key_means(line: InputLine) -> None:
    pad = opened("keypad", "hid_keypad", line, keys={"98": "times"})
    line.press(98)
    assert [event.key for event in pad.step(1.0)] == [Key.TIMES]
    pad.close()


def test_a_foot_switch_that_bounces_was_pressed_once(line: InputLine) -> None:
    switch = opened("trigger", "hid_trigger", line)
    for _ in range(3):
        line.press(ecodes.KEY_B)
    assert switch.step(1.0) == [TriggerPressed("pad", 1.0)]
    line.press(ecodes.KEY_B)
    assert switch.step(1.1) == []
    line.press(ecodes.KEY_B)
    assert switch.step(1.5) == [TriggerPressed("pad", 1.5)]
    switch.close()


def test_a_switch_with_a_named_key_ignores_others(line: InputLine) -> None:
    switch = opened("trigger", "hid_trigger", line, code=ecodes.KEY_B)
    line.press(ecodes.KEY_A)
    assert switch.step(1.0) == []
    switch.close()


@pytest.mark.parametrize(("kind", "driver"), [("keypad", "hid_keypad"), ("trigger", "hid_trigger")])
def test_unplugged_in_use_it_is_lost_and_reads_again(kind: str, driver: str, line) -> None:
    device = opened(kind, driver, line)
    line.unplug()
    with pytest.raises(DeviceLost, match="devices.lost"):
        device.step(1.0)
    device.close()
    device.close()
    with pytest.raises(DeviceLost, match="devices.absent"):
        device.open(1.1)
    device.close()
    line.plug_in()
    line.press(ecodes.KEY_KP5)
    device.open(2.0)
    assert device.step(2.1) == [], "pressed before it was opened"
    line.press(ecodes.KEY_KP5)
    assert len(device.step(2.2)) == 1
    device.close()


def test_something_that_is_no_input_device_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    line = DeviceEntry("pad", "keypad", "hid_keypad", {"path": str(tmp_path / "file")})
    with pytest.raises(DeviceLost, match="devices.protocol"):
        make_device(line).open(0.0)

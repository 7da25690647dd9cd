"""What every keypad and trigger keeps: input devices, a serial port, a window's key, the twins."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from devices.drivers.hid_keys.protocol import DEBOUNCE_S
from devices.ports import DeviceEntry, DeviceLost, Key, Keyed, Side, TriggerPressed
from devices.registry import make_device
from devices.simulated.input_line import InputLine
from devices.simulated.serial_line import SerialLine

CODES = {"1": 79, "7": 71, "plus": 78, "enter": 96}
"""Keys of a pad by their meaning (linux/input-event-codes.h)."""
PEDAL = 183
ARRIVED_S = 10.0
LATER = DEBOUNCE_S + 0.1
LOST, ABSENT = r"devices\.(lost|no_window)", r"devices\.(absent|no_window)"


class HidBench:
    """The real driver, its keys played through a pipe in the place of the kernel's."""

    def __init__(self, folder: Path, kind: str, **settings: Any) -> None:
        self._line = InputLine(folder / "keys")
        driver = {"keypad": "hid_keypad", "trigger": "hid_trigger"}[kind]
        told = {"path": str(self._line.path), **settings}
        self.device: Any = make_device(DeviceEntry("pad", kind, driver, told))

    def press(self, key: str = "") -> None:
        self._line.press(CODES.get(key, PEDAL))

    def unplug(self) -> None:
        self._line.unplug()

    def plug_in(self) -> None:
        self._line.plug_in()


class SerialBench:
    """The real driver on a pseudo-terminal, the sensor's lines played here."""

    def __init__(self, folder: Path, kind: str) -> None:
        self._line = SerialLine(folder / "port")
        told = {"port": str(self._line.path), "says": "TRAY"}
        self.device: Any = make_device(DeviceEntry("pad", kind, "serial_trigger", told))

    def press(self, _key: str = "") -> None:
        self._line.send(b"READY\r\nTRAY\r\n")
        assert self._line.wait_until_arrived(ARRIVED_S)

    def unplug(self) -> None:
        self._line.unplug()

    def plug_in(self) -> None:
        self._line.plug_in()


class WindowBench:
    """The switch behind a window, the window's part played here."""

    def __init__(self, _folder: Path, kind: str) -> None:
        device: Any = make_device(DeviceEntry("pad", kind, "window_trigger"))
        self.device = device
        device.feed.attach()

    def press(self, _key: str = "") -> None:
        self.device.feed.put(None)

    def unplug(self) -> None:
        self.device.feed.detach()

    def plug_in(self) -> None:
        self.device.feed.attach()


class TwinBench:
    """The twin."""

    def __init__(self, _folder: Path, kind: str, **settings: Any) -> None:
        self.device: Any = make_device(DeviceEntry("pad", kind, "simulated", settings))

    def press(self, key: str = "") -> None:
        self.device.present(*([key] if key else []))

    def unplug(self) -> None:
        self.device.unplug()

    def plug_in(self) -> None:
        self.device.plug_in()


Bench = HidBench | SerialBench | WindowBench | TwinBench
MAKERS: dict[str, tuple[Callable[..., Bench], str]] = {
    "keypad, hid": (HidBench, "keypad"),
    "keypad, twin": (TwinBench, "keypad"),
    "trigger, hid": (HidBench, "trigger"),
    "trigger, serial": (SerialBench, "trigger"),
    "trigger, window": (WindowBench, "trigger"),
    "trigger, twin": (TwinBench, "trigger"),
}


class Tried:
    """A bench with the key to press and the event that it is."""

    def __init__(self, bench: Bench, kind: str) -> None:
        self.bench, self.device = bench, bench.device
        self.key = "7" if kind == "keypad" else ""

    def press(self) -> None:
        self.bench.press(self.key)

    def event(self, at: float) -> Keyed | TriggerPressed:
        if self.key:
            return Keyed(Key.DIGIT_7, Side.CASHIER, "pad", at)
        return TriggerPressed("pad", at)


@pytest.fixture(params=sorted(MAKERS))
def tried(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Tried]:
    make, kind = MAKERS[request.param]
    made = Tried(make(tmp_path, kind), kind)
    yield made
    made.device.close()
    made.bench.unplug()


def test_a_press_is_told_once_with_its_time(tried: Tried) -> None:
    tried.device.open(0.0)
    assert tried.device.step(0.5) == []
    tried.press()
    assert tried.device.step(1.0) == [tried.event(1.0)]
    assert tried.device.step(1.5) == []
    tried.press()
    assert tried.device.step(1.5 + LATER) == [tried.event(1.5 + LATER)]


def test_unplugged_in_use_it_is_lost_and_goes_on_after_plugging_in(tried: Tried) -> None:
    tried.device.open(0.0)
    tried.bench.unplug()
    with pytest.raises(DeviceLost, match=LOST):
        tried.device.step(1.0)
    tried.device.close()
    with pytest.raises(DeviceLost, match=ABSENT):
        tried.device.open(1.5)
    tried.device.close()
    tried.bench.plug_in()
    tried.device.open(2.0)
    assert tried.device.step(2.5) == []
    tried.press()
    assert tried.device.step(3.0) == [tried.event(3.0)]


def test_closing_twice_or_before_opening_is_harmless_and_it_opens_again(tried: Tried) -> None:
    tried.device.close()
    tried.device.open(0.0)
    tried.device.close()
    tried.device.close()
    tried.device.open(1.0)
    tried.press()
    assert tried.device.step(2.0) == [tried.event(2.0)]


@pytest.mark.parametrize("make", [HidBench, TwinBench])
def test_keys_come_in_their_order_with_their_side_and_without_their_digit_in_words(
    tmp_path: Path, make: Callable[..., Bench]
) -> None:
    bench = make(tmp_path, "keypad", side="diner")
    bench.device.open(0.0)
    for key in ("1", "7", "enter"):
        bench.press(key)
    found = bench.device.step(1.0)
    assert [one.key for one in found] == [Key.DIGIT_1, Key.DIGIT_7, Key.ENTER]
    assert {one.side for one in found} == {Side.DINER}
    assert "7" not in repr(found[1])
    bench.device.close()
    bench.unplug()

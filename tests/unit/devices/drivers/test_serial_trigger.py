"""A sensor's lines: what its words are, numbers told once, answers sent, noise survived."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.acts import REMEMBERED_MAX, REPEATED_S, Acts
from devices.drivers.serial_trigger.protocol import LINE_MAX, Words
from devices.ports import DeviceEntry, Event, TriggerPressed, ZoneEmpty
from devices.registry import make_device
from devices.simulated.serial_line import SerialLine
from devices.supervisor import REOPEN_S, Supervisor
from tests.factories.clocks import StandingClock

ARRIVED_S = 10.0
NUMBERED = {"says": "TRAY (?P<id>[0-9]+)", "answer": "OK {id}"}


class Sensor:
    """A numbered sensor on a port, and what a supervisor tells of it."""

    def __init__(self, folder: Path) -> None:
        self.line = SerialLine(folder / "port")
        told = {"port": str(self.line.path), **NUMBERED}
        entry = DeviceEntry("tray", "trigger", "serial_trigger", told)
        self.posted: list[Event] = []
        self.clock = StandingClock()
        self.supervisor = Supervisor([make_device(entry)], self.posted.append, self.clock)
        self.step()

    def step(self, seconds: float = 0.0) -> None:
        self.clock.move(seconds=seconds)
        for bus in self.supervisor.buses:
            bus.step(self.clock.monotonic())

    def says(self, line: bytes, seconds: float = 0.1) -> None:
        self.line.send(line + b"\r\n")
        assert self.line.wait_until_arrived(ARRIVED_S)
        self.step(seconds)

    def acts(self) -> list[str]:
        return [one.action_id for one in self.posted if isinstance(one, TriggerPressed)]

    def heard(self, count: int) -> bytes:
        """The next `count` bytes of the answers; waits for them."""
        assert self.line._ends is not None
        heard = b""
        while len(heard) < count:
            heard += os.read(self.line._ends[0], count - len(heard))
        return heard


@pytest.fixture
def sensor(tmp_path: Path) -> Iterator[Sensor]:
    made = Sensor(tmp_path)
    yield made
    made.supervisor.stop()
    made.line.unplug()


def test_a_number_told_again_is_answered_again_and_is_one_act(sensor: Sensor) -> None:
    for line in (b"TRAY 7", b"TRAY 7", b"BOOT", b"TRAY 8", b"TRAY 7"):
        sensor.says(line)
    assert sensor.acts() == ["7", "8"]
    answers = b"OK 7\r\nOK 7\r\nOK 8\r\nOK 7\r\n"
    assert sensor.heard(len(answers)) == answers


def test_a_reconnected_sensor_that_repeats_its_last_act_says_nothing_new(sensor: Sensor) -> None:
    sensor.says(b"TRAY 7")
    sensor.line.unplug()
    sensor.step()
    sensor.line.plug_in()
    sensor.step(REOPEN_S[0])
    sensor.says(b"TRAY 7")
    sensor.says(b"TRAY 8")
    assert sensor.acts() == ["7", "8"]


def test_a_sensor_that_counts_anew_is_believed_after_a_minute(sensor: Sensor) -> None:
    sensor.says(b"TRAY 1")
    sensor.says(b"TRAY 1", REPEATED_S - 1)
    sensor.says(b"TRAY 1", REPEATED_S + 1)
    assert sensor.acts() == ["1", "1"]


def test_only_the_latest_numbers_are_remembered_and_what_has_none_is_always_new() -> None:
    acts = Acts()
    many = [TriggerPressed("tray", 1.0, str(number)) for number in range(REMEMBERED_MAX + 1)]
    assert all(acts.is_new(one) for one in many)
    assert not acts.is_new(many[1])
    assert acts.is_new(many[0])
    for event in (TriggerPressed("foot", 1.0), ZoneEmpty(1.0)):
        assert acts.is_new(event)
        assert acts.is_new(event)


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        ({"says": "("}, "says: no regular expression"),
        ({"answer": "OK {id}"}, r"needs a group"),
        ({"answer": "好"}, "ASCII only"),
        ({"sais": "T"}, "sais"),
    ],
)
def test_a_mistake_in_the_settings_says_what_is_wrong(settings: dict[str, Any], what: str) -> None:
    with pytest.raises(ValueError, match=what):
        make_device(
            DeviceEntry("tray", "trigger", "serial_trigger", {"port": "/dev/null", **settings})
        )


@given(st.binary(max_size=LINE_MAX + 50))
def test_any_line_says_something_or_nothing(frame: bytes) -> None:
    read = Words.of(NUMBERED).read(frame)
    assert read is None or read[1] == b"OK " + read[0].encode() + b"\r\n"
    anything = Words.of({}).read(frame)
    assert anything is None or anything == ("", b"")

"""What every scale keeps: each dialect on a real line, and the twin."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from devices.ports import DeviceEntry, DeviceLost, WeightRead
from devices.registry import make_device
from devices.simulated.scale_line import ScaleLine

PATIENCE_S = 15.0


class LineBench:
    """The driver on a pseudo-terminal and a scale at its far end."""

    def __init__(self, folder: Path, dialect: str) -> None:
        self.line = ScaleLine(folder / "scale", dialect)
        settings = {"port": str(self.line.path), "protocol": dialect, "parity": "N", "data_bits": 8}
        self.scale: Any = make_device(DeviceEntry("scale", "scale", "serial_scale", settings))

    def put(self, grams: int, *, is_stable: bool = True) -> None:
        self.line.put(grams, "stable" if is_stable else "motion")

    def unplug(self) -> None:
        self.line.unplug()

    def plug_in(self) -> None:
        self.line.plug_in()

    def close(self) -> None:
        self.scale.close()
        self.line.unplug()


class TwinBench:
    """The twin."""

    def __init__(self, _folder: Path, _dialect: str) -> None:
        self.scale: Any = make_device(DeviceEntry("scale", "scale", "simulated"))

    def put(self, grams: int, *, is_stable: bool = True) -> None:
        self.scale.present(grams, is_stable=is_stable)

    def unplug(self) -> None:
        self.scale.unplug()

    def plug_in(self) -> None:
        self.scale.plug_in()

    def close(self) -> None:
        self.scale.close()


DIALECTS = ("mettler_8217", "mt_sics", "nci")
Bench = LineBench | TwinBench


@pytest.fixture(params=[*DIALECTS, "simulated"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    made = TwinBench if request.param == "simulated" else LineBench
    bench = made(tmp_path, request.param)
    bench.scale.open(time.monotonic())
    yield bench
    bench.close()


def until(bench: Bench, grams: int, *, is_stable: bool = True) -> WeightRead:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        for event in bench.scale.step(time.monotonic()):
            assert isinstance(event, WeightRead)
            if (event.grams, event.is_stable) == (grams, is_stable):
                return event
    raise AssertionError(f"{grams} g, stable {is_stable}, never came")


def test_what_lies_there_is_told_in_grams(bench):
    bench.put(1234)
    assert until(bench, 1234).source == "scale"


def test_motion_is_no_weight(bench):
    bench.put(500)
    assert until(bench, 500).is_stable
    bench.put(700 if isinstance(bench, LineBench) else 500, is_stable=False)
    assert not until(bench, 500, is_stable=False).is_stable
    bench.put(700)
    assert until(bench, 700).is_stable


def test_it_zeroes_itself(bench):
    bench.put(300)
    assert until(bench, 300).grams == 300
    bench.scale.zero()
    assert until(bench, 0).grams == 0


def test_unplugged_in_use_it_is_lost_and_weighs_again_after_plugging_in(bench):
    bench.put(100)
    until(bench, 100)
    bench.unplug()
    with pytest.raises(DeviceLost):
        until(bench, 999)
    bench.scale.close()
    with pytest.raises(DeviceLost):
        bench.scale.open(time.monotonic())
    bench.scale.close()
    bench.plug_in()
    bench.scale.open(time.monotonic())
    bench.put(200)
    until(bench, 200)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("state", ["over", "under"])
def test_over_and_under_range_is_no_event(tmp_path, dialect, state):
    bench = LineBench(tmp_path, dialect)
    bench.scale.open(time.monotonic())
    try:
        bench.line.put(0, state)
        end = time.monotonic() + 0.6
        while time.monotonic() < end:
            assert bench.scale.step(time.monotonic()) == []
        bench.put(50)
        until(bench, 50)
    finally:
        bench.close()

"""What every twin that is played from outside keeps, besides its port's own contract."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from devices.ports import (
    DeviceEntry,
    DeviceLost,
    DrawerMoved,
    Key,
    Keyed,
    Side,
    TriggerPressed,
    WeightRead,
)
from devices.registry import make_device, make_drawer
from devices.simulated.played import PLAYED_MAX

PLAYS: dict[str, tuple[Callable[[Any], None], Any]] = {
    "scale": (
        lambda one: one.present(412),
        WeightRead(412, is_stable=True, source="one", seen_at=2.0),
    ),
    "trigger": (lambda one: one.present(), TriggerPressed("one", 2.0)),
    "keypad": (lambda one: one.present("7"), Keyed(Key.DIGIT_7, Side.CASHIER, "one", 2.0)),
    "drawer": (lambda one: one.kick(), DrawerMoved(is_open=True, source="one", seen_at=2.0)),
}


@pytest.fixture(params=sorted(PLAYS))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def device(kind: str) -> Any:
    make: Any = make_drawer if kind == "drawer" else make_device
    device = make(DeviceEntry("one", kind, "simulated"))
    device.open(1.0)
    return device


def test_what_is_played_is_told_once_with_its_time(kind, device):
    play, event = PLAYS[kind]
    play(device)
    assert device.step(2.0) == [event]
    assert device.step(3.0) == []


def test_it_may_be_played_on_any_thread_and_nothing_is_lost(kind, device):
    play, _ = PLAYS[kind]
    threads = [threading.Thread(target=lambda: [play(device) for _ in range(50)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(device.step(2.0)) == 200


def test_what_nobody_fetches_does_not_fill_the_memory(kind, device):
    play, _ = PLAYS[kind]
    for _ in range(PLAYED_MAX + 10):
        play(device)
    assert len(device.step(2.0)) == PLAYED_MAX


def test_unplugged_in_use_it_is_lost_and_goes_on_after_plugging_in(kind, device):
    play, event = PLAYS[kind]
    play(device)
    device.unplug()
    with pytest.raises(DeviceLost, match="devices.lost"):
        device.step(1.5)
    device.close()
    with pytest.raises(DeviceLost, match="devices.absent"):
        device.open(1.6)
    device.close()
    device.plug_in()
    device.open(1.7)
    # What was pressed or weighed before it came back counts for nothing
    assert device.step(1.8) == []
    play(device)
    assert device.step(2.0) == [event]


def test_a_scale_can_be_zeroed_but_not_without_its_cable():
    scale: Any = make_device(DeviceEntry("one", "scale", "simulated"))
    scale.open(1.0)
    scale.zero()
    assert scale.step(2.0) == [WeightRead(0, is_stable=True, source="one", seen_at=2.0)]
    scale.unplug()
    with pytest.raises(DeviceLost):
        scale.zero()

"""Every device that a shipped profile names has a driver that takes its settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import pytest

from devices.ports import DeviceEntry
from devices.registry import DRIVERS, SUPERVISED, make_camera, make_device, make_printer
from kiosk_profiles.load import known_names, load
from kiosk_profiles.schema import Device, DeviceKind

DEVICES = [
    pytest.param(device, id=f"{name}-{device.name}")
    for name in known_names()
    for device in load(name).devices
]


@pytest.mark.parametrize("device", DEVICES)
def test_the_driver_is_in_the_registry(device: Device) -> None:
    assert device.driver in DRIVERS[device.kind]


@pytest.mark.parametrize("device", DEVICES)
def test_the_driver_takes_the_settings(device: Device) -> None:
    entry = DeviceEntry(device.name, device.kind, device.driver, device.settings)
    makers: dict[str, Callable[[DeviceEntry], Any]]
    makers = {"camera": make_camera, "printer": make_printer}

    assert makers.get(device.kind, make_device)(entry).name == device.name


def test_the_schema_and_the_registry_know_the_same_kinds() -> None:
    assert set(get_args(DeviceKind)) == set(DRIVERS)
    assert set(DRIVERS) >= SUPERVISED

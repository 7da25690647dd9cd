"""Every driver that a profile names exists and takes the settings it is given."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

import kiosk_profiles.load
from devices import registry
from devices.ports import CashDrawer, DeviceEntry, Printer
from kiosk_profiles.schema import Device

PROFILES = ("canteen", "enrolment", "parking", "self_checkout", "shop")
PLACES = {
    "serial": {"port": "/dev/null"},
    "pn532": {"port": "/dev/null"},
    "hid": {"path": "/dev/null"},
}
MAKERS = {"camera": registry.make_camera, "printer": registry.make_printer}


def made(device: Device | DeviceEntry) -> Any:
    entry = DeviceEntry(device.name, device.kind, device.driver, device.settings)
    if entry.kind == "drawer":
        return registry.make_drawer(entry)
    return MAKERS.get(entry.kind, registry.make_device)(entry)


@pytest.mark.parametrize("name", PROFILES)
def test_every_device_of_a_profile_can_be_made(name):
    devices = kiosk_profiles.load.load(name).devices
    assert devices
    for device in devices:
        assert made(device).name == device.name


@pytest.mark.parametrize("kind", sorted(registry.DRIVERS))
def test_every_kind_has_a_twin_that_a_bench_can_play(kind):
    twin = made(DeviceEntry("twin", kind, "simulated"))
    assert callable(twin.unplug)
    assert callable(twin.plug_in)
    assert kind not in registry.SUPERVISED or callable(twin.present)


@pytest.mark.parametrize("kind", sorted(registry.SUPERVISED))
def test_a_supervised_device_names_its_kind_and_bus(kind):
    for driver in registry.DRIVERS[kind]:
        settings = PLACES.get(driver.partition("_")[0], {})
        device = registry.make_device(DeviceEntry("one", kind, driver, settings))
        assert (device.kind, bool(device.bus)) == (kind, True)
        assert list(inspect.signature(device.step).parameters) == ["now"]


def test_printers_and_drawers_keep_their_ports():
    settings = {"address": "file:/dev/null"}
    for driver in registry.DRIVERS["printer"]:
        given = settings if driver != "simulated" else {}
        assert isinstance(made(DeviceEntry("printer", "printer", driver, given)), Printer)
    for driver in registry.DRIVERS["drawer"]:
        given = settings if driver != "simulated" else {}
        assert isinstance(made(DeviceEntry("drawer", "drawer", driver, given)), CashDrawer)


@pytest.mark.parametrize(
    ("entry", "named"),
    [
        (DeviceEntry("x", "scanner", "laser"), "serial_scanner, simulated, window_scanner"),
        (DeviceEntry("x", "camera", "laser"), "device, file, folder, pair, simulated"),
        (DeviceEntry("x", "toaster", "simulated"), "card_reader"),
        (DeviceEntry("x", "scanner", "serial_scanner", {"port": "/dev/x", "speed": 1}), "baud"),
        (DeviceEntry("x", "scanner", "serial_scanner", {}), "port"),
        (DeviceEntry("x", "scanner", "serial_scanner", {"port": "/d", "trigger": "no"}), "hand"),
        (DeviceEntry("x", "scanner", "serial_scanner", {"port": "/d", "baud": "fast"}), "300"),
        (DeviceEntry("x", "camera", "device", {}), "path"),
        (DeviceEntry("x", "scanner", "hid_scanner", {}), "path"),
        (DeviceEntry("x", "scanner", "hid_scanner", {"path": "/d", "layout": "cn"}), "us"),
        (DeviceEntry("x", "keypad", "hid_keypad", {"path": "/d", "side": "left"}), "diner"),
        (DeviceEntry("x", "keypad", "hid_keypad", {"path": "/d", "keys": {"a": "plus"}}), "keys"),
        (DeviceEntry("x", "keypad", "hid_keypad", {"path": "/d", "keys": {"9": "no"}}), "times"),
    ],
)
def test_a_mistake_in_a_profile_names_what_is_allowed(entry, named):
    with pytest.raises(ValueError, match=named):
        made(entry)

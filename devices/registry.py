"""The only list of concrete drivers: a profile entry's kind and driver name → its class.

Drivers are imported when they are used, so that a counter without a camera never loads OpenCV.
An unknown driver or a mistake in its settings is a ValueError that names what is allowed.
"""

from importlib import import_module
from typing import Any

from devices.ports import Camera, CashDrawer, Device, DeviceEntry, Printer

CAMERAS = {
    "device": "devices.drivers.camera.driver:DeviceCamera",
    "file": "devices.drivers.camera.driver:FileCamera",
    "folder": "devices.drivers.camera.driver:FolderCamera",
    "pair": "devices.drivers.camera.pair:PairCamera",
    "simulated": "devices.simulated.camera:SceneCamera",
}
DRIVERS = {
    "camera": CAMERAS,
    "scanner": {
        "serial_scanner": "devices.drivers.serial_scanner.driver:SerialScanner",
        "hid_scanner": "devices.drivers.hid_scanner.driver:HidScanner",
        "window_scanner": "devices.drivers.hid_scanner.window:WindowScanner",
        "simulated": "devices.simulated.scanner:SimulatedScanner",
    },
    "card_reader": {
        "pcsc_reader": "devices.drivers.pcsc_reader.driver:PcscReader",
        "pn532_reader": "devices.drivers.pn532_reader.driver:Pn532Reader",
        "simulated": "devices.simulated.card_reader:SimulatedCardReader",
    },
    "printer": {
        "escpos_printer": "devices.drivers.escpos_printer.driver:EscposPrinter",
        "simulated": "devices.simulated.printer:SimulatedPrinter",
    },
    "drawer": {
        # A drawer wired to the receipt printer is kicked by that printer's driver
        "escpos_printer": "devices.drivers.escpos_printer.driver:EscposPrinter",
        "simulated": "devices.simulated.printer:SimulatedDrawer",
    },
    "scale": {
        "serial_scale": "devices.drivers.serial_scale.driver:SerialScale",
        "simulated": "devices.simulated.scale:SimulatedScale",
    },
    "keypad": {
        "hid_keypad": "devices.drivers.hid_keys.driver:HidKeypad",
        "simulated": "devices.simulated.keypad:SimulatedKeypad",
    },
    "trigger": {
        "hid_trigger": "devices.drivers.hid_keys.driver:HidTrigger",
        "serial_trigger": "devices.drivers.serial_trigger.driver:SerialTrigger",
        "window_trigger": "devices.drivers.hid_keys.window:WindowTrigger",
        "simulated": "devices.simulated.trigger:SimulatedTrigger",
    },
}
SUPERVISED = frozenset({"scanner", "card_reader", "scale", "keypad", "trigger"})
"""Kinds that a `devices.supervisor.Supervisor` opens and steps."""


def make_device(entry: DeviceEntry) -> Device:
    """Make a supervised device of a profile, not yet opened."""
    device: Device = _made(entry)
    return device


def make_camera(entry: DeviceEntry) -> Camera:
    """Make the camera of a profile entry, not yet opened."""
    camera: Camera = _made(entry)
    return camera


def make_printer(entry: DeviceEntry) -> Printer:
    """Make a printer, not yet opened."""
    printer: Printer = _made(entry)
    return printer


def make_drawer(entry: DeviceEntry) -> CashDrawer:
    """Make a cash drawer; one wired to a printer needs that printer's address as its own."""
    drawer: CashDrawer = _made(entry)
    return drawer


def _made(entry: DeviceEntry) -> Any:
    drivers = DRIVERS.get(entry.kind)
    if drivers is None:
        raise ValueError(f"no devices of kind {entry.kind!r}; kinds: {', '.join(sorted(DRIVERS))}")
    place = drivers.get(entry.driver)
    if place is None:
        allowed = ", ".join(sorted(drivers))
        raise ValueError(f"{entry.name}: no {entry.kind} driver {entry.driver!r}; {allowed}")
    try:
        return _load(place)(entry.name, entry.settings)
    except KeyError as missing:
        raise ValueError(f"{entry.name}: the setting {missing} is missing") from missing
    except ValueError as mistake:
        raise ValueError(f"{entry.name}: {mistake}") from mistake


def _load(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)

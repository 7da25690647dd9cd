"""Hardware that is plugged in and that no profile entry names: shown, never hidden."""

import os
from collections.abc import Iterable

from devices.ports import DeviceEntry, DeviceLost, Undriven
from devices.transport import hid, pcsc, serial, video

_ON_SERIAL_PORTS = ("serial", "pn532")
"""How the names of those drivers begin whose `usb` names a serial port."""


def undriven(entries: Iterable[DeviceEntry]) -> tuple[Undriven, ...]:
    """Compare what the system lists with what `entries` name.

    A keyboard is listed too: it may be a scanner or a keypad that types.
    """
    named = tuple(entries)
    taken = _taken(named)
    return (*_ports(taken), *_readers(named), *_keyboards(named, taken), *_cameras(taken))


def _taken(entries: tuple[DeviceEntry, ...]) -> set[str]:
    """The real paths that the entries name, wherever a driver keeps them."""
    taken = set()
    for entry in entries:
        for field in ("port", "address", "path", "infrared"):
            place = str(entry.settings.get(field, "")).removeprefix("file:")
            taken.add(os.path.realpath(place) if place else "")
        if "usb" in entry.settings and entry.driver.startswith(_ON_SERIAL_PORTS):
            taken |= _port_of(entry)
    return taken


def _ports(taken: set[str]) -> Iterable[Undriven]:
    for path, description in serial.plugged_in().items():
        if os.path.realpath(path) not in taken:
            yield Undriven("serial", path, description)


def _port_of(entry: DeviceEntry) -> set[str]:
    try:
        return {serial.SerialLine.of({"usb": entry.settings["usb"]}).path()}
    except DeviceLost:
        return set()


def _readers(entries: tuple[DeviceEntry, ...]) -> Iterable[Undriven]:
    wanted = [str(one.settings.get("reader", "")) for one in entries if one.kind == "card_reader"]
    for name in pcsc.plugged_in():
        if not any(part.lower() in name.lower() for part in wanted):
            yield Undriven("pcsc", name, "PC/SC reader")


def _keyboards(entries: tuple[DeviceEntry, ...], taken: set[str]) -> Iterable[Undriven]:
    named = {str(entry.settings.get("usb", "")).lower() for entry in entries}
    for found in hid.plugged_in():
        is_named = named & {found.usb, f"{found.usb}:{found.serial}"}
        if not is_named and os.path.realpath(found.path) not in taken:
            yield Undriven("input", found.path, f"{found.name} {found.usb}")


def _cameras(taken: set[str]) -> Iterable[Undriven]:
    for found in video.plugged_in():
        if os.path.realpath(found.path) not in taken:
            yield Undriven("video", found.path, found.name)

"""Hardware that is plugged in and that no profile entry names: shown, never hidden."""

import os
from collections.abc import Iterable

from devices.ports import DeviceEntry, DeviceLost, Undriven
from devices.transport import pcsc, serial


def undriven(entries: Iterable[DeviceEntry]) -> tuple[Undriven, ...]:
    """Compare what the system lists with what `entries` name."""
    named = tuple(entries)
    return (*_ports(named), *_readers(named))


def _ports(entries: tuple[DeviceEntry, ...]) -> Iterable[Undriven]:
    taken = set()
    for entry in entries:
        place = str(entry.settings.get("port", "")) or str(entry.settings.get("address", ""))
        taken.add(os.path.realpath(place.partition(":")[2] or place))
        if "usb" in entry.settings:
            taken |= _port_of(entry)
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

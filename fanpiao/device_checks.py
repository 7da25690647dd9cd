"""The checks behind `fanpiao doctor` that look at devices, sound and the terminal's keys.

A device is opened, asked once and let go; what a running counter holds says that it is busy and is
left to it.
"""

from __future__ import annotations

import ctypes
import getpass
import os
from collections.abc import Iterable
from pathlib import Path

from devices import trial
from devices.ports import DeviceEntry
from devices.transport import hid
from devices.undriven import undriven
from domain.errors import Refused
from domain.messages import text
from fanpiao.findings import Finding, State
from kiosk_profiles.schema import Profile
from sync.keystore import FileKeyStore

SOUND_CARDS = Path("/proc/asound/cards")
SOUND_SERVERS = ("pulse/native", "pipewire-0")
SOUND_LIBRARY = "libpulse.so.0"
RULES_FILE = "/etc/udev/rules.d/70-fanpiao.rules"

_STATES: dict[str, State] = {
    "": "ok",
    # It needs the kiosk's window, which is not doctor's
    "devices.no_window": "ok",
    "devices.busy": "warning",
    "printers.paper_low": "warning",
    "printers.no_paper": "warning",
    "printers.cover_open": "warning",
}


def entries_of(found: Profile | None) -> tuple[DeviceEntry, ...]:
    """Return the devices of a profile as the drivers are given them."""
    devices = found.devices if found else ()
    return tuple(DeviceEntry(one.name, one.kind, one.driver, one.settings) for one in devices)


def devices(entries: Iterable[DeviceEntry], now: float) -> list[Finding]:
    """Open every device, ask it once, and say how it is."""
    return [_device(entry, *trial.look(entry, now)) for entry in entries]


def _device(entry: DeviceEntry, code: str, detail: str) -> Finding:
    state, where = _STATES.get(code, "wrong"), _where(entry)
    data: dict[str, str | int] = {"device": entry.name, "where": where}
    if state == "ok":
        return Finding("device", "ok", "device.ok", data)
    named = {"name": entry.name}
    data |= {"why": code, "detail": detail}
    data |= {"zh": text(code, named, "zh"), "en": text(code, named, "en")}
    return Finding("device", state, "device.wrong", data)


def _where(entry: DeviceEntry) -> str:
    for field in ("path", "port", "usb", "address", "reader"):
        if entry.settings.get(field):
            return str(entry.settings[field])
    return entry.driver


def keyboards(entries: Iterable[DeviceEntry], listed: Iterable[hid.Keyboard]) -> Finding:
    """Look whether this user may read the keyboards that a profile grabs; print the udev line."""
    found = tuple(listed)
    if not found:
        return Finding("input", "ok", "input.none")
    closed = [one for one in found if not os.access(one.path, os.R_OK)]
    if not closed:
        return Finding("input", "ok", "input.ok", {"names": _names(found)})
    named = [
        one.settings for one in entries if one.driver.startswith("hid_") and one.kind != "camera"
    ]
    wanted = [one for one in closed if any(_is_named(one, settings) for settings in named)]
    data: dict[str, str | int] = {
        "names": _names(wanted or closed),
        "user": getpass.getuser(),
        "file": RULES_FILE,
        "rule": "\n".join(udev_line(one) for one in wanted or closed),
    }
    return Finding("input", "wrong" if wanted else "warning", "input.forbidden", data)


def udev_line(keyboard: hid.Keyboard, group: str = "input") -> str:
    """Return the udev rule that lets `group` read this keyboard, by its USB identity."""
    vendor, _, product = keyboard.usb.partition(":")
    return (
        f'KERNEL=="event*", SUBSYSTEM=="input", ATTRS{{idVendor}}=="{vendor}", '
        f'ATTRS{{idProduct}}=="{product}", GROUP="{group}", MODE="0660"'
    )


def _is_named(keyboard: hid.Keyboard, settings: object) -> bool:
    assert isinstance(settings, dict)
    place, usb = str(settings.get("path", "")), str(settings.get("usb", "")).lower()
    is_path = bool(place) and os.path.realpath(place) == os.path.realpath(keyboard.path)
    return is_path or usb in (keyboard.usb, f"{keyboard.usb}:{keyboard.serial}")


def _names(keyboards: Iterable[hid.Keyboard]) -> str:
    return ", ".join(f"{one.name} ({one.path})" for one in keyboards)


def unclaimed(entries: Iterable[DeviceEntry]) -> Finding:
    """List what is plugged in and no device of the profile takes."""
    found = undriven(entries)
    if not found:
        return Finding("undriven", "ok", "undriven.none")
    listed = "; ".join(f"{one.description.strip()} ({one.bus}: {one.address})" for one in found)
    return Finding("undriven", "warning", "undriven.some", {"devices": listed})


def sound(
    cards: Path = SOUND_CARDS, library: str = SOUND_LIBRARY, runtime: str | None = None
) -> Finding:
    """Look whether tones can be heard: the library, and a sound card or a sound server."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return Finding("sound", "warning", "sound.no_library", {"library": library})
    folder = Path(runtime if runtime is not None else os.environ.get("XDG_RUNTIME_DIR", "/none"))
    servers = [name for name in SOUND_SERVERS if (folder / name).exists()]
    listed = _cards(cards)
    if not (listed or servers):
        return Finding("sound", "warning", "sound.none")
    return Finding("sound", "ok", "sound.ok", {"outputs": ", ".join([*listed, *servers])})


def _cards(path: Path) -> list[str]:
    """The names in /proc/asound/cards: every other line, `0 [PCH   ]: HDA-Intel - HDA Intel`."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    return [line.partition(" - ")[2].strip() for line in lines if "]:" in line]


def key_store(path: Path) -> Finding:
    """Look whether this terminal's keys can be read, and by nobody else."""
    data: dict[str, str | int] = {"path": str(path)}
    try:
        secrets = FileKeyStore(path).load()
    except Refused as refused:
        if refused.code == "keys.no_permission":
            why: dict[str, str | int] = {"user": getpass.getuser(), "why": "PermissionError"}
            return Finding("keys", "wrong", "keys.forbidden", data | why)
        code = "keys.too_open" if refused.code == "keys.too_open" else "keys.damaged"
        return Finding("keys", "wrong", code, data)
    if secrets is None or secrets.binding is None:
        return Finding("keys", "ok", "keys.none", data)
    return Finding("keys", "ok", "keys.ok", {**data, "terminal": secrets.binding.terminal_name})


def server_of(path: Path) -> str:
    """Return the address of the server this terminal is bound to, "" when it is to none."""
    try:
        secrets = FileKeyStore(path).load()
    except (Refused, OSError):
        return ""
    return secrets.server_url if secrets and secrets.binding else ""

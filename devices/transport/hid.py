"""An input device of the kernel (evdev), grabbed: what it types reaches nobody else.

Events are the kernel's ``struct input_event`` (linux/input.h), read from the device file, so that a
recording played through a pipe is read by the same code. A device is named by its path under
``/dev/input/by-id`` or by its USB identity: the number of an ``eventN`` changes with the plugging.
"""

import errno
import fcntl
import os
import select
import stat
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from devices.ports import STEP_WAIT_S, DeviceLost, DeviceSettings

FIELDS: Final = ("path", "usb")
"""The settings a driver on an input device passes on to `HidLine.of`."""
EV_SYN, EV_KEY = 0, 1
SYN_DROPPED: Final = 3
_EVENT: Final = struct.Struct("@llHHi")
_READ_MAX: Final = 256 * _EVENT.size
_GRAB: Final = 0x40044590
"""EVIOCGRAB of linux/input.h."""
_CLASS: Final = Path("/sys/class/input")
_DEVICES: Final = Path("/dev/input")
_TYPING: Final = sum(1 << code for code in (*range(1, 112), *range(183, 195)))
"""KEY_ESC … KEY_DELETE and F13 … F24; a mouse, a power button, a volume wheel has none."""
_WORD_BITS: Final = 64

_CODES: Final = {
    errno.ENOENT: "devices.absent",
    errno.ENODEV: "devices.absent",
    errno.ENXIO: "devices.absent",
    errno.EACCES: "devices.no_permission",
    errno.EPERM: "devices.no_permission",
    errno.EBUSY: "devices.busy",
}


class KeyEvent(NamedTuple):
    """One event of the kernel: `type` and `code` as in linux/input-event-codes.h.

    For a key, `value` is 1 down, 0 up, 2 repeated.
    """

    type: int
    code: int
    value: int


@dataclass(frozen=True, slots=True)
class HidLine:
    """Where the device is; exactly one of `path` and `usb` ("VVVV:PPPP[:SERIAL]") is set."""

    path: str = ""
    usb: str = ""

    @classmethod
    def of(cls, settings: DeviceSettings) -> "HidLine":
        """Read the settings of a profile entry; ValueError says what is wrong."""
        path, usb = str(settings.get("path", "")), str(settings.get("usb", "")).lower()
        if bool(path) == bool(usb):
            raise ValueError(
                "set either path (/dev/input/by-id/…) or usb (vendor:product[:serial])"
            )
        return cls(path, usb)

    def place(self) -> str:
        """Return the path of the device as it is plugged in now, or raise `DeviceLost`."""
        if self.path:
            return self.path
        for found in plugged_in():
            if self.usb in (found.usb, f"{found.usb}:{found.serial}"):
                return found.path
        raise DeviceLost("devices.absent", self.usb)


@dataclass(frozen=True, slots=True)
class Keyboard:
    """Something that types, as the kernel lists it."""

    path: str
    name: str
    usb: str
    serial: str


class HidPort:
    """An open, grabbed input device. Owned by one thread."""

    def __init__(self, line: HidLine) -> None:
        self._line = line
        self._place = line.path or line.usb
        self._descriptor = -1
        self._part = b""

    def open(self) -> None:
        """Open and grab it, what was typed before discarded; `DeviceLost` when it cannot be."""
        assert self._descriptor < 0, "opened twice"
        self._place = self._line.place()
        try:
            self._descriptor = os.open(self._place, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            self._grab()
        except OSError as error:
            self.close()
            code = _CODES.get(error.errno or 0, "devices.protocol")
            raise DeviceLost(code, f"{self._place}: {_word(error)}") from error
        while self._read():
            continue
        self._part = b""

    def take(self) -> list[KeyEvent]:
        """Return what was typed, without waiting; `DeviceLost` when the device went away."""
        data = self._part + self._read()
        whole = len(data) - len(data) % _EVENT.size
        self._part = data[whole:]
        return [KeyEvent(*fields[2:]) for fields in _EVENT.iter_unpack(data[:whole])]

    def wait(self) -> None:
        """Wait until something was typed, at most `STEP_WAIT_S`."""
        assert self._descriptor >= 0, "not open"
        select.select([self._descriptor], [], [], STEP_WAIT_S)

    def close(self) -> None:
        """Let go of the device; safe to call more than once."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def _grab(self) -> None:
        # A recording played through a pipe has nobody to take the keys from
        if not stat.S_ISFIFO(os.fstat(self._descriptor).st_mode):
            fcntl.ioctl(self._descriptor, _GRAB, 1)

    def _read(self) -> bytes:
        assert self._descriptor >= 0, "not open"
        try:
            data = os.read(self._descriptor, _READ_MAX)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise DeviceLost("devices.lost", f"{self._place}: {_word(error)}") from error
        if not data:
            raise DeviceLost("devices.lost", self._place)
        return data


def packed(event: KeyEvent) -> bytes:
    """Return the kernel's bytes of an event, its time left at zero."""
    return _EVENT.pack(0, 0, *event)


def plugged_in(listing: Path = _CLASS, devices: Path = _DEVICES) -> tuple[Keyboard, ...]:
    """The keyboards of this machine, scanners and keypads among them; `listing` is sysfs's."""
    return tuple(_keyboards(listing, devices))


def _keyboards(listing: Path, devices: Path) -> Iterator[Keyboard]:
    for entry in sorted(listing.glob("event*")):
        device = entry / "device"
        if not _types(_said(device / "capabilities" / "key")):
            continue
        usb = f"{_said(device / 'id' / 'vendor')}:{_said(device / 'id' / 'product')}".lower()
        serial = _said(device / "uniq").lower()
        yield Keyboard(str(devices / entry.name), _said(device / "name"), usb, serial)


def _types(bitmap: str) -> bool:
    """Whether the kernel's bitmap of keys, its words in hex with the highest first, has any."""
    words = reversed(bitmap.split())
    bits = sum(int(word, 16) << (_WORD_BITS * place) for place, word in enumerate(words))
    return bool(bits & _TYPING)


def _said(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _word(error: OSError) -> str:
    return errno.errorcode.get(error.errno or 0, type(error).__name__)

"""A serial port (USB-COM included) through pyserial, found by path or by USB identity.

Opening discards what the port had buffered: a code that was read before the counter was ready
must never be taken for a fresh one. A port is locked while it is open.
"""

import errno
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import serial
from serial.tools import list_ports

from devices.ports import STEP_WAIT_S, DeviceLost, DeviceSettings
from devices.settings import choice, number

FIELDS = ("port", "usb", "baud", "data_bits", "parity", "stop_bits")
"""The settings a driver on a serial port passes on to `SerialLine.of`."""
READ_MAX = 65_536
"""Bytes handed over at once; more waits in the kernel for the next turn."""

_CODES = {
    errno.ENOENT: "devices.absent",
    errno.ENODEV: "devices.absent",
    errno.ENXIO: "devices.absent",
    errno.EACCES: "devices.no_permission",
    errno.EPERM: "devices.no_permission",
    errno.EBUSY: "devices.busy",
    errno.EAGAIN: "devices.busy",
}
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SerialLine:
    """Where the port is and how it speaks; exactly one of `port` and `usb` is set.

    `usb` is "VVVV:PPPP" in hex, or "VVVV:PPPP:SERIAL" where two alike are plugged in: the number
    of a ttyUSB changes with the order of plugging in, this does not.
    """

    port: str = ""
    usb: str = ""
    baud: int = 9600
    data_bits: int = 8
    parity: str = "N"
    stop_bits: int = 1

    @classmethod
    def of(cls, settings: DeviceSettings) -> "SerialLine":
        """Read the settings of a profile entry; ValueError says what is wrong."""
        port, usb = str(settings.get("port", "")), str(settings.get("usb", "")).lower()
        if bool(port) == bool(usb):
            raise ValueError("set either port (a path) or usb (vendor:product[:serial])")
        return cls(
            port=port,
            usb=usb,
            baud=int(number(settings, "baud", 9600, 300, 921_600)),
            data_bits=int(number(settings, "data_bits", 8, 7, 8)),
            parity=choice(settings, "parity", ("N", "E", "O"), "N"),
            stop_bits=int(number(settings, "stop_bits", 1, 1, 2)),
        )

    def path(self) -> str:
        """Return the path of the port as it is plugged in now, or raise `DeviceLost`."""
        if self.port:
            return self.port
        for found in list_ports.comports():
            if self.usb in _usb_names(found):
                return str(found.device)
        raise DeviceLost("devices.absent", self.usb)


class SerialPort:
    """An open serial port. Owned by one thread."""

    def __init__(self, line: SerialLine) -> None:
        self._line = line
        self._serial: Any = None
        self._ahead = b""

    def open(self) -> None:
        """Open and lock the port and discard what it had buffered; `DeviceLost` when it cannot."""
        assert self._serial is None, "opened twice"
        path = self._line.path()
        try:
            self._serial = serial.Serial(
                path,
                self._line.baud,
                bytesize=self._line.data_bits,
                parity=self._line.parity,
                stopbits=self._line.stop_bits,
                timeout=STEP_WAIT_S,
                write_timeout=1.0,
                exclusive=True,
            )
        except (OSError, ValueError) as error:
            code = _CODES.get(getattr(error, "errno", None) or 0, "devices.absent")
            raise DeviceLost(code, f"{path}: {type(error).__name__}") from error
        self._ahead = b""

    def take(self) -> bytes:
        """Return what has arrived, without waiting; `DeviceLost` when the port went away."""
        port = self._opened()
        ahead, self._ahead = self._ahead, b""
        waiting = self._asked(lambda: min(int(port.in_waiting), READ_MAX))
        return ahead + (self._asked(lambda: bytes(port.read(waiting))) if waiting else b"")

    def wait(self) -> None:
        """Wait until something has arrived, at most `STEP_WAIT_S`.

        The first byte is kept for the next `take`, so that its time is known to its arrival.
        """
        port = self._opened()
        if not self._ahead:
            self._ahead = self._asked(lambda: bytes(port.read(1)))

    def write(self, data: bytes) -> None:
        """Send `data`; `DeviceLost` when it is not taken within a second."""
        port = self._opened()
        self._asked(lambda: port.write(data))

    def close(self) -> None:
        """Let go of the port; safe to call more than once."""
        port, self._serial, self._ahead = self._serial, None, b""
        if port is not None:
            port.close()

    def _opened(self) -> Any:
        assert self._serial is not None, "not open"
        return self._serial

    def _asked(self, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except OSError as error:  # pyserial's SerialException is one too
            place = self._line.port or self._line.usb
            raise DeviceLost("devices.lost", f"{place}: {type(error).__name__}") from error


def plugged_in() -> dict[str, str]:
    """Return the serial ports of this machine: path → description."""
    return {
        str(found.device): f"{found.description} {found.hwid}"
        for found in list_ports.comports()
        if found.hwid != "n/a"
    }


def _usb_names(found: Any) -> tuple[str, ...]:
    if found.vid is None or found.pid is None:
        return ()
    name = f"{found.vid:04x}:{found.pid:04x}"
    return (name, f"{name}:{found.serial_number or ''}".lower())

"""Where a printer's bytes go: a device file (`file:/dev/usb/lp0`) or the network (`tcp:host:9100`).

Every write is bounded in time: a printer without paper takes no more bytes and would hang its
thread for ever. A network printer serves one client at a time, so nothing stays connected.
"""

import errno
import os
import select
import socket
import stat
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Protocol

from devices.ports import DeviceLost

ANSWER_WAIT_S: Final = 0.3
"""How long a printer may take to say how it is; one that cannot say never does."""
TCP_PORT: Final = 9100
_CODES: Final = {
    errno.ENOENT: "devices.absent",
    errno.ENODEV: "devices.absent",
    errno.ENXIO: "devices.absent",
    errno.EACCES: "devices.no_permission",
    errno.EPERM: "devices.no_permission",
    errno.EBUSY: "devices.busy",
}


class Outlet(ABC):
    """An open file descriptor with bounded writes. Belongs to one thread."""

    def __init__(self, place: str) -> None:
        self.place = place
        self._descriptor = -1
        self._timeout_s = 0.0

    def open(self, timeout_s: float) -> None:
        """Open it; every later write may take `timeout_s`. `DeviceLost` when it is not there."""
        assert self._descriptor < 0, "opened twice"
        self._timeout_s = timeout_s
        try:
            self._descriptor = self._connected(timeout_s)
        except OSError as error:
            code = _CODES.get(error.errno or 0, "devices.absent")
            raise DeviceLost(code, f"{self.place}: {type(error).__name__}") from error

    @contextmanager
    def opened(self, timeout_s: float) -> Iterator["Outlet"]:
        """Open it for one job."""
        self.open(timeout_s)
        try:
            yield self
        finally:
            self.close()

    def write(self, data: bytes) -> None:
        """Send all of `data` within the time of `open`, or raise `DeviceLost`."""
        until, rest = time.monotonic() + self._timeout_s, memoryview(data)
        while rest:
            left = until - time.monotonic()
            if left <= 0 or not select.select([], [self._descriptor], [], left)[1]:
                raise DeviceLost("devices.silent", self.place)
            try:
                rest = rest[os.write(self._descriptor, rest) :]
            except BlockingIOError:
                continue
            except OSError as error:
                raise DeviceLost("devices.lost", f"{self.place}: {error.errno}") from error

    def ask(self, question: bytes) -> bytes:
        """Send `question`, return one byte of answer, or nothing when none comes in time."""
        if not self._can_answer():
            return b""
        self.write(question)
        if not select.select([self._descriptor], [], [], ANSWER_WAIT_S)[0]:
            return b""
        try:
            return os.read(self._descriptor, 1)
        except OSError as error:
            raise DeviceLost("devices.lost", f"{self.place}: {error.errno}") from error

    def close(self) -> None:
        """Let go of it; safe to call more than once."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    @abstractmethod
    def _connected(self, timeout_s: float) -> int:
        """Open the place and return its descriptor; OSError when it is not there."""

    def _can_answer(self) -> bool:
        return True


class FileOutlet(Outlet):
    """A character device, or a plain file that is appended to (the paper of a bench)."""

    def _connected(self, timeout_s: float) -> int:
        is_plain = stat.S_ISREG(os.stat(self.place).st_mode)
        flags = os.O_WRONLY | os.O_APPEND if is_plain else os.O_RDWR
        return os.open(self.place, flags | os.O_NONBLOCK | os.O_NOCTTY)

    def _can_answer(self) -> bool:
        return stat.S_ISCHR(os.fstat(self._descriptor).st_mode)


class TcpOutlet(Outlet):
    """A printer on the network, raw bytes on port 9100."""

    def _connected(self, timeout_s: float) -> int:
        host, _, port = self.place.rpartition(":")
        line = socket.create_connection((host, int(port)), timeout_s)
        line.setblocking(False)
        return line.detach()


class Address(Protocol):
    """How an address of the profile becomes an outlet."""

    def __call__(self, place: str) -> Outlet: ...


_KINDS: Final[dict[str, Address]] = {"file": FileOutlet, "tcp": TcpOutlet}


def outlet_of(address: str) -> Outlet:
    """Return the outlet of `file:PATH` or `tcp:HOST[:PORT]`, not yet opened; else ValueError."""
    kind, _, place = address.partition(":")
    if kind not in _KINDS or not place:
        raise ValueError(f"address = {address!r}; allowed: file:PATH, tcp:HOST[:PORT]")
    if kind == "tcp" and not place.rpartition(":")[2].isdecimal():
        place = f"{place}:{TCP_PORT}"
    if kind == "tcp" and not 0 < int(place.rpartition(":")[2]) < 65_536:
        raise ValueError(f"address = {address!r}: a port is 1 … 65535")
    return _KINDS[kind](place)

"""systemd's watchdog: told that this terminal lives, only while its counter thread steps.

Nobody else tells: a counter that hangs in a disk or a defect stops telling, and is started again
through RECOVER (`WatchdogSec=` in the unit, Restart=always). So is one whose windows stand still:
once they have come round they must go on doing so. Protocol: sd_notify(3).
"""

import os
import socket
from collections.abc import Callable, Mapping

BEAT_EVERY_S = 1.0
"""Far below any sensible `WatchdogSec`."""
WINDOWS_MAX_S = 10.0
"""Longer than the slowest page takes to draw on a small computer."""

Send = Callable[[bytes], None]


class Watchdog:
    """Call `stepped` after each step of the counter; `send` takes one datagram."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._told_at: float | None = None
        self._has_turned = False
        self._turned_at: float | None = None

    def turned(self) -> None:
        """The windows' thread came round; from any thread. Without windows nobody calls it."""
        self._has_turned = True

    def stepped(self, now: float) -> None:
        """The counter thread came round: say ready once, and alive once a second."""
        if self._has_turned:
            self._has_turned, self._turned_at = False, now
        elif self._turned_at is not None and now - self._turned_at > WINDOWS_MAX_S:
            return
        if self._told_at is None:
            self._send(b"READY=1")
        elif now - self._told_at < BEAT_EVERY_S:
            return
        self._told_at = now
        self._send(b"WATCHDOG=1")


def notifier(environment: Mapping[str, str] = os.environ) -> Send:
    """Send to systemd's socket; nothing when this was not started by it, or it is gone."""
    address = environment.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return lambda _message: None
    target = "\0" + address[1:] if address.startswith("@") else address

    def send(message: bytes) -> None:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
                line.setblocking(False)
                line.sendto(message, target)
        except OSError:
            return  # never in the way of a payment

    return send

"""The watchdog hears of a counter only while it steps."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from terminal_app.watchdog import WINDOWS_MAX_S, Watchdog, notifier


def test_it_is_told_once_a_second_while_the_counter_steps_and_never_else() -> None:
    told: list[bytes] = []
    watchdog = Watchdog(told.append)
    for step in range(21):
        watchdog.stepped(100.0 + step * 0.05)
    assert told == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1"]
    watchdog.stepped(160.0)  # it hung for a minute: nobody spoke for it meanwhile
    assert told.count(b"WATCHDOG=1") == 3


def test_windows_that_stand_still_silence_it_until_they_turn_again() -> None:
    told: list[bytes] = []
    watchdog = Watchdog(told.append)
    watchdog.turned()
    for second in range(20):
        watchdog.stepped(100.0 + second)
    alive = told.count(b"WATCHDOG=1")
    assert alive == 1 + int(WINDOWS_MAX_S)
    watchdog.turned()
    watchdog.stepped(121.0)
    assert told.count(b"WATCHDOG=1") == alive + 1


def test_it_speaks_to_the_socket_that_systemd_named(tmp_path: Path) -> None:
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(path))
        systemd.settimeout(5)
        notifier({"NOTIFY_SOCKET": str(path)})(b"WATCHDOG=1")
        assert systemd.recv(64) == b"WATCHDOG=1"


@pytest.mark.parametrize("address", ["", "gone", "relative/to/nowhere"])
def test_without_systemd_or_with_its_socket_gone_the_counter_goes_on(
    tmp_path: Path, address: str
) -> None:
    path = str(tmp_path / address) if address == "gone" else address
    send, told = notifier({"NOTIFY_SOCKET": path} if path else {}), []

    def tell(message: bytes) -> None:
        send(message)
        told.append(message)

    Watchdog(tell).stepped(100.0)
    assert told == [b"READY=1", b"WATCHDOG=1"]
    assert list(tmp_path.iterdir()) == []

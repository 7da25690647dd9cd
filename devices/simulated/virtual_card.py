"""A card for the virtual reader of a real PC/SC service (`vpcd` of the vsmartcard project).

The card connects by TCP to the port of a reader slot; connected means inserted. Each message is a
length (2 bytes, big-endian) and a payload; a payload of one byte is a power command (0 off, 1 on,
2 reset) or asks for the ATR (4); anything else is an APDU. A plain card understands `GET UID` only;
`memory` says so itself (a MIFARE Classic), and some readers fail on any other command to it, as it
does here. A `desfire` or `ntag424` is an `Ev2Card`, `bank:NUMBER` a `BankCard`; what comes again
still has what was written to it.

The service looks for a card about every 0.4 s: that delay is the emulator's, no reader's.

Played from a shell, or from another process by `CardProcess`:

    python -m devices.simulated.virtual_card --port 35963
    insert 04A1B2C3
    insert 04A1B2C3D4E5F6 desfire
    remove
"""

import argparse
import contextlib
import socket
import subprocess
import sys
import threading
from collections.abc import Iterable
from pathlib import Path

from devices.simulated.bank_card import BankCard
from devices.simulated.ev2_card import GET_UID, Ev2Card

ATR = bytes.fromhex("3B8180018080")
"""What PC/SC readers make up for a contactless card of type A, part 4 (as a DESFire shows)."""
MEMORY_ATR = bytes.fromhex("3B8F8001804F0CA000000306030001000000006A")
"""The same for a MIFARE Classic 1K (PC/SC part 3, 3.1.3.2.3.2)."""
DONE = bytes.fromhex("9000")
NOT_SUPPORTED = bytes.fromhex("6D00")
POWER_MAX = 2
ASK_ATR = 4
CONNECT_S = 5.0


class MemoryCard:
    """Memory alone, in front of a reader that fails on what such a card cannot do."""

    def __init__(self, uid: bytes) -> None:
        self._uid = uid

    def answer(self, apdu: bytes) -> bytes:
        """Say the UID, which the reader answers itself; ConnectionError for all else."""
        if apdu != GET_UID:
            raise ConnectionError("no command for memory")
        return self._uid + DONE

    def leave_field(self) -> None:
        """It remembers nothing between commands."""


Card = Ev2Card | BankCard | MemoryCard


class VirtualCard:
    """Cards held over one slot of a virtual reader. Every method may be called on any thread."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self._place = (host, port)
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._cards: dict[bytes, Card] = {}

    def insert(
        self, uid: bytes, kind: str = "plain", *, tears: bool = False, hangs: bool = False
    ) -> None:
        """Put a card with this UID on the reader; one that `tears` leaves before it answers.

        One that `hangs` never answers a command, as a reader's bad firmware: until it is removed.
        """
        self.remove()
        card = None
        if kind != "plain":
            card = self._cards.setdefault(uid, _made(uid, kind))
        link = socket.create_connection(self._place, timeout=CONNECT_S)
        link.settimeout(None)
        self._socket = link
        self._thread = threading.Thread(
            target=_talk, args=(link, uid, card, tears, hangs), daemon=True
        )
        self._thread.start()

    def remove(self) -> None:
        """Take the card away; does nothing when there is none."""
        link, self._socket = self._socket, None
        if link is not None:
            with contextlib.suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)
            link.close()
        if self._thread is not None:
            self._thread.join(CONNECT_S)
            self._thread = None


class CardProcess:
    """The same in a process of its own, as a card is no part of the terminal."""

    def __init__(self, port: int) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-m", "devices.simulated.virtual_card", "--port", str(port)],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def insert(self, uid: bytes, kind: str = "plain", *, tears: bool = False) -> None:
        """Put a card on the reader; returns when it lies there."""
        self._say(f"{'tear' if tears else 'insert'} {uid.hex()} {kind}")

    def remove(self) -> None:
        """Take the card away."""
        self._say("remove")

    def close(self) -> None:
        """End the process; its card leaves with it."""
        child = self._child
        assert child.stdin is not None
        assert child.stdout is not None
        with contextlib.suppress(OSError):
            child.stdin.close()
        child.wait(CONNECT_S)
        child.stdout.close()

    def _say(self, line: str) -> None:
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._child.stdin.write(line + "\n")
        self._child.stdin.flush()
        answer = self._child.stdout.readline().strip()
        if answer != "ok":
            raise RuntimeError(f"the virtual card did not do {line.split()[0]}: {answer}")


def _made(uid: bytes, kind: str) -> Card:
    name, _, number = kind.partition(":")
    if name == "memory":
        return MemoryCard(uid)
    return BankCard(uid, number) if name == "bank" else Ev2Card(uid, is_ntag=name == "ntag424")


def answer_to(payload: bytes, uid: bytes, card: Card | None = None) -> bytes | None:
    """What a card answers; None when the message wants no answer."""
    if len(payload) == 1:
        if card is not None and payload[0] <= POWER_MAX:
            card.leave_field()
        atr = MEMORY_ATR if isinstance(card, MemoryCard) else ATR
        return atr if payload[0] == ASK_ATR else None
    if card is not None:
        return card.answer(payload)
    return uid + DONE if payload == GET_UID else NOT_SUPPORTED


def _talk(
    link: socket.socket,
    uid: bytes,
    card: Card | None,
    tears: bool,  # noqa: FBT001
    hangs: bool,  # noqa: FBT001
) -> None:
    with contextlib.suppress(OSError):
        while (payload := _receive(link)) is not None:
            if tears and len(payload) > 1:
                break
            if hangs and len(payload) > 1:
                link.recv(1)
                break
            answer = answer_to(payload, uid, card)
            if answer is not None:
                link.sendall(len(answer).to_bytes(2, "big") + answer)
    link.close()


def _receive(link: socket.socket) -> bytes | None:
    head = _receive_exactly(link, 2)
    return None if head is None else _receive_exactly(link, int.from_bytes(head, "big"))


def _receive_exactly(link: socket.socket, size: int) -> bytes | None:
    received = b""
    while len(received) < size:
        part = link.recv(size - len(received))
        if not part:
            return None
        # Without it the kernel holds every acknowledgement back: 49 ms per command, not .02
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        received += part
    return received


def _obey(card: VirtualCard, lines: Iterable[str]) -> None:
    for line in lines:
        word, _, rest = line.strip().partition(" ")
        try:
            if word in ("insert", "tear"):
                uid, _, kind = rest.partition(" ")
                card.insert(bytes.fromhex(uid), kind or "plain", tears=word == "tear")
            elif word == "remove":
                card.remove()
            else:
                raise ValueError("say insert UID, tear UID or remove")
        except (OSError, ValueError) as error:
            print(f"{type(error).__name__}: {error}", flush=True)
        else:
            print("ok", flush=True)
    card.remove()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="a card, played by lines: insert UID | remove")
    parser.add_argument("--port", type=int, required=True)
    _obey(VirtualCard(parser.parse_args().port), sys.stdin)

"""A PN532 at the far end of a serial line: it sleeps, acknowledges, answers and lists cards.

Written against UM0701-02 and not against the driver: it builds and reads its frames by itself. Its
controls may be called on any thread.
"""

import contextlib
import os
import select
import threading
import tty
from pathlib import Path

from devices.simulated.bank_card import BankCard
from devices.simulated.ev2_card import Ev2Card

_ACK = bytes.fromhex("0000FF00FF00")
_ERROR = bytes.fromhex("0000FF01FF7F8100")
_SELECT_S = 0.02
_PLAIN_SAK, _APDU_SAK = 0x08, 0x20
_ATS = bytes.fromhex("067577810280")


class Pn532Chip:
    """The chip and its port; `path` is what a profile's `port` names."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.garbles = 0
        """So many of the next answers come with a wrong checksum."""
        self.hangs = False
        """Commands are acknowledged and never answered."""
        self._cards: dict[int, tuple[bytes, Ev2Card | BankCard | None]] = {}
        self._tears = False
        self._turn = threading.RLock()
        self._ends: tuple[int, int] | None = None
        self._thread: threading.Thread | None = None
        self.plug_in()

    def put(self, uid: bytes, place: int = 0, card: Ev2Card | BankCard | None = None) -> None:
        """Hold a card into the field."""
        with self._turn:
            self._cards[place] = (uid, card)

    def take(self, place: int = 0) -> None:
        """Take it away."""
        with self._turn:
            _, card = self._cards.pop(place, (b"", None))
            if card is not None:
                card.leave_field()

    def plug_in(self) -> None:
        """Connect the line; the chip sleeps."""
        with self._turn:
            if self._ends is not None:
                return
            self._ends = os.openpty()
            tty.setraw(self._ends[1])
            self.path.symlink_to(os.ttyname(self._ends[1]))
            self._thread = threading.Thread(target=self._run, args=(self._ends[0],), daemon=True)
            self._thread.start()

    def unplug(self) -> None:
        """Pull the plug."""
        with self._turn:
            ends, self._ends = self._ends, None
            thread, self._thread = self._thread, None
        if ends is None or thread is None:
            return
        thread.join()
        self.path.unlink(missing_ok=True)
        for end in reversed(ends):
            os.close(end)

    def _run(self, end: int) -> None:
        held, is_awake = b"", False
        while self._ends is not None:
            if not select.select([end], [], [], _SELECT_S)[0]:
                continue
            with contextlib.suppress(OSError):
                held += os.read(end, 4096)
            # Asleep, the chip loses what comes first and hears from the long preamble on
            is_awake = is_awake or b"\x55\x55" in held
            while is_awake and (taken := _cut(held)) is not None:
                body, held = taken
                self._obey(end, body)

    def _obey(self, end: int, body: bytes | None) -> None:
        if body is None:
            return
        os.write(end, _ACK)
        if self.hangs:
            return
        with self._turn:
            answer = self._answer(body)
        os.write(end, _ERROR if answer is None else self._framed(b"\xd5" + answer))

    def _answer(self, body: bytes) -> bytes | None:
        if len(body) < 2 or body[0] != 0xD4:
            return None
        match body[1]:
            case 0x02:
                return bytes.fromhex("0332010607")
            case 0x14 | 0x32:
                return bytes([body[1] + 1])
            case 0x52:
                return bytes.fromhex("5300")
            case 0x4A:
                return b"\x4b" + self._listed(body[2])
            case 0x40:
                return b"\x41" + self._exchanged(body[2], body[3:])
            case _:
                return None

    def _listed(self, most: int) -> bytes:
        lying = sorted(self._cards.items())[:most]
        return bytes([len(lying)]) + b"".join(
            _target(n, uid, has_apdu=card is not None)
            for n, (_, (uid, card)) in enumerate(lying, start=1)
        )

    def _exchanged(self, number: int, apdu: bytes) -> bytes:
        lying = sorted(self._cards.items())
        if not 1 <= number <= len(lying):
            return b"\x27"
        card = lying[number - 1][1][1]
        return b"\x01" if card is None else b"\0" + card.answer(apdu)

    def _framed(self, body: bytes) -> bytes:
        wrong = 1 if self.garbles > 0 else 0
        self.garbles -= wrong
        size = len(body)
        if size > 255:
            high, low = divmod(size, 256)
            head = bytes([0xFF, 0xFF, high, low, -(high + low) & 0xFF])
        else:
            head = bytes([size, (256 - size) & 0xFF])
        return b"\0\0\xff" + head + body + bytes([(wrong - sum(body)) & 0xFF, 0])


def _target(number: int, uid: bytes, *, has_apdu: bool) -> bytes:
    sak = _APDU_SAK if has_apdu else _PLAIN_SAK
    head = bytes([number, 0x03, 0x44, sak, len(uid)])
    return head + uid + (_ATS if has_apdu else b"")


def _cut(held: bytes) -> tuple[bytes | None, bytes] | None:
    """Take the first whole frame: its body (None: an ACK, or damaged) and what is behind it."""
    start = held.find(b"\x00\xff")
    if start < 0 or len(held) < start + 4:
        return None
    size, head = held[start + 2], start + 4
    if held[start + 2 : start + 4] in (b"\x00\xff", b"\xff\x00"):
        return None, held[head:]
    if held[start + 2 : start + 4] == b"\xff\xff":
        if len(held) < start + 7:
            return None
        size, head = int.from_bytes(held[start + 4 : start + 6], "big"), start + 7
    if len(held) < head + size + 2:
        return None
    body = held[head : head + size]
    is_right = (sum(body) + held[head + size]) & 0xFF == 0
    return (body if is_right else None), held[head + size + 2 :]

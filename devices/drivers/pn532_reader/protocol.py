"""The PN532's frames on a serial line (HSU). Pure: bytes to frames and back, no port, no clock.

Source: NXP UM0701-02 §6.2. A frame is `00 00 FF LEN LCS TFI data DCS 00`; from 256 bytes on the
length is `FF FF` and two bytes more (extended). Damaged frames are dropped and counted: the driver
asks again.
"""

from dataclasses import dataclass, field
from enum import Enum

WAKE_UP = bytes.fromhex("5555") + bytes(14)
"""A sleeping chip loses what comes first (§7.2.11): something that is no frame."""
ACK = bytes.fromhex("0000FF00FF00")
"""From the host it also means: give up the command that is running."""
NACK = bytes.fromhex("0000FFFF0000")
HOST, CHIP, ERROR = 0xD4, 0xD5, 0x7F
DATA_MAX = 264
"""§6.2.1.2: the longest command or answer, TFI included, is 265 bytes."""
SHORT_MAX = 255
_START = bytes.fromhex("00FF")
_HEAD, _EXTENDED_HEAD = 4, 7

GET_FIRMWARE_VERSION, SAM_CONFIGURATION, RF_CONFIGURATION = 0x02, 0x14, 0x32
IN_LIST_PASSIVE_TARGET, IN_DATA_EXCHANGE, IN_RELEASE = 0x4A, 0x40, 0x52
_TYPE_A_UID = slice(5, None)
ISO_14443_4 = 0x20
"""In SAK: the card speaks APDUs (ISO/IEC 14443-3 §6.5.3)."""


class Signal(Enum):
    """What the chip says beside answers."""

    ACK = "ack"
    NACK = "nack"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to the command `code`."""

    code: int
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Target:
    """A type A card in the field."""

    number: int
    uid: bytes = field(repr=False)
    speaks_apdu: bool


def frame(code: int, data: bytes = b"", origin: int = HOST) -> bytes:
    """Return a command of the host; with `origin` CHIP, what the chip would send."""
    body = bytes([origin, code]) + data
    if len(body) > DATA_MAX + 1:
        raise ValueError(f"a frame holds {DATA_MAX + 1} bytes, not {len(body)}")
    if len(body) <= SHORT_MAX:
        head = bytes([len(body), -len(body) & 0xFF])
    else:
        size = len(body).to_bytes(2, "big")
        head = b"\xff\xff" + size + bytes([-sum(size) & 0xFF])
    return b"\0" + _START + head + body + bytes([-sum(body) & 0xFF, 0])


@dataclass(slots=True)
class Frames:
    """Cuts what the chip sends into signals and answers; holds one frame at most."""

    origin: int = CHIP
    damaged_count: int = 0
    _held: bytes = b""

    def feed(self, data: bytes) -> list[Signal | Answer]:
        """Return what `data` completes."""
        self._held += data
        found: list[Signal | Answer] = []
        while (start := self._held.find(_START)) >= 0:
            size, said = self._first(self._held[start:])
            if not size:
                self._held = self._held[start:]
                return found
            self._held = self._held[start + size :]
            if said is None:
                self.damaged_count += 1
            else:
                found.append(said)
        self._held = self._held[-1:]
        return found

    def forget(self) -> None:
        """Drop half a frame: nothing came behind it."""
        self._held = b""

    def _first(self, held: bytes) -> tuple[int, Signal | Answer | None]:
        """How many bytes the first frame takes (0: not all there) and what it says (None: damaged).

        A damaged head costs its start code alone: a whole frame may begin right behind it.
        """
        if len(held) < _HEAD:
            return 0, None
        length, check = held[2], held[3]
        if (length, check) == (0x00, 0xFF):
            return _HEAD, Signal.ACK
        if (length, check) == (0xFF, 0x00):
            return _HEAD, Signal.NACK
        head = _HEAD
        if (length, check) == (0xFF, 0xFF):
            if len(held) < _EXTENDED_HEAD:
                return 0, None
            head, length, check = _EXTENDED_HEAD, int.from_bytes(held[4:6], "big"), held[6]
            check += held[4] + held[5] - length
        if (length + check) & 0xFF or not 1 <= length <= DATA_MAX + 1:
            return len(_START), None
        if len(held) < head + length + 1:
            return 0, None
        body = held[head : head + length]
        if (sum(body) + held[head + length]) & 0xFF:
            return len(_START), None
        return head + length + 1, self._said(body)

    def _said(self, body: bytes) -> Signal | Answer | None:
        if body[0] == ERROR:
            return Signal.ERROR
        if body[0] != self.origin or len(body) < 2:
            return None
        return Answer(body[1], body[2:])


def targets(data: bytes) -> list[Target] | None:
    """Read the answer to InListPassiveTarget (106 kbit/s type A); None when it makes no sense."""
    if not data or data[0] > 2:
        return None
    found, rest = [], data[1:]
    for _ in range(data[0]):
        if len(rest) < 5 or not 4 <= rest[4] <= 10 or len(rest) < 5 + rest[4]:
            return None
        speaks, uid = bool(rest[3] & ISO_14443_4), rest[_TYPE_A_UID][: rest[4]]
        found.append(Target(rest[0], uid, speaks))
        rest = rest[5 + len(uid) :]
        if speaks and rest:
            rest = rest[rest[0] :] if rest[0] else rest[1:]
    return found

"""One conversation with a PN532: a command, its ACK, its answer, each within its time."""

import time
from collections import deque
from typing import Protocol

from devices.drivers.pn532_reader.protocol import (
    ACK,
    GET_FIRMWARE_VERSION,
    IN_DATA_EXCHANGE,
    IN_LIST_PASSIVE_TARGET,
    IN_RELEASE,
    RF_CONFIGURATION,
    SAM_CONFIGURATION,
    WAKE_UP,
    Answer,
    Frames,
    Signal,
    Target,
    frame,
    targets,
)
from devices.ports import DeviceLost

FIRST_S = 1.5
"""Some USB adapters hold the very first byte back for a second."""
ACK_S = 0.1
ANSWER_S = 1.0
"""The longest a card of ours computes; what hangs longer is given up."""
TRIES = 3
PN532 = 0x32
_NORMAL_MODE = bytes.fromhex("010000")
_ONE_TRY = bytes.fromhex("05000001")
"""RFConfiguration item 5: InListPassiveTarget looks twice and answers, instead of for ever."""
_TWO_TYPE_A = bytes.fromhex("0200")
_STATUS_MASK = 0x3F


class Line(Protocol):
    """A serial port."""

    def take(self) -> bytes:
        """What has arrived, without waiting."""

    def wait(self) -> None:
        """Wait a little until something has."""

    def write(self, data: bytes) -> None:
        """Send."""


class CardGone(Exception):
    """The card left the field, or does not answer."""


class Pn532:
    """A PN532 at the end of `line`. Owned by one thread."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._frames = Frames()
        self._said: deque[Signal | Answer] = deque()

    def start(self) -> None:
        """Wake the chip and set it up; `DeviceLost` when no PN532 answers."""
        self._line.write(WAKE_UP)
        self._told(SAM_CONFIGURATION, _NORMAL_MODE, ack_s=FIRST_S)
        version = self._told(GET_FIRMWARE_VERSION)
        if version[:1] != bytes([PN532]):
            raise DeviceLost("devices.unsupported", "another chip answers")
        self._told(RF_CONFIGURATION, _ONE_TRY)

    def look(self) -> list[Target]:
        """Return the type A cards in the field, two at most."""
        found = targets(self._told(IN_LIST_PASSIVE_TARGET, _TWO_TYPE_A))
        return found or []

    def exchange(self, target: Target, apdu: bytes) -> tuple[bytes, int]:
        """Send one APDU; return the answer's data and status word. `CardGone` when torn away."""
        answer = self._told(IN_DATA_EXCHANGE, bytes([target.number]) + apdu)
        if not answer or answer[0] & _STATUS_MASK or len(answer) < 3:
            raise CardGone
        return answer[1:-2], int.from_bytes(answer[-2:], "big")

    def release(self) -> None:
        """Let go of all cards, so that the next look finds them anew."""
        self._told(IN_RELEASE, b"\0")

    def _told(self, code: int, data: bytes = b"", ack_s: float = ACK_S) -> bytes:
        """Give one command and return its answer; asked again when the line garbled it."""
        for _ in range(TRIES):
            self._begin()
            self._line.write(frame(code, data))
            if self._heard(Signal.ACK, ack_s) is not Signal.ACK:
                continue
            said = self._heard(code, ANSWER_S)
            if isinstance(said, Answer):
                return said.data
            # Give it up on the chip too, or its late answer would be taken for the next one's
            self._line.write(ACK)
        raise DeviceLost("devices.silent", f"no answer to {code:02X}")

    def _begin(self) -> None:
        self._line.take()
        self._frames.forget()
        self._said.clear()

    def _heard(self, wanted: Signal | int, within_s: float) -> Signal | Answer | None:
        """Wait for the ACK or for the answer to a command; an error frame ends the waiting."""
        until = time.monotonic() + within_s
        while True:
            self._said.extend(self._frames.feed(self._line.take()))
            while self._said:
                said = self._said.popleft()
                is_answer = isinstance(said, Answer) and said.code == _answer_code(wanted)
                if said is wanted or is_answer or said is Signal.ERROR:
                    return said
            if time.monotonic() >= until:
                return None
            self._line.wait()


def _answer_code(wanted: Signal | int) -> int:
    """The code of the answer to a command: one more than the command's."""
    return wanted + 1 if isinstance(wanted, int) else -1

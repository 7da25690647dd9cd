"""What a serial scanner sends: frames, AIM identifiers, and one event per presentation. Pure.

- A frame ends with CR, LF or both, or stands between STX and ETX. Everything else is payload: the
  separator GS (0x1D) of GS1 codes and bytes that are no UTF-8 survive in `raw`.
- An AIM identifier (ISO/IEC 15424: `]` letter digit) in front names the symbology and is taken off.
- Half a frame that stays without its end is dropped, never joined to the next code.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from devices.ports import CodeGone, CodeScanned, Symbology

STX, ETX, CR, LF = 0x02, 0x03, 0x0D, 0x0A
FRAME_MAX = 8192
"""More than the largest 2-D code holds (7089 digits); a longer frame is noise."""
PARTIAL_MAX_S = 1.0
"""Half a frame older than this is dropped; at 1200 baud a payment code takes .2 s."""

_AIM = {
    "A": Symbology.CODE39,
    "C": Symbology.CODE128,
    "E": Symbology.EAN13,
    "I": Symbology.ITF,
    "L": Symbology.PDF417,
    "Q": Symbology.QR,
    "d": Symbology.DATA_MATRIX,
    "z": Symbology.AZTEC,
}
UPCA_DIGITS = 12


@dataclass(slots=True)
class Framer:
    """Cuts the bytes of a port into frames; holds at most `FRAME_MAX` bytes."""

    dropped_count: int = 0
    _part: bytearray = field(default_factory=bytearray)
    _is_stx: bool = False
    _is_overflown: bool = False
    _fed_at: float = 0.0

    def feed(self, data: bytes, now: float) -> list[bytes]:
        """Return the frames that `data` completes, without their ends; empty frames are none."""
        if data and now - self._fed_at > PARTIAL_MAX_S:
            self.drop_partial()
        if data:
            self._fed_at = now
        return [frame for byte in data if (frame := self._take(byte))]

    def drop_partial(self) -> None:
        """Forget what has begun: the port was opened anew, or nothing came after it."""
        if self._part or self._is_overflown:
            self.dropped_count += 1
        self._begin(is_stx=False)

    def _take(self, byte: int) -> bytes:
        if byte == STX and (self._is_stx or not self._part):
            if self._part:
                self.dropped_count += 1
            self._begin(is_stx=True)
        elif byte == ETX if self._is_stx else byte in (CR, LF):
            return self._end()
        elif len(self._part) >= FRAME_MAX:
            self._is_overflown = True
        else:
            self._part.append(byte)
        return b""

    def _end(self) -> bytes:
        frame = b"" if self._is_overflown else bytes(self._part)
        self.dropped_count += self._is_overflown
        self._begin(is_stx=False)
        return frame

    def _begin(self, *, is_stx: bool) -> None:
        self._part.clear()
        self._is_stx, self._is_overflown = is_stx, False


@dataclass(frozen=True, slots=True)
class Reading:
    """One frame understood: its text, what mark it was, and its bytes without the identifier."""

    text: str = field(repr=False)
    symbology: Symbology
    raw: bytes = field(repr=False)


def read_frame(frame: bytes) -> Reading | None:
    """Take the AIM identifier off; None when nothing is left."""
    symbology = Symbology.UNKNOWN
    if len(frame) >= 3 and frame[:1] == b"]" and chr(frame[1]) in _AIM and chr(frame[2]).isalnum():
        symbology, modifier, frame = _AIM[chr(frame[1])], chr(frame[2]), frame[3:]
        if symbology is Symbology.EAN13:
            symbology = _retail(modifier, len(frame))
    if not frame:
        return None
    return Reading(frame.decode("utf-8", errors="replace"), symbology, frame)


def _retail(modifier: str, digits: int) -> Symbology:
    if modifier == "4":
        return Symbology.EAN8
    return Symbology.UPCA if digits == UPCA_DIGITS else Symbology.EAN13


@dataclass(slots=True)
class Glass:
    """Turns readings into one event per presentation.

    A presentation scanner repeats while the phone lies there, and the phone renews its code: until
    the glass was empty for `gone_s`, nothing else is an event. With a hand trigger every pull is
    an act, so another code is an event at once; the same code again is a bounce.
    """

    source: str
    gone_s: float = 2.0
    is_hand: bool = False
    _shown: bytes = b""
    _seen_at: float | None = None

    def see(self, reading: Reading, seen_at: float) -> Iterator[CodeScanned]:
        """Take one reading."""
        is_new = not self._shown or (self.is_hand and reading.raw != self._shown)
        self._seen_at = seen_at
        if is_new:
            self._shown = reading.raw
            yield CodeScanned(
                reading.text,
                reading.symbology,
                self.source,
                seen_at,
                reading.raw,
                deliberate=self.is_hand,
            )

    def reopened(self, now: float) -> None:
        """Nothing was seen while the scanner was away: what lay there may lie there still."""
        if self._shown:
            self._seen_at = now

    def tick(self, now: float) -> Iterator[CodeGone]:
        """Say that the glass is empty, once, when it has been for `gone_s`."""
        if self._seen_at is not None and now - self._seen_at >= self.gone_s:
            self._shown, self._seen_at = b"", None
            yield CodeGone(self.source, now)

"""What a scanner read, and one event per presentation, whatever line it came by. Pure.

An AIM identifier (ISO/IEC 15424: `]` letter digit) in front names the symbology and is taken off.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from devices.ports import CodeGone, CodeScanned, Symbology

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

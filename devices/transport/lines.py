"""What a serial line brings, cut into frames: a scanner's codes, a sensor's words. Pure.

- A frame ends with CR, LF or both, or stands between STX and ETX. Everything else is payload: the
  separator GS (0x1D) of GS1 codes and bytes that are no UTF-8 survive in `raw`.
- Half a frame that stays without its end is dropped, never joined to the next code.
"""

from dataclasses import dataclass, field

STX, ETX, CR, LF = 0x02, 0x03, 0x0D, 0x0A
FRAME_MAX = 8192
"""More than the largest 2-D code holds (7089 digits); a longer frame is noise."""
PARTIAL_MAX_S = 1.0
"""Half a frame older than this is dropped; at 1200 baud a payment code takes .2 s."""


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

"""Reads ESC/POS bytes back as a printer would: receipts as pictures, drawer pulses, cuts.

Understands what our own jobs and simple text jobs are made of: `ESC @`, `GS v 0` rasters, text with
line feeds, `ESC d` and `ESC J` feeds, `ESC p` pulses, `GS V` cuts, `DLE EOT` questions. Bytes that
are no command it knows are counted, never guessed at.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from PIL import Image, ImageDraw

from devices.receipts import BODY_PX, WIDTH, font

LINE_DOTS: Final = 34
"""The height of a text line and of one fed line."""
PAPER_DOTS_MAX: Final = 20_000
"""Two and a half metres without a cut is a run-away job: the rest is dropped."""
_SIMPLE: Final = {
    # Commands whose effect does not show on our paper: the prefix → bytes of argument
    b"\x1ba": 1, b"\x1bE": 1, b"\x1bM": 1, b"\x1bt": 1, b"\x1b3": 1, b"\x1b2": 0, b"\x1bB": 2,
    b"\x1d!": 1, b"\x1dH": 1, b"\x1dh": 1, b"\x1dw": 1, b"\x1c&": 0, b"\x1c.": 0,
}  # fmt: skip
_NEEDS_MORE: Final = -1


@dataclass(slots=True)
class Paper:
    """A roll of paper: feed it bytes, take the receipts that were cut off.

    `feed` may be called with any slices of the stream; half a command waits for its rest.
    """

    width: int = WIDTH
    receipts: list[Image.Image] = field(default_factory=list)
    drawer_kicks: int = 0
    unknown_count: int = 0
    questions: list[int] = field(default_factory=list)
    _rest: bytes = b""
    _strips: list[Image.Image] = field(default_factory=list)
    _text: bytearray = field(default_factory=bytearray)

    def feed(self, data: bytes) -> None:
        """Take bytes as they come from the line."""
        self._rest += data
        while self._rest:
            used = self._one(self._rest)
            if used == _NEEDS_MORE:
                return
            self._rest = self._rest[used:]

    def uncut(self) -> Image.Image | None:
        """Return what hangs out of the printer, or None when the paper is clean."""
        strips = [*self._strips, *self._text_strips()]
        return _joined(strips, self.width) if strips else None

    def _one(self, data: bytes) -> int:
        """Do the first command of `data`; return its length, or `_NEEDS_MORE`."""
        if data[0] == 0x0A:
            self._end_line()
            return 1
        if data[0] not in (0x1B, 0x1D, 0x1C, 0x10):
            if data[0] >= 0x20:
                self._text.append(data[0])
            else:
                self.unknown_count += 1
            return 1
        if len(data) < 2:
            return _NEEDS_MORE
        return self._command(data[:2], data)

    def _command(self, name: bytes, data: bytes) -> int:
        if name == b"\x1dv":
            return self._raster(data)
        if name == b"\x1dV":
            return self._cut(data)
        known = {b"\x1b@": 0, b"\x1bp": 3, b"\x1bd": 1, b"\x1bJ": 1, b"\x10\x04": 1, **_SIMPLE}
        if name not in known:
            self.unknown_count += 1
            return 2
        length = 2 + known[name]
        if len(data) < length:
            return _NEEDS_MORE
        self._effect(name, data[2:length])
        return length

    def _effect(self, name: bytes, arguments: bytes) -> None:
        if name == b"\x1b@":
            self._text.clear()
        elif name == b"\x1bp":
            self.drawer_kicks += 1
        elif name == b"\x10\x04":
            self.questions.append(arguments[0])
        elif name == b"\x1bd":
            self._end_line()
            self._add(_white(self.width, LINE_DOTS * arguments[0]))
        elif name == b"\x1bJ":
            self._add(_white(self.width, arguments[0]))

    def _raster(self, data: bytes) -> int:
        if len(data) < 8:
            return _NEEDS_MORE
        row_bytes = data[4] + 256 * data[5]
        height = data[6] + 256 * data[7]
        length = 8 + row_bytes * height
        if len(data) < length:
            return _NEEDS_MORE
        if row_bytes and height:
            bits = bytes(byte ^ 0xFF for byte in data[8:length])
            self._add(Image.frombytes("1", (row_bytes * 8, height), bits))
        return length

    def _cut(self, data: bytes) -> int:
        if len(data) < 3:
            return _NEEDS_MORE
        length = 4 if data[2] in (65, 66, 97, 98, 103, 104) else 3
        if len(data) < length:
            return _NEEDS_MORE
        self._end_line()
        if self._strips:
            self.receipts.append(_joined(self._strips, self.width))
            self._strips = []
        return length

    def _end_line(self) -> None:
        for strip in self._text_strips():
            self._add(strip)
        self._text.clear()

    def _text_strips(self) -> Iterator[Image.Image]:
        if self._text:
            strip = _white(self.width, LINE_DOTS)
            text = self._text.decode("gb18030", errors="replace")
            top = (LINE_DOTS - BODY_PX) // 2 - BODY_PX // 4
            ImageDraw.Draw(strip).text((0, top), text, fill=0, font=font())
            yield strip

    def _add(self, strip: Image.Image) -> None:
        if sum(one.height for one in self._strips) + strip.height <= PAPER_DOTS_MAX:
            self._strips.append(strip)


def read_job(data: bytes, width: int = WIDTH) -> list[Image.Image]:
    """Return the receipts in `data`, the one not cut off included."""
    paper = Paper(width)
    paper.feed(data)
    last = paper.uncut()
    return [*paper.receipts, *([last] if last is not None else [])]


def _white(width: int, height: int) -> Image.Image:
    return Image.new("1", (width, height), 1)


def _joined(strips: list[Image.Image], width: int) -> Image.Image:
    whole = _white(width, max(1, sum(strip.height for strip in strips)))
    y = 0
    for strip in strips:
        whole.paste(strip, (0, y))
        y += strip.height
    return whole

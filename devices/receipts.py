"""Draw a receipt as a black and white picture, in Chinese or English, ready for a raster printer.

Drawn by Pillow in Noto Sans CJK: Chinese sent as text comes out garbled on many printers (their
code pages differ), a picture never does. Widths are in dots: 576 on 80 mm paper, 384 on 58 mm.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import qrcode
from PIL import Image, ImageDraw, ImageFont

from devices.ports import PrintLine, Receipt

WIDTH: Final = 576
BODY_PX: Final = 24
LEADING: Final = 1.4
MARGIN: Final = 12
GAP: Final = 16
"""The least white between the left and the right text of one line."""
QR_DOTS: Final = 6
TITLE_SCALE: Final = 2
SCALE_MAX: Final = 3
LINES_MAX: Final = 500
"""More would be metres of paper: a mistake, not a receipt."""
SIMPLIFIED: Final = 2
"""The simplified Chinese face inside Noto's collection (Japanese, Korean, then this)."""
FONTS: Final = (
    Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"),
    Path("/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc"),
    Path("/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc"),
)
MUST_DRAW: Final = "饭票￥"
NO_SUCH_GLYPH: Final = "\U0010fffe"


class FontMissing(Exception):
    """There is no font with Chinese glyphs; says which package brings one."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line as it fits the paper."""

    left: str
    right: str
    scale: int
    is_centred: bool


@lru_cache(maxsize=4)
def font(scale: int = 1) -> ImageFont.FreeTypeFont:
    """Return Noto Sans CJK SC at `scale` times the body's size, or raise `FontMissing`."""
    for path in FONTS:
        if path.exists():
            found = ImageFont.truetype(
                str(path),
                BODY_PX * scale,
                index=SIMPLIFIED,
                layout_engine=ImageFont.Layout.BASIC,
            )
            missing = undrawn(MUST_DRAW, found)
            if not missing:
                return found
    raise FontMissing("no font with Chinese glyphs: install fonts-noto-cjk")


def undrawn(text: str, face: ImageFont.FreeTypeFont) -> str:
    """Return the characters of `text` that the font can only draw as an empty square."""
    square = bytes(face.getmask(NO_SUCH_GLYPH))
    return "".join(sign for sign in text if bytes(face.getmask(sign)) == square)


def draw(receipt: Receipt, width: int = WIDTH) -> Image.Image:
    """Return the receipt as a picture of mode "1", `width` dots wide, as high as it needs.

    Raises `FontMissing`, and ValueError for a receipt of more than `LINES_MAX` lines.
    """
    rows = [row for line in _lines(receipt) for row in fit(line, width)]
    if len(rows) > LINES_MAX:
        raise ValueError(f"a receipt of {len(rows)} lines; {LINES_MAX} at most")
    code = _qr(receipt.code, width) if receipt.code else None
    height = 2 * MARGIN + sum(_height(row.scale) for row in rows)
    height += code.height + MARGIN if code is not None else 0
    picture = Image.new("1", (width, height), 1)
    canvas = ImageDraw.Draw(picture)
    canvas.fontmode = "1"
    y = MARGIN
    for row in rows:
        _draw_row(canvas, row, width, y)
        y += _height(row.scale)
    if code is not None:
        picture.paste(code, ((width - code.width) // 2, y))
    return picture


def fit(line: PrintLine, width: int) -> Iterator[Row]:
    """Break a line so that it fits; the right text stands beside the last of the left."""
    scale = min(max(line.scale, 1), SCALE_MAX)
    room = width - 2 * MARGIN
    *above, last = list(_broken(printable(line.left), scale, room)) or [""]
    for text in above:
        yield Row(text, "", scale, line.is_centred)
    beside = printable(line.right)
    both = _length(last, scale) + GAP + _length(beside, scale)
    if beside and last and both > room:
        yield Row(last, "", scale, line.is_centred)
        last = ""
    *tops, right = list(_broken(beside, scale, room)) or [""]
    for text in tops:
        yield Row("", text, scale, line.is_centred)
    yield Row(last, right, scale, line.is_centred)


def printable(text: str) -> str:
    """Return `text` with control characters and the like as spaces: a name is only ever a name."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def _lines(receipt: Receipt) -> Iterator[PrintLine]:
    yield PrintLine(receipt.title, scale=TITLE_SCALE, is_centred=True)
    yield from receipt.lines
    if receipt.footer:
        yield PrintLine(receipt.footer, is_centred=True)


def _broken(text: str, scale: int, room: int) -> Iterator[str]:
    """Chinese has no spaces to break at, so a line ends wherever it is full."""
    start = 0
    for end in range(1, len(text) + 1):
        if end - start > 1 and _length(text[start:end], scale) > room:
            yield text[start : end - 1]
            start = end - 1
    if text[start:]:
        yield text[start:]


def _draw_row(canvas: ImageDraw.ImageDraw, row: Row, width: int, y: int) -> None:
    face = font(row.scale)
    x = (width - _length(row.left, row.scale)) / 2 if row.is_centred else MARGIN
    canvas.text((round(x), y), row.left, fill=0, font=face)
    if row.right:
        right = width - MARGIN - _length(row.right, row.scale)
        canvas.text((round(right), y), row.right, fill=0, font=face)


def _length(text: str, scale: int) -> float:
    return float(font(scale).getlength(text)) if text else 0.0


def _height(scale: int) -> int:
    return round(BODY_PX * scale * LEADING)


def _qr(text: str, width: int) -> Image.Image:
    maker = qrcode.QRCode(border=2, box_size=QR_DOTS)
    maker.add_data(text)
    matrix = maker.get_matrix()
    dots = min(QR_DOTS, width // len(matrix))
    if dots < 2:
        raise ValueError("the code is too long for this paper")
    small = Image.new("1", (len(matrix), len(matrix)), 1)
    small.putdata([0 if is_dark else 1 for line in matrix for is_dark in line])
    side = len(matrix) * dots
    return small.resize((side, side), Image.Resampling.NEAREST)

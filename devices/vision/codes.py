"""Read codes in pictures: a cascade of decoders that together read more than each alone.

Fast zxing first, since most frames are easy; then thorough (rotated, inverted, shrunk), then a
sharpened and enlarged picture, then zbar, which reads some 1-D codes that zxing does not. The
symbologies are restricted by default: payment codes are QR or Code 128, goods are EAN and UPC.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray
from pyzbar import pyzbar

from devices.ports import CodeGone, CodeScanned, Symbology
from devices.vision.formats import PAYMENT_FORMATS, TWO_DIMENSIONAL

Image = NDArray[np.uint8]

_ZXING = {
    Symbology.QR: zxingcpp.BarcodeFormat.QRCode,
    Symbology.CODE128: zxingcpp.BarcodeFormat.Code128,
    Symbology.EAN13: zxingcpp.BarcodeFormat.EAN13,
    Symbology.EAN8: zxingcpp.BarcodeFormat.EAN8,
    Symbology.UPCA: zxingcpp.BarcodeFormat.UPCA,
    Symbology.CODE39: zxingcpp.BarcodeFormat.Code39,
    Symbology.ITF: zxingcpp.BarcodeFormat.ITF,
    Symbology.PDF417: zxingcpp.BarcodeFormat.PDF417,
    Symbology.DATA_MATRIX: zxingcpp.BarcodeFormat.DataMatrix,
    Symbology.AZTEC: zxingcpp.BarcodeFormat.Aztec,
}
_FROM_ZXING = {format_: symbology for symbology, format_ in _ZXING.items()}
_ZBAR = {
    Symbology.QR: pyzbar.ZBarSymbol.QRCODE,
    Symbology.CODE128: pyzbar.ZBarSymbol.CODE128,
    Symbology.EAN13: pyzbar.ZBarSymbol.EAN13,
    Symbology.EAN8: pyzbar.ZBarSymbol.EAN8,
    Symbology.UPCA: pyzbar.ZBarSymbol.UPCA,
    Symbology.CODE39: pyzbar.ZBarSymbol.CODE39,
    Symbology.ITF: pyzbar.ZBarSymbol.I25,
}
_FROM_ZBAR = {symbol.name: symbology for symbology, symbol in _ZBAR.items()}
_ENLARGED_MAX = 1600
"""Pictures wider than this are not enlarged: their modules are large enough."""

_NEIGHBOURHOOD = (61, 61)
"""About ten modules of a phone's code at 720p: light varies less than that, the code more."""
_NOISE, _MIDDLE, _SPREAD = 2.0, 128.0, 60.0


class Effort(IntEnum):
    """How far down the cascade to go: `FAST` in every live frame (3 ms at 720p), `STEADY` in some
    of them (10 ms), `ALL` for pictures (some 200 ms when there is no code at all).
    """

    FAST = 1
    STEADY = 2
    ALL = 7


@dataclass(frozen=True, slots=True)
class Code:
    """One code found in a picture; `raw` is its bytes as read."""

    text: str = field(repr=False)
    symbology: Symbology
    raw: bytes = field(repr=False, default=b"")


def decode(
    image: Image,
    *,
    formats: Iterable[Symbology] = PAYMENT_FORMATS,
    effort: Effort = Effort.ALL,
) -> tuple[Code, ...]:
    """Return the codes of `image` (uint8, grey or BGR), from the first decoder that finds any."""
    wanted = tuple(formats)
    grey = image if image.ndim == 2 else np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY))
    steps: tuple[Callable[[], tuple[Code, ...]], ...] = (
        lambda: _zxing(grey, wanted, is_fast=True),
        lambda: _zxing(grey, wanted, is_fast=False),
        lambda: _zxing(_sharpened(grey), wanted, is_fast=False),
        lambda: _zbar(grey, wanted),
        lambda: _zbar(_sharpened(grey), wanted),
        lambda: _zxing(_levelled(grey), wanted, is_fast=False),
        lambda: _zxing(_levelled(_softened(grey)), wanted, is_fast=False),
    )
    for step in steps[:effort]:
        found = step()
        if found:
            return found
    return ()


def _zxing(grey: Image, wanted: tuple[Symbology, ...], *, is_fast: bool) -> tuple[Code, ...]:
    found = zxingcpp.read_barcodes(
        grey,
        formats=tuple(_ZXING[symbology] for symbology in wanted),  # type: ignore[arg-type]
        try_rotate=not is_fast,
        try_downscale=not is_fast,
        try_invert=not is_fast,
    )
    return tuple(
        Code(one.text, _FROM_ZXING.get(one.format, Symbology.UNKNOWN), bytes(one.bytes))
        for one in found
    )


def _zbar(grey: Image, wanted: tuple[Symbology, ...]) -> tuple[Code, ...]:
    symbols = [_ZBAR[symbology] for symbology in wanted if symbology in _ZBAR]
    if not symbols:
        return ()
    return tuple(
        Code(
            one.data.decode("utf-8", errors="replace"),
            _FROM_ZBAR.get(one.type, Symbology.UNKNOWN),
            bytes(one.data),
        )
        for one in pyzbar.decode(grey, symbols=symbols)
    )


def _sharpened(grey: Image) -> Image:
    scale = 2 if grey.shape[1] <= _ENLARGED_MAX else 1
    large = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    soft = cv2.GaussianBlur(large, (0, 0), 2.0)
    return np.asarray(cv2.addWeighted(large, 2.0, soft, -1.0, 0), dtype=np.uint8)


def _levelled(grey: Image) -> Image:
    """Bring every neighbourhood to one brightness and contrast: a dim screen, a lamp in it."""
    bright = grey.astype(np.float32)
    deviation = bright - cv2.boxFilter(bright, -1, _NEIGHBOURHOOD)
    variance = cv2.boxFilter(deviation * deviation, -1, _NEIGHBOURHOOD)
    # The filter's running sums may end a hair below zero where all is one grey
    spread = np.sqrt(np.maximum(variance, 0)) + _NOISE
    return np.clip(_MIDDLE + deviation / spread * _SPREAD, 0, 255).astype(np.uint8)


def _softened(grey: Image) -> Image:
    """Take the noise of a dim picture and the ripple of a screen's dots away."""
    return np.asarray(cv2.GaussianBlur(grey, (0, 0), 1.5), dtype=np.uint8)


@dataclass(slots=True)
class Presented:
    """Turns codes seen frame by frame into one event per presentation.

    A 2-D code counts at once, a 1-D code when two frames agree. While the glass shows any code,
    nothing else is reported: a phone left lying renews its code (COUNTER §3 P10). After `gone_s`
    without any code the glass is empty.
    """

    source: str
    gone_s: float = 2.0
    _shown: str = ""
    _candidate: str = ""
    _seen_at: float | None = None

    def step(self, codes: Iterable[Code], seen_at: float) -> Iterator[CodeScanned | CodeGone]:
        """Take what one frame showed."""
        code = next(iter(codes), None)
        if code is None:
            yield from self._nothing(seen_at)
            return
        if code.symbology not in TWO_DIMENSIONAL and self._candidate != code.text:
            self._candidate = code.text
            return
        is_first = self._shown == ""
        self._shown, self._seen_at = self._shown or code.text, seen_at
        if is_first:
            yield CodeScanned(
                code.text, code.symbology, self.source, seen_at, code.raw, deliberate=False
            )

    def _nothing(self, seen_at: float) -> Iterator[CodeGone]:
        if self._seen_at is None:
            self._candidate = ""
        elif seen_at - self._seen_at >= self.gone_s:
            self._shown, self._candidate, self._seen_at = "", "", None
            yield CodeGone(self.source, seen_at)

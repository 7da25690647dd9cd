"""How many payment codes are read from bad 720p pictures, beside three libraries by themselves.

The pictures are made up from a seed: a phone's code in a dim scene, with one fault each. Every
decoder sees the very same pictures; a code counts when its text is exactly right.
"""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import qrcode
import zxingcpp
from numpy.typing import NDArray
from pyzbar import pyzbar

from benchmarks.figures import Figure, at_most
from devices.vision import codes

Image = NDArray[np.uint8]
WIDTH, HEIGHT = 1280, 720
SEED = 6
PER_FAULT = 40
QUICK = 5
MEDIAN_MAX_MS = 10.0
_LIMIT = "what the picture still holds"


@dataclass(frozen=True, slots=True)
class Shown:
    """One picture and the text of the code in it."""

    fault: str
    text: str
    image: Image


def measure(*, quick: bool) -> Iterator[Figure]:
    """Yield decode rates and ms per frame, all faults together and then each."""
    pictures = frames(QUICK if quick else PER_FAULT, SEED)
    found = {name: _run(read, pictures) for name, read in DECODERS.items()}
    ours, hits = found["ours"], {name: one.hits for name, one in found.items()}
    union = [any(each) for each in zip(*(hits[name] for name in SINGLES), strict=True)]
    rate, against = _share(ours.hits), _share(union)
    yield Figure(
        f"codes read in {len(pictures)} bad 720p frames", rate, "%", "union of the three alone",
        against, target="> 1.00", is_met=rate > against, limit=_LIMIT,
    )  # fmt: skip
    yield at_most("… median per frame", ours.median_ms, "ms", MEDIAN_MAX_MS, "one core")
    for name in SINGLES:
        title = f"… beside {name} alone"
        yield Figure(title, rate, "%", name, _share(hits[name]), limit=_LIMIT)
        yield Figure(f"{title}, median per frame", ours.median_ms, "ms", name,
                     found[name].median_ms, limit="one core")  # fmt: skip
    for fault in FAULTS:
        here = [n for n, one in enumerate(pictures) if one.fault == fault]
        yield Figure(f"… with {fault}", _share([ours.hits[n] for n in here]), "%",
                     "union of the three alone", _share([union[n] for n in here]) or None,
                     limit=_LIMIT)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Run:
    """What one decoder did: right or not per picture, and its median time."""

    hits: list[bool]
    median_ms: float


def _run(read: Callable[[Image], Sequence[str]], pictures: Sequence[Shown]) -> Run:
    hits, times = [], []
    read(pictures[0].image)
    for one in pictures:
        started = time.perf_counter()
        texts = read(one.image)
        times.append(time.perf_counter() - started)
        hits.append(one.text in texts)
    return Run(hits, statistics.median(times) * 1e3)


def _share(hits: Sequence[bool]) -> float:
    return 100 * sum(hits) / len(hits)


# --- the pictures --------------------------------------------------------------------------------


def frames(per_fault: int, seed: int) -> list[Shown]:
    """Make `per_fault` pictures of every fault, alternating QR and Code 128."""
    rng = np.random.default_rng(seed)
    return [_shown(fault, n, rng) for fault in FAULTS for n in range(per_fault)]


def _shown(fault: str, number: int, rng: np.random.Generator) -> Shown:
    text = f"28{rng.integers(0, 10**16):016d}"
    small = fault == "small modules"
    is_qr = number % 4 != 3
    mark = _qr(text, small=small, rng=rng) if is_qr else _bars(text, small=small, rng=rng)
    scene = _scene(rng)
    top = int(rng.integers(20, HEIGHT - mark.shape[0] - 20))
    left = int(rng.integers(20, WIDTH - mark.shape[1] - 20))
    place = (slice(top, top + mark.shape[0]), slice(left, left + mark.shape[1]))
    scene[place] = mark
    spot = (left + mark.shape[1] / 2, top + mark.shape[0] / 2, float(max(mark.shape)))
    faulty = FAULTS[fault](scene.astype(np.float32), spot, rng)
    noisy = faulty + rng.normal(0, 3, faulty.shape)
    grey = np.clip(noisy, 0, 255).astype(np.uint8)
    return Shown(fault, text, np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), np.uint8))


def _qr(text: str, *, small: bool, rng: np.random.Generator) -> Image:
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4)
    code.add_data(text)
    dots = np.where(np.array(code.get_matrix()), 20, 235).astype(np.uint8)
    module = rng.uniform(1.6, 2.4) if small else rng.uniform(5, 9)
    side = int(dots.shape[0] * module)
    how = cv2.INTER_AREA if small else cv2.INTER_NEAREST
    return np.asarray(cv2.resize(dots, (side, side), interpolation=how), np.uint8)


def _bars(text: str, *, small: bool, rng: np.random.Generator) -> Image:
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128)
    row = np.asarray(zxingcpp.write_barcode_to_image(made))[:1]
    row = np.where(np.pad(row, ((0, 0), (10, 10)), constant_values=255) > 127, 235, 20)
    module = rng.uniform(1.3, 1.8) if small else rng.uniform(2.5, 4)
    size = (int(row.shape[1] * module), 60 if small else 130)
    how = cv2.INTER_AREA if small else cv2.INTER_NEAREST
    return np.asarray(cv2.resize(row.astype(np.uint8), size, interpolation=how), np.uint8)


def _scene(rng: np.random.Generator) -> Image:
    """A blurred jumble: what lies behind a phone at a counter."""
    coarse = rng.integers(40, 160, (18, 32)).astype(np.uint8)
    return np.asarray(cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC), np.uint8)


# --- the faults: (picture, (x, y, size) of the code, random) → picture ---------------------------

Picture = NDArray[np.float32]
Spot = tuple[float, float, float]


def _blur(picture: Picture, _spot: Spot, rng: np.random.Generator) -> Picture:
    """Out of focus, or moved while the shutter was open."""
    if rng.random() < 0.5:
        return _f(cv2.GaussianBlur(picture, (0, 0), rng.uniform(2.0, 4.2)))
    length = int(rng.integers(7, 16))
    line = np.zeros((length, length), np.float32)
    line[length // 2] = 1
    turn = cv2.getRotationMatrix2D((length / 2 - 0.5, length / 2 - 0.5), rng.uniform(0, 180), 1)
    kernel = cv2.warpAffine(line, turn, (length, length))
    return _f(cv2.filter2D(picture, -1, kernel / kernel.sum()))


def _glare(picture: Picture, spot: Spot, rng: np.random.Generator) -> Picture:
    """A lamp mirrored on the glass."""
    x, y, size = spot
    grid_y, grid_x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    at_x, at_y = x + rng.uniform(-0.45, 0.45) * size, y + rng.uniform(-0.45, 0.45) * size
    wide, tall = size * rng.uniform(0.12, 0.3), size * rng.uniform(0.12, 0.3)
    spread = ((grid_x - at_x) / wide) ** 2 + ((grid_y - at_y) / tall) ** 2
    return _f(picture + rng.uniform(180, 320) * np.exp(-spread / 2))


def _moire(picture: Picture, _spot: Spot, rng: np.random.Generator) -> Picture:
    """The screen's rows of dots against the sensor's."""
    grid_y, grid_x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    angle, period = rng.uniform(0, np.pi), rng.uniform(2.5, 9)
    waves = np.sin((grid_x * np.cos(angle) + grid_y * np.sin(angle)) * 2 * np.pi / period)
    slow = np.sin((grid_x * np.sin(angle) - grid_y * np.cos(angle)) * 2 * np.pi / (period * 7))
    return _f(cv2.GaussianBlur(picture, (0, 0), 1.2) + rng.uniform(35, 75) * waves + 25 * slow)


def _low_contrast(picture: Picture, _spot: Spot, rng: np.random.Generator) -> Picture:
    """A dimmed screen, or one washed out by daylight."""
    share = rng.uniform(0.04, 0.12)
    return _f(cv2.GaussianBlur(picture, (0, 0), 1.0) * share + rng.uniform(20, 190))


def _perspective(picture: Picture, spot: Spot, rng: np.random.Generator) -> Picture:
    """Held askew, and turned."""
    x, y, size = spot
    half = size / 2
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], np.float32) * half + (x, y)
    bent = corners + rng.uniform(-0.28, 0.28, (4, 2)) * size * (1, 0.6)
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), bent.astype(np.float32))
    warped = cv2.warpPerspective(picture, matrix, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT)
    return _f(cv2.GaussianBlur(warped, (0, 0), 1.0))


def _small(picture: Picture, _spot: Spot, _rng: np.random.Generator) -> Picture:
    """Held far away: its modules are two pixels wide (see `_qr`)."""
    return _f(cv2.GaussianBlur(picture, (0, 0), 0.6))


def _f(picture: object) -> Picture:
    return np.asarray(picture, np.float32)


FAULTS: dict[str, Callable[[Picture, Spot, np.random.Generator], Picture]] = {
    "blur": _blur,
    "glare": _glare,
    "moiré": _moire,
    "low contrast": _low_contrast,
    "perspective": _perspective,
    "small modules": _small,
}


# --- the decoders --------------------------------------------------------------------------------


def _ours(image: Image) -> list[str]:
    return [one.text for one in codes.decode(image)]


def _zxing(image: Image) -> list[str]:
    return [one.text for one in zxingcpp.read_barcodes(image)]


def _zbar(image: Image) -> list[str]:
    return [one.data.decode("utf-8", "replace") for one in pyzbar.decode(image)]


_QR_DETECTOR, _BAR_DETECTOR = cv2.QRCodeDetector(), cv2.barcode.BarcodeDetector()


def _opencv(image: Image) -> list[str]:
    """Its QR decoder, and its decoder for bars (no Code 128 as of 4.x)."""
    try:
        _, texts, _, _ = _QR_DETECTOR.detectAndDecodeMulti(image)
        bars = _BAR_DETECTOR.detectAndDecode(image)[0]
    except cv2.error:
        return []
    return [*texts, bars]


SINGLES: dict[str, Callable[[Image], Sequence[str]]] = {
    "zxing-cpp": _zxing,
    "pyzbar": _zbar,
    "OpenCV": _opencv,
}
DECODERS = {"ours": _ours, **SINGLES}

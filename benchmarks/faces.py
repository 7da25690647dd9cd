"""From a 720p frame to who it is among 10,000, beside the face_recognition library's defaults."""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import qrcode
from numpy.typing import NDArray

from benchmarks.figures import Figure, at_most
from devices.ports import FaceTemplate
from devices.simulated.scene import Scene, standing_still
from devices.simulated.tracks import HEIGHT, WIDTH, draw
from devices.vision import codes
from devices.vision.faces.engine import Image, OnnxFaceEngine
from devices.vision.faces.gallery import Gallery
from fanpiao.fetch_data import PEOPLE

ENROLLED = 10_000
FRAMES = 40
LENGTH_S = 4.0
ME = "me"
DISTANCE_MAX = 0.45


def measure(*, quick: bool) -> Iterator[Figure]:
    """Yield ms per frame of the pipeline, its parts, the library, and the code cascade."""
    engine = OnnxFaceEngine()
    photograph = sorted(Path(PEOPLE).glob("*/*.jpg"))[0]
    frames = _frames(engine, photograph, FRAMES // (4 if quick else 1))
    gallery, known = _enrolled(engine, photograph)
    ours = _ms(lambda frame: _identify(engine, gallery, frame), frames)
    theirs = _ms(lambda frame: _identify_by_library(known, frame), frames)
    yield Figure(
        f"frame → identity, {ENROLLED:,} enrolled, 1280x720", ours, "ms",
        "face_recognition's defaults, same frames", theirs,
        limit="the HOG detector on one core, then the network",
    )  # fmt: skip
    yield at_most("… of it: detector and landmarks", _ms(engine.detect, frames), "ms", None, "")
    vector = engine.embed(frames[0], engine.detect(frames[0])[:1])[0]
    yield at_most(
        f"… of it: search among {ENROLLED:,}",
        _ms(lambda _: gallery.search(vector), frames), "ms", None, "memory bandwidth",
    )  # fmt: skip
    yield from _codes(frames)


def _codes(frames: Sequence[Image]) -> Iterator[Figure]:
    shown = [_with_code(frame, f"28{n:016d}") for n, frame in enumerate(frames)]
    for n, frame in enumerate(shown):
        found = codes.decode(frame, effort=codes.Effort.FAST)
        assert [one.text for one in found] == [f"28{n:016d}"], found
    for effort in (codes.Effort.FAST, codes.Effort.STEADY):
        for name, pictures in (("a QR code in it", shown), ("none in it", frames)):
            ms = _ms(partial(codes.decode, effort=effort), pictures)
            title = f"code cascade, 1280x720, effort {effort.name.lower()}, {name}"
            yield at_most(title, ms, "ms", None, "one core")


def _frames(engine: OnnxFaceEngine, photograph: Path, count: int) -> list[Image]:
    box = engine.detect(_read(photograph))[0].box
    face = (box.x, box.y, box.width, box.height)
    scene = Scene((standing_still(str(photograph), face, LENGTH_S),), LENGTH_S, seed=7)
    return [draw(scene, n / count * LENGTH_S) for n in range(count)]


def _enrolled(engine: OnnxFaceEngine, photograph: Path) -> tuple[Gallery, NDArray[np.float64]]:
    """One real template among made-up ones; how fast an exact search is does not depend on them."""
    picture = _read(photograph)
    mine = engine.embed(picture, engine.detect(picture)[:1])[0]
    rng = np.random.default_rng(7)
    others = rng.normal(size=(ENROLLED - 1, mine.size))
    others *= np.linalg.norm(mine) / np.linalg.norm(others, axis=1, keepdims=True)
    known = np.vstack([mine, others]).astype("<f4")
    names = [ME, *(f"other-{n}" for n in range(ENROLLED - 1))]
    templates = [FaceTemplate(name, row.tobytes()) for name, row in zip(names, known, strict=True)]
    return Gallery(templates), known.astype(float)


def _identify(engine: OnnxFaceEngine, gallery: Gallery, frame: Image) -> None:
    faces = engine.detect(frame)[:1]
    match = gallery.search(engine.embed(frame, faces)[0])
    assert match is not None
    assert match.person == ME
    assert match.distance < DISTANCE_MAX


def _identify_by_library(known: NDArray[np.float64], frame: Image) -> None:
    import face_recognition

    rgb = cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)
    vector = face_recognition.face_encodings(rgb, face_recognition.face_locations(rgb))[0]
    assert int(np.argmin(face_recognition.face_distance(known, vector))) == 0


def _with_code(frame: Image, text: str) -> Image:
    code = qrcode.QRCode(box_size=6, border=4)
    code.add_data(text)
    with tempfile.NamedTemporaryFile(suffix=".png") as file:
        code.make_image().save(file)
        file.flush()
        picture = _read(Path(file.name))
    shown = frame.copy()
    side = picture.shape[0]
    top, left = (HEIGHT - side) // 2, WIDTH - side - 40
    shown[top : top + side, left : left + side] = picture
    return shown


def _read(path: Path) -> Image:
    image = cv2.imread(str(path))
    assert image is not None, f"{path} is not a picture"
    return np.asarray(image, dtype=np.uint8)


def _ms(work: Callable[[Image], object], frames: Sequence[Image]) -> float:
    """Return the median ms of `work` per frame; the first frame is a warm-up."""
    work(frames[0])
    return statistics.median(_one(work, frame) for frame in frames) * 1e3


def _one(work: Callable[[Image], object], frame: Image) -> float:
    started = time.perf_counter()
    work(frame)
    return time.perf_counter() - started

"""Draw a scene's frames: a seeded, moving, blurring crop of each actor's photograph.

Frames are drawn over a noisy background, so the detector, landmarks and network see real pixels
of a face that moves. The same seed gives the same frames.
"""

from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from devices.simulated.scene import Actor, Keyframe, Scene

Image = NDArray[np.uint8]

WIDTH, HEIGHT = 1280, 720
CROP_MARGIN = 0.9
"""How much of the photograph around the face is kept, as a share of the face's height."""
NOISE_MAX = 8
GRAINS = 7
"""Pictures of sensor noise that take turns: making a new one per frame costs more than a face."""


def draw(scene: Scene, at_s: float) -> Image:
    """Draw the frame at `at_s`: uint8 (720, 1280, 3), BGR."""
    image = _background(scene.seed).copy()
    for actor in sorted(scene.actors, key=lambda one: _at(one.way, at_s).height):
        if actor.way[0].at_s <= at_s <= actor.way[-1].at_s:
            _paste(image, actor, _at(actor.way, at_s))
    grain = _grain(scene.seed, int(at_s * 1000) % GRAINS)
    return np.asarray(cv2.add(image, grain), dtype=np.uint8)


def _at(way: Sequence[Keyframe], at_s: float) -> Keyframe:
    times = [k.at_s for k in way]
    values = {
        name: float(np.interp(at_s, times, [getattr(k, name) for k in way]))
        for name in ("x", "y", "height", "blur", "turn")
    }
    return Keyframe(at_s, **values)


def _paste(image: Image, actor: Actor, at: Keyframe) -> None:
    crop, face_share = _crop(actor.photograph, actor.face)
    scale = at.height * HEIGHT / (crop.shape[0] * face_share)
    width = max(int(crop.shape[1] * scale * (1 - 0.75 * at.turn)), 1)
    size = (width, max(int(crop.shape[0] * scale), 1))
    person = cv2.resize(crop, size, interpolation=cv2.INTER_AREA)
    if at.blur > 0:
        person = cv2.GaussianBlur(person, (0, 0), at.blur)
    left = int(at.x * WIDTH - size[0] / 2)
    top = int(at.y * HEIGHT - size[1] / 2)
    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = min(left + size[0], WIDTH), min(top + size[1], HEIGHT)
    if x0 < x1 and y0 < y1:
        image[y0:y1, x0:x1] = person[y0 - top : y1 - top, x0 - left : x1 - left]


@lru_cache(maxsize=16)
def _crop(photograph: str, face: tuple[int, int, int, int]) -> tuple[Image, float]:
    """The person cut out, face in the middle, and the face's share of the crop's height."""
    image = cv2.imread(photograph)
    assert image is not None, f"{photograph} is not a picture"
    x, y, width, height = face
    margin = int(height * CROP_MARGIN / 2)
    padded = cv2.copyMakeBorder(image, margin, margin, margin, margin, cv2.BORDER_REPLICATE)
    crop = padded[y : y + height + 2 * margin, x : x + width + 2 * margin]
    return np.asarray(crop, np.uint8), height / crop.shape[0]


@lru_cache(maxsize=8)
def _background(seed: int) -> Image:
    rng = np.random.default_rng(seed)
    small = rng.integers(90, 140, (9, 16, 3)).astype(np.uint8)
    return np.asarray(cv2.resize(small, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC), np.uint8)


@lru_cache(maxsize=4 * GRAINS)
def _grain(seed: int, number: int) -> Image:
    rng = np.random.default_rng([seed, number])
    return rng.integers(0, NOISE_MAX, (HEIGHT, WIDTH, 3), dtype=np.uint8)

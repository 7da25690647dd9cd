"""A mask and light on glasses are seen on real photographs; a bare face is told nothing."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from devices.vision.faces.covering import advice_for_enrolment
from devices.vision.faces.engine import Face, OnnxFaceEngine

ROOT = Path(__file__).parents[3]
PHOTOGRAPHS = sorted((ROOT / "var/data").glob("*/*/*.*")) or [ROOT / "script/setup was not run"]
MASKS = {"blue": (200, 160, 110), "white": (235, 235, 235), "black": (30, 30, 30)}

pytestmark = pytest.mark.pictures


@pytest.fixture(scope="module")
def engine() -> OnnxFaceEngine:
    return OnnxFaceEngine(ROOT / "var/models/face_resnet.onnx")


def seen(engine: OnnxFaceEngine, photograph: Path) -> tuple[Any, Face]:
    image: Any = cv2.imread(str(photograph))
    return image, engine.detect(image)[0]


@pytest.mark.parametrize("photograph", PHOTOGRAPHS, ids=lambda path: path.parent.name + path.stem)
def test_what_covers_a_face_is_named(engine: OnnxFaceEngine, photograph: Path) -> None:
    image, face = seen(engine, photograph)
    assert advice_for_enrolment(image, face) == ""
    eyes, nose = face.landmarks[0:4].mean(axis=0), face.landmarks[4]
    length = float(np.linalg.norm(nose - eyes))
    width = float(np.linalg.norm(face.landmarks[0] - face.landmarks[2]))
    corners = [(-0.75, -0.15), (0.75, -0.15), (0.6, 2.0), (-0.6, 2.0)]
    mask = np.array([nose + [x * width, y * length] for x, y in corners]).astype(np.int32)
    for colour in MASKS.values():
        masked: Any = cv2.fillPoly(image.copy(), [mask], colour)
        assert advice_for_enrolment(masked, face) == "faces.covered"
    lit = image.copy()
    for first in (0, 2):
        x, y = (int(value) for value in face.landmarks[first : first + 2].mean(axis=0))
        cv2.ellipse(lit, (x, y), (int(width * 0.13), int(width * 0.06)), 20, 0, 360, (255,) * 3, -1)
    assert advice_for_enrolment(lit, face) == "faces.glare"


def test_a_face_at_the_very_edge_is_no_mistake_of_ours(engine: OnnxFaceEngine) -> None:
    image, face = seen(engine, PHOTOGRAPHS[0])
    cut = image[: int(face.landmarks[4][1])]
    assert advice_for_enrolment(cut, face) in {"", "faces.covered"}

"""Compare a converted model with dlib's own network on real photographs."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import cv2
import dlib
import numpy as np

from devices.vision.faces.engine import Face, Image, OnnxFaceEngine
from devices.vision.faces.weights import RESNET_FILE, model_file

DISTANCE_MAX = 1e-4
"""Euclidean; the decision threshold is .45, so a difference this small changes nothing."""


def check_vectors(model: Path, pictures: Iterable[Path]) -> float:
    """Return the largest distance to dlib's vectors over the faces of `pictures`.

    Raises AssertionError when it exceeds `DISTANCE_MAX`, or when there was no face to compare.
    """
    engine = OnnxFaceEngine(model)
    reference = dlib.face_recognition_model_v1(str(model_file(RESNET_FILE)))
    distances = [
        float(np.linalg.norm(vector - reference_vector(reference, image, face)))
        for image in map(_read, pictures)
        for faces in [engine.detect(image)]
        for face, vector in zip(faces, engine.embed(image, faces), strict=True)
    ]
    assert distances, "no face in the pictures to compare with"
    worst = max(distances)
    assert worst <= DISTANCE_MAX, f"vectors differ from dlib's by {worst:.1e}"
    return worst


def reference_vector(reference: Any, image: Image, face: Face) -> Any:
    """dlib's own vector of `face`, 128 float64."""
    points = dlib.points([dlib.point(int(x), int(y)) for x, y in face.landmarks])
    box = face.box
    rectangle = dlib.rectangle(box.x, box.y, box.x + box.width - 1, box.y + box.height - 1)
    shape = dlib.full_object_detection(rectangle, points)
    rgb = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
    return np.array(reference.compute_face_descriptor(rgb, shape))


def _read(path: Path) -> Image:
    image = cv2.imread(str(path))
    assert image is not None, f"{path} is not a picture"
    return np.asarray(image, dtype=np.uint8)

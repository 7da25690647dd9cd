"""From an enrolment photograph to its vector, by the pipeline that the counters use."""

from functools import lru_cache
from pathlib import Path

import cv2
import numpy

from devices.vision.faces.engine import MODEL_VERSION, FaceEngine, Image, OnnxFaceEngine
from devices.vision.faces.quality import quality_of
from domain.errors import Refused
from server.biometrics.sealed import Vector

MODEL = MODEL_VERSION
MAX_PHOTO_BYTES = 20 * 1024 * 1024
"""A photograph, not a film: what a phone's camera makes is a fifth of this."""
SECOND_FACE = 0.75
"""A face this large beside the first leaves open whose picture it is (COUNTER §3, P2)."""


def embed_photo(photo: Path) -> Vector:
    """Return the vector of the one face in a picture file; `Refused` as `embed_picture`."""
    if photo.stat().st_size > MAX_PHOTO_BYTES:
        raise Refused("images.unreadable", name=photo.name)
    return embed_picture(photo.read_bytes(), photo.name, _engine())


def embed_photo_bytes(data: bytes, name: str) -> Vector:
    """Return the vector of the one good face in an uploaded picture; `Refused` as strictly."""
    return embed_picture(data, name, _engine(), is_strict=True)


def embed_picture(data: bytes, name: str, engine: FaceEngine, *, is_strict: bool = False) -> Vector:
    """Return the vector of the one face in an encoded picture.

    Raises `Refused` ("images.unreadable", "faces.none", "faces.several"), and when `is_strict`
    also what enrolment at a counter would say of its quality ("faces.blurred" and others).
    """
    image = _decoded(data, name)
    faces = engine.detect(image)
    if not faces:
        raise Refused("faces.none", name=name)
    if len(faces) > 1 and faces[1].box.height >= SECOND_FACE * faces[0].box.height:
        raise Refused("faces.several", name=name)
    if is_strict and (advice := quality_of(image, faces[0]).advice):
        raise Refused(advice, name=name)
    return engine.embed(image, faces[:1])[0]


def _decoded(data: bytes, name: str) -> Image:
    try:
        image = cv2.imdecode(numpy.frombuffer(data, dtype=numpy.uint8), cv2.IMREAD_COLOR)
    except cv2.error as error:
        raise Refused("images.unreadable", name=name) from error
    if image is None:
        raise Refused("images.unreadable", name=name)
    return numpy.asarray(image, dtype=numpy.uint8)


@lru_cache(maxsize=1)
def _engine() -> FaceEngine:
    """One per process: loading it takes half a second, and enrolment is one at a time."""
    return OnnxFaceEngine()

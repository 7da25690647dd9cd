"""Find faces and turn them into vectors: the `FaceEngine` protocol and its ONNX pipeline.

One engine belongs to one thread; the eyes' process has one, and the server makes one per use.
Pictures are uint8 (height, width, 3) in BGR, as OpenCV gives them.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import cv2
import dlib
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from devices.ports import Box
from devices.vision.faces.model import DEFAULT_MODEL, MODEL_VERSION
from devices.vision.faces.weights import LANDMARKS_FILE, ModelUnreadable, model_file

__all__ = ["MODEL_VERSION", "Face", "FaceEngine", "Image", "OnnxFaceEngine", "Vector"]

Image = NDArray[np.uint8]
Vector = NDArray[np.float32]

CHIP_SIDE = 150
DETECTOR_WIDTH = 640
"""The picture is shrunk to this width for the detector, which finds faces of 80 px and more."""
CHIP_PADDING = 0.25


@dataclass(frozen=True, slots=True)
class Face:
    """A face in a picture: its box, and the five landmarks (x, y) in pixels of the picture:
    the picture's left eye's outer and inner corner… as dlib orders them, and the nose base last.
    """

    box: Box
    landmarks: NDArray[np.float32]


class FaceEngine(Protocol):
    """Finds faces and embeds them. Vectors are 128 float32; distances are Euclidean."""

    def detect(self, image: Image) -> list[Face]:
        """Return the faces of `image`, largest first."""
        ...

    def embed(self, image: Image, faces: list[Face]) -> list[Vector]:
        """Return one vector per face."""
        ...


class OnnxFaceEngine:
    """dlib's detector and landmarks, and the face-recognition ResNet by ONNX Runtime."""

    def __init__(
        self, model: Path = DEFAULT_MODEL, *, detector_width: int = DETECTOR_WIDTH
    ) -> None:
        if not model.exists():
            raise ModelUnreadable(f"{model} is not there: run script/setup")
        self._detector: Any = dlib.get_frontal_face_detector()
        self._landmarks: Any = dlib.shape_predictor(str(model_file(LANDMARKS_FILE)))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(
                str(model), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # ONNX Runtime has a class of its own for every way to fail
            raise ModelUnreadable(f"{model} is no face model: run script/setup") from error
        self._detector_width = detector_width

    def detect(self, image: Image) -> list[Face]:
        """Return the faces of `image`, largest first."""
        height, width = image.shape[:2]
        scale = min(1.0, self._detector_width / width)
        grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        if scale < 1:
            size = (round(width * scale), round(height * scale))
            grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
        rgb = _rgb(image)
        found = [self._face(rgb, rectangle, scale) for rectangle in self._detector(grey, 0)]
        return sorted(found, key=lambda face: -face.box.height)

    def embed(self, image: Image, faces: list[Face]) -> list[Vector]:
        """Return one vector per face, all in one run of the network."""
        if not faces:
            return []
        rgb = _rgb(image)
        chips = np.stack([self._chip(rgb, face) for face in faces])
        vectors = self._session.run(["vectors"], {"chips": chips})[0]
        return list(np.asarray(vectors, dtype=np.float32))

    def _face(self, rgb: Image, rectangle: Any, scale: float) -> Face:
        box = Box(
            round(rectangle.left() / scale),
            round(rectangle.top() / scale),
            round(rectangle.width() / scale),
            round(rectangle.height() / scale),
        )
        shape = self._landmarks(rgb, _rectangle(box))
        points = [(shape.part(i).x, shape.part(i).y) for i in range(shape.num_parts)]
        return Face(box, np.array(points, dtype=np.float32))

    def _chip(self, rgb: Image, face: Face) -> Vector:
        points = dlib.points([dlib.point(int(x), int(y)) for x, y in face.landmarks])
        shape = dlib.full_object_detection(_rectangle(face.box), points)
        chip = dlib.get_face_chip(rgb, shape, size=CHIP_SIDE, padding=CHIP_PADDING)
        return np.ascontiguousarray(chip.transpose(2, 0, 1), dtype=np.float32)


def _rgb(image: Image) -> Image:
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def _rectangle(box: Box) -> Any:
    return dlib.rectangle(box.x, box.y, box.x + box.width - 1, box.y + box.height - 1)

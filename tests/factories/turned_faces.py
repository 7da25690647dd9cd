"""A photograph of a face, turned: once as a head would turn, once as a print held up would.

`turn_head` gives every pixel around the face the depth of an ellipsoid with a nose on it, turns
that and draws it again; `turn_print` turns the flat picture. Both keep the face's place and size.
The relief is our own, so what it shows is that the challenge tells depth from a plane, not how many
people pass it.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from devices.vision.faces.engine import Face

Image = NDArray[np.uint8]
NOSE = 0.34
"""How far a nose stands out, as a share of the face's width."""
DISTANCE = 4.0
"""Of the camera, in widths of the face."""


def turn_head(image: Image, face: Face, degrees: float, *, nod: float = 0.0) -> Image:
    """Turn towards the right of the picture by `degrees` (negative: left); `nod` > 0 looks up."""
    return _turned(image, face, degrees, nod, _relief(image, face))


def turn_print(image: Image, face: Face, degrees: float) -> Image:
    """Turn the flat picture by as much."""
    return _turned(image, face, degrees, 0.0, np.zeros(image.shape[:2]))


def _relief(image: Image, face: Face) -> NDArray[np.float64]:
    """Depth in widths of the face, towards the camera, at every pixel of the frontal picture."""
    height, width = image.shape[:2]
    rows, columns = np.mgrid[0:height, 0:width].astype(float)
    x, y = face.box.centre
    u, v = (columns - x) / face.box.width, (rows - y) / face.box.width
    head = 0.55 * np.sqrt(np.clip(1 - (u / 0.75) ** 2 - (v / 1.0) ** 2, 0, None))
    nose_x, nose_y = face.landmarks[4]
    nu, nv = (columns - nose_x) / face.box.width, (rows - nose_y) / face.box.width
    nose = NOSE * np.exp(-((nu / 0.09) ** 2) - (np.where(nv < 0, nv / 0.22, nv / 0.06)) ** 2)
    return np.asarray(cv2.GaussianBlur(head + nose, (0, 0), face.box.width / 60))


def _turned(
    image: Image, face: Face, degrees: float, nod: float, depth: NDArray[np.float64]
) -> Image:
    height, width = image.shape[:2]
    rows, columns = np.mgrid[0:height, 0:width].astype(float)
    x, y = face.box.centre
    size = face.box.width
    yaw, pitch = np.radians(degrees), np.radians(nod)
    # Forward: where each pixel of the frontal picture goes, then turned round by iteration
    to_x, to_y = columns.copy(), rows.copy()
    for _ in range(12):
        sample = cv2.remap(
            depth, to_x.astype(np.float32), to_y.astype(np.float32), cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )  # fmt: skip
        u, v = (to_x - x) / size, (to_y - y) / size
        turned_u = u * np.cos(yaw) + sample * np.sin(yaw)
        z = sample * np.cos(yaw) - u * np.sin(yaw)
        turned_v = v * np.cos(pitch) - z * np.sin(pitch)
        z = z * np.cos(pitch) + v * np.sin(pitch)
        scale = DISTANCE / (DISTANCE - z)
        to_x += 0.7 * (columns - (x + turned_u * scale * size))
        to_y += 0.7 * (rows - (y + turned_v * scale * size))
    return np.asarray(
        cv2.remap(
            image,
            to_x.astype(np.float32),
            to_y.astype(np.float32),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        ),
        np.uint8,
    )

"""How good a picture of a face is, and what to tell the person: one dotted hint, or none.

The numbers were chosen on photographs degraded step by step: below them the distance to the same
person's other photographs grows beyond what a counter may accept.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from devices.ports import Box
from devices.vision.faces.engine import Face, Image
from devices.vision.faces.pose import Pose, pose_of

HEIGHT_MIN = 80
"""Pixels: the detector's smallest face."""
SHARPNESS_MIN = 12.0
"""Variance of the Laplacian of the face at 112 px: a Gaussian of 3 px leaves less than this."""
LIGHT_MIN, LIGHT_MAX = 35.0, 225.0
"""Mean grey of the face."""
ANGLE_MAX_DEG = 25.0


@dataclass(frozen=True, slots=True)
class Quality:
    """`score` in 0..1, and the first thing to mend as a dotted hint ("" when nothing is)."""

    score: float
    advice: str
    sharpness: float
    light: float
    pose: Pose


def quality_of(image: Image, face: Face) -> Quality:
    """Judge one face of `image`."""
    grey = _crop(image, face.box)
    sharpness = float(cv2.Laplacian(grey, cv2.CV_64F).var())
    light = float(grey.mean())
    pose = pose_of(face)
    advice = _advice(face, sharpness, light, pose)
    score = _score(face, sharpness, light, pose)
    return Quality(score, advice, sharpness, light, pose)


def _crop(image: Image, box: Box) -> Image:
    height, width = image.shape[:2]
    top, left = max(box.y, 0), max(box.x, 0)
    crop = image[top : min(box.y + box.height, height), left : min(box.x + box.width, width)]
    grey = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)
    return np.asarray(cv2.resize(grey, (112, 112), interpolation=cv2.INTER_AREA), np.uint8)


def _advice(face: Face, sharpness: float, light: float, pose: Pose) -> str:
    checks = (
        (face.box.height < HEIGHT_MIN, "faces.too_small"),
        (light < LIGHT_MIN, "faces.too_dark"),
        (light > LIGHT_MAX, "faces.too_bright"),
        (abs(pose.yaw_deg) > ANGLE_MAX_DEG or abs(pose.pitch_deg) > ANGLE_MAX_DEG,
         "faces.turned_away"),
        (sharpness < SHARPNESS_MIN, "faces.blurred"),
    )  # fmt: skip
    return next((hint for is_wrong, hint in checks if is_wrong), "")


def _score(face: Face, sharpness: float, light: float, pose: Pose) -> float:
    size = min(face.box.height / (2 * HEIGHT_MIN), 1.0)
    sharp = min(sharpness / (4 * SHARPNESS_MIN), 1.0)
    lit = 1.0 - min(abs(light - 128.0) / 128.0, 1.0)
    turned = max(abs(pose.yaw_deg), abs(pose.pitch_deg))
    straight = 1.0 - min(turned / 90.0, 1.0)
    return round(float((size * sharp * lit * straight) ** 0.25), 3)

"""Where a face looks, estimated from five landmarks: good to about 8°, enough for zone and advice.

The landmarks are dlib's: two corners of each eye and the base of the nose. Yaw is read from how
far the nose base is off the middle of the eyes along the line through them; pitch from how far it
is below that line; roll is the line's own angle.
"""

from dataclasses import dataclass

import numpy as np

from devices.vision.faces.engine import Face

YAW_PER_SHIFT_DEG = 160.0
"""Degrees per unit of sideways shift, a unit being the distance between the eyes' outer corners:
a head turned by 25° moves the nose base by about .155 (a relief model's figure)."""
DROP_AT_REST = 0.50
"""How far below the eyes the nose base is, same unit, on a face that looks straight."""
PITCH_PER_DROP_DEG = 90.0


@dataclass(frozen=True, slots=True)
class Pose:
    """Angles in degrees; `shift` is the sideways shift of the nose that `yaw_deg` comes from."""

    yaw_deg: float
    pitch_deg: float
    roll_deg: float
    shift: float


def pose_of(face: Face) -> Pose:
    """Estimate where `face` looks."""
    points = face.landmarks.astype(np.float64)
    eyes = sorted((points[0:2].mean(axis=0), points[2:4].mean(axis=0)), key=lambda p: p[0])
    left, right, nose = eyes[0], eyes[1], points[4]
    outer = sorted(points[0:4].tolist())
    span = float(np.hypot(outer[-1][0] - outer[0][0], outer[-1][1] - outer[0][1]))
    along = right - left
    length = float(np.linalg.norm(along))
    if length == 0 or span == 0:
        return Pose(90.0, 0.0, 0.0, 1.0)
    unit = along / length
    offset = nose - (left + right) / 2
    shift = float(offset @ unit) / span
    drop = float(offset @ np.array([-unit[1], unit[0]])) / span
    return Pose(
        yaw_deg=shift * YAW_PER_SHIFT_DEG,
        pitch_deg=(drop - DROP_AT_REST) * PITCH_PER_DROP_DEG,
        roll_deg=float(np.degrees(np.arctan2(unit[1], unit[0]))),
        shift=shift,
    )

"""A head that turns moves its nose against its eyes; a photograph that turns hardly does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.ports import Box
from devices.vision.faces.engine import Face
from devices.vision.faces.liveness import START_MAX, TURN_MIN, Side, has_turned
from devices.vision.faces.pose import Pose, pose_of

EYES_AND_NOSE = np.array(
    [[45.0, 0, -30], [20, 0, -22], [-45, 0, -30], [-20, 0, -22], [0, 45, 0]], dtype=np.float32
)
"""Five landmarks of a head in millimetres: right, down, towards the camera; dlib's order."""
FLAT = EYES_AND_NOSE * np.array([1, 1, 0], dtype=np.float32)
AWAY_MM = 600.0


def _seen(points: np.ndarray, yaw_deg: float) -> Pose:
    yaw = np.radians(yaw_deg)
    x = points[:, 0] * np.cos(yaw) + points[:, 2] * np.sin(yaw)
    z = points[:, 2] * np.cos(yaw) - points[:, 0] * np.sin(yaw)
    scale = 800 / (AWAY_MM - z)
    landmarks = np.stack([x * scale, points[:, 1] * scale], axis=1).astype(np.float32)
    return pose_of(Face(Box(0, 0, 100, 100), landmarks))


@pytest.mark.parametrize(("yaw_deg", "side"), [(28, Side.RIGHT), (-28, Side.LEFT)])
def test_a_head_that_turns_as_asked_passes(yaw_deg: float, side: Side) -> None:
    start, turned = _seen(EYES_AND_NOSE, 0), _seen(EYES_AND_NOSE, yaw_deg)

    assert has_turned(start, turned, side)
    assert not has_turned(start, turned, Side.LEFT if side is Side.RIGHT else Side.RIGHT)


@pytest.mark.parametrize("yaw_deg", [-40, -25, 25, 40])
def test_a_photograph_turned_does_not(yaw_deg: float) -> None:
    start, turned = _seen(FLAT, 0), _seen(FLAT, yaw_deg)

    assert not any(has_turned(start, turned, side) for side in Side)


@given(shift=st.floats(-1, 1), start=st.floats(-1, 1), side=st.sampled_from(Side))
def test_only_a_turn_that_started_straight_counts(shift: float, start: float, side: Side) -> None:
    begun, now = Pose(0, 0, 0, start), Pose(0, 0, 0, shift)

    if has_turned(begun, now, side):
        assert abs(start) <= START_MAX
        assert abs(shift - start) >= TURN_MIN
        assert not has_turned(begun, now, Side(-side.value))

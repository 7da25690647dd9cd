"""The head-turn challenge: did the face turn as a head does, to the side that was asked for?

Only at enrolment, or when a policy asks; never in the rush. What it is worth: on synthetic turns of
25° the nose of a head moves against the eyes by .15 and that of a flat photograph by less than .09,
so a held-up print or a still on a phone is deterred when the side is chosen at random. It does
*not* stop a replayed video of the person, a mask or a deepfake, and is no certified detection of
presentation attacks: a face alone never pays where nobody watches.
"""

from enum import Enum
from typing import Final

from devices.vision.faces.pose import Pose

TURN_MIN: Final = 0.12
"""Of the distance between the eyes' outer corners: no flat photograph passed, 80 % of heads did."""
START_MAX: Final = 0.08
"""The challenge starts from a face that looks straight."""


class Side(Enum):
    """A side of the picture, as the camera sees it; the caller draws it at random."""

    LEFT = -1
    RIGHT = 1


def has_turned(start: Pose, now: Pose, side: Side) -> bool:
    """Say whether the head turned from looking straight to `side` by enough to have depth.

    Both poses must come from one unbroken track; `start` from a face that looked straight.
    """
    if abs(start.shift) > START_MAX:
        return False
    return (now.shift - start.shift) * side.value >= TURN_MIN

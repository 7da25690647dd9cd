"""Follow faces from frame to frame, and say who stands in the pay zone.

A track goes on while a face of about the same size is found where the last one was; it ends after
`GAP_S` without one. The zone is COUNTER §3 P1 (size, place, angle), second faces are P2.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from devices.ports import Box
from devices.vision.faces.engine import Face
from devices.vision.faces.pose import Pose, pose_of
from devices.vision.faces.zone import Zone

GAP_S = 0.6
"""A track survives a blink of the detector, not a person stepping away."""
SHIFT_MAX = 0.6
"""How far a face may move between two frames, as a share of its width."""
GROWTH_MAX = 1.5
"""How much larger or smaller it may become."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One face of a frame, with its track and where it stands."""

    track_id: int
    face: Face
    pose: Pose
    size_ratio: float
    centre_offset: float
    is_in_zone: bool


@dataclass(slots=True)
class _Track:
    box: Box
    seen_at: float


@dataclass(slots=True)
class Tracker:
    """Gives every face a track id that lasts as long as the face stays."""

    zone: Zone = field(default_factory=Zone)
    _tracks: dict[int, _Track] = field(default_factory=dict)
    _last_id: int = 0

    def step(
        self, faces: Sequence[Face], size: tuple[int, int], captured_at: float
    ) -> tuple[list[Standing], list[int]]:
        """Take one frame's faces (`size` is its width and height); return them with their tracks,
        foremost first, and the ids of the tracks that ended.
        """
        free = dict(self._tracks)
        standing = []
        for face in sorted(faces, key=lambda one: -one.box.height):
            track_id = self._nearest(face.box, free)
            if track_id is None:
                self._last_id += 1
                track_id = self._last_id
            free.pop(track_id, None)
            self._tracks[track_id] = _Track(face.box, captured_at)
            standing.append(self._standing(track_id, face, size))
        ended = [i for i, track in self._tracks.items() if captured_at - track.seen_at > GAP_S]
        for track_id in ended:
            del self._tracks[track_id]
        return standing, ended

    def _nearest(self, box: Box, free: dict[int, _Track]) -> int | None:
        near = [
            (_shift(box, track.box), track_id)
            for track_id, track in free.items()
            if _shift(box, track.box) <= SHIFT_MAX
            and 1 / GROWTH_MAX <= box.width / track.box.width <= GROWTH_MAX
        ]
        return min(near)[1] if near else None

    def _standing(self, track_id: int, face: Face, size: tuple[int, int]) -> Standing:
        width, height = size
        x, y = face.box.centre
        sideways, upright = abs(2 * x / width - 1), abs(2 * y / height - 1)
        size_ratio = face.box.height / height
        pose = pose_of(face)
        is_straight = max(abs(pose.yaw_deg), abs(pose.pitch_deg)) <= self.zone.angle_max_deg
        is_in_zone = (
            size_ratio >= self.zone.face_height_min
            and sideways <= self.zone.centre_width
            and is_straight
        )
        offset = max(sideways, upright)
        return Standing(track_id, face, pose, size_ratio, offset, is_in_zone)


def second_ratio(standing: Sequence[Standing]) -> float:
    """The height of the second face over the first's; 0 when there is only one."""
    if len(standing) < 2:
        return 0.0
    return standing[1].face.box.height / standing[0].face.box.height


def _shift(box: Box, other: Box) -> float:
    (x, y), (other_x, other_y) = box.centre, other.centre
    distance = float(((x - other_x) ** 2 + (y - other_y) ** 2) ** 0.5)
    return distance / max(other.width, 1)

"""Look at one frame: codes, faces, and, when armed, who stands in the zone.

Only a face in the pay zone of an armed counter is embedded, only in frames captured after the
arming, and not while a second face pauses it (COUNTER §3 P1–P3). An unmatched vector is forgotten
with the frame it came from. Where the camera sees infrared too, a face that is not there is matched
with nobody.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from devices import ports
from devices.vision.codes import Effort, Presented, decode
from devices.vision.faces.engine import FaceEngine
from devices.vision.faces.gallery import Gallery
from devices.vision.faces.infrared import is_there_in_infrared
from devices.vision.faces.quality import quality_of
from devices.vision.faces.tracks import Standing, Tracker, second_ratio
from devices.vision.faces.zone import Zone

STEADY_EVERY = 4
"""Every so many frames the thorough decoder has a try too; the fast one has one in every frame."""
FLAT = "faces.flat"
"""A picture or a screen in the place of a person: what is told instead of how to stand."""


@dataclass(slots=True)
class Looker:
    """Everything that is remembered from frame to frame."""

    engine: FaceEngine
    zone: Zone
    presented: Presented
    formats: tuple[ports.Symbology, ...]
    gallery: Gallery = field(default_factory=Gallery)
    armed_after: float | None = None
    _tracker: Tracker = field(init=False)
    _frames: int = 0

    def __post_init__(self) -> None:
        self._tracker = Tracker(self.zone)

    def look(self, frame: ports.Frame, now: float) -> Iterator[ports.Event]:
        """Return what `frame` shows; `now` is when it is looked at."""
        self._frames += 1
        is_steady = self._frames % STEADY_EVERY == 0
        effort = Effort.STEADY if is_steady else Effort.FAST
        codes = decode(frame.image, formats=self.formats, effort=effort)
        yield from self.presented.step(codes, frame.captured_at)
        faces = self.engine.detect(frame.image)
        height, width = frame.image.shape[:2]
        standing, ended = self._tracker.step(faces, (width, height), frame.captured_at)
        for track_id in ended:
            yield ports.FaceTrackLost(track_id, frame.captured_at, frame.source)
        late_ms = (now - frame.captured_at) * 1000
        yield ports.FrameSeen(frame.source, frame.captured_at, len(faces), late_ms)
        yield self._foremost(frame, standing)

    def _foremost(self, frame: ports.Frame, standing: list[Standing]) -> ports.Event:
        if not any(one.is_in_zone for one in standing):
            return ports.ZoneEmpty(frame.captured_at, frame.source)
        first, ratio = standing[0], second_ratio(standing)
        is_flat = self._is_flat(frame, first)
        return ports.FaceObserved(
            track_id=first.track_id,
            box=first.face.box,
            size_ratio=first.size_ratio,
            centre_offset=first.centre_offset,
            yaw_deg=first.pose.yaw_deg,
            pitch_deg=first.pose.pitch_deg,
            match=None if is_flat else self._match(frame, first, ratio),
            captured_at=frame.captured_at,
            faces_in_zone=sum(one.is_in_zone for one in standing),
            second_ratio=ratio,
            in_zone=first.is_in_zone,
            advice=FLAT if is_flat else quality_of(frame.image, first.face).advice,
            source=frame.source,
            frame_width=frame.image.shape[1],
            frame_height=frame.image.shape[0],
        )

    def _is_flat(self, frame: ports.Frame, first: Standing) -> bool:
        """Whether a camera that sees infrared too sees no face there; asked where one may pay."""
        if frame.infrared is None or not self._is_wanted(frame, first):
            return False
        return not is_there_in_infrared(self.engine, frame.image, frame.infrared, first.face.box)

    def _is_wanted(self, frame: ports.Frame, first: Standing) -> bool:
        is_armed = self.armed_after is not None and frame.captured_at > self.armed_after
        return is_armed and first.is_in_zone

    def _match(self, frame: ports.Frame, first: Standing, ratio: float) -> ports.FaceMatch | None:
        if not self._is_wanted(frame, first) or ratio >= self.zone.second_face_ratio:
            return None
        (vector,) = self.engine.embed(frame.image, [first.face])
        return self.gallery.search(vector)

    def replace_gallery(self, templates: Iterable[ports.FaceTemplate]) -> None:
        """Forget everybody and know `templates`."""
        self.gallery = Gallery(templates)

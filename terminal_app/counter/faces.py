"""Faces in the pay zone over time: P1–P6 on tracks. Numbers come from the kiosk profile.

A track is what the eyes call one face from frame to frame. Evidence belongs to one unbroken track
after one arming: it is thrown away when the face leaves the zone, a second one comes near, or the
counter arms anew.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from devices import ports
from kiosk_profiles.schema import Face, Presence
from terminal_app.counter import events as on
from terminal_app.counter.events import What


@dataclass(frozen=True, slots=True)
class FaceIdentified:
    """P4 holds. `is_sure` False: near enough, but somebody else is nearly as near.

    `first_at` is the track's first frame after arming, `captured_at` the one that decided.
    """

    track_id: int
    person: str
    distance: float
    margin: float
    is_sure: bool
    first_at: float = 0.0
    captured_at: float = 0.0


FaceSign = (
    FaceIdentified
    | on.FaceSeen
    | on.FaceMeant
    | on.FaceGone
    | on.SecondFace
    | on.ZoneEmptied
    | on.AnotherPerson
)


@dataclass(frozen=True, slots=True)
class FaceRules:
    """P1–P6 as numbers: ratios of the frame, degrees, seconds."""

    height_min: float
    centre_max: float
    yaw_max_deg: float
    pitch_max_deg: float
    rival_ratio: float
    frame_age_max_s: float
    frames_min: int
    span_min_s: float
    still_s: float
    drift_max: float
    size_change_max: float
    clear_s: float
    distance_max: float
    margin_min: float

    @classmethod
    def of(cls, numbers: Presence, face: Face) -> "FaceRules":
        """Read them out of a profile."""
        return cls(
            height_min=numbers.zone_face_height_min,
            centre_max=numbers.zone_centre_width,
            yaw_max_deg=numbers.yaw_max_deg,
            pitch_max_deg=numbers.pitch_max_deg,
            rival_ratio=numbers.rival_face_ratio,
            frame_age_max_s=numbers.frame_age_max_ms / 1000,
            frames_min=numbers.identity_frames_min,
            span_min_s=numbers.identity_span_min_ms / 1000,
            still_s=numbers.still_ms / 1000,
            drift_max=numbers.still_drift_max,
            size_change_max=numbers.still_size_change_max,
            clear_s=numbers.face_clear_ms / 1000,
            distance_max=face.match_distance_max,
            margin_min=face.match_margin_min,
        )


@dataclass(slots=True)
class Evidence:
    """What one track has shown since arming."""

    track_id: int
    first_at: float = 0.0
    person: str = ""
    is_sure: bool = False
    frames: int = 0
    since: float = 0.0
    last_at: float = 0.0
    still_since: float | None = None
    still_box: ports.Box | None = None

    def add_match(self, match: ports.FaceMatch, at: float, *, is_sure: bool) -> None:
        """Lengthen the run of one person, or begin another."""
        if (match.person, is_sure) != (self.person, self.is_sure) or self.frames == 0:
            self.person, self.is_sure, self.frames, self.since = match.person, is_sure, 0, at
        self.frames += 1
        self.last_at = at

    def break_run(self) -> None:
        """A frame that named nobody: the count begins again."""
        self.person, self.frames = "", 0


class Tracks:
    """All the tracks of one camera."""

    def __init__(self, rules: FaceRules) -> None:
        self._rules = rules
        self._armed_at = float("inf")
        self._evidence: Evidence | None = None
        self._present: int | None = None
        self._spent: set[int] = set()
        self._paid_track: int | None = None
        self._paid_person = ""
        self._is_clearing = False
        self._paid_lost_at: float | None = None
        self._empty_since: float | None = None
        self._trigger_at = float("-inf")

    def arm(self, now: float) -> None:
        """P3: only frames captured after this count."""
        self._armed_at = now
        self._evidence = None

    def spend(self, track_id: int | None, person: str, *, is_face: bool) -> None:
        """P6: the track in the zone is used up, whatever paid."""
        track = track_id if track_id is not None else self._present
        self.latch(track)
        self._paid_track, self._paid_person = track, person
        self._is_clearing, self._paid_lost_at = is_face, None

    def latch(self, track_id: int | None) -> None:
        """This track may not try again."""
        if track_id is not None:
            self._spent.add(track_id)

    def lose_camera(self) -> Iterable[FaceSign]:
        """Forget every track; what waited for the zone to empty waits no longer."""
        gone, self._present, self._evidence = self._present, None, None
        self._spent.clear()
        self._empty_since = None
        if gone is not None:
            yield on.FaceGone(gone)
        yield from self._cleared()

    def see(self, event: ports.Event, now: float, *, is_taking: bool) -> Iterable[FaceSign]:
        """Say what one event of the eyes, or a trigger, means."""
        match event:
            case ports.FaceObserved():
                return self._observed(event, now, is_taking=is_taking)
            case ports.ZoneEmpty():
                return self._zone_empty(event.captured_at, now)
            case ports.FaceTrackLost():
                return self._track_lost(event)
            case ports.TriggerPressed() if event.seen_at >= self._armed_at:
                self._trigger_at = event.seen_at
        return ()

    def tick(self, now: float) -> Iterable[FaceSign]:
        """P6: the paid track has been away long enough though somebody else stands there."""
        lost_at = self._paid_lost_at
        if self._is_clearing and lost_at is not None and now - lost_at >= self._rules.clear_s:
            yield from self._cleared()

    def still_share(self, now: float) -> float:
        """How much of the standing still is done, from 0 to 1."""
        since = self._evidence.still_since if self._evidence else None
        if since is None:
            return 0.0
        return min(1.0, max(0.0, (now - since) / max(self._rules.still_s, 0.001)))

    # --- one face -------------------------------------------------------------------------

    def _observed(
        self, seen: ports.FaceObserved, now: float, *, is_taking: bool
    ) -> Iterable[FaceSign]:
        if now - seen.captured_at > self._rules.frame_age_max_s:
            return
        if not self._in_zone(seen):
            yield from self._leave(seen.track_id)
            yield from self._zone_empty(seen.captured_at, now)
            return
        self._empty_since = None
        self._present = seen.track_id
        self._watch_paid(seen)
        if seen.track_id in self._spent:
            return
        if seen.second_ratio >= self._rules.rival_ratio:
            self._evidence = None
            if is_taking:
                yield on.SecondFace()
            return
        if seen.captured_at < self._armed_at:
            return
        yield from self._weigh(seen, is_taking=is_taking)

    def _watch_paid(self, seen: ports.FaceObserved) -> None:
        """Who has stepped aside for another foremost face is on the way out."""
        if seen.track_id == self._paid_track:
            self._paid_lost_at = None
        elif self._paid_lost_at is None:
            self._paid_lost_at = seen.captured_at

    def _in_zone(self, seen: ports.FaceObserved) -> bool:
        rules = self._rules
        return (
            seen.in_zone
            and seen.size_ratio >= rules.height_min
            and seen.centre_offset <= rules.centre_max
            and abs(seen.yaw_deg) <= rules.yaw_max_deg
            and abs(seen.pitch_deg) <= rules.pitch_max_deg
        )

    def _weigh(self, seen: ports.FaceObserved, *, is_taking: bool) -> Iterable[FaceSign]:
        evidence = self._evidence
        if evidence is None or evidence.track_id != seen.track_id:
            evidence = self._evidence = Evidence(seen.track_id, seen.captured_at)
        self._weigh_identity(evidence, seen)
        self._weigh_stillness(evidence, seen)
        identified = self._identified(evidence, seen)
        if not is_taking:
            if identified and identified.is_sure and identified.person != self._paid_person:
                yield on.AnotherPerson(seen.track_id)
            return
        yield on.FaceSeen(seen.track_id)
        if identified:
            yield identified
        if self._is_meant(evidence, seen):
            yield on.FaceMeant(seen.track_id)

    def _weigh_identity(self, evidence: Evidence, seen: ports.FaceObserved) -> None:
        match, rules = seen.match, self._rules
        if match is None or match.distance > rules.distance_max:
            evidence.break_run()
            return
        is_sure = match.margin >= rules.margin_min
        evidence.add_match(match, seen.captured_at, is_sure=is_sure)

    def _identified(self, evidence: Evidence, seen: ports.FaceObserved) -> FaceIdentified | None:
        match = seen.match
        is_long = evidence.last_at - evidence.since >= self._rules.span_min_s
        if match is None or evidence.frames < self._rules.frames_min or not is_long:
            return None
        return FaceIdentified(
            track_id=seen.track_id,
            person=match.person,
            distance=match.distance,
            margin=match.margin,
            is_sure=evidence.is_sure,
            first_at=evidence.first_at,
            captured_at=seen.captured_at,
        )

    def _weigh_stillness(self, evidence: Evidence, seen: ports.FaceObserved) -> None:
        box = evidence.still_box
        if box is None or self._has_moved(box, seen):
            evidence.still_box, evidence.still_since = seen.box, seen.captured_at

    def _has_moved(self, box: ports.Box, seen: ports.FaceObserved) -> bool:
        (old_x, old_y), (new_x, new_y) = box.centre, seen.box.centre
        drift = max(abs(new_x - old_x), abs(new_y - old_y)) / max(1, seen.frame_width)
        change = abs(seen.box.height - box.height) / max(1, box.height)
        return drift >= self._rules.drift_max or change >= self._rules.size_change_max

    def _is_meant(self, evidence: Evidence, seen: ports.FaceObserved) -> bool:
        if self._trigger_at >= self._armed_at:
            return True
        since = evidence.still_since
        return since is not None and seen.captured_at - since >= self._rules.still_s

    # --- leaving --------------------------------------------------------------------------

    def _leave(self, track_id: int) -> Iterable[FaceSign]:
        self._evidence = None
        if self._present == track_id:
            self._present = None
            yield on.FaceGone(track_id)

    def _track_lost(self, event: ports.FaceTrackLost) -> Iterable[FaceSign]:
        if event.track_id == self._paid_track:
            self._paid_lost_at = event.captured_at
        self._spent.discard(event.track_id)
        yield from self._leave(event.track_id)

    def _zone_empty(self, captured_at: float, now: float) -> Iterable[FaceSign]:
        if self._present is not None:
            yield from self._leave(self._present)
        if self._empty_since is None:
            self._empty_since = captured_at
        if now - self._empty_since >= self._rules.clear_s:
            self._spent.clear()
            yield from self._cleared()

    def _cleared(self) -> Iterable[FaceSign]:
        self._is_clearing, self._paid_track = False, None
        yield on.ZoneEmptied(What.FACE)

"""P1–P6 on tracks: zone, one face, freshness, identity over time, intent, and what is spent."""

from __future__ import annotations

from typing import Any

import pytest

from devices import ports
from kiosk_profiles.schema import Face, Presence
from terminal_app.counter import events as on
from terminal_app.counter.faces import FaceIdentified, FaceRules, Tracks
from tests.integration.counter.bench import face_seen

ANN, BOB = "ann", "bob"


def match(person: str = ANN, distance: float = 0.3, margin: float = 0.2) -> ports.FaceMatch:
    return ports.FaceMatch(person, distance, margin)


class Zone:
    """One camera, a counter armed at 10 s, ten frames a second."""

    def __init__(self) -> None:
        self.tracks = Tracks(FaceRules.of(Presence(), Face(mode="auto")))
        self.tracks.arm(10.0)
        self.now = 10.0

    def frames(
        self,
        count: int,
        track: int = 1,
        is_taking: bool = True,
        found: ports.FaceMatch | None = None,
        **changes: Any,
    ) -> list[object]:
        signs: list[object] = []
        for _ in range(count):
            self.now += 0.1
            seen = face_seen(track, self.now, match=found or match(), **changes)
            signs += self.tracks.see(seen, self.now, is_taking=is_taking)
        return signs

    def empty(self, count: int) -> list[object]:
        signs: list[object] = []
        for _ in range(count):
            self.now += 0.1
            signs += self.tracks.see(ports.ZoneEmpty(self.now), self.now, is_taking=True)
        return signs

    def tick(self) -> list[object]:
        return list(self.tracks.tick(self.now))


@pytest.fixture
def zone() -> Zone:
    return Zone()


def kinds(signs: list[object]) -> set[type]:
    return {type(sign) for sign in signs}


@pytest.mark.parametrize(
    "outside",
    [
        {"size_ratio": 0.21},
        {"centre_offset": 0.61},
        {"yaw_deg": 26.0},
        {"pitch_deg": -26.0},
        {"in_zone": False},
    ],
)
def test_p1_a_face_outside_the_zone_is_nobody(zone: Zone, outside: dict[str, Any]) -> None:
    assert on.FaceSeen not in kinds(zone.frames(5, **outside))


def test_p2_a_second_face_as_large_pauses_and_throws_the_evidence_away(zone: Zone) -> None:
    zone.frames(2)
    assert kinds(zone.frames(1, second_ratio=0.75)) == {on.SecondFace}
    assert FaceIdentified not in kinds(zone.frames(2))


def test_p2_smaller_faces_behind_do_not_count(zone: Zone) -> None:
    assert FaceIdentified in kinds(zone.frames(5, second_ratio=0.74))


def test_p3_frames_from_before_arming_or_too_old_do_not_count(zone: Zone) -> None:
    before = face_seen(1, 9.9, match=match())
    assert list(zone.tracks.see(before, 10.0, is_taking=True)) == []
    old = face_seen(1, 10.1, match=match())
    assert list(zone.tracks.see(old, 10.4, is_taking=True)) == []


def test_p4_three_frames_of_one_person_over_time_are_an_identity(zone: Zone) -> None:
    assert FaceIdentified not in kinds(zone.frames(2))
    (identified,) = [one for one in zone.frames(1) if isinstance(one, FaceIdentified)]
    assert (identified.person, identified.is_sure) == (ANN, True)


def test_an_identity_says_when_the_face_was_first_seen(zone: Zone) -> None:
    (found,) = [one for one in zone.frames(3) if isinstance(one, FaceIdentified)]
    assert (round(found.first_at, 2), round(found.captured_at, 2)) == (10.1, 10.3)


def test_p4_three_frames_within_a_moment_are_not_enough(zone: Zone) -> None:
    signs: list[object] = []
    for at in (10.10, 10.13, 10.16):
        signs += zone.tracks.see(face_seen(1, at, match=match()), at, is_taking=True)
    assert FaceIdentified not in kinds(signs)


@pytest.mark.parametrize("breaking", [match(BOB), match(distance=0.46), match(margin=0.01)])
def test_p4_one_frame_of_doubt_begins_the_count_anew(zone: Zone, breaking: ports.FaceMatch) -> None:
    zone.frames(2)
    zone.frames(1, found=breaking)
    assert FaceIdentified not in kinds(zone.frames(2))
    assert FaceIdentified in kinds(zone.frames(1))


def test_p4_a_low_margin_every_time_is_said_to_be_unsure(zone: Zone) -> None:
    found = [one for one in zone.frames(3, found=match(margin=0.01)) if type(one) is FaceIdentified]
    assert [one.is_sure for one in found] == [False]


def test_p4_another_track_is_another_face(zone: Zone) -> None:
    zone.frames(2, track=1)
    assert FaceIdentified not in kinds(zone.frames(2, track=2))


def test_p5_standing_still_is_meant(zone: Zone) -> None:
    assert on.FaceMeant not in kinds(zone.frames(7))
    assert on.FaceMeant in kinds(zone.frames(2))


def test_p5_walking_resets_it(zone: Zone) -> None:
    for step in range(30):
        signs = zone.frames(1, box=ports.Box(35 * step, 100, 240, 240))
        assert on.FaceMeant not in kinds(signs)


def test_p5_coming_nearer_resets_it(zone: Zone) -> None:
    for step in range(20):
        size = 200 + 25 * step
        assert on.FaceMeant not in kinds(zone.frames(1, box=ports.Box(200, 100, size, size)))


def test_p5_a_trigger_after_arming_is_meant_at_once(zone: Zone) -> None:
    zone.tracks.see(ports.TriggerPressed("foot", 10.05), 10.05, is_taking=True)
    assert on.FaceMeant in kinds(zone.frames(1))


def test_p5_a_trigger_from_before_arming_means_nothing(zone: Zone) -> None:
    zone.tracks.see(ports.TriggerPressed("foot", 9.0), 9.0, is_taking=True)
    assert on.FaceMeant not in kinds(zone.frames(1))


def test_p6_a_spent_track_is_nobody_until_it_has_left(zone: Zone) -> None:
    zone.frames(10)
    zone.tracks.spend(1, ANN, is_face=True)
    zone.tracks.arm(zone.now)
    assert zone.frames(30) == []
    assert on.ZoneEmptied(on.What.FACE) not in zone.empty(9)
    assert on.ZoneEmptied(on.What.FACE) in zone.empty(3)
    assert on.FaceSeen in kinds(zone.frames(1))


def test_p6_whoever_pays_by_card_spends_the_face_that_stands_there(zone: Zone) -> None:
    zone.frames(2)
    zone.tracks.spend(None, ANN, is_face=False)
    zone.tracks.arm(zone.now)
    assert zone.frames(10) == []


def test_p6_another_person_on_a_new_track_may_follow(zone: Zone) -> None:
    zone.frames(10)
    zone.tracks.spend(1, ANN, is_face=True)
    zone.tracks.arm(zone.now)
    signs = zone.frames(4, track=2, found=match(BOB), is_taking=False)
    assert on.AnotherPerson(2) in signs


def test_p6_the_same_person_on_a_new_track_is_not_another(zone: Zone) -> None:
    zone.frames(10)
    zone.tracks.spend(1, ANN, is_face=True)
    zone.tracks.arm(zone.now)
    assert on.AnotherPerson(2) not in zone.frames(4, track=2, is_taking=False)


def test_p6_who_has_stepped_aside_for_a_stranger_clears_after_a_second(zone: Zone) -> None:
    zone.frames(10)
    zone.tracks.spend(1, ANN, is_face=True)
    zone.frames(9, track=2, found=match("?", 0.9), is_taking=False)
    assert zone.tick() == []
    zone.frames(3, track=2, found=match("?", 0.9), is_taking=False)
    assert zone.tick() == [on.ZoneEmptied(on.What.FACE)]


def test_a_latched_track_may_try_again_after_it_was_lost(zone: Zone) -> None:
    zone.frames(3)
    zone.tracks.latch(1)
    assert zone.frames(3) == []
    lost = ports.FaceTrackLost(1, zone.now)
    assert on.FaceGone(1) in list(zone.tracks.see(lost, zone.now, is_taking=True))
    assert on.FaceSeen in kinds(zone.frames(1))


def test_a_lost_camera_forgets_every_track(zone: Zone) -> None:
    zone.frames(10)
    zone.tracks.spend(1, ANN, is_face=True)
    assert on.ZoneEmptied(on.What.FACE) in list(zone.tracks.lose_camera())
    assert on.FaceSeen in kinds(zone.frames(1))

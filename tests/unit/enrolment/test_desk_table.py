"""The desk's table: no camera without consent, nothing kept of who has gone, always a way out."""

from typing import Any
from uuid import UUID

import numpy as np
import pytest

from devices.vision.faces.pose import Pose
from domain.consent_texts import CURRENT, VERSIONS, consent_text
from domain.errors import Refused
from sync.messages import EnrolmentPerson
from terminal_app.enrolment import machine as m
from terminal_app.enrolment.capture import Look, Posing, Step, pose
from terminal_app.enrolment.machine import Machine, Phase
from terminal_app.enrolment.states import ABOUT_PERSON, IDLE_LOCK_S, PRESSES, TABLE, advance, begun

PERSON = EnrolmentPerson(person_id=UUID(int=1), number="S001", name="张小明", standing="none")
SOMEBODY = np.eye(128, dtype="<f4")
ORDERS = (True, False, True)


def at(phase: Phase, **changes: Any) -> Machine:
    return Machine(phase=phase, operator_id=UUID(int=9), person=PERSON, **changes)


def look(yaw: float = 0.0, pitch: float = 0.0, *, at: float, **changes: Any) -> Look:
    said: dict[str, Any] = {
        "track_id": 1, "pose": Pose(yaw, pitch, 0.0, yaw / 160), "score": 0.8, "advice": "",
        "second_ratio": 0.0, "captured_at": at, "left": 0.3, "top": 0.3, "width": 0.3,
        "height": 0.4, "vector": SOMEBODY[0].tobytes(), **changes,
    }  # fmt: skip
    return Look(**said)


def posed(posing: Posing, *looks: Look) -> Posing:
    for one in looks:
        posing = pose(posing, one, one.captured_at)
    return posing


def front(posing: Posing, start: float = 0.0, **changes: Any) -> Posing:
    return posed(posing, *(look(at=start + 0.25 * n, **changes) for n in range(4)))


@pytest.mark.parametrize("phase", sorted(ABOUT_PERSON | {Phase.PICK}))
def test_every_page_has_a_way_out(phase: Phase) -> None:
    ways = {event for (place, event) in TABLE if place is phase}
    assert ways & {m.BackPressed, m.ConfirmPressed, m.PersonChosen}
    machine, effects = advance(at(phase), m.LockPressed(), 1.0)
    assert machine.phase is Phase.LOCKED
    assert machine.person is machine.operator_id is None
    assert effects == (m.StopLooking(),)


def test_only_consent_on_file_opens_the_camera() -> None:
    starts = []
    for (phase, event), move in TABLE.items():
        assert move is not None
        machine = at(phase)
        pressed = event in (m.EnrolPressed, m.ConfirmPressed)
        if pressed and phase is not Phase.HALTED:
            made: Any = event()
            after, effects = advance(machine, made, 1.0)
            starts += [(phase, e) for e in effects if isinstance(e, m.StartLooking)]
    assert starts == []
    on_file = at(Phase.PERSON, consent_id=UUID(int=5), keeps_photo=True)
    after, effects = advance(on_file, m.EnrolPressed(), 1.0)
    assert (after.phase, effects) == (Phase.POSING, (m.StartLooking(True),))


def test_leaving_forgets_the_person_and_stops_the_camera() -> None:
    machine = begun(at(Phase.POSING, consent_id=UUID(int=5), group="三年二班"), ORDERS, 0.0)
    left, effects = advance(machine, m.BackPressed(), 1.0)
    assert (left.person, left.posing, left.consent_id) == (None, None, None)
    assert m.StopLooking() in effects


def test_a_busy_desk_hears_nothing_but_going_away() -> None:
    machine = at(Phase.TEXT, is_busy=True)
    for event in (m.ConfirmPressed(), m.RefusePressed()):
        assert advance(machine, event, 1.0) == (machine, ())
    assert advance(machine, m.BackPressed(), 1.0)[0].phase is Phase.PICK
    signing = at(Phase.SIGN, is_busy=True)
    after, effects = advance(signing, m.BackPressed(), 1.0)
    assert (after.phase, effects) == (Phase.SIGN, ())


def test_a_desk_left_alone_locks_itself() -> None:
    machine = at(Phase.PERSON, touched_at=100.0)
    assert advance(machine, m.Ticked(), 100.0 + IDLE_LOCK_S - 1)[0].phase is Phase.PERSON
    assert advance(machine, m.Ticked(), 100.0 + IDLE_LOCK_S)[0].phase is Phase.LOCKED


def test_who_signs_must_say_who_they_are() -> None:
    cases = {
        "consents.needs_guardian": m.Giver(name="张", is_under_14=True),
        "consents.incomplete": m.Giver(given_by="guardian", name="张"),
    }
    for code, giver in cases.items():
        after, effects = advance(at(Phase.GIVER), m.GiverSaid(giver), 1.0)
        assert (after.phase, after.problem.code, effects) == (Phase.GIVER, code, ())
        assert after.giver == giver, "what was typed is still there"
    after, _ = advance(at(Phase.GIVER), m.GiverSaid(m.Giver()), 1.0)
    assert after.problem.data == {"field": "giver_name"}
    after, effects = advance(at(Phase.SIGN), m.Signed(b""), 1.0)
    assert (after.problem.data, effects) == ({"field": "signature"}, ())


def test_nothing_that_came_from_elsewhere_counts_as_a_press() -> None:
    assert not PRESSES & {m.Looked, m.Ticked, m.ConsentKept, m.FaceKept, m.Failed}


def test_secrets_and_faces_stay_out_of_every_repr() -> None:
    said = repr((m.PinTyped("908070"), m.CodeTyped("12345678"), m.Signed(b"ink"), look(at=0.0)))
    assert not any(word in said for word in ("908070", "12345678", "ink'", "vector"))


def test_the_best_of_several_still_pictures_is_taken() -> None:
    scores = [0.7, 0.95, 0.8, 0.75]
    posing = posed(Posing(ORDERS, 0.0), *(look(at=0.25 * n, score=s) for n, s in enumerate(scores)))
    assert [(one.step, one.score) for one in posing.taken] == [(Step.FRONT, 0.95)]
    assert posing.step is Step.LEFT


def test_advice_is_said_and_holding_still_begins_anew() -> None:
    posing = posed(
        Posing(ORDERS, 0.0), look(at=0.0), look(at=0.3), look(at=0.5, advice="faces.too_dark")
    )
    assert (posing.hint, posing.still_share, posing.taken) == ("faces.too_dark", 0.0, ())


def test_both_sides_are_taken_and_up_only_after_a_poor_front() -> None:
    sides = (look(30.0, at=2.0), look(-30.0, at=3.0))
    good = posed(front(Posing(ORDERS, 0.0)), *sides)
    assert ([one.step for one in good.taken], good.step) == (
        [Step.FRONT, Step.LEFT, Step.RIGHT], None,
    )  # fmt: skip
    poor = posed(front(Posing(ORDERS, 0.0), score=0.4), *sides)
    assert poor.step is Step.UP
    assert posed(poor, look(0.0, -10.0, at=4.0)).step is None


def test_somebody_else_in_the_picture_costs_no_try_but_starts_over() -> None:
    posing = front(Posing(ORDERS, 0.0))
    second = pose(posing, look(30.0, at=2.0, second_ratio=0.9), 2.0)
    assert (second.taken, second.tries, second.hint) == ((), 0, "faces.several")
    other = pose(posing, look(30.0, at=2.0, track_id=2), 2.0)
    assert (other.taken, other.tries, other.hint) == ((), 0, "enrolments.stay")
    gone = pose(posing, None, 3.0)
    assert (gone.taken, gone.tries) == ((), 0)


def test_another_face_on_the_same_track_is_not_enrolled() -> None:
    swapped = look(30.0, at=2.0, vector=SOMEBODY[1].tobytes())
    posing = pose(front(Posing(ORDERS, 0.0)), swapped, 2.0)
    assert (posing.taken, posing.tries, posing.hint) == ((), 1, "enrolments.one_person")


def test_the_third_failure_ends_it() -> None:
    posing = Posing(ORDERS, 0.0)
    for n in range(3):
        posing = front(posing, 10.0 * n)
        wrong = -30.0 if posing.step is Step.LEFT else 30.0
        posing = pose(posing, look(wrong, at=10.0 * n + 2), 10.0 * n + 2)
    assert (posing.has_failed, posing.hint) == (True, "faces.not_live")
    assert front(posing, 40.0) is posing


def test_every_version_of_the_text_is_whole_in_both_languages() -> None:
    blanks = {"organisation": "甲", "site": "乙", "contact": "丙", "servers": "丁"}
    for version in VERSIONS:
        for language in ("zh", "en"):
            shown = consent_text(language, blanks, version)
            assert "{" not in shown.text
            assert all(value in shown.text for value in blanks.values())
    assert len(VERSIONS[CURRENT]["zh"].points) == len(VERSIONS[CURRENT]["en"].points)
    assert "……" in consent_text("zh", {}).text
    with pytest.raises(Refused, match=r"consents\.unknown_text"):
        consent_text("zh", {}, "1999-1")


@pytest.mark.parametrize("is_proven", [True, False], ids=["by its keys", "by its number"])
def test_the_server_is_told_how_a_card_was_read(*, is_proven: bool) -> None:
    after, effects = advance(at(Phase.PICK), m.CardRead("ab" * 32, is_proven), 1.0)
    assert after.is_busy
    assert effects == (m.Find(card_key="ab" * 32, is_proven=is_proven),)

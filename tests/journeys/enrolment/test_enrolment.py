"""Enrolment as people live it: a guardian agrees, a face is taken, and given back everywhere."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from domain.consent_texts import consent_text
from server.biometrics.issue_guardian_code import issue_guardian_code
from server.biometrics.models import Attachment, Consent, Refusal, Template
from server.people.change_person import part_with_person
from server.people.models import Person
from server.work.worker import Worker
from terminal_app.enrolment import machine as m
from terminal_app.enrolment.machine import Giver, Phase
from tests.factories.schools import NOW, SIDES, School, Sitter, ink, print_of
from tests.factories.server_rows import SECRETS
from tests.factories.terminals_api import terminals_api

ACCEPTED = 0.45
JIA, JIA_AGAIN = "people/sample-01/1.jpg", "looks/sample-01/2.jpg"
GUARDIAN = Giver(given_by="guardian", is_under_14=True, by_code=True)
SELF = Giver(name="张小明")

pytestmark = pytest.mark.pictures


@pytest.fixture
def school(sqlite_database: str, tmp_path: Path) -> Iterator[School]:
    with terminals_api(NOW) as api:
        made = School(api, tmp_path)
        yield made
        made.close()


def pupil(school: School, number: str = "S001", name: str = "张小明") -> Person:
    person = school.rows.new_person(number, name)
    person.department = "三年二班"
    person.save()
    return person


def code_for(school: School, person: Person) -> str:
    rows = school.rows
    return issue_guardian_code(
        rows.organisation.id, person.id, rows.site.id, guardian_name="张大山", relation="父亲",
        now=NOW, random=rows.random, secrets=SECRETS,
    )  # fmt: skip


def chosen(school: School, person: Person):
    """The clerk has signed in and taken somebody from the class list."""
    school.signs_in()
    view = school.does(m.GroupChosen("三年二班"), m.PersonChosen(person.id))
    assert (view.phase, view.person.name) == (Phase.PERSON, person.name)
    return view


def consented(school: School, person: Person, giver: Giver = SELF):
    """They have read, agreed and signed for themselves."""
    chosen(school, person)
    return school.does(
        m.EnrolPressed(), m.ConfirmPressed(), m.GiverSaid(giver), m.TwinSaid("no"), m.Signed(ink())
    )


def test_enrolment_with_a_guardian(school: School) -> None:
    child, twin = pupil(school), pupil(school, "S002", "张小亮")
    code = code_for(school, child)
    view = school.signs_in()
    assert (view.phase, view.groups) == (Phase.PICK, ("三年二班",))
    view = school.does(m.GroupChosen("三年二班"))
    assert [one.name for one in view.people] == ["张小明", "张小亮"]
    view = school.does(m.PersonChosen(child.id), m.EnrolPressed())
    blanks = {"organisation": "示例大学", "site": "校区 main", "contact": "食堂办公室 内线 8001",
              "servers": "示例大学信息中心"}  # fmt: skip
    assert view.text == consent_text("zh", blanks)
    view = school.does(m.LanguageChosen("en"))
    assert view.text == consent_text("en", blanks)
    view = school.does(m.LanguageChosen("zh"), m.ConfirmPressed())
    view = school.does(m.GiverSaid(Giver(name="张小明", is_under_14=True)))
    assert (view.phase, view.problem.code) == (Phase.GIVER, "consents.needs_guardian")
    view = school.does(m.GiverSaid(GUARDIAN))
    assert (view.phase, view.problem.code) == (Phase.TWIN, "")
    view = school.does(m.TwinSaid("yes", "S002"))
    wrong = f"{(int(code) + 1) % 10**8:08d}"
    view = school.does(m.CodeTyped(wrong))
    assert (view.problem.code, view.problem.data) == ("consents.code_wrong", {"left": 4})
    assert not school.camera.is_open, "no camera without a consent on file"
    view = school.does(m.CodeTyped(code))
    assert view.phase is Phase.POSING
    view = school.poses(Sitter(JIA))
    assert (view.phase, view.problem.code) == (Phase.DONE, "")
    assert [(one.masked_name, one.is_declared) for one in view.alike] == [("张*亮", True)]
    consent = Consent.objects.get()
    assert (consent.given_by, consent.giver_name, consent.evidence_kind, consent.twin) == (
        "guardian", "张大山", "code", "yes",
    )  # fmt: skip
    assert {row.was_turned for row in Template.objects.all()} == {True}
    assert Template.objects.count() == 3

    counter = school.counters[0]
    counter.pull()
    probe_image = Sitter(JIA_AGAIN).at(0.0)
    probe = school.engine.embed(probe_image, school.engine.detect(probe_image)[:1])[0]
    known = counter.faces()
    assert set(known) == {child.id}
    assert np.linalg.norm(known[child.id] - probe) < ACCEPTED
    row = counter.replica.person(child.id)
    assert row is not None
    assert row.confusable == (twin.id,)
    view = school.does(m.ConfirmPressed())
    assert (view.phase, view.enrolled_count, view.person) == (Phase.PICK, 1, None)


def test_withdrawal_until_every_counter_has_confirmed(school: School) -> None:
    person = pupil(school)
    consented(school, person)
    school.poses(Sitter(JIA))
    everybody = (*school.counters, school.peer)
    for peer in everybody:
        peer.pull()
        assert set(peer.faces()) == {person.id}
    view = school.does(m.ConfirmPressed(), m.NumberTyped("S001"), m.WithdrawPressed())
    assert view.phase is Phase.WITHDRAW
    school.api.clock.at = NOW + timedelta(minutes=1)
    view = school.does(m.ConfirmPressed())
    assert view.phase is Phase.WITHDRAWN
    assert Template.objects.count() == 0
    assert {one.name: one.how for one in view.withdrawal.counters} == {
        "1 号窗口": "waiting", "2 号窗口": "waiting", "登记台": "waiting",
    }  # fmt: skip
    school.api.clock.at = NOW + timedelta(minutes=2)
    for peer in (school.counters[0], school.peer):
        peer.pull()
        peer.report()
        assert peer.faces() == {}
    view = school.passes(5.0)
    told = {one.name: one.how for one in view.withdrawal.counters}
    assert told["2 号窗口"] == "waiting"
    assert not view.withdrawal.is_gone
    late = school.counters[1]
    late.report()
    assert not school.passes(5.0).withdrawal.is_gone, "a counter online that has not read it yet"
    late.pull()
    late.report()
    view = school.passes(5.0)
    assert view.withdrawal.is_gone
    assert all(one.confirmed_at == school.api.clock.at for one in view.withdrawal.counters)
    assert Worker().step(school.api.clock.at + timedelta(hours=1)) == 0, "nothing is left to follow"
    view = school.does(m.ConfirmPressed(), m.NumberTyped("S001"))
    assert view.person.standing == "withdrawn"


def test_a_print_that_is_turned_enrols_nobody(school: School) -> None:
    view = consented(school, pupil(school))
    assert view.phase is Phase.POSING
    for _ in range(3):
        view = school.looks(print_of(JIA), 0.0, times=5)
        side = view.posing.step
        assert side is not None
        for _ in range(4):
            view = school.looks(print_of(JIA), SIDES[side])
        view = school.passes(16.0)
    assert (view.phase, view.problem.code) == (Phase.HALTED, "faces.not_live")
    assert Template.objects.count() == 0
    school.passes(0.1)
    assert not school.camera.is_open


def test_turning_to_the_wrong_side_starts_over_with_another_draw(school: School) -> None:
    consented(school, pupil(school))
    sitter = Sitter(JIA)
    view = school.looks(sitter, 0.0, times=5)
    asked = view.posing.step
    view = school.looks(sitter, -SIDES[asked])
    assert (view.posing.hint, view.posing.done, view.posing.tries_left) == (
        "enrolments.wrong_side", 0, 2,
    )  # fmt: skip
    assert school.poses(sitter).phase is Phase.DONE


def test_who_says_no_is_not_asked_again_by_accident(school: School) -> None:
    person = pupil(school)
    chosen(school, person)
    view = school.does(m.EnrolPressed(), m.RefusePressed())
    assert (view.phase, view.people[0].standing) == (Phase.PICK, "refused")
    assert Refusal.objects.get().person == person.id
    assert Consent.objects.count() == 0


def test_a_lost_answer_is_asked_for_again_without_posing_again(school: School) -> None:
    consented(school, pupil(school), Giver(name="张小明", keeps_photo=True))
    school.link.is_up = False
    view = school.poses(Sitter(JIA))
    assert (view.phase, view.problem.code) == (Phase.HALTED, "server.unreachable")
    school.link.is_up = True
    view = school.does(m.ConfirmPressed())
    assert view.phase is Phase.DONE
    assert Attachment.objects.filter(kind="photograph").count() == 3


def test_who_leaves_school_is_forgotten_at_every_counter(school: School) -> None:
    person = pupil(school)
    consented(school, person)
    school.poses(Sitter(JIA))
    counter = school.counters[0]
    counter.pull()
    part_with_person(Person.objects.get(id=person.id), now=NOW + timedelta(days=1))
    counter.pull()
    assert counter.faces() == {}
    view = school.does(m.ConfirmPressed(), m.NumberTyped("S001"))
    assert view.problem.code == "people.unknown"

"""A clerk and a person at the desk's two windows, by finger and key, against a real server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from server.biometrics.issue_guardian_code import issue_guardian_code
from server.biometrics.models import Consent, Refusal, Template
from server.people.models import Person
from terminal_app.enrolment.machine import CardRead, Phase
from terminal_app.screens.station import StationWindow
from terminal_app.screens.windows import Kind, Look
from tests.factories.schools import NOW, School, Sitter
from tests.factories.server_rows import SECRETS
from tests.factories.terminals_api import terminals_api
from tests.qt.screens.page_glass import PageGlass

pytestmark = pytest.mark.pictures
JIA = "people/sample-01/1.jpg"
NOTHING = Qt.KeyboardModifier.NoModifier


class Desk:
    """A desk with both windows; `clerk` and `person` are what each touches."""

    def __init__(self, school: School) -> None:
        self.school = school
        # Opened last, as the keyboard is the clerk's
        self.person = self._glass(Kind.DINER)
        self.clerk = self._glass(Kind.CASHIER)

    def _glass(self, kind: Kind) -> PageGlass:
        post = self.school.station.post
        return PageGlass(lambda: StationWindow(kind, post, Look()), lambda _: self.passes())

    def passes(self) -> None:
        """Let what was pressed happen, and show it on both sides."""
        self.school.passes(0.1)
        for glass in (getattr(self, "clerk", None), getattr(self, "person", None)):
            if glass is not None:
                glass.page.show_view(self.school.view)
                glass.settle()

    @property
    def phase(self) -> Phase:
        return Phase(self.school.view.phase)

    def signs_in(self) -> None:
        self.clerk.type("908070")
        self.clerk.tap("pad_enter")

    def reads_to_the_end(self) -> None:
        for _ in range(10):
            self.person.tap("readOn")
        assert "已到末尾" in self.person.words()

    def signs(self) -> None:
        """Draw with a finger."""
        pad = self.person.item("signature")
        x, y = 200, 400
        assert pad.property("visible")
        window = self.person.page.window
        QTest.mousePress(window, Qt.MouseButton.LeftButton, NOTHING, QPoint(x, y))
        for step in range(1, 40):
            QTest.mouseMove(window, QPoint(x + step * 10, y + (step % 8) * 12))
        QTest.mouseRelease(window, Qt.MouseButton.LeftButton, NOTHING, QPoint(x + 400, y))
        self.passes()

    def close(self) -> None:
        self.clerk.close()
        self.person.close()


@pytest.fixture
def desk(qapp: object, sqlite_database: str, tmp_path: Path) -> Iterator[Desk]:
    with terminals_api(NOW) as api:
        school = School(api, tmp_path)
        made = Desk(school)
        yield made
        made.close()
        school.close()


def pupil(desk: Desk, number: str = "S001", name: str = "张小明") -> Person:
    person = desk.school.rows.new_person(number, name)
    person.department = "三年二班"
    person.save()
    return person


def chosen(desk: Desk) -> None:
    desk.signs_in()
    desk.clerk.tap("group_0", "person_0")


def test_from_the_class_list_to_a_face_by_ones_own_signature(desk: Desk) -> None:
    person = pupil(desk)
    chosen(desk)
    assert "您好，张小明" in desk.person.words()
    desk.clerk.tap("enrol")
    assert "请本人阅读同意书" in desk.clerk.words()
    desk.person.tap("agree")
    assert desk.phase is Phase.TEXT
    desk.reads_to_the_end()
    desk.person.tap("agree")
    desk.clerk.tap("next", "twinNo")
    desk.person.tap("signDone")
    assert desk.phase is Phase.SIGN
    desk.signs()
    desk.person.tap("signDone")
    assert desk.phase is Phase.POSING
    assert Consent.objects.get(person=person.id).giver_name == "张小明"
    desk.school.poses(Sitter(JIA))
    desk.passes()
    assert "登记完成" in desk.clerk.words()
    assert "登记好了" in desk.person.words()
    assert Template.objects.filter(person=person.id).exists()
    desk.clerk.tap("nextPerson")
    assert "已登记 1 / 1" in desk.clerk.words()


def test_a_child_needs_a_guardian_whose_code_is_typed_on_the_glass(desk: Desk) -> None:
    child, rows = pupil(desk), desk.school.rows
    code = issue_guardian_code(
        rows.organisation.id, child.id, rows.site.id, guardian_name="张大山", relation="父亲",
        now=NOW, random=rows.random, secrets=SECRETS,
    )  # fmt: skip
    chosen(desk)
    desk.clerk.tap("enrol")
    desk.reads_to_the_end()
    desk.person.tap("agree")
    desk.clerk.tap("under_true", "self", "next")
    assert "须由监护人同意" in desk.clerk.words()
    desk.clerk.tap("guardian", "byCode", "next", "twinYes", "twinNumber")
    desk.clerk.write("s002")
    desk.clerk.tap("next")
    desk.person.tap("letter_Z", "letter_9", "signDone")
    assert desk.phase is Phase.SIGN
    assert "同意码" in desk.clerk.words()
    desk.person.tap("letter_back", "letter_back", *(f"letter_{one}" for one in code), "signDone")
    assert desk.phase is Phase.POSING
    consent = Consent.objects.get(person=child.id)
    assert (consent.giver_name, consent.given_by) == ("张大山", "guardian")


def test_no_is_as_near_as_yes_and_is_kept(desk: Desk) -> None:
    person = pupil(desk)
    chosen(desk)
    desk.clerk.tap("enrol")
    desk.person.tap("disagree")
    assert desk.phase is Phase.PICK
    assert Refusal.objects.filter(person=person.id).exists()
    assert "不同意" in desk.clerk.words()


def test_somebody_by_number_on_the_keyboard_and_a_number_nobody_has(desk: Desk) -> None:
    pupil(desk)
    desk.signs_in()
    desk.clerk.write("s009")
    desk.clerk.key(Qt.Key.Key_Return)
    assert desk.school.view.problem.code == "people.unknown"
    assert desk.clerk.has("problem")
    for _ in range(4):
        desk.clerk.key(Qt.Key.Key_Backspace)
    desk.clerk.tap("letters", "letter_S", "letter_0", "letter_0", "letter_1", "find")
    assert "张小明" in desk.clerk.words()
    assert desk.phase is Phase.PERSON


def test_withdrawal_shows_which_counters_have_yet_to_forget(desk: Desk) -> None:
    pupil(desk)
    chosen(desk)
    desk.clerk.tap("enrol")
    desk.reads_to_the_end()
    desk.person.tap("agree")
    desk.clerk.tap("next", "twinNo")
    desk.signs()
    desk.person.tap("signDone")
    desk.school.poses(Sitter(JIA))
    for peer in desk.school.counters:
        peer.pull()
    desk.passes()
    desk.clerk.tap("nextPerson", "person_0", "withdraw")
    assert "撤回" in desk.person.words()
    desk.clerk.tap("sure")
    assert desk.phase is Phase.WITHDRAWN
    assert "等待确认" in desk.clerk.words()
    desk.clerk.tap("sure")
    assert desk.phase is Phase.PICK


def test_an_unknown_card_says_so_and_a_lock_hides_every_name(desk: Desk) -> None:
    pupil(desk)
    desk.signs_in()
    desk.clerk.tap("group_0")
    desk.school.station.post(CardRead("00" * 32))
    desk.passes()
    assert desk.school.view.problem.code == "people.unknown"
    desk.clerk.tap("lock")
    assert "张小明" not in desk.clerk.words()
    assert "请输入密码" in desk.clerk.words()


def test_a_clerk_with_a_keyboard_alone_gets_as_far_as_the_consent(desk: Desk) -> None:
    pupil(desk)
    for _ in range(2):
        desk.clerk.write("908070")
        desk.clerk.key(Qt.Key.Key_Return)
        assert desk.phase is Phase.PICK
        desk.clerk.tap("lock")
        assert desk.phase is Phase.LOCKED
    desk.clerk.write("908070")
    desk.clerk.key(Qt.Key.Key_Return)
    desk.clerk.write("s001")
    desk.clerk.key(Qt.Key.Key_Return)
    assert desk.phase is Phase.PERSON
    desk.clerk.key(Qt.Key.Key_Escape)
    assert desk.phase is Phase.PICK
    desk.clerk.write("s001")
    desk.clerk.key(Qt.Key.Key_Return)
    desk.clerk.key(Qt.Key.Key_Return)
    assert desk.phase is Phase.TEXT
    desk.clerk.key(Qt.Key.Key_Escape)
    assert desk.phase is Phase.PICK


def test_without_a_second_glass_the_person_reads_and_signs_on_the_clerks(desk: Desk) -> None:
    pupil(desk)
    desk.clerk.page.window.setProperty("isAlone", True)
    chosen(desk)
    desk.clerk.tap("enrol", *["readOn"] * 10, "agree", "next", "twinNo")
    assert desk.clerk.has("signature")
    desk.clerk.tap("back")
    assert desk.phase is Phase.TWIN

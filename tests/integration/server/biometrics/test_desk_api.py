"""What an enrolment desk may ask and keep, through the real edge; and what nobody else may."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from domain.offline_policy import Assurance
from server.biometrics import api
from server.biometrics.issue_guardian_code import issue_guardian_code
from server.biometrics.models import Attachment, Consent, Notice, Template
from server.biometrics.sealed import open_attachment, open_vector
from server.feed.epoch import ensure_epoch, read_state
from server.feed.sequencer import Sequencer
from server.fleet.models import Terminal
from server.people.bind_card import bind_card, lose_card
from sync.messages import (
    CardProven,
    ConsentBlanks,
    ConsentKept,
    ConsentRefused,
    EnrolmentDone,
    FaceKept,
    Failure,
    PeoplePage,
    WithdrawalStanding,
    Withdrawn,
    decode,
    encode,
)
from sync.signing import card_reference
from tests.factories.desks import DeskRows, ink, vector
from tests.factories.server_rows import NOW, SECRETS, Device, Rows
from tests.factories.terminals_api import TerminalsApi, terminals_api


class Desk(DeskRows):
    """A desk that calls the server."""

    api: TerminalsApi

    def get(self, kind, what: str, device: Device | None = None, **query: str):
        return self._read(
            kind, self.api.call("GET", f"/v1/enrolments/{what}", b"", device or self.desk,
                                query=query)
        )  # fmt: skip

    def post(self, kind, what: str, body: msgspec.Struct, device: Device | None = None):
        path = f"/v1/enrolments{what}"
        return self._read(kind, self.api.call("POST", path, encode(body), device or self.desk))

    def _read(self, kind, response):
        return decode(kind if response.status_code == 200 else Failure, response.content)

    def text(self) -> ConsentBlanks:
        return self.get(ConsentBlanks, "text")

    def consented(self, person, **said) -> Any:
        given = self.consent(person.id, self.text(), **said)
        return self.post(ConsentKept, "/consents", given)


@pytest.fixture
def desk(database: str) -> Iterator[Desk]:
    rows = Rows()
    ensure_epoch(rows.random)
    made = Desk(rows)
    with terminals_api(NOW) as calls:
        made.api = calls
        calls.serve(api.routes(calls.runtime, made.desks))
        yield made


def test_a_desk_finds_people_by_class_number_and_card(desk: Desk) -> None:
    rows = desk.rows
    first, second = rows.new_person("S001"), rows.new_person("S002", "李四")
    rows.new_card(first)
    for person in (first, second):
        person.department = "三年二班"
        person.save()
    assert desk.get(PeoplePage, "people").groups == ("三年二班",)
    listed = desk.get(PeoplePage, "people", group="三年二班").people
    assert [(one.number, one.name, one.standing) for one in listed] == [
        ("S001", "张小明", "none"), ("S002", "李四", "none"),
    ]  # fmt: skip
    assert [one.name for one in desk.get(PeoplePage, "people", number="S002").people] == ["李四"]
    card = card_reference(SECRETS.card_key(rows.organisation.id), b"\x04\x01\x02\x03")
    assert [one.number for one in desk.get(PeoplePage, "people", card=card).people] == ["S001"]
    assert desk.get(PeoplePage, "people", number="S009").people == ()


def test_a_card_is_worth_its_keys_once_it_proved_itself_at_a_desk(desk: Desk) -> None:
    rows = desk.rows
    card = rows.new_card(rows.new_person())
    version = card.person.version
    proven = CardProven(card_key=card.card_key, operator_id=desk.clerk.id)
    for _ in range(2):
        assert isinstance(desk.post(EnrolmentDone, "/cards", proven), EnrolmentDone)
    card.refresh_from_db()
    card.person.refresh_from_db()
    assert card.assurance == Assurance.MUTUAL_CARD
    assert card.person.version == version + 1
    again = bind_card(card.person, card.card_key, now=rows.now, random=rows.random)
    assert again.assurance == Assurance.CARD_UID


def test_nobody_else_s_word_makes_a_card_proven(desk: Desk) -> None:
    rows = desk.rows
    card = rows.new_card(rows.new_person())
    counter = rows.activated(rows.new_terminal("1 号窗口"))
    proven = CardProven(card_key=card.card_key, operator_id=desk.clerk.id)
    assert desk.post(EnrolmentDone, "/cards", proven, counter).code == "terminals.no_desk"
    by_cashier = msgspec.structs.replace(proven, operator_id=rows.new_operator("01").id)
    assert desk.post(EnrolmentDone, "/cards", by_cashier).code == "operators.not_allowed"
    unknown = msgspec.structs.replace(proven, card_key="0" * 64)
    assert desk.post(EnrolmentDone, "/cards", unknown).code == "people.unknown"
    lose_card(card, now=rows.now)
    assert desk.post(EnrolmentDone, "/cards", proven).code == "people.unknown"
    card.refresh_from_db()
    assert card.assurance == Assurance.CARD_UID


def test_only_an_enrolment_desk_and_its_clerk_may_enrol(desk: Desk) -> None:
    rows, person = desk.rows, desk.rows.new_person()
    counter = rows.activated(rows.new_terminal("1 号窗口"))
    assert desk.get(PeoplePage, "people", counter, number="S001").code == "terminals.no_desk"
    cashier = rows.new_operator("01")
    assert desk.consented(person, operator_id=cashier.id).code == "operators.not_allowed"
    assert desk.consented(person, operator_id=rows.id()).code == "operators.unknown"
    assert Consent.objects.count() == 0


def test_a_consent_signed_on_the_screen_is_kept_once_with_its_words(desk: Desk) -> None:
    person = desk.rows.new_person()
    given = desk.consent(person.id, desk.text())
    for _ in range(2):
        kept = desk.post(ConsentKept, "/consents", given)
        assert kept.consent_id == given.consent_id
    consent = Consent.objects.get()
    assert consent.text_digest == given.text_digest
    assert "登记台" in consent.recorded_by
    assert open_attachment(Attachment.objects.get(), SECRETS) == ink()


def test_words_that_were_not_ours_and_ink_that_is_none_are_refused(desk: Desk) -> None:
    person = desk.rows.new_person()
    assert desk.consented(person, text_digest="0" * 64).code == "consents.text_changed"
    assert desk.consented(person, text_version="2025-9").code == "consents.text_changed"
    assert desk.consented(person, signature=None).code == "consents.incomplete"
    assert desk.consented(person, given_by="nobody").code == "consents.incomplete"
    moved = desk.sealed("signature", desk.rows.id(), 0, ink())
    assert desk.consented(person, signature=moved).code == "templates.bad_seal"
    assert desk.consented(person, is_under_14=True).code == "consents.needs_guardian"
    stranger = desk.rows.id()
    assert desk.post(ConsentKept, "/consents", desk.consent(stranger, desk.text())).code == (
        "people.unknown"
    )
    Notice.objects.update(contact=" ")
    assert desk.get(ConsentBlanks, "text").code == "consents.no_notice"


def test_a_guardians_code_is_consent_for_a_child(desk: Desk) -> None:
    rows, child = desk.rows, desk.rows.new_person()
    code = issue_guardian_code(
        rows.organisation.id, child.id, rows.site.id, guardian_name="张大山", relation="父亲",
        now=NOW, random=rows.random, secrets=SECRETS,
    )  # fmt: skip
    wrong = f"{(int(code) + 1) % 10**8:08d}"
    said = {"is_under_14": True, "signature": None}
    refused = desk.consented(child, guardian_code=wrong, **said)
    assert (refused.code, refused.data) == ("consents.code_wrong", {"left": 4})
    given = desk.consent(child.id, desk.text(), guardian_code=code, **said)
    for _ in range(2):
        assert desk.post(ConsentKept, "/consents", given).consent_id == given.consent_id
    assert Consent.objects.get().giver_name == "张大山"


def test_a_face_is_kept_sealed_once_and_its_likeness_told(desk: Desk) -> None:
    rows = desk.rows
    first, second = rows.new_person(), rows.new_person("S002", "张小亮")
    consent = desk.consented(first)
    taken = desk.face(consent.consent_id, vector(1), vector(2))
    for _ in range(2):
        assert desk.post(FaceKept, "", taken) == FaceKept(templates=2)
    stored = list(Template.objects.order_by("ordinal"))
    assert [row.was_turned for row in stored] == [True, True]
    assert (open_vector(stored[1], SECRETS) == vector(2)).all()
    twin = desk.consented(second, twin="yes", twin_number="S001")
    kept = desk.post(FaceKept, "", desk.face(twin.consent_id, vector(9)))
    assert [(one.masked_name, one.number, one.is_declared) for one in kept.alike] == [
        ("张*明", "S001", True)
    ]
    page = desk.get(PeoplePage, "people", number="S002")
    assert page.people[0].standing == "enrolled"


def test_no_photograph_without_its_own_yes(desk: Desk) -> None:
    person, other = desk.rows.new_person(), desk.rows.new_person("S002", "李四")
    jpeg = b"\xff\xd8\xff" + b"face" * 40
    plain = desk.consented(person)
    taken = desk.face(plain.consent_id, vector(1))
    photograph = desk.sealed("photograph", taken.enrolment_id, 0, jpeg)
    with_photo = msgspec.structs.replace(taken, photographs=(photograph,))
    assert desk.post(FaceKept, "", with_photo).code == "consents.no_photograph"
    assert Template.objects.count() == 0
    willing = desk.consented(other, keeps_photo=True)
    taken = desk.face(willing.consent_id, vector(2))
    photograph = desk.sealed("photograph", taken.enrolment_id, 0, jpeg)
    kept = desk.post(FaceKept, "", msgspec.structs.replace(taken, photographs=(photograph,)))
    assert kept.templates == 1
    assert open_attachment(Attachment.objects.get(kind="photograph"), SECRETS) == jpeg


def test_vectors_of_another_enrolment_or_of_no_size_are_refused(desk: Desk) -> None:
    consent = desk.consented(desk.rows.new_person())
    taken = desk.face(consent.consent_id, vector(1))
    moved = msgspec.structs.replace(taken, enrolment_id=desk.rows.id())
    assert desk.post(FaceKept, "", moved).code == "templates.bad_seal"
    short = desk.face(consent.consent_id, vector(1)[:64])
    assert desk.post(FaceKept, "", short).code == "templates.malformed"
    assert desk.post(FaceKept, "", desk.face(consent.consent_id)).code == "templates.malformed"
    unknown = desk.face(desk.rows.id(), vector(1))
    assert desk.post(FaceKept, "", unknown).code == "consents.missing"


def test_a_no_at_the_desk_shows_in_the_class(desk: Desk) -> None:
    person = desk.rows.new_person()
    refusal = ConsentRefused(
        refusal_id=desk.rows.id(), person_id=person.id, operator_id=desk.clerk.id
    )
    assert desk.post(PeoplePage, "/refusals", refusal) is not None
    assert desk.get(PeoplePage, "people", number="S001").people[0].standing == "refused"


def test_a_withdrawal_tells_which_counters_have_forgotten(desk: Desk) -> None:
    rows, person = desk.rows, desk.rows.new_person()
    counter = rows.activated(rows.new_terminal("1 号窗口"))
    consent = desk.consented(person)
    desk.post(FaceKept, "", desk.face(consent.consent_id, vector(1)))
    asked = Withdrawn(person_id=person.id, operator_id=desk.clerk.id)
    standing = desk.post(WithdrawalStanding, "/withdrawals", asked)
    assert Template.objects.count() == 0
    assert not standing.is_gone
    assert {one.name: one.how for one in standing.counters} == {
        "1 号窗口": "waiting", "登记台": "waiting",
    }  # fmt: skip
    Sequencer(rows.random).step(NOW)
    state = read_state()
    for device in (counter, desk.desk):
        Terminal.objects.filter(id=device.terminal.id).update(
            last_seen_at=NOW, epoch=state.epoch, cursor=state.last_number
        )
    again = desk.get(WithdrawalStanding, "withdrawals", person=str(person.id))
    assert again.is_gone
    assert {one.how for one in again.counters} == {"confirmed"}
    assert "登记台" in Consent.objects.get().ended_by

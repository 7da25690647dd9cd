"""The pages about faces: seen in both languages, used by whom they are for, and nobody else."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from server.biometrics.enrol_template import enrol_template
from server.biometrics.models import Consent, GuardianCode, Notice, Refusal, Template
from server.console.models import AuditEntry
from server.organisations.pages import now
from tests.factories.server_rows import SECRETS, Randomness, Rows
from tests.factories.staff import sign_in, staff

ROOT = Path(__file__).parents[4]
FACE = ROOT / "var/data/people/sample-01/1.jpg"


class Office:
    """A clerk's browser before one person of one site."""

    def __init__(self, role: str = "clerk") -> None:
        self.rows = Rows()
        self.person = self.rows.new_person()
        organisation = self.rows.organisation.id
        self.browser = sign_in(Client(), staff("eva", role, organisation))
        self.page = f"/console/faces/{self.rows.site.id}/{self.person.id}/"

    def notice(self) -> None:
        Notice.objects.create(
            id=self.rows.id(), organisation=self.rows.organisation, contact="8001", servers="本校"
        )

    def does(self, do: str, **fields: object) -> str:
        response = self.browser.post(self.page, {"do": do, **fields}, follow=True)
        assert response.status_code == 200
        return response.content.decode()

    def consents(self, **fields: object) -> str:
        said = {"given_by": "self", "giver_name": "张小明", "evidence": "柜 3", **fields}
        return self.does("consent", **said)


@pytest.fixture
def office(sqlite_database: str) -> Office:
    return Office()


def test_every_page_opens_in_both_languages(office: Office) -> None:
    for language, word in (("zh-hans", "人脸"), ("en", "Faces")):
        for path in ("/console/faces/", "/console/faces/class/?class=", office.page):
            response = office.browser.get(path, headers={"accept-language": language})
            assert response.status_code == 200
            assert word in response.content.decode()


def test_nobody_is_asked_before_somebody_can_be_reached(sqlite_database: str) -> None:
    office = Office("administrator")
    assert "联系方式" in office.consents() or Consent.objects.count() == 0
    assert Consent.objects.count() == 0
    said = {"contact": "食堂办公室", "servers": "本校", "valid_days": "365"}
    office.browser.post("/console/faces/", said)
    assert Notice.objects.get().valid_days == 365
    office.consents()
    assert Consent.objects.get().text_digest


def test_a_form_a_code_and_a_no_leave_their_entries(office: Office) -> None:
    office.notice()
    office.does("refuse")
    assert Refusal.objects.get().recorded_by == "eva"
    shown = office.does("code", giver_name="张大山", relation="父亲")
    code = re.search(r'big-code">(\d{8})<', shown)
    assert code is not None
    assert GuardianCode.objects.get().guardian_name == "张大山"
    assert "14" in office.consents(under_14="1")
    assert Consent.objects.count() == 0
    office.consents(under_14="1", given_by="guardian", relation="父亲")
    assert Consent.objects.get().relation == "父亲"
    entries = AuditEntry.objects.order_by("at").values_list("action", flat=True)
    assert {"faces.refused", "faces.code_made", "faces.consented"} <= set(entries)
    assert code.group(1) not in str(list(AuditEntry.objects.values()))


@pytest.mark.pictures
def test_a_picture_is_enrolled_under_consent_and_withdrawn(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    office.notice()
    photo = SimpleUploadedFile("webcam.jpg", FACE.read_bytes(), "image/jpeg")
    office.does("photo", photo=photo)
    assert Template.objects.count() == 0, "no consent is on file"
    office.consents()
    photo.seek(0)
    office.does("photo", photo=photo)
    assert Template.objects.get().enrolled_by == "eva"
    office.does("photo", photo=SimpleUploadedFile("x.jpg", b"no picture", "image/jpeg"))
    assert Template.objects.count() == 1
    shown = office.does("withdraw")
    assert Template.objects.count() == 0
    assert "gone everywhere" in shown or "各处都已删除" in shown


def test_other_roles_and_other_organisations_see_nothing(office: Office) -> None:
    finance = sign_in(Client(), staff("fin", "finance", office.rows.organisation.id))
    assert finance.get(office.page).status_code == 403
    elsewhere = Rows(seed=2, now=office.rows.now + timedelta(days=1))
    stranger = sign_in(Client(), staff("far", "clerk", elsewhere.organisation.id))
    assert stranger.get(office.page).status_code == 404


def test_a_changed_model_is_said_plainly_and_names_who_must_come_again(office: Office) -> None:
    office.notice()
    office.consents()
    consent = Consent.objects.get()
    enrol_template(
        consent, [[0.1] * 128], "an-older-model", now=now(), random=Randomness(3), secrets=SECRETS
    )
    for language, said in (("zh-hans", "人脸模型已更新"), ("en", "The face model has changed")):
        page = office.browser.get("/console/faces/", headers={"accept-language": language})
        text = page.content.decode()
        assert said in text
        assert office.person.number in text.split(said, 1)[1]

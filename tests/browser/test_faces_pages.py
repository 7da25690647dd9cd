"""A clerk at work with faces in a real browser: the text, a consent, a code, a face, a no."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client

from server.biometrics.models import Consent, Template
from server.people.models import Person
from tests.browser.conftest import NARROW, WIDE, Eyes, Served, faults
from tests.browser.pictures import keep
from tests.factories.server_rows import Rows
from tests.factories.staff import sign_in, staff

FACE = Path(__file__).parents[2] / "var/data/people/sample-01/1.jpg"

pytestmark = pytest.mark.pictures


class Office:
    """A school with a class, and an administrator who is signed in."""

    def __init__(self, database: str, serve: Callable[[str], Served]) -> None:
        rows = Rows()
        self.person = rows.new_person()
        rows.new_person("S002", "张小亮")
        Person.objects.update(department="三年二班")
        self.path = f"faces/{rows.site.id}/{self.person.id}/"
        client = sign_in(Client(), staff("eva", "administrator", rows.organisation.id))
        self.cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        connections.close_all()
        self.served = serve(database)

    def open(self, eyes: Eyes, language: str, path: str, size: object = None):
        page = eyes.page(language, size)
        name, url = settings.SESSION_COOKIE_NAME, self.served.url
        page.context.add_cookies([{"name": name, "value": self.cookie, "url": url}])
        page.goto(f"{self.served.url}/console/{path}")
        return page


@pytest.fixture
def office(sqlite_database: str, serve: Callable[[str], Served]) -> Office:
    return Office(sqlite_database, serve)


def looked_at(page, name: str) -> None:
    """No serious fault; kept as a picture for whoever wants to look too."""
    assert faults(page) == []
    keep(page, f"faces-{name}")


def test_a_clerk_takes_a_consent_a_face_and_both_back(office: Office, eyes: Eyes) -> None:
    page = office.open(eyes, "zh", "faces/")
    looked_at(page, "1-faces-before")
    page.fill("[name=contact]", "食堂办公室 内线 8001")
    page.fill("[name=servers]", "示例大学信息中心")
    page.click("main form button.primary")
    page.wait_for_selector("[role=alert]", state="detached")
    page.goto(f"{office.served.url}/console/{office.path}")
    looked_at(page, "2-person-before")
    page.check("[name=under_14]")
    page.fill("form:has([name=under_14]) [name=giver_name]", "张大山")
    page.fill("[name=evidence]", "柜 3")
    page.click("[value=consent]")
    assert "14" in page.inner_text("main"), "a child's own yes is refused, and it says why"
    looked_at(page, "3-refused")
    form = page.locator("form:has([value=code])")
    form.locator("[name=giver_name]").fill("张大山")
    form.locator("[name=relation]").fill("父亲")
    page.click("[value=code]")
    looked_at(page, "4-code")
    page.select_option("[name=given_by]", "guardian")
    page.fill("form:has([name=under_14]) [name=giver_name]", "张大山")
    page.fill("form:has([name=under_14]) [name=relation]", "父亲")
    page.fill("[name=evidence]", "柜 3")
    page.click("[value=consent]")
    page.set_input_files("#photo", str(FACE))
    looked_at(page, "5-consented")
    page.click("#enrol")
    page.wait_for_selector("[value=withdraw]")
    looked_at(page, "6-enrolled")
    assert (Consent.objects.count(), Template.objects.count()) == (1, 1)
    page.on("dialog", lambda dialog: dialog.accept())
    page.click("[value=withdraw]")
    page.wait_for_selector("text=各处都已删除人脸")
    looked_at(page, "7-withdrawn")
    assert Template.objects.count() == 0


def test_the_pages_read_well_in_english_and_on_a_telephone(office: Office, eyes: Eyes) -> None:
    for language, size in (("en", WIDE), ("zh", NARROW)):
        for number, path in enumerate(("faces/", "faces/class/?class=三年二班", office.path)):
            page = office.open(eyes, language, path, size)
            looked_at(page, f"{language}-{number}")
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= size["width"], "nothing scrolls sideways"

"""A clerk's morning in a real browser: a list tried and imported, a class given its cards."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import openpyxl
import pytest
from django.conf import settings
from django.db import connections
from django.test import Client

from server.console.models import AuditEntry
from server.people.models import Card, Person
from server.wallets.grant_subsidy import grant_subsidy
from server.wallets.models import Grant
from tests.browser.conftest import NARROW, Eyes, Served, faults
from tests.browser.pictures import keep
from tests.factories.payments import run
from tests.factories.server_rows import NOW, Rows
from tests.factories.spreadsheets import first_page
from tests.factories.staff import sign_in, staff

HEAD = ("学号", "姓名", "类别", "班级")
PEOPLE = [(f"S{n:03d}", f"张{n}", "学生", "七年级1班") for n in range(3)]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Office:
    """A served organisation, and the cookie of a signed-in administrator."""

    def __init__(self, served: Served, cookie: str, organisation: UUID) -> None:
        self.served, self.cookie, self.organisation = served, cookie, organisation

    def open(self, eyes: Eyes, language: str, path: str, size: object = None):
        page = eyes.page(language, size)
        name, url = settings.SESSION_COOKIE_NAME, self.served.url
        page.context.add_cookies([{"name": name, "value": self.cookie, "url": url}])
        page.goto(f"{self.served.url}/console/{path}")
        return page


@pytest.fixture
def office(sqlite_database: str, serve: Callable[[str], Served]) -> Office:
    rows = Rows()
    rows.new_category("student")
    client = sign_in(Client(), staff("eva", "administrator", rows.organisation.id))
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    connections.close_all()
    return Office(serve(sqlite_database), cookie, rows.organisation.id)


def list_file(*lines: tuple) -> dict[str, object]:
    book = openpyxl.Workbook()
    for line in (HEAD, *lines):
        first_page(book).append(line)
    out = io.BytesIO()
    book.save(out)
    return {"name": "七年级.xlsx", "mimeType": XLSX, "buffer": out.getvalue()}


def import_people(page) -> None:
    page.set_input_files("main [name=list]", list_file(*PEOPLE))
    page.click("main form button.primary")
    page.click("main form.card button.primary")
    # The page follows the work by itself and says when it is done
    page.wait_for_selector(".head .badge.good")


def test_a_list_is_imported_and_its_class_given_cards(office: Office, eyes: Eyes) -> None:
    page = office.open(eyes, "zh", "lists/people/")
    page.set_input_files("main [name=list]", list_file(("", "无名", "外星人", "")))
    page.click("main form button.primary")
    assert "这格不能空着" in page.inner_text("main")
    page.goto(f"{office.served.url}/console/lists/people/")
    import_people(page)
    page.goto(f"{office.served.url}/console/cards/class/?class=七年级1班")
    assert "S000 张0" in page.inner_text("#turn")
    for uid in ("04A00001", "04A00002"):
        page.fill("#uid", uid)
        page.press("#uid", "Enter")
        page.wait_for_selector(f"#done:text-is('{int(uid[-1])}')")
    page.click("#undo")
    page.wait_for_selector("#done:text-is('1')")
    assert "S001 张1" in page.inner_text("#turn")
    page.click("#skip")
    assert "S002 张2" in page.inner_text("#turn")
    page.fill("#uid", "08A00001")
    page.press("#uid", "Enter")
    page.wait_for_selector("#said.said")
    assert "不能发卡" in page.inner_text("#said")
    states = Card.objects.order_by("bound_at").values_list("person__number", "state")
    assert list(states) == [("S000", "active"), ("S001", "returned")]
    assert AuditEntry.objects.filter(action="cards.issued", actor="eva").count() == 2
    connections.close_all()


def give_subsidy(person: Person) -> None:
    """Something is left to clear out."""
    at = NOW
    grant = Grant.objects.create(
        id=person.id, organisation=person.organisation_id, name="十月补助", starts_at=at,
        created_at=at, expires_at=at + timedelta(days=9),
    )  # fmt: skip
    for command in grant_subsidy(grant, [person.id], 3_000, at=at, business_on=at.date()):
        run(command)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_pages_are_sound_in_both_languages_and_sizes(
    office: Office, eyes: Eyes, language: str, tmp_path: Path
) -> None:
    page = office.open(eyes, language, "lists/people/")
    import_people(page)
    person = Person.objects.order_by("number").first()
    assert person is not None
    give_subsidy(person)
    paths = (
        "people/", f"people/{person.id}/", "lists/people/", "lists/classes/", "cards/",
        "cards/class/?class=七年级1班", "wallets/subsidies/", "wallets/clear-out/",
        "wallets/owed/",
        f"wallets/{person.id}/",
    )  # fmt: skip
    connections.close_all()
    for path in paths:
        answer = page.goto(f"{office.served.url}/console/{path}")
        assert answer is not None
        assert answer.status == 200, path
        assert faults(page) == []
        name = path.partition("?")[0].strip("/").replace("/", "-")
        keep(page, f"people-{name}-{language}")
    narrow = office.open(eyes, language, "people/", NARROW)
    for path in paths:
        narrow.goto(f"{office.served.url}/console/{path}")
        width = narrow.evaluate("document.documentElement.scrollWidth")
        assert width <= NARROW["width"], path

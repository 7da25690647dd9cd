"""Every page of the console and of its back room, opened wide and narrow, in both languages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, connections, transaction

from server.cases.effects import CaseOpened
from server.cases.models import Case
from server.config.sample import Sample, create_sample
from server.console.models import AuditEntry
from server.fleet.models import Terminal
from server.writes import write_now
from tests.browser.conftest import NARROW, WIDE, Eyes, Served, faults
from tests.browser.pictures import keep
from tests.factories.server_rows import Randomness
from tests.factories.staff import sign_in, staff

PAGES = ("today", "terminals", "cases", "parked", "staff", "audit", "me")
RECORDS = ("", "fleet/terminal/", "people/person/", "people/person/add/", "cases/case/")
"""A folder: when set, every page opened is kept there as a picture, to be looked at."""


@pytest.fixture
def office(
    sqlite_database: str, serve: Callable[[str], Served], eyes: Eyes, client: Any
) -> tuple[Served, dict[str, Any]]:
    """A served sample canteen with something on every page, and a signed-in cookie."""
    made = create_sample(
        now=datetime.now(UTC), random=Randomness(), secrets=settings.SECRETS, people=9
    )
    _fill(made)
    session = sign_in(client, staff("admin", "administrator", made.organisation_id))
    cookie = session.cookies["fanpiao_session"].value
    connections.close_all()
    return serve(sqlite_database), {"name": "fanpiao_session", "value": cookie}


def _fill(made: Sample) -> None:
    at = datetime.now(UTC)
    terminal = made.counters[0].terminal_id
    devices = [
        {"name": "scanner", "kind": "scanner", "state": "ready", "code": ""},
        {"name": "camera", "kind": "camera", "state": "lost", "code": "devices.lost"},
    ]
    Terminal.objects.filter(id=terminal).update(
        state="active", last_seen_at=at, waiting_count=3, waiting_amount=3600, devices=devices
    )
    Terminal.objects.filter(id=made.counters[1].terminal_id).update(
        state="active", last_seen_at=at - timedelta(hours=2)
    )
    case = CaseOpened(
        made.organisation_id, "over_cap", "payment", terminal, 1200, at, {"cap": 2000}, terminal
    )
    with transaction.atomic(), connection.cursor() as cursor:
        write_now(cursor, [case])


def at(served: Served, cookie: dict[str, Any]) -> Any:
    return {**cookie, "url": served.url}


def addresses() -> list[str]:
    own = [f"/console/{name}/" for name in PAGES]
    own += [f"/console/terminals/{row.id}/" for row in Terminal.objects.all()[:1]]
    own += [f"/console/cases/{row.id}/" for row in Case.objects.all()[:1]]
    return [*own, *(f"/admin/{name}" for name in RECORDS)]


@pytest.mark.parametrize(("language", "shapes"), [("zh", ("wide", "narrow")), ("en", ("narrow",))])
def test_every_page_opens_without_a_complaint_or_a_serious_fault(
    language: str, shapes: tuple[str, ...], office: tuple[Served, dict[str, Any]], eyes: Eyes
) -> None:
    served, cookie = office
    found, wide = [], []
    for shape in shapes:
        page = eyes.page(language, WIDE if shape == "wide" else NARROW)
        page.context.add_cookies([at(served, cookie)])
        for place in addresses():
            answer = page.goto(served.url + place)
            assert answer is not None
            assert (answer.status, page.url) == (200, served.url + place)
            found += faults(page)
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                wide.append(f"{place} {shape}")
            name = f"{place.strip('/').replace('/', '-')[:30]}-{language}-{shape}"
            keep(page, f"console-{name}")
    assert found == []
    assert wide == []


def test_a_case_is_closed_with_a_reason_that_the_log_keeps(
    office: tuple[Served, dict[str, Any]], eyes: Eyes, sqlite_database: str
) -> None:
    served, cookie = office
    page = eyes.page("en")
    page.context.add_cookies([at(served, cookie)])
    page.goto(f"{served.url}/console/cases/")
    page.click("main tbody a")
    page.select_option("[name=resolution]", "checked")
    page.fill("[name=reason]", "spoke to the counter")
    page.click("main button.primary")
    assert page.locator(".messages").is_visible()
    entry = AuditEntry.objects.get(action="cases.closed")
    assert (entry.actor, entry.reason) == ("admin", "spoke to the counter")
    assert entry.after["resolution"] == "checked"
    assert Case.objects.get().closed_by == "admin"


def test_the_language_changes_in_place(office: tuple[Served, dict[str, Any]], eyes: Eyes) -> None:
    served, cookie = office
    page = eyes.page("zh")
    page.context.add_cookies([at(served, cookie)])
    page.goto(f"{served.url}/console/terminals/")
    assert "窗口" in page.inner_text("h1")
    page.click(".language button[lang=en]")
    assert page.url == f"{served.url}/console/terminals/"
    assert page.inner_text("h1") == "Counters"


def test_a_code_is_made_and_a_counter_revoked_only_after_asking(
    office: tuple[Served, dict[str, Any]], eyes: Eyes
) -> None:
    served, cookie = office
    page = eyes.page("en")
    page.context.add_cookies([at(served, cookie)])
    page.goto(f"{served.url}/console/terminals/")
    page.click("main tbody a >> nth=1")
    page.click("button[value=code]")
    assert len(page.inner_text(".big-code")) == len("XXXXX-XXXXX")
    page.fill("[name=reason]", "stolen")
    page.once("dialog", lambda asked: asked.dismiss())
    page.click("button[value=revoke]")
    assert Terminal.objects.filter(state="revoked").count() == 0
    page.once("dialog", lambda asked: asked.accept())
    page.click("button[value=revoke]")
    page.wait_for_selector(".messages")
    assert Terminal.objects.filter(state="revoked").count() == 1
    assert AuditEntry.objects.get(action="terminals.revoked").reason == "stolen"

"""Every role opens every page of its own menu, in both languages, and no browser complains."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

from django.conf import settings
from django.db import connections
from django.test import Client

from server.biometrics.models import Notice
from server.config.sample import create_sample
from server.console.page import PAGES
from server.console.roles import StaffRole
from server.merchants.models import Merchant
from tests.browser.conftest import NARROW, WIDE, Eyes, Served
from tests.browser.pictures import keep
from tests.factories.server_rows import Randomness
from tests.factories.staff import sign_in, staff

import_module("server.console.pages")  # registers them

"""A folder: when set, every page opened is kept there as a picture, to be looked at."""


def test_every_role_opens_every_page_of_its_menu(
    sqlite_database: str, serve: Callable[[str], Served], eyes: Eyes
) -> None:
    made = create_sample(
        now=datetime.now(UTC), random=Randomness(), secrets=settings.SECRETS, people=9
    )
    if not Notice.objects.exists():
        Notice.objects.create(
            id=made.organisation_id, organisation_id=made.organisation_id, contact="8001",
            servers="本校",
        )  # fmt: skip
    cookies = {}
    for role in StaffRole.values:
        merchant = Merchant.objects.first() if role == StaffRole.MERCHANT else None
        user = staff(role, role, made.organisation_id, merchant=merchant.id if merchant else None)
        session = sign_in(Client(), user)
        cookies[role] = session.cookies["fanpiao_session"].value
    connections.close_all()
    served = serve(sqlite_database)
    for role, cookie in cookies.items():
        for language, size in (("zh", WIDE), ("en", NARROW)):
            _walk(eyes, served, role, cookie, language, size)


def _walk(eyes: Eyes, served: Served, role: str, cookie: str, language: str, size: Any) -> None:
    page = eyes.page(language, size)
    session = {"name": "fanpiao_session", "value": cookie, "url": served.url}
    page.context.add_cookies([session])  # type: ignore[list-item]
    page.goto(f"{served.url}/console/")
    links = page.locator("nav a[href^='/console/']").evaluate_all(
        "all => [...new Set(all.map(one => one.getAttribute('href')))]"
    )
    mine = {one.route for one in PAGES if one.is_in_menu and StaffRole(role) in one.roles}
    assert {link.removeprefix("/console/") for link in links} == mine
    for link in links:
        answer = page.goto(f"{served.url}{link}")
        assert answer is not None
        assert answer.status == 200, (role, link)
        assert page.locator("h1").count() == 1, (role, link)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= size["width"], (role, link, language, width)
        name = f"{role}-{link.strip('/').replace('/', '-')}-{language}"
        keep(page, f"role-{name}")
    page.context.close()
    eyes.contexts.remove(page.context)

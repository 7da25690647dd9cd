"""A person's bank debit in a real browser, asked for at the bank's own sandbox."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client
from playwright.sync_api import Page

from server.channels.add_account import add_account
from server.wallets.models import LIVE_MANDATES, Mandate, MandateState
from tests.browser.conftest import NARROW, WIDE, Eyes, Served, faults
from tests.browser.pictures import keep
from tests.factories.payments import Till
from tests.factories.server_rows import NOW, Rows
from tests.factories.staff import sign_in, staff

LIMIT_MS = 60_000
"""A page of a loaded machine, whose sandbox makes its keys at the first look."""

pytestmark = pytest.mark.pictures


def look(page: Page, size: Any, name: str) -> list[str]:
    """What is wrong with the page, scrolling sideways among it."""
    keep(page, f"mandate-{name}")
    is_wide = page.evaluate("document.documentElement.scrollWidth") > size["width"]
    return [*faults(page), *([f"{name} scrolls sideways"] if is_wide else [])]


def test_a_mandate_is_asked_for_shown_and_cancelled(
    sqlite_database: str, serve: Callable[[str], Served], eyes: Eyes
) -> None:
    rows = Rows()
    add_account(rows.organisation.id, rows.id(), "bank", now=NOW)
    person = Till(rows).person
    client = sign_in(Client(), staff("eva", "administrator", rows.organisation.id))
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    Mandate.objects.create(
        id=rows.id(), organisation=rows.organisation.id, person=person.id, channel="bank",
        number="0" * 32, account_tail="8899", payer={"person": "张母"}, payment_cap_amount=3_000,
        day_cap_amount=6_000, claim_cap_amount=0, state="failed", code="mandates.not_signed",
        evidence="柜 2-8", asked_at=NOW, asked_by="eva", ended_at=NOW,
    )  # fmt: skip
    connections.close_all()
    served = serve(sqlite_database)
    for language, size in (("zh", NARROW), ("en", WIDE)):
        page = eyes.page(language, size)
        page.set_default_timeout(LIMIT_MS)
        name = settings.SESSION_COOKIE_NAME
        page.context.add_cookies([{"name": name, "value": cookie, "url": served.url}])
        address = f"{served.url}/console/people/{person.id}/"
        page.goto(f"{address}mandate/")
        assert look(page, size, f"{language}-form") == []
        ask(page, day_cap="10")
        page.wait_for_selector("ul.messages")
        assert look(page, size, f"{language}-wrong") == []
        assert Mandate.objects.filter(state__in=LIVE_MANDATES).count() == 0
        ask(page, day_cap="100")
        page.wait_for_selector("[name=do][value=cancel]", state="attached")
        assert look(page, size, f"{language}-pending") == []
        asked = Mandate.objects.get(state__in=LIVE_MANDATES)
        assert (asked.account_tail, asked.day_cap_amount) == ("0001", 10_000)
        page.goto(address)
        assert look(page, size, f"{language}-person") == []
        page.goto(f"{address}mandate/")
        page.click("main section details summary")
        page.click("[name=do][value=cancel]")
        page.wait_for_selector("ul.messages")
        assert look(page, size, f"{language}-cancelling") == []
        # The worker has the bank end it; then another may be asked for
        while not page.query_selector("[name=do][value=ask]"):
            page.reload()
        asked.refresh_from_db()
        assert asked.state == MandateState.CANCELLED


def ask(page: Page, day_cap: str) -> None:
    """Fill in the form and send it."""
    page.fill("[name=account_tail]", "0001")
    page.fill("[name=evidence]", "柜 7-12")
    page.fill("[name=day_cap]", day_cap)
    page.click("[name=do][value=ask]")

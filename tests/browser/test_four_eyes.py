"""A meal priced anew, from the preview to the refunds, by two people in a real browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client
from playwright.sync_api import Page

from sync.messages import Tender
from tests.browser.conftest import NARROW, WIDE, Eyes, Served, faults
from tests.browser.pictures import keep
from tests.factories.payments import Till
from tests.factories.server_rows import Rows
from tests.factories.staff import sign_in, staff

pytestmark = pytest.mark.pictures


@pytest.mark.parametrize(("language", "size"), [("zh", NARROW), ("en", WIDE)], ids=["zh", "en"])
def test_one_asks_and_another_approves(
    sqlite_database: str, serve: Callable[[str], Served], eyes: Eyes, language: str,
    size: dict[str, int],
) -> None:  # fmt: skip
    rows = Rows()
    till = Till(rows)
    lunch = till.request(total=1_200)
    till.online(lunch)
    till.accept(till.request(total=2_400, tender=Tender.CASH))
    day = till.payment(lunch).business_on
    cookies = {
        role: sign_in(Client(), staff(role, role, rows.organisation.id))
        .cookies[settings.SESSION_COOKIE_NAME].value
        for role in ("manager", "approver")
    }  # fmt: skip
    connections.close_all()
    served = serve(sqlite_database)

    def opened(role: str, path: str) -> Page:
        page = eyes.page(language, size)
        name = settings.SESSION_COOKIE_NAME
        page.context.add_cookies([{"name": name, "value": cookies[role], "url": served.url}])
        page.on("dialog", lambda dialog: dialog.accept())
        page.goto(f"{served.url}/console/{path}")
        return page

    def looked_at(page: Page, name: str) -> None:
        assert faults(page) == [], name
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= size["width"], f"{name} scrolls sideways"
        keep(page, f"four-eyes-{language}-{name}")

    asking = opened("manager", f"reprice/?day={day}&meal=&old=12&new=10")
    looked_at(asking, "reprice")
    asking.fill("input[name=reason]", "昨日价格")
    asking.click("form[method=post] button.primary")
    looked_at(asking, "reprice-asked")
    deciding = opened("approver", "approvals/")
    looked_at(deciding, "approvals")
    deciding.click("button[value=approve]")
    looked_at(deciding, "approvals-decided")
    asking.reload()
    asking.wait_for_selector("progress[value='2']", timeout=30_000)
    looked_at(asking, "reprice-done")

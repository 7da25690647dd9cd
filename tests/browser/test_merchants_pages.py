"""A merchant's life in a real browser: applied for, approved, at its own desk, closed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client
from playwright.sync_api import Page

from server.config.clock import SystemClock
from server.merchants.models import Merchant, MerchantState
from server.settlement.models import Batch, DayClose
from tests.browser.conftest import NARROW, WIDE, Eyes, Served, faults
from tests.browser.pictures import keep
from tests.factories.server_rows import Rows
from tests.factories.settled import Trading
from tests.factories.staff import sign_in, staff

DESK = "merchant"
TYPED = {
    "name": "东门停车场管理有限公司", "code": "parking", "licence": "91310000MA1FL0AB2C",
    "contact_name": "王经理", "contact_phone": "0571-88880000", "store_name": "东门停车场",
    "holder": "东门停车场管理有限公司", "number": "6222020200007654321", "bank": "102100099996",
}  # fmt: skip


def trade(rows: Rows) -> Trading:
    """A merchant that was settled twice: one payout on its way, one net carried."""
    trading = Trading(rows)
    trading.bank_account()
    for amounts in ((128_000, 8_000), (3_000, 5_000)):
        sale = trading.sell(amounts[0])
        trading.give_back(sale, min(amounts))
        trading.sell(4_567)
        trading.end_day()
        trading.close()
        trading.settle()
    return trading


@dataclass
class House:
    """A served back office, and who looks at it."""

    served: Served
    eyes: Eyes
    language: str
    size: Any
    cookies: dict[str, str]

    def opened(self, role: str, path: str, name: str) -> Page:
        """Open a page as `role`, and look at it."""
        page = self.eyes.page(self.language, self.size)
        cookie: Any = {
            "name": settings.SESSION_COOKIE_NAME, "value": self.cookies[role],
            "url": self.served.url,
        }  # fmt: skip
        page.context.add_cookies([cookie])
        page.on("dialog", lambda dialog: dialog.accept())
        self.goes(page, path, name)
        return page

    def goes(self, page: Page, path: str, name: str) -> None:
        """Go on to another page, and look at it."""
        page.goto(f"{self.served.url}/console/{path}")
        self.looks(page, name)

    def looks(self, page: Page, name: str) -> None:
        """Audit the page as it stands."""
        assert faults(page) == [], name
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= self.size["width"], f"{name} scrolls sideways"
        keep(page, f"merchants-{self.language}-{name}")


@pytest.mark.parametrize(("language", "size"), [("zh", WIDE), ("en", NARROW)], ids=["zh", "en"])
def test_a_merchant_comes_works_and_goes(
    sqlite_database: str, serve: Callable[[str], Served], eyes: Eyes, language: str, size: Any
) -> None:
    rows = Rows(now=SystemClock().now())
    trade(rows)
    rows.new_operator()
    terminal = rows.new_terminal()
    type(terminal).objects.filter(id=terminal.id).update(
        state="active", waiting_count=3, waiting_amount=2_400
    )
    merchant = rows.merchant.id
    people = {
        role: staff(role, role, rows.organisation.id, merchant=merchant if role == DESK else None)
        for role in ("administrator", "approver", DESK)
    }
    cookies = {
        role: sign_in(Client(), user).cookies[settings.SESSION_COOKIE_NAME].value
        for role, user in people.items()
    }
    connections.close_all()
    house = House(serve(sqlite_database), eyes, language, size, cookies)
    _comes(house)
    desk = _works(house)
    closing = house.opened("administrator", f"merchants/{merchant}/", "merchant")
    closing.fill("main [name=reason]", "租约到期")
    closing.keyboard.press("Tab")
    closing.keyboard.press("Enter")
    closing.wait_for_selector(".messages")
    house.looks(closing, "merchant-closed")
    assert Merchant.objects.get(id=merchant).state == MerchantState.CLOSED
    house.goes(desk, "", "desk-closed")
    assert desk.locator("main p.notice").count() == 1


def _comes(house: House) -> None:
    """An administrator writes an application down, with a slip; an approver approves it."""
    asking = house.opened("administrator", "merchants/", "merchants")
    asking.click("main .head a.button")
    for name, value in TYPED.items():
        asking.fill(f"main form [name={name}]", value)
    asking.fill("main form [name=rate]", "38")
    asking.click("main form button.primary")
    asking.wait_for_selector(".messages li.error")
    house.looks(asking, "application-wrong")
    asking.fill("main form [name=rate]", "0.38")
    asking.click("main form button.primary")
    asking.wait_for_selector(f"h1:has-text('{TYPED['name']}')")
    house.looks(asking, "application-asked")

    deciding = house.opened("approver", "approvals/", "approvals")
    deciding.click(f"main a:has-text('{TYPED['name']}') >> nth=0")
    house.looks(deciding, "application-read")
    deciding.go_back()
    deciding.click("button[value=approve]")
    deciding.wait_for_selector(".messages")
    assert Merchant.objects.get(code="parking").state == MerchantState.ACTIVE


def _works(house: House) -> Page:
    """The merchant reads every page of its desk, and takes a statement along."""
    batch, close = Batch.objects.earliest("due_on"), DayClose.objects.earliest("booked_on")
    desk = house.opened(DESK, "", "desk")
    for path, name in (
        ("merchant/closes/", "desk-closes"), (f"merchant/closes/{close.id}/", "desk-close"),
        ("merchant/settlements/", "desk-settlements"), ("reports/", "desk-reports"),
        ("merchant/payments/", "desk-payments"),
        ("merchant/payments/?what=refunds", "desk-refunds"),
        (f"merchant/settlements/{batch.id}/", "desk-settlement"),
    ):  # fmt: skip
        house.goes(desk, path, name)
    with desk.expect_download() as download:
        desk.click("main a[download] >> nth=0")
    assert download.value.suggested_filename.endswith(".xlsx")
    return desk

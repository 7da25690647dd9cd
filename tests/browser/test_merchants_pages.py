"""A merchant's life in a real browser: applied for, approved, at its own desk, closed."""

from __future__ import annotations

import os
from collections.abc import Callable
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
from tests.factories.server_rows import Rows
from tests.factories.settled import Trading
from tests.factories.staff import sign_in, staff

SHOTS = os.environ.get("FANPIAO_SHOTS", "")
TYPED = {
    "name": "东门停车场管理有限公司", "code": "parking", "licence": "91310000MA1FL0AB2C",
    "contact_name": "王经理", "contact_phone": "13800000000", "store_name": "东门停车场",
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
    cookies = {
        role: sign_in(
            Client(),
            staff(role, role, rows.organisation.id,
                  merchant=rows.merchant.id if role == "merchant" else None),
        ).cookies[settings.SESSION_COOKIE_NAME].value
        for role in ("administrator", "approver", "merchant")
    }  # fmt: skip
    batch, close = Batch.objects.earliest("due_on"), DayClose.objects.earliest("booked_on")
    connections.close_all()
    served = serve(sqlite_database)

    def opened(role: str, path: str, name: str) -> Page:
        page = eyes.page(language, size)
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": cookies[role], "url": served.url}
        page.context.add_cookies([cookie])  # type: ignore[list-item]
        page.on("dialog", lambda dialog: dialog.accept())
        page.goto(f"{served.url}/console/{path}")
        looked_at(page, name)
        return page

    def looked_at(page: Page, name: str) -> None:
        assert faults(page) == [], name
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= size["width"], f"{name} scrolls sideways"
        if SHOTS:
            page.screenshot(path=f"{SHOTS}/{language}-{name}.png", full_page=True)

    asking = opened("administrator", "merchants/", "merchants")
    asking.click("main .head a.button")
    for name, value in TYPED.items():
        asking.fill(f"main form [name={name}]", value)
    asking.fill("main form [name=rate]", "38")
    asking.click("main form button.primary")
    asking.wait_for_selector(".messages li.error")
    looked_at(asking, "application-wrong")
    asking.fill("main form [name=rate]", "0.38")
    asking.click("main form button.primary")
    asking.wait_for_selector(f"h1:has-text('{TYPED['name']}')")
    looked_at(asking, "application-asked")

    deciding = opened("approver", "approvals/", "approvals")
    deciding.click(f"main a:has-text('{TYPED['name']}') >> nth=0")
    looked_at(deciding, "application-read")
    deciding.go_back()
    deciding.click("button[value=approve]")
    deciding.wait_for_selector(".messages")
    assert Merchant.objects.get(code="parking").state == MerchantState.ACTIVE

    desk = opened("merchant", "", "desk")
    for path, name in (
        ("merchant/closes/", "desk-closes"), (f"merchant/closes/{close.id}/", "desk-close"),
        ("merchant/settlements/", "desk-settlements"), ("reports/", "desk-reports"),
        (f"merchant/settlements/{batch.id}/", "desk-settlement"),
        ("merchant/payments/", "desk-payments"),
        ("merchant/payments/?what=refunds", "desk-refunds"),
    ):  # fmt: skip
        desk.goto(f"{served.url}/console/{path}")
        looked_at(desk, name)
    with desk.expect_download() as download:
        desk.goto(f"{served.url}/console/merchant/settlements/{batch.id}/")
        desk.click("main a[download] >> nth=0")
    assert download.value.suggested_filename.endswith(".xlsx")

    closing = opened("administrator", f"merchants/{rows.merchant.id}/", "merchant")
    closing.fill("main [name=reason]", "租约到期")
    closing.keyboard.press("Tab")
    closing.keyboard.press("Enter")
    closing.wait_for_selector(".messages")
    looked_at(closing, "merchant-closed")
    assert Merchant.objects.get(id=rows.merchant.id).state == MerchantState.CLOSED
    desk.goto(f"{served.url}/console/")
    assert desk.locator("main p.notice").count() == 1
    looked_at(desk, "desk-closed")

"""Channels and their payments in a real browser: no serious fault, nothing scrolls sideways."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client

from server.channels.add_account import add_account
from server.channels.channel import Succeeded
from sync.messages import Tender
from tests.browser.conftest import NARROW, WIDE, Eyes, Served, faults
from tests.factories.payments import Till
from tests.factories.server_rows import NOW, Rows
from tests.factories.staff import sign_in, staff

SHOTS = os.environ.get("FANPIAO_SHOTS", "")

pytestmark = pytest.mark.pictures


def test_channels_and_payments_read_well(
    sqlite_database: str, serve: Callable[[str], Served], eyes: Eyes
) -> None:
    rows = Rows()
    row = add_account(rows.organisation.id, rows.id(), "bank", now=NOW)
    till = Till(rows)
    sale = till.request(total=1_200, tender=Tender.CHANNEL)
    till.online(sale)
    till.channel_says(sale, Succeeded("4200002911"))
    client = sign_in(Client(), staff("eva", "administrator", rows.organisation.id))
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    connections.close_all()
    served = serve(sqlite_database)
    paths = ("channels/", f"channels/{row.id}/", f"channels/{row.id}/test/", "orders/",
             "orders/?number=77", f"orders/{sale.intent.payment_id}/")  # fmt: skip
    for language, size in (("zh", NARROW), ("en", WIDE)):
        page = eyes.page(language, size)
        name = settings.SESSION_COOKIE_NAME
        page.context.add_cookies([{"name": name, "value": cookie, "url": served.url}])
        for number, path in enumerate(paths):
            page.goto(f"{served.url}/console/{path}")
            if path.endswith("test/"):
                page.click("main form button.primary")
                page.wait_for_selector("main table")
            assert faults(page) == []
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= size["width"], f"{path} scrolls sideways"
            if SHOTS:
                page.screenshot(path=f"{SHOTS}/{language}-{number}.png", full_page=True)

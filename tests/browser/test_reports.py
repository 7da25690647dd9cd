"""Reports in a real browser: asked for, read, and had as a file that a spreadsheet opens."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
from django.conf import settings
from django.db import connections
from django.test import Client

from server.reports.catalogue import REPORTS
from server.settlement.settle_due import settle_due
from tests.browser.conftest import NARROW, WIDE, Eyes, Served, faults
from tests.browser.pictures import keep
from tests.factories.payments import Till, tiny_channel
from tests.factories.server_rows import Rows
from tests.factories.staff import sign_in, staff
from tests.integration.server.reports.days import ledger_says, open_shift, trade_at_random

SETTLED_AFTER = 4
"""Days until whatever was sold is closed and settled; nobody was given a discount."""

pytestmark = pytest.mark.pictures


@pytest.mark.parametrize(("language", "size"), [("zh", WIDE), ("en", NARROW)], ids=["zh", "en"])
def test_reports_read_well_and_become_files(
    sqlite_database: str, serve: Callable[[str], Served], eyes: Eyes, tmp_path: Path,
    language: str, size: dict[str, int],
) -> None:  # fmt: skip
    rows = Rows()
    till = Till(rows, tiny_channel(tmp_path))
    open_shift(till, 20_000)
    trade_at_random(till, 3)
    said = ledger_says(rows)
    settle_due(rows.organisation.id, till.now + timedelta(days=SETTLED_AFTER), rows.random)
    client = sign_in(Client(), staff("eva", "finance", rows.organisation.id))
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    connections.close_all()
    served = serve(sqlite_database)
    page = eyes.page(language, size, accept_downloads=True)
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": served.url}]
    )
    first, last = (
        till.now.date() - timedelta(days=20),
        till.now.date() + timedelta(days=SETTLED_AFTER),
    )
    span = f"since={first}&until={last}"
    for name in REPORTS:
        page.goto(f"{served.url}/console/reports/?report={name}&{span}&by=day&by=tender")
        assert page.locator("main table").count() == (name != "discounts"), name
        assert faults(page) == [], name
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= size["width"], f"{name} scrolls sideways"
        keep(page, f"report-{language}-{name}")
    page.goto(f"{served.url}/console/reports/?report=trade&since={last}&until={first}")
    assert page.locator("[role=alert]").count() == 1
    page.goto(f"{served.url}/console/reports/?report=trade&{span}&by=day")
    page.click("main button[value=xlsx]")
    with page.expect_download() as download:
        page.click("main a[href*='/reports/files/']", timeout=30_000)
    assert faults(page) == []
    keep(page, f"report-{language}-exports")
    data = Path(download.value.path()).read_bytes()
    last_row = list(openpyxl.load_workbook(io.BytesIO(data)).worksheets[0].values)[-1]
    assert round(float(str(last_row[-1])) * 100) == said

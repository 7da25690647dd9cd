"""Each role's main task in a real browser, from the login page with both steps to what it left."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pyotp
import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection, connections, transaction
from playwright.sync_api import Page

from domain.sale_numbers import sale_number
from server.cases.effects import CaseOpened
from server.cases.models import Approval, Case
from server.config.clock import SystemClock
from server.console.models import StaffGrant
from server.console.signing_in import second_factor
from server.fleet.models import Terminal
from server.merchants.models import Merchant
from server.payments.accounts import merchant_account, suspense_account
from server.payments.models import Payment
from server.people.models import Card, Person
from server.writes import write_now
from tests.browser.conftest import NARROW, WIDE, Eyes, Served, faults
from tests.browser.pictures import keep
from tests.factories.payments import Till
from tests.factories.server_rows import Rows
from tests.factories.settled import Trading
from tests.factories.staff import staff

PASSWORD = "correct horse battery"
ROLES = ("administrator", "finance", "approver", "manager", "clerk", "support", "merchant")
UID = "04A1B2C3D4E5F6"
CLASS = "三年级一班"


@dataclass
class Office:
    """A served back office, its people's secrets, and what waits for them."""

    served: Served
    eyes: Eyes
    language: str
    size: Any
    secrets: dict[str, str]
    faults: list[str] = field(default_factory=list)

    def signs_in(self, role: str) -> Page:
        """Come in by the login page, as anybody does."""
        page = self.eyes.page(self.language, self.size)
        page.goto(f"{self.served.url}/console/")
        page.fill("[name=username]", role)
        page.fill("[name=password]", PASSWORD)
        page.click("button.primary")
        page.fill("[name=code]", pyotp.TOTP(self.secrets[role]).now())
        page.click("button.primary")
        page.wait_for_selector("nav a[href^='/console/']", state="attached")
        return page

    def opens(self, page: Page, path: str, name: str) -> None:
        """Go to a page and look at it."""
        page.goto(f"{self.served.url}/console/{path}")
        self.looks(page, name)

    def looks(self, page: Page, name: str) -> None:
        self.faults += faults(page)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            self.faults.append(f"{name} scrolls sideways")
        keep(page, f"task-{name}-{self.language}")


@dataclass
class Matters:
    """What there is to do."""

    disputed: UUID
    informed: UUID
    sale: UUID
    person: UUID
    terminal: UUID
    suspense: Callable[[], int]


@pytest.fixture
def matters(sqlite_database: str) -> Matters:
    rows = Rows(now=SystemClock().now())
    till = Till(rows)
    sale = till.request(total=1_200)
    till.online(sale)
    person = rows.new_person("S099", "王小红")
    Person.objects.filter(id=person.id).update(department=CLASS)
    terminal = rows.new_terminal("收银九号")
    Terminal.objects.filter(id=terminal.id).update(serial="SN-0815")
    trading = Trading(rows)
    payment = trading.sell(1).id
    side = merchant_account(trading.organisation, trading.merchant, "disputed")
    short = suspense_account(trading.organisation)
    trading.move("payment", payment, "disputed", {side: 500, short: -500})
    with transaction.atomic(), connection.cursor() as cursor:
        write_now(cursor, [
            CaseOpened(trading.organisation, kind, "payment", about, amount, trading.now)
            for kind, about, amount in (
                ("over_cap", payment, 500), ("late_arrival", trading.sell(1).id, 0),
            )
        ])  # fmt: skip
    return Matters(
        Case.objects.get(kind="over_cap").id,
        Case.objects.get(kind="late_arrival").id,
        sale.intent.payment_id,
        person.id,
        terminal.id,
        lambda: trading.balance(short),
    )


def enrolled(user: User) -> str:
    """Give a member of staff a password and a second factor; return its secret."""
    user.set_password(PASSWORD)
    user.save()
    told: dict[str, Any] = {"now": SystemClock().now(), "random": os.urandom}
    secret = second_factor.begin(user, secrets=settings.SECRETS, **told)
    second_factor.confirm(user, secrets=settings.SECRETS, **told)
    return secret


@pytest.fixture(params=["zh", "en"])
def office(
    request: pytest.FixtureRequest, sqlite_database: str, matters: Matters, eyes: Eyes,
    serve: Callable[[str], Served],
) -> Office:  # fmt: skip
    organisation = Case.objects.get(id=matters.disputed).organisation
    merchant = Merchant.objects.get().id
    secrets = {
        role: enrolled(
            staff(role, role, organisation, merchant=merchant if role == "merchant" else None)
        )
        for role in ROLES
    }
    connections.close_all()
    size = WIDE if request.param == "zh" else NARROW
    return Office(serve(sqlite_database), eyes, request.param, size, secrets)


@pytest.mark.timeout(240)
def test_everybody_does_what_they_are_there_for(office: Office, matters: Matters) -> None:
    administrator = office.signs_in("administrator")
    office.opens(administrator, "staff/", "administrator")
    administrator.click("main details.card > summary")
    for name, text in (("username", "eva"), ("password", "a first password")):
        administrator.fill(f"main details.card [name={name}]", text)
    administrator.select_option("main details.card [name=role]", "support")
    administrator.click("main details.card button.primary")
    administrator.wait_for_selector(".messages")
    assert StaffGrant.objects.get(user__username="eva").role == "support"

    finance = office.signs_in("finance")
    office.opens(finance, f"cases/{matters.disputed}/", "finance")
    finance.fill("[name=reason]", "he ate it")
    finance.click("main form button.primary")
    finance.wait_for_selector(".messages")
    assert Approval.objects.get().asked_by == "finance"
    assert matters.suspense() == -500

    approver = office.signs_in("approver")
    approver.on("dialog", lambda dialog: dialog.accept())
    office.opens(approver, "approvals/", "approver")
    assert "he ate it" in approver.inner_text("main")
    approver.click("button[value=approve]")
    approver.wait_for_selector(".messages")
    assert Case.objects.get(id=matters.disputed).resolution == "written_off"
    assert matters.suspense() == 0

    manager = office.signs_in("manager")
    office.opens(manager, "today/", "manager-today")
    assert "12.00" in manager.inner_text("main")
    office.opens(manager, f"find/?number={sale_number(matters.sale)}", "manager-found")
    assert str(matters.sale) in manager.url
    office.opens(manager, f"cases/{matters.informed}/", "manager")
    manager.select_option("[name=resolution]", "checked")
    manager.fill("[name=reason]", "the clock was wrong")
    manager.click("main form button.primary")
    manager.wait_for_selector(".messages")
    assert Case.objects.get(id=matters.informed).closed_by == "manager"

    clerk = office.signs_in("clerk")
    office.opens(clerk, f"cards/class/?class={CLASS}", "clerk")
    clerk.select_option("#format", "hex")
    clerk.fill("#uid", UID)
    clerk.press("#uid", "Enter")
    clerk.wait_for_selector("tr[data-done='1']")
    assert Card.objects.get(person=matters.person).state == "active"

    support = office.signs_in("support")
    office.opens(support, "find/?number=SN-0815", "support")
    assert str(matters.terminal) in support.url
    assert "收银九号" in support.inner_text("main")
    assert support.locator("main form[method=post]").count() == 0

    _reads_and_compares(office, matters)

    assert office.faults == []


def _reads_and_compares(office: Office, matters: Matters) -> None:
    """A merchant looks up a receipt and holds its own list against ours."""
    merchant = office.signs_in("merchant")
    office.opens(merchant, "", "merchant")
    assert "12.00" in merchant.inner_text("main .figures")
    assert merchant.locator("nav.menu a").count() == 7
    merchant.click("main .tasks a[href*='/merchant/payments/']")
    office.looks(merchant, "merchant-payments")
    merchant.fill("main [name=number]", sale_number(matters.sale))
    merchant.press("main [name=number]", "Enter")
    merchant.wait_for_url(f"**/merchant/payments/{matters.sale}/")
    office.looks(merchant, "merchant-payment")
    office.opens(merchant, "merchant/closes/", "merchant-closes")
    office.opens(merchant, "merchant/settlements/", "merchant-settlements")
    office.opens(merchant, "merchant/compare/", "merchant-compare")
    today = f"{Payment.objects.get(id=matters.sale).business_on}"
    merchant.fill("[name=since]", today)
    merchant.fill("[name=until]", today)
    own = f"number,amount,at\n{sale_number(matters.sale)},11.00,12:00\nA-1,5.00,12:01\n"
    upload: Any = {"name": "till.csv", "mimeType": "text/csv", "buffer": own.encode()}
    merchant.set_input_files("[name=list]", upload)
    merchant.click("main form button.primary")
    merchant.wait_for_selector("#result")
    office.looks(merchant, "merchant-compared")
    assert "11.00" in merchant.inner_text("main table")
    with merchant.expect_download() as download:
        merchant.goto(f"{office.served.url}/console/merchant/payments/")
        merchant.click("main a[download] >> nth=0")
    assert download.value.suggested_filename.endswith(".xlsx")

"""Finance's main task in a real browser: from the home page to a difference that two people settle.

Beside it every page of reconciliation and settlement is opened, audited and looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client
from playwright.sync_api import Page

from domain.settlement_states import PayoutEvent
from server.channels.channel import Bill as SaidBill
from server.channels.channel import BillItem, BillKind
from server.channels.models import ChannelAccount
from server.fleet.models import Terminal
from server.payments.accounts import merchant_account, suspense_account
from server.payments.models import Attempt
from server.reconciliation.clear_items import CALENDAR
from server.reconciliation.import_bill import import_bill
from server.reconciliation.match_day import match_day
from server.settlement.models import Batch, DayClose, Payout
from server.settlement.settle_payout import Word, settle_payout
from sync.messages import Tender
from tests.browser.conftest import NARROW, WIDE, Eyes, Served, faults
from tests.browser.pictures import keep
from tests.factories.payments import Till, tiny_channel
from tests.factories.server_rows import Rows
from tests.factories.settled import Trading
from tests.factories.staff import sign_in, staff

ROLES = ("administrator", "finance", "approver", "manager", "support", "clerk")
WORDS = {
    "zh": ("等您审批的申请", "与渠道账单的差异", "已入账", "等待同事审批"),
    "en": ("Requests wait for your approval", "Differences with channels' bills", "Posted",
           "Waits for a colleague"),
}  # fmt: skip

pytestmark = pytest.mark.pictures


def trade(folder: Path) -> Rows:
    """A channel whose bill differs in one payment; a merchant that was settled twice."""
    rows = Rows()
    till = Till(rows, tiny_channel(folder))
    numbers = []
    for _ in range(3):
        sale = till.request(tender=Tender.CHANNEL, auth_code="130000000000000001")
        till.online(sale)
        numbers.append(Attempt.objects.get(payment=sale.intent.payment_id).id.hex)
    on = till.now.astimezone(CALENDAR).date()
    amounts = zip(numbers, (1200, 1200, 1150), strict=True)
    lines = [
        BillItem(number, f"42000{number[-6:]}", amount, 7, "SUCCESS", till.now,
                 raw={"商户订单号": number, "订单金额": f"{amount / 100:.2f}", "手续费": "0.07"})
        for number, amount in amounts
    ]  # fmt: skip
    import_bill(rows.organisation.id, "simulated", SaidBill(BillKind.TRADE, on, lines, b""),
                now=till.now)  # fmt: skip
    match_day(rows.organisation.id, "simulated", on, till.now)
    settle(rows)
    return rows


def settle(rows: Rows) -> None:
    """Two days of a merchant: one paid out in vain, one carried; something disputed."""
    trading = Trading(rows)
    trading.agents(4_000)
    sale = trading.sell(128_000)
    trading.give_back(sale, 8_000)
    trading.bank_account()
    trading.end_day()
    trading.close()
    trading.settle()
    for word in (Word(PayoutEvent.SUBMIT), Word(PayoutEvent.FAIL, "name_differs")):
        settle_payout(Payout.objects.get(), word, trading.now)
    disputed = trading.sell(1)
    side = merchant_account(trading.organisation, trading.merchant, "disputed")
    short = suspense_account(trading.organisation)
    trading.move("payment", disputed.id, "disputed", {side: 500, short: -500})


def pages_of(rows: Rows) -> dict[str, str]:
    """Every page by its name in the pictures."""
    account = ChannelAccount.objects.get()
    on = rows.now.astimezone(CALENDAR).date()
    return {
        "home": "", "bills": f"bills/?until={on}", "bill-day": f"bills/{account.id}/{on}/",
        "differences": "differences/", "no-differences": "differences/?state=resolved",
        "closes": "closes/?until=2030-01-01&since=2026-01-01",
        "day-close": f"closes/{DayClose.objects.get().id}/", "settlements": "settlements/",
        "settlement": f"settlements/{Batch.objects.get().id}/", "payouts": "payouts/",
        "ageing": "ageing/", "clearing": "clearing/",
        "terms": "terms/",
    }  # fmt: skip


@pytest.mark.parametrize(("language", "size"), [("zh", WIDE), ("en", NARROW)], ids=["zh", "en"])
def test_finance_settles_a_difference_with_a_colleague(
    sqlite_database: str, serve: Callable[[str], Served], eyes: Eyes, tmp_path: Path,
    language: str, size: dict[str, int],
) -> None:  # fmt: skip
    rows = trade(tmp_path)
    Terminal.objects.update(state="active")
    own = pages_of(rows)
    cookies = {
        role: sign_in(Client(), staff(role, role, rows.organisation.id))
        .cookies[settings.SESSION_COOKIE_NAME].value
        for role in ROLES
    }  # fmt: skip
    connections.close_all()
    served = serve(sqlite_database)

    def opened(role: str, path: str = "") -> Page:
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
        keep(page, f"settling-{language}-{size['width']}-{name}")

    requests, differences, posted, waits = WORDS[language]
    asking = opened("finance")
    for name, path in own.items():
        asking.goto(f"{served.url}/console/{path}")
        looked_at(asking, name)
    asking.goto(f"{served.url}/console/")
    asking.click(f"text={differences}")
    asking.click("main table a")
    looked_at(asking, "difference")
    _refused_without_a_reason(asking)
    asking.fill("textarea[name=reason]", "渠道账单无误")
    asking.keyboard.press("Tab")
    asking.keyboard.press("Enter")
    asking.wait_for_selector(f"text={waits}")
    looked_at(asking, "difference-asked")

    deciding = opened("approver")
    looked_at(deciding, "home-approver")
    deciding.click(f"text={requests}")
    looked_at(deciding, "approvals")
    deciding.click("main section.card a")
    looked_at(deciding, "difference-approver")
    deciding.go_back()
    deciding.click("button[value=approve]")
    deciding.wait_for_selector(".messages")

    asking.reload()
    asking.wait_for_selector(f"h2:has-text('{posted}')")
    looked_at(asking, "difference-posted")
    for role in ("administrator", "manager", "support", "clerk"):
        looked_at(opened(role), f"home-{role}")
    looked_at(opened("administrator", "payout-bank/"), "payout-bank")


def _refused_without_a_reason(page: Page) -> None:
    """The browser itself asks for the reason; a form sent past it gets a sentence."""
    page.evaluate("document.querySelector('textarea[name=reason]').required = false")
    page.click("form:has(textarea[name=reason]) button.primary")
    page.wait_for_selector(".messages li.error")


def test_what_is_wrong_gets_a_sentence(
    sqlite_database: str, serve: Callable[[str], Served], eyes: Eyes, tmp_path: Path,
) -> None:  # fmt: skip
    rows = trade(tmp_path)
    account = ChannelAccount.objects.get()
    account.provider = "wechat"
    account.save()
    user: Any = staff("eva", "finance", rows.organisation.id)
    cookie = sign_in(Client(), user).cookies[settings.SESSION_COOKIE_NAME].value
    connections.close_all()
    served = serve(sqlite_database)
    page = eyes.page("zh", WIDE)
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": served.url}]
    )
    page.goto(f"{served.url}/console/bills/{account.id}/2026-10-01/")
    wrong = tmp_path / "something.csv"
    wrong.write_text("hello")
    page.set_input_files("input[type=file]", str(wrong))
    page.click("button[value=upload]")
    page.wait_for_selector(".messages li.error")
    assert "不是 simulated 的交易账单" in page.inner_text(".messages")
    assert faults(page) == []
    keep(page, "settling-zh-wrong-bill")

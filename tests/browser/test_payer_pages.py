"""A payer scans the counter's code: each app gets its own way, and sees no more than is so."""

from __future__ import annotations

import json
import os
from collections.abc import Callable

import httpx
import pytest
from django.conf import settings
from playwright.sync_api import Page

from server.channels.add_account import add_account
from server.channels.models import ChannelAccount
from server.config.clock import SystemClock
from server.config.database import secrets_path
from server.fresh import fresh_id
from server.payments.models import Attempt, Payment
from server.payments.order_tokens import order_token
from server.sandbox.run import FILE
from sync.messages import PAYER_UNKNOWN, CredentialKind, Evidence, PaymentRequest, Tender
from tests.browser.conftest import Eyes, Served, faults
from tests.browser.pictures import keep
from tests.factories.payments import Till
from tests.factories.server_rows import Rows

PHONE = {"width": 360, "height": 640}
MARKS = {
    "wechat": "MicroMessenger/8.0.49(0x18003137) NetType/WIFI Language/zh_CN",
    "alipay": "AlipayDefined(nt:WIFI) AliApp(AP/10.5.90) AlipayClient/10.5.90",
    "unionpay": "UnionPay/1.0 CloudPay",
    "bank": "FanpiaoBank/3.1",
}
FRAME = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 "
WITHIN_MS = 20_000


@pytest.fixture
def stall(sqlite_database: str, serve: Callable[[str], Served]) -> tuple[Till, Served]:
    """A counter whose server runs as its users start it."""
    return Till(Rows(now=SystemClock().now()), None), serve(sqlite_database)


def show(till: Till) -> tuple[PaymentRequest, str]:
    """Open a sale for whoever scans."""
    evidence = Evidence(credential=CredentialKind.PAYEE_CODE, assurance=0)
    sale = till.request(tender=Tender.CHANNEL, evidence=evidence, payer=PAYER_UNKNOWN)
    till.decide(sale)
    return sale, f"/pay/{order_token(settings.SECRETS, sale.intent.payment_id)}"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_app_opens_its_own_way_and_sees_that_it_is_paid(
    stall: tuple[Till, Served], eyes: Eyes, language: str
) -> None:
    till, served = stall
    for app in ("wechat", "alipay", "unionpay"):
        sale, place = show(till)
        page = eyes.page(language, PHONE, user_agent=FRAME + MARKS[app])
        page.goto(served.url + place)
        page.wait_for_selector("#code:not([hidden])", timeout=WITHIN_MS)
        assert page.inner_text(".amount") == "¥12.00"
        assert faults(page) == []
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
        picture(page, f"{app}-{language}-waiting")
        page.wait_for_selector("main.paid", timeout=WITHIN_MS)
        picture(page, f"{app}-{language}-paid")
        assert Attempt.objects.get(payment=sale.intent.payment_id).state == "succeeded"
        assert faults(page) == []


BRIDGE = """window.asked = [];
window.WeixinJSBridge = { invoke: (name, sent, tell) => {
  window.asked.push([name, sent]);
  window.tell = (word) => tell({ err_msg: `${name}:${word}` });
  document.body.dataset.asked = window.asked.length;
} };"""


@pytest.mark.parametrize("language", ["zh", "en"])
def test_inside_wechat_the_payer_is_recognised_and_pays_in_its_own_sheet(
    stall: tuple[Till, Served], eyes: Eyes, language: str
) -> None:
    till, served = stall
    only_wechat(till)
    sale, place = show(till)
    page = eyes.page(language, PHONE, user_agent=FRAME + MARKS["wechat"])
    page.add_init_script(BRIDGE)
    page.goto(served.url + place)
    page.wait_for_selector("body[data-asked='1']", timeout=WITHIN_MS)
    assert page.url == served.url + place  # without the code it came back with
    [[name, sent]] = page.evaluate("window.asked")
    assert name == "getBrandWCPayRequest"
    assert set(sent) == {"appId", "timeStamp", "nonceStr", "package", "signType", "paySign"}
    attempt = Attempt.objects.get(payment=sale.intent.payment_id)
    assert (attempt.way, attempt.launch["package"]) == ("page", sent["package"])
    page.evaluate("window.tell('cancel')")
    page.click("#link")
    page.wait_for_selector("body[data-asked='2']", timeout=WITHIN_MS)
    assert page.locator("#code").is_hidden()
    assert faults(page) == []
    picture(page, f"wechat-{language}-waiting")
    type_the_password(attempt.id.hex)
    page.evaluate("window.tell('ok')")
    page.wait_for_selector("main.paid", timeout=WITHIN_MS)
    picture(page, f"wechat-{language}-paid")
    assert Attempt.objects.get(payment=sale.intent.payment_id).state == "succeeded"


def test_a_phone_that_comes_back_with_anothers_answer_scans_instead(
    stall: tuple[Till, Served], eyes: Eyes
) -> None:
    till, served = stall
    only_wechat(till)
    sale, place = show(till)
    page = eyes.page("zh", PHONE, user_agent=FRAME + MARKS["wechat"])
    page.goto(f"{served.url}{place}?code=00ff&state=0123")
    page.wait_for_selector("#code:not([hidden])", timeout=WITHIN_MS)
    assert Attempt.objects.get(payment=sale.intent.payment_id).way == "scan"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_browser_is_shown_every_app_that_is_taken_and_opens_one(
    stall: tuple[Till, Served], eyes: Eyes, language: str
) -> None:
    till, served = stall
    sale, place = show(till)
    page = eyes.page(language, PHONE)
    page.goto(served.url + place)
    page.wait_for_selector("#ways:not([hidden])", timeout=WITHIN_MS)
    names = page.locator("#ways button").all_inner_texts()
    assert len(names) == 4
    assert faults(page) == []
    picture(page, f"browser-{language}")
    page.click("#ways button >> nth=0")
    page.wait_for_selector("main.paid", timeout=WITHIN_MS)
    assert Payment.objects.get(id=sale.intent.payment_id).state == "succeeded"


def test_an_order_that_is_over_says_so_and_offers_nothing(
    stall: tuple[Till, Served], eyes: Eyes
) -> None:
    till, served = stall
    sale, place = show(till)
    till.cancel(sale)
    page = eyes.page("zh", PHONE)
    page.goto(served.url + place)
    page.wait_for_selector("main.over", timeout=WITHIN_MS)
    assert page.locator("#ways").is_hidden()
    assert Attempt.objects.count() == 0
    picture(page, "over-zh")


def test_a_made_up_address_gets_one_plain_page(stall: tuple[Till, Served], eyes: Eyes) -> None:
    _, served = stall
    page = eyes.page("en", PHONE)
    answer = page.goto(f"{served.url}/pay/{'ab' * 24}")
    assert answer is not None
    assert answer.status == 404
    assert "scan the code at the counter again" in page.inner_text("main")
    eyes.complaints.clear()  # Chromium writes every 404 to its console


def only_wechat(till: Till) -> None:
    """Leave the organisation WeChat Pay alone, at its sandbox."""
    organisation, now = till.rows.organisation.id, SystemClock().now()
    ChannelAccount.objects.filter(organisation_id=organisation).delete()
    add_account(organisation, fresh_id(now, os.urandom), "wechat", now=now)


def type_the_password(number: str) -> None:
    """Be the payer at the sandbox that the server runs beside its secrets."""
    told = json.loads((secrets_path(settings.DATABASE).with_name("sandbox") / FILE).read_text())
    host = told["peers"]["wechat"]["host"]
    httpx.post(f"{host}/_control/pay", json={"number": number}).raise_for_status()


def picture(page: Page, name: str) -> None:
    """Keep what it looks like, when asked for."""
    keep(page, f"payer-{name}", full_page=False)

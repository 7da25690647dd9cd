"""Channels and their payments in a real browser: no serious fault, nothing scrolls sideways."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client
from playwright.sync_api import Page

from server.cases.approvals import carried_out
from server.cases.approvals.request_approval import Asked, Subject, request_approval
from server.channels.add_account import add_account
from server.channels.channel import Forged, Notice, Sent, Succeeded, Unknown
from server.channels.exchanges import Heard, judged, save
from server.channels.notices import keep_notice, mark_taken
from server.console.payment_work import REFUND_KIND, queue_approved
from server.merchants.models import Agreement
from server.open_api.change_endpoint import add_endpoint, send_test
from server.open_api.models import Endpoint, Event, EventState, Try
from server.open_api.note_events import DELIVER
from server.organisations.pages import secrets
from server.payments.models import Attempt
from server.work.models import Due
from sync.messages import Tender
from tests.browser.conftest import NARROW, WIDE, Eyes, Served, faults
from tests.browser.pictures import keep
from tests.factories.payments import Till
from tests.factories.server_rows import Rows
from tests.factories.staff import sign_in, staff

pytestmark = pytest.mark.pictures


class Canteen:
    """A morning with everything that can happen to a channel's payments."""

    def __init__(self) -> None:
        rows = self.rows = Rows(now=datetime.now(UTC))
        organisation = rows.organisation.id
        Agreement.objects.update(refund_limit_amount=500)
        self.account = add_account(organisation, rows.id(), "bank", now=rows.now)
        self.till = Till(rows)
        self.sale = self.till.request(total=1_200, tender=Tender.CHANNEL)
        self.till.online(self.sale)
        self.attempt = Attempt.objects.get()
        self.waiting = self.till.request(total=800, tender=Tender.CHANNEL)
        self.till.online(self.waiting)
        self._hear(organisation)
        self.till.channel_says(self.sale, Succeeded("4200002911"))
        self.till.book_refund(self.till.refund_request(self.sale, 300))
        self.notices = self._notices(organisation)
        self._ask_for_a_refund(organisation)
        self.event = self._webhook(organisation)

    def _hear(self, organisation: UUID) -> None:
        number, at = self.attempt.id.hex, self.rows.now
        sent = Sent("query", number, at, 200, '{"state": "ODD", "说明": "x"}'.encode(), "ODD")
        heard = [Heard(self.rows.id(), organisation, "bank", sent, took_ms=180)]
        save(judged(heard, Unknown("state 'ODD'", is_alert=True)))
        fine = replace(sent, outcome="PAID", at=at + timedelta(seconds=3))
        save([Heard(self.rows.id(), organisation, "bank", fine, took_ms=95)])

    def _notices(self, organisation: UUID) -> list[UUID]:
        said = Notice("n1", self.attempt.id.hex, 1_200, Succeeded("r"))
        forged = (Forged("the signature is wrong"), Forged("seen before", is_replay=True))
        told: tuple[Notice | Forged, ...] = (said, *forged)
        kept = [
            keep_notice(
                organisation, "bank", one, {"bank-signature": "c2lnbmF0dXJl"},
                f'{{"id": {n}, "姓名": "<b>"}}'.encode(), now=self.rows.now,
                random=self.rows.random,
            )
            for n, one in enumerate(told)
        ]  # fmt: skip
        found = [one for one in kept if one is not None]
        mark_taken(found[0], self.rows.now)
        return found

    def _ask_for_a_refund(self, organisation: UUID) -> None:
        subject = Subject("payment", self.sale.intent.payment_id, "simulated")
        asked = Asked(organisation, REFUND_KIND, subject, {"refund": str(self.rows.id())}, 900,
                      "charged twice")  # fmt: skip
        carried_out.register(REFUND_KIND, queue_approved)
        request_approval(asked, by="li.na", now=self.rows.now, random=self.rows.random)

    def _webhook(self, organisation: UUID) -> UUID:
        rows = self.rows
        endpoint, _secret = add_endpoint(
            rows.merchant, "https://shop.example/fanpiao", secrets=secrets(), random=rows.random,
            now=rows.now,
        )  # fmt: skip
        # Never called: the running server does not send into private networks, nor asks for a name
        Endpoint.objects.update(url="https://10.0.0.9/fanpiao")
        event = send_test(endpoint, random=rows.random, now=rows.now)
        Event.objects.update(state=EventState.GIVEN_UP, tries=2)
        Due.objects.filter(kind=DELIVER).delete()
        for status, why, answer in ((500, "webhooks.refused", "出错了".encode()),
                                    (0, "webhooks.unreachable", b"")):  # fmt: skip
            Try.objects.create(
                id=rows.id(), organisation=organisation, event=event, at=rows.now,
                url=endpoint.url, status=status, why=why, answer=answer, took_ms=310,
            )  # fmt: skip
        self.endpoint = endpoint.id
        return event


def test_channels_and_payments_read_well(
    sqlite_database: str, serve: Callable[[str], Served], eyes: Eyes
) -> None:
    made = Canteen()
    client = sign_in(Client(), staff("eva", "administrator", made.rows.organisation.id))
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    connections.close_all()
    served = serve(sqlite_database)
    row = made.account
    paths = ("today/", "channels/", f"channels/{row.id}/", f"channels/{row.id}/test/", "orders/",
             "orders/?number=77", f"orders/{made.sale.intent.payment_id}/", "notices/",
             "notices/?verdict=forged", *(f"notices/{one}/" for one in made.notices[:2]),
             "webhooks/", f"webhooks/{made.endpoint}/", f"webhooks/events/{made.event}/",
             )  # fmt: skip
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
            keep(page, f"channels-{language}-{number:02}")
        _see_an_answer_come(page, f"{served.url}/console/notices/{made.notices[2]}/", language)


def test_a_test_event_is_tried_by_the_running_server_and_shows_what_came_of_it(
    sqlite_database: str, serve: Callable[[str], Served], eyes: Eyes
) -> None:
    made = Canteen()
    client = sign_in(Client(), staff("eva", "administrator", made.rows.organisation.id))
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    connections.close_all()
    served = serve(sqlite_database)
    page = eyes.page("en", WIDE)
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": cookie, "url": served.url}])
    page.goto(f"{served.url}/console/webhooks/{made.endpoint}/")
    page.click("button[value=test]")
    page.wait_for_selector(".history .badge.bad", timeout=60_000)
    assert "private network" in page.locator(".history").inner_text()


def _see_an_answer_come(page: Page, address: str, language: str) -> None:
    """Have a notice taken again: the page shows that it is on its way, then that it is over."""
    page.goto(address)
    page.click("main form button.primary")
    page.wait_for_selector("main form button.primary", timeout=60_000)
    assert page.locator("[data-live]").count() == 0
    said = page.locator("main .said").inner_text()
    assert ("没有签名" if language == "zh" else "not signed") in said

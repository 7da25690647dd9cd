"""Closing a merchant: seen before, said why, true at the counter, and settled to the last fen."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from domain.messages import text
from server.console.models import AuditEntry
from server.feed.models import Marker
from server.fleet.models import Terminal
from server.fleet.record_heartbeat import record_heartbeat
from server.merchants.models import Merchant, MerchantOperator, MerchantState, Role, SplitRule
from server.payments.models import Payment
from server.settlement.settle_due import settle_due
from sync.messages import FeedKind, Heartbeat, Outcome, Tender
from tests.factories.clocks import StandingClock
from tests.factories.payments import Till
from tests.factories.server_rows import Rows
from tests.factories.settled import Trading
from tests.factories.staff import sign_in, staff

_seeds = itertools.count(83_000)


@pytest.fixture
def rows(database: str, settings: Any) -> Rows:
    made = Rows(next(_seeds))
    settings.CLOCK = StandingClock(made.now)
    return made


def as_administrator(rows: Rows) -> Client:
    user = staff(f"ada-{rows.id()}", "administrator", rows.organisation.id)
    return sign_in(Client(HTTP_ACCEPT_LANGUAGE="en"), user)


def page(rows: Rows) -> str:
    return reverse("console:merchant", args=[rows.merchant.id])


def close(rows: Rows, reason: str = "the lease ended") -> str:
    answer = as_administrator(rows).post(page(rows), {"reason": reason}, follow=True)
    assert answer.status_code == 200
    return str(answer.content.decode())


def state(rows: Rows) -> str:
    return Merchant.objects.get(id=rows.merchant.id).state


def test_the_page_says_what_closing_comes_to_and_closes_only_for_a_reason(rows: Rows) -> None:
    trading = Trading(rows)
    trading.sell(10_000)
    trading.end_day()
    trading.close()
    agents = trading.agents(3_000)
    assert agents
    rows.new_operator("07")
    terminal = rows.new_terminal("三号窗口")
    Terminal.objects.filter(id=terminal.id).update(
        state="active", waiting_count=4, waiting_amount=3_200, shift=rows.id()
    )
    administrator = as_administrator(rows)
    said = administrator.get(page(rows)).content.decode()
    for told in (
        "三号窗口", "shift open", "4 records wait there, ¥32.00", "¥99.40",
        "Operators at its counters: 1", "Contracts with channels in force: 1",
    ):  # fmt: skip
        assert told in said, told
    said = administrator.post(page(rows), {"reason": " "}, follow=True).content.decode()
    assert "Say why" in said
    assert state(rows) == MerchantState.ACTIVE
    said = administrator.post(page(rows), {"reason": "gone"}, follow=True).content.decode()
    assert state(rows) == MerchantState.CLOSED
    assert "Close the merchant" not in said
    entry = AuditEntry.objects.get(action="merchants.closed")
    assert (entry.reason, entry.before["state"], entry.after["state"]) == (
        "gone", "active", "closed"
    )  # fmt: skip
    assert entry.after["waiting_amount"] == 3_200
    again = administrator.post(page(rows), {"reason": "twice"}, follow=True).content.decode()
    assert "closed already" in again
    assert not SplitRule.objects.exists()


def test_a_closed_merchants_counter_is_told_the_truth(rows: Rows) -> None:
    till = Till(rows)
    cashier, supervisor = rows.new_operator("01"), rows.new_operator("02", Role.SUPERVISOR)
    before = beat(rows, till)
    assert (before.state, before.code) == ("active", "")
    Marker.objects.all().delete()
    close(rows)

    answer = till.online(till.request(tender=Tender.WALLET))
    assert (answer.outcome, answer.code) == (Outcome.DECLINED, "merchants.closed")
    after = beat(rows, till)
    assert (after.state, after.code) == ("active", "merchants.closed")
    assert "is closed" in text("merchants.closed", {}, "en")
    assert "已关闭" in text("merchants.closed", {}, "zh")

    told = Marker.objects.get(kind=FeedKind.OPERATOR)
    assert (told.scope, told.entity) == (f"merchant:{rows.merchant.id}", str(cashier.id))
    assert not MerchantOperator.objects.get(id=cashier.id).is_active
    assert MerchantOperator.objects.get(id=supervisor.id).is_active


def test_a_suspended_merchant_is_told_that_it_is_suspended(rows: Rows) -> None:
    till = Till(rows)
    Merchant.objects.filter(id=rows.merchant.id).update(state=MerchantState.SUSPENDED)
    assert till.online(till.request()).code == "merchants.suspended"
    assert beat(rows, till).code == "merchants.suspended"


def test_what_a_counter_sold_alone_is_booked_after_the_closing(rows: Rows) -> None:
    till = Till(rows)
    sold, cash = till.request(total=1_500), till.request(total=700, tender=Tender.CASH)
    close(rows)
    till.pass_time(hours=2)
    for request in (sold, cash):
        till.accept(request)
        assert till.state(request) == "succeeded"
    assert till.net(sold)["merchant/payable"] == 1_500
    assert Payment.objects.get(id=sold.intent.payment_id).merchant_side == "payable"


def test_what_is_owed_is_settled_after_the_closing(rows: Rows) -> None:
    trading = Trading(rows)
    trading.bank_account()
    trading.sell(20_000)
    close(rows)
    late = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
    done = settle_due(rows.organisation.id, late, rows.random)
    assert (done.troubles, done.batches) == ([], 1)
    assert trading.balance(trading.payable) == 0
    said = as_administrator(rows).get(page(rows)).content.decode()
    assert "settled to the last fen" in said


def test_no_new_counter_is_registered_for_a_closed_merchant(rows: Rows) -> None:
    close(rows)
    administrator = as_administrator(rows)
    place = reverse("console:terminals")
    fields = {"store": str(rows.store.id), "name": "四号窗口", "profile": "canteen"}
    assert f'value="{rows.store.id}"' not in administrator.get(place).content.decode()
    assert administrator.post(place, fields).status_code == 404
    assert not Terminal.objects.filter(organisation=rows.organisation).exists()


def test_the_table_of_merchants_closes_nobody(rows: Rows) -> None:
    place = reverse("admin:merchants_merchant_change", args=[rows.merchant.id])
    fields = {"code": rows.merchant.code, "name": rows.merchant.name, "state": "closed"}
    answer = as_administrator(rows).post(place, fields)
    assert answer.status_code == 200, "the form comes back with its error"
    assert state(rows) == MerchantState.ACTIVE
    assert saved(rows, {**fields, "state": "suspended"}) == "suspended"
    Merchant.objects.filter(id=rows.merchant.id).update(state="closed")
    assert saved(rows, {**fields, "state": "active"}) == "closed"


def saved(rows: Rows, fields: dict[str, str]) -> str:
    """Save the form of the table; return the state that the merchant then has."""
    place = reverse("admin:merchants_merchant_change", args=[rows.merchant.id])
    assert as_administrator(rows).post(place, fields).status_code == 302
    return state(rows)


def beat(rows: Rows, till: Till) -> Any:
    """What the server answers the counter's next report."""
    heartbeat = Heartbeat(
        journal_id=rows.id(), head_sequence=0, head_hash=b"", acknowledged_sequence=0,
        waiting_count=0, waiting_amount=0, epoch="", cursor=0, stamp=till.stamp(), software="test",
    )  # fmt: skip
    now = till.now + timedelta(seconds=1)
    return record_heartbeat(till.terminal, heartbeat, now=now, read_head=lambda *_: None)

"""The first page: each role's own part of it, today's takings, what waits; few queries."""

from __future__ import annotations

import itertools
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from server.cases.models import Approval, Case
from server.console.pages.home import TASKS
from server.fleet.models import Terminal
from server.merchants.models import ChannelContract, Store
from server.payments.models import Attempt
from server.reconciliation.models import Difference
from server.settlement.models import Batch, Payout, PayoutAccount
from sync.messages import Tender
from tests.factories.clocks import StandingClock
from tests.factories.payments import Till, tiny_channel
from tests.factories.server_rows import Rows
from tests.factories.staff import sign_in, staff

_seeds = itertools.count(63_000)
ROLES = ("administrator", "manager", "clerk", "finance", "approver", "support")


@pytest.fixture
def till(sqlite_database: str, settings: Any, tmp_path: Path) -> Till:
    rows = Rows(next(_seeds))
    settings.CLOCK = StandingClock(rows.now + timedelta(minutes=5))
    return Till(rows, tiny_channel(tmp_path))


def client_of(till: Till, role: str, site: UUID | None = None) -> Client:
    user = staff(f"{role}-{till.organisation}-{site}", role, till.organisation, site)
    return sign_in(Client(HTTP_ACCEPT_LANGUAGE="en"), user)


def home(client: Client) -> str:
    answer = client.get(reverse("console:home"))
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("role", ROLES)
def test_every_role_has_a_calm_first_page_whose_links_all_open(till: Till, role: str) -> None:
    client = client_of(till, role)
    assert "Nothing waits for you" in home(client)
    tasks = client.get(reverse("console:home")).context["tasks"]
    assert tasks
    for url, _words in tasks:
        assert client.get(url).status_code == 200, url
    names = {name for name, _, _ in TASKS}
    assert len(names) == len(TASKS)


def test_todays_takings_are_told_whole_by_store_and_by_meal(till: Till) -> None:
    till.online(till.request(total=1_200))
    till.accept(till.request(total=800))
    back = till.request(total=500)
    till.online(back)
    till.refund(back, 500)
    till.rows.new_store("b")
    said = home(client_of(till, "manager"))
    assert "¥20.00" in said
    assert "on average ¥10.00" in " ".join(said.split())
    assert "By store" in said
    assert "Takings" not in home(client_of(till, "support"))


def test_a_manager_of_one_site_sees_that_site_alone(till: Till) -> None:
    till.online(till.request(total=1_200))
    other = till.rows.new_site("east")
    assert "¥12.00" not in home(client_of(till, "manager", other.id))
    assert "¥12.00" in home(client_of(till, "manager", till.rows.site.id))


def _trouble(till: Till) -> None:
    """One of everything that a person must look at."""
    rows, organisation = till.rows, till.organisation
    now = till.now
    Approval.objects.create(
        id=rows.id(), organisation=organisation, kind="approvals.refund", subject_kind="payment",
        subject_id=rows.id(), state="waiting", asked_by="somebody", asked_at=now,
        data={}, amount=5,
    )  # fmt: skip
    Case.objects.create(
        id=rows.id(), organisation=organisation, kind="over_cap", subject_kind="order",
        subject_id=rows.id(), opened_at=now,
    )  # fmt: skip
    Difference.objects.create(
        id=rows.id(), organisation=organisation, channel="simulated", kind="fee", item="1",
        first_on=now.date(), last_on=now.date(), state="open",
    )  # fmt: skip
    ChannelContract.objects.create(
        id=rows.id(), organisation=rows.organisation, merchant=rows.merchant, channel="wechat",
        starts_on=now.date() - timedelta(days=90), ends_on=now.date() + timedelta(days=3),
    )  # fmt: skip
    batch = Batch.objects.create(
        id=rows.id(), organisation=organisation, payee_kind="merchant", payee=rows.merchant.id,
        due_on=now.date(), made_at=now, amount=100, net_amount=100, payout_amount=100,
        state="returned",
    )  # fmt: skip
    PayoutAccount.objects.create(
        id=rows.id(), organisation=organisation, payee_kind="merchant", payee=rows.merchant.id,
        holder="示例", number="6222", bank="1",
    )  # fmt: skip
    Payout.objects.create(
        id=rows.id(), organisation=organisation, batch=batch, payee_kind="merchant",
        payee=rows.merchant.id, amount=100, number="6222", state="failed", made_at=now,
        changed_at=now,
    )  # fmt: skip


WAITING = (
    "Requests wait for your approval", "Cases are open", "Differences with channels",
    "Payouts failed or came back", "Contracts with channels end",
)  # fmt: skip


def test_what_needs_a_person_is_listed_with_links_that_open(till: Till) -> None:
    _trouble(till)
    client = client_of(till, "finance")
    said = home(client)
    assert [one for one in WAITING if one not in said] == []
    for need in client.get(reverse("console:home")).context["needs"]:
        assert client.get(need.url.partition("#")[0]).status_code == 200, need.url
    PayoutAccount.objects.update(number="6333")
    assert "Payouts failed" not in home(client)


def test_each_role_is_told_of_what_it_may_do_and_no_more(till: Till) -> None:
    _trouble(till)
    pages = {role: home(client_of(till, role)) for role in ROLES}
    told = {role: [one for one in WAITING if one in said] for role, said in pages.items()}
    assert told["administrator"] == list(WAITING)
    assert told["manager"] == ["Cases are open"]
    assert told["approver"] == ["Requests wait for your approval"]
    assert told["clerk"] == told["support"] == []


def test_ones_own_request_waits_for_somebody_else(till: Till) -> None:
    _trouble(till)
    client = client_of(till, "finance")
    Approval.objects.update(asked_by=f"finance-{till.organisation}-None")
    assert "Requests wait" not in home(client)


def test_the_waiting_part_follows_by_itself(till: Till) -> None:
    client = client_of(till, "finance")
    _trouble(till)
    part = client.get(reverse("console:home"), headers={"X-Live": "1"}).content.decode()
    assert "Cases are open" in part
    assert "<html" not in part


def test_silent_counters_and_unclear_payments_are_counted(till: Till) -> None:
    Terminal.objects.update(last_seen_at=till.now - timedelta(hours=1), waiting_count=3)
    sale = till.request(tender=Tender.CHANNEL, auth_code="130000000000000001")
    till.decide(sale)
    Attempt.objects.update(state="unknown")
    said = home(client_of(till, "administrator"))
    assert "not seen" in said
    assert "Payments unclear" in said
    assert "All counters are well" not in said


def test_a_hundred_and_ten_stores_cost_no_more_queries_than_one(till: Till) -> None:
    till.online(till.request(total=1_200))
    client = client_of(till, "administrator")
    with CaptureQueriesContext(connection) as few:
        home(client)
    rows = till.rows
    for place in range(110):
        store = Store.objects.create(
            id=rows.id(), organisation=rows.organisation, merchant=rows.merchant, site=rows.site,
            code=f"s{place}", name=f"食堂 {place}",
        )  # fmt: skip
        Terminal.objects.create(
            id=rows.id(), organisation=rows.organisation, merchant=rows.merchant, store=store,
            name="1", state="active", registered_at=till.now,
        )  # fmt: skip
    with CaptureQueriesContext(connection) as many:
        home(client)
    assert len(many) == len(few) <= 60

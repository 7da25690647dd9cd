"""Agents, how merchants are paid, splits and the bank calendar, entered on one page."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from server.channels.models import ChannelAccount
from server.console.models import AuditEntry
from server.merchants.models import Agent, AgentCost, Receiver, SettlementTerms, SplitRule
from server.settlement.models import CalendarDay
from server.settlement.terms import read_terms
from tests.factories.clocks import StandingClock
from tests.factories.server_rows import Rows
from tests.factories.staff import sign_in, staff

URL = reverse("console:settlement_terms")
WRONG = "Fill in all fields"
_seeds = itertools.count(64_000)
Send = Callable[..., str]


@pytest.fixture
def rows(sqlite_database: str, settings: Any) -> Rows:
    rows = Rows(next(_seeds))
    settings.CLOCK = StandingClock(rows.now)
    return rows


@pytest.fixture
def send(rows: Rows) -> Send:
    user = staff(f"finance-{rows.organisation.id}", "finance", rows.organisation.id)
    client = sign_in(Client(HTTP_ACCEPT_LANGUAGE="en"), user)

    def post(do: str = "", **typed: Any) -> str:
        if not do:
            return client.get(URL).content.decode()
        answer = client.post(URL, {"do": do, **typed}, follow=True)
        assert answer.status_code == 200
        return answer.content.decode()

    return post


def test_an_empty_page_says_what_holds_without_terms(send: Send) -> None:
    said = send()
    assert "every merchant is paid T+1" in said
    assert "No agent yet" in said
    assert "merchants get all of their net" in said


def test_agents_cost_prices_and_terms_are_what_settlement_reads(rows: Rows, send: Send) -> None:
    send("agent", name="总代", code="A0")
    above = Agent.objects.get()
    send("agent", name="区代", code="A1", parent=str(above.id))
    agent = Agent.objects.get(code="A1")
    channel = ChannelAccount.objects.get()
    send("cost", agent=str(agent.id), channel=str(channel.id), starts_on="2026-11-01",
         rate="0.38", fixed="0.10", minimum="", cap="30")  # fmt: skip
    send("terms", merchant=str(rows.merchant.id), starts_on="2026-11-01", cycle_days="3",
         least="100", agent=str(agent.id))  # fmt: skip

    terms = read_terms(rows.organisation.id, [rows.merchant.id])[rows.merchant.id]

    assert terms.agents(rows.now.date()) == (agent.id, above.id)
    paid = terms.paid_on(rows.now.date())
    assert (paid.cycle_days, paid.least_amount) == (3, 10_000)
    card = AgentCost.objects.get().card
    assert (card["rate_ppm"], card["fixed_amount"], card["cap_amount"]) == (3_800, 10, 3_000)
    said = send()
    assert "T+3" in said
    assert "0.38" in said
    assert AuditEntry.objects.filter(action__startswith="terms.").count() == 4


@pytest.mark.parametrize(
    ("do", "typed"),
    [
        ("agent", {"name": "", "code": "A"}), ("agent", {"name": "x" * 101, "code": "A"}),
        ("terms", {"cycle_days": "-1"}), ("terms", {"cycle_days": "many"}),
        ("terms", {"cycle_days": "1", "merchant": "x"}), ("cost", {"rate": "1"}),
        ("split", {"rate": "NaN"}), ("holiday", {"day": "yesterday"}), ("end", {"split": "x"}),
        ("nonsense", {}),
    ],
    ids=[str(n) for n in range(10)],
)  # fmt: skip
def test_wrong_input_gets_a_sentence_and_changes_nothing(
    send: Send, do: str, typed: dict[str, str]
) -> None:
    assert WRONG in send(do, **typed)
    assert not any(model.objects.exists() for model in (Agent, AgentCost, SettlementTerms))
    assert not AuditEntry.objects.filter(action__startswith="terms.").exists()


def test_what_is_there_already_is_refused(rows: Rows, send: Send) -> None:
    send("agent", name="甲", code="A")
    assert "There is one with this code" in send("agent", name="乙", code="A")
    typed = {"merchant": str(rows.merchant.id), "starts_on": "2026-11-01", "cycle_days": "1"}
    send("terms", **typed)
    assert "There is one with this code" in send("terms", **typed)
    assert Agent.objects.count() == SettlementTerms.objects.count() == 1


def test_splits_stay_within_the_whole_and_are_ended(rows: Rows, send: Send) -> None:
    for code in ("R1", "R2"):
        send("receiver", name=code, code=code)
    first, second = Receiver.objects.order_by("code")
    typed = {"merchant": str(rows.merchant.id), "starts_on": "2026-11-01"}
    send("split", **typed, receiver=str(first.id), rate="60")
    assert "would exceed 100" in send("split", **typed, receiver=str(second.id), rate="40.1")
    assert WRONG in send("split", **typed, receiver=str(second.id), rate="0")
    rule = SplitRule.objects.get()
    assert WRONG in send("end", split=str(rule.id), ends_on="2026-10-01")
    send("end", split=str(rule.id), ends_on="2026-11-30")
    typed["starts_on"] = "2026-12-01"
    send("split", **typed, receiver=str(second.id), rate="40.1 %")
    assert [one.rate_ppm for one in SplitRule.objects.order_by("starts_on")] == [600_000, 401_000]


def test_a_day_of_the_bank_calendar_is_entered_and_corrected(send: Send) -> None:
    send("holiday", day="2027-01-01", name="元旦", is_open="")
    assert "元旦" in send()
    send("holiday", day="2027-01-01", name="调休上班", is_open="open")
    [day] = CalendarDay.objects.all()
    assert (day.is_open, day.name) == (True, "调休上班")

"""A case that money hangs on is not closed by a word: it is ended by two people, and booked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from server.audit.run_audit import run_audit
from server.cases.approvals.decide_approval import approve
from server.cases.effects import CaseClosed, CaseOpened
from server.cases.models import Approval, Case
from server.payments.accounts import (
    merchant_account,
    suspense_account,
    variance_account,
    variance_offset,
)
from server.settlement.write_off import register_write_offs
from server.writes import write_now
from tests.factories.clocks import StandingClock
from tests.factories.server_rows import Rows
from tests.factories.settled import Trading
from tests.factories.staff import sign_in, staff


@pytest.fixture
def trading(database: str, settings: Any) -> Trading:
    register_write_offs()
    trading = Trading(Rows())
    settings.CLOCK = StandingClock(trading.now)
    return trading


@pytest.fixture
def finance(trading: Trading) -> Client:
    return sign_in(Client(), staff("fin", "finance", trading.organisation))


def write(trading: Trading, effect: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        write_now(cursor, [effect])


def opened(trading: Trading, kind: str, payment: UUID, amount: int) -> Case:
    write(trading, CaseOpened(trading.organisation, kind, "payment", payment, amount, trading.now))
    return Case.objects.get(kind=kind)


def disputed(trading: Trading, amount: int = 500) -> Case:
    payment = trading.sell(1).id
    side = merchant_account(trading.organisation, trading.merchant, "disputed")
    moved = {side: amount, suspense_account(trading.organisation): -amount}
    trading.move("payment", payment, "disputed", moved)
    return opened(trading, "over_cap", payment, amount)


def varied(trading: Trading, amount: int = 80) -> Case:
    payment = trading.sell(1).id
    moved = {
        variance_offset(trading.organisation): amount,
        variance_account(trading.organisation, trading.merchant): -amount,
    }
    trading.move("payment", payment, "charged", moved)
    return opened(trading, "price_variance", payment, amount)


def is_covered(trading: Trading) -> bool:
    return "r07_suspense" not in run_audit(trading.now).broken


@pytest.mark.parametrize("made", [disputed, varied])
def test_it_is_ended_by_two_people_and_closes_by_itself(
    trading: Trading, finance: Client, made: Any
) -> None:
    case = made(trading)
    place = reverse("console:case", args=[case.id])
    shown = finance.get(place, HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "End what lies open" in shown
    assert "Close the case" not in shown

    finance.post(place, {"resolution": "checked", "reason": "looked at it"})
    case.refresh_from_db()
    assert case.closed_at is None

    finance.post(place, {"do": "ask", "reason": "he ate it"})
    finance.post(place, {"do": "ask", "reason": "asked twice"})
    approval = Approval.objects.get()
    assert (approval.asked_by, approval.reason) == ("fin", "he ate it")
    assert "he ate it" in finance.get(place).content.decode()
    assert is_covered(trading)

    approve(trading.organisation, approval.id, by="boss", now=trading.now + timedelta(minutes=1))
    case.refresh_from_db()
    assert (case.resolution, case.closed_by) == ("written_off", str(approval.id))
    assert is_covered(trading)
    for account in (
        merchant_account(trading.organisation, trading.merchant, "disputed"),
        variance_account(trading.organisation, trading.merchant),
        suspense_account(trading.organisation),
        variance_offset(trading.organisation),
    ):
        assert trading.balance(account) == 0


@pytest.mark.parametrize("made", [disputed, varied])
def test_closed_without_being_booked_it_would_be_found(trading: Trading, made: Any) -> None:
    case = made(trading)
    assert is_covered(trading)
    write(trading, CaseClosed(case.id, trading.now, "checked", "somebody"))
    assert not is_covered(trading)


def test_a_case_that_money_does_not_hang_on_is_closed_by_a_word(
    trading: Trading, finance: Client
) -> None:
    case = opened(trading, "late_arrival", trading.sell(1).id, 0)
    sent = {"resolution": "checked", "reason": "the clock was wrong"}
    finance.post(reverse("console:case", args=[case.id]), sent)
    case.refresh_from_db()
    assert (case.resolution, case.closed_by) == ("checked", "fin")

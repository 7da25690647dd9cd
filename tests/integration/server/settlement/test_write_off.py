"""Debt, disputed sales and suspense age, and are written off by two people."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.errors import Refused
from server.audit.run_audit import run_audit
from server.cases.approvals.decide_approval import approve
from server.cases.effects import CaseOpened
from server.cases.models import Case
from server.merchants.models import Agreement
from server.payments.accounts import merchant_account, surplus_account, suspense_account
from server.settlement.accounts import bad_debt
from server.settlement.ageing import ageing_totals, read_ageing
from server.settlement.write_off import (
    DEBT,
    DISPUTED,
    SUSPENSE,
    register_write_offs,
    request_write_off,
)
from server.wallets.accounts import debt_account
from tests.factories.server_rows import Rows
from tests.factories.settled import Trading


@pytest.fixture
def trading(database: str) -> Trading:
    register_write_offs()
    return Trading(Rows())


def write_off(trading: Trading, kind: str, subject: UUID, **asked: Any) -> None:
    approval = request_write_off(
        trading.organisation, kind, subject, reason="收不回", by="finance", now=trading.now,
        random=trading.rows.random, **asked,
    )  # fmt: skip
    approve(trading.organisation, approval.id, by="boss", now=trading.now)


def owing(trading: Trading, amount: int) -> UUID:
    """A sale that left its payer a debt."""
    person = trading.rows.new_person().id
    payment = trading.sell(1)
    debt = debt_account(trading.organisation, person)
    trading.move("payment", payment.id, "debt", {debt: -amount})
    return person


def disputed(trading: Trading, amount: int) -> UUID:
    """A sale that nobody was debited for, with its case."""
    payment = trading.sell(1)
    side = merchant_account(trading.organisation, trading.merchant, "disputed")
    short = suspense_account(trading.organisation)
    trading.move("payment", payment.id, "disputed", {side: amount, short: -amount})
    _case(trading, payment.id, amount)
    return payment.id


def _case(trading: Trading, payment: UUID, amount: int) -> None:
    from django.db import connection, transaction

    from server.writes import write_now

    opened = CaseOpened(trading.organisation, "over_cap", "payment", payment, amount, trading.now)
    with transaction.atomic(), connection.cursor() as cursor:
        write_now(cursor, [opened])


def seven_broken(trading: Trading) -> bool:
    return "r07_suspense" in run_audit(trading.now).broken


def test_what_lies_there_is_told_by_its_age(trading: Trading) -> None:
    person = owing(trading, 300)
    trading.now += timedelta(days=40)
    disputed(trading, 500)
    aged = read_ageing(trading.organisation, trading.day)
    assert [(one.kind, one.amount, one.bucket) for one in aged] == [
        ("debt", 300, 1), ("disputed", 500, 0),
    ]  # fmt: skip
    assert aged[0].subject == person
    assert ageing_totals(aged) == {"debt": [0, 300, 0, 0], "disputed": [500, 0, 0, 0]}


def test_a_debt_becomes_our_loss(trading: Trading) -> None:
    person = owing(trading, 300)
    write_off(trading, DEBT, person, amount=300)
    assert trading.balance(debt_account(trading.organisation, person)) == 0
    assert trading.balance(bad_debt(trading.organisation)) == -300
    assert read_ageing(trading.organisation, trading.day) == []


def test_a_debt_is_the_merchants_only_if_it_agreed_to(trading: Trading) -> None:
    person = owing(trading, 300)
    with pytest.raises(Refused):
        write_off(trading, DEBT, person, amount=300, merchant_id=trading.merchant)
    Agreement.objects.filter(merchant=trading.merchant).update(debt_bearer="merchant")
    before = trading.balance(trading.payable)
    write_off(trading, DEBT, person, amount=300, merchant_id=trading.merchant)
    assert trading.balance(trading.payable) == before - 300


@pytest.mark.parametrize("bearer", ["merchant", "operator"])
def test_a_disputed_sale_is_borne_by_whom_the_agreement_names(
    trading: Trading, bearer: str
) -> None:
    Agreement.objects.filter(merchant=trading.merchant).update(disputed_bearer=bearer)
    payment = disputed(trading, 500)
    before = trading.balance(trading.payable)
    assert not seven_broken(trading)
    write_off(trading, DISPUTED, payment, amount=500)
    side = merchant_account(trading.organisation, trading.merchant, "disputed")
    assert trading.balance(side) == trading.balance(suspense_account(trading.organisation)) == 0
    is_ours = bearer == "operator"
    assert trading.balance(bad_debt(trading.organisation)) == (-500 if is_ours else 0)
    assert trading.balance(trading.payable) == before + (500 if is_ours else 0)
    assert Case.objects.get().resolution == "written_off"
    assert not seven_broken(trading)


def test_money_that_is_nobodys_becomes_income(trading: Trading) -> None:
    payment = trading.sell(1)
    long = surplus_account(trading.organisation)
    trading.move("payment", payment.id, "late", {long: 90})
    _case(trading, payment.id, 90)
    write_off(trading, SUSPENSE, payment.id, amount=90)
    assert trading.balance(long) == 0
    assert trading.balance(bad_debt(trading.organisation)) == 90
    assert not seven_broken(trading)


def test_what_came_in_meanwhile_is_not_written_off(trading: Trading) -> None:
    person = owing(trading, 300)
    debt = debt_account(trading.organisation, person)
    trading.move("payment", trading.sell(1).id, "repaid", {debt: 300})
    with pytest.raises(Refused, match="nothing_to_write_off"):
        write_off(trading, DEBT, person, amount=300)


def test_what_was_repaid_in_part_is_written_off_for_the_rest(trading: Trading) -> None:
    person = owing(trading, 300)
    debt = debt_account(trading.organisation, person)
    trading.move("payment", trading.sell(1).id, "repaid", {debt: 200})
    write_off(trading, DEBT, person, amount=300)
    assert trading.balance(bad_debt(trading.organisation)) == -100


def test_never_more_is_written_off_than_was_approved(trading: Trading) -> None:
    person, sold = owing(trading, 300), disputed(trading, 500)
    debt = debt_account(trading.organisation, person)
    trading.move("payment", trading.sell(1).id, "debt", {debt: -900})
    for kind, subject, amount in ((DEBT, person, 300), (DISPUTED, sold, 499)):
        with pytest.raises(Refused, match="more_to_write_off"):
            write_off(trading, kind, subject, amount=amount)
    assert trading.balance(debt) == -1200
    assert trading.balance(bad_debt(trading.organisation)) == 0


def test_nobody_approves_their_own_request(trading: Trading) -> None:
    person = owing(trading, 300)
    approval = request_write_off(
        trading.organisation, DEBT, person, reason="", by="boss", now=trading.now,
        random=trading.rows.random, amount=300,
    )  # fmt: skip
    with pytest.raises(Refused, match="own_request"):
        approve(trading.organisation, approval.id, by="boss", now=trading.now)

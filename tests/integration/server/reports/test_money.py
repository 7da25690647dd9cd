"""Shifts, channels, the ledger on paper, the daily proof, subsidies and vouchers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Sum

from domain.messages import Language
from server.ledger.models import Account, Posting
from server.reports.channels import channels
from server.reports.daily_proof import daily_proof, prove_day
from server.reports.journal_export import journal_export
from server.reports.ledger_extract import Which, ledger_extract
from server.reports.shifts import shifts
from server.reports.subsidies import grants, spending
from server.reports.tables import as_dicts
from sync.messages import Tender
from tests.factories.payments import Till
from tests.integration.server.reports.days import (
    close_shift,
    grant,
    move_cash,
    open_shift,
    trade_at_random,
)


def test_a_shift_is_read_open_and_closed_from_its_drawer(till: Till) -> None:
    open_shift(till, 20_000)
    cash = till.request(total=1_500, tender=Tender.CASH)
    till.accept(cash)
    till.refund(cash, 500)
    till.accept(till.request(total=900))
    move_cash(till, -5_000)
    today = till.now.date()
    [row], _ = as_dicts(shifts(till.organisation, today, today, "en"))
    assert (row["report"], row["counted_amount"]) == ("X (open)", None)
    wanted = {
        "sales": 2, "sales_amount": 2_400, "returned_amount": 500, "net_amount": 1_900,
        "float_amount": 20_000, "cash_sales_amount": 1_500, "cash_refund_amount": 500,
        "moved_amount": -5_000, "expected_amount": 16_000,
    }  # fmt: skip
    assert {key: row[key] for key in wanted} == wanted
    close_shift(till, expected=16_000, counted=15_980)
    [row], totals = as_dicts(shifts(till.organisation, today, today, "zh"))
    assert (row["report"], row["counted_amount"]) == ("Z（已交班）", 15_980)
    assert (row["expected_amount"], row["difference_amount"]) == (16_000, -20)
    assert totals["difference_amount"] == -20


def test_a_channel_is_told_by_its_attempts(till: Till) -> None:
    till.online(till.request(total=1_200, tender=Tender.CHANNEL))
    till.online(till.request(total=700, tender=Tender.CHANNEL, auth_code="130000000000000013"))
    today = till.now.date()
    [row], _ = as_dicts(channels(till.organisation, today, today))
    assert row["attempts"] == 2
    assert row["succeeded"] + row["declined"] + row["reversed"] + row["open"] == 2
    assert row["amount"] in (1_200, 1_900)
    assert row["median_ms"] is not None


@pytest.mark.parametrize("seed", [4, 5])
def test_the_ledger_on_paper_balances_and_the_wallets_are_covered(till: Till, seed: int) -> None:
    trade_at_random(till, seed)
    first, last = till.now.date() - timedelta(days=30), till.now.date() + timedelta(days=1)
    rows, totals = as_dicts(ledger_extract(till.organisation, first, last, "en"))
    assert totals["debit"] == totals["credit"] == sum(row["credit"] or 0 for row in rows)
    assert totals["debit"]
    assert len(rows) == Posting.objects.filter(organisation=till.organisation).count()
    mine = Which("person", till.person.id, "cash")
    _, own = as_dicts(ledger_extract(till.organisation, first, last, "zh", mine))
    [cash] = Account.objects.filter(owner_id=till.person.id, kind="cash")
    assert (own["credit"] or 0) - (own["debit"] or 0) == cash.balance
    proof = prove_day(till.organisation, last)
    assert proof.is_proven
    assert proof.wallets_amount == wallets(till)
    _, sides = as_dicts(daily_proof(till.organisation, last, "en"))
    assert sides["owed_amount"] == sides["held_amount"]


def wallets(till: Till) -> int:
    rows = Account.objects.filter(
        organisation=till.organisation, kind__in=("cash", "subsidy"), unit="CNY"
    )
    return int(rows.aggregate(sum=Sum("balance"))["sum"])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_vouchers_balance_and_leave_no_account_out(till: Till, language: Language) -> None:
    trade_at_random(till, 6)
    first, last = till.now.date() - timedelta(days=30), till.now.date() + timedelta(days=1)
    rows, totals = as_dicts(journal_export(till.organisation, first, last, language))
    assert totals["debit"] == totals["credit"]
    assert totals["debit"]
    days: dict[Any, list[Any]] = {}
    for row in rows:
        days.setdefault(row["voucher"], []).append(row)
    for lines in days.values():
        assert [line["line"] for line in lines] == list(range(1, len(lines) + 1))
        assert sum(one["debit"] or 0 for one in lines) == sum(one["credit"] or 0 for one in lines)
    unmapped, _ = as_dicts(journal_export(till.organisation, first, last, language, {}))
    assert {row["code"] for row in unmapped} == {"?"}
    assert all(row["name"] for row in unmapped)


def test_every_fen_of_a_subsidy_is_told_from_grant_to_plate(till: Till) -> None:
    grant(till, 3_000)
    lunch = till.request(total=1_200)
    till.online(lunch)
    till.refund(lunch, 300)
    today = till.now.date()
    [row], _ = as_dicts(grants(till.organisation, today, "en"))
    told = {key: row[key] for key in ("people", "granted", "spent", "returned", "ended", "left")}
    assert told == {
        "people": 1, "granted": 3_000, "spent": 1_200, "returned": 300, "ended": 0, "left": 2_100,
    }  # fmt: skip
    lines, totals = as_dicts(spending(till.organisation, today, today))
    assert [line["amount"] for line in lines] == [1_200, -300]
    assert lines[0]["number"] == till.person.number
    assert totals["amount"] == 900

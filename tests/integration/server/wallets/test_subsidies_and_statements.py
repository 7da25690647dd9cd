"""Subsidies by list and by class, given once; what a statement says; what is paid out at last."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from django.db import IntegrityError, connection

from domain.errors import Refused
from server.audit.run_audit import run_audit
from server.people.bulk_change import keep_trial, work_off
from server.people.change_person import part_with_person
from server.people.models import BulkChange, Person
from server.wallets.accounts import cash_account, share_account, share_id
from server.wallets.grant_by_list import (
    GrantTerms,
    confirm_grant,
    register_grants,
    subsidy_template,
    try_list,
    try_selection,
)
from server.wallets.models import Grant, PayOut, Share
from server.wallets.pay_out import confirm_pay_out, drop_pay_out, list_owed, propose_pay_out
from server.wallets.read_statement import read_statement
from tests.factories.payments import Till, balance
from tests.factories.server_rows import NOW, Rows
from tests.factories.spreadsheets import first_page

BOOKS = {"r01", "r02", "r03", "r07", "r09", "r14"}
HEAD = ("学号", "姓名", "补助金额")


@pytest.fixture(autouse=True)
def _registered() -> None:
    register_grants()


@pytest.fixture
def till(database: str) -> Till:
    made = Till(Rows())
    made.rows.new_person("S002", "李小红")
    made.rows.new_person("S003", "王小刚")
    Person.objects.filter(number__in=("S002", "S003")).update(department="一班")
    return made


def xlsx(*lines: tuple) -> bytes:
    book = openpyxl.Workbook()
    for line in (HEAD, *lines):
        first_page(book).append(line)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def terms(name: str = "十月补助", **changes: Any) -> GrantTerms:
    return GrantTerms(name, NOW, **changes)


def tried(till: Till, *lines: tuple, name: str = "十月补助") -> Any:
    return try_list(till.organisation, xlsx(*lines), terms(name), now=NOW, random=till.rows.random)


def kept(till: Till, trial: Any) -> BulkChange:
    return keep_trial(till.organisation, trial, now=NOW, random=till.rows.random, by="a")


def given(till: Till, trial: Any) -> BulkChange:
    change = kept(till, trial)
    confirm_grant(change, now=NOW, random=till.rows.random, by="b")
    while not work_off(till.organisation, change.id, now=NOW, random=till.rows.random):
        pass
    change.refresh_from_db()
    return change


def share_of(till: Till, number: str) -> int:
    person = Person.objects.get(number=number)
    share = share_id(person.id, Grant.objects.get().id)
    return balance(share_account(till.organisation, share, "subsidy"))


def broken() -> set[str]:
    """The rules of the books that broke; a test's till has no feed and no journals."""
    return {finding.rule for finding in run_audit(NOW).findings if finding.rule[:3] in BOOKS}


def refused(call: Any) -> str:
    with pytest.raises(Refused) as refusal:
        call()
    return refusal.value.code


def test_a_list_gives_each_their_own_sum_once(till: Till) -> None:
    trial = tried(till, ("S001", "张小明", 300), ("S002", "", "150.5"), ("S003", "", "￥20元"))
    assert (trial.tally["people"], trial.settings["total_amount"]) == (3, 47_050)
    assert not Grant.objects.exists()
    change = given(till, trial)
    assert change.outcome == {"granted": 3}
    assert [share_of(till, number) for number in ("S001", "S002", "S003")] == [
        30_000, 15_050, 2_000,
    ]  # fmt: skip
    BulkChange.objects.filter(id=change.id).update(state="confirmed", done_count=0)
    work_off(till.organisation, change.id, now=NOW, random=till.rows.random)
    assert Share.objects.count() == 3
    assert share_of(till, "S001") == 30_000
    assert broken() == set()


def test_each_mistake_of_a_list_is_named(till: Till) -> None:
    part_with_person(Person.objects.get(number="S003"), now=NOW)
    trial = tried(
        till, ("S001", "", "1.234"), ("S001", "", 1), ("S009", "", 1), ("S003", "", 1),
        ("S002", "王五", 1), ("", "", 1),
    )  # fmt: skip
    assert [(error.row, error.column, error.code) for error in trial.errors] == [
        (2, "amount", "amounts.malformed"), (3, "number", "lists.twice"),
        (4, "number", "people.number_unknown"), (5, "number", "people.left_already"),
        (6, "name", "people.other_name"), (7, "number", "lists.missing"),
    ]  # fmt: skip
    [error] = tried(till, ("S001", "", 5_001)).errors
    assert error.code == "subsidies.amount_out_of_range"
    change = kept(till, trial)
    assert refused(lambda: confirm_grant(change, now=NOW, random=till.rows.random, by="b")) == (
        "lists.has_errors"
    )
    assert not Grant.objects.exists()


def test_the_same_name_is_not_given_twice(till: Till) -> None:
    one, two = (kept(till, tried(till, ("S001", "", 1))) for _ in range(2))
    confirm_grant(one, now=NOW, random=till.rows.random, by="b")
    again = lambda: confirm_grant(two, now=NOW, random=till.rows.random, by="b")  # noqa: E731
    assert refused(again) == "subsidies.name_taken"
    two.refresh_from_db()
    assert two.state == "planned"
    assert refused(lambda: tried(till, ("S001", "", 1))) == "subsidies.name_taken"


def test_a_class_or_category_gets_the_same_sum(till: Till) -> None:
    organisation, random = till.organisation, till.rows.random
    trial = try_selection(organisation, [], ["一班"], 500, terms(), now=NOW, random=random)
    assert [item["number"] for item in trial.items] == ["S002", "S003"]
    assert given(till, trial).outcome == {"granted": 2}
    everybody = try_selection(
        organisation, ["student"], [], 500, terms("又"), now=NOW, random=random
    )
    assert len(everybody.items) == 3
    nobody: list[tuple[list[str], list[str]]] = [([], []), (["nobody"], [])]
    for categories, classes in nobody:
        assert refused(lambda: try_selection(
            organisation, categories, classes, 5, terms("x"), now=NOW, random=random,  # noqa: B023
        )) == "people.nobody"  # fmt: skip


def test_who_left_after_the_trial_gets_nothing(till: Till) -> None:
    trial = tried(till, ("S001", "", 1), ("S002", "", 1))
    part_with_person(Person.objects.get(number="S002"), now=NOW)
    assert given(till, trial).outcome == {"granted": 1, "skipped": 1}


def test_terms_that_cannot_be_are_refused(till: Till) -> None:
    def attempt(one: GrantTerms) -> str:
        return refused(lambda: try_list(
            till.organisation, xlsx(("S001", "", 1)), one, now=NOW, random=till.rows.random,
        ))  # fmt: skip

    assert attempt(terms(" ")) == "subsidies.name_missing"
    assert attempt(terms(expires_at=NOW - timedelta(days=1))) == "subsidies.expired"


def test_our_own_template_reads_back(till: Till) -> None:
    trial = try_list(
        till.organisation, subsidy_template(), terms(), now=NOW, random=till.rows.random
    )
    assert {error.code for error in trial.errors} == {"people.number_unknown"}


def test_a_statement_holds_every_movement_and_adds_up(till: Till) -> None:
    given(till, tried(till, ("S001", "", 10)))
    till.online(till.request(total=1_200))
    sale = till.request(total=700)
    till.online(sale)
    till.refund(sale, 700)
    statement = read_statement(till.organisation, till.person.id)
    assert {purse.kind: purse.balance for purse in statement.purses} == {
        "cash": 4_800, "subsidy": 0,
    }  # fmt: skip
    assert [purse.name for purse in statement.purses if purse.kind == "subsidy"] == ["十月补助"]
    for purse in statement.purses:
        lines = [line for line in statement.lines if line.purse == purse]
        assert sum(line.amount for line in lines) == purse.balance
    assert {line.cause_kind for line in statement.lines} == {
        "top_up", "share", "payment", "refund",
    }  # fmt: skip
    assert statement.is_whole
    assert not read_statement(till.organisation, till.person.id, limit=2).is_whole


def test_what_is_left_is_paid_out_by_two_people(till: Till) -> None:
    person = till.person
    assert refused(lambda: propose(till)) == "payouts.not_left"
    part_with_person(person, now=NOW)
    [owed] = list_owed(till.organisation)
    assert (owed.cash_amount, owed.debt_amount, owed.waiting) == (5_000, 0, None)
    pay_out = propose(till)
    assert refused(lambda: propose(till)) == "payouts.proposed_already"
    assert balance(cash_account(till.organisation, person.id)) == 5_000
    assert refused(lambda: confirm_pay_out(pay_out, now=NOW, by="a")) == "payouts.same_person"
    confirm_pay_out(pay_out, now=NOW, by="b")
    assert balance(cash_account(till.organisation, person.id)) == 0
    assert list_owed(till.organisation) == []
    assert refused(lambda: confirm_pay_out(pay_out, now=NOW, by="b")) == "payouts.decided_already"
    assert refused(lambda: propose(till)) == "payouts.nothing_left"
    assert broken() == set()


def test_a_balance_that_moved_after_the_proposal_moves_no_further(till: Till) -> None:
    part_with_person(till.person, now=NOW)
    pay_out = propose(till)
    till.put_money(till.person.id, 100)
    assert refused(lambda: confirm_pay_out(pay_out, now=NOW, by="b")) == "payouts.balance_changed"
    assert PayOut.objects.get().state == "proposed"
    drop_pay_out(pay_out, now=NOW, by="a")
    again = propose(till)
    confirm_pay_out(again, now=NOW, by="b")
    assert again.amount == 5_100


@pytest.mark.parametrize(
    "change",
    ["UPDATE wallets_payout SET amount = amount - 1",
     "UPDATE wallets_payout SET person = organisation",
     "UPDATE wallets_payout SET state = 'dropped'",
     "DELETE FROM wallets_payout"],
)  # fmt: skip
def test_the_audit_sees_a_pay_out_that_the_books_deny(till: Till, change: str) -> None:
    part_with_person(till.person, now=NOW)
    confirm_pay_out(propose(till), now=NOW, by="b")
    assert "r01_causes" not in run_audit(NOW).broken
    with connection.cursor() as cursor:
        cursor.execute(change)
    assert "r01_causes" in run_audit(NOW).broken


def test_the_audit_sees_a_pay_out_said_to_be_made_that_never_was(till: Till) -> None:
    part_with_person(till.person, now=NOW)
    propose(till)
    PayOut.objects.update(state="paid", decided_by="b", decided_at=NOW)
    assert "r01_causes" in run_audit(NOW).broken


def test_the_audit_sees_a_subsidy_that_went_elsewhere(till: Till) -> None:
    given(till, tried(till, ("S001", "张小明", 300)))
    assert broken() == set()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE wallets_share SET amount = amount + 1")
    assert "r09_subsidies_and_drawers" in run_audit(NOW).broken


def test_the_database_itself_wants_four_eyes(till: Till) -> None:
    part_with_person(till.person, now=NOW)
    propose(till)
    with pytest.raises(IntegrityError):
        PayOut.objects.update(state="paid", decided_by="a")


def propose(till: Till) -> PayOut:
    person = Person.objects.get(id=till.person.id)
    return propose_pay_out(person, now=NOW, random=till.rows.random, by="a", way="现金")

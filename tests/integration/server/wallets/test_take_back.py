"""What is left of a subsidy goes back to its budget: when it expired, or when it is cleared out."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from domain.errors import Refused
from server.audit.run_audit import run_audit
from server.people.bulk_change import keep_trial, work_off
from server.people.models import BulkChange, Person
from server.reports.subsidies import grants
from server.wallets.accounts import grant_budget, share_account, share_id
from server.wallets.clear_out import confirm_clear_out, register_clear_outs, try_clear_out
from server.wallets.grant_subsidy import grant_subsidy
from server.wallets.models import Grant
from server.wallets.read_statement import read_statement
from server.wallets.take_back import GRACE, people_with_rest, take_back_expired
from sync.messages import Outcome
from tests.factories.payments import Till, balance, run
from tests.factories.server_rows import Rows

BOOKS = {"r01", "r02", "r03", "r07", "r09", "r14"}
LIFE = timedelta(days=2)


@pytest.fixture
def till(database: str) -> Till:
    register_clear_outs()
    return Till(Rows())


def granted(till: Till, amount: int = 3_000, *people: Person, kind: str = "subsidy") -> Grant:
    grant = Grant.objects.create(
        id=till.rows.id(), organisation=till.organisation, name="十月补助", kind=kind,
        meal_value_amount=800 if kind == "meal" else 0, starts_at=till.now,
        expires_at=till.now + LIFE, created_at=till.now,
    )  # fmt: skip
    ids = [person.id for person in people or (till.person,)]
    for command in grant_subsidy(grant, ids, amount, at=till.now, business_on=till.now.date()):
        run(command)
    return grant


def left(till: Till, grant: Grant, person: Person | None = None) -> int:
    share = share_id((person or till.person).id, grant.id)
    return balance(share_account(till.organisation, share, grant.kind))


def budget(till: Till, grant: Grant) -> int:
    return balance(grant_budget(till.organisation, grant.id, grant.kind))


def broken(till: Till) -> set[str]:
    """The rules of the books that broke; a test's till has no feed and no journals."""
    return {one.rule for one in run_audit(till.now).findings if one.rule[:3] in BOOKS}


def statement_row(till: Till) -> dict[str, Any]:
    table = grants(till.organisation, date(2099, 1, 1), "en")
    (row,) = table.rows
    return dict(zip((column.key for column in table.columns), row, strict=True))


@pytest.mark.parametrize("kind", ["subsidy", "meal"])
def test_the_rest_of_an_expired_subsidy_goes_back_once(till: Till, kind: str) -> None:
    grant = granted(till, 30, kind=kind)
    till.now += LIFE + GRACE - timedelta(seconds=1)
    assert take_back_expired(till.organisation, till.now) == 0
    assert left(till, grant) == 30
    till.now += timedelta(seconds=1)
    assert take_back_expired(till.organisation, till.now) == 1
    assert (left(till, grant), budget(till, grant)) == (0, 0)
    assert take_back_expired(till.organisation, till.now) == 0
    assert broken(till) == set()


def test_a_meal_eaten_in_time_is_paid_from_it_though_its_record_comes_later(till: Till) -> None:
    granted(till)
    sale = till.request()
    till.now += LIFE + GRACE / 2
    assert take_back_expired(till.organisation, till.now) == 0
    till.accept(sale)
    assert till.net(sale) == {"grant_share/subsidy": -1_200, "merchant/payable": 1_200}
    till.now += GRACE
    assert take_back_expired(till.organisation, till.now) == 1
    told = statement_row(till)
    assert (told["granted"], told["spent"], told["ended"], told["left"]) == (3_000, 1_200, 1_800, 0)
    kinds = [line.cause_kind for line in read_statement(till.organisation, till.person.id).lines]
    assert kinds[0] == "expiry"
    assert broken(till) == set()


def test_what_a_refund_brings_back_later_is_taken_back_by_the_next_round(till: Till) -> None:
    grant = granted(till)
    sale = till.request()
    assert till.online(sale).outcome is Outcome.APPROVED
    till.now += LIFE + GRACE
    assert take_back_expired(till.organisation, till.now) == 1
    till.refund(sale, 500)
    assert left(till, grant) == 500
    assert take_back_expired(till.organisation, till.now) == 1
    assert (left(till, grant), budget(till, grant)) == (0, -700)
    assert broken(till) == set()


def cleared(till: Till, trial: Any, by: str = "boss") -> BulkChange:
    change = keep_trial(till.organisation, trial, now=till.now, random=till.rows.random, by="fin")
    confirm_clear_out(change, now=till.now, random=till.rows.random, by=by)
    while not work_off(till.organisation, change.id, now=till.now, random=till.rows.random):
        pass
    change.refresh_from_db()
    return change


def test_a_class_is_cleared_out_by_two_people_and_never_of_more_than_was_shown(till: Till) -> None:
    other = till.rows.new_person("S002", "李小红")
    Person.objects.filter(id=other.id).update(department="一班")
    grant = granted(till, 3_000, till.person, other)
    trial = try_clear_out(grant, departments=["一班"])
    assert [(item["number"], item["amount"]) for item in trial.items] == [("S002", 3_000)]
    with pytest.raises(Refused, match="own_request"):
        cleared(till, trial, by="fin")
    change = cleared(till, trial)
    assert change.outcome == {"cleared": 1}
    assert (left(till, grant), left(till, grant, other)) == (3_000, 0)
    BulkChange.objects.filter(id=change.id).update(state="confirmed", done_count=0)
    work_off(till.organisation, change.id, now=till.now, random=till.rows.random)
    assert budget(till, grant) == -3_000
    assert broken(till) == set()
    everybody = try_clear_out(grant)
    sale = till.request()
    assert till.online(sale).outcome is Outcome.APPROVED
    assert cleared(till, everybody).outcome == {"cleared": 1}
    till.refund(sale, 1_200)
    assert (left(till, grant), people_with_rest(grant)) == (1_200, [till.person.id])
    assert broken(till) == set()


def test_a_list_of_numbers_is_cleared_out_and_an_unknown_one_is_named(till: Till) -> None:
    listed = till.rows.new_person("S007", "周七")
    grant = granted(till, 3_000, till.person, listed)
    trial = try_clear_out(grant, numbers=["S007", "S007", "S999"])
    assert [(item["number"], item["amount"]) for item in trial.items] == [("S007", 3_000)]
    assert [(one.row, one.value, one.code) for one in trial.errors] == [
        (3, "S999", "people.number_unknown")
    ]
    with pytest.raises(Refused, match=r"lists\.has_errors"):
        cleared(till, trial)
    assert cleared(till, try_clear_out(grant, numbers=["S007"])).outcome == {"cleared": 1}
    assert (left(till, grant), left(till, grant, listed)) == (3_000, 0)
    assert broken(till) == set()


def test_nothing_left_is_said_at_once(till: Till) -> None:
    grant = granted(till)
    with pytest.raises(Refused, match="nothing_left"):
        try_clear_out(grant, categories=["teacher"])


def test_a_meal_eaten_before_a_subsidy_began_is_not_paid_from_it(till: Till) -> None:
    sale = till.request()
    till.now += timedelta(hours=1)
    granted(till)
    till.accept(sale)
    assert till.net(sale) == {"person/cash": -1_200, "merchant/payable": 1_200}

"""Wallets: spending order, top-ups that repay debt first, grants that nobody gets twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.authorization import SourceKind
from server.feed.models import Marker
from server.ledger.models import Account
from server.wallets.accounts import cash_account, debt_account, grant_budget, share_id
from server.wallets.feed_rows import render_accounts
from server.wallets.grant_subsidy import CHUNK, grant_subsidy
from server.wallets.models import Grant, Share, TopUp, Wallet
from server.wallets.open_wallets import open_wallets
from server.wallets.read_funding import read_funding
from server.wallets.top_up import top_up
from sync.messages import AccountRow, Outcome, decode
from tests.factories.payments import Till, balance, run
from tests.factories.server_rows import Rows


@pytest.fixture
def till(database: str) -> Till:
    return Till(Rows())


def a_grant(till: Till, **changes: Any) -> Grant:
    values: dict[str, Any] = {
        "id": till.rows.id(), "organisation": till.organisation, "name": "补助",
        "starts_at": till.now, "created_at": till.now, **changes,
    }  # fmt: skip
    return Grant.objects.create(**values)


def give(till: Till, grant: Grant, people: list[UUID], amount: int) -> list[int]:
    commands = grant_subsidy(grant, people, amount, at=till.now, business_on=till.now.date())
    return [run(command) for command in commands]


def funding(till: Till) -> list[str]:
    [purses] = read_funding(till.organisation, [till.person.id], till.now).values()
    return [purse.name or purse.kind.value for purse in purses]


def test_subsidies_are_spent_by_expiry_and_cash_last(till: Till) -> None:
    for name, days in (("never", None), ("soon", 1), ("later", 30), ("gone", -1)):
        expires_at = None if days is None else till.now + timedelta(days=days)
        give(till, a_grant(till, name=name, expires_at=expires_at), [till.person.id], 100)
    give(till, a_grant(till, name="future", starts_at=till.now + timedelta(days=1)),
         [till.person.id], 100)  # fmt: skip
    assert funding(till) == ["soon", "later", "never", "cash"]


def test_everybody_has_cash_if_only_nothing(till: Till) -> None:
    [purse] = read_funding(till.organisation, [till.rows.id()], till.now).popitem()[1]
    assert purse.kind is SourceKind.CASH


def test_a_restricted_subsidy_pays_only_where_and_when_it_may(till: Till) -> None:
    elsewhere = str(till.rows.new_merchant("elsewhere").id)
    give(till, a_grant(till, merchants=[elsewhere]), [till.person.id], 9_000)
    give(till, a_grant(till, meal_periods=["breakfast"]), [till.person.id], 9_000)
    give(till, a_grant(till, meal_periods=["lunch"], merchants=[str(till.rows.merchant.id)]),
         [till.person.id], 700)  # fmt: skip
    sale = till.request(total=1_000, meal_period="lunch")
    assert till.online(sale).outcome is Outcome.APPROVED
    assert till.net(sale) == {
        "grant_share/subsidy": -700, "person/cash": -300, "merchant/payable": 1_000,
    }  # fmt: skip


def test_a_grant_is_given_in_chunks_and_never_twice(till: Till) -> None:
    people = [till.rows.id() for _ in range(CHUNK + 2)]
    grant = a_grant(till)
    assert give(till, grant, people, 300) == [CHUNK, 2]
    assert sum(give(till, grant, [*people, till.person.id], 300)) == 1
    assert Share.objects.count() == CHUNK + 3
    budget = grant_budget(till.organisation, grant.id, "subsidy")
    assert balance(budget) == -300 * (CHUNK + 3)


def test_meals_are_counted_and_turned_into_money_at_their_value(till: Till) -> None:
    grant = a_grant(till, kind="meal", meal_value_amount=1_200)
    give(till, grant, [till.person.id], 2)
    sale = till.request(total=1_500)
    till.online(sale)
    assert till.net(sale) == {
        "grant_share/meal": -1, "organisation/meal_redeemed": 1,
        "organisation/meal_conversion": -1_200, "person/cash": -300, "merchant/payable": 1_500,
    }  # fmt: skip
    till.cancel(sale)
    assert till.net(sale) == {}


def test_a_top_up_repays_debt_first_and_is_booked_once(till: Till) -> None:
    till.accept(till.request(total=4_900))
    till.accept(till.request(total=600))
    debt = debt_account(till.organisation, till.person.id)
    assert balance(debt) == -500
    command = top_up(
        till.rows.id(), till.organisation, till.person.id, 2_000, source="bank", at=till.now,
        business_on=till.now.date(),
    )  # fmt: skip
    first, again = run(command), run(command)
    assert (first.repaid_amount, first.is_replay, again.is_replay) == (500, False, True)
    assert balance(debt) == 0
    assert balance(cash_account(till.organisation, till.person.id)) == 1_500
    assert TopUp.objects.get(id=command.id).repaid_amount == 500


def test_a_subsidy_never_repays_debt(till: Till) -> None:
    till.accept(till.request(total=4_900))
    till.accept(till.request(total=600))
    give(till, a_grant(till), [till.person.id], 2_000)
    assert balance(debt_account(till.organisation, till.person.id)) == -500


def test_a_top_up_of_nothing_is_a_mistake(till: Till) -> None:
    with pytest.raises(ValueError, match="adds money"):
        top_up(till.rows.id(), till.organisation, till.person.id, 0, source="bank", at=till.now,
               business_on=till.now.date())  # fmt: skip


def test_opening_wallets_again_opens_none(till: Till) -> None:
    people = [till.person.id, till.rows.id()]
    assert open_wallets(till.organisation, people, at=till.now) == 2
    assert open_wallets(till.organisation, people, at=till.now) == 0
    assert Wallet.objects.count() == 2


def test_a_posting_is_told_to_the_persons_sites_and_rendered(till: Till) -> None:
    grant = a_grant(till)
    give(till, grant, [till.person.id], 700)
    till.online(till.request(total=1_000))
    marked = Marker.objects.filter(kind="account").values_list("scope", "entity")
    share = share_id(till.person.id, grant.id)
    entities = sorted(str(row.id) for row in Account.objects.filter(
        owner_id__in=[till.person.id, share], version__gt=0
    ))  # fmt: skip
    assert sorted(marked) == [(f"site:{till.rows.site.id}", entity) for entity in entities]
    rendered = render_accounts(till.terminal, [*entities, str(till.rows.id())])
    rows = [decode(AccountRow, body) for body in rendered.values()]
    assert {(row.kind, row.person_id, row.balance, row.version) for row in rows} == {
        ("cash", till.person.id, 4_700, 2), ("subsidy", till.person.id, 0, 2),
    }  # fmt: skip

"""The one decision function, rule by rule."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.authorization import (
    AccountSnapshot,
    Approve,
    Assurance,
    Decline,
    FundingSource,
    Leg,
    Mode,
    NeedSecondFactor,
    NeedServer,
    PersonState,
    Policy,
    Request,
    Shortfall,
    SourceKind,
    Tender,
    debit_for,
    decide,
    draw,
    draw_fact,
)
from domain.funding import MandateLimits
from domain.offline_policy import Caps, OfflinePolicy, OfflineUsed

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
CANTEEN, SHOP = UUID(int=1), UUID(int=2)
SUBSIDY, CASH, MEALS, BANK = UUID(int=11), UUID(int=12), UUID(int=13), UUID(int=14)
POLICY = Policy(
    OfflinePolicy(
        version=1,
        caps={level: Caps(5_000, 10_000) for level in Assurance},
        terminal_count=100,
        terminal_amount=100_000,
        max_age_s=3_600,
    )
)


def a_source(source_id: UUID = CASH, available: int = 5_000, **fields) -> FundingSource:
    kinds = {
        SUBSIDY: SourceKind.SUBSIDY, CASH: SourceKind.CASH, MEALS: SourceKind.MEAL,
        BANK: SourceKind.MANDATE,
    }  # fmt: skip
    kind = kinds[source_id]
    return FundingSource(source_id, kind, available, **fields)


def a_person(*sources: FundingSource, **fields) -> AccountSnapshot:
    person = AccountSnapshot(
        UUID(int=9), PersonState.ACTIVE, "student", sources or (a_source(),), 0, 0
    )
    return replace(person, **fields)


def a_request(amount: int = 1_200, **fields) -> Request:
    request = Request(
        amount, Tender.WALLET, Assurance.CARD_UID, CANTEEN, NOW, Mode.ONLINE, "lunch", portions=1
    )
    return replace(request, **fields)


def test_purses_are_drawn_in_spending_order():
    person = a_person(a_source(SUBSIDY, 1_000), a_source(CASH, 5_000))
    assert decide(POLICY, person, a_request()) == Approve(
        (Leg(SUBSIDY, 1_000, 1_000), Leg(CASH, 200, 200))
    )


def test_a_purse_stops_at_its_floor_and_a_purse_below_it_gives_nothing():
    person = a_person(a_source(SUBSIDY, -50), a_source(CASH, 1_500, floor_amount=500))
    assert decide(POLICY, person, a_request(1_000)) == Approve((Leg(CASH, 1_000, 1_000),))
    assert decide(POLICY, person, a_request(1_001)) == Decline("wallets.insufficient")


def test_a_floor_below_nought_is_a_credit():
    person = a_person(a_source(CASH, 0, floor_amount=-2_000))
    assert decide(POLICY, person, a_request()) == Approve((Leg(CASH, 1_200, 1_200),))


@pytest.mark.parametrize(
    ("restriction", "may_pay"),
    [
        ({"merchant_ids": frozenset({CANTEEN})}, True),
        ({"merchant_ids": frozenset({SHOP})}, False),
        ({"meal_periods": frozenset({"lunch"})}, True),
        ({"meal_periods": frozenset({"dinner"})}, False),
        ({"expires_at": NOW + timedelta(seconds=1)}, True),
        ({"expires_at": NOW}, False),
    ],
)
def test_a_subsidy_pays_only_where_when_and_while_it_may(restriction, may_pay):
    person = a_person(a_source(SUBSIDY, 9_000, **restriction))
    is_approved = isinstance(decide(POLICY, person, a_request()), Approve)
    assert is_approved == may_pay


def test_a_subsidy_for_a_meal_does_not_pay_for_goods():
    person = a_person(a_source(SUBSIDY, meal_periods=frozenset({"lunch"})))
    goods = a_request(meal_period=None, portions=0)
    assert decide(POLICY, person, goods) == Decline("wallets.insufficient")


def test_a_purse_of_meals_pays_whole_meals_and_never_too_much():
    meals = a_source(MEALS, 3, unit="MEAL", meal_value_amount=1_000)
    person = a_person(meals, a_source(CASH))
    assert decide(POLICY, person, a_request(1_200)) == Approve(
        (Leg(MEALS, 1_000, 1), Leg(CASH, 200, 200))
    )
    assert decide(POLICY, person, a_request(900)) == Approve((Leg(CASH, 900, 900),))
    worthless = a_person(replace(meals, meal_value_amount=0), a_source(CASH))
    assert decide(POLICY, worthless, a_request(900)) == Approve((Leg(CASH, 900, 900),))


@pytest.mark.parametrize(
    ("shortfall", "debt", "limit", "decision"),
    [
        (Shortfall.DECLINE, 0, 10_000, Decline("wallets.insufficient")),
        (Shortfall.OVERDRAW, 0, 200, Approve((Leg(CASH, 1_000, 1_000),), 200)),
        (Shortfall.OVERDRAW, 1, 200, Decline("wallets.insufficient")),
        (Shortfall.ON_ACCOUNT, 9_999, 0, Approve((Leg(CASH, 1_000, 1_000),), 200)),
    ],
)
def test_what_is_missing_goes_by_the_category(shortfall, debt, limit, decision):
    person = a_person(
        a_source(CASH, 1_000), debt_amount=debt, debt_limit_amount=limit, shortfall=shortfall
    )
    assert decide(POLICY, person, a_request()) == decision


@pytest.mark.parametrize(
    ("state", "code"),
    [(PersonState.FROZEN, "people.frozen"), (PersonState.LEFT, "people.left")],
)
def test_who_may_not_pay_is_declined(state, code):
    assert decide(POLICY, a_person(state=state), a_request()) == Decline(code)


def test_the_meal_entitlement_counts_portions_of_this_payment_too():
    person = a_person(entitlement_used=1, entitlement_limit=2)
    assert isinstance(decide(POLICY, person, a_request()), Approve)
    assert decide(POLICY, person, a_request(portions=2)) == Decline("entitlements.used")
    goods = a_request(portions=0)
    assert isinstance(decide(POLICY, replace(person, entitlement_used=2), goods), Approve)


def test_limits_of_a_payment_and_a_day_decline():
    policy = replace(POLICY, payment_cap_amount=1_200, day_cap_amount=2_000)
    assert isinstance(decide(policy, a_person(), a_request()), Approve)
    assert decide(policy, a_person(), a_request(1_201)) == Decline("limits.per_payment")
    spent = a_person(spent_today_amount=801)
    assert decide(policy, spent, a_request()) == Decline("limits.per_day")


def test_a_typed_number_always_needs_a_second_factor():
    by_number = a_request(assurance=Assurance.NUMBER)
    assert decide(POLICY, a_person(), by_number) == NeedSecondFactor("limits.second_factor")
    done = replace(by_number, is_second_factor_done=True)
    assert isinstance(decide(POLICY, a_person(), done), Approve)


def test_a_weak_credential_asks_above_its_amount():
    policy = replace(POLICY, second_factor_above={Assurance.FACE_LIVE: 1_200})
    face = a_request(assurance=Assurance.FACE_LIVE)
    assert isinstance(decide(policy, a_person(), face), Approve)
    dearer = replace(face, amount=1_201)
    assert decide(policy, a_person(), dearer) == NeedSecondFactor("limits.second_factor")


@pytest.mark.parametrize(
    ("person", "request_", "code"),
    [
        (a_person(age_s=3_601), {}, "limits.snapshot_too_old"),
        (a_person(offline_used=OfflineUsed(terminal_count=100)), {}, "limits.offline_terminal"),
        (
            a_person(offline_used=OfflineUsed(terminal_amount=99_000)),
            {},
            "limits.offline_terminal",
        ),
        (a_person(), {"amount": 5_001}, "limits.offline_payment"),
        (a_person(offline_used=OfflineUsed(person_amount=9_000)), {}, "limits.offline_person"),
        (a_person(), {"credential_cap_amount": 1_199}, "limits.offline_credential"),
    ],
)
def test_offline_caps_and_age_need_the_server(person, request_, code):
    offline = replace(a_request(mode=Mode.OFFLINE), **request_)
    assert decide(POLICY, person, offline) == NeedServer(code)
    assert not isinstance(decide(POLICY, person, replace(offline, mode=Mode.ONLINE)), NeedServer)


def test_within_the_caps_offline_is_like_online():
    offline = a_request(mode=Mode.OFFLINE, credential_cap_amount=1_200)
    assert decide(POLICY, a_person(age_s=3_600), offline) == Approve((Leg(CASH, 1_200, 1_200),))


def test_other_tenders_need_no_account_but_a_channel_needs_the_network():
    frozen = a_person(state=PersonState.FROZEN)
    assert decide(POLICY, frozen, a_request(tender=Tender.CASH, mode=Mode.OFFLINE)) == Approve()
    assert decide(POLICY, frozen, a_request(tender=Tender.CHANNEL)) == Approve()
    offline = a_request(tender=Tender.CHANNEL, mode=Mode.OFFLINE)
    assert decide(POLICY, frozen, offline) == NeedServer("tenders.not_offline")


def test_a_fact_goes_to_the_floors_and_then_to_debt():
    person = a_person(a_source(SUBSIDY, 300), a_source(CASH, 500), state=PersonState.FROZEN)
    fact = draw_fact(person, 1_200, merchant_id=CANTEEN, meal_period="lunch", at=NOW)
    assert fact == Approve((Leg(SUBSIDY, 300, 300), Leg(CASH, 500, 500)), 400)


def test_drawing_says_what_is_missing():
    drawn = draw(a_person(), 6_000, merchant_id=CANTEEN, meal_period=None, at=NOW)
    assert (drawn.legs, drawn.missing_amount) == ((Leg(CASH, 5_000, 5_000),), 1_000)


@pytest.mark.parametrize("amount", [0, -1])
@pytest.mark.parametrize("tender", Tender)
def test_an_amount_is_above_nought(amount, tender):
    decision = decide(POLICY, a_person(), a_request(amount, tender=tender))
    assert decision == Decline("amounts.out_of_range")


def a_payer_with_a_mandate(cash: int = 200, **fields) -> AccountSnapshot:
    """Somebody whose bank takes up to ¥50 a payment, and owes up to ¥20 while it is away."""
    mandate = a_source(BANK, 5_000, claim_cap_amount=2_000)
    return a_person(a_source(CASH, cash), mandate, **fields)


def test_the_mandate_pays_all_that_the_purses_do_not():
    assert decide(POLICY, a_payer_with_a_mandate(), a_request()) == Approve(
        (Leg(CASH, 200, 200),), debit=Leg(BANK, 1_000, 1_000)
    )
    assert decide(POLICY, a_payer_with_a_mandate(cash=0), a_request()) == Approve(
        debit=Leg(BANK, 1_200, 1_200)
    )


def test_the_bank_is_not_asked_while_the_purses_reach():
    assert decide(POLICY, a_payer_with_a_mandate(cash=1_200), a_request()) == Approve(
        (Leg(CASH, 1_200, 1_200),)
    )


def test_a_mandate_pays_the_whole_rest_or_nothing():
    payer = a_payer_with_a_mandate(cash=0)
    assert decide(POLICY, payer, a_request(5_000)) == Approve(debit=Leg(BANK, 5_000, 5_000))
    assert decide(POLICY, payer, a_request(5_001)) == Decline("wallets.insufficient")


@pytest.mark.parametrize(
    ("shortfall", "limit", "is_debt_allowed"),
    [
        (Shortfall.DECLINE, 10_000, False),
        (Shortfall.OVERDRAW, 1_000, True),
        (Shortfall.OVERDRAW, 999, False),
        (Shortfall.ON_ACCOUNT, 0, True),
    ],
)
def test_the_bank_is_asked_before_anything_is_owed(shortfall, limit, is_debt_allowed):
    payer = a_payer_with_a_mandate(shortfall=shortfall, debt_limit_amount=limit)
    assert decide(POLICY, payer, a_request()) == Approve(
        (Leg(CASH, 200, 200),), 0, Leg(BANK, 1_000, 1_000), is_debt_allowed
    )


def test_offline_a_mandate_is_a_claim_up_to_its_cap_with_all_that_is_owed():
    offline = a_request(mode=Mode.OFFLINE)
    claim = Approve((Leg(CASH, 200, 200),), 1_000)
    assert decide(POLICY, a_payer_with_a_mandate(), offline) == claim
    assert decide(POLICY, a_payer_with_a_mandate(debt_amount=1_000), offline) == claim
    over = a_payer_with_a_mandate(debt_amount=1_001)
    assert decide(POLICY, over, offline) == NeedServer("limits.offline_claim")
    fed_anyway = replace(over, shortfall=Shortfall.ON_ACCOUNT)
    assert decide(POLICY, fed_anyway, offline) == claim


def test_offline_a_mandate_takes_no_more_in_one_payment_than_online():
    payer = a_person(a_source(CASH, 0), a_source(BANK, 1_000, claim_cap_amount=9_000))
    offline = a_request(1_001, mode=Mode.OFFLINE)
    assert decide(POLICY, payer, offline) == Decline("wallets.insufficient")


def test_a_fact_draws_no_mandate_but_says_what_it_would_pay():
    payer = a_payer_with_a_mandate()
    where: dict[str, Any] = {"merchant_id": CANTEEN, "meal_period": "lunch", "at": NOW}
    assert draw_fact(payer, 1_200, **where) == Approve((Leg(CASH, 200, 200),), 1_000)
    assert debit_for(payer, 1_000, **where) == Leg(BANK, 1_000, 1_000)
    assert debit_for(payer, 0, **where) is None
    assert debit_for(payer, 5_001, **where) is None
    elsewhere = a_person(a_source(BANK, 5_000, merchant_ids=frozenset({SHOP})))
    assert debit_for(elsewhere, 1_000, **where) is None


@pytest.mark.parametrize(("used", "room"), [(0, 3_000), (1_000, 3_000), (3_000, 2_000), (6_000, 0)])
def test_a_mandate_has_a_limit_a_payment_and_a_day(used, room):
    assert MandateLimits(3_000, 5_000, 2_000).room_amount(used) == room

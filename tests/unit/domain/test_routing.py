"""Which channel is chosen, by which criterion, and what a cashier is told when none is."""

from dataclasses import replace
from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from domain.errors import Refused
from domain.fees import RateCard
from domain.messages import is_known
from domain.routing import (
    Action,
    Book,
    Candidate,
    Contract,
    Hours,
    Moment,
    RouteAsked,
    RouteRule,
    choose,
)

ID = UUID(int=1)
ASKED = RouteAsked(ID, UUID(int=2), UUID(int=3), 10_000, "wechat")
DAY = date(2026, 11, 23)
NOON = Moment(datetime(2026, 11, 23, 12, 0), DAY, {})
A, B = (Candidate(name, frozenset({"wechat"})) for name in "ab")


def contract(channel, **terms):
    return Contract(ID, channel, **{"starts_on": DAY, **terms})


def rule(action, channels="a", priority=1, name="r", **conditions):
    return RouteRule(name, priority, Action(action), frozenset(channels), **conditions)


def chosen(*contracts, rules=(), candidates=(A, B), moment=NOON, asked=ASKED):
    route = choose(asked, candidates, Book(contracts, rules), moment)
    assert all(is_known(reason.code) for reason in route.reasons)
    assert route.as_data()["channel"] == route.channel
    return route.channel, route.reasons[0].code


def refusal(*contracts, **given):
    with pytest.raises(Refused) as caught:
        chosen(*contracts, **given)
    return caught.value.code


def test_all_else_equal_the_name_decides():
    assert chosen() == ("a", "routing.by_name")
    assert chosen(candidates=(B, A)) == ("a", "routing.by_name")


def test_cost_then_stability_then_cycle():
    dear, cheap = contract("a", cost=RateCard(2)), contract("b", cost=RateCard(1000))
    assert chosen(replace(dear, cost=RateCard(5000)), cheap) == ("b", "routing.cheapest")
    shaky = replace(A, success_rate=0.5)
    assert chosen(candidates=(shaky, B)) == ("b", "routing.steadiest")
    breath = replace(A, success_rate=0.99)
    assert chosen(candidates=(breath, B)) == ("a", "routing.by_name")
    assert chosen(contract("a", cycle_days=2), contract("b")) == ("b", "routing.soonest")


def test_a_cap_can_make_the_dearer_rate_the_cheaper_channel():
    capped = contract("b", cost=RateCard(6000, cap_amount=5))
    assert chosen(contract("a", cost=RateCard(1000)), capped) == ("b", "routing.cheapest")


@pytest.mark.parametrize(
    ("rules", "channel"),
    [
        ([rule("prefer", "b")], "b"),
        ([rule("forbid", "a")], "b"),
        ([rule("only", "b")], "b"),
        ([rule("prefer", "a", 1), rule("forbid", "a", 2)], "a"),
        ([rule("forbid", "a", 1), rule("prefer", "a", 2)], "b"),
        ([rule("prefer", "a"), rule("forbid", "a")], "b"),
        ([rule("prefer", "a"), rule("only", "b")], "b"),
        ([rule("prefer", "a", 2), rule("prefer", "b", 1)], "b"),
        ([rule("prefer", "gone")], "a"),
    ],
)
def test_rules_speak_by_priority_and_contradictions_end_on_the_safe_side(rules, channel):
    assert chosen(rules=rules)[0] == channel
    assert chosen(rules=rules[::-1])[0] == channel


def test_rules_that_leave_nothing_refuse():
    assert refusal(rules=[rule("only", "gone")]) == "channels.none"
    assert refusal(rules=[rule("only", "a"), rule("forbid", "a")]) == "channels.none"


@pytest.mark.parametrize(
    "conditions",
    [
        {"merchant_id": ID},
        {"store_id": ID},
        {"kinds": frozenset({"alipay"})},
        {"from_amount": 10_001},
        {"to_amount": 9_999},
        {"hours": Hours(time(13), time(14))},
        {"weekdays": frozenset({2})},
    ],
)
def test_a_rule_says_nothing_unless_each_condition_holds(conditions):
    assert chosen(rules=[rule("prefer", "b", **conditions)])[0] == "a"


def test_a_rule_whose_conditions_all_hold_speaks():
    holding = rule(
        "prefer", "b", merchant_id=ASKED.merchant_id, store_id=ASKED.store_id,
        kinds=frozenset({"wechat"}), from_amount=10_000, to_amount=10_000,
        hours=Hours(time(12), time(13)), weekdays=frozenset({1}),
    )  # fmt: skip
    assert chosen(rules=[holding]) == ("b", "routing.preferred")


@pytest.mark.parametrize(
    ("candidate", "terms", "code"),
    [
        ({"is_enabled": False}, {}, "channels.none"),
        ({"kinds": frozenset({"alipay"})}, {}, "channels.none"),
        ({"admits": False}, {}, "channels.breaker_open"),
        ({}, {"kinds": frozenset({"alipay"})}, "channels.none"),
        ({}, {"starts_on": date(2026, 11, 24)}, "channels.none"),
        ({}, {"starts_on": date(2026, 1, 1), "ends_on": date(2026, 11, 22)}, "channels.none"),
        ({}, {"most_amount": 9_999}, "routing.over_limit"),
        ({}, {"least_amount": 10_001}, "channels.none"),
        ({}, {"day_amount": 9_999}, "routing.over_limit"),
        ({}, {"hours": Hours(time(6), time(12))}, "routing.out_of_hours"),
    ],
)
def test_a_cashier_is_told_why_nothing_is_eligible(candidate, terms, code):
    assert refusal(contract("a", **terms), candidates=[replace(A, **candidate)]) == code


def test_the_excluded_ones_are_named_with_the_reason():
    book = Book((contract("a"), contract("b", most_amount=1)))
    route = choose(ASKED, (A, B), book, NOON)
    assert [(r.code, r.channel) for r in route.reasons] == [
        ("routing.only_one", "a"), ("routing.by_contract", "a"), ("routing.over_limit", "b"),
    ]  # fmt: skip
    assert route.fallbacks == ()


def test_a_contract_of_a_channel_that_is_gone_leaves_the_others():
    assert chosen(contract("renamed"), contract("b"))[0] == "b"
    assert refusal(contract("renamed")) == "channels.none"


def test_of_two_versions_the_newest_begun_counts():
    old = contract("a", starts_on=date(2026, 1, 1), card=RateCard(6000))
    new = contract("a", card=RateCard(3800))
    assert choose(ASKED, [A], Book((new, old)), NOON).fee_amount == 38
    eve = replace(NOON, business_on=date(2026, 11, 22))
    assert choose(ASKED, [A], Book((new, old)), eve).fee_amount == 60


def test_uncounted_days_admit_nothing_under_a_limit_per_day():
    limited = contract("a", day_amount=20_000)
    assert refusal(limited, moment=replace(NOON, taken=None)) == "channels.none"
    assert chosen(limited, moment=replace(NOON, taken={"a": 10_000}))[0] == "a"
    assert refusal(limited, moment=replace(NOON, taken={"a": 10_001})) == "routing.over_limit"


@pytest.mark.parametrize(
    ("opens", "closes", "at", "holds"),
    [
        ("06:00", "22:00", "06:00", True), ("06:00", "22:00", "22:00", False),
        ("22:00", "02:00", "23:59", True), ("22:00", "02:00", "01:59", True),
        ("22:00", "02:00", "02:00", False), ("22:00", "02:00", "12:00", False),
        ("00:00", "00:00", "12:00", True),
    ],
)  # fmt: skip
def test_hours_hold_over_midnight(opens, closes, at, holds):
    hours = Hours(time.fromisoformat(opens), time.fromisoformat(closes))
    assert hours.hold(time.fromisoformat(at)) is holds


def test_an_hour_shown_twice_is_served_twice():
    berlin = ZoneInfo("Europe/Berlin")
    hours = Hours(time(2), time(3))
    shown = [
        datetime.fromisoformat(f"2026-10-25T{hour}:30+00:00").astimezone(berlin)
        for hour in ("00", "01", "02")
    ]
    assert [hours.hold(local.time()) for local in shown] == [True, True, False]

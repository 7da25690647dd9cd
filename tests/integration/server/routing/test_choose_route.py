"""A route is chosen from stored contracts and rules, on both engines."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from domain.errors import Refused
from domain.fees import fee, read_card
from domain.messages import text
from server.merchants.models import ChannelContract
from server.routing.choose_route import Candidate, RouteAsked, choose_route, rate_snapshot
from server.routing.models import Rule
from tests.factories.server_rows import NOW, Rows

A = Candidate("a", frozenset({"wechat"}))
B = Candidate("b", frozenset({"wechat", "alipay"}))


def contract(rows: Rows, channel: str, **terms: Any) -> ChannelContract:
    given = {"starts_on": date(2026, 1, 1), **terms}
    return ChannelContract.objects.create(
        id=rows.id(),
        organisation=rows.organisation,
        merchant=rows.merchant,
        channel=channel,
        **given,
    )


def rule(rows: Rows, name: str, action: str, channels: list[str], **terms: Any) -> Rule:
    return Rule.objects.create(
        id=rows.id(),
        organisation=rows.organisation,
        name=name,
        action=action,
        channels=channels,
        **terms,
    )


def asked(rows: Rows, amount: int = 10_000, kind: str = "wechat") -> RouteAsked:
    return RouteAsked(rows.organisation.id, rows.merchant.id, rows.store.id, amount, kind)


def test_without_a_contract_every_channel_serves_at_rate_0_and_says_so(database: str) -> None:
    rows = Rows()
    route = choose_route(asked(rows), [B, A], NOW)
    assert (route.channel, route.fallbacks, route.fee_amount) == ("a", ("b",), 0)
    assert "routing.without_contract" in [reason.code for reason in route.reasons]


def test_the_cheapest_contract_wins_and_its_rate_is_kept_with_the_payment(database: str) -> None:
    rows = Rows()
    contract(rows, "a", card={"rate_ppm": 6000}, cost={"rate_ppm": 5000})
    contract(rows, "b", card={"rate_ppm": 3800}, cost={"rate_ppm": 2000})
    route = choose_route(asked(rows), [A, B], NOW)
    assert (route.channel, route.fallbacks) == ("b", ("a",))
    assert (route.fee_amount, route.cost_amount) == (38, 20)
    kept = rate_snapshot(route)
    assert fee(read_card(kept["card"]), 10_000) == kept["fee_amount"]
    said = [text(r.code, r.data, "en") for r in route.reasons]
    assert said == [
        "Cheapest: it costs ¥0.20, the next one ¥0.50.",
        "By contract, at a rate of 0.38 %.",
    ]


def test_a_rule_in_force_outranks_cost_and_one_out_of_force_says_nothing(database: str) -> None:
    rows = Rows()
    contract(rows, "a", cost={"rate_ppm": 5000})
    contract(rows, "b")
    wish = rule(rows, "行庆", "prefer", ["a"], merchant=rows.merchant, weekdays=[1])
    assert choose_route(asked(rows), [A, B], NOW).channel == "a"
    assert choose_route(asked(rows), [A, B], NOW + timedelta(days=1)).channel == "b"
    wish.is_enabled = False
    wish.save()
    assert choose_route(asked(rows), [A, B], NOW).channel == "b"


def test_a_new_version_counts_from_its_business_day_not_from_midnight(database: str) -> None:
    rows = Rows()
    contract(rows, "a", card={"rate_ppm": 6000})
    contract(rows, "a", card={"rate_ppm": 3800}, starts_on=date(2026, 11, 24))
    late = datetime.fromisoformat("2026-11-24T03:59+08:00")
    assert choose_route(asked(rows), [A], late).fee_amount == 60
    assert choose_route(asked(rows), [A], late + timedelta(minutes=1)).fee_amount == 38


def test_a_days_limit_needs_somebody_who_counts(database: str) -> None:
    rows = Rows()
    contract(rows, "a", day_amount=15_000)
    counted: list[date] = []

    def count(organisation: Any, merchant: Any, on: date) -> dict[str, int]:
        assert (organisation, merchant) == (rows.organisation.id, rows.merchant.id)
        counted.append(on)
        return {"a": 5_000}

    assert choose_route(asked(rows, 10_000), [A], NOW, count).channel == "a"
    with pytest.raises(Refused, match=r"routing\.over_limit"):
        choose_route(asked(rows, 10_001), [A], NOW, count)
    with pytest.raises(Refused, match=r"channels\.none"):
        choose_route(asked(rows, 1), [A], NOW)
    assert counted == [date(2026, 11, 23)] * 2


def test_contracts_and_rules_of_another_organisation_say_nothing(database: str) -> None:
    rows, other = Rows(), Rows(seed=2)
    contract(other, "b", cost={"rate_ppm": 1})
    rule(other, "x", "forbid", ["a"])
    assert choose_route(asked(rows), [A, B], NOW).channel == "a"
    strange = RouteAsked(rows.organisation.id, rows.merchant.id, other.store.id, 1, "wechat")
    with pytest.raises(Refused, match=r"channels\.none"):
        choose_route(strange, [A], NOW)


def test_the_reads_stay_few_however_many_contracts_there_are(sqlite_database: str) -> None:
    rows = Rows()
    for number in range(20):
        contract(rows, f"c{number}", starts_on=date(2026, 1, 1))
        rule(rows, f"r{number}", "prefer", ["a"])
    contract(rows, "a")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        choose_route(asked(rows), [A, B], NOW)
    assert len(queries) == 4


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("card", {"rate": 1}),
        ("cost", {"rate_ppm": 2_000_000}),
        ("card", []),
        ("kinds", "wechat"),
        ("opens", "25:00"),
        ("ends_on", date(2025, 1, 1)),
        ("most_amount", -1),
        ("day_amount", 0),
        ("cycle_days", 91),
    ],
)
def test_terms_that_make_no_sense_are_refused(sqlite_database: str, field: str, value: Any) -> None:
    rows = Rows()
    made = contract(rows, "a")
    made.full_clean()
    setattr(made, field, value)
    with pytest.raises(ValidationError):
        made.full_clean()


@pytest.mark.parametrize(
    ("field", "value"),
    [("channels", []), ("weekdays", [0]), ("weekdays", [True]), ("action", "x"), ("to_amount", -1)],
)
def test_rules_that_make_no_sense_are_refused(sqlite_database: str, field: str, value: Any) -> None:
    made = rule(Rows(), "r", "prefer", ["a"])
    made.full_clean()
    setattr(made, field, value)
    with pytest.raises(ValidationError):
        made.full_clean()


def test_the_database_itself_refuses_two_versions_of_one_start(database: str) -> None:
    rows = Rows()
    contract(rows, "a")
    with pytest.raises(IntegrityError), transaction.atomic():
        contract(rows, "a")

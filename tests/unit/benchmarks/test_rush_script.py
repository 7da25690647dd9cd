"""The rush's script and its judgement: every kind of wrong charge is found."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from benchmarks.rush_script import COUNTERS, PER_MINUTE, Due, Manner, Shown, draw, judge
from fanpiao.demo.books import Booked

ANNA, BEN = UUID(int=1), UUID(int=2)
DUES = {0: Due(ANNA, ("card",), 1200), 1: Due(BEN, ("face",), 1500)}
SHOWN = [Shown(0, "a", 1200), Shown(1, "b", 1500)]


def booked(payment_id: str, person: UUID, tender: str, amount: int) -> Booked:
    return Booked(payment_id, tender, "succeeded", "online", amount, 0, str(person))


BOOKS = {"a": booked("a", ANNA, "card", 1200), "b": booked("b", BEN, "face", 1500)}


def test_a_rush_that_charged_as_the_script_says_has_nothing_wrong() -> None:
    assert judge(DUES, SHOWN, BOOKS) == []


@pytest.mark.parametrize(
    "planted",
    [
        {"c": booked("c", ANNA, "face", 1500)},  # a passer-by
        {"b": replace(BOOKS["b"], person_id=str(ANNA))},  # the next in the queue
        {"b": replace(BOOKS["b"], total_amount=1501)},
        {"b": replace(BOOKS["b"], tender="card")},
        {"b": replace(BOOKS["b"], refunded_amount=1500, state="reversed")},
    ],
)
def test_a_wrong_charge_in_the_books_is_found(planted: dict[str, Booked]) -> None:
    assert judge(DUES, SHOWN, {**BOOKS, **planted})


def test_a_payment_that_is_shown_and_not_booked_is_found() -> None:
    assert judge(DUES, SHOWN, {"a": BOOKS["a"]})


@pytest.mark.parametrize(
    "planted", [Shown(0, "c", 1200), Shown(9, "c", 1500)], ids=["twice", "for nobody"]
)
def test_an_approval_too_many_is_found(planted: Shown) -> None:
    books = {**BOOKS, "c": booked("c", ANNA, "card", planted.amount)}
    assert judge(DUES, [*SHOWN, planted], books)


def test_an_amount_shown_that_is_not_owed_is_found() -> None:
    assert judge(DUES, [replace(SHOWN[0], amount=800), SHOWN[1]], BOOKS)


def test_a_diner_who_was_never_approved_is_found() -> None:
    assert judge(DUES, SHOWN[:1], {"a": BOOKS["a"]})


def test_the_script_is_the_same_for_a_seed_and_brings_forty_a_minute() -> None:
    script = draw(1, 10, 2)
    assert script == draw(1, 10, 2) != draw(2, 10, 2)
    assert len(script) == 10 * PER_MINUTE
    assert all(one.comes_at_s < 601 for one in script)


def test_the_script_has_every_way_to_pay_and_everything_odd() -> None:
    script = draw(2026, 10, 2)
    assert {one.tender for one in script} == {"card", "code", "face"}
    assert {one.manner for one in script} == set(Manner)
    assert {one.counter for one in script} == set(range(COUNTERS))
    assert all(one.counter == 0 for one in script if one.tender == "face")


def test_nobody_with_a_card_or_a_phone_comes_twice() -> None:
    plain = [one.person for one in draw(3, 10, 2) if one.tender != "face"]
    assert len(plain) == len(set(plain))

"""What a card keeps, what refunds give back, and which cards are refused."""

import pytest

from domain.fees import (
    FREE,
    MAX_TIERS,
    RateCard,
    RefundRule,
    Tier,
    card_data,
    fee,
    percent,
    read_card,
    refunded_fee,
    split_fee,
)
from domain.money import Rounding

STEPS = (Tier(10_000, 3000), Tier(100_000, 2000, 50))


@pytest.mark.parametrize(
    ("card", "amount", "kept"),
    [
        (FREE, 10_000, 0),
        (RateCard(3800), 10_000, 38),
        (RateCard(3800), 0, 0),
        (RateCard(5000), 100, 1),  # half a fen goes up
        (RateCard(5000, rounding=Rounding.HALF_EVEN), 100, 0),
        (RateCard(9900, rounding=Rounding.DOWN), 100, 0),
        (RateCard(100, rounding=Rounding.UP), 100, 1),
        (RateCard(6000, fixed_amount=30), 1000, 36),
        (RateCard(1000, minimum_amount=10), 1000, 10),
        (RateCard(6000, cap_amount=2000), 1_000_000, 2000),
        (RateCard(minimum_amount=10), 3, 3),  # never more than the payment
        (RateCard(6000, tiers=STEPS), 9_999, 60),
        (RateCard(6000, tiers=STEPS), 10_000, 30),
        (RateCard(6000, tiers=STEPS), 100_000, 250),
    ],
)
def test_a_card_keeps(card, amount, kept):
    assert fee(card, amount) == kept


def test_a_fee_of_a_negative_payment_is_a_mistake():
    with pytest.raises(ValueError, match="0 or more"):
        fee(FREE, -1)


@pytest.mark.parametrize(
    ("rule", "before", "refund", "back"),
    [
        (RefundRule.KEPT, 0, 10_000, 0),
        (RefundRule.SHARED, 0, 10_000, 38),
        (RefundRule.SHARED, 0, 5_000, 19),
        (RefundRule.SHARED, 0, 100, 0),
        (RefundRule.SHARED, 9_900, 100, 1),
        (RefundRule.WHEN_WHOLE, 0, 9_999, 0),
        (RefundRule.WHEN_WHOLE, 9_999, 1, 38),
    ],
)
def test_a_refund_gives_back_of_the_fee(rule, before, refund, back):
    assert refunded_fee(rule, 10_000, 38, before, refund) == back


def test_a_refund_of_nothing_gives_back_nothing():
    assert refunded_fee(RefundRule.SHARED, 0, 0, 0, 0) == 0


@pytest.mark.parametrize(("before", "refund"), [(0, 10_001), (-1, 2), (5, -1)])
def test_refunds_beyond_the_payment_are_a_mistake(before, refund):
    with pytest.raises(ValueError, match="at most the payment"):
        refunded_fee(RefundRule.SHARED, 10_000, 38, before, refund)


def test_a_split_fee_adds_up():
    assert split_fee(38, (1, 1, 1)) == (13, 13, 12)


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ([], "card"),
        ({"rate": 1}, "rate"),
        ({"rate_ppm": 1.5}, "rate_ppm"),
        ({"rate_ppm": True}, "rate_ppm"),
        ({"rate_ppm": 1_000_001}, "rate_ppm"),
        ({"fixed_amount": -1}, "fixed_amount"),
        ({"minimum_amount": -1}, "minimum_amount"),
        ({"cap_amount": -1}, "cap_amount"),
        ({"cap_amount": "1"}, "cap_amount"),
        ({"cap_amount": 1, "minimum_amount": 2}, "cap_amount"),
        ({"tiers": {}}, "tiers"),
        ({"tiers": [1]}, "tiers"),
        ({"tiers": [{"from": 1}]}, "from"),
        ({"tiers": [{"from_amount": 0}]}, "tiers"),
        ({"tiers": [{"from_amount": 2}, {"from_amount": 2}]}, "tiers"),
        ({"tiers": [{"from_amount": 2, "rate_ppm": -1}]}, "tiers"),
        ({"tiers": [{"from_amount": n + 1} for n in range(MAX_TIERS + 1)]}, "tiers"),
        ({"rounding": "off"}, "rounding"),
        ({"refund": ["kept"]}, "refund"),
    ],
)
def test_a_card_that_makes_no_sense_is_refused_by_the_name_of_its_field(data, field):
    with pytest.raises(ValueError, match=f"^{field}: "):
        read_card(data)


def test_a_card_comes_back_from_json_as_it_was():
    card = RateCard(6000, 1, 2, 3, STEPS, rounding=Rounding.UP, refund=RefundRule.WHEN_WHOLE)
    assert read_card(card_data(card)) == card
    assert read_card({}) == FREE


@pytest.mark.parametrize(("ppm", "written"), [(3800, "0.38 %"), (10_000, "1 %"), (1, "0.0001 %")])
def test_a_rate_is_written_as_percent(ppm, written):
    assert percent(ppm) == written

"""Reading, writing, rounding and dividing money."""

import pytest

from domain.errors import Refused
from domain.money import (
    CNY,
    MAX_AMOUNT,
    MEAL,
    Rounding,
    allocate,
    format_amount,
    parse_amount,
    plain_amount,
    scale,
)


@pytest.mark.parametrize(
    ("amount", "written"),
    [(1200, "¥12.00"), (0, "¥0.00"), (5, "¥0.05"), (-1, "-¥0.01"), (123456789, "¥1234567.89")],
)
def test_amounts_are_written_with_sign_and_two_digits(amount, written):
    assert format_amount(amount) == written


def test_meals_are_written_whole():
    assert format_amount(3, MEAL) == "餐×3"
    assert plain_amount(-3, MEAL) == "-3"
    assert plain_amount(1200, CNY) == "12.00"


@pytest.mark.parametrize(
    ("text", "amount"),
    [("12", 1200), ("12.5", 1250), ("¥12.50", 1250), (" ￥ 0.01 ", 1), ("007", 700)],
)
def test_amounts_are_read(text, amount):
    assert parse_amount(text) == amount


@pytest.mark.parametrize(
    "text",
    ["", "¥", "-1", "+1", "1.", ".5", "1.234", "1,000", "1e3", "１２", "12 元", "0" * 13, "nan"],
)
def test_what_is_not_an_amount_is_refused(text):
    with pytest.raises(Refused) as refused:
        parse_amount(text)
    assert refused.value.code == "amounts.malformed"


def test_amounts_end_at_the_largest():
    assert parse_amount(str(MAX_AMOUNT // 100)) == MAX_AMOUNT
    with pytest.raises(Refused, match=r"amounts\.malformed"):
        parse_amount(str(MAX_AMOUNT // 100 + 1))


def test_meals_have_no_fraction():
    assert parse_amount("3", MEAL) == 3
    with pytest.raises(Refused):
        parse_amount("3.0", MEAL)


def test_the_largest_remainder_gets_the_odd_fen():
    assert allocate(100, (1, 1, 1)) == (34, 33, 33)
    assert allocate(10, (3, 3, 3, 1)) == (3, 3, 3, 1)
    assert allocate(1, (1, 3)) == (0, 1)
    assert allocate(-100, (1, 1, 1)) == (-34, -33, -33)
    assert allocate(0, (0, 5)) == (0, 0)


@pytest.mark.parametrize("weights", [(), (0, 0), (1, -1, 5)])
def test_nothing_can_be_divided_by_bad_weights(weights):
    with pytest.raises(ValueError, match="weights"):
        allocate(100, weights)


@pytest.mark.parametrize(
    ("rounding", "results"),
    [
        (Rounding.HALF_UP, (1, 2, 2, 3)),
        (Rounding.HALF_EVEN, (0, 2, 2, 2)),
        (Rounding.DOWN, (0, 1, 2, 2)),
        (Rounding.UP, (1, 2, 2, 3)),
    ],
)
def test_halves_round_as_asked(rounding, results):
    assert tuple(scale(amount, 1, 2, rounding) for amount in (1, 3, 4, 5)) == results
    assert tuple(-scale(-amount, 1, 2, rounding) for amount in (1, 3, 4, 5)) == results


def test_less_than_a_half_is_dropped_and_more_is_carried():
    assert scale(100, 1, 3) == 33
    assert scale(200, 1, 3) == 67


def test_nothing_is_divided_by_nought():
    with pytest.raises(ValueError, match="denominator"):
        scale(1, 1, 0)

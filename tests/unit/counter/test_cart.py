"""The cart: a till's keypad, dishes, portions and scale labels, to the fen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Refused
from domain.pricing import BarcodeValue, ScaleBarcode
from sync.messages import ItemRow
from terminal_app.counter.cart import MAX_LINES, Cart, meal_line

NOODLES = ItemRow(item="10001", name_zh="牛肉面", name_en="Noodles", amount=1850)


def typed(cart: Cart, digits: str) -> Cart:
    for digit in digits:
        cart = cart.digit(digit)
    return cart


def test_digits_are_fen_and_plus_makes_a_line() -> None:
    cart = typed(Cart(), "850").plus()
    cart = typed(cart, "200")
    assert cart.total == 1050
    assert [line.amount for line in cart.finished()] == [850, 200]


def test_times_multiplies_what_is_typed_or_the_last_line() -> None:
    assert typed(Cart(), "300").times(2).total == 600
    assert Cart().dish(NOODLES).times(3).total == 5550


def test_the_same_dish_twice_is_one_line_of_two() -> None:
    (line,) = Cart().dish(NOODLES).dish(NOODLES).lines
    assert (line.quantity, line.amount) == (2, 3700)


def test_backspace_takes_a_digit_and_then_a_line() -> None:
    cart = typed(Cart().dish(NOODLES), "12").backspace()
    assert cart.typed == "1"
    assert cart.backspace().backspace().lines == ()


def test_a_weight_costs_by_the_kilogram_and_half_a_fen_rounds_up() -> None:
    assert Cart().weighed(NOODLES, 333).total == 616
    assert Cart().weighed(NOODLES, 1).total == 2


@pytest.mark.parametrize(
    ("value", "amount"),
    [
        (ScaleBarcode("10001", BarcodeValue.AMOUNT, 1234), 1234),
        (ScaleBarcode("10001", BarcodeValue.WEIGHT_G, 500), 925),
    ],
)
def test_a_scales_label_is_a_line(value: ScaleBarcode, amount: int) -> None:
    assert Cart().barcode(value, {"10001": NOODLES}).total == amount


def test_a_label_of_nothing_we_sell_is_refused() -> None:
    with pytest.raises(Refused, match=r"items\.unknown"):
        Cart().barcode(ScaleBarcode("99999", BarcodeValue.AMOUNT, 1), {})


def test_a_stuck_key_fills_neither_digits_nor_lines() -> None:
    assert len(typed(Cart(), "9" * 50).typed) == 8
    cart = Cart()
    for _ in range(300):
        cart = typed(cart, "1").plus()
    assert len(cart.lines) == MAX_LINES


def test_nonsense_changes_nothing() -> None:
    cart = typed(Cart(), "12")
    assert cart.digit("x") == cart
    assert cart.times(0).total == cart.total
    assert Cart().plus() == Cart()


@given(st.lists(st.sampled_from(["1", "5", "00", "+", "x2", "dish", "<"]), max_size=40))
def test_the_total_is_always_the_sum_of_its_lines(keys: list[str]) -> None:
    cart = Cart()
    for key in keys:
        match key:
            case "+":
                cart = cart.plus()
            case "x2":
                cart = cart.times(2)
            case "dish":
                cart = cart.dish(NOODLES)
            case "<":
                cart = cart.backspace()
            case _:
                cart = cart.digit(key)
        lines = cart.finished()
        assert cart.total == sum(line.amount for line in lines)
        assert all(line.amount == line.quantity * line.unit_amount > 0 for line in lines)


def test_a_meal_is_one_line_named_by_its_period() -> None:
    line = meal_line("lunch", 1200)
    assert (line.item, line.quantity, line.amount) == ("lunch", 1, 1200)

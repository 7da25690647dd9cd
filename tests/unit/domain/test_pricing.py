"""What a meal, a line or a scale's barcode costs."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from domain.errors import Refused
from domain.money import MAX_AMOUNT
from domain.pricing import (
    BarcodePattern,
    BarcodeValue,
    Entitlement,
    Line,
    MealPrice,
    MenuItem,
    Portion,
    ScaleBarcode,
    check_digit,
    line_of,
    portion_amount,
    portion_of,
    price_in_force,
    read_barcode,
    total_of,
)

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
BEFORE, LATER = NOON - timedelta(days=1), NOON + timedelta(hours=1)
RICE = MenuItem(UUID(int=1), "米饭", 100)
BEEF = MenuItem(UUID(int=2), "牛肉", 6999, is_weighed=True)


def price(amount: int, **fields) -> MealPrice:
    return MealPrice(amount, **{"effective_at": BEFORE, **fields})


def in_force(*prices: MealPrice, at: datetime = NOON) -> int:
    return price_in_force(prices, category="student", meal_period="lunch", at=at).first_amount


def test_the_more_exact_row_wins():
    rows = [
        price(1500),
        price(1400, meal_period="lunch"),
        price(1200, category="student"),
        price(1000, category="student", meal_period="lunch"),
    ]
    assert [in_force(*rows[:count]) for count in (1, 2, 3, 4)] == [1500, 1400, 1200, 1000]


def test_a_new_price_holds_from_its_instant():
    rows = (price(1000), price(1100, effective_at=LATER))
    assert in_force(*rows) == 1000
    assert in_force(*rows, at=LATER) == 1100


def test_the_order_of_rows_never_decides():
    twins = (price(1000), price(900), price(900, second_amount=100))
    for rows in (twins, twins[::-1]):
        found = price_in_force(rows, category="student", meal_period="lunch", at=NOON)
        assert (found.first_amount, found.second_amount) == (900, 100)


def test_without_a_price_nothing_is_sold():
    for rows in [(), (price(1, category="staff"),), (price(1, meal_period="dinner"),)]:
        with pytest.raises(Refused, match=r"prices\.none"):
            in_force(*rows)


def test_portions_go_first_second_none():
    two = Entitlement(2)
    assert [portion_of(two, used) for used in (0, 1, 2)] == [
        Portion.FIRST,
        Portion.SECOND,
        Portion.NONE,
    ]
    assert portion_of(Entitlement(), 99) is Portion.SECOND


def test_an_extra_portion_has_its_own_price_if_one_is_set():
    assert portion_amount(price(1200, second_amount=1800), Portion.SECOND) == 1800
    assert portion_amount(price(1200, second_amount=1800), Portion.FIRST) == 1200
    assert portion_amount(price(1200), Portion.SECOND) == 1200
    with pytest.raises(Refused, match=r"entitlements\.used"):
        portion_amount(price(1200), Portion.NONE)


def test_lines_count_pieces_and_weigh_grams():
    assert line_of(RICE, 2).amount == 200
    assert line_of(BEEF, 333) == Line("牛肉", 6999, 333, 2331, UUID(int=2), is_weighed=True)


@pytest.mark.parametrize("quantity", [0, -1])
def test_a_line_of_nothing_is_refused(quantity):
    with pytest.raises(Refused, match=r"lines\.bad_quantity"):
        line_of(RICE, quantity)


def test_a_total_is_the_sum_of_its_lines():
    assert total_of([line_of(RICE, 2), line_of(BEEF, 1000)]) == 7199
    with pytest.raises(Refused, match=r"lines\.none"):
        total_of([])


@pytest.mark.parametrize("amount", [0, -5, MAX_AMOUNT + 1])
def test_a_total_out_of_range_is_refused(amount):
    with pytest.raises(Refused, match=r"amounts\.out_of_range"):
        total_of([Line("x", amount, 1, amount)])


def test_the_check_digit_is_gs1s():
    assert check_digit("629104150021") == 3  # the example of the GS1 check digit page


def with_check(digits: str) -> str:
    return digits + str(check_digit(digits))


def test_scale_barcodes_tell_item_and_value():
    assert read_barcode(with_check("201234501250")) == ScaleBarcode(
        "12345", BarcodeValue.AMOUNT, 1250
    )
    assert read_barcode(with_check("211234500455")) == ScaleBarcode(
        "12345", BarcodeValue.WEIGHT_G, 455
    )


def test_the_table_of_patterns_is_data():
    pattern = BarcodePattern("622", 4, 5, BarcodeValue.WEIGHT_G, has_check_digit=False)
    assert read_barcode("622123400500", [pattern]) == ScaleBarcode(
        "1234", BarcodeValue.WEIGHT_G, 500
    )
    in_tens = BarcodePattern("9", 1, 2, BarcodeValue.WEIGHT_G, False, value_step=10)
    assert read_barcode("9107", [in_tens]) == ScaleBarcode("1", BarcodeValue.WEIGHT_G, 70)


@pytest.mark.parametrize(
    "text",
    [
        "2012345012507",  # wrong check digit
        with_check("221234501250"),  # no such prefix
        "20123450125",
        "",
        "20123450125a1",
        with_check("201234500000"),  # worth nothing
        "２" + "0" * 12,
    ],
)
def test_other_barcodes_are_not_the_scales(text):
    assert read_barcode(text) is None

"""The line of money: a difference is explained by a row that waits, or it is real."""

from pathlib import Path

from fanpiao.demo.window.backstage import money_line
from fanpiao.demo.window.money import Journal, Money, compare, read_journal

ONE, TWO = "01", "02"


def a_journal(charged: dict[str, int], waiting: tuple[str, ...] = ()) -> Journal:
    return Journal(charged, frozenset(waiting), frozenset(), len(waiting))


def standing(money: Money, *, is_off: bool = False) -> str:
    return money_line(money, is_off=is_off).standing


def test_the_same_payments_on_both_sides_agree() -> None:
    money = compare(a_journal({ONE: 1500, TWO: 1200}), {ONE: 1500, TWO: 1200})
    assert (money.counter_amount, money.books_amount) == (2700, 2700)
    assert standing(money) == "agree"


def test_a_sale_that_waits_explains_what_the_books_lack() -> None:
    money = compare(a_journal({ONE: 1500, TWO: 1200}, (TWO,)), {ONE: 1500})
    assert money.unexplained == ()
    assert standing(money) == "waiting"


def test_a_sale_the_books_lack_without_a_row_that_waits_is_a_real_difference() -> None:
    money = compare(a_journal({ONE: 1500, TWO: 1200}, (ONE,)), {ONE: 1500})
    assert money.unexplained == (TWO,)
    assert standing(money) == "differ"


def test_a_payment_that_only_the_books_know_is_a_real_difference() -> None:
    money = compare(a_journal({}), {ONE: 1500})
    assert standing(money) == "differ"


def test_equal_sums_of_different_payments_do_not_agree() -> None:
    money = compare(a_journal({ONE: 1500}), {TWO: 1500})
    assert money.counter_amount == money.books_amount
    assert standing(money) == "differ"


def test_a_counter_that_never_ran_says_nothing(tmp_path: Path) -> None:
    assert read_journal(tmp_path / "counter.sqlite3").charged == {}

"""The number of a sale: short enough to type, and it leads back to the sale's id."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Refused
from domain.ids import new_id
from domain.sale_numbers import (
    EPOCH_MS,
    bare_number,
    ids_of_number,
    is_number_of,
    sale_number,
)

MOMENTS = st.integers(EPOCH_MS, EPOCH_MS + 10**12 - 1)


@given(MOMENTS, st.binary(min_size=10, max_size=10))
def test_a_number_leads_back_to_its_id(now_ms: int, noise: bytes) -> None:
    made = new_id(now_ms, lambda _: noise)
    number = bare_number(sale_number(made))
    first, last = ids_of_number(number)
    assert len(number) == 14
    assert first <= made <= last
    assert is_number_of(number, made)


def test_a_neighbour_within_the_same_millisecond_has_another_number() -> None:
    ids = [UUID(int=(EPOCH_MS + 5 << 80 | 7 << 76) + n) for n in range(97)]
    assert len({sale_number(one) for one in ids}) == 97


def test_one_wrong_digit_is_another_sales_number_or_nobodys() -> None:
    made = new_id(EPOCH_MS + 123_456_789_012, lambda n: bytes(range(n)))
    right = bare_number(sale_number(made))
    for place in range(14):
        wrong = right[:place] + str((int(right[place]) + 1) % 10) + right[place + 1 :]
        assert not is_number_of(wrong, made)


def test_an_id_that_keeps_no_such_time_has_no_number() -> None:
    assert sale_number(UUID(int=1)) == ""


@pytest.mark.parametrize(
    "text", ["", "123", "12345678901234x", "g" * 32, "１２３４５６７８９０１２３４"]
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(Refused, match=r"sales\.not_a_number"):
        bare_number(text)


def test_the_receipts_code_is_a_number_too() -> None:
    assert bare_number("0" * 31 + "A") == "0" * 31 + "a"

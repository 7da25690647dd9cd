"""Yuan and fen: exact both ways, and nothing guessed at."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.channels.providers.alipay.money import fen, yuan
from server.sandbox.alipay import words


@given(st.integers(-(10**13), 10**13))
def test_every_amount_survives_the_way_there_and_back(amount: int) -> None:
    assert fen(yuan(amount)) == amount


@given(st.integers(1, 10**10))
def test_both_sides_write_the_same(amount: int) -> None:
    assert yuan(amount) == words.yuan(amount)
    assert words.fen(yuan(amount)) == amount


@pytest.mark.parametrize(
    ("text", "amount"),
    [("0.01", 1), ("12", 1200), ("12.5", 1250), (" 88.88\t", 8888), ("-0.05", -5), ("+1.00", 100)],
)
def test_all_ways_of_writing_are_read(text: str, amount: int) -> None:
    assert fen(text) == amount


@pytest.mark.parametrize(
    "text", ["", ".", "1.", ".5", "1.005", "1e3", "1,000.00", "--1", "¥1", "١٢", "NaN", "0x10"]
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="amount"):
        fen(text)

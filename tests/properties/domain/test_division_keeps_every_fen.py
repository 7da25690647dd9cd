"""Dividing, rounding, writing and reading money keeps every fen."""

from hypothesis import given
from hypothesis import strategies as st

from domain.money import MAX_AMOUNT, Rounding, allocate, format_amount, parse_amount, scale

amounts = st.integers(-(10**15), 10**15)
weights = st.lists(st.integers(0, 10**9), min_size=1, max_size=20).filter(any)


@given(amounts, weights)
def test_parts_add_up_to_the_whole(total, parts):
    assert sum(allocate(total, parts)) == total


@given(amounts, weights)
def test_each_part_is_within_one_fen_of_its_exact_share(total, parts):
    for share, weight in zip(allocate(total, parts), parts, strict=True):
        assert abs(share * sum(parts) - total * weight) < sum(parts)
        assert weight or share == 0


@given(amounts, weights, st.integers(1, 1000))
def test_weights_count_only_by_proportion(total, parts, factor):
    assert allocate(total, parts) == allocate(total, [part * factor for part in parts])


@given(amounts, st.integers(0, 10**6), st.integers(1, 10**6), st.sampled_from(Rounding))
def test_rounding_is_within_one_fen_and_the_same_for_a_refund(amount, over, under, rounding):
    scaled = scale(amount, over, under, rounding)
    assert abs(scaled * under - amount * over) < under
    assert scale(-amount, over, under, rounding) == -scaled


@given(st.integers(0, MAX_AMOUNT))
def test_what_is_written_is_read(amount):
    assert parse_amount(format_amount(amount)) == amount

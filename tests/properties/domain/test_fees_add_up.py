"""Fees stay within their card, and refunds give back the same however they are cut up."""

from hypothesis import given
from hypothesis import strategies as st

from domain.fees import (
    PPM,
    RateCard,
    RefundRule,
    Tier,
    card_data,
    fee,
    read_card,
    refunded_fee,
    split_fee,
)
from domain.money import Rounding

amounts = st.integers(0, 10**7)
rates = st.integers(0, PPM)


@st.composite
def cards(draw):
    minimum = draw(st.integers(0, 500))
    starts = sorted(draw(st.sets(st.integers(1, 10**6), max_size=4)))
    return RateCard(
        rate_ppm=draw(rates),
        fixed_amount=draw(st.integers(0, 500)),
        minimum_amount=minimum,
        cap_amount=draw(st.none() | st.integers(minimum, 10**5)),
        tiers=tuple(Tier(start, draw(rates), draw(st.integers(0, 500))) for start in starts),
        rounding=draw(st.sampled_from(Rounding)),
        refund=draw(st.sampled_from(RefundRule)),
    )


@given(cards(), amounts)
def test_a_fee_keeps_to_its_card_and_never_passes_the_payment(card, amount):
    kept = fee(card, amount)
    assert min(card.minimum_amount, amount) <= kept <= amount
    assert card.cap_amount is None or kept <= card.cap_amount
    assert read_card(card_data(card)) == card


@given(rates, st.sampled_from(Rounding), amounts)
def test_a_rate_alone_is_exact_to_less_than_a_fen(rate_ppm, rounding, amount):
    kept = fee(RateCard(rate_ppm, rounding=rounding), amount)
    assert abs(kept * PPM - amount * rate_ppm) < PPM


@given(cards(), st.lists(st.integers(0, 10**5), min_size=1, max_size=8))
def test_refunds_give_back_the_same_however_they_are_cut_up(card, parts):
    amount = sum(parts)
    kept, before, back = fee(card, amount), 0, 0
    for part in parts:
        given_back = refunded_fee(card.refund, amount, kept, before, part)
        assert given_back >= 0
        back, before = back + given_back, before + part
    whole = kept if card.refund is not RefundRule.KEPT else 0
    assert back == (whole if amount else 0)


@given(st.integers(0, 10**6), st.lists(st.integers(1, 1000), min_size=1, max_size=6))
def test_a_split_fee_adds_up_to_the_fen(fee_amount, weights):
    assert sum(split_fee(fee_amount, weights)) == fee_amount

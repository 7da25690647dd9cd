"""Card numbers as people write them."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.cards.uid import LENGTHS, format_uid, is_random, parse_uid


@pytest.mark.parametrize("text", ["04a1b2c3", "04 A1 B2 C3", "04:a1:b2:c3", " 04-A1-B2-C3\n"])
def test_one_card_written_in_any_way_is_one_card(text):
    assert format_uid(parse_uid(text)) == "04A1B2C3"


@pytest.mark.parametrize(
    "text", ["", "04a1b2c", "04a1b2", "04a1b2c3d4", "hello123", "04a1b2c3" * 3]
)
def test_what_is_no_card_number_is_refused(text):
    with pytest.raises(ValueError, match="card number"):
        parse_uid(text)


def test_a_number_made_anew_at_every_tap_is_told():
    assert is_random(bytes.fromhex("08A1B2C3"))
    assert not is_random(bytes.fromhex("04A1B2C3"))
    assert not is_random(bytes.fromhex("08A1B2C3D4E5F6"))


@given(st.sampled_from(LENGTHS).flatmap(lambda size: st.binary(min_size=size, max_size=size)))
def test_writing_and_reading_give_the_same_card(uid):
    assert parse_uid(format_uid(uid)) == uid


@given(st.text(max_size=40))
def test_any_text_is_a_card_or_refused(text):
    with contextlib.suppress(ValueError):
        assert len(parse_uid(text)) in LENGTHS

"""Card numbers: one card written in every way, and which ways a list can be meant in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.card_numbers import (
    FORMATS,
    is_random,
    matching_formats,
    possible_formats,
    read_number,
)

UID = bytes.fromhex("04A1B2C3")


@pytest.mark.parametrize("one", FORMATS, ids=lambda one: one.code)
def test_every_format_reads_its_own_example_as_the_same_card(one) -> None:
    uid = one.read(one.example)
    assert uid is not None
    assert uid == UID or uid == UID[1:]
    assert one.code in matching_formats(one.example, UID)


@pytest.mark.parametrize(
    ("text", "code", "uid"),
    [
        ("04 a1:b2-c3", "hex", "04a1b2c3"),
        ("0xC3B2A104", "hex_reversed", "04a1b2c3"),
        ("04112233445566", "hex", "04112233445566"),
        ("77705923", "decimal", "04a1b2c3"),
        ("4294967295", "decimal", "ffffffff"),
        ("00112233445566778899AABBCCDDEEFF", "hex", "00112233445566778899AABBCCDDEEFF"),
        ("161,45763", "wiegand", "a1b2c3"),
        ("16145763", "wiegand", "a1b2c3"),
    ],
)
def test_numbers_are_read_as_people_write_them(text: str, code: str, uid: str) -> None:
    assert read_number(text, code) == bytes.fromhex(uid)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("4294967296", "decimal"), ("12345678901", "decimal"), ("1234567A", "decimal"),
        ("00112233445566778899AABBCCDDEEFF", "hex_reversed"), ("00" * 15, "hex"),
        ("04A1B2", "hex"), ("04A1B2C3D5", "hex"), ("G4A1B2C3", "hex"), ("", "hex"),
        ("256,00001", "wiegand"), ("001,65536", "wiegand"), ("1,2", "wiegand"),
    ],
)  # fmt: skip
def test_what_is_not_written_so_is_not_read(text: str, code: str) -> None:
    assert read_number(text, code) is None


def test_a_list_is_told_apart_when_only_one_way_makes_sense() -> None:
    assert possible_formats(["161,45763", "161,45764"]) == ("wiegand",)
    assert possible_formats(["04112233445566", "04AABBCCDDEEFF"]) == ("hex",)
    assert possible_formats(["66554433221104", "FFEEDDCCBBAA04"]) == ("hex_reversed",)


def test_a_list_that_may_be_meant_in_several_ways_is_a_question() -> None:
    assert possible_formats(["04A1B2C3", "04A1B2C4"]) == ("hex", "hex_reversed")
    assert possible_formats(["0077705923"]) == ("decimal", "decimal_reversed")
    assert possible_formats(["12345678"]) == ("hex", "hex_reversed", "wiegand")
    assert possible_formats(["04A1B2C3", "nonsense"]) == ()
    assert possible_formats([]) == ()


def test_a_tap_answers_the_question() -> None:
    assert matching_formats("C3B2A104", UID) == ("hex_reversed",)
    assert matching_formats("0077705923", UID) == ("decimal",)


def test_a_number_that_is_new_at_each_tap_is_known_by_its_first_byte() -> None:
    assert is_random(bytes.fromhex("08112233"))
    assert not is_random(bytes.fromhex("08112233445566"))
    assert not is_random(UID)


@given(st.binary(min_size=4, max_size=4))
def test_whatever_the_card_both_orders_in_both_notations_name_it(uid: bytes) -> None:
    number = int.from_bytes(uid, "big")
    assert read_number(uid.hex(), "hex") == uid
    assert read_number(uid[::-1].hex(), "hex_reversed") == uid
    assert read_number(f"{number:010d}", "decimal") == uid
    assert read_number(f"{int.from_bytes(uid, 'little'):010d}", "decimal_reversed") == uid


@given(st.text(max_size=60))
def test_no_text_breaks_a_format(text: str) -> None:
    for one in FORMATS:
        uid = read_number(text, one.code)
        assert uid is None or len(uid) in (3, 4, 7, 10)

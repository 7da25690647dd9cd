"""Merchant-presented codes: published checksums and codes, what we build, and what is refused."""

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.emvco import (
    LocalLanguage,
    Malformed,
    MerchantCode,
    build,
    crc,
    objects,
    objects_in_bytes,
    parse,
    template,
)

# The sample code of EMVCo's Merchant-Presented Mode specification, v1.1, annex
PUBLISHED = (
    "00020101021229300012D156000000000510A93FO3230Q31280012D15600000001030812345678520441115802CN"
    "5914BEST TRANSPORT6007BEIJING64200002ZH0104最佳运输0202北京540523.7253031565502016233"
    "030412340603***0708A60086670902ME91320016A0112233449988770708123456786304A13A"
)
OURS = MerchantCode(
    accounts={"26": template({"00": "cn.example.bank", "01": "M1"})},
    name="CANTEEN",
    city="BEIJING",
    amount=1234,
    category="5812",
    additional={"05": "A1"},
    local=LocalLanguage("ZH", "食堂", "北京"),
)


def sealed(text: str) -> str:
    return f"{text}6304{crc(f'{text}6304'.encode()):04X}"


def test_the_checksum_is_the_published_one():
    assert crc(b"123456789") == 0x29B1
    assert crc(b"") == 0xFFFF


def in_bytes(text: str) -> str:
    return text.replace("64200002ZH0104", "64320002ZH0112").replace("0202北京", "0206北京")


@pytest.mark.parametrize("text", [PUBLISHED, sealed(in_bytes(PUBLISHED)[:-8])])
def test_the_published_code_is_read_with_lengths_in_characters_and_in_bytes(text: str):
    read = parse(text)
    assert read.name == "BEST TRANSPORT"
    assert read.local == LocalLanguage("ZH", "最佳运输", "北京")
    assert read.amount == 2372
    assert read.is_dynamic
    assert objects(read.accounts["29"])["00"] == "D156" + "0" * 8
    assert read.additional["07"] == "A6008667"
    assert read.others == {"55": "01", "91": "0016A011223344998877070812345678"}


def test_what_is_built_is_read_again():
    assert parse(build(OURS)) == OURS
    static = replace(OURS, amount=None, is_dynamic=False, local=None, additional={})
    text = build(static)
    assert text.startswith("000201010211")
    assert parse(text) == static
    more = replace(OURS, postal_code="100000", others={"80": "0003abc"})
    assert parse(build(more)) == more


def test_chinese_names_are_counted_in_characters_and_read_in_bytes():
    text = build(replace(OURS, name="食堂", local=None))
    assert "5902食堂" in text
    assert parse(sealed(text[:-8].replace("5902", "5906"))).name == "食堂"


def test_a_code_without_the_way_it_was_made_counts_as_printed():
    text = build(replace(OURS, is_dynamic=False))[:-8].replace("010211", "", 1)
    assert not parse(sealed(text)).is_dynamic


BODY = build(OURS)[:-8]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "CRC"),
        (BODY, "CRC"),
        (BODY + "63040000", "CRC is wrong"),
        (sealed("01" + BODY[2:]), "comes twice"),
        (sealed("000202" + BODY[6:]), "format 01"),
        (sealed("010212" + "000201" + BODY[12:]), "format 01"),
        (sealed(BODY + "5802CN"), "comes twice"),
        (sealed(BODY.removesuffix("A1") + "A1" + "8x"), "no id and length"),
        (sealed(BODY + "80xx"), "no id and length"),
        (sealed(BODY + "8000"), "is empty"),
        (sealed(BODY + "8099a"), "cut off"),
        (sealed(BODY.replace("5204", "8104")), "52 is missing"),
        (sealed(BODY.replace("2625", "8125")), "nobody"),
        (sealed(BODY.replace("010212", "010213")), "neither 11 nor 12"),
        (sealed(BODY.replace("540512.34", "540512,34")), "no amount"),
        (sealed(BODY.replace("0002ZH", "0302ZH")), "language and a name"),
        (sealed(BODY.replace("5907CANTEEN", "5926" + "C" * 26)), "more than 25"),
        (sealed(BODY.replace("0102食堂", "0104食堂")), "no id"),
        (sealed(BODY + "8008"), "63 is not the last"),
        (sealed(BODY.replace("0102食堂", "0104食堂").replace("6418", "6419")), "cut off"),
        (sealed("5901C" + BODY + "6304A13A"), "comes twice|format 01"),
        (sealed(BODY.replace("5907CANTEEN", "5907CANTEEN63016")), "comes twice"),
        (sealed(BODY.replace("0202北京", "0201北京")), "no id"),
        (sealed(BODY + "".join(f"{id}99" + "x" * 99 for id in range(80, 85))), "more than 512"),
    ],
)
def test_what_is_damaged_is_refused_and_says_where(text: str, why: str):
    with pytest.raises(Malformed, match=why):
        parse(text)


def test_bytes_are_not_cut_inside_a_character():
    with pytest.raises(Malformed, match="no id"):
        objects_in_bytes("5905食堂8")


@pytest.mark.parametrize(
    "code",
    [
        replace(OURS, amount=0),
        replace(OURS, name="C" * 26),
        replace(OURS, accounts={}),
        replace(OURS, accounts={"2": "x"}),
        replace(OURS, accounts={"26": "x" * 100}),
        replace(OURS, additional={"05": ""}),
    ],
)
def test_what_cannot_be_read_is_not_built(code: MerchantCode):
    with pytest.raises(Malformed):
        build(code)


@pytest.mark.parametrize(("text", "amount"), [("1", 100), ("1.", 100), ("1.5", 150), ("0.01", 1)])
def test_amounts_may_be_written_shorter(text: str, amount: int):
    short = BODY.replace("540512.34", f"54{len(text):02d}{text}")
    assert parse(sealed(short)).amount == amount


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str):
    with suppress(Malformed):
        assert isinstance(parse(sealed(text)), MerchantCode)
    with suppress(Malformed):
        assert isinstance(parse(text), MerchantCode)


@given(st.integers(1, 10**12 - 1), st.text("abc食堂", min_size=1, max_size=20))
def test_every_amount_and_name_comes_back(amount: int, name: str):
    code = replace(OURS, amount=amount, name=name)
    assert parse(build(code)) == code


@given(st.integers(0, len(BODY) - 1), st.characters(min_codepoint=48, max_codepoint=90))
def test_one_changed_character_is_noticed(at: int, character: str):
    whole = build(OURS)
    changed = whole[:at] + character + whole[at + 1 :]
    if changed != whole:
        with pytest.raises(Malformed):
            parse(changed)

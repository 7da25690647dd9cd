"""Clearing files are read by their layout, whole, or refused at the first line that is no good."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from domain.clearing_files import (
    MAX_LINES,
    UNIONPAY_DELIMITED,
    UNIONPAY_FIXED,
    ClearingDamaged,
    Layout,
    read_clearing,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 23, 12, tzinfo=SHANGHAI)
HEADER = "merchant|terminal|at|kind|amount|reference"


def fixed(**changes: str) -> bytes:
    """A line of 130 bytes: a sale of ¥12.34 on 22 November at noon."""
    values = {
        "at": "1122120000", "amount": "000000001234", "kind": "000000", "terminal": "10000001",
        "merchant": "898310058140001", "reference": "112212345678", **changes,
    }  # fmt: skip
    line = bytearray(b" " * 130)
    for name, value in values.items():
        at = UNIONPAY_FIXED.fields[name]
        line[at.start : at.start + at.length] = value.encode("gbk").ljust(at.length)
    return bytes(line)


def delimited(*lines: str, total: str = "") -> bytes:
    return "\n".join([HEADER, *lines, total]).encode()


LINE = "898310058140001|10000001|20261122120000|S22|12.34|112212345678"
BACK = "898310058140001|10000001|20261122130000|S30|2.00|112212345679"


def test_a_line_of_fixed_width_is_read_by_its_bytes() -> None:
    [item] = read_clearing(fixed() + b"\r\n", UNIONPAY_FIXED, NOON)
    assert (item.merchant, item.terminal, item.amount) == ("898310058140001", "10000001", 1_234)
    assert item.at == datetime(2026, 11, 22, 12, tzinfo=SHANGHAI)
    assert (item.line, item.reference) == (1, "112212345678")


def test_what_went_back_is_negative_and_an_inquiry_is_passed_over() -> None:
    file = b"\n".join([fixed(kind="200000"), fixed(kind="300000")])
    assert [item.amount for item in read_clearing(file, UNIONPAY_FIXED, NOON)] == [-1_234]


def test_a_time_without_a_year_is_of_the_clearing_days_or_the_year_before() -> None:
    january = datetime(2027, 1, 1, 12, tzinfo=SHANGHAI)
    [item] = read_clearing(fixed(at="1231235959"), UNIONPAY_FIXED, january)
    assert item.at.year == 2026


def test_a_29th_of_february_is_one_in_its_year() -> None:
    leap = datetime(2028, 3, 1, 12, tzinfo=SHANGHAI)
    [item] = read_clearing(fixed(at="0229120000"), UNIONPAY_FIXED, leap)
    assert (item.at.month, item.at.day) == (2, 29)


def test_delimited_lines_are_read_in_yuan_and_proven_by_their_sums() -> None:
    items = read_clearing(delimited(LINE, BACK, total="TOTAL|2|1434"), UNIONPAY_DELIMITED, NOON)
    assert [item.amount for item in items] == [1_234, -200]


@pytest.mark.parametrize(
    ("file", "line"),
    [
        (delimited(LINE), 2),
        (delimited(LINE, total="TOTAL|2|1234"), 3),
        (delimited(LINE, total="TOTAL|1|1235"), 3),
        (b"", 0),
    ],
    ids=["cut off", "another count", "another sum", "empty"],
)
def test_a_file_that_is_cut_off_is_refused(file: bytes, line: int) -> None:
    with pytest.raises(ClearingDamaged) as refused:
        read_clearing(file, UNIONPAY_DELIMITED, NOON)
    assert refused.value.line == line


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": "00000000x234"}, {"amount": "000000000000"}, {"kind": "999999"},
        {"at": "1340120000"}, {"merchant": ""}, {"reference": ""}, {"amount": "0000000012.3"},
    ],
    ids=["letters", "nothing", "kind", "time", "merchant", "reference", "point"],
)  # fmt: skip
def test_a_line_that_is_no_good_is_named(changes: dict[str, str]) -> None:
    file = fixed() + b"\n" + fixed(**changes)
    with pytest.raises(ClearingDamaged) as refused:
        read_clearing(file, UNIONPAY_FIXED, NOON)
    assert refused.value.line == 2


def test_columns_that_are_missing_or_not_text_are_refused() -> None:
    for bad in (b"898310058140001|1", b"\xff\xfe|1|1|1|1|1"):
        with pytest.raises(ClearingDamaged):
            read_clearing(HEADER.encode() + b"\n" + bad + b"\nTOTAL|1|1", UNIONPAY_DELIMITED, NOON)


def test_an_amount_in_yuan_may_be_whole_and_has_two_digits_or_none() -> None:
    layout: Layout = replace(UNIONPAY_DELIMITED, trailer="", header_lines=0)
    [item] = read_clearing(LINE.replace("12.34", "12").encode(), layout, NOON)
    assert item.amount == 1_200
    with pytest.raises(ClearingDamaged):
        read_clearing(LINE.replace("12.34", "12.3").encode(), layout, NOON)
    with pytest.raises(ClearingDamaged):
        read_clearing(LINE.replace("12.34", "999999999999.00").encode(), layout, NOON)


def test_a_file_without_end_is_refused() -> None:
    with pytest.raises(ClearingDamaged, match="too long"):
        read_clearing(b"\n" * (MAX_LINES + 1), UNIONPAY_FIXED, NOON)

"""Answers of scales as their manuals print them, and any other bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.drivers.serial_scale.protocol import MT_SICS, PROTOCOLS, NoWeight, Weight

ANSWERS = {
    "8217 weight": ("mettler_8217", b"\x0201.234", Weight(1234)),
    "8217 net": ("mettler_8217", b"\x0200.500N", Weight(500)),
    "8217 motion": ("mettler_8217", b"\x02?a", NoWeight("motion")),
    "8217 over": ("mettler_8217", b"\x02?b", NoWeight("over")),
    "8217 under": ("mettler_8217", b"\x02?d", NoWeight("under")),
    "8217 status without cause": ("mettler_8217", b"\x02?p", NoWeight("unknown")),
    "sics stable": ("mt_sics", b"S S     100.00 g\r", Weight(100)),
    "sics kilograms": ("mt_sics", b"S S      1.2345 kg\r", Weight(1234)),
    "sics moving": ("mt_sics", b"S D     100.00 g\r", NoWeight("motion")),
    "sics busy": ("mt_sics", b"S I\r", NoWeight("unknown")),
    "sics over": ("mt_sics", b"S +\r", NoWeight("over")),
    "sics under": ("mt_sics", b"S -\r", NoWeight("under")),
    "sics below zero": ("mt_sics", b"S S     -1.00 g\r", NoWeight("under")),
    "sics syntax": ("mt_sics", b"ES\r", NoWeight("unknown")),
    "sics unit of nobody": ("mt_sics", b"S S     100.00 ct\r", NoWeight("unknown")),
    "nci stable": ("nci", b"\n 1.500KG\r\nS00\r", Weight(1500)),
    "nci pounds": ("nci", b"\n 1.00LB\r\nS00\r", Weight(454)),
    "nci moving": ("nci", b"\n 1.500KG\r\nS10\r", NoWeight("motion")),
    "nci over": ("nci", b"\n 0.000KG\r\nS02\r", NoWeight("over")),
    "nci without status": ("nci", b"\n 1.500KG\r", NoWeight("unknown")),
}


@pytest.mark.parametrize(("name", "answer", "wanted"), ANSWERS.values(), ids=ANSWERS)
def test_an_answer_is_understood(name, answer, wanted):
    assert PROTOCOLS[name].read(answer) == wanted


@pytest.mark.parametrize("name", PROTOCOLS)
@given(answer=st.binary(max_size=64))
def test_any_bytes_are_a_weight_or_none(name, answer):
    found = PROTOCOLS[name].read(answer)
    assert isinstance(found, NoWeight) or 0 <= found.grams <= 1_000_000


@given(grams=st.integers(0, 15_000), letter=st.sampled_from("DI+-"))
def test_only_a_weight_that_stands_still_is_one(grams, letter):
    assert MT_SICS.read(f"S S {grams:10.2f} g\r".encode()) == Weight(grams)
    assert isinstance(MT_SICS.read(f"S {letter} {grams:10.2f} g\r".encode()), NoWeight)

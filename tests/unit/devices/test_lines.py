"""The bytes of a serial scanner: frames, identifiers, and whatever noise a line carries."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.ports import Symbology
from devices.readings import Glass, read_frame
from devices.transport.lines import (
    FRAME_MAX,
    PARTIAL_MAX_S,
    Framer,
)

CODE = b"621234567890123456"


def frames(data: bytes, now: float = 0.0) -> list[bytes]:
    return Framer().feed(data, now)


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b"\r\r\n"])
def test_a_frame_ends_with_any_line_end_and_empty_ones_are_none(end):
    assert frames(CODE + end + CODE + end) == [CODE, CODE]


def test_a_frame_may_stand_between_stx_and_etx_and_hold_line_ends():
    assert frames(b"\x02a\r\nb\x03\r\n" + CODE + b"\r") == [b"a\r\nb", CODE]


def test_a_new_start_drops_what_the_old_one_left():
    framer = Framer()
    assert framer.feed(b"\x02half\x02" + CODE + b"\x03", 0.0) == [CODE]
    assert framer.dropped_count == 1


def test_half_a_frame_is_never_joined_to_the_next_code():
    framer = Framer()
    assert framer.feed(b"6212", 1.0) == []
    assert framer.feed(CODE + b"\r", 1.0 + PARTIAL_MAX_S * 1.01) == [CODE]
    assert framer.dropped_count == 1


def test_a_frame_that_comes_in_pieces_is_one():
    framer = Framer()
    assert framer.feed(CODE[:5], 1.0) == []
    assert framer.feed(CODE[5:], 1.5) == []
    assert framer.feed(b"\r", 2.0) == [CODE]


def test_a_frame_without_end_does_not_fill_the_memory_and_is_dropped_whole():
    framer = Framer()
    for _ in range(20):
        assert framer.feed(b"7" * FRAME_MAX, 0.0) == []
    assert len(framer._part) <= FRAME_MAX
    assert framer.feed(b"\r" + CODE + b"\r", 0.0) == [CODE]
    assert framer.dropped_count == 1


def test_the_largest_frame_passes():
    assert frames(b"7" * FRAME_MAX + b"\r") == [b"7" * FRAME_MAX]


@pytest.mark.parametrize(
    ("frame", "symbology", "text"),
    [
        (b"]Q1" + CODE, Symbology.QR, CODE.decode()),
        (b"]Q3https://x", Symbology.QR, "https://x"),
        (b"]C0" + CODE, Symbology.CODE128, CODE.decode()),
        (b"]C101069\x1d21x", Symbology.CODE128, "01069\x1d21x"),
        (b"]E06901234567892", Symbology.EAN13, "6901234567892"),
        (b"]E0012345678905", Symbology.UPCA, "012345678905"),
        (b"]E496385074", Symbology.EAN8, "96385074"),
        (b"]d2x", Symbology.DATA_MATRIX, "x"),
        (b"]z0x", Symbology.AZTEC, "x"),
        (b"]L0x", Symbology.PDF417, "x"),
        (CODE, Symbology.UNKNOWN, CODE.decode()),
        (b"]?1x", Symbology.UNKNOWN, "]?1x"),
        (b"]Q", Symbology.UNKNOWN, "]Q"),
    ],
)
def test_an_identifier_names_the_symbology_and_is_taken_off(frame, symbology, text):
    reading = read_frame(frame)
    assert reading is not None
    assert (reading.symbology, reading.text) == (symbology, text)


def test_an_identifier_alone_is_no_code():
    assert read_frame(b"]Q1") is None


def test_bytes_that_are_no_text_stay_in_raw():
    reading = read_frame("饭".encode("gb18030"))
    assert reading is not None
    assert reading.raw == "饭".encode("gb18030")


def test_a_stalled_counter_takes_waiting_repeats_for_no_empty_glass():
    glass = Glass("glass")
    reading = read_frame(CODE)
    assert reading is not None
    assert len(list(glass.see(reading, 1.0))) == 1
    assert list(glass.see(reading, 9.0)) == []


@given(st.lists(st.binary(max_size=40), max_size=20))
def test_how_the_bytes_are_cut_makes_no_difference(parts):
    whole = frames(b"".join(parts))
    framer = Framer()
    assert [frame for part in parts for frame in framer.feed(part, 0.0)] == whole


@given(st.binary(max_size=300))
def test_any_bytes_are_read_without_a_mistake(noise):
    for frame in frames(noise + b"\x03\r"):
        reading = read_frame(frame)
        assert reading is None or frame.endswith(reading.raw)
        assert reading is None or CODE.decode() not in repr(reading)


@given(st.binary(max_size=60), st.text("0123456789", min_size=16, max_size=24))
def test_after_any_noise_and_a_pause_a_code_is_read_as_it_is(noise, digits):
    framer = Framer()
    framer.feed(noise, 0.0)
    assert framer.feed(digits.encode() + b"\r", 5.0) == [digits.encode()]

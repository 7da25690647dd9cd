"""Receipts are drawn in Chinese, sent as rasters, and a status answer is never taken for good."""

from __future__ import annotations

import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops

from devices import receipts
from devices.drivers.escpos_printer import protocol
from devices.ports import PrinterState, PrintLine, Receipt
from devices.simulated.escpos_paper import Paper, read_job

RECEIPT = Receipt(
    title="第一食堂",
    lines=(
        PrintLine("张*明", "2026-11-22"),
        PrintLine("红烧牛肉面 ×2", "24.00"),
        PrintLine("合计", "￥24.00", 2),
    ),
    code="0192f3c4a1b27000bcde",
    footer="谢谢惠顾 thank you",
)


def _dark(picture: Image.Image) -> int:
    return picture.histogram()[0]


def test_what_was_printed_is_what_was_drawn() -> None:
    drawn = receipts.draw(RECEIPT)

    [printed] = read_job(protocol.receipt_bytes(drawn))

    assert printed.width == drawn.width
    top = printed.crop((0, 0, drawn.width, drawn.height))
    assert ImageChops.logical_xor(top, drawn).getbbox() is None
    assert _dark(printed) == _dark(drawn)


def test_the_printed_code_can_be_read_again() -> None:
    [printed] = read_job(protocol.receipt_bytes(receipts.draw(RECEIPT)))

    [code] = zxingcpp.read_barcodes(printed.convert("L"))

    assert code.text == RECEIPT.code


def test_chinese_is_drawn_and_not_as_empty_squares() -> None:
    assert receipts.undrawn("饭票￥张*明谢", receipts.font()) == ""
    assert receipts.undrawn("\U0010fffd", receipts.font()) == "\U0010fffd"


def test_narrow_paper_breaks_long_lines_and_keeps_the_amount_whole() -> None:
    long = PrintLine("宫保鸡丁盖浇饭加一个煎蛋和一份例汤少盐不要香菜", "￥18.50")

    rows = list(receipts.fit(long, 384))

    assert len(rows) > 1
    assert rows[-1].right == "￥18.50"
    assert "".join(row.left for row in rows) == long.left


@given(
    left=st.text(max_size=60), right=st.text(max_size=60), scale=st.integers(-3, 9),
    is_centred=st.booleans(),
)  # fmt: skip
def test_any_text_fits_the_paper_and_none_of_it_is_lost(
    left: str, right: str, scale: int, is_centred: bool
) -> None:
    rows = list(receipts.fit(PrintLine(left, right, scale, is_centred), 384))

    assert "".join(row.left for row in rows) == receipts.printable(left)
    assert "".join(row.right for row in rows) == receipts.printable(right)


@given(text=st.text(max_size=30))
def test_whatever_a_name_holds_can_be_drawn(text: str) -> None:
    drawn = receipts.draw(Receipt(text, (PrintLine(text, text),), footer=text), 384)

    assert drawn.width == 384


def test_every_job_starts_afresh_and_ends_with_a_cut() -> None:
    job = protocol.receipt_bytes(Image.new("1", (576, 700), 1))

    assert job.startswith(protocol.INITIALISE)
    assert job.count(b"\x1dv0\x00") == 3, "bands of 256 dots"
    assert b"\x1dV" in job[-8:]


def test_the_drawer_opens_by_a_pulse_on_its_own_pin() -> None:
    paper = Paper()
    for pin in protocol.DRAWER_PINS:
        paper.feed(protocol.drawer_bytes(pin))

    assert paper.drawer_kicks == 2
    assert protocol.drawer_bytes(2) != protocol.drawer_bytes(5)


def test_a_status_is_read_from_its_bits() -> None:
    assert protocol.read_status(b"\x12", b"\x12") is PrinterState.READY
    assert protocol.read_status(b"\x12", b"\x1e") is PrinterState.PAPER_LOW
    assert protocol.read_status(b"\x12", b"\x72") is PrinterState.PAPER_OUT
    assert protocol.read_status(b"\x32", b"\x12") is PrinterState.PAPER_OUT
    assert protocol.read_status(b"\x16", b"\x12") is PrinterState.COVER_OPEN
    assert protocol.read_status(b"", b"\x12") is PrinterState.UNKNOWN


@given(offline=st.binary(max_size=3), paper=st.binary(max_size=3))
def test_noise_is_never_a_ready_printer(offline: bytes, paper: bytes) -> None:
    state = protocol.read_status(offline, paper)

    if state is not PrinterState.UNKNOWN:
        assert all(len(one) == 1 and one[0] & 0x93 == 0x12 for one in (offline, paper))


@given(data=st.binary(max_size=300), cut=st.integers(0, 300))
def test_any_bytes_in_any_slices_print_the_same(data: bytes, cut: int) -> None:
    whole, sliced = Paper(), Paper()
    whole.feed(data)
    sliced.feed(data[:cut])
    sliced.feed(data[cut:])

    assert [one.tobytes() for one in whole.receipts] == [one.tobytes() for one in sliced.receipts]
    assert (whole.drawer_kicks, whole.unknown_count) == (sliced.drawer_kicks, sliced.unknown_count)


def test_plain_text_is_printed_too() -> None:
    [picture] = read_job(b"\x1b@" + "饭票 12.00\n".encode("gb18030") + b"\x1dV\x00")

    assert _dark(picture) > 200

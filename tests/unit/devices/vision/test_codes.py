"""The decode cascade, and one event per presentation."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import qrcode
from numpy.typing import NDArray

from benchmarks.codes import SINGLES, frames
from devices.ports import CodeScanned, Symbology
from devices.vision.codes import Code, Effort, Presented, decode
from devices.vision.formats import ALL_FORMATS, PAYMENT_FORMATS

Image = NDArray[np.uint8]
TEXT = "134567890123456789"


def shown(text: str = TEXT, module: int = 4) -> Image:
    """A 720p frame with a phone's code in it."""
    maker = qrcode.QRCode(box_size=module, border=4)
    maker.add_data(text)
    code = np.array(maker.make_image().get_image().convert("L"), dtype=np.uint8)
    frame = np.full((720, 1280), 160, np.uint8)
    frame[200 : 200 + code.shape[0], 500 : 500 + code.shape[1]] = code
    return frame


def texts(image: Image, effort: Effort = Effort.ALL) -> list[str]:
    return [code.text for code in decode(image, effort=effort)]


def test_a_clean_code_is_read_with_the_least_effort() -> None:
    assert texts(shown(), Effort.FAST) == [TEXT]


def test_a_code_is_read_from_a_colour_frame() -> None:
    assert texts(np.asarray(cv2.cvtColor(shown(), cv2.COLOR_GRAY2BGR), np.uint8)) == [TEXT]


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda im: cv2.GaussianBlur(im, (0, 0), 1.2), id="blurred"),
        pytest.param(lambda im: cv2.rotate(im, cv2.ROTATE_90_CLOCKWISE), id="turned"),
        pytest.param(lambda im: 255 - im, id="inverted"),
        pytest.param(lambda im: (im * 0.25 + 90).astype(np.uint8), id="pale"),
    ],
)
def test_a_spoilt_code_is_read_by_the_whole_cascade(spoil: object) -> None:
    assert callable(spoil)
    assert texts(spoil(shown())) == [TEXT]


def test_codes_in_dim_and_mirroring_frames_are_read_where_each_library_alone_reads_fewer() -> None:
    """A slice of the benchmark's seeded frames, so that a step taken out of the cascade is seen."""
    dim = [one for one in frames(5, 11) if one.fault in ("low contrast", "glare")]
    ours = sum(one.text in texts(one.image) for one in dim)
    singles = [sum(one.text in read(one.image) for one in dim) for read in SINGLES.values()]
    assert ours > max(singles)


def test_an_empty_frame_gives_no_code() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (720, 1280)).astype(np.uint8)
    assert decode(noise) == ()


def test_a_symbology_that_was_not_asked_for_is_not_read() -> None:
    assert decode(shown(), formats=(Symbology.CODE128,)) == ()
    assert Symbology.QR in PAYMENT_FORMATS
    assert set(PAYMENT_FORMATS) <= set(ALL_FORMATS)


def test_bytes_that_are_no_text_do_not_stop_the_decoder() -> None:
    maker = qrcode.QRCode(box_size=4, border=4)
    maker.add_data(bytes(range(128, 160)))
    code = np.array(maker.make_image().get_image().convert("L"), dtype=np.uint8)
    (found,) = decode(code)
    assert found.raw


def test_the_text_of_a_code_stays_out_of_its_repr() -> None:
    (code,) = decode(shown())
    assert TEXT not in repr(code)


QR = Code("A", Symbology.QR)
OTHER = Code("B", Symbology.QR)
BAR = Code("C", Symbology.CODE128)


def play(*seen: tuple[float, tuple[Code, ...]]) -> list[str]:
    presented = Presented("camera", gone_s=2.0)
    events = [event for at, codes in seen for event in presented.step(codes, at)]
    return [event.text if isinstance(event, CodeScanned) else "gone" for event in events]


def test_a_code_held_for_many_frames_is_one_event() -> None:
    assert play((0.0, (QR,)), (0.1, (QR,)), (0.2, (QR,))) == ["A"]


def test_a_phone_left_lying_that_renews_its_code_gives_no_second_event() -> None:
    assert play((0.0, (QR,)), (1.0, (OTHER,)), (2.0, (OTHER,))) == ["A"]


def test_the_glass_is_empty_after_two_seconds_without_any_code() -> None:
    assert play((0.0, (QR,)), (1.9, ()), (2.0, ()), (2.1, (OTHER,))) == ["A", "gone", "B"]


def test_a_bar_code_counts_when_two_frames_agree() -> None:
    assert play((0.0, (BAR,))) == []
    assert play((0.0, (BAR,)), (0.1, (Code("D", Symbology.CODE128),))) == []
    assert play((0.0, (BAR,)), (0.1, (BAR,))) == ["C"]

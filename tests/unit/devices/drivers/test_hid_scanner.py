"""The keys of a scanner that types: layouts, modifiers, control characters, ends and losses."""

from __future__ import annotations

import pytest
from evdev import ecodes
from hypothesis import given
from hypothesis import strategies as st

from devices.drivers.hid_scanner.protocol import FRAME_MAX, GAP_S, KeyFramer, Keys
from devices.simulated.input_line import GS, InputLine, stroke
from devices.transport import hid, keymaps
from devices.transport.hid import EV_KEY, EV_SYN, SYN_DROPPED, KeyEvent, packed
from devices.transport.keymaps import LAYOUTS

ASCII = "".join(map(chr, range(32, 127)))
CODE = "621234567890123456"


def strokes(text: str, layout: str = "us") -> list[KeyEvent]:
    line = InputLine.__new__(InputLine)
    line._layout = LAYOUTS[layout]
    return line.strokes(text)


def frames(events: list[KeyEvent], layout: str = "us") -> list[bytes]:
    return list(KeyFramer(Keys(LAYOUTS[layout])).feed(events, 0.0))


ENTER = stroke(keymaps.ENTER)


def test_the_codes_are_those_of_the_kernel() -> None:
    named = {
        "KEY_ENTER": keymaps.ENTER, "KEY_TAB": keymaps.TAB, "KEY_KPENTER": keymaps.PAD_ENTER,
        "KEY_LEFTSHIFT": keymaps.LEFT_SHIFT, "KEY_RIGHTSHIFT": keymaps.RIGHT_SHIFT,
        "KEY_LEFTCTRL": keymaps.LEFT_CTRL, "KEY_RIGHTCTRL": keymaps.RIGHT_CTRL,
        "KEY_LEFTALT": keymaps.LEFT_ALT, "KEY_RIGHTALT": keymaps.ALT_GR,
        "KEY_CAPSLOCK": keymaps.CAPS_LOCK,
    }  # fmt: skip
    assert {name: getattr(ecodes, name) for name in named} == named
    for code, typed in keymaps.PAD.items():
        names = str(ecodes.KEY[code])
        assert names.startswith("KEY_KP"), (code, typed)
        assert not typed.isdigit() or names == f"KEY_KP{typed}"
    us = LAYOUTS["us"].plain
    assert all(us[getattr(ecodes, f"KEY_{letter.upper()}")] == letter for letter in "qazwsxplm")
    assert all(us[getattr(ecodes, f"KEY_{digit}")] == digit for digit in "1234567890")
    assert (hid.EV_KEY, hid.SYN_DROPPED) == (ecodes.EV_KEY, ecodes.SYN_DROPPED)


@given(text=st.text(ASCII, min_size=1, max_size=40))
def test_everything_printable_comes_through_on_the_american_layout(text: str) -> None:
    assert frames([*strokes(text), *ENTER]) == [text.encode()]


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_every_layout_types_digits_letters_and_the_marks_of_payment_links(layout: str) -> None:
    text = "wxp://f2f0Ab-9_zZ?id=7&m=W+Y@qQaA"
    assert frames([*strokes(text, layout), *ENTER], layout) == [text.encode()]


@pytest.mark.parametrize("suffix", sorted(keymaps.SUFFIXES))
def test_enter_of_either_kind_and_tab_end_a_code(suffix: int) -> None:
    assert frames([*strokes(CODE), *stroke(suffix), *stroke(suffix)]) == [CODE.encode()]


def test_digits_of_the_numeric_pad_are_digits() -> None:
    pad = {typed: code for code, typed in keymaps.PAD.items()}
    typed = [event for digit in "0123456789" for event in stroke(pad[digit])]
    assert frames([*typed, *ENTER]) == [b"0123456789"]


def test_caps_lock_turns_letters_and_leaves_digits_and_marks() -> None:
    caps = stroke(keymaps.CAPS_LOCK)
    assert frames([*caps, *strokes("abC1-"), *caps, *strokes("d"), *ENTER]) == [b"ABc1-d"]


def test_the_separator_of_a_gs1_code_comes_through_as_ctrl_and_bracket() -> None:
    assert frames([*strokes(f"]C101{GS}10"), *ENTER]) == [f"]C101{GS}10".encode()]


def test_a_character_may_come_by_its_number_with_alt_and_the_pad() -> None:
    pad = {typed: code for code, typed in keymaps.PAD.items()}
    down, up = KeyEvent(EV_KEY, keymaps.LEFT_ALT, 1), KeyEvent(EV_KEY, keymaps.LEFT_ALT, 0)
    digits = [event for digit in "0065" for event in stroke(pad[digit])]
    assert frames([down, *digits, up, *strokes("b"), *ENTER]) == [b"Ab"]


def test_a_held_key_types_once() -> None:
    code = LAYOUTS["us"].keys_of("7")[0]
    repeats = [KeyEvent(EV_KEY, code, 2)] * 5
    assert frames([KeyEvent(EV_KEY, code, 1), *repeats, *ENTER]) == [b"7"]


def test_without_an_end_a_pause_ends_the_code() -> None:
    framer = KeyFramer()
    assert list(framer.feed(strokes(CODE), 1.0)) == []
    assert list(framer.tick(1.0 + GAP_S / 2)) == []
    assert list(framer.tick(1.5)) == [CODE.encode()]
    assert list(framer.tick(9.0)) == []


def test_a_scanner_known_to_send_ends_never_gives_half_a_code() -> None:
    framer = KeyFramer()
    assert list(framer.feed([*strokes(CODE), *ENTER], 1.0)) == [CODE.encode()]
    assert list(framer.feed(strokes(CODE[:9]), 5.0)) == []
    assert list(framer.tick(5.5)) == []
    assert framer.dropped_count == 1
    assert list(framer.feed([*strokes(CODE), *ENTER], 9.0)) == [CODE.encode()]


def test_a_code_of_which_the_kernel_lost_keys_is_none() -> None:
    lost = [KeyEvent(EV_SYN, SYN_DROPPED, 0)]
    shift = [KeyEvent(EV_KEY, keymaps.LEFT_SHIFT, 1)]
    events = [*strokes(CODE[:9]), *shift, *lost, *strokes(CODE[9:]), *ENTER]
    assert frames([*events, *strokes("ab"), *ENTER]) == [b"ab"]


def test_noise_without_end_is_bounded() -> None:
    framer = KeyFramer()
    assert list(framer.feed([*strokes("1") * (FRAME_MAX + 1), *ENTER], 0.0)) == []
    assert framer.dropped_count == 1


@given(
    events=st.lists(
        st.builds(
            KeyEvent,
            st.sampled_from([EV_SYN, EV_KEY, 3, 4]),
            st.integers(0, 767),
            st.integers(0, 2),
        ),
        max_size=60,
    )
)
def test_no_events_whatever_break_the_decoder(events: list[KeyEvent]) -> None:
    for frame in KeyFramer().feed(events, 0.0):
        assert frame


def test_an_event_is_the_kernels_structure() -> None:
    data = packed(KeyEvent(1, 28, 1))
    assert len(data) == 24
    assert data[16:] == b"\x01\x00\x1c\x00\x01\x00\x00\x00"


def test_what_types_is_listed_with_name_and_identity_and_mice_are_not(tmp_path) -> None:
    # As the kernel writes them: a scanner, a foot switch with "b", a mouse, a power button
    listed = {
        "Scanner": "1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe",
        "Foot switch": "1000000000000",
        "Mouse": "1f0000 0 0 0 0",
        "Power": "10000000000000 0",
    }
    for number, (name, keys) in enumerate(listed.items()):
        device = tmp_path / f"event{number}" / "device"
        (device / "id").mkdir(parents=True)
        (device / "capabilities").mkdir()
        (device / "name").write_text(f"{name}\n")
        (device / "uniq").write_text("S1\n")
        (device / "id" / "vendor").write_text("0C2E\n")
        (device / "id" / "product").write_text("0b61\n")
        (device / "capabilities" / "key").write_text(f"{keys}\n")
    found, foot = hid.plugged_in(tmp_path)
    assert foot.name == "Foot switch"
    assert (found.path, found.name) == ("/dev/input/event0", "Scanner")
    assert (found.usb, found.serial) == ("0c2e:0b61", "s1")

"""The PN532's frames: published ones, damaged ones, and a chip that hangs or garbles."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.drivers.pn532_reader.chip import CardGone, Pn532
from devices.drivers.pn532_reader.protocol import (
    ACK,
    CHIP,
    DATA_MAX,
    NACK,
    Answer,
    Frames,
    Signal,
    Target,
    frame,
    targets,
)
from devices.ports import DeviceLost
from devices.simulated.ev2_card import GET_UID, Ev2Card
from devices.simulated.pn532_chip import Pn532Chip
from devices.transport.serial import SerialLine, SerialPort

UID = bytes.fromhex("04A1B2C3D4E5F6")
PUBLISHED = {
    "firmware version": (0x02, "", "0000FF02FED4022A00"),
    "normal mode": (0x14, "010000", "0000FF05FBD4140100001700"),
    "with IRQ": (0x14, "011401", "0000FF05FBD4140114010200"),
    "list one": (0x4A, "0100", "0000FF04FCD44A0100E100"),
}


@pytest.mark.parametrize(("code", "data", "wanted"), PUBLISHED.values(), ids=PUBLISHED)
def test_commands_are_those_of_the_manual(code, data, wanted):
    assert frame(code, bytes.fromhex(data)).hex().upper() == wanted


def test_the_chip_s_answers_are_read():
    said = ACK + bytes.fromhex("0000FF06FAD50332010607E800") + NACK
    said += bytes.fromhex("0000FF01FF7F8100")
    assert Frames().feed(said) == [
        Signal.ACK, Answer(3, bytes.fromhex("32010607")), Signal.NACK, Signal.ERROR,
    ]  # fmt: skip


@pytest.mark.parametrize("size", [0, 1, 252, 253, 254, DATA_MAX - 1])
def test_short_and_extended_frames_come_back_whole(size):
    whole = frame(0x41, bytes(range(256))[:size].ljust(size, b"\xff"), origin=CHIP)
    frames = Frames()
    found = [said for byte in whole for said in frames.feed(bytes([byte]))]
    assert [len(one.data) for one in found if isinstance(one, Answer)] == [size]


def test_a_frame_that_is_too_long_is_refused():
    with pytest.raises(ValueError, match="holds 265"):
        frame(0x40, bytes(DATA_MAX))


@given(st.binary(max_size=40), st.integers(0, 7), st.integers(0, 11))
def test_behind_noise_and_a_damaged_frame_the_next_is_read(noise, bit, place):
    whole = frame(0x4B, b"\1\2\3\4", origin=CHIP)
    damaged = bytearray(whole)
    damaged[place % len(whole)] ^= 1 << bit
    frames = Frames()
    found = frames.feed(noise.replace(b"\xff", b"") + bytes(damaged))
    # A damaged length may wait for as many bytes as any frame has
    for _ in range(DATA_MAX // len(whole) + 2):
        found += frames.feed(whole)
    assert Answer(0x4B, b"\1\2\3\4") in found


@given(st.lists(st.binary(max_size=300), max_size=8))
def test_any_bytes_are_cut_without_end_or_crash(parts):
    frames = Frames()
    for part in parts:
        for said in frames.feed(part):
            assert isinstance(said, Signal | Answer)
    assert len(frames._held) <= DATA_MAX + 10 + max([0, *map(len, parts)])


@given(st.binary(max_size=80))
def test_any_list_of_cards_is_read_or_makes_no_sense(data):
    for target in targets(data) or []:
        assert 4 <= len(target.uid) <= 10


@pytest.fixture
def chip(tmp_path: Path):
    chip = Pn532Chip(tmp_path / "reader")
    port = SerialPort(SerialLine(port=str(chip.path), baud=115_200))
    port.open()
    driver = Pn532(port)
    driver.start()
    yield chip, driver
    port.close()
    chip.unplug()


def test_a_garbled_answer_is_asked_for_again(chip):
    chip, driver = chip
    chip.put(UID)
    chip.garbles = 1
    assert [one.uid for one in driver.look()] == [UID]


def test_a_chip_that_hangs_is_given_up_and_comes_back(chip):
    chip, driver = chip
    chip.put(UID)
    chip.hangs = True
    with pytest.raises(DeviceLost, match="silent"):
        driver.look()
    chip.hangs = False
    assert [one.uid for one in driver.look()] == [UID]


def test_commands_reach_the_card_and_a_torn_one_is_gone(chip):
    chip, driver = chip
    chip.put(UID, card=Ev2Card(UID))
    (target,) = driver.look()
    assert target == Target(1, UID, speaks_apdu=True)
    assert driver.exchange(target, GET_UID) == (UID, 0x9000)
    chip.take()
    with pytest.raises(CardGone):
        driver.exchange(target, GET_UID)

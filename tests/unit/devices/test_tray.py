"""What lies on a card reader, from the states of its slots."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from devices.cards.uid import uid_of
from devices.drivers.pcsc_reader.protocol import READS_MAX, Left, Read, Tray, Two


@dataclass(frozen=True)
class Slot:
    reader: str
    has_card: bool
    change_count: int = 0


def empty(count: int = 0) -> list[Slot]:
    return [Slot("a", has_card=False, change_count=count)]


def card(count: int = 1, reader: str = "a") -> Slot:
    return Slot(reader, has_card=True, change_count=count)


@pytest.fixture
def tray() -> Tray:
    tray = Tray()
    assert tray.look(empty()) == []
    return tray


def test_a_card_is_read_once_and_leaves_once(tray):
    assert tray.look([card()]) == [Read("a")]
    tray.done()
    assert tray.look([card()]) == []
    assert tray.look(empty(2)) == [Left()]
    assert tray.look(empty(2)) == []


def test_a_card_that_lay_there_at_the_first_look_says_so_even_when_read_later():
    tray = Tray()
    assert tray.look([card()]) == [Read("a", already_there=True)]
    tray.failed()
    assert tray.look([card()]) == [Read("a", already_there=True)]
    tray.done()
    assert tray.look(empty(2)) == [Left()]
    assert tray.look([card(3)]) == [Read("a")]


def test_a_card_that_does_not_answer_is_asked_again_and_then_left_alone(tray):
    for _ in range(READS_MAX):
        assert tray.look([card()]) == [Read("a")]
        tray.failed()
    assert tray.look([card()]) == []
    assert tray.look(empty(2)) == []
    assert tray.look([card(3)]) == [Read("a")]


def test_a_card_torn_before_it_was_read_gives_nothing(tray):
    tray.look([card()])
    tray.failed()
    assert tray.look(empty(2)) == []


def test_a_card_exchanged_between_two_looks_has_left_first(tray):
    tray.look([card()])
    tray.done()
    assert tray.look([card(3)]) == [Left(), Read("a")]


def test_after_two_cards_nothing_is_read_until_all_are_gone(tray):
    tray.look([card()])
    tray.done()
    assert tray.look([card(), card(reader="b")]) == [Two()]
    assert tray.look([card(), card(reader="b")]) == []
    assert tray.look([card()]) == []
    assert tray.look([card(7)]) == []
    assert tray.look(empty(8)) == [Left()]
    assert tray.look([card(9)]) == [Read("a")]


@pytest.mark.parametrize(
    ("answer", "status", "uid"),
    [
        (b"\x04\xa1\xb2\xc3", 0x9000, b"\x04\xa1\xb2\xc3"),
        (b"\x04\xa1\xb2\xc3", 0x6300, None),
        (b"", 0x9000, None),
        (b"\x04\xa1\xb2", 0x9000, None),
        (b"\x04" * 11, 0x9000, None),
    ],
)
def test_only_a_whole_answer_is_a_card(answer, status, uid):
    assert uid_of(answer, status) == uid

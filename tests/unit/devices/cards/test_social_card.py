"""Social-security cards as identity: by their own directory, when no bank's application answers.

The identification code is one printed in a reader's source (`Z390Kylin`, a card of region 330300);
the card's number is made up.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.cards.bank_card import IDENTITY_SIZE
from devices.cards.look import looked_at
from devices.cards.prove import SiteKeys
from devices.cards.social_card import DIRECTORY, identity_of
from devices.ports import Assurance

KEY, UID = bytes(range(16)), bytes.fromhex("08A1B2C3")
CODE = bytes.fromhex("0110330300D15600000599110145FFFFFFFF")
NUMBER = b"\x07\x09A12345678"


@dataclass
class Card:
    """What the public readers say of such a card: SELECT by name, two records of EF05."""

    records: dict[int, bytes] = field(default_factory=lambda: {1: CODE, 7: NUMBER})
    said: list[bytes] = field(default_factory=list)
    is_selected: bool = False

    def __call__(self, apdu: bytes) -> tuple[bytes, int]:
        self.said.append(apdu)
        if apdu[1] == 0xA4:
            self.is_selected = apdu[5 : 5 + apdu[4]] == DIRECTORY
            return (b"", 0x9000) if self.is_selected else (b"", 0x6A82)
        if apdu[:2] == b"\0\xb2" and self.is_selected and apdu[3] == 0x2C:
            return self.records.get(apdu[2], b""), 0x9000 if apdu[2] in self.records else 0x6A83
        return b"", 0x6D00


def test_the_directory_and_its_records_are_asked_for_as_readers_do() -> None:
    card = Card()
    assert len(identity_of(card, KEY) or b"") == IDENTITY_SIZE
    assert [apdu.hex().upper() for apdu in card.said] == [
        "00A404000F7378312E73682EC9E7BBE1B1A3D5CF00", "00B2012C12", "00B2072C0B",
    ]  # fmt: skip


def test_one_number_in_two_regions_is_two_cards() -> None:
    elsewhere = CODE.replace(bytes.fromhex("330300"), bytes.fromhex("110100"))
    known_by = identity_of(Card(), KEY)
    assert identity_of(Card(), KEY) == known_by
    assert identity_of(Card({1: elsewhere, 7: NUMBER}), KEY) != known_by
    assert identity_of(Card({1: CODE, 7: b"\x07\x09A12345679"}), KEY) != known_by
    assert identity_of(Card(), bytes(16)) != known_by


@pytest.mark.parametrize(
    "records",
    [{}, {1: CODE}, {7: NUMBER}, {1: CODE[:-1], 7: NUMBER}, {1: b"\x01\x10" + b"\xff" * 16,
     7: NUMBER}, {1: CODE, 7: b"\x07\x09" + b"\0" * 9}, {1: CODE, 7: b"\x07\x08A1234567"}],
    ids=["none", "no number", "no code", "cut", "empty code", "empty number", "short number"],
)  # fmt: skip
def test_a_card_that_was_never_written_names_nobody(records: dict[int, bytes]) -> None:
    assert identity_of(Card(records), KEY) is None


def test_without_a_bank_s_application_the_card_s_own_number_names_it() -> None:
    keys = SiteKeys("east", bytes(16), bank_card_key=KEY)
    known_by, assurance = looked_at(Card(), UID, keys)
    assert known_by == identity_of(Card(), KEY)
    assert assurance is Assurance.CARD_UID
    assert looked_at(Card(), UID, SiteKeys("east", bytes(16)))[0] == UID


@given(st.lists(st.tuples(st.binary(max_size=40), st.sampled_from([0x9000, 0x6A82])), min_size=3))
def test_any_answers_name_somebody_or_nobody_and_end(answers: list[tuple[bytes, int]]) -> None:
    left = iter(answers)
    known_by = identity_of(lambda _apdu: next(left), KEY)
    assert known_by is None or len(known_by) == IDENTITY_SIZE

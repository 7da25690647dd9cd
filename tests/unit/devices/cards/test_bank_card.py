"""Bank cards as identity: what is asked of a card, what of it is kept, and cards that misbehave.

The answers of `RECORDED` are a UnionPay debit card's to its directory and its application, as
published in descriptions of qPBOC; the account numbers are made up.
"""

from __future__ import annotations

import contextlib
import pickle
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.cards.bank_card import (
    EXCHANGES_MAX,
    IDENTITY_SIZE,
    _luhn,
    _processing_options,
    identity_of,
)
from devices.cards.ber_tlv import DEPTH_MAX, BadTlv, elements, found, tags_and_lengths
from devices.cards.diversify import bank_card_key
from devices.cards.look import looked_at
from devices.cards.prove import SiteKeys
from devices.ports import Assurance, CardPresented
from devices.simulated.bank_card import BankCard, tlv

DIRECTORY = bytes.fromhex(
    "6F30840E325041592E5359532E4444463031A51EBF0C1B61194F08A000000333010101"
    "500A50424F43204445424954870101"
)
APPLICATION = bytes.fromhex(
    "6F438408A000000333010101A537500A50424F43204445424954870101"
    "9F38189F66049F02069F03069F1A0295055F2A029A039C019F37045F2D027A68BF0C059F4D020B0A"
)
UID = bytes.fromhex("08A1B2C3")
KEY = bank_card_key(bytes(range(16)))


def with_check_digit(digits: str) -> str:
    """Append the digit that ISO/IEC 7812-1 wants."""
    rest = _luhn(int(digit) for digit in (digits + "0")[::-1])
    return digits + str(-rest % 10)


NUMBER = with_check_digit("621700000000000000")


class Recorder:
    """How to speak to a card, and what was said."""

    def __init__(self, answer: Callable[[bytes], bytes]) -> None:
        self._answer = answer
        self.said: list[bytes] = []

    def __call__(self, apdu: bytes) -> tuple[bytes, int]:
        self.said.append(apdu)
        answer = self._answer(apdu)
        return answer[:-2], int.from_bytes(answer[-2:], "big")


@pytest.mark.parametrize("in_options", [False, True])
@pytest.mark.parametrize("digits", [12, 16, 19])
def test_a_card_is_known_by_a_keyed_hash_of_its_number(digits: int, in_options: bool) -> None:
    number = with_check_digit("62" + "4" * (digits - 3))
    card = Recorder(BankCard(UID, number, in_options=in_options).answer)
    known_by = identity_of(card, KEY)
    assert known_by is not None
    assert len(known_by) == IDENTITY_SIZE
    again = identity_of(Recorder(BankCard(b"\x08" + bytes(3), number).answer), KEY)
    assert again == known_by, "another UID, a phone's, is the same account"
    assert identity_of(card, bytes(16)) != known_by
    other = with_check_digit(number[:-2] + str((int(number[-2]) + 1) % 10))
    assert identity_of(Recorder(BankCard(UID, other).answer), KEY) != known_by


def test_the_published_answers_of_a_card_are_understood_as_they_stand() -> None:
    [entry] = found(DIRECTORY, 0x61)
    assert dict(elements(entry))[0x4F].hex().upper() == "A000000333010101"
    [asked] = found(APPLICATION, 0x9F38)
    assert [size for _, size in tags_and_lengths(asked)] == [4, 6, 6, 2, 5, 2, 3, 1, 4]
    options = _processing_options(asked)
    assert options[:5] == bytes.fromhex("80A8000023")
    assert len(options) == 5 + 0x23 + 1
    told = options[7:-1]
    assert told[:4] == bytes.fromhex("26800000")
    assert told[4:16] == bytes(12), "no amount: nothing may be paid"
    assert told[16:18] == told[23:25] == bytes.fromhex("0156")


@pytest.mark.parametrize(
    ("answer", "application", "priority"),
    [
        # A Visa debit card: stackoverflow.com/questions/15059580
        ("6F2F840E325041592E5359532E4444463031A51DBF0C1A61184F07A0000000031010500A56495341204445"
         "424954870101", "A0000000031010", 1),
        # A Maestro card with an extended name: stackoverflow.com/questions/29541035
        ("6F2C840E325041592E5359532E4444463031A51ABF0C1761154F0CA0000000043060C123456789870103"
         "9F2A0102", "A0000000043060C123456789", 3),
    ],
    ids=["visa", "maestro"],
)  # fmt: skip
def test_published_directories_are_understood(answer: str, application: str, priority: int) -> None:
    [entry] = found(bytes.fromhex(answer), 0x61)
    inside = dict(elements(entry))
    assert inside[0x4F] == bytes.fromhex(application)
    assert inside[0x87] == bytes([priority])
    asked: list[bytes] = []

    def exchange(apdu: bytes) -> tuple[bytes, int]:
        asked.append(apdu)
        return (bytes.fromhex(answer), 0x9000) if b"2PAY" in apdu else (b"", 0x6A82)

    assert identity_of(exchange, KEY) is None
    assert asked[0].hex().upper() == "00A404000E325041592E5359532E444446303100"
    assert asked[1][5:-1] == bytes.fromhex(application)


def test_the_published_options_of_a_visa_card_are_answered_to_the_byte() -> None:
    """The application's answer in "Reading a bank card by NFC" (habr.com, 347574)."""
    application = bytes.fromhex(
        "6F318407A0000000031010A5269F38189F66049F02069F03069F1A0295055F2A029A039C019F3704"
        "BF0C089F5A0560084006439000"
    )[:-2]
    [asked] = found(application, 0x9F38)
    assert _processing_options(asked).hex().upper() == (
        "80A8000023832126800000" + "00" * 12 + "0156" + "00" * 5 + "0156" + "00" * 9
    )


def test_nothing_of_the_number_is_in_what_is_told() -> None:
    keys = SiteKeys("east", bytes(16), bank_card_key=KEY)
    known_by, assurance = looked_at(Recorder(BankCard(UID, NUMBER).answer), UID, keys)
    assert assurance is Assurance.CARD_UID
    event = CardPresented(known_by, assurance, 1.0, "reader")
    packed = bytes.fromhex(NUMBER + "F" * (len(NUMBER) % 2))
    for told in (repr(event).encode(), pickle.dumps(event), repr(keys).encode()):
        assert NUMBER.encode() not in told
        assert packed not in told
    assert KEY.hex() not in repr(keys).lower()


def test_without_the_key_a_bank_card_is_its_uid_and_is_not_even_asked() -> None:
    card = Recorder(BankCard(UID, NUMBER).answer)
    assert looked_at(card, UID, None) == (UID, Assurance.CARD_UID)
    assert card.said == []
    assert looked_at(card, UID, SiteKeys("east", bytes(16))) == (UID, Assurance.CARD_UID)
    assert all(b"2PAY" not in apdu for apdu in card.said)


@pytest.mark.parametrize(
    "number", [NUMBER[:-1] + str((int(NUMBER[-1]) + 1) % 10), "62170000000", "0" * 20]
)
def test_what_is_no_account_number_names_nobody(number: str) -> None:
    assert identity_of(Recorder(BankCard(UID, number).answer), KEY) is None


def test_the_likeliest_application_comes_first_and_the_next_is_tried() -> None:
    first, second = (bytes.fromhex(f"A00000033301010{digit}") for digit in "12")
    card = BankCard(UID, NUMBER, application=second)

    def entry(name: bytes, priority: int) -> bytes:
        return tlv(0x61, tlv(0x4F, name) + tlv(0x87, bytes([priority])))

    def answer(apdu: bytes) -> bytes:
        if b"2PAY" in apdu:
            return tlv(0x6F, entry(second, 2) + entry(first, 1)) + b"\x90\0"
        return card.answer(apdu)

    recorder = Recorder(answer)
    assert identity_of(recorder, KEY) is not None
    selected = [apdu[5:-1] for apdu in recorder.said if apdu[1] == 0xA4]
    assert selected[1:] == [first, second]


def test_no_more_is_read_than_it_takes_to_find_the_number() -> None:
    card = Recorder(BankCard(UID, NUMBER).answer)
    assert identity_of(card, KEY) is not None
    assert [apdu[2:4] for apdu in card.said if apdu[1] == 0xB2] == [b"\x01\x0c", b"\x02\x0c"]
    card = Recorder(BankCard(UID, NUMBER, in_options=True).answer)
    assert identity_of(card, KEY) is not None
    assert not [apdu for apdu in card.said if apdu[1] == 0xB2]


@pytest.mark.parametrize("step", range(5))
def test_a_card_torn_away_is_no_card_without_a_number(step: int) -> None:
    card = BankCard(UID, NUMBER)

    class Torn(Exception):
        pass

    def answer(apdu: bytes) -> bytes:
        if len(recorder.said) > step:
            raise Torn
        return card.answer(apdu)

    recorder = Recorder(answer)
    with pytest.raises(Torn):
        identity_of(recorder, KEY)


def test_a_card_that_never_comes_to_an_end_is_cut_off() -> None:
    everything = tlv(0x77, tlv(0x94, bytes([0x08, 1, 0xFF, 0]) * 20)) + b"\x90\0"

    def answer(apdu: bytes) -> bytes:
        if b"2PAY" in apdu:
            return DIRECTORY + b"\x90\0"
        return everything if apdu[1] == 0xA8 else tlv(0x70, tlv(0x5F24, b"\x30")) + b"\x90\0"

    recorder = Recorder(answer)
    assert identity_of(recorder, KEY) is None
    assert len(recorder.said) <= EXCHANGES_MAX


ANSWERS = st.lists(
    st.one_of(
        st.binary(max_size=80),
        st.sampled_from([DIRECTORY, APPLICATION]).map(lambda one: one + b"\x90\0"),
        st.binary(max_size=60).map(lambda one: tlv(0x77, one) + b"\x90\0"),
        st.lists(st.binary(min_size=4, max_size=4), max_size=6).map(
            lambda files: tlv(0x80, b"\0\0" + b"".join(files)) + b"\x90\0"
        ),
    ),
    min_size=1,
    max_size=12,
)


@given(ANSWERS)
def test_any_answers_name_somebody_or_nobody_and_end(answers: list[bytes]) -> None:
    left = iter(answers * EXCHANGES_MAX)
    recorder = Recorder(lambda _apdu: next(left).rjust(2, b"\0"))
    known_by = identity_of(recorder, KEY)
    assert known_by is None or len(known_by) == IDENTITY_SIZE
    assert len(recorder.said) <= EXCHANGES_MAX


@given(st.binary(max_size=200), st.integers(0, 0xFFFFFF))
def test_any_bytes_are_tlv_or_say_that_they_are_none(data: bytes, tag: int) -> None:
    for read in (lambda: list(found(data, tag)), lambda: list(tags_and_lengths(data))):
        with contextlib.suppress(BadTlv):
            read()


@given(
    st.recursive(
        st.binary(max_size=140).map(lambda value: tlv(0x5A, value)),
        lambda inner: st.lists(inner, max_size=3).map(lambda many: tlv(0x70, b"".join(many))),
        max_leaves=5,
    ).filter(lambda data: len(data) < 250)
)
def test_what_is_written_is_read_with_padding_and_without(data: bytes) -> None:
    assert list(elements(b"\0" + data + b"\0\0")) == list(elements(data))
    [(tag, value)] = elements(data)
    assert tlv(tag, value) == data


def test_no_bytes_are_in_what_is_said_of_them() -> None:
    with pytest.raises(BadTlv, match=r"^no BER-TLV$"):
        list(elements(bytes.fromhex("5A0862")))


def test_nesting_without_end_is_cut_off() -> None:
    data = b"\x5a\0"
    for _ in range(DEPTH_MAX + 2):
        data = tlv(0x70, data)
    with pytest.raises(BadTlv):
        list(found(data, 0x5A))

"""A card is issued, proven, and told from any other, whatever either side says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.cards.diversify import diversify, site_read_key
from devices.cards.issue import CardType, Issuer, NotIssued, issue, type_of
from devices.cards.prove import Exchange, is_proven, record_of
from devices.simulated.ev2_card import Ev2Card

MASTER = bytes(range(16))
UID, OTHER_UID = bytes.fromhex("04A1B2C3D4E5F6"), bytes.fromhex("04FFFFFFFFFFFF")
ISSUER = Issuer(MASTER, "east")
ELSEWHERE = Issuer(MASTER, "west")
KINDS = {"desfire": False, "ntag424": True}
each_kind = pytest.mark.parametrize("is_ntag", KINDS.values(), ids=KINDS)


class Torn(Exception):
    """The card left."""


def over(card: Ev2Card, *, commands: int = 10_000) -> Exchange:
    left = iter(range(commands))

    def exchange(apdu: bytes) -> tuple[bytes, int]:
        if next(left, None) is None:
            card.leave_field()
            raise Torn
        answer = card.answer(apdu)
        return answer[:-2], int.from_bytes(answer[-2:], "big")

    return exchange


@each_kind
def test_a_card_is_ours_once_it_is_issued_and_only_at_its_site(is_ntag):
    card = Ev2Card(UID, is_ntag=is_ntag)
    exchange = over(card)
    assert not is_proven(exchange, UID, ISSUER.site_keys)
    assert issue(exchange, UID, ISSUER) is (CardType.NTAG_424 if is_ntag else CardType.DESFIRE)
    assert is_proven(exchange, UID, ISSUER.site_keys)
    assert not is_proven(exchange, UID, ELSEWHERE.site_keys)


@each_kind
def test_a_card_torn_away_at_any_command_is_issued_the_next_time(is_ntag):
    for commands in range(30):
        card = Ev2Card(UID, is_ntag=is_ntag)
        try:
            issue(over(card, commands=commands), UID, ISSUER)
        except Torn:
            issue(over(card), UID, ISSUER)
        assert is_proven(over(card), UID, ISSUER.site_keys), commands


@each_kind
def test_a_card_that_borrows_another_s_number_is_not_proven(is_ntag):
    card = Ev2Card(UID, is_ntag=is_ntag)
    issue(over(card), UID, ISSUER)
    assert not is_proven(over(card), OTHER_UID, ISSUER.site_keys)


def test_a_card_with_somebody_else_s_keys_is_left_alone():
    card = Ev2Card(UID)
    issue(over(card), UID, Issuer(bytes(reversed(MASTER)), "east"))
    with pytest.raises(NotIssued, match="foreign_keys"):
        issue(over(card), UID, ISSUER)


def test_a_card_without_keys_cannot_be_issued():
    def plain(apdu: bytes) -> tuple[bytes, int]:
        return b"", 0x6D00

    assert type_of(plain) is CardType.OTHER
    with pytest.raises(NotIssued, match="no_keys"):
        issue(plain, UID, ISSUER)
    assert not is_proven(plain, UID, ISSUER.site_keys)


@given(st.lists(st.tuples(st.binary(max_size=64), st.sampled_from([0x9100, 0x91AF, 0x9000, 0])),
                min_size=1, max_size=20))  # fmt: skip
def test_whatever_a_card_says_it_is_not_proven_by_chance(answers):
    turns = iter(answers * 20)
    assert not is_proven(lambda _: next(turns), UID, ISSUER.site_keys)


@given(st.lists(st.binary(max_size=80), max_size=12), st.booleans())
def test_whatever_a_card_is_told_it_answers_and_is_proven_still(apdus, is_ntag):
    card = Ev2Card(UID, is_ntag=is_ntag)
    issue(over(card), UID, ISSUER)
    for apdu in apdus:
        assert len(card.answer(apdu)) >= 2
        assert len(card.answer(b"\x90" + apdu)) >= 2
    assert is_proven(over(card), UID, ISSUER.site_keys)


def test_every_site_and_card_has_a_key_of_its_own():
    assert site_read_key(MASTER, "east") != site_read_key(MASTER, "west")
    assert len({diversify(MASTER, bytes([n])) for n in range(256)}) == 256
    assert record_of(UID) != record_of(OTHER_UID)


@pytest.mark.parametrize("site", ["", "x" * 25])
def test_a_site_s_code_has_bounds(site):
    with pytest.raises(ValueError, match="site"):
        site_read_key(MASTER, site)

"""A card with keys over a PN532: proven like at any other reader."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from devices.cards.bank_card import IDENTITY_SIZE
from devices.cards.diversify import bank_card_key
from devices.cards.issue import Issuer, issue
from devices.cards.key_file import write_site_keys
from devices.drivers.pn532_reader.driver import Pn532Reader
from devices.ports import Assurance, CardPresented
from devices.simulated.bank_card import BankCard
from devices.simulated.ev2_card import Ev2Card
from devices.simulated.pn532_chip import Pn532Chip

UID = bytes.fromhex("04A1B2C3D4E5F6")
ISSUER = Issuer(bytes(range(16)), "east")
PATIENCE_S = 15.0
NUMBER = "6217000000000000004"
PHONE = bytes.fromhex("08A1B2C3")
STEPS = 6
"""Exchanges until a card of the simulated kind has told its number, after the proof of ours."""


@pytest.mark.parametrize("is_ntag", [False, True], ids=["desfire", "ntag424"])
def test_an_issued_card_is_proven(tmp_path: Path, is_ntag: bool):
    card = Ev2Card(UID, is_ntag=is_ntag)
    _issued(card)
    write_site_keys(tmp_path / "keys", ISSUER.site_keys)
    chip = Pn532Chip(tmp_path / "reader")
    settings = {"port": str(chip.path), "keys": str(tmp_path / "keys")}
    reader = Pn532Reader("reader", settings)
    try:
        reader.open(time.monotonic())
        assert list(reader.step(time.monotonic())) == []
        chip.put(UID, card=card)
        assert _presented(reader).assurance is Assurance.CARD_MUTUAL
    finally:
        reader.close()
        chip.unplug()


def _issued(card: Ev2Card) -> None:
    def exchange(apdu: bytes) -> tuple[bytes, int]:
        answer = card.answer(apdu)
        return answer[:-2], int.from_bytes(answer[-2:], "big")

    issue(exchange, UID, ISSUER)


def _presented(reader: Pn532Reader) -> CardPresented:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        for event in reader.step(time.monotonic()):
            assert isinstance(event, CardPresented)
            return event
    raise AssertionError("no card was read")


@pytest.fixture
def chip(tmp_path: Path) -> Iterator[Pn532Chip]:
    chip = Pn532Chip(tmp_path / "reader")
    yield chip
    chip.unplug()


@pytest.fixture
def reader(tmp_path: Path, chip: Pn532Chip) -> Iterator[Pn532Reader]:
    keys = replace(ISSUER.site_keys, bank_card_key=bank_card_key(ISSUER.master_key))
    write_site_keys(tmp_path / "keys", keys)
    reader = Pn532Reader("reader", {"port": str(chip.path), "keys": str(tmp_path / "keys")})
    reader.open(time.monotonic())
    assert list(reader.step(time.monotonic())) == []
    yield reader
    reader.close()


@pytest.mark.parametrize("in_options", [False, True], ids=["records", "options"])
def test_a_bank_card_is_known_by_its_account(chip, reader, in_options):
    chip.put(PHONE, card=BankCard(PHONE, NUMBER, in_options=in_options))
    found = _presented(reader)
    assert len(found.uid) == IDENTITY_SIZE
    assert found.assurance is Assurance.CARD_UID
    assert NUMBER not in repr(found)


@pytest.mark.parametrize("after", range(1, STEPS + 1))
def test_a_bank_card_torn_away_at_any_step_gives_no_event(chip, reader, after):
    chip.put(PHONE, card=_Torn(PHONE, NUMBER, chip=chip, left=after))
    events = []
    for _ in range(4):
        events += reader.step(time.monotonic())
    assert events == []
    chip.put(PHONE, card=BankCard(PHONE, NUMBER))
    assert len(_presented(reader).uid) == IDENTITY_SIZE, "the next one is read"


@dataclass(slots=True)
class _Torn(BankCard):
    chip: Pn532Chip | None = None
    left: int = 0

    def answer(self, apdu: bytes) -> bytes:
        answer = BankCard.answer(self, apdu)
        self.left -= 1
        if not self.left and self.chip is not None:
            self.chip.take()
        return answer

"""A card with keys over a PN532: proven like at any other reader."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from devices.cards.issue import Issuer, issue
from devices.cards.key_file import write_site_keys
from devices.drivers.pn532_reader.driver import Pn532Reader
from devices.ports import Assurance, CardPresented
from devices.simulated.ev2_card import Ev2Card
from devices.simulated.pn532_chip import Pn532Chip

UID = bytes.fromhex("04A1B2C3D4E5F6")
ISSUER = Issuer(bytes(range(16)), "east")
PATIENCE_S = 15.0


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

"""Cards with keys on a real card service: issued, proven at their site, and told from copies."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from devices.cards.bank_card import IDENTITY_SIZE
from devices.cards.diversify import bank_card_key
from devices.cards.issue import Issuer, issue
from devices.cards.key_file import write_site_keys
from devices.drivers.pcsc_reader.driver import PcscReader
from devices.ports import Assurance, CardPresented
from devices.simulated.pcscd import READER
from devices.simulated.virtual_card import CardProcess
from devices.transport.pcsc import PcscContext
from tests.factories.own_pcscd import own_pcscd

UID = bytes.fromhex("04A1B2C3D4E5F6")
ISSUER = Issuer(bytes(range(16)), "east")
PATIENCE_S = 15.0
NUMBER = "6217000000000000004"
PHONE, OTHER_PHONE = bytes.fromhex("08A1B2C3"), bytes.fromhex("08D4E5F6")


@pytest.fixture(scope="module")
def service():
    yield from own_pcscd()


@pytest.fixture
def card(service: Any) -> Iterator[CardProcess]:
    card = CardProcess(service.ports[0])
    yield card
    card.remove()
    card.close()


def read(tmp_path: Path, site: str = "east") -> CardPresented:
    path = tmp_path / f"{site}.key"
    if not path.exists():
        write_site_keys(path, Issuer(ISSUER.master_key, site).site_keys)
    reader = PcscReader("reader", {"reader": READER, "keys": str(path)})
    reader.open(time.monotonic())
    try:
        return _until_presented(reader)
    finally:
        reader.close()


def _until_presented(reader: PcscReader) -> CardPresented:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        for event in reader.step(time.monotonic()):
            if isinstance(event, CardPresented):
                return event
    raise AssertionError("no card was read")


def until_empty() -> None:
    """The service looks every 0.4 s: an earlier card's ATR must not stand for the next card."""
    context = PcscContext()
    context.open()
    end = time.monotonic() + PATIENCE_S
    try:
        slots = context.states(context.readers())
        while any(slot.has_card for slot in slots):
            assert time.monotonic() < end, "the card never left"
            context.wait(slots)
            slots = context.states(context.readers())
    finally:
        context.close()


def issued() -> None:
    context = PcscContext()
    context.open()
    try:
        with context.held(f"{READER} 00 00") as exchange:
            issue(exchange, UID, ISSUER)
    finally:
        context.close()


@pytest.mark.parametrize("kind", ["desfire", "ntag424"])
def test_an_issued_card_is_proven_at_its_site_and_a_number_elsewhere(card, tmp_path, kind):
    card.insert(UID, kind)
    assert read(tmp_path).assurance is Assurance.CARD_UID
    issued()
    found = read(tmp_path)
    assert (found.uid, found.assurance) == (UID, Assurance.CARD_MUTUAL)
    assert read(tmp_path, "west").assurance is Assurance.CARD_UID


def test_a_copy_of_an_issued_card_s_number_is_only_a_number(card, tmp_path):
    card.insert(UID, "desfire")
    read(tmp_path)
    issued()
    card.remove()
    card.insert(UID, "plain")
    found = read(tmp_path)
    assert (found.uid, found.assurance) == (UID, Assurance.CARD_UID)


def with_bank_cards(tmp_path: Path) -> None:
    keys = replace(ISSUER.site_keys, bank_card_key=bank_card_key(ISSUER.master_key))
    write_site_keys(tmp_path / "east.key", keys)


def test_a_bank_card_is_known_by_its_account_whatever_its_uid(card, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    with_bank_cards(tmp_path)
    card.insert(PHONE, f"bank:{NUMBER}")
    first = read(tmp_path)
    card.remove()
    card.insert(OTHER_PHONE, f"bank:{NUMBER}")
    again = read(tmp_path)
    assert first.uid == again.uid
    assert len(first.uid) == IDENTITY_SIZE
    assert first.assurance is again.assurance is Assurance.CARD_UID
    assert NUMBER not in caplog.text
    assert NUMBER not in repr(first)
    assert read(tmp_path, "west").uid == OTHER_PHONE, "without the key it is its UID"


def test_a_card_of_memory_alone_is_asked_nothing_and_is_its_number(card, tmp_path):
    with_bank_cards(tmp_path)
    until_empty()
    card.insert(UID, "memory")
    try:
        found = read(tmp_path)
    finally:
        card.remove()
        until_empty()
    assert (found.uid, found.assurance) == (UID, Assurance.CARD_UID)


def test_a_card_of_ours_is_proven_before_it_is_a_bank_s(card, tmp_path):
    with_bank_cards(tmp_path)
    card.insert(UID, "desfire")
    assert read(tmp_path).uid == UID
    issued()
    found = read(tmp_path)
    assert (found.uid, found.assurance) == (UID, Assurance.CARD_MUTUAL)

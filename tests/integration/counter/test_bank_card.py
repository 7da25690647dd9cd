"""A bank card on a real reader's line pays for its person, and its number is nowhere."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from devices.cards.bank_card import identity_of
from devices.cards.key_file import write_site_keys
from devices.cards.prove import SiteKeys
from devices.drivers.pn532_reader.driver import Pn532Reader
from devices.ports import CardPresented, CardRemoved
from devices.simulated.bank_card import BankCard
from devices.simulated.pn532_chip import Pn532Chip
from domain.card_numbers import read_number
from sync.messages import CardRow, FeedKind
from sync.signing import card_reference
from terminal_app.counter.machine import Phase
from tests.integration.counter.bench import LUNCH_AMOUNT, PERSON, Bench
from tests.unit.sync import makers

NUMBER = "6217000000000000004"
KEY = bytes(range(16))
PHONE, SAME_PHONE_LATER = bytes.fromhex("08A1B2C3"), bytes.fromhex("08D4E5F6")
PATIENCE_S = 15.0


@pytest.fixture
def chip(tmp_path: Path) -> Iterator[Pn532Chip]:
    chip = Pn532Chip(tmp_path / "line")
    yield chip
    chip.unplug()


@pytest.fixture
def reader(tmp_path: Path, chip: Pn532Chip) -> Iterator[Pn532Reader]:
    write_site_keys(tmp_path / "keys", SiteKeys("east", bytes(16), bank_card_key=KEY))
    reader = Pn532Reader("reader", {"port": str(chip.path), "keys": str(tmp_path / "keys")})
    reader.open(time.monotonic())
    yield reader
    reader.close()


def until(reader: Pn532Reader, kind: type) -> CardPresented | CardRemoved:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        for event in reader.step(time.monotonic()):
            if isinstance(event, kind):
                assert isinstance(event, CardPresented | CardRemoved)
                return event
    raise AssertionError(f"no {kind.__name__}")


def enrol(bench: Bench, printed: str) -> None:
    """What the desk types, as the server reads it and the counter learns it."""
    known_by = read_number(printed, "hex")
    assert known_by is not None
    key = card_reference(makers.activation_answer().card_key, known_by)
    row = CardRow(card_key=key, person_id=PERSON)
    page = makers.page(makers.feed_row(900, FeedKind.CARD, key, row), epoch="E1")
    bench.replica.apply_page(page, bench.replica.position())


def printed_at_the_desk() -> str:
    card = BankCard(PHONE, NUMBER)

    def exchange(apdu: bytes) -> tuple[bytes, int]:
        answer = card.answer(apdu)
        return answer[:-2], int.from_bytes(answer[-2:], "big")

    known_by = identity_of(exchange, KEY)
    assert known_by is not None
    return known_by.hex()


def test_an_enrolled_bank_card_pays_whatever_uid_it_shows(
    bench: Bench, chip: Pn532Chip, reader: Pn532Reader, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    enrol(bench, printed_at_the_desk())
    assert reader.step(time.monotonic()) == []
    chip.put(SAME_PHONE_LATER, card=BankCard(SAME_PHONE_LATER, NUMBER))
    event = until(reader, CardPresented)
    assert isinstance(event, CardPresented)
    bench.card(event.uid)
    assert bench.phase is Phase.APPROVED
    (acceptance,) = bench.accepted
    assert acceptance.request.intent.total == LUNCH_AMOUNT
    assert bench.view.masked_name == "张*明"
    chip.take()
    until(reader, CardRemoved)
    _nowhere(bench, event, caplog.text)


def _nowhere(bench: Bench, event: CardPresented, logged: str) -> None:
    """On no disk, in no event, view, receipt or log; not packed either, and not the UID's hash."""
    told = repr((event, bench.views, bench.printed, bench.accepted)) + logged
    assert NUMBER not in told
    bench.store.close()
    for file in bench.path.parent.iterdir():
        kept = file.read_bytes()
        for number in (NUMBER.encode(), bytes.fromhex(NUMBER + "F"), event.uid):
            assert number not in kept
        assert event.uid.hex().encode() not in kept.lower()


def test_a_bank_card_of_nobody_is_a_strange_card(
    bench: Bench, chip: Pn532Chip, reader: Pn532Reader
) -> None:
    bench.server.is_up = False
    assert reader.step(time.monotonic()) == []
    chip.put(PHONE, card=BankCard(PHONE, NUMBER))
    event = until(reader, CardPresented)
    assert isinstance(event, CardPresented)
    bench.card(event.uid)
    assert bench.phase is not Phase.APPROVED
    assert bench.accepted == []

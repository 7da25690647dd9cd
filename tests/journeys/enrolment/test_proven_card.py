"""A card proves itself on a real card service at the desk, and counters learn what it is worth."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from devices.cards.at_reader import card_at
from devices.cards.issue import Issuer, issue
from devices.cards.look import looked_at
from devices.drivers.pcsc_reader.driver import PcscReader
from devices.ports import Assurance as Read
from devices.simulated.pcscd import READER
from devices.simulated.virtual_card import CardProcess
from domain.offline_policy import Assurance
from sync.signing import card_reference
from terminal_app.enrolment import machine as m
from terminal_app.enrolment.machine import Phase
from tests.factories.own_pcscd import own_pcscd
from tests.factories.schools import NOW, School
from tests.factories.server_rows import SECRETS
from tests.factories.terminals_api import terminals_api

UID = bytes.fromhex("04A1B2C3D4E5F6")
ISSUER = Issuer(bytes(range(16)), "east")
PATIENCE_S = 15.0


@pytest.fixture
def school(sqlite_database: str, tmp_path: Path) -> Iterator[School]:
    with terminals_api(NOW) as api:
        made = School(api, tmp_path)
        yield made
        made.close()


@pytest.fixture
def card() -> Iterator[CardProcess]:
    for service in own_pcscd():
        card = CardProcess(service.ports[0])
        yield card
        card.remove()
        card.close()


def noticed() -> None:
    """Wait until the service has seen the card."""
    reader = PcscReader("reader", {"reader": READER})
    reader.open(time.monotonic())
    try:
        end = time.monotonic() + PATIENCE_S
        while not list(reader.step(time.monotonic())):
            assert time.monotonic() < end, "no card was read"
    finally:
        reader.close()


@pytest.mark.parametrize("kind", ["desfire", "ntag424", "plain"])
def test_a_card_s_worth_is_what_it_proves_at_the_desk(school: School, card, kind: str) -> None:
    bound = school.rows.new_card(school.rows.new_person(), UID)
    card.insert(UID, kind)
    noticed()
    with card_at(READER) as (exchange, uid):
        if kind != "plain":
            issue(exchange, uid, ISSUER)
        _, read = looked_at(exchange, uid, ISSUER.site_keys)
    key = card_reference(SECRETS.card_key(school.rows.organisation.id), uid)
    school.signs_in()
    view = school.does(m.CardRead(key, read is Read.CARD_MUTUAL))
    assert (view.phase, view.person.person_id) == (Phase.PERSON, bound.person_id)
    school.peer.pull()
    row = school.peer.replica.card(key)
    assert row is not None
    proven = Assurance.CARD_UID if kind == "plain" else Assurance.MUTUAL_CARD
    assert row.assurance == proven

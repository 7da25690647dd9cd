"""What every card reader keeps: the real driver on a real PC/SC service, and the twin."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from devices.ports import Assurance, CardPresented, CardRemoved, DeviceLost, TwoCards
from tests.contract.devices.card_benches import (
    AnyBench,
    PcscBench,
    Pn532Bench,
    TwinBench,
    next_events,
    quiet_events,
    until_raised,
)
from tests.factories.own_pcscd import own_pcscd

CARD = bytes.fromhex("04A1B2C3D4E5F6")
OTHER = bytes.fromhex("08A1B2C3")
BENCHES: dict[str, type] = {
    "pcsc_reader": PcscBench,
    "pn532_reader": Pn532Bench,
    "simulated": TwinBench,
}


@pytest.fixture(scope="module")
def service():
    yield from own_pcscd()


@pytest.fixture(params=sorted(BENCHES))
def bench(request: pytest.FixtureRequest) -> Iterator[AnyBench]:
    is_real = request.param == "pcsc_reader"
    bench = BENCHES[request.param](request.getfixturevalue("service") if is_real else None)
    bench.reader.open(time.monotonic())
    assert bench.reader.step(time.monotonic()) == []
    yield bench
    bench.close()


def test_a_card_is_presented_once_and_removed_once(bench):
    before = time.monotonic()
    bench.put(CARD)
    (event,) = next_events(bench)
    assert isinstance(event, CardPresented)
    assert (event.uid, event.reader, event.assurance) == (CARD, "reader", Assurance.CARD_UID)
    assert before <= event.seen_at <= time.monotonic()
    assert not event.already_there
    assert quiet_events(bench) == []
    bench.take()
    (gone,) = next_events(bench)
    assert isinstance(gone, CardRemoved)
    assert gone.reader == "reader"


def test_the_event_never_shows_the_number(bench):
    bench.put(CARD)
    (event,) = next_events(bench)
    assert CARD.hex() not in repr(event).lower()
    assert repr(CARD) not in repr(event)


def test_a_card_that_lay_there_at_opening_says_so(bench):
    bench.put(CARD)
    next_events(bench)
    bench.reader.close()
    bench.reader.open(time.monotonic())
    (event,) = next_events(bench)
    assert event.already_there


def test_a_card_torn_away_before_it_was_read_gives_nothing(bench):
    bench.put_and_tear(CARD)
    assert quiet_events(bench) == []
    bench.put(OTHER)
    (event,) = next_events(bench)
    assert event.uid == OTHER


def test_two_cards_give_no_card_until_both_are_gone(bench):
    bench.put(CARD)
    next_events(bench)
    bench.put(OTHER, place=1)
    (event,) = next_events(bench)
    assert isinstance(event, TwoCards)
    bench.take(place=1)
    assert quiet_events(bench) == []
    bench.take()
    (gone,) = next_events(bench)
    assert isinstance(gone, CardRemoved)
    bench.put(OTHER)
    (event,) = next_events(bench)
    assert event.uid == OTHER


def test_a_card_exchanged_between_two_looks_has_left_first(bench):
    bench.put(CARD)
    next_events(bench)
    bench.exchange(OTHER)
    gone, come = next_events(bench, 2)
    assert isinstance(gone, CardRemoved)
    assert (come.uid, come.already_there) == (OTHER, False)


def test_unplugged_in_use_it_is_lost_and_reads_again_after_plugging_in(bench):
    bench.put(CARD)
    next_events(bench)
    bench.unplug()
    until_raised(bench, DeviceLost)
    bench.reader.close()
    with pytest.raises(DeviceLost):
        bench.reader.open(time.monotonic())
    bench.reader.close()
    bench.plug_in()
    bench.reader.open(time.monotonic())
    bench.take()
    quiet_events(bench)
    bench.put(OTHER)
    event = next_events(bench)[-1]
    assert event.uid == OTHER


def test_closing_twice_is_no_mistake(bench):
    bench.reader.close()
    bench.reader.close()
    bench.reader.open(time.monotonic())
    quiet_events(bench)
    bench.put(OTHER)
    assert next_events(bench)[-1].uid == OTHER

"""Whatever happens to the card service, the reader comes back by itself and reads the next card."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from devices.ports import CardPresented, DeviceEntry, DeviceHealth, HealthState
from devices.registry import make_device
from devices.simulated.pcscd import READER, Pcscd
from devices.simulated.virtual_card import VirtualCard
from devices.supervisor import Supervisor
from tests.factories.own_pcscd import own_pcscd

PATIENCE_S = 30.0
LOOK_S = 0.05
CARD = bytes.fromhex("04A1B2C3D4E5F6")
OTHER = bytes.fromhex("08A1B2C3")


class RealTime:
    """The monotonic clock of this machine, `ahead_s` of it: nobody waits for a hanging call."""

    ahead_s = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead_s

    def now(self) -> Any:
        raise AssertionError("a device bus needs no wall clock")

    def boot_id(self) -> str:
        raise AssertionError("a device bus needs no boot")


class Counter:
    """A supervised reader, watched as a terminal does, and what it posted."""

    def __init__(self, service: Pcscd) -> None:
        entry = DeviceEntry("reader", "card_reader", "pcsc_reader", {"reader": READER})
        self.clock = RealTime()
        self.events: queue.Queue[Any] = queue.Queue()
        self.supervisor = Supervisor(
            [make_device(entry)], self.events.put, self.clock, entries=[entry]
        )
        self.card = VirtualCard(service.ports[0])
        self._stopping = threading.Event()
        self._watching = threading.Thread(target=self._watch, daemon=True)
        self.supervisor.start()
        self._watching.start()

    def _watch(self) -> None:
        while not self._stopping.wait(LOOK_S):
            self.supervisor.step(self.clock.monotonic())

    def until(self, is_wanted: Any) -> Any:
        end = time.monotonic() + PATIENCE_S
        while True:
            event = self.events.get(timeout=max(end - time.monotonic(), 0.01))
            if is_wanted(event):
                return event

    def health(self, state: HealthState) -> DeviceHealth:
        return self.until(lambda one: isinstance(one, DeviceHealth) and one.state is state)

    def reads(self, uid: bytes) -> bool:
        """Put a card on the reader and say whether it, and no other, is read."""
        self.card.insert(uid)
        presented = self.until(lambda one: isinstance(one, CardPresented))
        return bool(presented.uid == uid)

    def lift(self) -> None:
        self.card.remove()
        self.until(lambda one: type(one).__name__ == "CardRemoved")

    def close(self) -> None:
        self._stopping.set()
        self._watching.join()
        self.card.remove()
        self.supervisor.stop()


@pytest.fixture
def service() -> Iterator[Pcscd]:
    yield from own_pcscd()


@pytest.fixture
def counter(service: Pcscd) -> Iterator[Counter]:
    counter = Counter(service)
    counter.health(HealthState.READY)
    yield counter
    counter.close()


@pytest.mark.parametrize("end", ["stop", "crash"])
def test_a_service_that_ends_and_starts_again_is_found(counter, service, end):
    assert counter.reads(CARD)
    counter.lift()
    getattr(service, end)()
    lost = counter.health(HealthState.LOST)
    assert lost.error_code == "devices.no_service", lost
    service.start()
    counter.health(HealthState.READY)
    assert counter.reads(OTHER)


def test_a_service_away_for_long_is_found_as_soon_as_it_is_back(counter, service):
    service.stop()
    counter.health(HealthState.LOST)
    # An hour of failing to open: patience has grown to its longest
    for _ in range(20):
        counter.clock.ahead_s += 180.0
        threading.Event().wait(2 * LOOK_S)
    service.start()
    began = time.monotonic()
    counter.health(HealthState.READY)
    assert time.monotonic() - began < 3.0, "it waited for its turn instead of being told"
    assert counter.reads(CARD)


def test_a_card_that_was_being_read_when_the_service_died_is_not_presented(counter, service):
    counter.card.insert(CARD, hangs=True)
    threading.Event().wait(1.0)
    service.crash()
    counter.health(HealthState.LOST)
    counter.card.remove()
    service.start()
    counter.health(HealthState.READY)
    assert counter.reads(OTHER), "the torn card was read, or the new one was not"


def test_a_reader_that_hangs_in_the_middle_of_a_card_is_told_and_comes_back(counter):
    counter.card.insert(CARD, hangs=True)
    threading.Event().wait(1.0)
    counter.clock.ahead_s += 4.0
    assert counter.health(HealthState.LOST).error_code == "devices.silent"
    counter.clock.ahead_s += 4.0
    threading.Event().wait(1.0)
    counter.card.remove()
    counter.health(HealthState.READY)
    assert counter.reads(OTHER)

"""Scanners and readers that are real to their drivers, pulled out in mid-sale and while awaited.

The sale under way is paid once, the next diner pays another way, and after plugging in the device
serves again. What was put to it while it was away, or lay there, pays nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from devices.ports import HealthState
from devices.simulated.pcscd import Pcscd
from terminal_app.counter.machine import Phase
from tests.factories.own_pcscd import own_pcscd
from tests.journeys.bad_input.books import books_are_sound, paid
from tests.journeys.lunch.conftest import MakeKiosk
from tests.journeys.lunch.kiosk import LEFT_S, READ_S, Kiosk
from tests.journeys.lunch.plugs import (
    PcscPlug,
    Pn532Plug,
    hid_scanner,
    really,
    serial_scanner,
    until_health,
    with_real,
)

pytestmark = pytest.mark.pictures

STUDENT = 1200
PEOPLE = 30
PLUGS: dict[str, Callable[[Path, Any], Any]] = {
    "a scanner on a serial line": serial_scanner,
    "a scanner that types": hid_scanner,
    "a reader of the PC/SC service": PcscPlug,
    "a PN532 on a serial line": Pn532Plug,
}


@pytest.fixture(scope="module")
def service() -> Iterator[Pcscd]:
    yield from own_pcscd()


@pytest.fixture(params=sorted(PLUGS))
def plug(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    make = PLUGS[request.param]
    service = request.getfixturevalue("service") if make is PcscPlug else None
    made = make(tmp_path, service)
    yield made
    made.close()


class Counter:
    """A kiosk with one real device, and diners who pay by it or by the other kind."""

    def __init__(self, kiosk: Kiosk, plug: Any) -> None:
        self.kiosk, self.plug, self.name = kiosk, plug, plug.entry.name
        self.is_reader = plug.entry.kind == "card_reader"
        self.diners: list[Any] = []
        kiosk.sign_in()
        until_health(kiosk, self.name, HealthState.READY)
        kiosk.serve()

    def next_diner(self) -> Any:
        self.diners.append(self.kiosk.canteen.next_diner())
        return self.diners[-1]

    def presents(self, diner: Any) -> None:
        """Hold what the device reads to it."""
        if self.is_reader:
            self.plug.put(diner.card_uid)
        else:
            self.plug.show(diner.phone.code(self.kiosk.canteen.noon.now(), bytes(8)))

    def pays(self, diner: Any) -> None:
        """By the real device, from holding it there to the tick and away again."""
        self.presents(diner)
        self.is_taken()
        self.kiosk.sees_paid(STUDENT)
        self.leaves()

    def is_taken(self) -> None:
        really(self.kiosk, lambda: self.kiosk.phase is not Phase.ARMED, "read")

    def leaves(self) -> None:
        if self.is_reader:
            self.plug.take()
        self.is_served()

    def pays_another_way(self, diner: Any) -> None:
        self.is_served()
        if self.is_reader:
            self.kiosk.shows_wallet(diner)
        else:
            self.kiosk.lays_card(diner.card_uid)
        self.kiosk.sees_paid(STUDENT)
        if not self.is_reader:
            self.kiosk.lifts_card()
        self.is_served()

    def is_served(self) -> None:
        really(self.kiosk, lambda: self.kiosk.phase is Phase.ARMED, "served")
        self.kiosk.wait(READ_S)

    def until(self, state: HealthState) -> None:
        until_health(self.kiosk, self.name, state)

    def each_paid_once(self) -> None:
        self.kiosk.drain()
        assert [paid(one.person_id) for one in self.diners] == [[STUDENT]] * len(self.diners)
        books_are_sound(self.kiosk.canteen)


def test_pulled_in_mid_sale(make: MakeKiosk, plug: Any) -> None:
    counter = Counter(make(profile=with_real(plug), is_simulated=False), plug)
    counter.presents(counter.next_diner())
    counter.is_taken()
    plug.unplug()
    counter.kiosk.sees_paid(STUDENT)
    counter.until(HealthState.LOST)
    if counter.is_reader:
        plug.take()
    counter.pays_another_way(counter.next_diner())
    plug.plug_in()
    counter.until(HealthState.READY)
    # A phone that lay there all along renews its code: the glass has to be empty once
    counter.kiosk.wait(LEFT_S)
    counter.is_served()
    counter.pays(counter.next_diner())
    counter.each_paid_once()


def test_pulled_while_the_counter_waits_for_it(make: MakeKiosk, plug: Any) -> None:
    counter = Counter(make(profile=with_real(plug), is_simulated=False), plug)
    kiosk = counter.kiosk
    plug.unplug()
    counter.until(HealthState.LOST)
    assert kiosk.phase is Phase.ARMED
    passed = counter.next_diner()
    if counter.is_reader and plug.lies_while_away:
        plug.put(passed.card_uid)
    plug.plug_in()
    counter.until(HealthState.READY)
    kiosk.wait(READ_S)
    assert kiosk.phase is Phase.ARMED, "what lay there before it was back has paid"
    assert paid(passed.person_id) == []
    counter.leaves()
    kiosk.wait(LEFT_S)
    counter.pays(passed)
    counter.each_paid_once()

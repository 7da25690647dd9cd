"""The receipt printer, the drawer behind it and the camera, pulled out in mid-sale.

No sale waits for any of them. What was to be printed comes out once, when the printer is back; a
face that was being looked at when the camera went is charged nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from devices.ports import DeviceEntry, HealthState
from devices.simulated.bench_printer import BenchPrinter
from kiosk_profiles.schema import Profile, Receipts
from terminal_app.counter.machine import Phase
from terminal_app.counter.printing import KICK_WAITS_S
from tests.integration.counter.bench import profile
from tests.journeys.bad_input.books import books_are_sound, paid
from tests.journeys.lunch.conftest import MakeKiosk
from tests.journeys.lunch.eyes import SteppedEyes, looking
from tests.journeys.lunch.kiosk import READ_S, TIP_S, Kiosk
from tests.journeys.lunch.plugs import really, until_health, with_real

pytestmark = pytest.mark.pictures

STUDENT, STAFF, GUEST = 1200, 1500, 1800


class PrinterPlug:
    """A printer on the network: what is printed after plugging in lies in the last of `papers`."""

    def __init__(self) -> None:
        self._printer = BenchPrinter()
        self._port = int(self._printer.address.rpartition(":")[2])
        self.entry = DeviceEntry(
            "printer", "printer", "escpos_printer", {"address": self._printer.address}
        )
        self.papers = [self._printer.paper]

    def unplug(self) -> None:
        self._printer.close()

    def plug_in(self) -> None:
        self._printer = BenchPrinter(port=self._port)
        self.papers.append(self._printer.paper)

    def close(self) -> None:
        self._printer.close()

    @property
    def receipts(self) -> list[int]:
        """How many were cut off, plugging by plugging."""
        return [len(paper.receipts) for paper in self.papers]

    @property
    def kicks(self) -> list[int]:
        """How often the drawer was kicked, plugging by plugging."""
        return [paper.drawer_kicks for paper in self.papers]


@pytest.fixture
def plug() -> Iterator[PrinterPlug]:
    made = PrinterPlug()
    yield made
    made.close()


def with_receipts(plug: PrinterPlug) -> Profile:
    return msgspec.structs.replace(with_real(plug), receipts=Receipts(when="always"))


def opened(kiosk: Kiosk) -> Kiosk:
    kiosk.sign_in()
    kiosk.serve()
    return kiosk


def pays_by_card(kiosk: Kiosk) -> None:
    kiosk.until(Phase.ARMED)
    kiosk.wait(READ_S)
    kiosk.lays_card(kiosk.canteen.next_diner().card_uid)
    kiosk.sees_paid(STUDENT)
    kiosk.lifts_card()


def pays_cash(kiosk: Kiosk) -> None:
    kiosk.until(Phase.ARMED)
    kiosk.wait(TIP_S)
    kiosk.cashier.tap("cash")
    kiosk.cashier.type("50")
    kiosk.cashier.tap("pad_00", "pad_enter")
    kiosk.sees_paid(GUEST)
    kiosk.until(Phase.ARMED)


def test_a_printer_pulled_in_mid_sale_prints_each_receipt_once_when_it_is_back(
    make: MakeKiosk, plug: PrinterPlug
) -> None:
    kiosk = opened(make(profile=with_receipts(plug), is_simulated=False))
    pays_by_card(kiosk)
    really(kiosk, lambda: plug.receipts == [1], "printed")
    kiosk.wait(READ_S)
    kiosk.lays_card(kiosk.canteen.next_diner().card_uid)
    plug.unplug()
    kiosk.sees_paid(STUDENT)
    kiosk.lifts_card()
    pays_by_card(kiosk)
    really(kiosk, lambda: kiosk.view.printer.waiting == 2, "two wait")
    assert kiosk.view.printer.code
    plug.plug_in()
    really(kiosk, lambda: kiosk.view.printer.waiting == 0, "printed")
    assert kiosk.view.printer.code == ""
    pays_by_card(kiosk)
    really(kiosk, lambda: plug.receipts == [1, 3], "each once")
    kiosk.books_hold()


def test_cash_is_taken_without_a_drawer_which_opens_when_it_is_back_at_once_or_not_at_all(
    make: MakeKiosk, plug: PrinterPlug
) -> None:
    kiosk = opened(make(profile=with_real(plug), is_simulated=False))
    pays_cash(kiosk)
    really(kiosk, lambda: plug.kicks == [1], "opened")
    plug.unplug()
    pays_cash(kiosk)
    really(kiosk, lambda: bool(kiosk.view.printer.code), "said")
    plug.plug_in()
    really(kiosk, lambda: plug.kicks == [1, 1], "opened a moment later")
    plug.unplug()
    pays_cash(kiosk)
    kiosk.wait(KICK_WAITS_S + TIP_S)
    plug.plug_in()
    really(kiosk, lambda: kiosk.view.printer.code == "", "well again")
    kiosk.wait(TIP_S)
    assert plug.kicks == [1, 1, 0], "it sprang open when nobody was asking for it any more"
    kiosk.books_hold()


def eyes_of(kiosk: Kiosk) -> SteppedEyes:
    eyes = kiosk.terminal.eyes
    assert isinstance(eyes, SteppedEyes)
    return eyes


@pytest.mark.parametrize("at", [Phase.CANDIDATE, Phase.CONFIRM])
def test_a_face_is_charged_nothing_by_a_camera_that_went_and_pays_when_it_is_back(
    make: MakeKiosk, at: Phase
) -> None:
    kiosk = opened(make(profile=profile("canteen")))
    diner = kiosk.canteen.sample.with_faces()[0]
    before = paid(diner.person_id)
    kiosk.looks(looking(diner.photos[0]))
    kiosk.until(at)
    eyes_of(kiosk).plug(is_in=False)
    until_health(kiosk, "camera", HealthState.LOST)
    kiosk.until(Phase.ARMED, limit_s=60)
    assert paid(diner.person_id) == before
    pays_by_card(kiosk)
    eyes_of(kiosk).plug(is_in=True)
    until_health(kiosk, "camera", HealthState.READY)
    kiosk.leaves()
    kiosk.until(Phase.ARMED)
    kiosk.wait(READ_S)
    kiosk.looks(looking(diner.photos[0]))
    kiosk.until(Phase.CONFIRM)
    kiosk.diner.tap("diner.confirm")
    kiosk.sees_paid(STAFF)
    kiosk.leaves()
    assert paid(diner.person_id) == [*before, STAFF]
    books_are_sound(kiosk.canteen)

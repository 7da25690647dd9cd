"""Every kind of device pulled out and put back in the middle of a sale: paid once, by what is left.

The kiosk's own supervisor loses the device and opens it again; the sale under way ends as if
nothing had happened, the glass says what is wrong, and the next diner pays another way.
"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from devices.ports import DeviceEntry, HealthState
from kiosk_profiles.schema import Profile
from terminal_app.counter.machine import Phase
from tests.integration.counter.bench import profile
from tests.journeys.bad_input.books import books_are_sound, paid
from tests.journeys.lunch.conftest import MakeKiosk
from tests.journeys.lunch.kiosk import TIP_S, Kiosk

pytestmark = pytest.mark.pictures

STUDENT = 1200
BACK_S = 40.0
"""Longer than the supervisor rests between two tries."""
GONE_S = 3.0
"""Longer than a scanner takes to say that the code it read is gone; it may have lain there."""
ADDED = ("scale", "keypad", "trigger")
KINDS = ("scanner", "reader", *ADDED)


def with_everything() -> Profile:
    """The canteen's profile with a scale, a keypad and a foot switch besides."""
    made = profile("canteen")
    more = tuple(DeviceEntry(kind, kind, "simulated") for kind in ADDED)
    return msgspec.structs.replace(made, devices=(*made.devices, *more))


def twin(kiosk: Kiosk, name: str) -> Any:
    (found,) = [one for one in kiosk.terminal.hardware.supervised if one.name == name]
    return found


def health(kiosk: Kiosk, name: str) -> HealthState:
    (found,) = [one for one in kiosk.view.devices if one.device == name]
    return found.state


def pays(kiosk: Kiosk, diner: Any, *, by_card: bool) -> None:
    kiosk.until(Phase.ARMED)
    kiosk.wait(TIP_S)
    if by_card:
        kiosk.lays_card(diner.card_uid)
    else:
        kiosk.shows_wallet(diner)
    kiosk.sees_paid(STUDENT)
    if by_card:
        kiosk.lifts_card()
    kiosk.wait(GONE_S)
    kiosk.until(Phase.ARMED)


@pytest.mark.parametrize("name", KINDS)
def test_the_sale_goes_on_and_the_next_ones_too(make: MakeKiosk, name: str) -> None:
    kiosk = make(profile=with_everything())
    pays_by_it = name not in ADDED
    diners = [kiosk.canteen.next_diner() for _ in range(3 if pays_by_it else 2)]
    device, is_reader = twin(kiosk, name), name == "reader"
    kiosk.sign_in()
    kiosk.serve()
    if is_reader:
        kiosk.lays_card(diners[0].card_uid)
    else:
        kiosk.shows_wallet(diners[0])
    device.unplug()
    kiosk.sees_paid(STUDENT)
    if is_reader:
        kiosk.lifts_card()
    kiosk.wait(TIP_S)
    assert health(kiosk, name) is HealthState.LOST
    pays(kiosk, diners[1], by_card=not is_reader)
    device.plug_in()
    left = round(BACK_S / TIP_S)
    while health(kiosk, name) is not HealthState.READY:
        assert left, f"{name} did not come back"
        left -= 1
        kiosk.wait(TIP_S)
    kiosk.wait(GONE_S)
    if pays_by_it:
        pays(kiosk, diners[2], by_card=is_reader)
    kiosk.drain()
    assert [paid(one.person_id) for one in diners] == [[STUDENT]] * len(diners)
    books_are_sound(kiosk.canteen)

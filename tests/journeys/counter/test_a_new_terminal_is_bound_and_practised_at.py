"""From a box on the counter to a practice sale: a code, the devices, a PIN, a card."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kiosk_profiles.schema import Profile
from sync import messages
from sync.messages import RecordKind, activation_link
from terminal_app.counter import events as on
from terminal_app.counter import presses
from terminal_app.counter.first_run import (
    CheckName,
    ChecksDone,
    CheckState,
    FirstRunStage,
    SoundHeard,
)
from terminal_app.counter.machine import Phase
from terminal_app.new_terminal import NewTerminal, is_activated
from terminal_app.terminal import Terminal
from tests.integration.counter import canteen
from tests.integration.counter.bench import profile
from tests.integration.sync.loopback_server import Custodian, Loopback, running, said
from tests.journeys.counter.test_a_diner_pays_at_a_running_terminal import SystemTime
from tests.unit.sync import makers

WITHIN_S = 20.0
_never = threading.Event()


def without_camera() -> Profile:
    canteens = profile(top={"tenders": ("card", "code", "number", "cash")}, face={"mode": "off"})
    devices = tuple(one for one in canteens.devices if one.kind not in ("camera", "printer"))
    return msgspec.structs.replace(canteens, devices=devices)


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not is_so():
        assert time.monotonic() < deadline, "waited in vain"
        _never.wait(0.02)


def site(loopback: Loopback) -> Custodian:
    custodian = Custodian(loopback, clock=SystemTime())
    always = {"starts": "00:00", "ends": "00:00"}  # the terminal has the machine's clock
    rows = [
        makers.feed_row(number, kind, entity, row)
        for number, (kind, entity, row) in enumerate(canteen.feed_rows(always), 1)
    ]
    custodian.pages.append(makers.page(*rows, epoch="E1"))
    loopback.routes["/v1/activate"] = lambda _: said(makers.activation_answer())
    return custodian


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    """A server on a free port of this machine."""
    with running() as made:
        yield made


def test_scan_tap_and_a_practice_sale_with_nothing_in_the_books(
    loopback: Loopback, tmp_path: Path
) -> None:
    custodian = site(loopback)
    new = NewTerminal(without_camera(), tmp_path, is_simulated=True)
    devices: dict[str, Any] = {one.name: one for one in new.hardware.supervised}
    run = new.first_run
    new.start()
    try:
        devices["scanner"].present(activation_link(loopback.url, "7K2M-9QXF"))
        until(lambda: run.view().stage is FirstRunStage.CHECK)
        devices["reader"].present(canteen.CARD)
        until(lambda: run.view().checks[1].state is CheckState.OK)
        run.post(SoundHeard())
        run.post(ChecksDone())
        assert new.wait(WITHIN_S)
    finally:
        new.stop()
    states = {one.name: one.state for one in run.view().checks}
    assert states == dict.fromkeys((CheckName.SCAN, CheckName.TAP, CheckName.SOUND), CheckState.OK)
    assert is_activated(tmp_path)
    _practise(tmp_path, custodian)


def _practise(folder: Path, custodian: Custodian) -> None:
    terminal = Terminal(without_camera(), folder, is_simulated=True)
    counter = terminal.counter
    reader: Any = {one.name: one for one in terminal.hardware.supervised}["reader"]
    # An approval is shown for less than a second: a busy machine may look too late
    shown: set[Phase] = set()
    counter.listen(lambda view: shown.add(view.phase))
    terminal.start()
    try:
        until(lambda: counter.view().offers_practice)
        counter.post(presses.PracticeAsked(canteen.CASHIER_PIN))
        until(lambda: counter.view().is_practice and counter.view().phase is Phase.IDLE)
        counter.post(on.ServingStarted())
        until(lambda: counter.view().phase is Phase.ARMED)
        terminal.wait(0.4)  # the price is read (P11)
        reader.present(canteen.CARD)
        until(lambda: Phase.APPROVED in shown)
        counter.post(presses.PracticeLeft())
        until(lambda: not counter.view().is_practice)
        until(lambda: not counter.view().offers_practice)
        until(lambda: counter.parts.journal.waiting().count == 0)
    finally:
        terminal.stop()
    kinds = {record.kind for record in custodian.kept.values()}
    assert RecordKind.ACCEPTANCE not in kinds
    assert messages.RecordKind.EVENT in kinds

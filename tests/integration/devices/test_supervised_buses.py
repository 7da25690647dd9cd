"""Real buses on their own threads: a scanner pulled out in use and put back goes on by itself."""

from __future__ import annotations

import queue
import time
from pathlib import Path
from typing import Any

import pytest

from devices.ports import CodeScanned, DeviceEntry, DeviceHealth, HealthState, Undriven
from devices.registry import make_device
from devices.simulated.card_reader import SimulatedCardReader
from devices.simulated.input_line import InputLine
from devices.simulated.serial_line import SerialLine
from devices.supervisor import Supervisor
from devices.transport import hid
from devices.undriven import undriven
from tests.factories.own_pcscd import own_pcscd

PATIENCE_S = 20.0


class RealTime:
    """The monotonic clock of this machine; nothing here asks for another."""

    def monotonic(self) -> float:
        return time.monotonic()

    def now(self) -> Any:
        raise AssertionError("a device bus needs no wall clock")

    def boot_id(self) -> str:
        raise AssertionError("a device bus needs no boot")


class Posted:
    """What the supervisor's threads posted."""

    def __init__(self) -> None:
        self.events: queue.Queue[Any] = queue.Queue()

    def until(self, is_wanted: Any) -> Any:
        end = time.monotonic() + PATIENCE_S
        while True:
            event = self.events.get(timeout=max(end - time.monotonic(), 0.01))
            if is_wanted(event):
                return event

    def health(self, device: str, state: HealthState) -> DeviceHealth:
        return self.until(
            lambda one: isinstance(one, DeviceHealth) and (one.device, one.state) == (device, state)
        )


@pytest.fixture
def posted() -> Posted:
    return Posted()


def test_a_scanner_pulled_out_and_put_back_reads_again_while_cards_go_on(
    tmp_path: Path, posted: Posted
) -> None:
    port = SerialLine(tmp_path / "scanner")
    entry = DeviceEntry("glass", "scanner", "serial_scanner", {"port": str(port.path)})
    reader = SimulatedCardReader("reader", {})
    supervisor = Supervisor(
        [make_device(entry), reader], posted.events.put, RealTime(), entries=[entry]
    )
    supervisor.start()
    try:
        posted.health("glass", HealthState.READY)
        port.present("6212345678901234")
        code = posted.until(lambda one: isinstance(one, CodeScanned))
        assert time.monotonic() - code.seen_at < PATIENCE_S
        port.unplug()
        assert posted.health("glass", HealthState.LOST).error_code == "devices.lost"
        reader.present(bytes.fromhex("04A1B2C3"))
        posted.until(lambda one: type(one).__name__ == "CardPresented")
        port.plug_in()
        assert posted.health("glass", HealthState.READY).reopened_count == 1
        posted.until(lambda one: type(one).__name__ == "CodeGone")
        port.present("6212345678909999")
        assert posted.until(lambda one: isinstance(one, CodeScanned)).text.endswith("9999")
    finally:
        supervisor.stop()
        port.unplug()
    assert {one.state for one in supervisor.health()} == {HealthState.STOPPED}


@pytest.fixture(scope="module")
def service():
    yield from own_pcscd()


def test_a_reader_that_no_entry_names_is_listed_and_a_named_one_is_not(service) -> None:
    assert service.is_running
    everything = undriven([])
    readers = [one for one in everything if one.bus == "pcsc"]
    assert len(readers) == 2
    assert isinstance(readers[0], Undriven)
    named = [DeviceEntry("reader", "card_reader", "pcsc_reader", {"reader": "fanpiao"})]
    assert [one for one in undriven(named) if one.bus == "pcsc"] == []


def test_what_is_plugged_in_while_the_counter_runs_and_nobody_drives_is_listed(
    tmp_path: Path, posted: Posted, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "event9"
    entry = DeviceEntry("gun", "scanner", "hid_scanner", {"path": str(tmp_path / "gun")})
    supervisor = Supervisor([make_device(entry)], posted.events.put, RealTime(), entries=[entry])
    monkeypatch.setattr(
        "devices.transport.hid.plugged_in",
        lambda: (
            (hid.Keyboard(str(place), "Other Scanner", "1234:5678", ""),) if place.exists() else ()
        ),
    )
    supervisor.start()
    try:
        posted.health("gun", HealthState.LOST)
        supervisor.step(1.0)
        assert "Other Scanner" not in str(supervisor.unclaimed)
        place.touch()
        supervisor.step(2.0)
        assert "Other Scanner" in str(supervisor.unclaimed)
        line = InputLine(tmp_path / "gun")
        supervisor.step(3.0)
        assert posted.health("gun", HealthState.READY).reopened_count == 1
        line.present("6212345678901234")
        assert posted.until(lambda one: isinstance(one, CodeScanned)).source == "gun"
        line.unplug()
    finally:
        supervisor.stop()

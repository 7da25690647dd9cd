"""One bus's trouble is its own: losing, reopening, defects, health, and a bus that hangs."""

from __future__ import annotations

import queue
import threading
from typing import Any

import pytest

from devices.hotplug import LOOK_S
from devices.ports import (
    CodeScanned,
    DeviceEntry,
    DeviceHealth,
    DeviceLost,
    HealthState,
    Symbology,
)
from devices.registry import make_device
from devices.simulated.card_reader import SimulatedCardReader
from devices.simulated.scanner import SimulatedScanner
from devices.simulated.serial_line import SerialLine
from devices.supervisor import ABANDON_S, REOPEN_S, SILENT_S, STEADY_S, Supervisor
from tests.factories.clocks import StandingClock

UID = bytes.fromhex("04A1B2C3")


class Bench:
    """A supervisor whose buses the test steps itself."""

    def __init__(self, *devices: Any, entries: list[DeviceEntry] | None = None) -> None:
        self.posted: list[Any] = []
        self.clock = StandingClock()
        self.supervisor = Supervisor(devices, self.posted.append, self.clock, entries or [])

    def step(self, seconds: float = 0.0) -> list[Any]:
        self.clock.move(seconds=seconds)
        self.posted.clear()
        for bus in self.supervisor.buses:
            bus.step(self.clock.monotonic())
        return list(self.posted)

    def states(self) -> dict[str, HealthState]:
        return {health.device: health.state for health in self.supervisor.health()}


@pytest.fixture
def scanner() -> SimulatedScanner:
    return SimulatedScanner("glass", {})


def healths(posted: list[Any]) -> list[tuple[str, HealthState, str]]:
    return [
        (one.device, one.state, one.error_code) for one in posted if isinstance(one, DeviceHealth)
    ]


def test_a_device_is_opened_told_ready_and_its_events_passed_on(scanner):
    bench = Bench(scanner)
    assert bench.states() == {"glass": HealthState.STARTING}
    assert healths(bench.step()) == [("glass", HealthState.READY, "")]
    scanner.present("6212345678901234")
    (event,) = bench.step(0.1)
    assert isinstance(event, CodeScanned)


def test_a_lost_device_is_told_once_and_opened_again_when_it_is_back(scanner):
    bench = Bench(scanner)
    bench.step()
    scanner.unplug()
    assert healths(bench.step()) == [("glass", HealthState.LOST, "devices.lost")]
    # From lost to absent is news, one absence after the other is not
    assert healths(bench.step(REOPEN_S[0])) == [("glass", HealthState.LOST, "devices.absent")]
    for _ in range(20):
        assert bench.step(REOPEN_S[-1]) == []
    scanner.plug_in()
    assert healths(bench.step(REOPEN_S[-1])) == [("glass", HealthState.READY, "")]
    assert bench.supervisor.health()[0].reopened_count == 1
    scanner.present("6212345678901234")
    assert isinstance(bench.step()[0], CodeScanned)


def test_opening_again_is_tried_within_a_second_at_first_and_five_at_most(scanner):
    tried: list[float] = []
    bench = Bench(scanner)
    scanner.unplug()
    open_ = scanner.open
    scanner.open = lambda now: (tried.append(now), open_(now))  # type: ignore[func-returns-value]
    for _ in range(3000):
        bench.step(0.01)
    waits = [round(b - a, 2) for a, b in zip(tried, tried[1:], strict=False)]
    assert max(waits[:4]) <= 1.02
    assert max(waits) <= 5.02
    assert waits == sorted(waits)


def test_a_defect_of_one_driver_takes_no_other_device_with_it(scanner):
    class Broken(SimulatedCardReader):
        def step(self, now: float) -> list[Any]:
            raise ZeroDivisionError("card 04A1B2C3")

    bench = Bench(Broken("reader", {}), scanner)
    bench.step()
    scanner.present("6212345678901234")
    posted = bench.step()
    assert healths(posted) == [("reader", HealthState.LOST, "devices.defect")]
    assert any(isinstance(one, CodeScanned) for one in posted)
    assert "04A1B2C3" not in repr(posted)


def test_devices_of_one_bus_share_it_and_each_is_served(scanner):
    reader = SimulatedCardReader("reader", {})
    bench = Bench(scanner, reader)
    assert [bus.name for bus in bench.supervisor.buses] == ["simulated"]
    bench.step()
    scanner.present("6212345678901234")
    reader.present(UID)
    assert {type(one).__name__ for one in bench.step()} == {"CodeScanned", "CardPresented"}


def test_a_bus_that_hangs_is_told_once_and_so_is_its_return(scanner):
    bench = Bench(scanner)
    bench.step()
    bench.posted.clear()
    now = bench.clock.monotonic() + SILENT_S + 1
    bench.supervisor.step(now)
    bench.supervisor.step(now + 1)
    assert healths(bench.posted) == [("glass", HealthState.LOST, "devices.silent")]
    bench.step(SILENT_S + 2)
    bench.supervisor.step(bench.clock.monotonic())
    assert healths(bench.posted) == [("glass", HealthState.READY, "")]


def test_a_supervisor_that_has_not_started_calls_nothing_silent(scanner):
    bench = Bench(scanner)
    bench.supervisor.step(1e6)
    assert bench.posted == []


def test_stopping_closes_every_device_and_says_so(scanner):
    bench = Bench(scanner)
    bench.step()
    bench.posted.clear()
    bench.supervisor.stop()
    assert healths(bench.posted) == [("glass", HealthState.STOPPED, "")]
    scanner.open(1.0)


class LoosePlug:
    """A scanner that opens, and is lost at the first step; even closing it fails."""

    name, kind, bus = "loose", "scanner", "serial:loose"

    def __init__(self) -> None:
        self.opened_count = 0

    def open(self, now: float) -> None:
        self.opened_count += 1

    def step(self, now: float) -> list[Any]:
        raise DeviceLost("devices.lost", self.name)

    def close(self) -> None:
        raise OSError("no such port any more")


def test_a_plug_that_comes_and_goes_is_waited_for_longer_and_longer():
    plug = LoosePlug()
    bench = Bench(plug)

    posted = [one for _ in range(600) for one in bench.step(0.1)]

    assert 10 <= plug.opened_count <= 20, "a minute of a loose plug"
    assert len(posted) == 2 * plug.opened_count


def test_a_device_that_was_steady_is_opened_again_at_once(scanner):
    bench = Bench(scanner)
    for _ in range(8):
        bench.step()
        bench.step(STEADY_S)
        scanner.unplug()
        bench.step()
        scanner.plug_in()
        assert healths(bench.step(REOPEN_S[0])) == [("glass", HealthState.READY, "")]


def test_what_is_plugged_in_again_is_opened_at_once(tmp_path):
    port = SerialLine(tmp_path / "scanner")
    entry = DeviceEntry("glass", "scanner", "serial_scanner", {"port": str(port.path)})
    bench = Bench(make_device(entry), entries=[entry])
    bench.step()
    port.unplug()
    for _ in range(20):
        bench.step(REOPEN_S[-1])
        bench.supervisor.step(bench.clock.monotonic())
    assert bench.states() == {"glass": HealthState.LOST}
    port.plug_in()
    bench.clock.move(seconds=LOOK_S)
    bench.supervisor.step(bench.clock.monotonic())
    assert healths(bench.step()) == [("glass", HealthState.READY, "")]
    bench.supervisor.stop()
    port.unplug()


class Hanging:
    """A reader whose first life never comes back from a step; its second life is well."""

    name, kind, bus = "reader", "card_reader", "pcsc"

    def __init__(self, free: threading.Event, *, is_renewed: bool = False) -> None:
        self.free, self.is_renewed = free, is_renewed
        self.stepped = threading.Event()
        self.closed = threading.Event()
        self.successor: Hanging | None = None

    def renewed(self) -> Hanging:
        self.successor = Hanging(self.free, is_renewed=True)
        return self.successor

    def open(self, now: float) -> None:
        """Always there."""

    def step(self, now: float) -> list[Any]:
        self.stepped.set()
        if not self.is_renewed:
            self.free.wait()
            return [CodeScanned("old", Symbology.QR, self.name, now)]
        return []

    def close(self) -> None:
        self.closed.set()


def test_a_call_that_hangs_for_ever_is_left_and_the_device_goes_on_anew():
    device = Hanging(threading.Event())
    posted: queue.Queue[Any] = queue.Queue()
    clock = StandingClock()
    supervisor = Supervisor([device], posted.put, clock)
    supervisor.start()
    assert device.stepped.wait(10)
    now = clock.monotonic()
    supervisor.step(now + SILENT_S + 1)
    assert device.successor is None
    # A clock that leaps by a day in between is no reason
    supervisor.step(now + SILENT_S + 2)
    assert device.successor is None
    supervisor.step(now + SILENT_S + 1 + ABANDON_S)
    assert device.successor is not None
    assert device.successor.stepped.wait(10)
    assert [one.state for one in supervisor.health()] == [HealthState.READY]
    # What the left call brings at last reaches nobody
    device.free.set()
    assert device.closed.wait(10)
    supervisor.stop()
    told = [posted.get_nowait() for _ in range(posted.qsize())]
    assert not any(isinstance(one, CodeScanned) for one in told)
    assert healths(told)[0] == ("reader", HealthState.READY, "")
    assert ("reader", HealthState.LOST, "devices.silent") in healths(told)
    assert healths(told)[-2:] == [
        ("reader", HealthState.READY, ""),
        ("reader", HealthState.STOPPED, ""),
    ]

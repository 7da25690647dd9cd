"""Every printer keeps the same promises: the real driver on a bench's port, and the twin."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import pytest

from devices.ports import (
    CashDrawer,
    DeviceEntry,
    DeviceLost,
    DeviceSettings,
    Printer,
    PrinterState,
    PrintLine,
    Receipt,
)
from devices.registry import make_drawer, make_printer
from devices.simulated.bench_printer import BenchPrinter

RECEIPT = Receipt("食堂", (PrintLine("张*明", "￥12.00"),), code="4f2a")


class Bench(Protocol):
    """A printer and the hands in front of it."""

    printer: Printer
    drawer: CashDrawer

    def show(self, state: PrinterState) -> None: ...
    def unplug(self) -> None: ...
    def plug_in(self) -> None: ...
    def printed(self, expected: int) -> int: ...
    def kicked(self, expected: int) -> int: ...
    def close(self) -> None: ...


def make(driver: str, settings: DeviceSettings) -> Any:
    """Make a printer, which is its own drawer, as a profile does."""
    return make_printer(DeviceEntry("printer", "printer", driver, settings))


class Twin:
    def __init__(self) -> None:
        self.printer = self.drawer = make("simulated", {})

    def show(self, state: PrinterState) -> None:
        self.printer.show_state(state)

    def unplug(self) -> None:
        self.printer.unplug()

    def plug_in(self) -> None:
        self.printer.plug_in()

    def printed(self, expected: int) -> int:
        return len(self.printer.receipts)

    def kicked(self, expected: int) -> int:
        return self.printer.kick_count

    def close(self) -> None:
        self.printer.close()


@dataclass
class OnTheNetwork:
    far: BenchPrinter = field(default_factory=BenchPrinter)
    is_in: bool = True

    def __post_init__(self) -> None:
        settings = {"address": self.far.address, "timeout_s": 3.0}
        self.printer = self.drawer = make("escpos_printer", settings)

    def show(self, state: PrinterState) -> None:
        self.far.show(state)

    def unplug(self) -> None:
        self.far.close()
        self.is_in = False

    def plug_in(self) -> None:
        self.far = BenchPrinter(port=int(self.far.address.rpartition(":")[2]))
        self.is_in = True

    def printed(self, expected: int) -> int:
        self.far.wait_for(expected)
        return len(self.far.receipts)

    def kicked(self, expected: int) -> int:
        self.far.wait_for_kicks(expected)
        return self.far.paper.drawer_kicks

    def close(self) -> None:
        self.printer.close()
        if self.is_in:
            self.far.close()


@pytest.fixture(params=[Twin, OnTheNetwork], ids=["twin", "real"])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    made: Bench = request.param()
    yield made
    made.close()


def test_it_is_a_printer_and_a_drawer(bench: Bench) -> None:
    assert isinstance(bench.printer, Printer)
    assert isinstance(bench.drawer, CashDrawer)


def test_a_receipt_comes_out_once(bench: Bench) -> None:
    bench.printer.open(0.0)

    bench.printer.print_receipt(RECEIPT)

    assert bench.printed(1) == 1


def test_receipts_come_out_one_by_one(bench: Bench) -> None:
    bench.printer.open(0.0)

    for _ in range(3):
        bench.printer.print_receipt(RECEIPT)

    assert bench.printed(3) == 3


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (PrinterState.PAPER_OUT, "printers.no_paper"),
        (PrinterState.COVER_OPEN, "printers.cover_open"),
    ],
)
def test_a_printer_in_trouble_says_which_and_prints_nothing(
    bench: Bench, state: PrinterState, code: str
) -> None:
    bench.printer.open(0.0)
    bench.show(state)
    assert bench.printer.state() is state

    with pytest.raises(DeviceLost) as lost:
        bench.printer.print_receipt(RECEIPT)

    assert lost.value.code == code
    assert bench.printed(0) == 0


def test_low_paper_is_told_and_still_prints(bench: Bench) -> None:
    bench.printer.open(0.0)
    bench.show(PrinterState.PAPER_LOW)

    bench.printer.print_receipt(RECEIPT)

    assert bench.printer.state() is PrinterState.PAPER_LOW
    assert bench.printed(1) == 1


def test_the_drawer_opens_even_without_paper(bench: Bench) -> None:
    bench.printer.open(0.0)
    bench.show(PrinterState.PAPER_OUT)

    bench.drawer.kick()

    assert bench.kicked(1) == 1


def test_an_unplugged_printer_is_lost_and_comes_back(bench: Bench) -> None:
    bench.printer.open(0.0)
    bench.unplug()
    assert bench.printer.state() is PrinterState.UNKNOWN
    with pytest.raises(DeviceLost):
        bench.printer.print_receipt(RECEIPT)
    with pytest.raises(DeviceLost):
        bench.drawer.kick()
    bench.printer.close()

    bench.plug_in()
    bench.printer.open(1.0)
    bench.printer.print_receipt(RECEIPT)

    assert bench.printed(1) == 1


def test_an_absent_printer_does_not_open(bench: Bench) -> None:
    bench.unplug()

    with pytest.raises(DeviceLost) as lost:
        bench.printer.open(0.0)

    assert lost.value.code == "devices.absent"
    bench.printer.close()
    bench.printer.close()


def test_a_drawer_of_its_own_is_kicked_tells_how_it_moves_and_is_lost_and_found() -> None:
    drawer: Any = make_drawer(DeviceEntry("drawer", "drawer", "simulated"))
    drawer.open(0.0)
    drawer.kick()
    drawer.shut()
    assert [(one.is_open, one.seen_at) for one in drawer.step(1.0)] == [(True, 1.0), (False, 1.0)]
    drawer.unplug()
    with pytest.raises(DeviceLost, match=r"devices\.lost"):
        drawer.kick()
    drawer.close()
    drawer.plug_in()
    drawer.open(2.0)
    drawer.kick()
    assert [one.is_open for one in drawer.step(3.0)] == [True]
    drawer.close()

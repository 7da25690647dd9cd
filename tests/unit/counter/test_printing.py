"""Receipts beside the line: bounded, retried, never in anybody's way."""

from __future__ import annotations

from pathlib import Path

import pytest

from devices.ports import PrinterState, Receipt
from devices.simulated.printer import SimulatedPrinter
from sync.messages import Acceptance, Mode
from terminal_app.counter.print_spool import PrintSpool
from terminal_app.counter.printing import QUEUE_MAX, PrintQueue, receipt_of
from tests.unit.sync import makers


def receipt(number: int = 1) -> Receipt:
    return Receipt(title=str(number), lines=())


def drain(queue: PrintQueue, now: float) -> None:
    while queue.step(now):
        continue


def test_receipts_come_in_order_and_the_drawer_before_them() -> None:
    printer = SimulatedPrinter("printer", {})
    queue = PrintQueue(printer, printer)
    queue.put(receipt(1))
    queue.put(receipt(2))
    queue.kick()
    queue.step(0)
    assert (printer.kick_count, len(printer.receipts)) == (1, 0)
    drain(queue, 0)
    assert [one.title for one in printer.receipts] == ["1", "2"]


def test_a_printer_that_is_away_keeps_its_receipts_and_prints_them_when_back() -> None:
    printer = SimulatedPrinter("printer", {})
    queue = PrintQueue(printer)
    printer.unplug()
    queue.put(receipt())
    drain(queue, 0)
    assert (queue.view().waiting, queue.view().code) == (1, "devices.absent")
    printer.plug_in()
    drain(queue, 1)
    assert not printer.receipts
    drain(queue, 6)
    assert len(printer.receipts) == 1
    assert queue.view().code == ""


def test_the_oldest_are_dropped_when_nobody_mends_the_printer() -> None:
    printer = SimulatedPrinter("printer", {})
    printer.unplug()
    queue = PrintQueue(printer)
    for number in range(QUEUE_MAX + 10):
        queue.put(receipt(number))
    assert queue.view().waiting == QUEUE_MAX


def test_without_a_printer_nothing_waits() -> None:
    queue = PrintQueue(None)
    queue.put(receipt())
    queue.kick()
    assert queue.view().waiting == 0
    assert not queue.step(0)


def test_a_receipt_names_lines_total_and_change_and_masks_the_name() -> None:
    acceptance = Acceptance(
        request=makers.request(), mode=Mode.OFFLINE, given_amount=2000, change_amount=800
    )
    made = receipt_of(acceptance, title="饭堂", label="12:00", masked_name="张*明", language="zh")
    texts = [(line.left, line.right) for line in made.lines]
    assert ("12:00", "张*明") in texts
    assert ("午餐", "¥12.00") in texts
    assert [right for _, right in texts].count("¥12.00") == 2
    assert ("合计", "¥12.00") in texts
    assert ("找零", "¥8.00") in texts


def spooled(folder: Path, printer: SimulatedPrinter) -> PrintQueue:
    return PrintQueue(printer, printer, PrintSpool(folder / "receipts"), copy_mark="COPY")


def test_what_waited_for_paper_is_printed_after_a_power_cut_once(tmp_path: Path) -> None:
    printer = SimulatedPrinter("printer", {})
    printer.show_state(PrinterState.PAPER_OUT)
    queue = spooled(tmp_path, printer)
    queue.put(receipt(1))
    queue.put(receipt(2))
    drain(queue, 0)
    queue.kick()  # cash: the drawer does not wait for paper
    drain(queue, 0)
    assert printer.kick_count == 1
    assert (queue.view().waiting, queue.view().code) == (2, "printers.no_paper")

    printer.close()
    printer.show_state(PrinterState.READY)
    again = spooled(tmp_path, printer)  # the power was cut: nothing was closed
    drain(again, 100)
    assert [(one.title, one.footer) for one in printer.receipts] == [("1", ""), ("2", "")]
    assert printer.kick_count == 1
    assert spooled(tmp_path, SimulatedPrinter("printer", {})).view().waiting == 0


class DiesWhilePrinting(SimulatedPrinter):
    """The power goes when the bytes are out: nobody hears the end of it."""

    def print_receipt(self, receipt: Receipt) -> None:
        super().print_receipt(receipt)
        raise KeyboardInterrupt


def test_what_may_be_on_paper_already_is_printed_as_a_copy(tmp_path: Path) -> None:
    printer = DiesWhilePrinting("printer", {})
    queue = spooled(tmp_path, printer)
    queue.put(receipt(1))
    with pytest.raises(KeyboardInterrupt):
        queue.step(0)
    assert len(printer.receipts) == 1

    after = SimulatedPrinter("printer", {})
    drain(spooled(tmp_path, after), 100)
    assert [(one.title, one.footer) for one in after.receipts] == [("1", "COPY")]


def test_a_printer_lost_in_the_middle_prints_a_copy_when_it_is_back(tmp_path: Path) -> None:
    printer = SimulatedPrinter("printer", {})
    queue = spooled(tmp_path, printer)
    drain(queue, 0)
    printer.unplug()  # open, and gone while it prints
    queue.put(receipt(1))
    drain(queue, 1)
    printer.plug_in()
    drain(queue, 10)
    assert [one.footer for one in printer.receipts] == ["COPY"]


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (PrinterState.PAPER_OUT, "printers.no_paper"),
        (PrinterState.COVER_OPEN, "printers.cover_open"),
        (PrinterState.PAPER_LOW, "printers.paper_low"),
        (PrinterState.READY, ""),
    ],
)
def test_an_idle_printer_says_what_it_needs_before_the_next_sale(
    state: PrinterState, code: str
) -> None:
    printer = SimulatedPrinter("printer", {})
    printer.show_state(state)
    queue = PrintQueue(printer)
    queue.step(0)
    assert (queue.view().state, queue.view().code) == (state.value, code)
    printer.show_state(PrinterState.READY)
    queue.step(20)
    assert queue.view().code == ""


def test_a_broken_spool_counts_as_empty(tmp_path: Path) -> None:
    (tmp_path / "receipts").write_bytes(b"\x00{")
    queue = spooled(tmp_path, SimulatedPrinter("printer", {}))
    assert queue.view().waiting == 0


def test_a_folder_that_takes_no_file_does_not_stop_the_printing(tmp_path: Path) -> None:
    printer = SimulatedPrinter("printer", {})
    queue = spooled(tmp_path / "is" / "not" / "there", printer)
    queue.put(receipt(1))
    drain(queue, 0)
    assert len(printer.receipts) == 1


def test_a_second_paper_is_known_as_a_copy_also_after_a_restart(tmp_path: Path) -> None:
    printer = SimulatedPrinter("printer", {})
    queue = spooled(tmp_path, printer)
    assert not queue.was_put("4f2a")
    queue.put(Receipt(title="1", lines=(), code="4f2a"))
    drain(queue, 0)
    assert spooled(tmp_path, printer).was_put("4f2a")

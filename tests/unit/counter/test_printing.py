"""Receipts beside the line: bounded, retried, never in anybody's way."""

from __future__ import annotations

from devices.ports import Receipt
from devices.simulated.printer import SimulatedPrinter
from sync.messages import Acceptance, Mode
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

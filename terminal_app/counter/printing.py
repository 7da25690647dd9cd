"""Receipts and the drawer, beside the line: a bounded queue with a thread of its own.

Nothing here can hold up a payment: a printer that is away keeps the last receipts, says so in its
state, and prints them when it is back; any receipt may be asked for again.
"""

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace

from devices.ports import CashDrawer, DeviceLost, Printer, PrinterState, PrintLine, Receipt
from domain.messages import Language
from domain.money import format_amount
from domain.sale_numbers import sale_number
from sync.messages import Acceptance, FoundSale
from sync.top_ups import KeptTopUp

QUEUE_MAX = 50
"""Older receipts are dropped first; each can be printed again from the journal."""
RETRY_S = 5.0
_LABELS: Mapping[Language, Mapping[str, str]] = {
    "zh": {
        "goods": "商品",
        "total": "合计",
        "given": "收现金",
        "change": "找零",
        "top_up": "充值",
        "repaid": "其中还欠款",
        "refunded": "已退",
        "number": "单号",
        "copy": "—— 副本 ——",
    },
    "en": {
        "goods": "Goods",
        "total": "Total",
        "given": "Cash",
        "change": "Change",
        "top_up": "Top-up",
        "repaid": "Of it to debt",
        "refunded": "Refunded",
        "number": "No.",
        "copy": "—— COPY ——",
    },
}
"""Headings, not sentences: so they are no codes of `domain.texts`."""


@dataclass(frozen=True, slots=True)
class PrinterView:
    """How printing stands, for the screens."""

    state: str
    waiting: int
    code: str = ""


class PrintQueue:
    """Prints what is put in, when it can. `put` and `kick` never wait and never raise."""

    def __init__(self, printer: Printer | None, drawer: CashDrawer | None = None) -> None:
        self._printer = printer
        self._drawer = drawer
        self._queue: deque[Receipt | None] = deque(maxlen=QUEUE_MAX)
        self._turn = threading.Lock()
        self._is_open = False
        self._retry_at = 0.0
        self._code = ""

    def put(self, receipt: Receipt) -> None:
        """Print this when possible."""
        if self._printer is not None:
            with self._turn:
                self._queue.append(receipt)

    def kick(self) -> None:
        """Open the drawer when possible."""
        if self._drawer is not None:
            with self._turn:
                self._queue.appendleft(None)

    def step(self, now: float) -> bool:
        """Do one thing; say whether there is more. Called by the printing thread."""
        with self._turn:
            if not self._queue or now < self._retry_at:
                return False
            job = self._queue[0]
        try:
            self._do(job, now)
        except DeviceLost as lost:
            self._close_printer()
            self._code, self._retry_at = lost.code, now + RETRY_S
            return False
        with self._turn:
            if self._queue and self._queue[0] is job:
                self._queue.popleft()
        self._code = ""
        return True

    def view(self) -> PrinterView:
        """How printing stands."""
        state = PrinterState.UNKNOWN if self._code else PrinterState.READY
        return PrinterView(state.value, len(self._queue), self._code)

    def close(self) -> None:
        """Let go of the printer."""
        self._close_printer()

    def _do(self, job: Receipt | None, now: float) -> None:
        if job is None:
            if self._drawer is not None:
                self._drawer.kick()
            return
        if self._printer is None:
            return
        if not self._is_open:
            self._printer.open(now)
            self._is_open = True
        self._printer.print_receipt(job)

    def _close_printer(self) -> None:
        if self._printer is not None and self._is_open:
            self._printer.close()
        self._is_open = False


def top_up_receipt_of(
    kept: KeptTopUp, *, title: str, label: str, masked_name: str, language: Language
) -> Receipt:
    """A receipt of a booked top-up: who, how much, and what of it went to debt."""
    label_of, request = _LABELS[language], kept.request
    lines = [PrintLine(label, masked_name)]
    lines.append(PrintLine(label_of["top_up"], format_amount(request.amount), 2))
    if kept.answer is not None and kept.answer.repaid_amount:
        lines.append(PrintLine(label_of["repaid"], format_amount(kept.answer.repaid_amount)))
    return Receipt(title=title, lines=tuple(lines), code=request.top_up_id.hex)


def found_receipt_of(sale: FoundSale, title: str, label: str, language: Language) -> Receipt:
    """A copy of the receipt of a sale that another counter made: what the server tells of it."""
    label_of = _LABELS[language]
    lines = [PrintLine(label, sale.masked_name)]
    lines.append(PrintLine(label_of["total"], format_amount(sale.total), 2))
    refunded_amount = sum(one.amount for one in sale.refunds if one.state == "succeeded")
    if refunded_amount:
        lines.append(PrintLine(label_of["refunded"], format_amount(refunded_amount)))
    lines.append(PrintLine(label_of["number"], sale_number(sale.payment_id)))
    code = sale.payment_id.hex
    return as_copy(Receipt(title=title, lines=tuple(lines), code=code), language)


def as_copy(receipt: Receipt, language: Language) -> Receipt:
    """The same, marked: whoever holds two papers of one sale can see it."""
    return replace(receipt, footer=_LABELS[language]["copy"])


def receipt_of(
    acceptance: Acceptance, *, title: str, label: str, masked_name: str, language: Language
) -> Receipt:
    """A receipt of a journalled sale; names masked, never which fund paid."""
    intent, label_of = acceptance.request.intent, _LABELS[language]
    lines = [PrintLine(label, masked_name)]
    for line in intent.lines:
        name = line.name or label_of["goods"]
        many = f" ×{line.quantity}" if line.quantity > 1 else ""
        lines.append(PrintLine(name + many, format_amount(line.amount)))
    lines.append(PrintLine(label_of["total"], format_amount(intent.total), 2))
    if acceptance.given_amount:
        given, change = acceptance.given_amount, acceptance.change_amount
        lines.append(PrintLine(label_of["given"], format_amount(given)))
        lines.append(PrintLine(label_of["change"], format_amount(change)))
    lines.append(PrintLine(label_of["number"], sale_number(intent.payment_id)))
    return Receipt(title=title, lines=tuple(lines), code=intent.payment_id.hex)

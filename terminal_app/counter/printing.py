"""Receipts and the drawer, beside the line: a bounded queue with a thread of its own.

Nothing here can hold up a payment: a printer without paper, with its cover open or away keeps the
last receipts, says what to do, and prints them by itself when it is well again, also after a power
cut; any receipt may be asked for again, as a copy.
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
from terminal_app.counter.print_spool import HANDED_MAX, Job, PrintSpool, Spooled

QUEUE_MAX = 50
"""Older receipts are dropped first; each can be printed again from the journal."""
RETRY_S = 5.0
KICK_WAITS_S = 20.0
"""A drawer that was away and comes back later than this stays shut: nobody waits for it any more,
and the one that springs open by itself is open to anybody.
"""
LOOK_EVERY_S = 5.0
"""How often an idle printer is asked for paper and cover."""
_TROUBLES: Mapping[PrinterState, str] = {
    PrinterState.PAPER_OUT: "printers.no_paper",
    PrinterState.COVER_OPEN: "printers.cover_open",
    PrinterState.PAPER_LOW: "printers.paper_low",
}
UNTOUCHED = frozenset({"printers.no_paper", "printers.cover_open"})
"""Refusals of a printer before the first byte of a job."""
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
    """How printing stands, for the screens; `code` is the one thing to do, "" when all is well."""

    state: str
    waiting: int
    code: str = ""


class PrintQueue:
    """Prints what is put in, when it can. `put` and `kick` never wait and never raise.

    What waits outlives the process in `spool`; a receipt that may be on paper already when it is
    printed again carries the mark of a copy.
    """

    def __init__(
        self,
        printer: Printer | None,
        drawer: CashDrawer | None = None,
        spool: PrintSpool | None = None,
        *,
        copy_mark: str = "",
    ) -> None:
        self._printer = printer
        self._drawer = drawer
        self._spool = spool or PrintSpool(None)
        self._copy_mark = copy_mark
        kept = self._spool.read()
        self._queue: deque[Job] = deque(kept.jobs, maxlen=QUEUE_MAX)
        self._handed: deque[str] = deque(kept.handed, maxlen=HANDED_MAX)
        self._kicks = 0
        self._kick_until: float | None = None
        self._turn = threading.Lock()
        self._is_open = self._is_unwritten = False
        self._retry_at = self._kick_at = self._look_at = 0.0
        self._code = ""
        self._state = PrinterState.UNKNOWN if printer else PrinterState.READY

    def put(self, receipt: Receipt) -> None:
        """Print this when possible."""
        if self._printer is not None:
            with self._turn:
                self._queue.append(Job(receipt))
                self._handed.append(receipt.code)
                self._is_unwritten = True

    def was_put(self, code: str) -> bool:
        """Whether a receipt of this code was handed over here already: another is a copy."""
        with self._turn:
            return code in self._handed

    def kick(self) -> None:
        """Open the drawer when possible; a kick does not outlive the process."""
        if self._drawer is not None:
            with self._turn:
                self._kicks += 1

    def step(self, now: float) -> bool:
        """Do one thing; say whether there is more. Called by the printing thread."""
        self._write()
        if self._kick_one(now):
            return True
        try:
            return self._print_one(now) or self._look(now)
        except DeviceLost as lost:
            self._close_printer()
            self._code, self._retry_at = lost.code, now + RETRY_S
            self._write()
            return False

    def view(self) -> PrinterView:
        """How printing stands."""
        if self._printer is None:
            return PrinterView(PrinterState.READY.value, 0)
        waiting = len(self._queue) + self._kicks
        code = self._code or _TROUBLES.get(self._state, "")
        state = PrinterState.UNKNOWN if self._code else self._state
        return PrinterView(state.value, waiting, code)

    def close(self) -> None:
        """Let go of the printer; what waits is on disk."""
        self._write()
        self._close_printer()

    # --- the printing thread --------------------------------------------------------------

    def _kick_one(self, now: float) -> bool:
        """The drawer opens with or without paper; one that is away is tried again."""
        with self._turn:
            if not self._kicks or self._drawer is None or now < self._kick_at:
                return False
        try:
            self._drawer.kick()
        except DeviceLost as lost:
            self._code, self._kick_at = lost.code, now + RETRY_S
            self._wait_for_drawer(now)
            return False
        self._kick_until = None
        with self._turn:
            self._kicks -= 1
        return True

    def _wait_for_drawer(self, now: float) -> None:
        if self._kick_until is None:
            self._kick_until = now + KICK_WAITS_S
        elif now >= self._kick_until:
            self._kick_until = None
            with self._turn:
                self._kicks = 0

    def _print_one(self, now: float) -> bool:
        with self._turn:
            if not self._queue or self._printer is None or now < self._retry_at:
                return False
            job = self._queue[0]
        if not self._is_open:
            self._printer.open(now)
            self._is_open = True
        self._begin_and_print(self._printer, job)
        with self._turn:
            if self._queue and self._queue[0] is job:
                self._queue.popleft()
            self._is_unwritten = True
        self._write()
        self._code = ""
        return True

    def _begin_and_print(self, printer: Printer, job: Job) -> None:
        receipt = replace(job.receipt, footer=self._copy_mark) if job.is_begun else job.receipt
        was_begun, job.is_begun = job.is_begun, True
        self._is_unwritten = True
        self._write()
        try:
            printer.print_receipt(receipt)
        except DeviceLost as lost:
            # Asked before the first byte, it said that it cannot: nothing of this is on paper
            job.is_begun = was_begun or lost.code not in UNTOUCHED
            self._is_unwritten = True
            raise

    def _look(self, now: float) -> bool:
        """Ask how it is while there is nothing to print, so that paper is there for the next."""
        if self._printer is None or now < max(self._look_at, self._retry_at):
            return False
        self._look_at = now + LOOK_EVERY_S
        if not self._is_open:
            self._printer.open(now)
            self._is_open = True
        self._state = self._printer.state()
        self._code = ""
        return False

    def _write(self) -> None:
        with self._turn:
            if not self._is_unwritten:
                return
            self._is_unwritten = False
            jobs = [Job(job.receipt, job.is_begun) for job in self._queue]
            spooled = Spooled(jobs, list(self._handed))
        self._spool.write(spooled)

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


def copy_mark(language: Language) -> str:
    """What stands at the foot of a copy."""
    return _LABELS[language]["copy"]


def as_copy(receipt: Receipt, language: Language) -> Receipt:
    """The same, marked: whoever holds two papers of one sale can see it."""
    return replace(receipt, footer=copy_mark(language))


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

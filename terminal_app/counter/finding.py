"""A sale of any shift, found by the number off its receipt, given back whole or in part.

Rules
- Only with the server: what is left of a sale that other counters may refund, it alone knows.
  Refunds of this counter that it has not heard of yet are taken off what it says is left.
- The operator's own PIN always; a supervisor's as soon as all refunds of the sale together pass
  the profile's limit. The refund is on disk before it is sent, under an id of its own.
- Not while anybody is being served: only from IDLE or between meals. While it is open, a scanned
  code is a receipt's and no payer.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from domain.authorization import Tender
from domain.errors import Refused, Unavailable
from domain.messages import Language
from domain.sale_numbers import bare_number
from sync.client import Unanswered
from sync.messages import FoundSale
from sync.sales import refunds_of
from terminal_app.counter import presses
from terminal_app.counter.asking import SaleAnswered
from terminal_app.counter.carrying import Carrying
from terminal_app.counter.found import LEAVE_AFTER_S, Finding, FindStep, followed
from terminal_app.counter.machine import Machine, Phase
from terminal_app.counter.operators import Approval, Known, Wrong
from terminal_app.counter.parts import Hint, Memory, Parts
from terminal_app.counter.printing import found_receipt_of
from terminal_app.counter.strip import RowState
from terminal_app.counter.till import GivenBack

FOLLOW_EVERY_S = 1.0
"""How often the server is asked what became of the refund."""
NEEDS_SERVER = "refunds.needs_server"


class FindingSales:
    """The found sale on the glass (`memory.finding`)."""

    def __init__(
        self, parts: Parts, memory: Memory, carrying: Carrying, machine: Callable[[], Machine]
    ) -> None:
        self._parts = parts
        self._memory = memory
        self._carrying = carrying
        self._machine = machine
        self._by_type: dict[type, Callable[[Any, float], None]] = {
            presses.FindOpened: self._open,
            presses.FindNumber: lambda press, now: self._look(press.number, now),
            presses.FoundRefunded: self._refund,
            presses.FoundPrinted: self._print,
            presses.FindClosed: self._close,
        }

    def takes(self, posted: object) -> bool:
        """Whether this press is about finding a sale."""
        return type(posted) in self._by_type

    def press(self, posted: object, now: float) -> None:
        """Take a press; a refusal is shown to the cashier."""
        self._memory.refusal = Hint()
        try:
            self._by_type[type(posted)](posted, now)
        except (Refused, Unavailable) as error:
            data = {k: v for k, v in error.data.items() if isinstance(v, (int, str))}
            self._memory.refusal = Hint(error.code, data, now)

    def scanned(self, text: str, now: float) -> bool:
        """Take a scanned code while a sale is looked for; say whether it was taken."""
        if self._memory.finding is None:
            return False
        self.press(presses.FindNumber(text), now)
        return True

    def answer(self, answered: SaleAnswered, now: float) -> None:
        """The server's word on the number that is looked up, or followed."""
        shown, answer = self._memory.finding, answered.answer
        if shown is None or shown.number != answered.number:
            return
        if isinstance(answer, FoundSale):
            if shown.step is FindStep.SENT:
                self._memory.finding = self._told(followed(shown, answer, now))
            elif shown.step is FindStep.LOOKING:
                self._memory.finding = self._found(shown, answer, now)
        elif shown.step is FindStep.LOOKING:
            code = NEEDS_SERVER if isinstance(answer, Unanswered) else answer.code
            self._memory.finding = Finding(since=now)
            self._memory.refusal = Hint(code, {}, now)

    def watch(self, now: float) -> None:
        """Follow a refund on its way; leave a page that nobody touches, or when it is served."""
        shown = self._memory.finding
        if shown is None:
            return
        is_over = now - shown.since >= LEAVE_AFTER_S
        if is_over or not may_find(self._parts, self._machine()):
            self._memory.finding = None
        elif shown.step is FindStep.SENT and now - shown.asked_at >= FOLLOW_EVERY_S:
            self._memory.finding = replace(shown, asked_at=now)
            self._parts.asking.find_sale(shown.number)

    # --- presses --------------------------------------------------------------------------

    def _open(self, _press: presses.FindOpened, now: float) -> None:
        if not may_find(self._parts, self._machine()):
            raise Refused("counters.busy")
        self._check_server()
        self._memory.finding = Finding(since=now)

    def _close(self, _press: presses.FindClosed, _now: float) -> None:
        self._memory.finding = None

    def _look(self, text: str, now: float) -> None:
        shown = self._memory.finding
        if shown is None or shown.step in (FindStep.LOOKING, FindStep.SENT):
            raise Refused("counters.busy")
        number = bare_number(text)
        self._check_server()
        self._memory.finding = Finding(FindStep.LOOKING, now, number)
        self._parts.asking.find_sale(number)

    def _refund(self, press: presses.FoundRefunded, now: float) -> None:
        shown = self._memory.finding
        if shown is None or shown.sale is None or not shown.may_refund:
            raise Refused("undo.nothing")
        sale = shown.sale
        if not 0 < press.amount <= shown.left_amount:
            raise Refused("refunds.more_than_left", left_amount=shown.left_amount)
        if sale.is_whole_only and press.amount != sale.total:
            raise Refused("refunds.whole_only")
        self._check_server()
        shift_id, operator_id = self._parts.shift.shift_id, self._machine().operator_id
        if shift_id is None or operator_id is None:
            raise Refused("shifts.none_open")
        approval = self._approved(press, shown, now)
        given = GivenBack(sale.payment_id, sale.tender, press.amount, "refund_found")
        refund_id, problem = self._parts.till.give_back(given, operator_id, shift_id, approval)
        if problem:
            raise Refused(problem)
        self._memory.finding = replace(
            shown, step=FindStep.SENT, amount=press.amount, refund_id=refund_id, since=now,
            asked_at=now,
        )  # fmt: skip
        if sale.tender is Tender.CASH:
            self._parts.printing.kick()
        self._parts.hurry()

    def _print(self, _press: presses.FoundPrinted, _now: float) -> None:
        shown, parts = self._memory.finding, self._parts
        if shown is None or shown.sale is None:
            raise Refused("undo.nothing")
        if self._carrying.print_again(shown.sale.payment_id):
            return
        language: Language = parts.profile.language
        title = parts.binding.merchant_name
        parts.printing.put(found_receipt_of(shown.sale, title, shown.label, language))

    # --- inside ---------------------------------------------------------------------------

    def _found(self, shown: Finding, sale: FoundSale, now: float) -> Finding:
        known = {refund.refund_id for refund in sale.refunds}
        own = refunds_of(self._parts.store, sale.payment_id)
        unheard_amount = sum(refund.amount for refund in own if refund.refund_id not in known)
        left_amount = max(0, sale.left_amount - unheard_amount)
        limit = self._parts.profile.undo.supervisor_above_amount
        return replace(
            shown,
            step=FindStep.FOUND,
            since=now,
            sale=sale,
            label=self._parts.meals.label(sale.occurred_at),
            left_amount=left_amount,
            free_amount=max(0, limit - (sale.total - left_amount)),
        )

    def _told(self, shown: Finding) -> Finding:
        """A sale that the strip shows is struck there once all of it went back."""
        sale = shown.sale
        if shown.step is FindStep.RETURNED and sale is not None and not sale.left_amount:
            self._parts.strip.mark(sale.payment_id, RowState.REVERSED)
        return shown

    def _check_server(self) -> None:
        if not self._parts.asking.is_online_first:
            raise Refused(NEEDS_SERVER)

    def _approved(
        self, press: presses.FoundRefunded, shown: Finding, now: float
    ) -> Approval | None:
        operators = self._parts.operators
        if press.amount <= shown.free_amount:
            self._checked(operators.own(press.pin, now, self._machine().operator_id))
            return None
        known = self._checked(operators.supervisor(press.pin, now))
        by = known.operator.operator_id
        self._note("supervisor_lent", {"action": "refund_found", "by": str(by)})
        return by, operators.fed_hash(by)

    def _checked(self, result: Known | Wrong) -> Known:
        if isinstance(result, Known):
            return result
        if result.has_locked:
            self._note("pin_locked", {})
        raise Refused(result.code)

    def _note(self, name: str, data: dict[str, object]) -> None:
        problem = self._parts.till.note(
            name, data, shift_id=self._parts.shift.shift_id,
            operator_id=self._machine().operator_id,
        )  # fmt: skip
        if problem:
            raise Unavailable(problem)


def may_find(parts: Parts, machine: Machine) -> bool:
    """Whether a sale may be looked for now, the network aside."""
    is_between = machine.phase in (Phase.IDLE, Phase.NO_PERIOD)
    return is_between and machine.operator_id is not None and parts.shift.shift_id is not None

"""What fingers and keys do: every call from QML becomes one event or press for the counter.

No rule lives here. A press that may not be made now is refused by the counter, and said there.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from PySide6.QtCore import QObject, Slot

from terminal_app.counter import events as on
from terminal_app.counter import presses
from terminal_app.counter.events import Who

Post = Callable[[Any], None]


class Actions(QObject):
    """`view.act` in QML. `post` is `Counter.post`."""

    def __init__(self, post: Post, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._post = post

    # --- the day --------------------------------------------------------------------------

    @Slot(str)
    def signIn(self, pin: str) -> None:
        """An operator's PIN on the locked screen."""
        self._post(presses.PinEntered(pin))

    @Slot(str)
    def newPin(self, pin: str) -> None:
        """First use: their own PIN."""
        self._post(presses.NewPinEntered(pin))

    @Slot(int)
    def acceptDay(self, float_amount: int) -> None:
        """Date, time, meal and price are right; so much was counted into the drawer."""
        self._post(presses.DayAccepted(float_amount))

    @Slot()
    def lock(self) -> None:
        """Lock, or another operator."""
        self._post(on.LockPressed())

    @Slot(int, bool)
    def close(self, counted_amount: int, is_queue_accepted: bool) -> None:  # noqa: FBT001
        """End the shift with so much cash counted."""
        self._post(presses.CloseAsked(counted_amount, is_queue_accepted))

    @Slot(int, str, str)
    def moveCash(self, amount: int, reason: str, pin: str) -> None:
        """Put cash in, or take it out with a negative amount."""
        self._post(presses.CashMovedBy(amount, reason, pin))

    @Slot()
    def serve(self) -> None:
        """开始供餐."""
        self._post(on.ServingStarted())

    @Slot()
    def pause(self) -> None:
        """Pause the serving, or a keyed sale."""
        self._post(on.Paused())

    @Slot(str, str)
    def holdOpen(self, period: str, pin: str) -> None:
        """A supervisor serves a meal beyond its hours; "" ends it."""
        self._post(presses.PeriodHeldOpen(period, pin))

    @Slot()
    def acceptClock(self) -> None:
        """The clock was looked at and is right."""
        self._post(presses.ClockAccepted())

    @Slot(str)
    def practise(self, pin: str) -> None:
        """Practise: separate books, no money. An operator's PIN."""
        self._post(presses.PracticeAsked(pin))

    @Slot()
    def leavePractice(self) -> None:
        """Back to the real counter."""
        self._post(presses.PracticeLeft())

    @Slot(str)
    def extend(self, pin: str) -> None:
        """A supervisor extends the offline caps."""
        self._post(presses.ExtensionAsked(pin))

    @Slot()
    def syncNow(self) -> None:
        """Send what waits, now."""
        self._post(presses.SyncAsked())

    # --- the amount -----------------------------------------------------------------------

    @Slot(str)
    def digit(self, digits: str) -> None:
        """A digit, or 00."""
        self._post(presses.DigitTyped(digits))

    @Slot()
    def backspace(self) -> None:
        """Take back a digit, or a line."""
        self._post(presses.Backspaced())

    @Slot()
    def plus(self) -> None:
        """+ on the keypad."""
        self._post(presses.PlusTyped())

    @Slot(int)
    def times(self, count: int) -> None:
        """× on the keypad."""
        self._post(presses.TimesTyped(count))

    @Slot(str)
    def dish(self, item: str) -> None:
        """A dish of the menu."""
        self._post(presses.DishChosen(item))

    @Slot()
    def enter(self) -> None:
        """Enter: arms for one diner, or confirms."""
        self._post(on.Entered())

    @Slot()
    def clear(self) -> None:
        """The clear key."""
        self._post(on.Cleared())

    # --- paying ---------------------------------------------------------------------------

    @Slot(int)
    def cash(self, given_amount: int) -> None:
        """What was handed over; 0 is exactly what is due."""
        self._post(presses.CashTendered(given_amount))

    @Slot()
    def showCode(self) -> None:
        """扫码收款: a code for the payer to scan."""
        self._post(presses.PayeeCodeAsked())

    @Slot()
    def newCode(self) -> None:
        """Another code for the same sale."""
        self._post(on.NewCodePressed())

    @Slot(str, str, str)
    def byNumber(self, number: str, pin: str, reason: str) -> None:
        """The person's own PIN, or the operator's reason."""
        self._post(presses.NumberEntered(number, pin, reason))

    @Slot(str)
    def factor(self, text: str) -> None:
        """The second factor, on the diner's pad."""
        self._post(presses.FactorEntered(text))

    @Slot(str)
    def confirm(self, who: str) -> None:
        """确认, by "diner" or "cashier"."""
        self._post(on.Confirmed(Who(who)))

    @Slot()
    def notMe(self) -> None:
        """不是我."""
        self._post(on.NotMe())

    @Slot()
    def plusOne(self) -> None:
        """One more portion for whoever has just paid."""
        self._post(on.PlusOne())

    @Slot()
    def next(self) -> None:
        """Serve the next while this phone is waited for."""
        self._post(on.NextPressed())

    @Slot()
    def stop(self) -> None:
        """Give this sale up."""
        self._post(on.StopPressed())

    @Slot()
    def onAccount(self) -> None:
        """Let a declined person eat on account."""
        self._post(on.OnAccount())

    # --- cash for a wallet ----------------------------------------------------------------

    @Slot()
    def topUp(self) -> None:
        """Begin to take cash for a wallet."""
        self._post(presses.TopUpAsked())

    @Slot(str)
    def topUpNumber(self, number: str) -> None:
        """Whose wallet, by student or staff number."""
        self._post(presses.TopUpNumber(number))

    # --- mistakes -------------------------------------------------------------------------

    @Slot(str, str, str)
    def undo(self, payment_id: str, who: str, pin: str) -> None:
        """撤销 of a sale, by "diner" or "cashier"; `pin` where it is needed."""
        if payment_id:
            self._post(presses.UndoPressed(UUID(payment_id), Who(who), pin))

    @Slot(str, bool)
    def handedOver(self, payment_id: str, is_handed_over: bool) -> None:  # noqa: FBT001
        """After a power cut: was this meal handed over?"""
        self._post(presses.HandedOver(UUID(payment_id), is_handed_over))

    @Slot(str)
    def reprint(self, payment_id: str) -> None:
        """Print the receipt of a sale, again."""
        self._post(presses.ReprintAsked(UUID(payment_id)))

    # --- a sale of any shift --------------------------------------------------------------

    @Slot()
    def findSale(self) -> None:
        """Look for a sale by the number off its receipt."""
        self._post(presses.FindOpened())

    @Slot(str)
    def findNumber(self, number: str) -> None:
        """Its number, typed."""
        self._post(presses.FindNumber(number))

    @Slot(int, str)
    def refundFound(self, amount: int, pin: str) -> None:
        """Give so much of it back."""
        self._post(presses.FoundRefunded(amount, pin))

    @Slot()
    def printFound(self) -> None:
        """Print its receipt as a copy."""
        self._post(presses.FoundPrinted())

    @Slot()
    def leaveFound(self) -> None:
        """Back from it."""
        self._post(presses.FindClosed())

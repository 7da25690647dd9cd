"""What people press that carries a secret, or needs more than the machine knows.

They reach the counter by the same `post` as device events. Secrets never show in a repr.
"""

from dataclasses import dataclass, field
from uuid import UUID

from terminal_app.counter.events import Who


@dataclass(frozen=True, slots=True)
class PinEntered:
    """An operator's PIN on the locked screen; without `operator_id` whoever it belongs to."""

    pin: str = field(repr=False)
    operator_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class NewPinEntered:
    """First use: the operator's own PIN in place of the one they were given."""

    pin: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class DayAccepted:
    """Date, time, meal and price are right; `float_amount` was counted into the drawer."""

    float_amount: int = 0


@dataclass(frozen=True, slots=True)
class CloseAsked:
    """End the shift with so much cash counted in the drawer."""

    counted_amount: int
    is_queue_accepted: bool = False


@dataclass(frozen=True, slots=True)
class CashMovedBy:
    """Cash put into or taken from the drawer; a supervisor's PIN."""

    amount: int
    reason: str
    pin: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class DigitTyped:
    """A key of the keypad: a digit, or 00."""

    digits: str


@dataclass(frozen=True, slots=True)
class Backspaced:
    """Take back one digit, or one line."""


@dataclass(frozen=True, slots=True)
class PlusTyped:
    """+ on the keypad."""


@dataclass(frozen=True, slots=True)
class TimesTyped:
    """× on the keypad."""

    count: int = 2


@dataclass(frozen=True, slots=True)
class DishChosen:
    """A dish on the menu."""

    item: str


@dataclass(frozen=True, slots=True)
class CashTendered:
    """The cash key with what the diner handed over; 0 means exactly."""

    given_amount: int = 0


@dataclass(frozen=True, slots=True)
class PayeeCodeAsked:
    """扫码收款: show a code for the payer to scan."""


@dataclass(frozen=True, slots=True)
class NumberEntered:
    """By number: the person's own PIN, or the operator's reason."""

    number: str
    pin: str = field(default="", repr=False)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FactorEntered:
    """The second factor, on the diner's pad."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class UndoPressed:
    """撤销 of a row of the strip, or 取消 by the diner. `pin` when it is needed."""

    payment_id: UUID
    who: Who = Who.CASHIER
    pin: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class HandedOver:
    """After a power cut: was this meal handed over?"""

    payment_id: UUID
    is_handed_over: bool


@dataclass(frozen=True, slots=True)
class ExtensionAsked:
    """A supervisor extends the offline caps, once."""

    pin: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PeriodHeldOpen:
    """A supervisor serves a meal beyond its hours; "" ends it."""

    period: str
    pin: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ClockAccepted:
    """The operator looked at the clock and says that it is right."""


@dataclass(frozen=True, slots=True)
class ReprintAsked:
    """Print the receipt of a sale, again."""

    payment_id: UUID


@dataclass(frozen=True, slots=True)
class SyncAsked:
    """ "Sync now": hand over what waits and fetch what changed, without waiting for a turn."""


@dataclass(frozen=True, slots=True)
class TopUpAsked:
    """Take cash for a wallet. Then a card, our own code or `TopUpNumber`; digits and Enter; 确认
    by the diner; `PinEntered`. Clear goes back a step, and out.
    """


@dataclass(frozen=True, slots=True)
class TopUpNumber:
    """Whose wallet, by student or staff number."""

    number: str


@dataclass(frozen=True, slots=True)
class FindOpened:
    """Look for a sale of any shift, to refund it or print it again."""


@dataclass(frozen=True, slots=True)
class FindNumber:
    """Its number: 14 digits off the receipt, or the receipt's code."""

    number: str


@dataclass(frozen=True, slots=True)
class FoundRefunded:
    """Give so much of the found sale back; the cashier's own PIN, or a supervisor's."""

    amount: int
    pin: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class FoundPrinted:
    """Print the found sale's receipt, as a copy."""


@dataclass(frozen=True, slots=True)
class FindClosed:
    """Back from the found sale."""


@dataclass(frozen=True, slots=True)
class PracticeAsked:
    """Practise, from LOCKED, IDLE or between meals: an operator's PIN."""

    pin: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PracticeLeft:
    """Back from practice to the real counter, from any state."""


Press = (
    PinEntered | NewPinEntered | DayAccepted | CloseAsked | CashMovedBy | DigitTyped | Backspaced
    | PlusTyped | TimesTyped | DishChosen | CashTendered | PayeeCodeAsked
    | NumberEntered | FactorEntered | UndoPressed | HandedOver | ExtensionAsked
    | PeriodHeldOpen | ClockAccepted | ReprintAsked
    | SyncAsked | TopUpAsked | TopUpNumber | FindOpened | FindNumber | FoundRefunded | FoundPrinted
    | FindClosed | PracticeAsked | PracticeLeft
)  # fmt: skip

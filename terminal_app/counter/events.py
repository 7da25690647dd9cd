"""What may happen to the counter's machine: small immutable events, none with a secret in it.

Device events become these in `presence.py` and `identify.py`; what people press arrives as it is.
`sale` numbers one freeze; an answer about another sale than the one in hand is never mistaken.
"""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from terminal_app.counter.payers import Payer


class Who(StrEnum):
    """Which side of the counter pressed."""

    DINER = "diner"
    CASHIER = "cashier"
    SUPERVISOR = "supervisor"


class What(StrEnum):
    """What was spent at freeze and must be gone before the next sale (P6)."""

    FACE = "face"
    CARD = "card"
    CODE = "code"
    NOTHING = "nothing"


# --- the day ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CoreReady:
    """Disk, clock, prices and readers answer; face may still be loading."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """Every frozen intent has an outcome."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A right PIN, or card and PIN; the card with date, time, meal and price is shown next."""

    operator_id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class DayConfirmed:
    """The operator confirmed date, time, meal and price, and the shift is on disk."""


@dataclass(frozen=True, slots=True)
class PeriodChanged:
    """Another meal, or none (""); also when a supervisor holds one open."""

    period: str


@dataclass(frozen=True, slots=True)
class PriceChanged:
    """A posted price changed: what the diner read is no longer true."""


@dataclass(frozen=True, slots=True)
class LockPressed:
    """Lock, operator change or the end of a shift; only between sales."""


@dataclass(frozen=True, slots=True)
class TopUpStarted:
    """The cashier takes cash for a wallet: nothing is sold meanwhile."""


@dataclass(frozen=True, slots=True)
class TopUpEnded:
    """The page of the top-up is left."""


@dataclass(frozen=True, slots=True)
class Obstructed:
    """Disk, clock, caps or a revocation: nothing may be sold. `code` is dotted."""

    code: str


@dataclass(frozen=True, slots=True)
class Mended:
    """The cause is gone."""

    code: str


@dataclass(frozen=True, slots=True)
class CapExtended:
    """A supervisor's PIN raised the offline caps by the configured step, once."""


# --- the amount ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AmountKeyed:
    """The cart's present total, 0 when it is empty."""

    amount: int


@dataclass(frozen=True, slots=True)
class Entered:
    """Enter: arms for one diner, or confirms."""


@dataclass(frozen=True, slots=True)
class ServingStarted:
    """开始供餐: the standing price holds for whoever comes next."""


@dataclass(frozen=True, slots=True)
class Paused:
    """The cashier pauses a keyed sale or the serving."""


@dataclass(frozen=True, slots=True)
class Cleared:
    """The clear key."""


@dataclass(frozen=True, slots=True)
class PlusOne:
    """One more portion for the person who has just paid."""


@dataclass(frozen=True, slots=True)
class CashGiven:
    """The cash key: what the diner handed over, as a payer of kind cash with `given_amount`."""

    payer: Payer


# --- who is there -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Offered:
    """A fresh, complete card, code or number (P8–P10 hold)."""

    payer: Payer


@dataclass(frozen=True, slots=True)
class CodeAsked:
    """扫码收款: whoever scans the code that the diner's side will show."""

    payer: Payer


@dataclass(frozen=True, slots=True)
class NotTaken:
    """Something was shown that cannot pay; the code says what to do."""

    code: str


@dataclass(frozen=True, slots=True)
class FaceSeen:
    """One face in the zone, captured after arming (P1–P3)."""

    track_id: int


@dataclass(frozen=True, slots=True)
class FaceKnown:
    """P4: enough frames of one unbroken track agree on one person."""

    payer: Payer


@dataclass(frozen=True, slots=True)
class FaceMeant:
    """P5: a trigger, or standing still long enough after arming."""

    track_id: int


@dataclass(frozen=True, slots=True)
class FaceGone:
    """The track moved on, left, or broke."""

    track_id: int


@dataclass(frozen=True, slots=True)
class SecondFace:
    """A second face as large as the first: 一次一位."""


@dataclass(frozen=True, slots=True)
class ZoneEmptied:
    """P6: what was spent has cleared; a face that rested may try again."""

    what: What


@dataclass(frozen=True, slots=True)
class AnotherPerson:
    """P6: another person passed P4 on a new track while the old one may still last."""

    track_id: int


@dataclass(frozen=True, slots=True)
class Confirmed:
    """确认, or the cashier's Enter."""

    who: Who


@dataclass(frozen=True, slots=True)
class NotMe:
    """不是我."""


@dataclass(frozen=True, slots=True)
class FactorGiven:
    """A PIN, digits or card was tried as second factor. `proof` names the kind, not the secret."""

    is_right: bool
    proof: str = ""


# --- the answer ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Approved:
    """Somebody entitled to say so said yes; not on disk yet."""

    sale: int
    is_online: bool


@dataclass(frozen=True, slots=True)
class OnDisk:
    """The acceptance is in the journal, synced: only now may anything beep."""

    sale: int


@dataclass(frozen=True, slots=True)
class Declined:
    """A definite no, or a no for want of the network; the counter never beeps for it."""

    sale: int
    code: str
    is_on_file: bool = False


@dataclass(frozen=True, slots=True)
class Repriced:
    """The server's total differs; nothing is stored there."""

    sale: int
    amount: int


@dataclass(frozen=True, slots=True)
class FactorNeeded:
    """The decider wants a second factor; nothing is stored there."""

    sale: int
    code: str


@dataclass(frozen=True, slots=True)
class Awaiting:
    """The channel waits for its payer, or nobody knows yet."""

    sale: int


@dataclass(frozen=True, slots=True)
class Unanswered:
    """No answer within the budget, or no network at all."""

    sale: int
    code: str = "server.unreachable"


@dataclass(frozen=True, slots=True)
class CancelledOnDisk:
    """The signed cancellation (or refund) is in the journal. `is_definite`: an own tender."""

    sale: int
    is_definite: bool


@dataclass(frozen=True, slots=True)
class CancelDefinite:
    """The server proves it: nothing is taken any more. `was_taken`: money came, and went back."""

    sale: int
    was_taken: bool = False


@dataclass(frozen=True, slots=True)
class ProvedPaid:
    """The server proves that the sale stands, or the refund was refused."""

    sale: int
    code: str = ""


@dataclass(frozen=True, slots=True)
class NotStored:
    """The disk would not take it; nothing was shown."""

    sale: int
    code: str


@dataclass(frozen=True, slots=True)
class NextPressed:
    """Serve the next diner while this phone is being waited for."""


@dataclass(frozen=True, slots=True)
class StopPressed:
    """Give this sale up."""


@dataclass(frozen=True, slots=True)
class NewCodePressed:
    """Another code for the same sale, once the one that is shown can no longer be paid."""


@dataclass(frozen=True, slots=True)
class UndoAsked:
    """Take back an approved sale that `undo.py` allows to be taken back."""

    sale: int
    who: Who


@dataclass(frozen=True, slots=True)
class OnAccount:
    """The operator lets a declined person eat on account, with the notice that goes with it."""


@dataclass(frozen=True, slots=True)
class Tick:
    """Time passed."""


Event = (
    CoreReady | Recovered | SignedIn | DayConfirmed | PeriodChanged | PriceChanged | LockPressed
    | TopUpStarted | TopUpEnded
    | Obstructed | Mended | CapExtended | AmountKeyed | Entered | ServingStarted | Paused | Cleared
    | PlusOne | CashGiven | CodeAsked | NewCodePressed
    | Offered | NotTaken | FaceSeen | FaceKnown | FaceMeant | FaceGone
    | SecondFace | ZoneEmptied | AnotherPerson | Confirmed | NotMe | FactorGiven | Approved
    | OnDisk | Declined | Repriced | FactorNeeded | Awaiting | Unanswered | CancelledOnDisk
    | CancelDefinite | ProvedPaid | NotStored | NextPressed | StopPressed | UndoAsked | OnAccount
    | Tick
)  # fmt: skip

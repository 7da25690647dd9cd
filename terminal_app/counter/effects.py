"""What the machine asks for. It does nothing itself: `run.py` carries these out, in order.

The order matters: what must be on disk comes before what is heard or printed.
"""

from dataclasses import dataclass
from enum import StrEnum

from terminal_app.counter.events import What
from terminal_app.counter.payers import Payer


class Tone(StrEnum):
    """One tone per outcome; pitch and volume are the counter's."""

    APPROVED = "approved"
    DECLINED = "declined"
    REVERSED = "reversed"
    ASK = "ask"
    HINT = "hint"


@dataclass(frozen=True, slots=True)
class NewOrder:
    """Arming `arming` begins: one diner, one order id; the eyes may embed from now on."""

    arming: int


@dataclass(frozen=True, slots=True)
class Disarm:
    """Nobody is being served: the eyes stop embedding."""


@dataclass(frozen=True, slots=True)
class AwaitName:
    """A card or code shown from now on says whose wallet it is; nobody pays, no face is read."""


@dataclass(frozen=True, slots=True)
class Freeze:
    """Fix amount, payer and tender under a new payment id, on disk, and then ask.

    `amount` is what the diner's side showed.
    """

    sale: int
    arming: int
    payer: Payer
    amount: int


@dataclass(frozen=True, slots=True)
class DecideOffline:
    """The budget is over: decide under the same id from the replica."""

    sale: int


@dataclass(frozen=True, slots=True)
class JournalAcceptance:
    """Put the acceptance on disk; `OnDisk` follows, or `NotStored`."""

    sale: int
    is_online: bool


@dataclass(frozen=True, slots=True)
class JournalDecline:
    """Close the intent: the server stored its no."""

    sale: int
    code: str


@dataclass(frozen=True, slots=True)
class JournalCancellation:
    """Give the sale up, signed and on disk. `is_shown`: the machine waits for its fate."""

    sale: int
    reason: str
    is_shown: bool = False


@dataclass(frozen=True, slots=True)
class JournalRefund:
    """Undo an accepted sale. `is_shown`: the machine waits for its fate."""

    sale: int
    reason: str
    is_shown: bool = False


@dataclass(frozen=True, slots=True)
class Poll:
    """Ask the server how this sale stands."""

    sale: int


@dataclass(frozen=True, slots=True)
class Park:
    """Keep asking about this sale in the background; its row in the strip pulses."""

    sale: int
    is_cancelling: bool = False


@dataclass(frozen=True, slots=True)
class Spend:
    """P6: from this freeze on, the credential and the track in the zone are spent."""

    what: What
    track_id: int | None
    source: str
    person: str


@dataclass(frozen=True, slots=True)
class Latch:
    """A track that was refused may not try again before it has left."""

    track_id: int | None


@dataclass(frozen=True, slots=True)
class Play:
    """A tone."""

    tone: Tone


@dataclass(frozen=True, slots=True)
class Show:
    """One sentence for the diner, by code; gone with the next."""

    code: str


@dataclass(frozen=True, slots=True)
class PrintReceipt:
    """A receipt in the queue; never in the path of a payment."""

    sale: int


@dataclass(frozen=True, slots=True)
class OpenDrawer:
    """Kick the drawer."""


@dataclass(frozen=True, slots=True)
class EmptyCart:
    """The amount was charged or dropped; the keypad starts again (or with what was typed)."""


@dataclass(frozen=True, slots=True)
class Log:
    """Something a person may ask about later: journalled as an event."""

    name: str
    sale: int = 0


@dataclass(frozen=True, slots=True)
class Forget:
    """The sale in hand is over: drop its secrets and answers nobody waits for."""

    sale: int


Effect = (
    NewOrder | Disarm | AwaitName | Freeze | DecideOffline | JournalAcceptance | JournalDecline
    | JournalCancellation | JournalRefund | Poll | Park | Spend | Latch | Play | Show
    | PrintReceipt | OpenDrawer | EmptyCart | Log | Forget
)  # fmt: skip

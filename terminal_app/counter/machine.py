"""The machine's state, and the few moves that every part of the table is made of.

Rules kept here, because every path to a charge runs through `charge`:
- One arming charges at most once: `arming` must be beyond `charged`.
- P11: what is charged stood on the diner's side for `shown_min_s`; a payer who comes sooner is
  held and charged on the tick at which it did, unless anything changes in between.
- What is spent is spent at freeze, not at approval (P6).
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.errors import Defect
from sync.messages import CredentialKind
from terminal_app.counter.effects import Disarm, Effect, Freeze, NewOrder, Spend
from terminal_app.counter.events import Event, What
from terminal_app.counter.payers import Payer
from terminal_app.counter.rules import Rules


class Phase(StrEnum):
    """Where the counter stands."""

    STARTING = "starting"
    RECOVER = "recover"
    LOCKED = "locked"
    NO_PERIOD = "no_period"
    IDLE = "idle"
    ARMED = "armed"
    CANDIDATE = "candidate"
    CONFIRM = "confirm"
    SECOND_FACTOR = "second_factor"
    AUTHORISING = "authorising"
    AWAITING = "awaiting"
    APPROVED = "approved"
    CANCELLING = "cancelling"
    REVERSED = "reversed"
    CLEARING = "clearing"
    DECLINED = "declined"
    BLOCKED = "blocked"
    TOP_UP = "top_up"


class Stage(StrEnum):
    """How far the sale in hand is decided, within AUTHORISING and AWAITING."""

    ASKING = "asking"
    OFFLINE = "offline"
    DECIDED = "decided"  # a yes is on its way to the disk: too late to clear, undo instead


class Then(StrEnum):
    """What follows once nothing can be taken any more by a sale that is being cancelled."""

    OVER = "over"
    EXPIRED = "expired"  # the code that was shown is too old: back to the same diner
    AGAIN = "again"  # another code for the same sale


@dataclass(frozen=True, slots=True)
class Parked:
    """A sale that is waited for beside the line; bounded by `parked_max` and `max_s`."""

    sale: int
    since: float
    is_cancelling: bool = False
    max_s: float | None = None


@dataclass(frozen=True, slots=True)
class Machine:
    """The whole state, a value. `since` and all `…_at` are monotonic seconds.

    `amount` is the keyed total on the diner's side, `typed` what the keypad says now. `due` is the
    amount of the sale in hand. `held` is a payer who waits for P11. `obstacle` is a cause to block
    that waits for the sale in hand to become definite. `is_emptied`: what was spent left before
    CLEARING began. `heard_at` is the server's last word on a sale that is waited for.
    """

    rules: Rules = field(default_factory=Rules)
    phase: Phase = Phase.STARTING
    since: float = 0.0
    operator_id: UUID | None = None
    operator_name: str = ""
    period: str = ""
    is_serving: bool = False
    amount: int = 0
    typed: int = 0
    is_next_entered: bool = False
    is_asked_twice: bool = False
    shown_at: float = 0.0
    arming: int = 0
    charged: int = 0
    sale: int = 0
    payer: Payer | None = None
    held: Payer | None = None
    due: int = 0
    is_extra: bool = False
    track_id: int | None = None
    track_gone_at: float | None = None
    is_meant: bool = False
    is_resting: bool = False
    wrong: int = 0
    stage: Stage = Stage.ASKING
    asked_at: float = 0.0
    approved_at: float | None = None
    is_undo: bool = False
    heard_at: float = 0.0
    then: Then = Then.OVER
    was_taken: bool = False
    is_told: bool = False
    is_emptied: bool = False
    parked: tuple[Parked, ...] = ()
    code: str = ""
    obstacle: str = ""
    has_open_intent: bool = False

    @property
    def spent(self) -> What:
        """What has to clear before the next sale."""
        return spent_by(self.payer) if self.payer else What.NOTHING

    @property
    def awaited(self) -> int:
        """How many parked phones are still being waited for."""
        return sum(1 for parked in self.parked if not parked.is_cancelling)

    @property
    def is_showing(self) -> bool:
        """Whether the payer of the sale in hand scans what the counter shows."""
        return self.payer is not None and self.payer.credential is CredentialKind.PAYEE_CODE

    @property
    def awaiting_max_s(self) -> float:
        """How long the payer of the sale in hand is waited for."""
        return self.rules.code_shown_max_s if self.is_showing else self.rules.awaiting_max_s

    def sells(self) -> bool:
        """Whether this counter may sell now: by keypad always, by standing price in a meal."""
        return not self.rules.is_standing or bool(self.period)


Step = tuple[Machine, tuple[Effect, ...]]
Handler = Callable[[Machine, Any, float], Step]

_SPENT = {
    CredentialKind.FACE: What.FACE,
    CredentialKind.CARD: What.CARD,
    CredentialKind.WALLET_CODE: What.CODE,
    CredentialKind.CHANNEL_CODE: What.CODE,
}


def spent_by(payer: Payer) -> What:
    """What a payer's credential leaves lying there."""
    return _SPENT.get(payer.credential, What.NOTHING)


def go(machine: Machine, phase: Phase, now: float, **changes: Any) -> Machine:
    """Enter a phase; nobody is held any longer."""
    return replace(machine, phase=phase, since=now, held=None, **changes)


def stay(machine: Machine, _event: Event, _now: float) -> Step:
    """A row that deliberately changes nothing."""
    return machine, ()


def arm(machine: Machine, now: float, amount: int) -> Step:
    """Begin with one diner: a new order, and the amount on their side from now."""
    armed = go(
        machine,
        Phase.ARMED,
        now,
        arming=machine.arming + 1,
        amount=amount,
        shown_at=now,
        is_next_entered=False,
        **NOBODY,
    )
    return armed, (NewOrder(armed.arming),)


NOBODY: dict[str, Any] = {
    "payer": None,
    "due": 0,
    "is_extra": False,
    "track_id": None,
    "track_gone_at": None,
    "is_meant": False,
    "is_resting": False,
    "wrong": 0,
    "approved_at": None,
    "is_undo": False,
    "then": Then.OVER,
    "was_taken": False,
    "is_told": False,
    "code": "",
}
"""What is forgotten between two diners."""


def same_arming(machine: Machine, now: float, **changes: Any) -> Machine:
    """Go back to ARMED for the same diner: amount and order stay, the payer does not."""
    kept = {**NOBODY, "is_resting": machine.is_resting, **changes}
    return go(machine, Phase.ARMED, now, **kept)


def rest(machine: Machine, now: float) -> Step:
    """The sale in hand is over: block, serve the next, or wait for an amount."""
    if machine.obstacle:
        return block(machine, now, machine.obstacle)
    if not machine.sells():
        return go(machine, Phase.NO_PERIOD, now, **NOBODY), (Disarm(),)
    if machine.rules.is_standing and machine.is_serving:
        return arm(machine, now, 0)
    if machine.is_next_entered and machine.typed > 0:
        return arm(machine, now, machine.typed)
    return to_idle(machine, now)


def to_idle(machine: Machine, now: float) -> Step:
    """Wait for an amount, or for the serving to begin."""
    return go(machine, Phase.IDLE, now, amount=0, is_next_entered=False, **NOBODY), (Disarm(),)


def block(machine: Machine, now: float, code: str) -> Step:
    """Sell nothing, and say why."""
    blocked = go(machine, Phase.BLOCKED, now, **{**NOBODY, "code": code}, obstacle="")
    return blocked, (Disarm(),)


def charge(machine: Machine, payer: Payer, now: float) -> Step:
    """Freeze the sale for this payer, or hold them until the amount was shown long enough."""
    if machine.arming <= machine.charged:
        raise Defect(f"arming {machine.arming} was charged already")
    if payer.due_amount <= 0:
        raise Defect("nothing is due")
    if now - machine.shown_at < machine.rules.shown_min_s:
        return replace(machine, held=payer), ()
    sale = machine.sale + 1
    frozen = go(
        machine,
        Phase.AUTHORISING,
        now,
        sale=sale,
        payer=payer,
        due=payer.due_amount,
        stage=Stage.ASKING,
        asked_at=now,
        is_undo=False,
        then=Then.OVER,
        was_taken=False,
        is_emptied=False,
        code="",
    )
    track = payer.track_id if payer.track_id is not None else machine.track_id
    spend = Spend(spent_by(payer), track, payer.source, str(payer.person_id or ""))
    freeze = Freeze(sale, machine.arming, payer, payer.due_amount)
    return frozen, (spend, freeze)

"""What the counter thread works with: every part, and the little it remembers between two sales."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from devices.ports import DeviceHealth, Eyes, Undriven
from kiosk_profiles.schema import Profile
from sync.clocks import CorrectedClock
from sync.messages import ActivationAnswer, ItemRow, Line
from sync.outbox import Journal
from sync.replica import Replica
from sync.store import LocalStore
from terminal_app.counter.asking import Asking
from terminal_app.counter.binding import RequestMaker
from terminal_app.counter.cart import Cart
from terminal_app.counter.effects import Tone
from terminal_app.counter.found import Finding
from terminal_app.counter.identify import Identify, Offer
from terminal_app.counter.in_hand import SaleInHand
from terminal_app.counter.meals import Meals, Posted
from terminal_app.counter.offline import OfflineDesk
from terminal_app.counter.operators import Approval, Operators
from terminal_app.counter.presence import Presence
from terminal_app.counter.printing import PrintQueue
from terminal_app.counter.recover import Recovery
from terminal_app.counter.shift import Closed, Shift
from terminal_app.counter.strip import Strip
from terminal_app.counter.till import Till
from terminal_app.counter.top_up import TopUp


@dataclass(frozen=True, slots=True)
class Parts:
    """The counter's parts; all used by the counter thread only, but for `printing`."""

    profile: Profile
    binding: ActivationAnswer
    store: LocalStore
    journal: Journal
    replica: Replica
    clock: CorrectedClock
    meals: Meals
    desk: OfflineDesk
    identify: Identify
    operators: Operators
    maker: RequestMaker
    shift: Shift
    till: Till
    asking: Asking
    recovery: Recovery
    strip: Strip
    presence: Presence
    printing: PrintQueue
    eyes: Eyes | None
    data_key: Callable[[], bytes | None]
    hurry: Callable[[], None]
    sync_now: Callable[[], None]
    standing: Callable[[], str]
    not_selling: Callable[[], str]
    unclaimed: Callable[[], tuple[Undriven, ...]]
    shows_codes: Callable[[], bool]
    practise: Callable[[str | None], None]
    is_practice: bool


@dataclass(frozen=True, slots=True)
class Hint:
    """One sentence on the diner's side, by code and data, and since when (monotonic)."""

    code: str = ""
    data: dict[str, int | str] = field(default_factory=dict)
    since: float = 0.0


@dataclass(frozen=True, slots=True)
class Outline:
    """Where the foremost face is, in fractions of the frame: never a picture.

    `still_share` fills the ring from 0 to 1 (P5). `advice` is a dotted hint of the eyes.
    """

    left: float
    top: float
    width: float
    height: float
    still_share: float
    advice: str


class StageName(StrEnum):
    """What a start goes through, in the order shown."""

    DISK = "disk"
    CLOCK = "clock"
    PRICES = "prices"
    READERS = "readers"
    FACE = "face"


class StageState(StrEnum):
    """How one of them stands."""

    WAITING = "waiting"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class StageView:
    """One line of the start-up page; `code` says why it failed, or what it waits for."""

    name: StageName
    state: StageState
    code: str = ""


@dataclass(frozen=True, slots=True)
class CashBack:
    """What a diner gave and gets back, and since when both sides may read it (monotonic)."""

    given_amount: int = 0
    change_amount: int = 0
    since: float = float("-inf")


@dataclass(slots=True)
class Memory:
    """What the counter remembers between steps; nothing here outlives the process."""

    cart: Cart = field(default_factory=Cart)
    offers: dict[int, Offer] = field(default_factory=dict)
    hands: dict[int, SaleInHand] = field(default_factory=dict)
    order_id: UUID | None = None
    order_lines: tuple[Line, ...] = ()
    hint: Hint = field(default_factory=Hint)
    cash_back: CashBack = field(default_factory=CashBack)
    tone: Tone | None = None
    tones: int = 0
    devices: dict[str, DeviceHealth] = field(default_factory=dict)
    posted: tuple[Posted, ...] = ()
    items: tuple[ItemRow, ...] = ()
    watched_at: float = float("-inf")
    gallery_mark: tuple[object, ...] | None = None
    wrong_numbers: int = 0
    numbers_locked_until: float = 0.0
    outline: Outline | None = None
    is_clock_accepted: bool = False
    must_change_pin: bool = False
    closed: Closed | None = None
    approvals: dict[UUID, Approval] = field(default_factory=dict, repr=False)
    """Payment → the supervisor who has just approved that it is taken back."""
    refusal: Hint = field(default_factory=Hint)
    stages: tuple[StageView, ...] = ()
    top_up: TopUp | None = None
    finding: Finding | None = None
    offers_practice: bool = False

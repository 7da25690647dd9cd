"""What a counter's journal holds, and how its rows are pushed and answered."""

from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.authorization import Mode, Tender
from sync.messages.sale import Balance, PaymentRequest, Stamp
from sync.messages.wire import WIRE_VERSION, Message


class RecordKind(StrEnum):
    """The kinds of journal rows."""

    ACCEPTANCE = "acceptance"
    CANCELLATION = "cancellation"
    REFUND = "refund"
    SHIFT_OPENED = "shift_opened"
    SHIFT_CLOSED = "shift_closed"
    CASH_MOVED = "cash_moved"
    EVENT = "event"
    JOURNAL_OPENED = "journal_opened"
    LOST = "lost"


class Acceptance(Message, frozen=True, kw_only=True):
    """The meal was handed over for this intent. Online approvals are journalled too."""

    request: PaymentRequest
    mode: Mode
    policy_version: int = 0
    given_amount: int = 0
    change_amount: int = 0
    snapshot_age_s: float = 0.0
    server_mac: bytes = b""


class Cancellation(Message, frozen=True, kw_only=True):
    """The sale of this id is over and no meal is owed for it: undo, time-out, changed amount."""

    payment_id: UUID
    order_id: UUID
    fingerprint: bytes
    reason: str
    stamp: Stamp
    binding_version: int
    operator_id: UUID | None = None
    shift_id: UUID | None = None
    accepted_before: bool = False


class RefundRequest(Message, frozen=True, kw_only=True):
    """A refund with its own id; cash, or a full void of a wallet sale (MONEY §3).

    Above the agreement's limit a supervisor approves: `supervisor_id` with
    `sync.pins.refund_approval` by the PIN hash that the feed brought of them.
    """

    refund_id: UUID
    payment_id: UUID
    amount: int
    tender: Tender
    reason: str
    stamp: Stamp
    binding_version: int
    lines: tuple[int, ...] = ()
    operator_id: UUID | None = None
    shift_id: UUID | None = None
    supervisor_id: UUID | None = None
    supervisor_proof: bytes = b""


class ShiftOpened(Message, frozen=True, kw_only=True):
    """A shift starts with a counted float in its drawer."""

    shift_id: UUID
    operator_id: UUID
    business_on: date
    meal_period: str
    float_amount: int
    stamp: Stamp
    binding_version: int


class ShiftClosed(Message, frozen=True, kw_only=True):
    """A shift ends: what was counted, and what its records say (audit rule 11 checks both).

    `tallies` maps "<credential or cash>" to [count, amount]; refunds and cancellations likewise
    under "refund" and "cancellation".
    """

    shift_id: UUID
    operator_id: UUID
    counted_amount: int
    expected_amount: int
    tallies: dict[str, tuple[int, int]]
    waiting_count: int
    waiting_amount: int
    stamp: Stamp
    binding_version: int


class CashMoved(Message, frozen=True, kw_only=True):
    """Cash put into (positive) or taken from (negative) the drawer during a shift."""

    shift_id: UUID
    amount: int
    reason: str
    operator_id: UUID
    stamp: Stamp
    binding_version: int = 0


class Event(Message, frozen=True, kw_only=True):
    """Something a person should be able to ask about later: override, wrong PIN, not me…"""

    name: str
    data: dict[str, Any]
    stamp: Stamp
    operator_id: UUID | None = None
    shift_id: UUID | None = None


class JournalOpened(Message, frozen=True, kw_only=True):
    """The first row of every journal; names the head it follows when a store was restored."""

    old_journal_id: UUID | None = None
    old_head_sequence: int = 0
    old_head_hash: bytes = b""
    stamp: Stamp


class Lost(Message, frozen=True, kw_only=True):
    """A row that could not be read back from disk; signed, so that the gap is owned up to.

    `journal_id` is the lost row's journal; None means the journal this record is in.
    """

    sequence: int
    why: str
    stamp: Stamp
    journal_id: UUID | None = None


class Record(Message, frozen=True, kw_only=True):
    """One row of a journal as pushed. `signature` covers `signing.record_bytes(self)`."""

    version: int = WIRE_VERSION
    terminal_id: UUID
    key_id: str
    journal_id: UUID
    sequence: int
    previous_hash: bytes
    kind: RecordKind
    body: bytes
    signature: bytes = b""


class Status(StrEnum):
    """What became of a pushed record (MONEY §3). Only REJECTED leaves custody at the counter."""

    APPLIED = "applied"
    REPLAYED = "replayed"
    WAITING = "waiting"
    PARKED = "parked"
    REJECTED = "rejected"


class Disposition(Message, frozen=True, kw_only=True):
    """The server's word on one pushed record."""

    journal_id: UUID
    sequence: int
    status: Status
    code: str = ""
    balances: tuple[Balance, ...] = ()


class PushRequest(Message, frozen=True, kw_only=True):
    """`POST /v1/records`: ≤ 500 records, in sequence where possible; none blocks the next."""

    records: tuple[Record, ...]


class PushAnswer(Message, frozen=True, kw_only=True):
    """Dispositions in the order sent; wait `delay_ms` before the next push."""

    dispositions: tuple[Disposition, ...]
    delay_ms: int = 0

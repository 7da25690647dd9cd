"""What crosses between a counter and the server: frozen, versioned types, encoded as JSON.

Rules
- Everything here is a value. A field may be added with a default; none is renamed or reused.
- Amounts are integers in minor units of `currency` (fen); instants are aware UTC datetimes.
- A payer's channel code travels only in `PaymentRequest.auth_code` and is never journalled;
  every other place holds its SHA-256 (`payer_of_code`).
- The `Intent` is what the fingerprint covers (MONEY §2); all the rest is evidence about it.
"""

import hashlib
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from domain.authorization import Mode as Mode
from domain.authorization import Tender as Tender

WIRE_VERSION = 1

MessageT = TypeVar("MessageT", bound="Message")


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The root of every message; unknown fields from newer peers are ignored."""


# --- A sale -------------------------------------------------------------------------------


class CredentialKind(StrEnum):
    """What the payer showed; the demo's "by tender" counts are by this and by cash."""

    FACE = "face"
    CARD = "card"
    WALLET_CODE = "wallet_code"
    CHANNEL_CODE = "channel_code"
    NUMBER = "number"
    NONE = "none"


class Line(Message, frozen=True, kw_only=True):
    """One line of the order; `amount` = quantity × unit_amount after nothing else."""

    item: str
    name: str
    quantity: int
    unit_amount: int
    amount: int


class DiscountLine(Message, frozen=True, kw_only=True):
    """A discount with its funder, so that every discounted fen has somebody who bears it."""

    funder: str
    campaign: str
    line: int
    amount: int


class Intent(Message, frozen=True, kw_only=True):
    """What is frozen before the first byte is sent. `payer` is "person:<uuid>", "card:<key>",
    "number:<student number>", "code:<sha256>" or "cash". Σ lines − Σ discounts = total.
    """

    version: int = WIRE_VERSION
    payment_id: UUID
    organisation_id: UUID
    merchant_id: UUID
    store_id: UUID
    terminal_id: UUID
    order_id: UUID
    currency: str = "CNY"
    tender: Tender
    payer: str
    lines: tuple[Line, ...]
    discounts: tuple[DiscountLine, ...] = ()
    total: int


class Stamp(Message, frozen=True, kw_only=True):
    """When something happened, by every clock the counter has (MONEY §6)."""

    corrected_at: datetime
    raw_at: datetime
    boot_id: str
    monotonic_s: float


class Evidence(Message, frozen=True, kw_only=True):
    """Why the counter believed the payer; outside the fingerprint, kept with the payment.

    `assurance` is `domain.authorization.Assurance` as an int. `wallet_code` is our own
    dual-offline code as scanned. `distance` and `margin` are face distances, never vectors.
    """

    credential: CredentialKind
    assurance: int
    credential_ref: str = ""
    second_factor: str = ""
    confirmed_by: str = ""
    distance: float | None = None
    margin: float | None = None
    wallet_code: str = ""
    override_reason: str = ""


class PaymentRequest(Message, frozen=True, kw_only=True):
    """`POST /v1/payments`. Secrets: `pin` (the payer's own, by number only) and `auth_code`."""

    intent: Intent
    evidence: Evidence
    stamp: Stamp
    binding_version: int
    order_total: int
    meal_period: str = ""
    price_version: int = 0
    shift_id: UUID | None = None
    operator_id: UUID | None = None
    second_portion: bool = False
    auth_code: str = ""
    pin: str = ""


class Outcome(StrEnum):
    """The server's word on a payment id. The last four store nothing at the server."""

    APPROVED = "approved"
    DECLINED = "declined"
    AWAITING = "awaiting"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"
    REVERSING = "reversing"
    REVERSED = "reversed"
    UNDER_REVIEW = "under_review"
    KEY_REUSED = "key_reused"
    NOT_FOUND = "not_found"
    NEED_SECOND_FACTOR = "need_second_factor"
    REPRICED = "repriced"
    REFUSED = "refused"
    UNAVAILABLE = "unavailable"


class Balance(Message, frozen=True, kw_only=True):
    """An account as the server has it; replaced at a counter only by a higher `version`."""

    account_id: UUID
    balance: int
    held: int
    version: int


class PaymentAnswer(Message, frozen=True, kw_only=True):
    """The payment's *present* state. `mac` proves to the server itself, later, that it said so."""

    payment_id: UUID
    outcome: Outcome
    code: str = ""
    data: dict[str, Any] = {}
    total: int = 0
    refunded_amount: int = 0
    person_id: UUID | None = None
    masked_name: str = ""
    balances: tuple[Balance, ...] = ()
    retry_after_ms: int = 0
    mac: bytes = b""


# --- What the journal holds ---------------------------------------------------------------


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
    """A refund with its own id; cash, or a full void of a wallet sale (MONEY §3)."""

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


# --- Terminals ----------------------------------------------------------------------------


class ActivationRequest(Message, frozen=True, kw_only=True):
    """`POST /v1/activate`, unsigned; `proof` is the new key over `signing.activation_bytes`."""

    code: str
    public_key: bytes
    proof: bytes
    serial: str
    software: str


class ActivationAnswer(Message, frozen=True, kw_only=True):
    """What binds this device to a store. `data_key` (32 bytes) seals templates on its disk."""

    terminal_id: UUID
    key_id: str
    organisation_id: UUID
    site_id: UUID
    merchant_id: UUID
    store_id: UUID
    binding_version: int
    merchant_name: str
    store_name: str
    terminal_name: str
    currency: str
    zone: str
    day_cut_off: str
    profile: str
    data_key: bytes
    data_key_id: str
    card_key: bytes
    lease_days: int
    epoch: str
    server_at: datetime


class DeviceReport(Message, frozen=True, kw_only=True):
    """Health of one device, as shown in kiosk and console."""

    name: str
    kind: str
    state: str
    code: str = ""


class Heartbeat(Message, frozen=True, kw_only=True):
    """`POST /v1/heartbeat`, every 15 s ± jitter."""

    journal_id: UUID
    head_sequence: int
    head_hash: bytes
    acknowledged_sequence: int
    waiting_count: int
    waiting_amount: int
    epoch: str
    cursor: int
    stamp: Stamp
    software: str
    shift_id: UUID | None = None
    devices: tuple[DeviceReport, ...] = ()


class HeartbeatAnswer(Message, frozen=True, kw_only=True):
    """`state` is active, retired or revoked; the heads are the server's for this terminal.

    A `binding_version` other than the counter's own: it was moved, `GET /v1/binding` says where.
    """

    state: str
    epoch: str
    server_at: datetime
    head_journal_id: UUID | None = None
    head_sequence: int = 0
    head_hash: bytes = b""
    lease_until: datetime | None = None
    code: str = ""
    binding_version: int = 0


# --- The feed -----------------------------------------------------------------------------


class FeedKind(StrEnum):
    """Kinds of feed rows; one row per (scope, kind, entity)."""

    PERSON = "person"
    CARD = "card"
    TEMPLATE = "template"
    ACCOUNT = "account"
    MEAL_PERIOD = "meal_period"
    PRICE = "price"
    ITEM = "item"
    POLICY = "policy"
    OPERATOR = "operator"
    ISSUER_KEY = "issuer_key"
    DECISION = "decision"


class FeedRow(Message, frozen=True, kw_only=True):
    """`body` is the JSON of the `…Row` type of `kind`; None is a tombstone."""

    number: int
    kind: FeedKind
    entity: str
    body: bytes | None = None


class FeedPage(Message, frozen=True, kw_only=True):
    """`GET /v1/feed?epoch=&after=&limit=`. `rebuild`: start again beside the old, then swap."""

    epoch: str
    rows: tuple[FeedRow, ...]
    cursor: int
    has_more: bool
    rebuild: bool = False


class FundingRow(Message, frozen=True, kw_only=True):
    """One wallet of a person, in spending order. `kind` is cash, subsidy or meal.

    Empty `merchants` or `meal_periods` mean everywhere and always. `meal_value_amount` is what one
    meal pays, in fen; 0 for money.
    """

    account_id: UUID
    kind: str
    unit: str = "CNY"
    floor: int = 0
    merchants: tuple[UUID, ...] = ()
    meal_periods: tuple[str, ...] = ()
    meal_value_amount: int = 0
    expires_at: datetime | None = None


class PersonRow(Message, frozen=True, kw_only=True):
    """A person entitled at the terminal's site. `state` is active, frozen or left.

    `pin_hash` is scrypt text (`domain`-free, see sync.pins); `digits_hash` a keyed hash of the
    last digits used as second factor; `confusable` lists people whose faces are too near.
    """

    person_id: UUID
    number: str
    masked_name: str
    category: str
    state: str = "active"
    funding: tuple[FundingRow, ...] = ()
    debt_account_id: UUID | None = None
    debt_limit: int = 0
    shortfall: str = "decline"
    second_factor: str = ""
    pin_hash: str = ""
    digits_hash: str = ""
    face_auto: bool = False
    confusable: tuple[UUID, ...] = ()
    show_balance: bool = True
    allergies: str = ""


class CardRow(Message, frozen=True, kw_only=True):
    """A card by keyed hash of its UID, never the UID. `state` is active, lost or returned."""

    card_key: str
    person_id: UUID
    state: str = "active"
    assurance: int = 0


class TemplateRow(Message, frozen=True, kw_only=True):
    """A face template sealed for this terminal: AES-256-GCM, bound to its row (MONEY §6)."""

    template_id: UUID
    person_id: UUID
    template_version: int
    model: str
    key_id: str
    nonce: bytes
    ciphertext: bytes


class AccountRow(Message, frozen=True, kw_only=True):
    """The server's row of one wallet account."""

    account_id: UUID
    person_id: UUID
    kind: str
    unit: str
    balance: int
    held: int
    floor: int | None
    version: int


class MealPeriodRow(Message, frozen=True, kw_only=True):
    """A meal period of the store; times are "HH:MM" in the store's zone."""

    period: str
    name_zh: str
    name_en: str
    starts: str
    ends: str
    entitlement: int | None = None


class PriceRow(Message, frozen=True, kw_only=True):
    """What a category pays in a period, from `effective_at` on; `second_amount` for a second."""

    price_id: UUID
    category: str
    period: str
    amount: int
    second_amount: int | None = None
    effective_at: datetime
    version: int


class ItemRow(Message, frozen=True, kw_only=True):
    """A dish or product with its own price."""

    item: str
    name_zh: str
    name_en: str
    amount: int
    version: int = 0


class PolicyRow(Message, frozen=True, kw_only=True):
    """The offline policy: `domain.offline_policy.OfflinePolicy` as JSON bytes."""

    version: int
    body: bytes


class OperatorRow(Message, frozen=True, kw_only=True):
    """Who may work here. `role` is cashier, supervisor, technician, enrolment_clerk, attendant."""

    operator_id: UUID
    name: str
    role: str
    pin_hash: str
    must_change: bool = False
    card_key: str = ""
    active: bool = True


class IssuerKeyRow(Message, frozen=True, kw_only=True):
    """A public key that signs wallet-code certificates."""

    key_id: str
    public_key: bytes
    retired: bool = False


class DecisionRow(Message, frozen=True, kw_only=True):
    """A person's decision on a parked record, coming back to its counter."""

    journal_id: UUID
    sequence: int
    decision: str
    code: str = ""


class Failure(Message, frozen=True, kw_only=True):
    """The body of every answer that is not a 2xx: what, where and what to do."""

    code: str
    data: dict[str, Any] = {}
    text_zh: str = ""
    text_en: str = ""
    retry_after_ms: int = 0
    server_at: datetime | None = None


_encoder = msgspec.json.Encoder(order="deterministic")


def encode(message: msgspec.Struct) -> bytes:
    """Encode one message; the same value always gives the same bytes."""
    return _encoder.encode(message)


def decode(kind: type[MessageT], data: bytes) -> MessageT:
    """Decode `data` strictly as `kind`; raises `msgspec.DecodeError` or `ValidationError`."""
    return msgspec.json.decode(data, type=kind)


def fingerprint(intent: Intent) -> bytes:
    """SHA-256 over the versioned fields of the intent (MONEY §2), 32 bytes."""
    return hashlib.sha256(b"fanpiao/1 intent\n" + encode(intent)).digest()


def instant(timestamp_s: float) -> datetime:
    """The aware instant of Unix seconds, as stores keep them."""
    return datetime.fromtimestamp(timestamp_s, UTC)


def payer_of_code(auth_code: str) -> str:
    """The payer reference of a channel's code: its hash, so that no code is ever stored."""
    return "code:" + hashlib.sha256(auth_code.encode()).hexdigest()

"""A sale: what is frozen, why the payer was believed, and the server's word on it."""

import hashlib
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.authorization import Tender
from sync.messages.wire import WIRE_VERSION, Message, encode


class CredentialKind(StrEnum):
    """What the payer showed; the demo's "by tender" counts are by this and by cash."""

    FACE = "face"
    CARD = "card"
    WALLET_CODE = "wallet_code"
    CHANNEL_CODE = "channel_code"
    PAYEE_CODE = "payee_code"
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

    def __repr__(self) -> str:
        # A request may end up in a log, with the command that it became
        return f"PaymentRequest({self.intent.payment_id})"


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


def fingerprint(intent: Intent) -> bytes:
    """SHA-256 over the versioned fields of the intent (MONEY §2), 32 bytes."""
    return hashlib.sha256(b"fanpiao/1 intent\n" + encode(intent)).digest()


PAYER_UNKNOWN = "payee"
"""The payer reference of a sale whose payer scans what the counter shows: whoever does."""
CODE_TEXT = "code_text"
"""Where the answer about such a sale holds the text of the code to show."""


def payer_of_code(auth_code: str) -> str:
    """The payer reference of a channel's code: its hash, so that no code is ever stored."""
    return "code:" + hashlib.sha256(auth_code.encode()).hexdigest()

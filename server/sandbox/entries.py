"""What a peer's books hold: orders, refunds, mandates, moves of money, and why it says no.

Amounts are int fen, times aware and in UTC. These are the provider's own facts, in nobody's
protocol; each peer puts them into its provider's words.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from server.sandbox.faults import Fault


class Way(StrEnum):
    """How an order comes to be paid."""

    CODE = "code"
    """The merchant scanned the payer's code."""
    SCAN = "scan"
    PAGE = "page"
    APP = "app"
    DEBIT = "debit"
    """By mandate."""


class State(StrEnum):
    """Where an order stands."""

    OPEN = "open"
    PAYING = "paying"
    PAID = "paid"
    DECLINED = "declined"
    CLOSED = "closed"
    """For ever, and no money was taken."""
    REVERSED = "reversed"
    """For ever, and the money went back."""


class RefundState(StrEnum):
    """Where a refund stands."""

    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class MandateState(StrEnum):
    """Where a mandate stands."""

    ASKED = "asked"
    ACTIVE = "active"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Order:
    """One order. `attributes` is what the peer wants to remember of the request, as JSON."""

    number: str
    amount: int
    way: Way
    state: State
    reference: str
    """The provider's own number of it."""
    payer: str
    part: Fault | None
    created_at: datetime
    due_at: datetime | None
    """When a typing payer is through."""
    paid_at: datetime | None
    closed_at: datetime | None
    expires_at: datetime | None
    notice_url: str
    attributes: Mapping[str, str]

    @property
    def took_money(self) -> bool:
        """Whether it was ever charged."""
        return self.paid_at is not None


@dataclass(frozen=True, slots=True)
class Refund:
    """One refund of an order."""

    refund_number: str
    number: str
    amount: int
    state: RefundState
    reference: str
    asked_at: datetime
    done_at: datetime | None
    notice_url: str


@dataclass(frozen=True, slots=True)
class Mandate:
    """A payer's standing permission to deduct."""

    number: str
    state: MandateState
    payer: str
    attributes: Mapping[str, str]
    asked_at: datetime
    active_at: datetime | None
    ended_at: datetime | None


class MoveKind(StrEnum):
    """Which way money went."""

    PAID = "paid"
    REFUNDED = "refunded"
    REVERSED = "reversed"


@dataclass(frozen=True, slots=True)
class Move:
    """Money that moved: what bills are made of. `refund` only for a refund."""

    kind: MoveKind
    at: datetime
    amount: int
    order: Order
    refund: Refund | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that the merchant is to be told at `url`; `due_at` None: told, or given up."""

    id: int
    number: str
    refund_number: str
    url: str
    happened_at: datetime
    due_at: datetime | None
    sent: int


class Why(StrEnum):
    """Why the books refuse."""

    NO_ORDER = "no_order"
    DIFFERENT = "different"
    """The number is known with another amount or order."""
    CODE_USED = "code_used"
    PAYING = "paying"
    """Not while the payer is typing."""
    NOT_OPEN = "not_open"
    NOT_PAID = "not_paid"
    BEYOND = "beyond"
    """More than is left of what was paid."""
    HAS_REFUNDS = "has_refunds"
    NO_MANDATE = "no_mandate"


class Refused(Exception):
    """The books say no; each provider has its own words for `why`."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


class Silence(Exception):
    """Nothing is to be answered: the connection breaks. What was done stays done."""

"""The feed: pages of numbered rows, and the body of each kind of row."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sync.messages.wire import Message


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
    """`GET /v1/feed?epoch=&after=&limit=&horizon=`. One page.

    `rebuild`: start again beside the old, then swap. `horizon`: tombstones up to this number are
    gone. Whoever starts anew says so until it is through, by the horizon of its first page.
    """

    epoch: str
    rows: tuple[FeedRow, ...]
    cursor: int
    has_more: bool
    rebuild: bool = False
    horizon: int = 0


class FundingRow(Message, frozen=True, kw_only=True):
    """One wallet of a person, in spending order. `kind` is cash, subsidy, meal or mandate.

    A mandate, the last, has no account here (`account_id` is its own id): a payment may claim up
    to `payment_cap_amount` from it, and all that is owed together up to `claim_cap_amount`.

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
    payment_cap_amount: int = 0
    claim_cap_amount: int = 0


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

    def __repr__(self) -> str:
        return f"PersonRow({self.person_id})"


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

    def __repr__(self) -> str:
        return f"OperatorRow({self.operator_id})"


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

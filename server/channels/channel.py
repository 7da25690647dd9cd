"""The port every payment channel is reached through, and the outcomes it may answer.

Rules
- Only what is explicitly success or failure counts: a code that is not in the provider's table is
  `Unknown` with an alert, never `Declined`; so is a time-out after the first byte was sent.
- `number` is an attempt's (or refund's) id as 32 hex digits; a channel never charges it twice.
- A channel raises nothing: time-outs and broken connections are `Unknown` with the reason.
- Nothing here is called with a database transaction open.
- Amounts are int fen; times are aware, in UTC.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable
from uuid import UUID, uuid5


@dataclass(frozen=True, slots=True)
class Charge:
    """A payer's code to be charged. `store` and `device` are our short names of the counter."""

    number: str
    amount: int
    auth_code: str = field(repr=False)
    subject: str = ""
    store: str = ""
    device: str = ""


class Way(StrEnum):
    """How a payer comes to pay an order that we opened."""

    SCAN = "scan"
    """The payer scans a code of the provider's."""
    PAGE = "page"
    """A page inside the provider's app (JSAPI), for the payer in `PayeeOrder.payer`."""
    APP = "app"
    """A merchant's own app or mini-program, through the provider's SDK."""


@dataclass(frozen=True, slots=True)
class PayeeOrder:
    """An order opened for somebody to pay. `payer`: the provider's own id of who may, for PAGE."""

    number: str
    amount: int
    way: Way
    expires_at: datetime
    subject: str = ""
    payer: str = ""
    payer_address: str = ""
    store: str = ""
    device: str = ""


@dataclass(frozen=True, slots=True)
class Debit:
    """A deduction by mandate, which the payer once signed (无感 payment). `mandate`: its number."""

    number: str
    amount: int
    mandate: str = field(repr=False)
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Succeeded:
    """The channel took the money (or, for a refund, gave it back)."""

    reference: str = ""


@dataclass(frozen=True, slots=True)
class Declined:
    """The channel definitely did not and will not, under our dotted code."""

    code: str


@dataclass(frozen=True, slots=True)
class AwaitingPayer:
    """The payer must do something, such as type a password on the phone."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody can say; ask again. `why` is for the log, never for people.

    `is_alert`: the channel said something its documentation does not know, or what it said was
    not authentic: a person should look.
    """

    why: str = ""
    is_alert: bool = False


@dataclass(frozen=True, slots=True)
class NotFound:
    """The channel has never seen this number. Not definite while our call may be under way."""


@dataclass(frozen=True, slots=True)
class Reversed:
    """The order number is closed for ever; `took_money` says whether it had been charged."""

    took_money: bool


@dataclass(frozen=True, slots=True)
class Created:
    """An order is open: the text of the code to show, or what the page hands to the provider."""

    code_text: str = ""
    launch: Mapping[str, str] = field(default_factory=dict)


PayOutcome = Succeeded | Declined | AwaitingPayer | Unknown
CreateOutcome = Created | Declined | Unknown
QueryOutcome = PayOutcome | Reversed | NotFound
ReverseOutcome = Reversed | Declined | Unknown
"""`Declined` here: the channel refuses to reverse (still paying, or past its window)."""
RefundOutcome = Succeeded | Declined | Unknown
"""Accepted but not done yet is `Unknown`: it is asked about until it is."""
RefundQueryOutcome = RefundOutcome | NotFound


class BillKind(StrEnum):
    """What a statement lists."""

    TRADE = "trade"
    FUNDS = "funds"


@dataclass(frozen=True, slots=True)
class BillItem:
    """One line of a channel's bill, normalised. `refund_number` is empty for a payment.

    `amount` is what was paid or refunded, `fee_amount` what the channel kept (negative: gave
    back), both in fen. `status` is the channel's own word. `raw` holds the line by header name.
    """

    number: str
    reference: str
    amount: int
    fee_amount: int
    status: str
    occurred_at: datetime
    refund_number: str = ""
    refund_reference: str = ""
    currency: str = "CNY"
    raw: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Bill:
    """A day's statement: its lines, and the file as it was fetched (verified, unpacked)."""

    kind: BillKind
    on: date
    items: Sequence[BillItem]
    file: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class NoBill:
    """Why there is none: `code` "bills.not_ready", "bills.empty", "bills.damaged", …"""

    code: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """What a provider called to say, verified: about a payment, or, with a number, a refund.

    `amount` is what the notice says of the whole order (or refund); whoever books it compares.
    """

    id: str
    number: str
    amount: int
    said: QueryOutcome
    refund_number: str = ""


@dataclass(frozen=True, slots=True)
class Forged:
    """Not the provider's, not for us, too old or, by `is_replay`, seen before; `why` for logs."""

    why: str
    is_replay: bool = False


@dataclass(frozen=True, slots=True)
class NoticeAnswer:
    """The HTTP answer that a provider wants for a notice."""

    status: int
    body: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class Terms:
    """A provider's own schedule and limits, from its documentation."""

    query_delays: tuple[timedelta, ...] = tuple(timedelta(seconds=s) for s in (2, 3, 5))
    """Between the queries while the payer may be typing; the last one repeats."""
    give_up_after: timedelta = timedelta(seconds=45)
    """After sending: then it is reversed."""
    reverse_after: timedelta = timedelta(seconds=15)
    """A reversal is not asked for before."""
    unseen_after: timedelta = timedelta(seconds=60)
    """A number that the channel has not seen by then, it never will."""
    reversal_window: timedelta = timedelta(hours=24)
    """Later a charge is refunded instead."""
    refund_window: timedelta = timedelta(days=90)
    refunds_at_most: int = 50
    refund_gap: timedelta = timedelta(0)
    """Between two refunds of one order."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a self-test: what was checked, whether it is right, and what to do if not."""

    check: str
    is_right: bool
    code: str = ""
    data: Mapping[str, str] = field(default_factory=dict)


class Channel(Protocol):
    """One account at one provider."""

    @property
    def name(self) -> str:
        """The stable name under which accounts and attempts are kept."""

    @property
    def terms(self) -> Terms:
        """When to ask, give up, reverse; how often and how long refunds are taken."""

    def pay(self, charge: Charge, now: datetime) -> PayOutcome:
        """Charge the payer's code."""

    def create(self, order: PayeeOrder, now: datetime) -> CreateOutcome:
        """Open an order for a payer to pay; the same number again opens the same order."""

    def query(self, number: str, now: datetime) -> QueryOutcome:
        """Tell what became of `number`."""

    def reverse(self, number: str, now: datetime) -> ReverseOutcome:
        """Undo `number` whether or not it was charged, and close it for ever.

        For an order opened with `create` that nobody paid this closes it. Definite only when a
        `query` after it says so.
        """

    def refund(
        self, number: str, refund_number: str, amount: int, total_amount: int, now: datetime
    ) -> RefundOutcome:
        """Give back `amount` of a charge of `total_amount`; a refund number works once."""

    def query_refund(self, number: str, refund_number: str, now: datetime) -> RefundQueryOutcome:
        """Tell what became of a refund."""

    def bill(self, kind: BillKind, on: date, now: datetime) -> Bill | NoBill:
        """Fetch the statement of one day of the provider's calendar (UTC+8)."""

    def read_notice(
        self, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> Notice | Forged:
        """Verify and read what came to our notice address; header names are lower case."""

    def answer_notice(self, *, is_taken: bool) -> NoticeAnswer:
        """The answer that ends the provider's repeats, or asks for another one."""

    def self_test(self, now: datetime) -> Sequence[Finding]:
        """Sign, verify and decrypt known samples: which key or certificate is wrong, if any."""


class Debits(Protocol):
    """A channel that also takes money by mandate (sign, deduct, cancel)."""

    def sign(self, mandate: str, payer: Mapping[str, str], now: datetime) -> PayOutcome:
        """Ask for a mandate in the payer's name; the payer confirms it at the provider."""

    def debit(self, debit: Debit, now: datetime) -> PayOutcome:
        """Deduct under a mandate; queried, reversed and refunded like any charge."""

    def cancel_mandate(self, mandate: str, now: datetime) -> PayOutcome:
        """End a mandate."""


class FieldKind(StrEnum):
    """What a setting holds: decides how the console asks for it and checks it."""

    TEXT = "text"
    PRIVATE_KEY = "private_key"
    PUBLIC_KEY = "public_key"
    CERTIFICATE = "certificate"
    HOST = "host"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of an account. A secret one is sealed at rest and never shown again."""

    name: str
    kind: FieldKind = FieldKind.TEXT
    is_secret: bool = False
    is_required: bool = True


@dataclass(frozen=True, slots=True)
class Account:
    """One account at a provider, opened: `settings` and `secrets` by the names of its `Setting`s.

    `host` is the base URL of the provider's API (or of its sandbox), `notice_url` ours.
    """

    id: UUID
    organisation_id: UUID
    name: str
    provider: str
    host: str
    notice_url: str
    settings: Mapping[str, str]
    secrets: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sent:
    """An exchange with a provider, kept as evidence: its answer's bytes, never the request's."""

    operation: str
    number: str
    at: datetime
    status: int
    answer: bytes = field(repr=False)
    outcome: str = ""


class Tools(Protocol):
    """What a channel is given from outside."""

    def http(self) -> Any:
        """An `httpx.Client` of this process, kept connections, no redirects."""

    def random(self, count: int) -> bytes:
        """Return `count` random bytes."""

    def keep(self, account: Account, sent: Sent) -> None:
        """Keep an exchange as evidence; never raises."""


@runtime_checkable
class Diary(Protocol):
    """`Tools` that also remember, on disk before they return: what a provider asks back later."""

    def note(self, account: Account, number: str, text: str) -> str:
        """Remember `text` of a number; the first text stays for ever, and is returned."""

    def noted(self, account: Account, number: str) -> str:
        """Return what is remembered of a number; empty when nothing is."""


class Provider(Protocol):
    """One kind of channel. Each provider's package offers one as `PROVIDER`."""

    @property
    def kind(self) -> str:
        """`wechat`, `alipay`, `unionpay`, `bank`, `simulated`."""

    @property
    def settings(self) -> Sequence[Setting]:
        """What an account of this kind has to be told."""

    @property
    def ways(self) -> frozenset[Way]:
        """The ways besides a payer's code."""

    @property
    def code_kinds(self) -> frozenset[str]:
        """The kinds of payer's codes it takes (`domain.payment_codes.CodeKind` values)."""

    @property
    def production_host(self) -> str:
        """The base URL of the real thing; empty when each account has its own."""

    def open(self, account: Account, tools: Tools) -> Channel:
        """Make the channel of one account; raises `ValueError` naming a setting that is no good."""


def channel_owner_id(organisation_id: UUID, name: str) -> UUID:
    """The owner id of a channel's accounts in one organisation's books."""
    return uuid5(organisation_id, f"channel/{name}")

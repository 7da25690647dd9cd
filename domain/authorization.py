"""May this person pay this amount, and from which purses: the one decision, online and offline.

The counter and the server call the same ``decide`` with the same kinds of values, so they can only
differ by what they know, never by what they do with it. Rules, in this order:

1. An amount is above 0. A channel tender is never taken offline; it and cash need no account.
2. Frozen people and people who left are declined; so is a used-up meal entitlement.
3. Limits on the amount (per payment, per day) decline.
4. A weak credential for the amount asks for a second factor.
5. Offline, a stale snapshot or a reached cap needs the server.
6. Purses are drawn in spending order, each to its floor and never past it. What is missing is
   declined, or goes to debt, as the person's category says.

``draw_fact`` books what a counter accepted offline: the meal is gone, so it cannot decline.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.offline_policy import Assurance, OfflinePolicy, OfflineUsed, offline_objection

__all__ = [
    "AccountSnapshot",
    "Approve",
    "Assurance",
    "Decision",
    "Decline",
    "Drawn",
    "FundingSource",
    "Leg",
    "Mode",
    "NeedSecondFactor",
    "NeedServer",
    "PersonState",
    "Policy",
    "Request",
    "Shortfall",
    "SourceKind",
    "Tender",
    "decide",
    "draw",
    "draw_fact",
]


class Tender(StrEnum):
    """What pays: our own wallets, an outside channel (WeChat, Alipay, …), or cash."""

    WALLET = "wallet"
    CHANNEL = "channel"
    CASH = "cash"


class Mode(StrEnum):
    """Who decides: the server (or the counter with its word), or the counter alone."""

    ONLINE = "online"
    OFFLINE = "offline"


class PersonState(StrEnum):
    """Whether a person may pay at all."""

    ACTIVE = "active"
    FROZEN = "frozen"
    LEFT = "left"


class SourceKind(StrEnum):
    """What a purse holds: the person's own money, a granted subsidy, or a count of meals."""

    CASH = "cash"
    SUBSIDY = "subsidy"
    MEAL = "meal"


class Shortfall(StrEnum):
    """What a category does when the purses do not reach."""

    DECLINE = "decline"
    OVERDRAW = "overdraw"  # to debt, up to the person's debt limit
    ON_ACCOUNT = "on_account"  # the meal goes to debt with notice; nobody is refused


@dataclass(frozen=True, slots=True)
class FundingSource:
    """One purse of a person; the order in the snapshot is the spending order.

    ``available_amount`` and ``floor_amount`` are in the unit: fen for CNY, meals for MEAL.
    ``meal_value_amount`` is what one meal pays, in fen, and is 0 for money. ``None`` in a
    restriction means everywhere, or at every meal.
    """

    source_id: UUID
    kind: SourceKind
    available_amount: int
    floor_amount: int = 0
    unit: str = "CNY"
    meal_value_amount: int = 0
    merchant_ids: frozenset[UUID] | None = None
    meal_periods: frozenset[str] | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AccountSnapshot:
    """What the decider knows of one person at one moment.

    ``available_amount`` of each source already has the decider's own unacknowledged deltas taken
    off. ``age_s`` is the age of the snapshot by the monotonic clock, 0 on the server.
    ``entitlement_limit`` counts portions in this meal, ``None`` for as many as paid for.
    ``shortfall`` is the rule of the person's category.
    """

    person_id: UUID
    state: PersonState
    category: str
    sources: tuple[FundingSource, ...]
    debt_amount: int = 0
    debt_limit_amount: int = 0
    age_s: float = 0.0
    offline_used: OfflineUsed = field(default_factory=OfflineUsed)
    entitlement_used: int = 0
    entitlement_limit: int | None = None
    spent_today_amount: int = 0
    shortfall: Shortfall = Shortfall.DECLINE


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked: fixed at freeze. ``credential_cap_amount`` is a wallet code's own offline cap.

    ``portions`` counts what this payment takes of the meal entitlement, 0 for goods that are none.
    """

    amount: int
    tender: Tender
    assurance: Assurance
    merchant_id: UUID
    at: datetime
    mode: Mode
    meal_period: str | None = None
    portions: int = 0
    is_second_factor_done: bool = False
    credential_cap_amount: int | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules that stand above one payment.

    ``second_factor_above`` gives, per assurance, the amount above which a second factor is asked;
    an assurance that is missing is never asked. A typed number always needs one.
    """

    offline: OfflinePolicy
    second_factor_above: Mapping[Assurance, int] = field(
        default_factory=lambda: {Assurance.NUMBER: 0}
    )
    payment_cap_amount: int | None = None
    day_cap_amount: int | None = None


@dataclass(frozen=True, slots=True)
class Leg:
    """What one purse pays, in fen; ``units`` is what leaves the purse in its own unit."""

    source_id: UUID
    amount: int
    units: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """The legs, and what they leave uncovered; together they are the amount, to the fen."""

    legs: tuple[Leg, ...]
    missing_amount: int


@dataclass(frozen=True, slots=True)
class Approve:
    """Yes. Σ legs + ``debt_amount`` is the amount of a wallet payment; other tenders have none."""

    legs: tuple[Leg, ...] = ()
    debt_amount: int = 0


@dataclass(frozen=True, slots=True)
class Decline:
    """No, under a dotted code; the same request will not be approved later."""

    code: str


@dataclass(frozen=True, slots=True)
class NeedSecondFactor:
    """Ask for a PIN, digits or a card, then decide again. Nothing is stored."""

    code: str


@dataclass(frozen=True, slots=True)
class NeedServer:
    """Only the server can say; the code says why. Nothing is stored."""

    code: str


Decision = Approve | Decline | NeedSecondFactor | NeedServer


def decide(policy: Policy, snapshot: AccountSnapshot, request: Request) -> Decision:
    """Decide one payment; pure, so the counter and the server can never disagree on a rule."""
    if request.amount <= 0:
        return Decline("amounts.out_of_range")
    if request.tender is not Tender.WALLET:
        return _decide_other_tender(request)
    objection = (
        _person_objection(snapshot, request)
        or _limit_objection(policy, snapshot, request)
        or _factor_needed(policy, request)
        or _server_needed(policy, snapshot, request)
    )
    return objection or _decide_purses(snapshot, request)


def draw(
    snapshot: AccountSnapshot,
    amount: int,
    *,
    merchant_id: UUID,
    meal_period: str | None,
    at: datetime,
) -> Drawn:
    """Draw an amount from the purses in spending order, each to its floor and never past it.

    A purse of meals gives whole meals only and never more than is still owed.
    """
    legs: list[Leg] = []
    missing = amount
    for source in snapshot.sources:
        if not _may_pay(source, merchant_id, meal_period, at):
            continue
        leg = _leg(source, missing)
        if leg.amount > 0:
            legs.append(leg)
            missing -= leg.amount
    return Drawn(tuple(legs), missing)


def draw_fact(
    snapshot: AccountSnapshot,
    amount: int,
    *,
    merchant_id: UUID,
    meal_period: str | None,
    at: datetime,
) -> Approve:
    """Split what a counter accepted offline: purses to their floors, the rest to debt.

    Debt has no floor, so this cannot fail. The caller has checked that the acceptance lies within
    the policy that terminal held; what does not is disputed and never comes here.
    """
    drawn = draw(snapshot, amount, merchant_id=merchant_id, meal_period=meal_period, at=at)
    return Approve(drawn.legs, drawn.missing_amount)


def _decide_other_tender(request: Request) -> Decision:
    if request.tender is Tender.CHANNEL and request.mode is Mode.OFFLINE:
        return NeedServer("tenders.not_offline")
    return Approve()


def _person_objection(snapshot: AccountSnapshot, request: Request) -> Decision | None:
    if snapshot.state is PersonState.FROZEN:
        return Decline("people.frozen")
    if snapshot.state is PersonState.LEFT:
        return Decline("people.left")
    limit = snapshot.entitlement_limit
    used = snapshot.entitlement_used + request.portions
    if limit is not None and request.portions and used > limit:
        return Decline("entitlements.used")
    return None


def _limit_objection(
    policy: Policy, snapshot: AccountSnapshot, request: Request
) -> Decision | None:
    cap = policy.payment_cap_amount
    if cap is not None and request.amount > cap:
        return Decline("limits.per_payment")
    cap = policy.day_cap_amount
    if cap is not None and snapshot.spent_today_amount + request.amount > cap:
        return Decline("limits.per_day")
    return None


def _factor_needed(policy: Policy, request: Request) -> Decision | None:
    threshold = policy.second_factor_above.get(request.assurance)
    if request.is_second_factor_done or threshold is None or request.amount <= threshold:
        return None
    return NeedSecondFactor("limits.second_factor")


def _server_needed(policy: Policy, snapshot: AccountSnapshot, request: Request) -> Decision | None:
    if request.mode is Mode.ONLINE:
        return None
    code = offline_objection(
        policy.offline,
        snapshot.offline_used,
        amount=request.amount,
        assurance=request.assurance,
        age_s=snapshot.age_s,
        credential_cap_amount=request.credential_cap_amount,
    )
    return None if code is None else NeedServer(code)


def _decide_purses(snapshot: AccountSnapshot, request: Request) -> Decision:
    drawn = draw(
        snapshot,
        request.amount,
        merchant_id=request.merchant_id,
        meal_period=request.meal_period,
        at=request.at,
    )
    if drawn.missing_amount == 0:
        return Approve(drawn.legs)
    debt_room = snapshot.debt_limit_amount - snapshot.debt_amount
    if snapshot.shortfall is Shortfall.ON_ACCOUNT or (
        snapshot.shortfall is Shortfall.OVERDRAW and drawn.missing_amount <= debt_room
    ):
        return Approve(drawn.legs, drawn.missing_amount)
    return Decline("wallets.insufficient")


def _may_pay(
    source: FundingSource, merchant_id: UUID, meal_period: str | None, at: datetime
) -> bool:
    if source.expires_at is not None and at >= source.expires_at:
        return False
    if source.merchant_ids is not None and merchant_id not in source.merchant_ids:
        return False
    return source.meal_periods is None or meal_period in source.meal_periods


def _leg(source: FundingSource, wanted_amount: int) -> Leg:
    room = max(0, source.available_amount - source.floor_amount)
    if source.kind is not SourceKind.MEAL:
        paid = min(room, wanted_amount)
        return Leg(source.source_id, paid, paid)
    if source.meal_value_amount <= 0:
        return Leg(source.source_id, 0, 0)
    meals = min(room, wanted_amount // source.meal_value_amount)
    return Leg(source.source_id, meals * source.meal_value_amount, meals)

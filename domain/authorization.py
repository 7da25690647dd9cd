"""May this person pay this amount, and from which purses: the one decision, online and offline.

The counter and the server call the same ``decide`` with the same kinds of values, so they can only
differ by what they know, never by what they do with it. Rules, in this order:

1. An amount is above 0. A channel tender is never taken offline; it and cash need no account.
2. Frozen people and people who left are declined; so is a used-up meal entitlement.
3. Limits on the amount (per payment, per day) decline.
4. A weak credential for the amount asks for a second factor.
5. Offline, a stale snapshot or a reached cap needs the server.
6. Purses are drawn in spending order, each to its floor and never past it.
7. The last source may be a bank mandate: it pays all of what is then missing, or nothing. Offline
   no bank can be asked, so that becomes a claim: debt up to the mandate's own cap, collected later.
8. What is still missing is declined, or goes to debt, as the person's category says.

``draw_fact`` books what a counter accepted offline: the meal is gone, so it cannot decline.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.funding import Drawn, FundingSource, Leg, SourceKind, leg_of, may_pay
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
    "debit_for",
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


class Shortfall(StrEnum):
    """What a category does when the purses do not reach."""

    DECLINE = "decline"
    OVERDRAW = "overdraw"  # to debt, up to the person's debt limit
    ON_ACCOUNT = "on_account"  # the meal goes to debt with notice; nobody is refused


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
class Approve:
    """Yes. Σ legs + ``debt_amount`` + the debit is the amount of a wallet payment.

    With a ``debit`` it is a yes only once the bank says so: ``is_debt_allowed`` tells whether the
    person's category lets the same amount go to debt if the bank says no. Other tenders have none.
    """

    legs: tuple[Leg, ...] = ()
    debt_amount: int = 0
    debit: Leg | None = None
    is_debt_allowed: bool = False


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
        if source.kind is SourceKind.MANDATE:
            continue
        if not may_pay(source, merchant_id, meal_period, at):
            continue
        leg = leg_of(source, missing)
        if leg.amount > 0:
            legs.append(leg)
            missing -= leg.amount
    return Drawn(tuple(legs), missing)


def debit_for(
    snapshot: AccountSnapshot,
    missing_amount: int,
    *,
    merchant_id: UUID,
    meal_period: str | None,
    at: datetime,
) -> Leg | None:
    """Return what the mandate pays of what no purse could: all of it, or nothing.

    A part would leave a rest that nobody pays, after the bank had been asked for the part.
    """
    for source in snapshot.sources:
        if (
            source.kind is SourceKind.MANDATE
            and may_pay(source, merchant_id, meal_period, at)
            and 0 < missing_amount <= source.available_amount
        ):
            return Leg(source.source_id, missing_amount, missing_amount)
    return None


def draw_fact(
    snapshot: AccountSnapshot,
    amount: int,
    *,
    merchant_id: UUID,
    meal_period: str | None,
    at: datetime,
) -> Approve:
    """Split what a counter accepted offline: purses to their floors, the rest to debt.

    Debt has no floor, so this cannot fail. What a mandate may pay of it is collected afterwards.
    The caller has checked that the acceptance lies within the policy that terminal held; what does
    not is disputed and never comes here.
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
    missing = drawn.missing_amount
    if missing == 0:
        return Approve(drawn.legs)
    debit = debit_for(
        snapshot,
        missing,
        merchant_id=request.merchant_id,
        meal_period=request.meal_period,
        at=request.at,
    )
    is_debt_allowed = _may_owe(snapshot, missing)
    if debit is not None and request.mode is Mode.ONLINE:
        return Approve(drawn.legs, debit=debit, is_debt_allowed=is_debt_allowed)
    if is_debt_allowed or (debit is not None and _may_claim(snapshot, debit)):
        return Approve(drawn.legs, missing)
    return Decline("wallets.insufficient") if debit is None else NeedServer("limits.offline_claim")


def _may_owe(snapshot: AccountSnapshot, amount: int) -> bool:
    """Whether the person's category lets this much more go to debt."""
    if snapshot.shortfall is Shortfall.ON_ACCOUNT:
        return True
    room = snapshot.debt_limit_amount - snapshot.debt_amount
    return snapshot.shortfall is Shortfall.OVERDRAW and amount <= room


def _may_claim(snapshot: AccountSnapshot, debit: Leg) -> bool:
    """Whether this much may be owed until the bank is asked, with what is owed already."""
    caps = {source.source_id: source.claim_cap_amount for source in snapshot.sources}
    return snapshot.debt_amount + debit.amount <= caps[debit.source_id]

"""Which channel a payment goes to: pure, from candidates, contracts and rules.

Rules (docs/decisions/0017-the-order-of-a-route.md)
- Eligible: enabled, takes the kind, the merchant's contract is in force, within its limits and
  service hours, not forbidden, and its breaker admits.
- Of the eligible: what a rule prefers, then least cost, then stability, then the settlement cycle,
  then the name. The rest, in that order, are the fallbacks.
- A rule with a smaller priority number speaks first, and the first rule that speaks of a channel
  settles it: "only A" speaks of every channel, "forbid B" and "prefer B" of B. At one priority
  forbid goes before only, only before prefer.
- A merchant without any contract is served by every channel at rate 0, and the reasons say so.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import Final
from uuid import UUID

from domain.errors import Refused, SafeValue
from domain.fees import FREE, RateCard, fee, percent

STABILITY_STEP: Final = 0.05
"""Success rates closer than this count as equal: noise must not swing a canteen's payments."""
UNPREFERRED: Final = 2**31


class Action(StrEnum):
    """What a rule says of its channels; at one priority the first of these goes first."""

    FORBID = "forbid"
    ONLY = "only"
    PREFER = "prefer"


_ACTION_ORDER: Final = tuple(Action)


@dataclass(frozen=True, slots=True)
class Hours:
    """Local wall-clock hours, from `opens` until just before `closes`.

    Over midnight when `closes` is earlier; all day when both are equal. On a day when clocks
    change, what the store's clock shows counts: an hour that is shown twice is served twice.
    """

    opens: time = time(0)
    closes: time = time(0)

    def hold(self, at: time) -> bool:
        """Whether the wall clock's `at` is within the hours."""
        if self.opens < self.closes:
            return self.opens <= at < self.closes
        return self.opens == self.closes or at >= self.opens or at < self.closes


@dataclass(frozen=True, slots=True)
class RouteAsked:
    """What is to be paid. `kind`: a kind of code, a way of paying, or "debit"."""

    organisation_id: UUID
    merchant_id: UUID
    store_id: UUID
    amount: int
    kind: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """One channel as it is right now; `success_rate` is decayed, 0 … 1."""

    channel: str
    kinds: frozenset[str]
    is_enabled: bool = True
    admits: bool = True
    success_rate: float = 1.0
    alerts: int = 0


@dataclass(frozen=True, slots=True)
class Contract:
    """A merchant's terms at one channel; `kinds` empty means all that the channel takes.

    In force from `starts_on` until `ends_on`, both included, or until the next version starts.
    """

    id: UUID
    channel: str
    starts_on: date
    ends_on: date | None = None
    kinds: frozenset[str] = frozenset()
    card: RateCard = FREE
    cost: RateCard = FREE
    least_amount: int = 0
    most_amount: int | None = None
    day_amount: int | None = None
    hours: Hours = Hours()
    cycle_days: int = 1


@dataclass(frozen=True, slots=True)
class RouteRule:
    """One rule; a condition that is empty or None holds always. `weekdays`: Monday is 1."""

    name: str
    priority: int
    action: Action
    channels: frozenset[str]
    merchant_id: UUID | None = None
    store_id: UUID | None = None
    kinds: frozenset[str] = frozenset()
    from_amount: int = 0
    to_amount: int | None = None
    hours: Hours = Hours()
    weekdays: frozenset[int] = frozenset()

    def fits(self, asked: RouteAsked, local: datetime) -> bool:
        """Whether all conditions hold; `local` is the store's wall clock."""
        return (
            self.merchant_id in (None, asked.merchant_id)
            and self.store_id in (None, asked.store_id)
            and (not self.kinds or asked.kind in self.kinds)
            and self.from_amount <= asked.amount
            and (self.to_amount is None or asked.amount <= self.to_amount)
            and self.hours.hold(local.time())
            and (not self.weekdays or local.isoweekday() in self.weekdays)
        )


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a channel was or was not chosen: a dotted code for `domain.messages` and its data."""

    code: str
    channel: str
    data: Mapping[str, SafeValue] = field(default_factory=dict)

    def as_data(self) -> dict[str, object]:
        """Return it as JSON keeps it."""
        return {"code": self.code, "channel": self.channel, **self.data}


@dataclass(frozen=True, slots=True)
class Route:
    """The channel, what to try after a definite not-attempted, why, and the fee by `card`."""

    channel: str
    fallbacks: tuple[str, ...]
    reasons: tuple[Reason, ...]
    card: RateCard | None
    fee_amount: int
    contract_id: UUID | None = None
    cost_amount: int = 0
    kind: str = ""
    cost: RateCard | None = None
    """What the contract says that the channel keeps of us; None: it says nothing."""

    def as_data(self) -> dict[str, object]:
        """Return the decision as an attempt keeps it."""
        return {
            "kind": self.kind,
            "channel": self.channel,
            "fallbacks": list(self.fallbacks),
            "reasons": [reason.as_data() for reason in self.reasons],
            "contract": None if self.contract_id is None else str(self.contract_id),
            "fee_amount": self.fee_amount,
            "cost_amount": self.cost_amount,
        }


@dataclass(frozen=True, slots=True)
class Book:
    """What is agreed and ruled: a merchant's contracts, every version, and the rules in force."""

    contracts: Sequence[Contract] = ()
    rules: Sequence[RouteRule] = ()


@dataclass(frozen=True, slots=True)
class Moment:
    """The store's wall clock and business day, and what each channel took for the merchant on it.

    `taken` None: nobody counted; then a contract with a limit per day admits nothing.
    """

    local: datetime
    business_on: date
    taken: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class _Standing:
    candidate: Candidate
    contract: Contract | None
    rank: int
    cost_amount: int

    def key(self) -> tuple[int, int, int, int, str]:
        """The order of criteria."""
        stability = round(self.candidate.success_rate / STABILITY_STEP)
        cycle = 0 if self.contract is None else self.contract.cycle_days
        return self.rank, self.cost_amount, -stability, cycle, self.candidate.channel


def choose(asked: RouteAsked, candidates: Sequence[Candidate], book: Book, moment: Moment) -> Route:
    """Choose a channel before anything is sent.

    Raises `Refused` when none is eligible: "channels.breaker_open", "routing.over_limit" or
    "routing.out_of_hours" when that alone is in the way of one, else "channels.none".
    """
    able = [c for c in candidates if c.is_enabled and asked.kind in c.kinds]
    rules = [rule for rule in book.rules if rule.fits(asked, moment.local)]
    words = {c.channel: _word(c.channel, rules) for c in able}
    in_force = {c.channel: contract_on(book, c.channel, moment.business_on) for c in able}
    against: list[Reason] = []
    standings: list[_Standing] = []
    for candidate in able:
        name = candidate.channel
        contract, word = in_force[name], words[name]
        reason = _against(asked, candidate, contract, word, book, moment)
        if reason is not None:
            against.append(reason)
            continue
        cost = fee(contract.cost, asked.amount) if contract else 0
        rank = UNPREFERRED
        if word is not None and word.action is Action.PREFER:
            rank = word.priority
        standings.append(_Standing(candidate, contract, rank, cost))
    if not standings:
        raise _refusal(against)
    return _route(asked, sorted(standings, key=_Standing.key), words, against, book)


def contract_on(book: Book, channel: str, day: date) -> Contract | None:
    """Return the version in force: of those begun the newest, unless it has ended."""
    begun = [c for c in book.contracts if c.channel == channel and c.starts_on <= day]
    newest = max(begun, key=lambda c: c.starts_on, default=None)
    if newest is None or (newest.ends_on is not None and newest.ends_on < day):
        return None
    return newest


def _word(channel: str, rules: Iterable[RouteRule]) -> RouteRule | None:
    """Return the rule that settles a channel, if any speaks of it."""
    speaking = [r for r in rules if r.action is Action.ONLY or channel in r.channels]
    return min(
        speaking,
        key=lambda r: (r.priority, _ACTION_ORDER.index(r.action), r.name),
        default=None,
    )


def _against(
    asked: RouteAsked,
    candidate: Candidate,
    contract: Contract | None,
    word: RouteRule | None,
    book: Book,
    moment: Moment,
) -> Reason | None:
    """Return what keeps a channel out; the breaker last, so that it is told only if it alone is."""
    name = candidate.channel
    if word is not None and _forbids(word, name):
        return Reason("routing.forbidden", name, {"rule": word.name})
    if book.contracts:
        if contract is None or (contract.kinds and asked.kind not in contract.kinds):
            return Reason("routing.not_contracted", name)
        if not contract.hours.hold(moment.local.time()):
            return Reason("routing.out_of_hours", name, _hours_data(contract.hours))
        reason = _limit(asked.amount, contract, moment.taken)
        if reason is not None:
            return reason
    return None if candidate.admits else Reason("channels.breaker_open", name)


def _forbids(rule: RouteRule, channel: str) -> bool:
    if rule.action is Action.ONLY:
        return channel not in rule.channels
    return rule.action is Action.FORBID


def _limit(amount: int, contract: Contract, taken: Mapping[str, int] | None) -> Reason | None:
    name = contract.channel
    if contract.most_amount is not None and amount > contract.most_amount:
        return Reason("routing.over_limit", name, {"most_amount": contract.most_amount})
    if amount < contract.least_amount:
        return Reason("routing.under_limit", name, {"least_amount": contract.least_amount})
    if contract.day_amount is None:
        return None
    if taken is None:
        return Reason("routing.uncounted", name)
    if taken.get(name, 0) + amount > contract.day_amount:
        return Reason("routing.over_day_limit", name, {"day_amount": contract.day_amount})
    return None


def _hours_data(hours: Hours) -> dict[str, SafeValue]:
    return {"opens": f"{hours.opens:%H:%M}", "closes": f"{hours.closes:%H:%M}"}


def _refusal(against: Sequence[Reason]) -> Refused:
    """Return what a cashier is told: what waiting or a smaller amount would mend goes first."""
    told = {
        "channels.breaker_open": "channels.breaker_open",
        "routing.over_limit": "routing.over_limit",
        "routing.over_day_limit": "routing.over_limit",
        "routing.out_of_hours": "routing.out_of_hours",
    }
    for code, said in told.items():
        for reason in against:
            if reason.code == code:
                return Refused(said, channel=reason.channel, **reason.data)
    return Refused("channels.none")


def _route(
    asked: RouteAsked,
    ordered: Sequence[_Standing],
    words: Mapping[str, RouteRule | None],
    against: Sequence[Reason],
    book: Book,
) -> Route:
    first = ordered[0]
    card = first.contract.card if first.contract else FREE
    return Route(
        channel=first.candidate.channel,
        fallbacks=tuple(one.candidate.channel for one in ordered[1:]),
        reasons=(_why(ordered, words), *_terms(first, book), *against),
        card=card,
        fee_amount=fee(card, asked.amount),
        contract_id=first.contract.id if first.contract else None,
        cost_amount=first.cost_amount,
        kind=asked.kind,
        cost=first.contract.cost if first.contract and first.contract.cost != FREE else None,
    )


def _why(ordered: Sequence[_Standing], words: Mapping[str, RouteRule | None]) -> Reason:
    """Return the first criterion that set the chosen channel apart from the next one."""
    first = ordered[0]
    name = first.candidate.channel
    if len(ordered) == 1:
        return Reason("routing.only_one", name)
    mine, theirs = first.key(), ordered[1].key()
    word = words[name]
    if mine[0] != theirs[0] and word is not None:
        return Reason("routing.preferred", name, {"rule": word.name})
    if mine[1] != theirs[1]:
        return Reason("routing.cheapest", name, {"cost_amount": mine[1], "next_amount": theirs[1]})
    if mine[2] != theirs[2]:
        return Reason(
            "routing.steadiest", name, {"percent": round(-mine[2] * STABILITY_STEP * 100)}
        )
    if mine[3] != theirs[3]:
        return Reason("routing.soonest", name, {"days": mine[3]})
    return Reason("routing.by_name", name)


def _terms(first: _Standing, book: Book) -> list[Reason]:
    """Say by which terms: the contract's rate, or none at all."""
    name = first.candidate.channel
    if first.contract is None:
        assert not book.contracts
        return [Reason("routing.without_contract", name)]
    card = first.contract.card
    return [Reason("routing.by_contract", name, {"rate": percent(card.rate_ppm)})]

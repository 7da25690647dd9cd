"""May the payer of an accepted sale be debited, by the policy that its terminal held?

Judged while planning, from the policy version the counter names, the credential as it stood at
that moment, and what the same counter had taken offline and not yet handed over by then. That
last is what the counter itself counts against its caps: a sale was unacknowledged at an instant
exactly if it happened before and the server received it after.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate
from typing import Final
from uuid import UUID

from domain.authorization import PersonState
from domain.offline_policy import (
    Assurance,
    OfflinePolicy,
    OfflineUsed,
    remaining,
    with_supervisor_extension,
)
from server.fleet.read_policies import read_policies
from server.payments.arrivals import Arrived
from server.payments.models import Payment
from server.payments.plan import Objection, Plan
from sync.messages import Acceptance, CredentialKind, Mode, Tender

STRONGEST: Final[Mapping[CredentialKind, Assurance]] = {
    CredentialKind.NUMBER: Assurance.NUMBER,
    CredentialKind.CARD: Assurance.MUTUAL_CARD,
    CredentialKind.WALLET_CODE: Assurance.SIGNED_CODE,
    CredentialKind.FACE: Assurance.FACE_LIVE,
}
"""The most that a kind of credential can claim; any other kind debits nobody offline."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """`unbookable_code`: park it, if its id is unknown. `objection`: book it as disputed."""

    unbookable_code: str | None = None
    objection: Objection | None = None


@dataclass(frozen=True, slots=True)
class _Taken:
    """An offline wallet sale as far as caps count it."""

    terminal_id: UUID
    person_id: UUID | None
    amount: int
    occurred_at: datetime
    received_at: datetime


@dataclass(slots=True)
class _Sums:
    """How many, and how much in all, up to an instant. Cheap where instants come in order."""

    _at: list[datetime] = field(default_factory=list)
    _amounts: list[int] = field(default_factory=lambda: [0])
    """The sum of the first n, per n."""

    @classmethod
    def of(cls, sales: list[tuple[datetime, int]]) -> "_Sums":
        """Count many at once."""
        sales.sort()
        amounts = accumulate((amount for _, amount in sales), initial=0)
        return cls([at for at, _ in sales], list(amounts))

    def add(self, at: datetime, amount: int) -> None:
        """Count one more."""
        place = bisect_right(self._at, at)
        self._at.insert(place, at)
        self._amounts.insert(place + 1, self._amounts[place])
        for later in range(place + 1, len(self._amounts)):
            self._amounts[later] += amount

    def until(self, at: datetime) -> tuple[int, int]:
        """Return (count, amount) of what came at `at` or before."""
        place = bisect_right(self._at, at)
        return place, self._amounts[place]


class _Unacknowledged:
    """Sales that a counter had made and the server not received, at any instant.

    A queue of hours is judged sale by sale, so each look must not go through all the others.
    """

    def __init__(self, taken: Sequence[_Taken]) -> None:
        made: dict[Hashable, list[tuple[datetime, int]]] = defaultdict(list)
        received: dict[Hashable, list[tuple[datetime, int]]] = defaultdict(list)
        for sale in filter(_waited, taken):
            for place in _places(sale):
                made[place].append((sale.occurred_at, sale.amount))
                received[place].append((sale.received_at, sale.amount))
        self._made = {place: _Sums.of(sales) for place, sales in made.items()}
        self._received = {place: _Sums.of(sales) for place, sales in received.items()}

    def add(self, sale: _Taken) -> None:
        """Count a sale, unless it was received as soon as it was made."""
        if not _waited(sale):
            return
        for place in _places(sale):
            self._made.setdefault(place, _Sums()).add(sale.occurred_at, sale.amount)
            self._received.setdefault(place, _Sums()).add(sale.received_at, sale.amount)

    def at(self, at: datetime, place: Hashable) -> tuple[int, int]:
        """Return (count, amount) of a terminal's sales, or of a (terminal, person)'s."""
        made, received = self._made.get(place), self._received.get(place)
        if made is None or received is None:
            return 0, 0
        (count, amount), (gone, gone_amount) = made.until(at), received.until(at)
        return count - gone, amount - gone_amount


def _waited(sale: _Taken) -> bool:
    return sale.occurred_at < sale.received_at


def _places(sale: _Taken) -> tuple[Hashable, Hashable]:
    """Whose caps a sale counts against: the terminal's, and the person's at this terminal."""
    return sale.terminal_id, (sale.terminal_id, sale.person_id)


def judge_acceptances(
    items: Sequence[Arrived[Acceptance]], plans: Sequence[Plan]
) -> list[Judgement]:
    """Judge acceptances in the order they were journalled; each counts against those after it."""
    policies = _policies(items)
    taken = _Unacknowledged(_taken_before(items, plans))
    judged = []
    for item, plan in zip(items, plans, strict=True):
        judged.append(Judgement(_unbookable(item), _objection(item, plan, policies, taken)))
        if _counts(item):
            taken.add(_taken(item, plan))
    return judged


def _unbookable(item: Arrived[Acceptance]) -> str | None:
    """Why an unknown id cannot be booked at all: no binding to book it to, or no sense in it."""
    intent, terminal = item.message.request.intent, item.terminal
    ours = (terminal.organisation_id, terminal.terminal_id)
    if not item.bound or (intent.organisation_id, intent.terminal_id) != ours:
        return "terminals.binding_unknown"
    total = sum(line.amount for line in intent.lines)
    total -= sum(discount.amount for discount in intent.discounts)
    if intent.total < 0 or intent.total != total or intent.currency != "CNY":
        return "payments.unbookable"
    return None


def _objection(
    item: Arrived[Acceptance],
    plan: Plan,
    policies: Mapping[tuple[UUID, int], OfflinePolicy],
    taken: _Unacknowledged,
) -> Objection | None:
    if item.beyond_head:
        return Objection("terminals.revoked", "revoked_terminal")
    if plan.request.intent.tender is not Tender.WALLET:
        return None
    if plan.objection is not None:
        return plan.objection
    payer = plan.payer
    assert payer is not None, "a wallet without a payer has an objection"
    if payer.frozen_at is not None and payer.frozen_at <= plan.occurred_at:
        return Objection("people.frozen", "person_frozen")
    if payer.state is PersonState.LEFT and payer.left_at and payer.left_at <= plan.occurred_at:
        return Objection("people.left", "person_frozen")
    place = (item.terminal.organisation_id, item.message.policy_version)
    return _over_policy(item, plan, policies.get(place), taken)


def _over_policy(
    item: Arrived[Acceptance],
    plan: Plan,
    policy: OfflinePolicy | None,
    taken: _Unacknowledged,
) -> Objection | None:
    if policy is None:
        return Objection("limits.offline_payment", "over_cap")
    request = plan.request
    amount = request.intent.total
    # A counter that cannot tell the age of what it knew says so by a negative one
    if not 0 <= item.message.snapshot_age_s <= policy.max_age_s:
        return Objection("limits.snapshot_too_old", "over_cap")
    strongest = STRONGEST.get(request.evidence.credential)
    if strongest is None or not Assurance.NUMBER <= request.evidence.assurance <= strongest:
        return Objection("limits.offline_credential", "over_cap")
    if plan.code is not None and amount > plan.code.certificate.offline_cap_amount:
        return Objection("limits.offline_credential", "over_cap")
    # A supervisor may have raised the terminal's caps, once
    extended = with_supervisor_extension(policy)
    left = remaining(extended, _used(item, plan, taken), plan.assurance)
    if left.sales_count == 0 or amount > left.terminal_amount:
        return Objection("limits.offline_terminal", "over_cap")
    if amount > left.payment_amount:
        return Objection("limits.offline_payment", "over_cap")
    if amount > left.person_amount:
        return Objection("limits.offline_person", "over_cap")
    return None


def _used(item: Arrived[Acceptance], plan: Plan, taken: _Unacknowledged) -> OfflineUsed:
    at, terminal_id = plan.occurred_at, item.terminal.terminal_id
    person = plan.payer.person_id if plan.payer is not None else None
    count, amount = taken.at(at, terminal_id)
    _, person_amount = taken.at(at, (terminal_id, person))
    return OfflineUsed(person_amount=person_amount, terminal_count=count, terminal_amount=amount)


def _counts(item: Arrived[Acceptance]) -> bool:
    is_wallet = item.message.request.intent.tender is Tender.WALLET
    return is_wallet and item.message.mode is Mode.OFFLINE


def _taken(item: Arrived[Acceptance], plan: Plan) -> _Taken:
    person = plan.payer.person_id if plan.payer is not None else None
    amount = plan.request.intent.total
    terminal_id = item.terminal.terminal_id
    return _Taken(terminal_id, person, amount, plan.occurred_at, item.received_at)


def _policies(
    items: Sequence[Arrived[Acceptance]],
) -> dict[tuple[UUID, int], OfflinePolicy]:
    wanted: dict[UUID, set[int]] = {}
    for item in items:
        if _counts(item):
            versions = wanted.setdefault(item.terminal.organisation_id, set())
            versions.add(item.message.policy_version)
    return {
        (organisation, version): policy
        for organisation, versions in wanted.items()
        for version, policy in read_policies(organisation, versions).items()
    }


def _taken_before(items: Sequence[Arrived[Acceptance]], plans: Sequence[Plan]) -> list[_Taken]:
    """The offline sales booked already that any of `items` may have been made beside."""
    offline = [plan for item, plan in zip(items, plans, strict=True) if _counts(item)]
    if not offline:
        return []
    ids = {plan.request.intent.payment_id for plan in offline}
    rows = Payment.objects.filter(
        organisation__in={item.terminal.organisation_id for item in items},
        terminal__in={plan.asked.terminal.terminal_id for plan in offline},
        mode=Mode.OFFLINE.value,
        tender=Tender.WALLET.value,
        state="succeeded",
        received_at__gt=min(plan.occurred_at for plan in offline),
    ).exclude(id__in=ids)
    found = rows.values_list("terminal", "person", "total_amount", "occurred_at", "received_at")
    return [_Taken(*row) for row in found]

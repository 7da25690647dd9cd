"""The counter's own decision: the domain's `decide` on the replica, within the policy it holds.

The stricter of the server's policy and the profile's caps holds. Without a policy from the server
nothing is taken offline. A supervisor may extend the terminal's caps once (`Caps.extend`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from domain.authorization import (
    AccountSnapshot,
    Approve,
    Decision,
    Mode,
    NeedServer,
    PersonState,
    Policy,
    Request,
    Shortfall,
    Tender,
    decide,
)
from domain.offline_policy import (
    Assurance,
    Caps,
    OfflinePolicy,
    remaining,
    with_supervisor_extension,
)
from kiosk_profiles.schema import Profile
from sync.replica import Replica
from sync.sales import sales_of_person
from sync.store import LocalStore
from terminal_app.counter.meals import Meals
from terminal_app.counter.payers import ON_ACCOUNT, Payer

_ANY = Assurance.MUTUAL_CARD


@dataclass(frozen=True, slots=True)
class Left:
    """How far this counter may still go alone."""

    sales_count: int
    amount: int
    is_near: bool
    is_reached: bool


@dataclass(frozen=True, slots=True)
class Decided:
    """The decision, what it takes from each account, and how old the knowledge was."""

    decision: Decision
    deltas: Mapping[UUID, int]
    policy_version: int
    snapshot_age_s: float


class OfflineDesk:
    """Decides alone. The extension is kept in the store, so that a restart does not renew it."""

    def __init__(
        self, store: LocalStore, replica: Replica, meals: Meals, profile: Profile, merchant_id: UUID
    ) -> None:
        self._store = store
        self._replica = replica
        self._meals = meals
        self._profile = profile
        self._merchant_id = merchant_id

    def decide(self, payer: Payer, amount: int, cap_amount: int | None) -> Decided:
        """Decide one wallet payment from what is known here; cash needs no account."""
        policy = self.policy()
        age_s = self._replica.age_s()
        if payer.tender is not Tender.WALLET:
            decision = decide(_OPEN, _nobody(), self._request(payer, amount, None))
            return Decided(decision, {}, policy.version if policy else 0, age_s)
        if policy is None:
            return Decided(NeedServer("limits.snapshot_too_old"), {}, 0, age_s)
        if payer.person_id is None:
            return Decided(NeedServer(_stranger(payer)), {}, policy.version, age_s)
        snapshot = self._replica.snapshot(
            payer.person_id,
            meal_period=self._meals.present(),
            meal_since=self._meals.since(),
            day_since=self._meals.day_since(),
        )
        if snapshot is None:
            return Decided(NeedServer("people.not_entitled_here"), {}, policy.version, age_s)
        if payer.override_reason == ON_ACCOUNT:
            snapshot = replace(snapshot, shortfall=Shortfall.ON_ACCOUNT)
            policy = _unlimited(policy)
        elif self._person_count(payer.person_id) >= self._profile.caps.person_count:
            return Decided(NeedServer("limits.offline_person"), {}, policy.version, age_s)
        decision = decide(Policy(policy), snapshot, self._request(payer, amount, cap_amount))
        return Decided(decision, self._deltas(payer, decision), policy.version, age_s)

    def needs_factor(self, payer: Payer, amount: int) -> bool:
        """Whether the credential is too weak for the amount, before anything is frozen."""
        policy = self.policy()
        if policy is None or payer.proof:
            return False
        threshold = Policy(policy).second_factor_above.get(Assurance(payer.assurance))
        return threshold is not None and amount > threshold

    def policy(self) -> OfflinePolicy | None:
        """The server's policy, no wider than the profile, extended if a supervisor did."""
        policy = self._replica.policy()
        if policy is None:
            return None
        own = self._profile.caps
        narrowed = replace(
            policy,
            caps={name: _stricter(caps, own.payment_amount, own.person_amount)
                  for name, caps in policy.caps.items()},
            terminal_count=min(policy.terminal_count, own.terminal_count),
            terminal_amount=min(policy.terminal_amount, own.terminal_amount),
            max_age_s=min(policy.max_age_s, own.snapshot_age_max_s),
            near_cap_percent=max(policy.near_cap_percent, own.warn_left_percent),
        )  # fmt: skip
        return with_supervisor_extension(narrowed) if self._is_extended(policy) else narrowed

    def left(self) -> Left:
        """What the badge says from the warning on, and whether the cap is reached."""
        policy = self.policy()
        if policy is None:
            return Left(0, 0, is_near=True, is_reached=False)
        room = remaining(policy, self._replica.offline_used(), _ANY)
        is_reached = room.sales_count == 0 or room.terminal_amount == 0
        return Left(room.sales_count, room.terminal_amount, room.is_near_cap, is_reached)

    def may_extend(self) -> bool:
        """Whether the one extension is still there."""
        policy = self._replica.policy()
        has_step = policy is not None and (policy.extension_count or policy.extension_amount)
        return bool(has_step) and policy is not None and not self._is_extended(policy)

    def extend(self) -> None:
        """Use the one extension of this policy version."""
        policy = self._replica.policy()
        if policy is not None:
            self._store.put_meta(_EXTENDED, policy.version)

    def renew(self) -> None:
        """Everything was acknowledged: the next outage has its extension again."""
        if self._store.meta(_EXTENDED) is not None:
            self._store.put_meta(_EXTENDED, None)

    def _is_extended(self, policy: OfflinePolicy) -> bool:
        return bool(self._store.meta(_EXTENDED) == policy.version)

    def _person_count(self, person_id: UUID) -> int:
        today = sales_of_person(self._store, person_id, self._meals.day_since())
        return sum(1 for sale in today if sale.is_offline_wallet and sale.is_waiting)

    def _request(self, payer: Payer, amount: int, cap_amount: int | None) -> Request:
        period = self._meals.present()
        return Request(
            amount=amount,
            tender=payer.tender,
            assurance=Assurance(payer.assurance),
            merchant_id=self._merchant_id,
            at=self._meals.now(),
            mode=Mode.OFFLINE,
            meal_period=period or None,
            portions=1 if period else 0,
            is_second_factor_done=bool(payer.proof or payer.override_reason),
            credential_cap_amount=cap_amount,
        )

    def _deltas(self, payer: Payer, decision: Decision) -> Mapping[UUID, int]:
        if not isinstance(decision, Approve):
            return {}
        deltas = {leg.source_id: leg.units for leg in decision.legs}
        person = self._replica.person(payer.person_id) if payer.person_id else None
        if decision.debt_amount and person and person.debt_account_id:
            deltas[person.debt_account_id] = decision.debt_amount
        return deltas


_EXTENDED = "offline_extended"
_NOBODY = UUID(int=0)
_OPEN = Policy(OfflinePolicy(0, {}, 0, 0, 0))


def _nobody() -> AccountSnapshot:
    return AccountSnapshot(_NOBODY, PersonState.ACTIVE, "", ())


def _stranger(payer: Payer) -> str:
    return "cards.unknown" if payer.reference.startswith("card:") else "people.unknown"


def _stricter(caps: Caps, payment_amount: int, person_amount: int) -> Caps:
    return Caps(
        payment_amount=min(caps.payment_amount, payment_amount),
        person_amount=min(caps.person_amount, person_amount),
    )


def _unlimited(policy: OfflinePolicy) -> OfflinePolicy:
    """On account by the operator's word: what is over the caps the server books as disputed."""
    most = 10**12
    return replace(
        policy,
        caps=dict.fromkeys(Assurance, Caps(most, most)),
        terminal_count=policy.terminal_count + most,
        terminal_amount=policy.terminal_amount + most,
        max_age_s=most,
    )

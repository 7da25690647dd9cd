"""How far a counter may go without the server: caps per payment, person and terminal, and age.

Caps hang on how sure the credential is (``Assurance``): a card's number is copied in a second, a
mutually authenticated card is not. A counter's remaining room is a pure function of the policy it
holds and what it has used since the server last acknowledged.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import IntEnum


class Assurance(IntEnum):
    """How hard a credential is to borrow, copy or imitate; greater is stronger."""

    NUMBER = 1  # a student or staff number, typed
    CARD_UID = 2
    SIGNED_CODE = 3  # our wallet code
    FACE_LIVE = 4
    MUTUAL_CARD = 5  # DESFire EV2, NTAG 424


@dataclass(frozen=True, slots=True)
class Caps:
    """What one person may spend offline at this counter, in fen."""

    payment_amount: int
    person_amount: int


@dataclass(frozen=True, slots=True)
class OfflinePolicy:
    """The limits of one counter; the server books a fact under the version the counter held.

    An assurance without caps may not pay offline at all. ``max_age_s`` bounds the age of the
    account snapshot, by the monotonic clock.
    """

    version: int
    caps: Mapping[Assurance, Caps]
    terminal_count: int
    terminal_amount: int
    max_age_s: int
    near_cap_percent: int = 20
    extension_count: int = 0
    extension_amount: int = 0


@dataclass(frozen=True, slots=True)
class OfflineUsed:
    """What has been taken offline and is not acknowledged yet, by this person and terminal."""

    person_amount: int = 0
    terminal_count: int = 0
    terminal_amount: int = 0


@dataclass(frozen=True, slots=True)
class Remaining:
    """The room left. ``sales_count`` is what the screen shows once ``is_near_cap``."""

    payment_amount: int
    person_amount: int
    terminal_amount: int
    sales_count: int
    is_near_cap: bool

    @property
    def amount(self) -> int:
        """The largest single payment that every cap still allows."""
        if self.sales_count == 0:
            return 0
        return min(self.payment_amount, self.person_amount, self.terminal_amount)


NO_CAPS = Caps(payment_amount=0, person_amount=0)


def remaining(policy: OfflinePolicy, used: OfflineUsed, assurance: Assurance) -> Remaining:
    """Return the room left under the policy; never below zero."""
    caps = policy.caps.get(assurance, NO_CAPS)
    count = max(0, policy.terminal_count - used.terminal_count)
    amount = max(0, policy.terminal_amount - used.terminal_amount)
    return Remaining(
        payment_amount=caps.payment_amount,
        person_amount=max(0, caps.person_amount - used.person_amount),
        terminal_amount=amount,
        sales_count=count,
        is_near_cap=(
            _is_near(count, policy.terminal_count, policy.near_cap_percent)
            or _is_near(amount, policy.terminal_amount, policy.near_cap_percent)
        ),
    )


def offline_objection(
    policy: OfflinePolicy,
    used: OfflineUsed,
    *,
    amount: int,
    assurance: Assurance,
    age_s: float,
    credential_cap_amount: int | None = None,
) -> str | None:
    """Return the code of why a counter alone may not take this; ``None`` within age and all caps.

    ``age_s`` is the age of the account snapshot. ``credential_cap_amount`` is a wallet code's own
    cap. The counter asks before it takes, the server again before it debits the payer of a fact.
    """
    if age_s > policy.max_age_s:
        return "limits.snapshot_too_old"
    left = remaining(policy, used, assurance)
    if left.sales_count == 0 or amount > left.terminal_amount:
        return "limits.offline_terminal"
    if amount > left.payment_amount:
        return "limits.offline_payment"
    if amount > left.person_amount:
        return "limits.offline_person"
    if credential_cap_amount is not None and amount > credential_cap_amount:
        return "limits.offline_credential"
    return None


def with_supervisor_extension(policy: OfflinePolicy) -> OfflinePolicy:
    """Return the policy with the terminal's caps raised by the configured step, once."""
    return replace(
        policy,
        terminal_count=policy.terminal_count + policy.extension_count,
        terminal_amount=policy.terminal_amount + policy.extension_amount,
        extension_count=0,
        extension_amount=0,
    )


def exposure_amount(policy: OfflinePolicy, counters: int) -> int:
    """Return the most one person could overspend at a site: counters × the largest person cap."""
    return counters * max((caps.person_amount for caps in policy.caps.values()), default=0)


def _is_near(left: int, cap: int, percent: int) -> bool:
    return left * 100 <= cap * percent

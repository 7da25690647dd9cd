"""Who bears a signed offline acceptance: the payer within the policy, else nobody yet.

The meal is gone, so an acceptance is always booked; the question is only against whom. Within the
policy that the terminal held, the payer's purses are drawn to their floors and the rest is the
payer's debt. Beyond it the sale is disputed: no payer is debited, the merchant is not paid out, and
one case is opened. These are the rules of the counter's own decision, so a counter that obeyed its
policy is never disputed.
"""

from dataclasses import dataclass
from enum import StrEnum

from domain.authorization import (
    AccountSnapshot,
    Approve,
    Policy,
    Request,
    Tender,
    draw_fact,
    is_second_factor_missing,
    offline_objection,
)


class DisputeKind(StrEnum):
    """The kinds of case that a disputed acceptance opens."""

    REVOKED_TERMINAL = "revoked_terminal"
    CARD_LOST = "card_lost"
    PERSON_FROZEN = "person_frozen"
    CODE_REPLAYED = "code_replayed"
    PAYER_UNPROVEN = "payer_unproven"
    OVER_CAP = "over_cap"
    CHANNEL_OFFLINE = "accepted_channel_offline"


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the server knows of the moment of the acceptance, beyond what the counter wrote.

    ``is_terminal_trusted`` is false for a revoked or forked terminal beyond the head it last
    reported. Lost, frozen and used are meant at the time of the sale, not of its arrival.
    """

    is_terminal_trusted: bool = True
    is_card_lost: bool = False
    is_person_frozen: bool = False
    is_code_used: bool = False


@dataclass(frozen=True, slots=True)
class Dispute:
    """No payer is debited; ``code`` is the dotted code of why."""

    kind: DisputeKind
    code: str


def judge_fact(
    policy: Policy, snapshot: AccountSnapshot, request: Request, circumstances: Circumstances
) -> Approve | Dispute:
    """Say who bears an offline acceptance; never refuses.

    ``policy`` is the version that terminal held. ``snapshot`` has the purses as they are now under
    the lock, the age the counter reported, and what of this person and terminal was taken offline
    before this sale. Cash needs no purse and gets no legs.
    """
    dispute = _dispute(policy, snapshot, request, circumstances)
    if dispute is not None:
        return dispute
    if request.tender is not Tender.WALLET:
        return Approve()
    return draw_fact(
        snapshot,
        request.amount,
        merchant_id=request.merchant_id,
        meal_period=request.meal_period,
        at=request.at,
    )


def _dispute(
    policy: Policy, snapshot: AccountSnapshot, request: Request, circumstances: Circumstances
) -> Dispute | None:
    if not circumstances.is_terminal_trusted:
        return Dispute(DisputeKind.REVOKED_TERMINAL, "terminals.revoked")
    if request.tender is Tender.CASH:
        return None
    if request.tender is Tender.CHANNEL:
        return Dispute(DisputeKind.CHANNEL_OFFLINE, "tenders.not_offline")
    return _payers_objection(circumstances) or _policys_objection(policy, snapshot, request)


def _payers_objection(circumstances: Circumstances) -> Dispute | None:
    if circumstances.is_card_lost:
        return Dispute(DisputeKind.CARD_LOST, "cards.lost")
    if circumstances.is_person_frozen:
        return Dispute(DisputeKind.PERSON_FROZEN, "people.frozen")
    if circumstances.is_code_used:
        return Dispute(DisputeKind.CODE_REPLAYED, "codes.replayed")
    return None


def _policys_objection(
    policy: Policy, snapshot: AccountSnapshot, request: Request
) -> Dispute | None:
    if is_second_factor_missing(policy, request):
        return Dispute(DisputeKind.PAYER_UNPROVEN, "limits.second_factor")
    code = offline_objection(policy.offline, snapshot, request)
    return None if code is None else Dispute(DisputeKind.OVER_CAP, code)

"""The numbers the machine runs by, taken once from a kiosk profile; all durations in seconds."""

from dataclasses import dataclass
from typing import Literal

from kiosk_profiles.schema import Profile


@dataclass(frozen=True, slots=True)
class Rules:
    """A profile as the pure machine needs it."""

    is_standing: bool = True
    is_attended: bool = True
    face: Literal["off", "confirm", "auto"] = "off"
    confirm_by: Literal["cashier", "diner", "either"] = "cashier"
    tenders: frozenset[str] = frozenset({"card", "code"})
    ask_above_amount: int = 10_000
    limit_amount: int = 1_000_000
    shown_min_s: float = 0.3
    plus_one_within_s: float = 10.0
    needs_posted_price: bool = True
    keyed_idle_s: float = 30.0
    candidate_max_s: float = 1.5
    confirm_max_s: float = 8.0
    track_lost_s: float = 2.0
    factor_max_s: float = 15.0
    factor_wrong_max: int = 2
    wallet_budget_s: float = 0.8
    spinner_after_s: float = 0.3
    awaiting_max_s: float = 45.0
    poll_every_s: float = 1.0
    code_poll_every_s: float = 0.5
    code_shown_max_s: float = 170.0  # the server's order lives for 180 s: ours ends before it
    unheard_after_s: float = 3.0
    parked_max: int = 2
    approved_min_s: float = 0.8
    diner_undo_s: float = 5.0
    cashier_undo_s: float = 60.0
    cancelling_max_s: float = 15.0
    reversed_s: float = 1.5
    still_there_s: float = 4.0
    retry_s: float = 15.0


def rules_of(profile: Profile) -> Rules:
    """Read the machine's numbers out of a profile."""
    timing, presence = profile.timing, profile.presence
    return Rules(
        is_standing=profile.amount.source == "standing",
        is_attended=profile.attended,
        face=profile.face.mode,
        confirm_by=profile.face.confirm_by,
        tenders=frozenset(profile.tenders),
        ask_above_amount=profile.amount.ask_above_amount,
        limit_amount=profile.amount.limit_amount,
        shown_min_s=presence.amount_shown_min_ms / 1000,
        plus_one_within_s=presence.plus_one_within_ms / 1000,
        needs_posted_price=presence.auto_needs_posted_price,
        keyed_idle_s=timing.keyed_idle_s,
        candidate_max_s=timing.candidate_max_ms / 1000,
        confirm_max_s=timing.confirm_max_s,
        track_lost_s=timing.track_lost_ms / 1000,
        factor_max_s=timing.second_factor_max_s,
        factor_wrong_max=timing.second_factor_wrong_max,
        wallet_budget_s=timing.wallet_budget_ms / 1000,
        spinner_after_s=timing.spinner_after_ms / 1000,
        awaiting_max_s=timing.awaiting_max_s,
        parked_max=timing.parked_max,
        approved_min_s=timing.approved_min_ms / 1000,
        diner_undo_s=timing.diner_undo_s,
        cashier_undo_s=timing.cashier_undo_s,
        cancelling_max_s=timing.cancelling_max_s,
        reversed_s=timing.reversed_ms / 1000,
        still_there_s=timing.still_there_ms / 1000,
        retry_s=timing.retry_other_credential_s,
    )

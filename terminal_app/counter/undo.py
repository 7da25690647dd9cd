"""Who may take back what (COUNTER §5): soon and freely, later with a PIN, above a limit with a
supervisor's, and never another shift's.
"""

from dataclasses import dataclass
from enum import StrEnum

from domain.authorization import Tender
from kiosk_profiles.schema import Profile
from sync.messages import Acceptance
from terminal_app.counter.events import Who
from terminal_app.counter.strip import RowState, StripRow


class Needs(StrEnum):
    """What an undo still needs."""

    NOTHING = "nothing"
    PIN = "pin"
    SUPERVISOR = "supervisor"


@dataclass(frozen=True, slots=True)
class UndoRule:
    """What may be done with one row; `code` says why not, "" when it may."""

    needs: Needs = Needs.NOTHING
    code: str = ""


def undo_rule(
    row: StripRow,
    acceptance: Acceptance | None,
    profile: Profile,
    *,
    shift_id: object,
    who: Who,
    now: float,
    is_online: bool,
) -> UndoRule:
    """Say what undoing a row needs. A channel's money goes back only through the server."""
    if acceptance is None or row.state is not RowState.APPROVED:
        return UndoRule(code="undo.nothing")
    if shift_id is None or acceptance.request.shift_id != shift_id:
        return UndoRule(code="undo.other_shift")
    if acceptance.request.intent.tender is Tender.CHANNEL and not is_online:
        return UndoRule(code="refunds.not_offline")
    if who is Who.DINER:
        return UndoRule()  # the machine holds the five seconds
    return UndoRule(needs_of(row, profile, now))


def needs_of(row: StripRow, profile: Profile, now: float) -> Needs:
    """What the cashier needs to take a row back."""
    if row.amount > profile.undo.supervisor_above_amount:
        return Needs.SUPERVISOR
    is_soon = now - row.approved_at <= profile.timing.cashier_undo_s
    return Needs.NOTHING if is_soon else Needs.PIN


def may_be_undone(row: StripRow, shift_id: object) -> bool:
    """Whether a row stands and is of the open shift."""
    is_ours = shift_id is not None and row.shift_id == shift_id
    return is_ours and row.state is RowState.APPROVED

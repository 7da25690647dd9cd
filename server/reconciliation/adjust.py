"""Four eyes over a difference that no rule explains: its channel's word is accepted, or not.

Accepting posts, as a new entry, what the channel's bill says: the receivable goes down by what our
books have, the bank and the cost by what the bill has, and what is between them goes to the
channel's variance account, where it stays visible. Nothing is edited.
"""

from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from domain.errors import Refused
from domain.ids import RandomBytes
from server.cases.approvals.carried_out import register
from server.cases.approvals.request_approval import Asked, Subject, request_approval
from server.cases.models import Approval
from server.reconciliation.clear_items import clear_items
from server.reconciliation.models import BillLine, ClearedItem, Difference, DifferenceState
from server.reconciliation.read_expected import NOT_PAID, NOT_REFUNDED, cleared_items

ACCEPT: Final = "approvals.accept_bill"
ACCEPTED: Final = "accepted"


def request_adjustment(
    organisation_id: UUID, difference_id: UUID, *, by: str, reason: str, now: datetime,
    random: RandomBytes,
) -> Approval:  # fmt: skip
    """Ask that the channel's word be accepted; somebody else approves it."""
    row = Difference.objects.filter(organisation=organisation_id, id=difference_id).first()
    if row is None or row.state == DifferenceState.RESOLVED:
        raise Refused("reconcile.resolved_already")
    if not reason.strip():
        raise Refused("reconcile.no_reason")
    asked = Asked(
        organisation_id, ACCEPT, Subject("difference", row.id, f"{row.channel} {row.item}"),
        data=_data(row), amount=(row.their_amount or 0) - (row.our_amount or 0), reason=reason,
    )  # fmt: skip
    return request_approval(asked, by=by, now=now, random=random)


def register_adjustments() -> None:
    """Let this process carry out what was approved."""
    register(ACCEPT, carry_out)


def carry_out(approval: Approval, now: datetime) -> None:
    """Post the channel's word on one difference, if it still is what was approved."""
    organisation_id = approval.organisation
    rows = Difference.objects.select_for_update().filter(organisation=organisation_id)
    row = rows.filter(id=approval.subject_id).exclude(state=DifferenceState.RESOLVED).first()
    if row is None or _data(row) != approval.data:
        raise Refused("reconcile.changed_since")
    if row.line is not None:
        lines = BillLine.objects.select_for_update().filter(organisation=organisation_id)
        if not lines.filter(id=row.line, is_open=True).exists():
            raise Refused("reconcile.changed_since")
    # What we know of and never counted is not in our books: only the bill's side is posted
    has_ours = row.our_amount is not None and row.our_status not in (NOT_PAID, NOT_REFUNDED)
    if has_ours and cleared_items(organisation_id, row.channel, [row.item]):
        raise Refused("reconcile.changed_since")
    rows.filter(id=row.id).update(
        state=DifferenceState.RESOLVED, resolution=ACCEPTED, resolved_at=now,
        resolved_by=approval.decided_by,
    )  # fmt: skip
    item = ClearedItem(
        id=uuid5(approval.id, "item"), organisation=organisation_id, channel=row.channel,
        item=row.item, has_ours=has_ours, our_amount=(row.our_amount or 0) if has_ours else 0,
        their_amount=row.their_amount or 0, fee_amount=row.their_fee or 0, line=row.line,
        clearing=approval.id, how=ACCEPTED, cleared_at=now,
    )  # fmt: skip
    clear_items([item], now)


def _data(row: Difference) -> dict[str, object]:
    """What both sides say: as it was asked for, and as it must still be."""
    return {
        "kind": row.kind, "item": row.item, "our_amount": row.our_amount,
        "their_amount": row.their_amount, "their_fee": row.their_fee,
        "line": str(row.line) if row.line else None,
    }  # fmt: skip

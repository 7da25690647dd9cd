"""Approve or turn down what somebody else asked for (four eyes)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from domain.errors import Refused
from server.cases.approvals.carried_out import carries_out_of
from server.cases.models import Approval, ApprovalState


def approve(
    organisation_id: UUID, approval_id: UUID, *, by: str, now: datetime, note: str = ""
) -> Approval:
    """Approve it and carry it out, in one transaction: both happen or neither does.

    Raises `Refused`: decided already, asked by `by` themselves, or what carries it out finds that
    it no longer holds; it then still waits.
    """
    with transaction.atomic():
        approval = _held_for(organisation_id, approval_id, by)
        approval.decided(ApprovalState.APPROVED, by=by, now=now, note=note)
        # Last: what it locks and writes in the books ends the transaction
        carries_out_of(approval.kind)(approval, now)
        return approval


def turn_down(
    organisation_id: UUID, approval_id: UUID, *, by: str, now: datetime, note: str = ""
) -> Approval:
    """Refuse it, for a reason that whoever asked can read."""
    with transaction.atomic():
        approval = _held_for(organisation_id, approval_id, by)
        return approval.decided(ApprovalState.TURNED_DOWN, by=by, now=now, note=note)


def hold_pending(organisation_id: UUID, approval_id: UUID) -> Approval:
    """Lock a request that still waits; raises `Refused` when it does not."""
    rows = Approval.objects.select_for_update().filter(organisation=organisation_id)
    approval = rows.filter(id=approval_id).first()
    if approval is None:
        raise Refused("approvals.unknown")
    if approval.state != ApprovalState.WAITING:
        raise Refused("approvals.decided_already", by=approval.decided_by)
    return approval


def _held_for(organisation_id: UUID, approval_id: UUID, by: str) -> Approval:
    approval = hold_pending(organisation_id, approval_id)
    if not by.strip():
        raise Refused("approvals.nobody")
    # Sign-in names differ in more than their case, or not at all
    if approval.asked_by.casefold() == by.casefold():
        raise Refused("approvals.own_request")
    return approval

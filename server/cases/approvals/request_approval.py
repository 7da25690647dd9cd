"""Ask for something that another member of staff has to approve, or take the asking back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from domain.errors import Refused
from domain.ids import RandomBytes
from server.cases.approvals.carried_out import carries_out_of
from server.cases.approvals.decide_approval import hold_pending
from server.cases.models import Approval, ApprovalState
from server.fresh import fresh_id


@dataclass(frozen=True, slots=True)
class Subject:
    """What is asked about: `name` is what people read in the list."""

    kind: str
    id: UUID
    name: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: `data` (JSON) is all that carries it out, `amount` (fen) what it moves."""

    organisation_id: UUID
    kind: str
    subject: Subject
    data: Mapping[str, Any] = field(default_factory=dict)
    amount: int = 0
    reason: str = ""


def request_approval(asked: Asked, *, by: str, now: datetime, random: RandomBytes) -> Approval:
    """Ask for it in the name of `by`; nothing happens until somebody else approves.

    One request of a kind may wait for a subject: a second is `Refused` ("approvals.waiting").
    """
    carries_out_of(asked.kind)
    if not by.strip():
        raise Refused("approvals.nobody")
    approval = Approval(
        id=fresh_id(now, random),
        organisation=asked.organisation_id,
        kind=asked.kind,
        subject_kind=asked.subject.kind,
        subject_id=asked.subject.id,
        subject_name=asked.subject.name[:200],
        amount=asked.amount,
        data=dict(asked.data),
        reason=asked.reason.strip()[:300],
        state=ApprovalState.WAITING,
        asked_by=by,
        asked_at=now,
    )
    with transaction.atomic():
        # The unique index decides between two who ask at once
        if not Approval.objects.bulk_create([approval], ignore_conflicts=True) or not _is(approval):
            raise Refused("approvals.waiting")
    return approval


def withdraw_request(
    organisation_id: UUID, approval_id: UUID, *, by: str, now: datetime
) -> Approval:
    """Take a request back; only whoever asked may."""
    with transaction.atomic():
        approval = hold_pending(organisation_id, approval_id)
        if approval.asked_by.casefold() != by.casefold():
            raise Refused("approvals.asked_by_other")
        return approval.decided(ApprovalState.WITHDRAWN, by=by, now=now)


def _is(approval: Approval) -> bool:
    rows = Approval.objects.filter(organisation=approval.organisation, id=approval.id)
    return rows.exists()

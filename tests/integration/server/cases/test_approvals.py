"""What one person asks for, another decides; it happens in the same commit or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from domain.errors import Defect, Refused
from server.cases.approvals import carried_out
from server.cases.approvals.decide_approval import approve, turn_down
from server.cases.approvals.request_approval import (
    Asked,
    Subject,
    request_approval,
    withdraw_request,
)
from server.cases.models import Approval, ApprovalState, Case
from tests.factories.clocks import NOON
from tests.factories.ledger import ORGANISATION, an_id

KIND = "approvals.unknown"  # any sentence will do
LATER = NOON + timedelta(hours=3)


@pytest.fixture(autouse=True)
def _carried_out() -> Iterator[None]:
    before = dict(carried_out._registered)
    carried_out.register(KIND, _open_a_case)
    yield
    carried_out._registered.clear()
    carried_out._registered.update(before)


def _open_a_case(approval: Approval, now: datetime) -> None:
    """Stand in for a kind's work: it writes, and then may find that nothing holds any more."""
    Case.objects.create(
        id=approval.id, organisation=approval.organisation, kind="approved", opened_at=now,
        subject_kind=approval.subject_kind, subject_id=approval.subject_id,
        amount=approval.data["amount"], closed_by=approval.decided_by,
    )  # fmt: skip
    if approval.data.get("is_stale"):
        raise Refused("approvals.unknown")


def asked(subject_id: UUID | None = None, by: str = "wang", *, is_stale: bool = False) -> Approval:
    subject = Subject("bill_item", subject_id or an_id(), "line 7")
    wanted = Asked(
        ORGANISATION, KIND, subject, {"amount": 1200, "is_stale": is_stale}, 1200, " short "
    )
    return request_approval(wanted, by=by, now=NOON, random=lambda count: an_id().bytes[-count:])


def refused(code: str) -> Any:
    return pytest.raises(Refused, match=rf"^{code}( |$)")


def test_what_another_approves_is_done(database: str) -> None:
    approval = asked()
    assert not Case.objects.exists()

    approve(ORGANISATION, approval.id, by="li", now=LATER, note="seen")

    case = Case.objects.get()
    assert (case.amount, case.closed_by, case.opened_at) == (1200, "li", LATER)
    kept = Approval.objects.get()
    assert (kept.state, kept.asked_by, kept.decided_by) == ("approved", "wang", "li")
    assert (kept.decided_at, kept.note, kept.reason) == (LATER, "seen", "short")


@pytest.mark.parametrize("same", ["wang", "WANG"])
def test_nobody_approves_or_turns_down_their_own(database: str, same: str) -> None:
    approval = asked()

    with refused("approvals.own_request"):
        approve(ORGANISATION, approval.id, by=same, now=LATER)
    with refused("approvals.own_request"):
        turn_down(ORGANISATION, approval.id, by=same, now=LATER)
    assert Approval.objects.get().state == ApprovalState.WAITING


def test_the_database_itself_refuses_two_eyes(database: str) -> None:
    row = Approval.objects.filter(id=asked(by="w_ng").id)

    with pytest.raises(IntegrityError), transaction.atomic():
        row.update(state="approved", decided_by="W_NG", decided_at=LATER)
    row.update(state="approved", decided_by="wang", decided_at=LATER)


def test_what_no_longer_holds_undoes_the_approval(database: str) -> None:
    approval = asked(is_stale=True)

    with refused("approvals.unknown"):
        approve(ORGANISATION, approval.id, by="li", now=LATER)

    assert Approval.objects.get().state == ApprovalState.WAITING
    assert not Case.objects.exists()


def test_a_decision_is_made_once(database: str) -> None:
    approval = asked()
    turn_down(ORGANISATION, approval.id, by="li", now=LATER)

    for by in ("li", "zhao"):
        with refused("approvals.decided_already"):
            approve(ORGANISATION, approval.id, by=by, now=LATER)
    assert Approval.objects.get().state == ApprovalState.TURNED_DOWN
    assert not Case.objects.exists()


def test_one_request_waits_per_subject(database: str) -> None:
    subject_id = an_id()
    first = asked(subject_id)
    with refused("approvals.waiting"):
        asked(subject_id, by="li")

    turn_down(ORGANISATION, first.id, by="li", now=LATER)
    asked(subject_id)
    asked()

    assert Approval.objects.filter(state="waiting").count() == 2


def test_only_whoever_asked_takes_it_back(database: str) -> None:
    approval = asked()

    with refused("approvals.asked_by_other"):
        withdraw_request(ORGANISATION, approval.id, by="li", now=LATER)
    withdraw_request(ORGANISATION, approval.id, by="wang", now=LATER)

    assert Approval.objects.get().state == ApprovalState.WITHDRAWN


def test_another_organisations_request_is_unknown(database: str) -> None:
    approval = asked()

    with refused("approvals.unknown"):
        approve(an_id(), approval.id, by="li", now=LATER)

    assert Approval.objects.get().state == ApprovalState.WAITING
    assert not Case.objects.exists()


def test_nobody_signed_in_neither_asks_nor_decides(sqlite_database: str) -> None:
    with refused("approvals.nobody"):
        asked(by=" ")
    assert not Approval.objects.exists()
    with refused("approvals.nobody"):
        approve(ORGANISATION, asked().id, by="", now=LATER)
    assert Approval.objects.get().state == ApprovalState.WAITING


def test_a_kind_needs_a_sentence_and_somebody_to_do_it(sqlite_database: str) -> None:
    with pytest.raises(Defect):
        carried_out.register("approvals.no_such_sentence", _open_a_case)
    with pytest.raises(Defect):
        request_approval(
            Asked(ORGANISATION, "cases.overpay", Subject("payment", an_id())),
            by="wang", now=NOON, random=bytes,
        )  # fmt: skip

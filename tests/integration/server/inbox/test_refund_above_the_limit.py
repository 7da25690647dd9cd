"""A counter's signed refund above the limit: booked with a supervisor's approval, else kept for
somebody to decide; and the books are proven either way.
"""

from __future__ import annotations

import pytest
from msgspec import structs

from server.inbox.decide_parked import retry_parked, write_off
from server.inbox.models import Record as RecordRow
from server.merchants.models import Agreement, Role
from server.payments.models import Payment
from sync.messages import RecordKind, RefundRequest, Status
from sync.pins import refund_approval
from tests.integration.server.inbox.conftest import Counter


@pytest.fixture
def limited(counter: Counter) -> Counter:
    """Refunds above ¥5.00 need a supervisor."""
    Agreement.objects.update(refund_limit_amount=500)
    return counter


def asked(counter: Counter) -> RefundRequest:
    sale = counter.till.request(1_200)
    counter.till.online(sale)
    return counter.till.refund_request(sale, 1_200)


def test_with_a_supervisors_approval_it_is_booked(limited: Counter) -> None:
    by = limited.till.rows.new_operator("09", Role.SUPERVISOR)
    plain = asked(limited)
    proof = refund_approval(by.pin_hash, plain.refund_id, plain.payment_id, plain.amount)
    request = structs.replace(plain, supervisor_id=by.id, supervisor_proof=proof)
    record = limited.journal.append(RecordKind.REFUND, request)
    assert limited.fates(record) == ["applied"]
    assert limited.fates(record) == ["replayed"]
    assert Payment.objects.get().refunded_amount == 1_200
    assert limited.audit().findings == ()


def test_without_one_it_waits_for_a_person_who_lets_it_through(limited: Counter) -> None:
    record = limited.journal.append(RecordKind.REFUND, asked(limited))
    [said] = limited.push(record)
    assert (said.status, said.code) == (Status.PARKED, "refunds.needs_supervisor")
    assert Payment.objects.get().refunded_amount == 0
    assert limited.audit().findings == ()
    row = RecordRow.objects.get(status="parked")
    booked = retry_parked(limited.api.runtime, row, "finance", limited.till.now)
    assert booked.status is Status.APPLIED
    assert Payment.objects.get().refunded_amount == 1_200
    assert limited.audit().findings == ()


def test_written_off_it_gives_nothing_back(limited: Counter) -> None:
    limited.push(limited.journal.append(RecordKind.REFUND, asked(limited)))
    write_off(RecordRow.objects.get(status="parked"), "finance", limited.till.now)
    assert Payment.objects.get().refunded_amount == 0
    assert limited.audit().findings == ()

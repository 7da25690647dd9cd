"""Above the agreement's limit a refund needs a supervisor who was asked about this very refund."""

from __future__ import annotations

from typing import Any

import pytest

from server.cases.models import Case
from server.merchants.models import Agreement, MerchantOperator, Role
from server.payments.models import Refund
from server.payments.refund_payment import plan_refunds
from sync.messages import PaymentRequest, RefundRequest, Status, Tender
from sync.pins import hash_pin, refund_approval
from tests.factories.payments import Till, run
from tests.factories.server_rows import Rows

LIMIT = 500


class Counter:
    """A till whose merchant may give back ¥5.00 of a payment, one supervisor, one sale."""

    def __init__(self) -> None:
        self.rows = Rows()
        Agreement.objects.update(refund_limit_amount=LIMIT)
        self.till = Till(self.rows)
        self.supervisor = self.rows.new_operator("09", Role.SUPERVISOR)
        self.sale = self.till.request(total=1_200)
        self.till.online(self.sale)

    def approved(self, request: RefundRequest, by: MerchantOperator) -> dict[str, Any]:
        proof = refund_approval(by.pin_hash, request.refund_id, request.payment_id, request.amount)
        return {"supervisor_id": by.id, "supervisor_proof": proof}

    def refund(self, amount: int, **changes: Any) -> RefundRequest:
        return self.till.refund_request(self.sale, amount, **changes)

    def with_approval(self, amount: int, by: MerchantOperator, **changes: Any) -> RefundRequest:
        plain = self.refund(amount)
        return self.refund(
            amount, refund_id=plain.refund_id, **{**self.approved(plain, by), **changes}
        )


@pytest.fixture
def counter(sqlite_database: str) -> Counter:
    return Counter()


def refunded(counter: Counter) -> int:
    return counter.till.payment(counter.sale).refunded_amount


def test_within_the_limit_nobody_is_asked(counter: Counter) -> None:
    assert counter.till.book_refund(counter.refund(LIMIT)).status is Status.APPLIED
    assert refunded(counter) == LIMIT


def test_above_it_a_refund_is_parked_and_moves_nothing(counter: Counter) -> None:
    booked = counter.till.book_refund(counter.refund(LIMIT + 1))
    assert (booked.status, booked.code) == (Status.PARKED, "refunds.needs_supervisor")
    assert refunded(counter) == 0
    assert not Refund.objects.exists()


def test_many_small_refunds_do_not_go_around_the_limit(counter: Counter) -> None:
    counter.till.book_refund(counter.refund(300))
    assert counter.till.book_refund(counter.refund(201)).status is Status.PARKED
    assert counter.till.book_refund(counter.refund(200)).status is Status.APPLIED


def test_refunds_that_wait_for_their_payment_count_too(counter: Counter) -> None:
    later = counter.till.request(total=1_200)
    first = counter.till.refund_request(later, 300)
    assert counter.till.book_refund(first).status is Status.WAITING
    second = counter.till.refund_request(later, 201)
    assert counter.till.book_refund(second).status is Status.PARKED


def test_a_supervisor_who_was_asked_lets_it_through(counter: Counter) -> None:
    request = counter.with_approval(1_200, counter.supervisor)
    assert counter.till.book_refund(request).status is Status.APPLIED
    assert refunded(counter) == 1_200


def test_an_approval_is_good_for_its_own_refund_alone(counter: Counter) -> None:
    other = counter.refund(1_200)
    borrowed = counter.refund(1_200, **counter.approved(other, counter.supervisor))
    assert counter.till.book_refund(borrowed).status is Status.PARKED


@pytest.mark.parametrize("who", ["cashier", "left", "other merchant", "made up", "no proof"])
def test_nobody_else_can_approve(counter: Counter, who: str) -> None:
    rows, changes = counter.rows, {}
    by = rows.new_operator("10", Role.CASHIER if who == "cashier" else Role.SUPERVISOR)
    if who == "left":
        MerchantOperator.objects.filter(id=by.id).update(is_active=False)
    if who == "other merchant":
        MerchantOperator.objects.filter(id=by.id).update(merchant=rows.new_merchant())
    if who == "made up":
        by.pin_hash = hash_pin("111111", bytes(16))
    if who == "no proof":
        changes = {"supervisor_proof": b""}
    request = counter.with_approval(1_200, by, **changes)
    assert counter.till.book_refund(request).status is Status.PARKED


def test_what_somebody_in_the_office_decided_goes_through(counter: Counter) -> None:
    arrived = counter.till.arrived(counter.refund(1_200), is_decided=True)
    assert run(plan_refunds([arrived])[0]).status is Status.APPLIED


def test_cash_is_booked_as_the_fact_it_is_and_opens_a_case(counter: Counter) -> None:
    booked = counter.till.book_refund(counter.refund(1_200, tender=Tender.CASH))
    assert booked.status is Status.APPLIED
    assert Case.objects.get(kind="refund_unapproved").amount == 1_200
    assert refunded(counter) == 1_200


def test_a_repeat_of_an_approved_refund_is_a_replay(counter: Counter) -> None:
    request = counter.with_approval(1_200, counter.supervisor)
    counter.till.book_refund(request)
    assert counter.till.book_refund(request).status is Status.REPLAYED


def test_without_a_limit_nothing_changes(counter: Counter) -> None:
    Agreement.objects.update(refund_limit_amount=None)
    request: PaymentRequest = counter.sale
    assert counter.till.refund(request, 1_200).status is Status.APPLIED

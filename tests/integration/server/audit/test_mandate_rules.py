"""The clauses of rules 4, 5 and 8 about mandates can fail: broken by SQL, the audit names each."""

from __future__ import annotations

from uuid import uuid5

import pytest

from domain.funding import MandateLimits
from server.audit.run_audit import run_audit
from server.channels.channel import Declined, Succeeded
from server.ledger.models import Transfer
from server.payments.models import Attempt, Payment
from server.payments.settle_attempt import SettleAttempt
from server.wallets.models import Mandate
from sync.messages import PaymentRequest
from tests.factories.payments import Till, run
from tests.factories.server_rows import NOW, SECRETS, Rows
from tests.integration.server.audit.test_rules import _told, unguarded

MINE = {"r03_payments", "r04_legs", "r05_orders", "r06_holds_and_counters", "r08_receivables"}


class Lunch:
    """A payer with ¥50 and a mandate: one sale paid by the bank, one claimed, one collected."""

    def __init__(self) -> None:
        self.till = till = Till(Rows())
        limits = MandateLimits(20_000, 50_000, 5_000)
        Mandate.objects.create(
            id=till.rows.id(), organisation=till.organisation, person=till.person.id,
            channel="bank", number="m1", account_tail="0001", state="active", signed_at=NOW,
            payment_cap_amount=limits.payment_cap_amount, day_cap_amount=limits.day_cap_amount,
            claim_cap_amount=limits.claim_cap_amount, evidence="7", asked_at=NOW, asked_by="desk",
        )  # fmt: skip
        self.paid, self.refused = till.request(total=6_200), till.request(total=900)
        self.collected, self.claimed = till.request(total=1_100), till.request(total=1_300)
        till.decide(self.paid)
        self.says(self.paid, Succeeded("1"))
        till.decide(self.refused)
        self.says(self.refused, Declined("channels.declined"))
        till.accept(self.collected)
        self.says(self.collected, Succeeded("2"))
        till.accept(self.claimed)
        till.refund(self.paid, 100)

    def says(self, sale: PaymentRequest, said: Succeeded | Declined) -> None:
        """Commit the bank's word."""
        till, intent = self.till, sale.intent
        run(SettleAttempt(
            organisation_id=till.organisation, payment_id=intent.payment_id,
            order_id=intent.order_id, merchant_id=till.terminal.merchant_id, channel="bank",
            attempt_id=self.attempt(sale).id, said=said, now=till.now, secrets=SECRETS,
        ))  # fmt: skip

    def attempt(self, sale: PaymentRequest) -> Attempt:
        return Attempt.objects.get(payment=sale.intent.payment_id)

    def change(self, sale: PaymentRequest, **changes: object) -> None:
        Payment.objects.filter(id=sale.intent.payment_id).update(**changes)


@pytest.fixture
def lunch(database: str) -> Lunch:
    return Lunch()


def broken() -> set[str]:
    return set(run_audit(NOW).broken) & MINE


def test_a_lunch_paid_by_banks_breaks_no_rule(lunch: Lunch) -> None:
    assert broken() == set()


def test_a_claim_that_nobody_asks_a_bank_for_is_found(lunch: Lunch) -> None:
    Attempt.objects.filter(id=lunch.attempt(lunch.claimed).id).update(way="debit")
    assert broken() == {"r05_orders"}


def test_a_collection_that_is_no_longer_claimed_is_found(lunch: Lunch) -> None:
    lunch.change(lunch.claimed, claim_amount=0)
    assert broken() == {"r05_orders"}


def test_a_second_debit_of_one_payment_is_found(lunch: Lunch) -> None:
    attempt = lunch.attempt(lunch.paid)
    attempt.id = uuid5(attempt.id, "again")
    attempt.save(force_insert=True)
    assert broken() == {"r05_orders"}


def test_a_debit_that_its_mandates_day_does_not_know_is_found(lunch: Lunch) -> None:
    attempt = lunch.attempt(lunch.paid)
    Attempt.objects.filter(id=attempt.id).update(amount=attempt.amount + 1)
    assert broken() == {"r05_orders"}


def test_a_refused_debit_that_still_counts_is_found(lunch: Lunch) -> None:
    Attempt.objects.filter(id=lunch.attempt(lunch.refused).id).update(state="succeeded")
    assert broken() == {"r05_orders"}


def test_a_bank_asked_with_no_attempt_is_found(lunch: Lunch) -> None:
    pending = lunch.till.request(total=700)
    lunch.till.decide(pending)
    assert broken() == set()
    Attempt.objects.filter(id=lunch.attempt(pending).id).update(state="declined")
    assert "r05_orders" in broken()


def test_a_banks_leg_that_no_bank_was_debited_for_is_found(lunch: Lunch) -> None:
    legs = Payment.objects.get(id=lunch.paid.intent.payment_id).legs
    bank = next(leg for leg in legs if leg["kind"] == "receivable")
    bank["amount"] += 1
    lunch.change(lunch.paid, legs=legs)
    assert {"r04_legs", "r08_receivables"} <= broken()


def test_a_collection_of_more_than_was_owed_is_found(lunch: Lunch) -> None:
    payment_id = lunch.collected.intent.payment_id
    collection = Transfer.objects.get(cause_id=payment_id, purpose="collection")
    other = lunch.paid.intent.payment_id
    unguarded(
        "UPDATE ledger_transfer SET cause_id = %s WHERE id = %s", _told(other), _told(collection.id)
    )
    assert "r04_legs" in broken()

"""Rules 3, 4, 5, 8 and 12 can fail: broken by SQL, the audit names each; unbroken, none."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection

from domain.fees import RateCard, card_data, fee
from server.audit.run_audit import run_audit
from server.cases.models import Case
from server.channels.channel import Unknown
from server.ledger.models import Account
from server.payments.models import Attempt, CodeUse, Order, Payment, Refund
from server.work.models import Due
from sync.messages import PAYER_UNKNOWN, CredentialKind, Evidence, PaymentRequest, Tender
from tests.factories.payments import Till, tiny_channel
from tests.factories.server_rows import NOW, Rows
from tests.factories.wallet_codes import Phone

MINE = {"r03_payments", "r04_legs", "r05_orders", "r08_receivables", "r12_codes"}


class Lunch:
    """A morning's payments of every kind, on sound books."""

    def __init__(self, folder: Path) -> None:
        self.till = till = Till(Rows(), tiny_channel(folder))
        self.sale = till.request()
        self.paid_by_channel = till.request(tender=Tender.CHANNEL)
        self.pending = till.request(tender=Tender.CHANNEL)
        self.by_code = till.request(total=500, **Phone(till).evidence(till.now))
        for sale in (self.sale, self.paid_by_channel, till.request(tender=Tender.CASH)):
            till.online(sale)
        assert till.online(self.by_code).code == ""
        till.decide(self.pending)
        till.refund(self.sale, 200)
        till.refund(till.request(), 100)

    def row(self, sale: PaymentRequest) -> Payment:
        return self.till.payment(sale)

    def change(self, sale: PaymentRequest, **changes: object) -> None:
        Payment.objects.filter(id=sale.intent.payment_id).update(**changes)


@pytest.fixture
def lunch(database: str, tmp_path: Path) -> Lunch:
    return Lunch(tmp_path)


def broken() -> set[str]:
    return set(run_audit(NOW).broken) & MINE


def test_a_morning_of_payments_breaks_no_rule(lunch: Lunch) -> None:
    assert broken() == set()
    assert Case.objects.count() == 0


def test_a_state_that_its_postings_deny_is_found(lunch: Lunch) -> None:
    lunch.change(lunch.sale, state="cancelled")
    assert "r03_payments" in broken()


def test_a_decline_without_a_reason_is_found(lunch: Lunch) -> None:
    lunch.change(lunch.sale, code="wallets.insufficient")
    assert broken() == {"r03_payments"}


def test_a_cut_fingerprint_is_found(lunch: Lunch) -> None:
    lunch.change(lunch.sale, fingerprint=b"short")
    assert broken() == {"r03_payments"}


def test_a_payment_that_vanished_is_found(lunch: Lunch) -> None:
    Refund.objects.filter(payment=lunch.sale.intent.payment_id).delete()
    Payment.objects.filter(id=lunch.sale.intent.payment_id).delete()
    assert "r03_payments" in broken()


def test_a_refund_that_the_payment_does_not_know_of_is_found(lunch: Lunch) -> None:
    lunch.change(lunch.sale, refunded_amount=0)
    assert broken() == {"r04_legs"}


def test_a_leg_that_was_posted_otherwise_is_found(lunch: Lunch) -> None:
    legs = lunch.row(lunch.sale).legs
    legs[0]["units"] += 1
    lunch.change(lunch.sale, legs=legs)
    assert broken() == {"r04_legs"}


def test_lines_that_do_not_add_up_are_found(lunch: Lunch) -> None:
    lunch.change(lunch.sale, lines=[1])
    assert broken() == {"r04_legs"}


def test_an_order_paid_beyond_its_total_is_found(lunch: Lunch) -> None:
    Order.objects.filter(id=lunch.paid_by_channel.intent.order_id).update(total_amount=1)
    assert broken() == {"r05_orders"}


def test_an_attempt_that_nobody_asks_about_is_found(lunch: Lunch) -> None:
    attempt = Attempt.objects.get(payment=lunch.pending.intent.payment_id)
    Due.objects.filter(subject_id=attempt.id).delete()
    assert broken() == {"r05_orders"}


def test_a_payment_that_is_pending_without_an_attempt_is_found(lunch: Lunch) -> None:
    attempts = Attempt.objects.filter(payment=lunch.pending.intent.payment_id)
    attempts.update(state="declined")
    assert broken() == {"r05_orders"}


def test_an_order_that_nobody_has_opened_is_sound_until_nobody_ends_it(lunch: Lunch) -> None:
    evidence = Evidence(credential=CredentialKind.PAYEE_CODE, assurance=0)
    till = lunch.till
    till.decide(till.request(tender=Tender.CHANNEL, evidence=evidence, payer=PAYER_UNKNOWN))
    assert broken() == set()
    Due.objects.filter(kind="payments.expire").delete()
    assert broken() == {"r05_orders"}


def test_a_fee_that_its_rate_does_not_make_is_found(lunch: Lunch) -> None:
    card = RateCard(rate_ppm=6_000)
    total = lunch.row(lunch.paid_by_channel).total_amount
    rate = {"card": card_data(card)}
    lunch.change(lunch.paid_by_channel, fee_amount=fee(card, total), rate=rate)
    assert broken() == set()
    lunch.change(lunch.paid_by_channel, fee_amount=1)
    assert broken() == {"r04_legs"}


def test_a_waiting_refund_that_nobody_looks_at_is_found(lunch: Lunch) -> None:
    Due.objects.filter(kind="payments.refund_wait").delete()
    assert broken() == {"r05_orders"}


def test_overdue_work_without_a_case_is_found(lunch: Lunch) -> None:
    lunch.till.channel_says(lunch.pending, Unknown("slow"))
    late = NOW.replace(year=2025)
    Due.objects.filter(kind="payments.resolve").update(due_at=late, first_due_at=late)
    assert broken() == {"r05_orders"}


def test_a_channel_that_owes_another_amount_is_found(lunch: Lunch) -> None:
    Account.objects.filter(owner_kind="channel", kind="receivable").update(balance=-1)
    assert broken() == {"r08_receivables"}


def test_a_payment_moved_to_another_merchant_is_found(lunch: Lunch) -> None:
    lunch.change(lunch.sale, merchant=lunch.till.rows.new_merchant("elsewhere").id)
    assert {"r08_receivables", "r12_codes"} <= broken()


def test_a_code_whose_use_is_not_on_file_is_found(lunch: Lunch) -> None:
    CodeUse.objects.all().delete()
    assert broken() == {"r12_codes"}


def test_a_code_that_backs_a_second_payment_is_found(lunch: Lunch) -> None:
    evidence = lunch.row(lunch.by_code).evidence
    lunch.change(lunch.sale, credential="wallet_code", evidence=evidence)
    assert broken() == {"r12_codes"}


def test_a_binding_that_the_terminal_never_held_is_found(lunch: Lunch) -> None:
    lunch.change(lunch.sale, binding_version=9)
    assert broken() == {"r12_codes"}


def test_two_live_attempts_are_refused_by_the_database_itself(lunch: Lunch) -> None:
    first = Attempt.objects.get(payment=lunch.pending.intent.payment_id)
    second = lunch.till.rows.id()
    with pytest.raises(Exception, match=r"(?i)unique"):
        Attempt.objects.create(
            id=second, organisation=first.organisation, payment=first.payment,
            channel="simulated", amount=1, state="unknown", submitted_at=NOW, changed_at=NOW,
        )  # fmt: skip
    assert connection.vendor in ("sqlite", "postgresql")

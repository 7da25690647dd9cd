"""Every cell of the outcome table (MONEY §2), on the books of both engines: the first two rows.

A test per row of the server's state; within it one assertion group per column. What the table
decides is `domain`'s own test; here is what it does to rows, postings and cases.
"""

from __future__ import annotations

import pytest

from server.cases.models import Case
from server.channels.channel import AwaitingPayer, Declined, Reversed, Succeeded, Unknown
from server.payments.models import Attempt, Refund
from server.work.models import Due
from sync.messages import Outcome, PaymentRequest, Status, Tender
from tests.factories.payments import Till, other

WALLET_SALE = {"person/cash": -1_200, "merchant/payable": 1_200}
CHANNEL_SALE = {"channel/receivable": -1_200, "merchant/payable": 1_200}
CASH_SALE = {"shift/drawer": -1_200, "merchant/cash_takings": 1_200}
DISPUTED = {"organisation/suspense_short": -1_200, "merchant/disputed": 1_200}


def cases(till: Till) -> list[str]:
    return sorted(
        Case.objects.filter(organisation=till.organisation, closed_at=None).values_list(
            "kind", flat=True
        )
    )


# --- nothing ---------------------------------------------------------------------------------


def test_an_unknown_wallet_request_is_decided_and_posted(till: Till) -> None:
    sale = till.request()
    answer = till.online(sale)
    assert answer.outcome is Outcome.APPROVED
    assert answer.mac == till.mac(sale)
    assert [(b.balance, b.version) for b in answer.balances if b.balance] == [(3_800, 2)]
    assert till.net(sale) == WALLET_SALE


def test_an_unknown_request_that_is_declined_stores_the_decline(till: Till) -> None:
    sale = till.request(total=9_900)
    assert till.online(sale).outcome is Outcome.DECLINED
    assert (till.state(sale), till.payment(sale).code) == ("declined", "wallets.insufficient")
    assert till.net(sale) == {}


def test_an_unknown_channel_request_is_submitted_with_attempt_and_due_row(till: Till) -> None:
    sale = till.request(tender=Tender.CHANNEL)
    decided = till.decide(sale)
    assert decided.answer.outcome is Outcome.AWAITING
    assert till.state(sale) == "submitted"
    attempt = Attempt.objects.get(payment=sale.intent.payment_id)
    assert Due.objects.get(subject_id=attempt.id).kind == "payments.resolve"
    till.channel_says(sale, Succeeded("r"))
    assert till.net(sale) == CHANNEL_SALE
    assert not Due.objects.filter(subject_id=attempt.id).exists()


def test_an_unknown_cash_request_fills_the_drawer(till: Till) -> None:
    sale = till.request(tender=Tender.CASH)
    assert till.online(sale).outcome is Outcome.APPROVED
    assert till.net(sale) == CASH_SALE


def test_an_unknown_acceptance_is_a_fact(till: Till) -> None:
    sale = till.request()
    booked = till.accept(sale)
    assert booked.status is Status.APPLIED
    assert [b.balance for b in booked.balances if b.balance] == [3_800]
    assert (till.state(sale), till.net(sale), cases(till)) == ("succeeded", WALLET_SALE, [])


def test_an_unknown_acceptance_of_a_channel_is_disputed(till: Till) -> None:
    sale = till.request(tender=Tender.CHANNEL)
    assert till.accept(sale).case_kinds == ("accepted_channel_offline",)
    assert (till.state(sale), till.net(sale)) == ("succeeded", DISPUTED)


def test_an_acceptance_sealed_by_a_server_that_forgot_is_an_ordinary_fact(till: Till) -> None:
    sale = till.request(tender=Tender.CHANNEL)
    till.accept(sale, server_mac=till.mac(sale))
    assert till.net(sale) == CHANNEL_SALE


def test_an_unknown_acceptance_of_a_strange_binding_is_parked(till: Till) -> None:
    sale = till.request()
    booked = till.accept(sale, bound=False)
    assert (booked.status, booked.code) == (Status.PARKED, "terminals.binding_unknown")
    assert (till.state(sale), till.net(sale)) == ("parked", {})


def test_an_unknown_cancellation_is_a_tombstone(till: Till) -> None:
    sale = till.request()
    assert till.cancel(sale).status is Status.APPLIED
    assert till.state(sale) == "cancelled"
    assert till.online(sale).outcome is Outcome.CANCELLED
    assert till.net(sale) == {}


def test_an_unknown_refund_waits_and_is_posted_when_its_payment_comes(till: Till) -> None:
    sale = till.request()
    assert till.refund(sale, 300).status is Status.WAITING
    assert till.one(Due).kind == "payments.refund_wait"
    till.accept(sale)
    assert till.net(sale) == {"person/cash": -900, "merchant/payable": 900}
    assert till.one(Refund).state == "succeeded"
    assert not till.count(Due)


def test_an_unknown_cash_refund_goes_to_suspense_until_its_payment_comes(till: Till) -> None:
    sale = till.request(tender=Tender.CASH)
    till.refund(sale, 1_200)
    assert till.net(sale) == {"shift/drawer": 1_200, "shift/drawer_suspense": -1_200}
    assert cases(till) == ["cash_refund_unpaid"]
    till.accept(sale)
    assert (till.net(sale), cases(till)) == ({}, [])
    assert till.one(Refund).state == "succeeded"


# --- submitted -------------------------------------------------------------------------------


@pytest.fixture
def submitted(till: Till) -> PaymentRequest:
    sale = till.request(tender=Tender.CHANNEL)
    till.decide(sale)
    return sale


def test_submitted_answers_its_state_and_is_never_called_twice(
    till: Till, submitted: PaymentRequest
) -> None:
    till.channel_says(submitted, Unknown("slow"))
    decided = till.decide(submitted)
    assert (decided.answer.outcome, decided.attempt) == (Outcome.UNKNOWN, None)
    assert till.online(other(submitted)).outcome is Outcome.KEY_REUSED
    assert till.count(Attempt) == 1


def test_submitted_parks_an_acceptance_until_the_channel_has_spoken(
    till: Till, submitted: PaymentRequest
) -> None:
    booked = till.accept(submitted)
    assert (booked.status, booked.code) == (Status.PARKED, "tenders.not_offline")
    till.channel_says(submitted, Succeeded("r"))
    assert till.payment(submitted).acceptance_on_file
    assert till.net(submitted) == CHANNEL_SALE


def test_a_parked_acceptance_is_disputed_when_the_channel_declines(
    till: Till, submitted: PaymentRequest
) -> None:
    till.accept(submitted)
    till.channel_says(submitted, Declined("channels.insufficient_funds"))
    assert till.net(submitted) == DISPUTED
    assert cases(till) == ["accepted_after_decline"]


def test_submitted_is_reversed_by_a_cancellation_until_confirmed(
    till: Till, submitted: PaymentRequest
) -> None:
    till.cancel(submitted)
    assert till.state(submitted) == "reversing"
    till.channel_says(submitted, AwaitingPayer())
    assert till.state(submitted) == "reversing"
    till.channel_says(submitted, Reversed(took_money=False))
    assert till.state(submitted) == "cancelled"


def test_a_late_success_while_reversing_opens_a_case_and_is_given_back(
    till: Till, submitted: PaymentRequest
) -> None:
    till.cancel(submitted)
    till.channel_says(submitted, Succeeded("late"))
    assert (till.state(submitted), cases(till)) == ("reversing", ["late_success"])
    till.channel_says(submitted, Reversed(took_money=True))
    assert (till.state(submitted), till.net(submitted), cases(till)) == ("reversed", {}, [])


def test_a_success_after_the_end_is_refunded_with_a_case(
    till: Till, submitted: PaymentRequest
) -> None:
    till.cancel(submitted)
    till.channel_says(submitted, Reversed(took_money=False))
    till.channel_says(submitted, Succeeded("very late"))
    assert till.state(submitted) == "cancelled"
    surplus = {"channel/receivable": -1_200, "organisation/suspense_long": 1_200}
    assert (till.net(submitted), cases(till)) == (surplus, ["late_success"])
    till.channel_says(submitted, Succeeded("said again"))
    assert till.net(submitted) == surplus


def test_submitted_lets_refunds_wait(till: Till, submitted: PaymentRequest) -> None:
    assert till.refund(submitted, 200).status is Status.WAITING
    till.channel_says(submitted, Declined("channels.insufficient_funds"))
    assert till.one(Refund).state == "waiting"


def test_a_held_wallet_is_posted_by_its_acceptance(till: Till) -> None:
    sale = till.request(order_total=2_000)
    assert till.online(sale).outcome is Outcome.AWAITING
    assert (till.state(sale), till.net(sale)) == ("submitted", {})
    till.accept(sale)
    assert (till.state(sale), till.net(sale)) == ("succeeded", WALLET_SALE)


def test_a_held_wallet_is_released_by_a_cancellation(till: Till) -> None:
    sale = till.request(order_total=2_000)
    till.online(sale)
    till.cancel(sale)
    assert (till.state(sale), till.net(sale)) == ("cancelled", {})
    assert till.online(till.request(total=5_000)).outcome is Outcome.APPROVED

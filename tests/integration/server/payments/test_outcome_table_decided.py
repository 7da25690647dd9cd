"""The outcome table (MONEY §2) once the server has decided: succeeded, declined, ended, parked."""

from __future__ import annotations

import pytest

from server.cases.models import Case
from server.channels.channel import Reversed
from server.payments.cancel_payment import close_parked
from server.payments.models import Payment, Refund
from sync.messages import Outcome, PaymentRequest, Status, Tender
from tests.factories.payments import Till, as_other_terminal, other, run
from tests.factories.server_rows import Rows

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


# --- succeeded -------------------------------------------------------------------------------


@pytest.fixture
def paid(till: Till) -> PaymentRequest:
    sale = till.request()
    till.online(sale)
    return sale


def test_succeeded_replays_with_what_was_refunded(till: Till, paid: PaymentRequest) -> None:
    till.refund(paid, 200)
    answer = till.online(paid)
    assert (answer.outcome, answer.refunded_amount) == (Outcome.APPROVED, 200)
    assert till.net(paid) == {"person/cash": -1_000, "merchant/payable": 1_000}


def test_succeeded_refuses_another_fingerprint(till: Till, paid: PaymentRequest) -> None:
    assert till.online(other(paid)).outcome is Outcome.KEY_REUSED
    booked = till.accept(other(paid))
    assert (booked.status, booked.code) == (Status.PARKED, "payments.key_reused")
    assert till.net(paid) == WALLET_SALE


def test_succeeded_files_its_acceptance_and_then_contradicts_a_cancellation(
    till: Till, paid: PaymentRequest
) -> None:
    assert till.accept(paid).status is Status.REPLAYED
    booked = till.cancel(paid)
    assert (booked.status, booked.code) == (Status.PARKED, "payments.contradiction")
    assert (till.state(paid), till.net(paid)) == ("succeeded", WALLET_SALE)


def test_succeeded_is_reversed_by_what_refunds_have_left(till: Till, paid: PaymentRequest) -> None:
    till.refund(paid, 200)
    till.cancel(paid)
    assert (till.state(paid), till.net(paid)) == ("reversed", {})
    assert till.online(paid).outcome is Outcome.REVERSED


def test_succeeded_through_a_channel_is_reversing_until_confirmed(till: Till) -> None:
    sale = till.request(tender=Tender.CHANNEL)
    till.online(sale)
    till.cancel(sale)
    assert (till.state(sale), till.net(sale)) == ("reversing", CHANNEL_SALE)
    till.channel_says(sale, Reversed(took_money=True))
    assert (till.state(sale), till.net(sale)) == ("reversed", {})


def test_succeeded_refunds_within_paid_and_refuses_more(till: Till, paid: PaymentRequest) -> None:
    assert till.refund(paid, 1_000).status is Status.APPLIED
    booked = till.refund(paid, 300)
    assert (booked.status, booked.code) == (Status.APPLIED, "refunds.exceeds_paid")
    assert till.net(paid) == {"person/cash": -200, "merchant/payable": 200}


def test_a_repeated_refund_is_a_replay(till: Till, paid: PaymentRequest) -> None:
    message = till.refund_request(paid, 500)
    till.book_refund(message)
    assert till.book_refund(message).status is Status.REPLAYED
    assert till.payment(paid).refunded_amount == 500


def test_a_cash_refund_beyond_paid_puts_the_excess_in_suspense(till: Till) -> None:
    sale = till.request(tender=Tender.CASH)
    till.accept(sale)
    till.refund(sale, 1_500)
    assert till.net(sale) == {"shift/drawer": 300, "shift/drawer_suspense": -300}
    assert cases(till) == ["cash_excess"]


def test_a_channels_refund_is_posted_when_the_channel_says_so(till: Till) -> None:
    sale = till.request(tender=Tender.CHANNEL)
    till.online(sale)
    till.refund(sale, 400)
    refund = till.one(Refund)
    assert (refund.state, till.payment(sale).refunded_amount) == ("submitted", 400)
    assert till.refund(sale, 900).code == "refunds.exceeds_paid"
    assert till.net(sale) == CHANNEL_SALE


# --- declined --------------------------------------------------------------------------------


@pytest.fixture
def declined(till: Till) -> PaymentRequest:
    sale = till.request(total=4_900)
    till.online(till.request(total=1_000))
    till.online(sale)
    return sale


def test_declined_replays_the_decline_though_there_is_money_now(
    till: Till, declined: PaymentRequest
) -> None:
    till.put_money(till.person.id, 9_000)
    assert till.online(declined).outcome is Outcome.DECLINED
    assert till.online(other(declined)).outcome is Outcome.KEY_REUSED


def test_an_acceptance_after_a_decline_draws_to_the_floor_and_then_debt(
    till: Till, declined: PaymentRequest
) -> None:
    booked = till.accept(declined)
    assert booked.case_kinds == ("accepted_after_decline",)
    assert till.net(declined) == {
        "person/cash": -4_000, "person/debt": -900, "merchant/payable": 4_900,
    }  # fmt: skip
    till.put_money(till.person.id, 1_000)
    assert till.online(till.request(total=100)).outcome is Outcome.APPROVED
    assert till.online(till.request(total=100)).outcome is Outcome.DECLINED


def test_declined_is_cancelled_without_postings(till: Till, declined: PaymentRequest) -> None:
    till.cancel(declined)
    assert (till.state(declined), till.net(declined)) == ("cancelled", {})


def test_a_refund_of_a_declined_payment_is_refused_after_a_day(
    till: Till, declined: PaymentRequest
) -> None:
    message = till.refund_request(declined, 100)
    assert till.book_refund(message).status is Status.WAITING
    till.pass_time(hours=25)
    booked = till.book_refund(message)
    assert (booked.status, booked.code) == (Status.APPLIED, "refunds.nothing_paid")
    assert cases(till) == ["refund_unpaid"]


# --- cancelled, reversing, reversed ----------------------------------------------------------


def test_after_the_counters_cancellation_an_acceptance_contradicts_it(till: Till) -> None:
    sale = till.request()
    till.cancel(sale)
    booked = till.accept(sale)
    assert (booked.status, booked.code) == (Status.PARKED, "payments.contradiction")
    assert till.cancel(sale).status is Status.REPLAYED
    assert till.net(sale) == {}


def test_after_the_servers_own_reversal_an_acceptance_is_a_fact_with_a_case(
    till: Till, paid: PaymentRequest
) -> None:
    till.refund(paid, 200)
    till.cancel_by_server(paid)
    assert (till.state(paid), till.net(paid)) == ("reversed", {})
    till.accept(paid)
    assert till.net(paid) == {"person/cash": -1_000, "merchant/payable": 1_000}
    assert cases(till) == ["accepted_after_reversal"]


def test_a_reversing_channel_parks_an_acceptance_until_it_is_over(till: Till) -> None:
    sale = till.request(tender=Tender.CHANNEL)
    till.online(sale)
    till.cancel_by_server(sale)
    booked = till.accept(sale)
    assert (booked.status, booked.code) == (Status.PARKED, "payments.reversing")
    till.channel_says(sale, Reversed(took_money=True))
    assert till.net(sale) == DISPUTED


def test_a_refund_of_a_cancelled_payment_is_refused_and_cash_is_suspended(till: Till) -> None:
    sale = till.request(tender=Tender.CASH)
    till.cancel(sale)
    till.refund(sale, 100)
    assert till.net(sale) == {"shift/drawer": 100, "shift/drawer_suspense": -100}
    wallet = till.request()
    till.cancel(wallet)
    assert till.refund(wallet, 100).code == "refunds.nothing_paid"


# --- parked ----------------------------------------------------------------------------------


def test_parked_is_under_review_for_everything(till: Till) -> None:
    sale = till.request()
    till.accept(sale, bound=False)
    assert till.online(sale).outcome is Outcome.UNDER_REVIEW
    assert till.online(other(sale)).outcome is Outcome.KEY_REUSED
    booked = till.accept(sale)
    assert (booked.status, booked.code) == (Status.PARKED, "terminals.binding_unknown")
    assert till.accept(other(sale)).code == "payments.key_reused"
    assert till.cancel(sale).status is Status.PARKED
    assert till.refund(sale, 100).status is Status.WAITING
    assert till.state(sale) == "parked"


def test_a_person_may_have_a_parked_sale_booked_once_it_can_be(till: Till) -> None:
    sale = till.request()
    till.accept(sale, bound=False)
    till.refund(sale, 200)
    assert till.accept(sale, bound=False, is_decided=True).status is Status.PARKED
    assert till.accept(sale, is_decided=True).status is Status.APPLIED
    assert till.net(sale) == {"person/cash": -1_000, "merchant/payable": 1_000}


def test_a_person_may_write_a_parked_sale_off(till: Till) -> None:
    sale = till.request()
    till.accept(sale, bound=False)
    till.refund(sale, 200)
    command = close_parked(till.organisation, sale.intent.payment_id, now=till.now)
    assert run(command).status is Status.APPLIED
    assert (till.state(sale), till.net(sale)) == ("cancelled", {})
    assert till.one(Refund).code == "refunds.nothing_paid"
    assert close_parked(till.organisation, sale.intent.payment_id, now=till.now) is None


# --- another terminal ------------------------------------------------------------------------


def test_another_terminal_gets_not_yours_for_all_but_refunds(
    till: Till, paid: PaymentRequest
) -> None:
    stranger = as_other_terminal(till)
    answer = till.online(paid, terminal=stranger)
    assert (answer.outcome, answer.code) == (Outcome.REFUSED, "payments.not_yours")
    assert till.accept(paid, terminal=stranger).code == "payments.not_yours"
    assert till.cancel(paid, terminal=stranger).code == "payments.not_yours"
    assert till.count(Payment) == 1
    assert till.net(paid) == WALLET_SALE


def test_another_organisations_payment_is_not_there_at_all(
    till: Till, paid: PaymentRequest
) -> None:
    stranger = Till(Rows(999_999))
    assert stranger.refund(paid, 100).status is Status.WAITING
    assert till.net(paid) == WALLET_SALE
    assert till.payment(paid).refunded_amount == 0

"""Due work brings every channel payment to a definite end, on the schedule of the rules."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from server.cases.models import Case
from server.channels.channel import (
    Charge,
    Declined,
    NotFound,
    RefundOutcome,
    Reversed,
    Unknown,
)
from server.channels.providers.simulated.channel import SimulatedChannel
from server.payments.models import Payment, Refund
from server.payments.resolve_payment import Resolver
from server.work.models import Due
from sync.messages import Outcome, PaymentRequest, Tender, payer_of_code
from tests.factories.due_work import work, work_until_done
from tests.factories.payments import Till, only, run

SALE = {"channel/receivable": -1_200, "merchant/payable": 1_200}


def scan(till: Till, ending: str) -> PaymentRequest:
    """A sale by a code that plays the part of its last two digits."""
    code = f"1300000000000000{ending}"
    sale = till.request(tender=Tender.CHANNEL, auth_code=code)
    assert sale.intent.payer == payer_of_code(code)
    till.online(sale)
    return sale


def open_cases(till: Till) -> list[str]:
    rows = Case.objects.filter(organisation=till.organisation, closed_at=None)
    return list(rows.values_list("kind", flat=True))


def billed(till: Till) -> int:
    assert till.channel is not None
    return sum(item.amount - item.returned_amount for item in till.channel.statement())


def test_a_payer_who_types_a_password_is_queried_after_2_3_5_seconds(till: Till) -> None:
    sale = scan(till, "91")
    start = till.now
    delays = []
    while left := work(till):
        delays.append((left[0][1] - start).total_seconds())
        till.now = left[0][1]
    assert delays == [2, 5]
    assert (till.state(sale), till.net(sale)) == ("succeeded", SALE)
    assert billed(till) == 1_200


def test_an_unknown_charge_is_found_by_a_query(till: Till) -> None:
    sale = scan(till, "92")
    assert till.online(sale).outcome is Outcome.UNKNOWN
    work_until_done(till)
    assert (till.state(sale), till.net(sale)) == ("succeeded", SALE)


def test_a_payer_who_never_pays_is_reversed_after_45_seconds(till: Till) -> None:
    sale = scan(till, "96")
    start = till.now
    while till.state(sale) == "submitted":
        till.now = work(till)[0][1]
    assert till.now - start <= timedelta(seconds=46)
    work_until_done(till)
    assert (till.state(sale), till.net(sale), billed(till)) == ("cancelled", {}, 0)
    assert till.payment(sale).cancelled_by == "server"


def test_a_silent_channel_is_reversed_and_never_charges(till: Till) -> None:
    sale = scan(till, "93")
    work_until_done(till)
    assert (till.state(sale), till.net(sale), billed(till)) == ("cancelled", {}, 0)


def test_a_cancellation_waits_15_seconds_before_it_asks_for_a_reversal(till: Till) -> None:
    sale = scan(till, "96")
    start = till.now
    till.cancel(sale)
    due = Due.objects.get(organisation=till.organisation)
    assert due.due_at == start + timedelta(seconds=15)
    work_until_done(till)
    assert till.state(sale) == "cancelled"


def test_a_reversal_that_is_refused_while_paying_is_asked_for_again(till: Till) -> None:
    sale = scan(till, "95")
    till.cancel(sale)
    work_until_done(till)
    assert (till.state(sale), till.net(sale), billed(till)) == ("reversed", {}, 0)


def test_money_that_arrives_after_the_reversal_was_lost_goes_back(till: Till) -> None:
    sale = scan(till, "94")
    till.cancel(sale)
    work_until_done(till)
    assert (till.state(sale), till.net(sale), billed(till)) == ("reversed", {}, 0)
    assert open_cases(till) == []
    assert Case.objects.filter(organisation=till.organisation, kind="late_success").exists()


def test_a_paid_sale_is_reversed_and_then_confirmed(till: Till) -> None:
    sale = scan(till, "00")
    till.cancel(sale)
    work_until_done(till)
    assert (till.state(sale), till.net(sale), billed(till)) == ("reversed", {}, 0)


def test_a_partly_refunded_sale_is_undone_by_what_is_left(till: Till) -> None:
    sale = scan(till, "00")
    till.refund(sale, 200)
    work(till)
    assert Refund.objects.get(organisation=till.organisation).state == "succeeded"
    till.cancel(sale)
    work_until_done(till)
    assert (till.state(sale), till.net(sale), billed(till)) == ("reversed", {}, 0)


def test_a_charge_that_comes_after_the_end_is_refunded_through_the_channel(till: Till) -> None:
    sale = till.request(tender=Tender.CHANNEL)
    attempt = till.decide(sale).attempt
    assert attempt is not None
    assert till.channel is not None
    till.cancel(sale)
    till.channel_says(sale, Reversed(took_money=False))
    said = till.channel.pay(Charge(attempt.id.hex, 1_200, "130000000000000000"), till.now)
    assert billed(till) == 1_200
    till.channel_says(sale, said)
    assert open_cases(till) == ["late_success"]
    work_until_done(till)
    assert (till.state(sale), till.net(sale), billed(till)) == ("cancelled", {}, 0)
    assert open_cases(till) == []


def test_a_refund_that_the_channel_declines_is_released_with_a_case(till: Till) -> None:
    sale = scan(till, "00")
    till.refund(sale, 500)
    assert till.channel is not None
    refusing = _Refusing(till)
    work(till, refusing)
    assert till.payment(sale).refunded_amount == 0
    assert open_cases(till) == ["refund_declined"]
    assert till.net(sale) == SALE


def test_a_refusal_after_an_unheard_answer_counts_once_the_first_asking_cannot_arrive(
    till: Till,
) -> None:
    sale = scan(till, "00")
    till.refund(sale, 500)
    assert till.channel is not None
    said: list[RefundOutcome] = [Unknown("lost")]
    channel = _SaysOfRefunds(till.channel, said)
    resolver = Resolver(only(channel), run, till.resolver().secrets)
    first_asked_at = till.now
    work(till, resolver)
    said[0] = Declined("refunds.unsupported")
    while till.payment(sale).refunded_amount:
        till.now = work(till, resolver)[0][1]
        work(till, resolver)
    assert till.now - first_asked_at >= till.channel.terms.unseen_after
    assert open_cases(till) == ["refund_declined"]
    assert till.net(sale) == SALE


class _SaysOfRefunds:
    """A channel that answers every refund with the one outcome, and has seen none."""

    def __init__(self, real: SimulatedChannel, said: list[RefundOutcome]) -> None:
        self._real, self._said = real, said

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def query_refund(self, number: str, refund_number: str, now: datetime) -> NotFound:
        return NotFound()

    def refund(self, *_asked: object) -> RefundOutcome:
        return self._said[0]


class _Refusing(Resolver):
    """A resolver whose channel gives nothing back."""

    def __init__(self, till: Till) -> None:
        real = till.resolver()
        super().__init__(real.channels, real.submit, real.secrets)

    def _ask_refund(
        self, refund: Refund, asked_before_at: datetime | None, now: datetime
    ) -> RefundOutcome:
        return Declined("refunds.unsupported")


# --- mixed tender ----------------------------------------------------------------------------


def mixed(till: Till) -> tuple[PaymentRequest, PaymentRequest]:
    """A wallet leg of ¥5 and a channel leg of ¥7 of one order."""
    wallet = till.request(total=500, order_total=1_200)
    channel = till.request(
        total=700, order_total=1_200, tender=Tender.CHANNEL, order_id=wallet.intent.order_id
    )
    return wallet, channel


def test_a_held_wallet_is_posted_when_the_channel_has_paid_the_rest(till: Till) -> None:
    wallet, channel = mixed(till)
    assert till.online(wallet).outcome is Outcome.AWAITING
    assert till.online(channel).outcome is Outcome.APPROVED
    work(till)
    assert till.net(wallet) == {"person/cash": -500, "merchant/payable": 500}
    assert not Due.objects.filter(organisation=till.organisation).exists()


def test_a_held_wallet_is_released_when_the_rest_never_comes(till: Till) -> None:
    wallet, _ = mixed(till)
    till.online(wallet)
    till.pass_time(seconds=60)
    assert [kind for kind, _ in work(till)] == ["payments.complete"]
    till.pass_time(seconds=61)
    work(till)
    assert (till.state(wallet), till.net(wallet)) == ("cancelled", {})
    assert till.online(till.request(total=5_000)).outcome is Outcome.APPROVED


def test_a_released_hold_repays_the_debt_that_came_meanwhile(till: Till) -> None:
    wallet, _ = mixed(till)
    till.online(wallet)
    fact = till.request(total=4_800)
    till.accept(fact)
    assert till.net(fact)["person/debt"] == -300
    till.cancel(wallet)
    owed = Payment.objects.get(id=fact.intent.payment_id).debt_amount
    assert (owed, till.net(wallet)) == (300, {"person/cash": -300, "person/debt": 300})


# --- waiting refunds -------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["", "90"])
def test_a_refund_that_waits_for_nothing_becomes_a_case_after_a_day(
    till: Till, ending: str
) -> None:
    sale = scan(till, ending) if ending else till.request()
    till.refund(sale, 100)
    till.pass_time(hours=25)
    left = work(till)
    refund = Refund.objects.get(organisation=till.organisation)
    assert open_cases(till) == ["refund_unpaid"]
    # A declined payment is definite; an unknown one may still come, so the refund waits on
    assert (refund.state, len(left)) == (("refused", 0) if ending else ("waiting", 1))

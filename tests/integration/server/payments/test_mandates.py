"""A payer's bank account behind the wallet, at the bank's sandbox: real keys, real faults."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from domain.errors import Refused
from server.channels.channel import Declined
from server.payments.models import Payment, Refund
from server.sandbox.faults import Fault, Operation
from sync.messages import Outcome
from tests.contract.channels.benches import Bench, bench_of
from tests.factories.mandates import Payer
from tests.integration.server.payments.test_facts import post_price, priced

_seeds = itertools.count(70_000)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with bench_of("bank", tmp_path_factory.mktemp("peer-keys")) as bench:
        yield bench
        assert bench.crashes == []


@pytest.fixture
def payer(engine: str, bench: Bench) -> Payer:
    """Somebody with ¥50 in the wallet and a signed mandate."""
    bench.let_all_arrive()
    return Payer(bench, next(_seeds)).sign()


# --- signing ------------------------------------------------------------------------------


def test_a_mandate_pays_only_once_its_payer_has_signed_at_the_bank(
    engine: str, bench: Bench
) -> None:
    bench.let_all_arrive()
    payer = Payer(bench, next(_seeds))
    payer.look()
    assert payer.state() == "pending"
    sale = payer.buy(6_000)
    assert payer.till.payment(sale).code == "wallets.insufficient"
    payer.sign()
    assert payer.till.state(payer.buy(6_000)) == "succeeded"


# --- before the meal ----------------------------------------------------------------------


def test_the_bank_pays_what_the_wallet_does_not_reach(payer: Payer) -> None:
    sale = payer.buy(6_200)
    assert payer.till.state(sale) == "succeeded"
    assert payer.till.net(sale) == {
        "person/cash": -5_000, "channel/receivable": -1_200, "merchant/payable": 6_200,
    }  # fmt: skip
    assert payer.debited(sale) == 1_200
    assert payer.wallet() == {}


def test_the_bank_is_not_asked_while_the_wallet_reaches(payer: Payer) -> None:
    sale = payer.buy(5_000)
    assert payer.till.state(sale) == "succeeded"
    assert payer.attempt(sale) is None


def test_while_the_bank_has_not_said_the_wallet_is_held_and_nothing_is_posted(payer: Payer) -> None:
    sale = payer.till.request(total=6_200)
    decided = payer.till.decide(sale)
    assert decided.answer.outcome is Outcome.AWAITING
    assert payer.wallet() == {"cash": 5_000, "held": 5_000}
    assert payer.till.net(sale) == {}
    payer.settle()
    # The call was never made: the bank closed the number for ever, and the wallet is free again
    assert payer.till.state(sale) == "cancelled"
    assert payer.wallet() == {"cash": 5_000}
    assert payer.debited(sale) == 0


def test_a_bank_that_says_no_leaves_the_wallet_as_it_was(payer: Payer) -> None:
    payer.bench.ask(Operation.DEBIT, Fault.DECLINED)
    sale = payer.till.request(total=6_200)
    answer = payer.online(sale)
    assert answer.outcome is Outcome.DECLINED
    assert answer.code == "channels.insufficient_funds"
    assert payer.wallet() == {"cash": 5_000}
    assert payer.till.net(sale) == {}


def test_nobody_who_eats_on_account_is_refused_for_a_bank(payer: Payer) -> None:
    category = payer.till.person.category
    category.shortfall = "on_account"
    category.save()
    payer.bench.ask(Operation.DEBIT, Fault.DECLINED)
    sale = payer.buy(6_200)
    assert payer.till.state(sale) == "succeeded"
    assert payer.wallet() == {"debt": -1_200}
    payer.till.put_money(payer.person, 2_000)
    assert payer.wallet() == {"cash": 800}


def test_a_debit_in_doubt_that_was_made_is_found_and_posted(payer: Payer) -> None:
    payer.bench.ask(Operation.DEBIT, Fault.LOST_ANSWER)
    sale = payer.till.request(total=6_200)
    assert payer.online(sale).outcome is Outcome.UNKNOWN
    assert payer.wallet() == {"cash": 5_000, "held": 5_000}
    payer.settle()
    assert payer.till.state(sale) == "succeeded"
    assert payer.debited(sale) == 1_200
    assert payer.wallet() == {}


def test_stop_at_the_counter_gives_everything_back(payer: Payer) -> None:
    payer.bench.ask(Operation.DEBIT, Fault.LOST_ANSWER)
    sale = payer.buy(6_200)
    payer.till.cancel(sale)
    assert payer.till.state(sale) == "reversing"
    assert payer.wallet() == {"cash": 5_000, "held": 5_000}
    payer.settle()
    assert payer.till.state(sale) == "reversed"
    assert payer.wallet() == {"cash": 5_000}
    assert payer.debited(sale) == 0


def test_a_sale_that_is_undone_returns_its_parts_to_where_they_came_from(payer: Payer) -> None:
    sale = payer.buy(6_200)
    payer.till.cancel(sale)
    payer.settle()
    assert payer.till.state(sale) == "reversed"
    assert payer.till.net(sale) == {}
    assert payer.wallet() == {"cash": 5_000}
    assert payer.debited(sale) == 0


def test_money_that_comes_after_the_end_goes_back_by_itself(payer: Payer) -> None:
    sale = payer.till.request(total=6_200)
    attempt = payer.till.decide(sale).attempt
    assert attempt is not None
    payer.told(sale, attempt, Declined("channels.declined"))
    assert payer.wallet() == {"cash": 5_000}
    payer.told(sale, attempt, payer.call(attempt))
    payer.settle()
    assert payer.till.state(sale) == "declined"
    assert payer.debited(sale) == 0
    assert payer.till.net(sale) == {}
    assert payer.wallet() == {"cash": 5_000}


def test_a_part_of_an_order_is_not_asked_of_a_bank(payer: Payer) -> None:
    sale = payer.till.request(total=6_200, order_total=7_000)
    payer.online(sale)
    assert payer.till.payment(sale).code == "wallets.insufficient"
    assert payer.attempt(sale) is None


def test_the_limits_of_a_payment_and_a_day_are_the_payers_own(engine: str, bench: Bench) -> None:
    bench.let_all_arrive()
    payer = Payer(bench, next(_seeds), payment_cap_amount=2_000, day_cap_amount=3_000).sign()
    assert payer.till.state(payer.buy(7_001)) == "declined"
    bench.ask(Operation.DEBIT, Fault.DECLINED)
    assert payer.till.state(payer.buy(7_000)) == "declined"
    # What the bank did not take is not of the day
    assert payer.till.state(payer.buy(7_000)) == "succeeded"
    assert payer.till.state(payer.buy(1_001)) == "declined"
    assert payer.till.state(payer.buy(1_000)) == "succeeded"
    assert payer.till.state(payer.buy(1)) == "declined"


# --- refunds ------------------------------------------------------------------------------


def test_a_refund_goes_to_the_bank_first_and_then_to_the_wallet(payer: Payer) -> None:
    sale = payer.buy(6_200)
    payer.till.refund(sale, 200)
    assert payer.wallet() == {}
    payer.settle()
    assert payer.debited(sale) == 1_000
    payer.till.refund(sale, 1_500)
    payer.settle()
    assert payer.debited(sale) == 0
    assert payer.wallet() == {"cash": 500}
    payer.till.refund(sale, 4_500)
    assert payer.wallet() == {"cash": 5_000}
    assert payer.till.payment(sale).refunded_amount == 6_200
    assert payer.till.refund(sale, 1).code == "refunds.exceeds_paid"


def test_a_meal_that_no_bank_paid_for_or_that_went_back_whole_may_be_eaten_again(
    payer: Payer,
) -> None:
    till = payer.till
    post_price(till, amount=6_200, entitlement=1)
    payer.bench.ask(Operation.DEBIT, Fault.DECLINED)
    assert payer.online(priced(till, 6_200)).outcome is Outcome.DECLINED
    sale = priced(till, 6_200)
    assert payer.online(sale).outcome is Outcome.APPROVED
    assert till.online(priced(till, 6_200)).code == "entitlements.used"
    till.refund(sale, 6_200)
    payer.settle()
    assert payer.wallet() == {"cash": 5_000}
    assert payer.online(priced(till, 6_200)).outcome is Outcome.APPROVED


def test_a_refund_that_the_bank_refuses_moves_nothing(payer: Payer) -> None:
    sale = payer.buy(6_200)
    payer.bench.ask(Operation.REFUND, Fault.REFUND_FAILS)
    payer.till.refund(sale, 1_500)
    payer.settle()
    assert Refund.objects.get(payment=sale.intent.payment_id).state == "refused"
    assert payer.till.payment(sale).refunded_amount == 0
    assert payer.wallet() == {}
    assert payer.debited(sale) == 1_200


# --- a counter alone ----------------------------------------------------------------------


def test_what_a_counter_accepted_alone_is_owed_and_then_collected(payer: Payer) -> None:
    sale = payer.till.request(total=5_000 - 1)
    payer.buy(5_000 - 1)
    payer.till.accept(sale)
    assert payer.wallet() == {"debt": -4_998}
    assert payer.till.payment(sale).claim_amount == 4_998
    payer.settle()
    assert payer.wallet() == {}
    assert payer.debited(sale) == 4_998
    assert payer.till.net(sale) == {
        "person/cash": -1, "channel/receivable": -4_998, "merchant/payable": 4_999,
    }  # fmt: skip
    payer.till.refund(sale, 4_999)
    payer.settle()
    assert payer.debited(sale) == 0
    assert payer.wallet() == {"cash": 1}


def test_a_claim_that_the_bank_refuses_stays_a_debt(payer: Payer) -> None:
    payer.buy(5_000)
    sale = payer.till.request(total=1_200)
    payer.bench.ask(Operation.DEBIT, Fault.DECLINED)
    payer.till.accept(sale)
    payer.settle()
    assert payer.till.state(sale) == "succeeded"
    assert payer.till.payment(sale).claim_amount == 0
    assert payer.wallet() == {"debt": -1_200}
    payer.till.put_money(payer.person, 1_500)
    assert payer.wallet() == {"cash": 300}


@pytest.mark.parametrize("fault", [Fault.LOST_REQUEST, Fault.LOST_ANSWER, Fault.HELD_REQUEST,
                                   Fault.SYSTEM_ERROR, Fault.RATE_LIMITED])  # fmt: skip
def test_a_claim_is_collected_once_however_often_it_is_asked_for(
    payer: Payer, fault: Fault
) -> None:
    payer.buy(5_000)
    sale = payer.till.request(total=1_200)
    payer.bench.ask(Operation.DEBIT, fault, 3)
    payer.till.accept(sale)
    payer.settle()
    assert payer.debited(sale) == 1_200
    assert payer.wallet() == {}


def test_a_counter_that_did_not_wait_for_the_bank_makes_its_debit_a_claim(payer: Payer) -> None:
    sale = payer.till.request(total=6_200)
    payer.bench.ask(Operation.DEBIT, Fault.LOST_ANSWER)
    payer.online(sale)
    payer.till.accept(sale)
    assert payer.wallet() == {"debt": -1_200}
    payer.settle()
    assert payer.debited(sale) == 1_200
    assert payer.wallet() == {}


def test_a_meal_handed_over_while_its_debit_is_undone_is_owed(payer: Payer) -> None:
    sale = payer.till.request(total=6_200)
    payer.bench.ask(Operation.DEBIT, Fault.LOST_ANSWER)
    payer.online(sale)
    payer.till.cancel_by_server(sale)
    payer.till.accept(sale)
    assert payer.till.state(sale) == "succeeded"
    payer.settle()
    assert payer.debited(sale) == 0
    assert payer.wallet() == {"debt": -1_200}


def test_a_claim_that_the_bank_never_speaks_of_is_closed_there_and_stays_a_debt(
    payer: Payer,
) -> None:
    payer.buy(5_000)
    sale = payer.till.request(total=1_200)
    payer.bench.ask(Operation.DEBIT, Fault.SILENT)
    payer.till.accept(sale)
    payer.settle()
    assert payer.debited(sale) == 0
    assert payer.till.payment(sale).claim_amount == 0
    assert payer.wallet() == {"debt": -1_200}


def test_who_paid_the_debt_while_the_bank_was_asked_has_it_back(payer: Payer) -> None:
    payer.buy(5_000)
    sale = payer.till.request(total=1_200)
    payer.till.accept(sale)
    payer.till.put_money(payer.person, 2_000)
    assert payer.wallet() == {"cash": 800}
    payer.settle()
    assert payer.debited(sale) == 1_200
    assert payer.wallet() == {"cash": 2_000}


def test_a_refund_waits_for_the_banks_word_on_a_claim(payer: Payer) -> None:
    payer.buy(5_000)
    sale = payer.till.request(total=1_200)
    payer.till.accept(sale)
    payer.till.refund(sale, 1_200)
    assert Refund.objects.get(payment=sale.intent.payment_id).state == "waiting"
    payer.settle()
    assert payer.debited(sale) == 0
    assert payer.wallet() == {}
    assert payer.till.net(sale) == {}


# --- the end of a mandate -----------------------------------------------------------------


def test_a_cancelled_mandate_pays_nothing_from_that_moment(payer: Payer) -> None:
    payer.cancel()
    assert payer.till.state(payer.buy(6_200)) == "declined"
    payer.look()
    assert payer.state() == "cancelled"
    with pytest.raises(Refused, match="mandates.over"):
        payer.cancel()
    assert payer.till.state(payer.buy(6_200)) == "declined"


def test_a_mandate_that_ended_at_the_bank_is_found_out_by_the_first_debit(payer: Payer) -> None:
    payer.bench.books.mandates.end(payer.mandate.number)
    sale = payer.buy(6_200)
    assert payer.till.payment(sale).code == "mandates.ended"
    payer.look()
    assert payer.state() == "cancelled"
    assert payer.till.payment(payer.buy(6_200)).code == "wallets.insufficient"


@pytest.mark.parametrize("fault", [Fault.LOST_REQUEST, Fault.LOST_ANSWER, Fault.SYSTEM_ERROR])
def test_signing_and_cancelling_are_asked_until_definite(
    engine: str, bench: Bench, fault: Fault
) -> None:
    bench.let_all_arrive()
    bench.ask(Operation.SIGN, fault, 1)
    payer = Payer(bench, next(_seeds))
    payer.look()
    payer.pass_time(minutes=1)
    payer.sign()
    bench.ask(Operation.CANCEL_MANDATE, fault, 1)
    payer.cancel()
    payer.settle()
    assert payer.state() == "cancelled"


def test_a_mandate_that_nobody_signs_is_taken_back(engine: str, bench: Bench) -> None:
    bench.let_all_arrive()
    payer = Payer(bench, next(_seeds))
    payer.look()
    payer.pass_time(days=7)
    payer.settle()
    assert payer.state() == "failed"
    assert payer.mandate.code == "mandates.not_signed"
    at_the_bank = payer.bench.books.mandates.look(payer.mandate.number)
    assert at_the_bank is not None
    assert at_the_bank.state == "ended"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"account_tail": "12"}, "mandates.tail"),
        ({"evidence": " "}, "mandates.evidence"),
        ({"payment_cap_amount": 60_000}, "mandates.limits"),
        ({"channel": "simulated"}, "mandates.no_channel"),
        ({}, "mandates.one_only"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_form_that_is_wrong_is_refused(payer: Payer, wrong: dict[str, object], code: str) -> None:
    with pytest.raises(Refused, match=code):
        payer.ask(**wrong)


def test_nothing_of_a_bank_account_but_its_end_is_kept(payer: Payer) -> None:
    assert payer.mandate.account_tail == "0001"
    sale = payer.buy(6_200)
    row = Payment.objects.get(id=sale.intent.payment_id)
    assert payer.mandate.number not in str(row.evidence)

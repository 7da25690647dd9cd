"""Orders against the peer: taken, refused, unclear, undone; each ends where the books end."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from server.channels.channel import (
    AwaitingPayer,
    Created,
    Declined,
    NotFound,
    PayeeOrder,
    Reversed,
    Succeeded,
    Unknown,
    Way,
)
from server.sandbox.entries import State
from server.sandbox.faults import Fault, Operation
from server.sandbox.wechat.peer import Mode
from tests.unit.server.channels.wechat.bench import CODE, NUMBER, Bench, open_channel


def test_a_payers_code_is_charged_once_and_found_again(bench):
    said = bench.charge()
    order = bench.books.peek(NUMBER)
    assert said == Succeeded(order.reference)
    assert bench.query() == said
    assert (order.amount, order.state) == (1250, State.PAID)


def test_charging_a_number_again_asks_instead_of_guessing(bench):
    bench.charge()
    assert bench.charge(code="134567890123456701") == Unknown("the number was used before")
    assert bench.query() == Succeeded(bench.books.peek(NUMBER).reference)


def test_a_definite_refusal_is_declined(bench):
    assert bench.charge(code=CODE[:-2] + "90") == Declined("channels.insufficient_funds")
    assert bench.query() == Declined("channels.declined")


def test_a_code_shown_twice_is_refused_under_its_second_number(bench):
    bench.charge()
    assert bench.charge(number="f" * 32) == Declined("channels.code_invalid")


@pytest.mark.parametrize("ending", ["91", "95", "96"])
def test_a_typing_payer_is_waited_for_in_both_shapes_of_the_answer(bench, ending):
    assert bench.charge(code=CODE[:-2] + ending) == AwaitingPayer()
    assert bench.query() == AwaitingPayer()


def test_a_payer_who_typed_has_paid(bench):
    bench.charge(code=CODE[:-2] + "91")
    bench.clock.move(seconds=25)
    assert isinstance(bench.query(), Succeeded)


@pytest.mark.parametrize(
    "fault",
    [
        Fault.LOST_ANSWER, Fault.GARBAGE, Fault.SYSTEM_ERROR_AFTER, Fault.STRANGE_CODE,
        Fault.UNSIGNED, Fault.BADLY_SIGNED,
    ],
)  # fmt: skip
def test_money_taken_behind_a_bad_answer_is_unknown_until_a_query_says_so(bench, fault):
    bench.let(fault, Operation.PAY)
    said = bench.charge()
    assert isinstance(said, Unknown)
    expected = fault not in (Fault.LOST_ANSWER, Fault.SYSTEM_ERROR_AFTER)
    assert said.is_alert is expected
    assert isinstance(bench.query(), Succeeded)


@pytest.mark.parametrize("fault", [Fault.LOST_REQUEST, Fault.SYSTEM_ERROR])
def test_a_charge_that_never_arrived_is_unknown_and_then_not_found(bench, fault):
    bench.let(fault, Operation.PAY)
    said = bench.charge()
    assert isinstance(said, Unknown)
    assert not said.is_alert
    assert bench.query() == NotFound()


def test_a_rate_limit_is_refused_before_anything_was_charged(bench):
    bench.let(Fault.RATE_LIMITED, Operation.PAY)
    assert bench.charge() == Declined("channels.busy")
    assert bench.query() == NotFound()


def test_a_clear_charge_is_reversed_and_the_query_says_the_money_went_back(bench):
    bench.charge()
    assert isinstance(bench.reverse(), Reversed)
    assert bench.query() == Reversed(took_money=True)
    assert bench.books.net_amount(NUMBER) == 0


def test_an_unpaid_charge_is_reversed_without_money(bench):
    bench.charge(code=CODE[:-2] + "96")
    assert isinstance(bench.reverse(), Reversed)
    assert bench.query() == Reversed(took_money=False)


def test_a_reversal_while_the_payer_types_is_refused_and_is_not_a_reversal(bench):
    bench.charge(code=CODE[:-2] + "95")
    assert bench.reverse() == Declined("channels.still_paying")
    assert bench.query() == AwaitingPayer()
    bench.clock.move(seconds=25)
    assert isinstance(bench.reverse(), Reversed)
    assert bench.query() == Reversed(took_money=True)


def test_reversing_an_unknown_number_succeeds_there_and_is_not_believed_without_a_query(bench):
    assert isinstance(bench.reverse(), Reversed)
    assert bench.query() == NotFound()


def test_money_that_comes_after_a_lost_reversal_is_seen_and_reversed_again(bench):
    bench.charge(code=CODE[:-2] + "94")
    assert isinstance(bench.reverse(), Unknown)
    assert isinstance(bench.query(), Succeeded)
    assert isinstance(bench.reverse(), Reversed)
    assert bench.books.net_amount(NUMBER) == 0


def test_a_reversal_is_not_sent_again_once_it_is_seen(bench):
    bench.charge()
    bench.reverse()
    bench.requests.clear()
    assert bench.reverse() == Reversed(took_money=True)
    assert all(request.method == "GET" for request in bench.requests)


def test_after_seven_days_a_reversal_is_too_late(bench):
    bench.charge()
    bench.clock.move(days=8)
    assert bench.reverse() == Declined("channels.reversal_too_late")


# --- orders for a payer to pay --------------------------------------------------------------


def test_the_code_of_an_order_is_the_same_when_it_is_opened_again(bench):
    first = bench.open_order()
    assert isinstance(first, Created)
    assert urlsplit(first.code_text).scheme == "weixin"
    assert bench.open_order() == first
    assert bench.query() == AwaitingPayer()


@pytest.mark.parametrize("way", list(Way))
def test_an_open_order_is_paid_by_its_payer(bench, way):
    assert isinstance(bench.open_order(way), Created)
    bench.books.pay_open(NUMBER)
    assert bench.query() == Succeeded(bench.books.peek(NUMBER).reference)


@pytest.mark.parametrize("way", list(Way))
def test_an_unpaid_order_is_closed_and_never_reversed(bench, way):
    bench.open_order(way)
    assert bench.reverse() == Reversed(took_money=False)
    assert bench.query() == Reversed(took_money=False)
    assert not any(path.endswith("/reverse") for path in bench.paths())


def test_an_order_that_was_paid_cannot_be_undone_only_refunded(bench):
    bench.open_order()
    bench.books.pay_open(NUMBER)
    assert bench.reverse() == Declined("channels.not_reversible")
    assert isinstance(bench.query(), Succeeded)


def test_a_payer_who_is_quicker_than_the_closing_keeps_the_order(bench):
    bench.open_order()
    queried = len(bench.requests) + 1

    def pay_before_closing() -> None:
        if len(bench.requests) == queried:
            bench.books.pay_open(NUMBER)

    bench.before_send = pay_before_closing
    assert not isinstance(bench.reverse(), Reversed)
    bench.before_send = lambda: None
    assert isinstance(bench.query(), Succeeded)


def test_an_order_that_expired_is_closed(bench):
    bench.open_order()
    bench.clock.move(minutes=6)
    assert bench.query() == Reversed(took_money=False)
    assert isinstance(bench.open_order(), Unknown)


def test_a_page_order_needs_its_payer(bench):
    order = PayeeOrder(NUMBER, 100, Way.PAGE, bench.now + timedelta(minutes=5))
    assert bench.channel.create(order, bench.now) == Declined("channels.payer_needed")
    assert not bench.requests


# --- modes and parties ----------------------------------------------------------------------


@pytest.mark.parametrize("mode", [Mode.CERTIFICATE, Mode.GREY])
def test_in_certificate_mode_the_platform_certificates_are_fetched_once(keys, mode):
    bench = Bench(keys, mode)
    bench.channel = open_channel(bench.peer.account(), bench.kit, ("public_key", "public_key_id"))
    assert isinstance(bench.charge(), Succeeded)
    assert isinstance(bench.query(), Succeeded)
    assert bench.paths().count("/v3/certificates") == 1
    assert "wechatpay-serial" not in bench.requests[0].headers


def test_in_public_key_mode_no_certificate_is_asked_for(keys):
    bench = Bench(keys, Mode.PUBLIC_KEY)
    assert isinstance(bench.charge(), Succeeded)
    assert "/v3/certificates" not in bench.paths()
    assert bench.requests[0].headers["wechatpay-serial"].startswith("PUB_KEY_ID_")


def test_an_account_with_a_public_key_still_takes_answers_signed_by_certificate(keys):
    bench = Bench(keys, Mode.CERTIFICATE)
    assert isinstance(bench.charge(), Succeeded)
    assert bench.paths().count("/v3/certificates") == 1


def test_a_service_provider_acts_for_its_sub_merchant(keys):
    bench = Bench(keys)
    sub = {"sub_mchid": "1900000110", "sub_appid": "wx9999999999999999"}
    bench.channel = open_channel(bench.peer.account(), bench.kit, (), **sub)
    assert isinstance(bench.charge(), Succeeded)
    assert isinstance(bench.query(), Succeeded)
    assert isinstance(bench.reverse(), Reversed)
    assert isinstance(bench.open_order(Way.PAGE, number="d" * 32), Created)
    refunded = bench.channel.refund("d" * 32, "c" * 32, 1, 1250, bench.now)
    assert refunded == Declined("refunds.channel_refused")
    assert all("/partner/" in path for path in bench.paths() if "transactions" in path)


def test_the_schedule_is_the_documentations(bench):
    terms = bench.channel.terms
    assert terms.give_up_after == timedelta(seconds=45)
    assert terms.reverse_after == timedelta(seconds=15)
    assert terms.reversal_window == timedelta(days=7)
    assert terms.refund_window == timedelta(days=365)
    assert (terms.refunds_at_most, terms.refund_gap) == (50, timedelta(minutes=1))


def test_each_exchange_is_kept_without_any_secret(bench):
    bench.charge()
    bench.open_order(Way.PAGE, number="b" * 32)
    bench.reverse()
    kept = bench.kit.kept
    assert [sent.operation for sent in kept] == ["pay", "create", "query", "reverse"]
    assert all(sent.answer and sent.status for sent in kept)
    assert CODE not in repr(kept)
    assert CODE.encode() not in b"".join(sent.answer for sent in kept)
    assert "paySign" not in repr(kept)

"""What has lost money or secrets in other gateways of this kind must not happen here.

The letters are those of the list of defects that the design was drawn from.
"""

import logging
from datetime import timedelta

import httpx
import pytest

from server.channels.channel import Charge, Forged, Notice, Reversed, Succeeded, Unknown
from server.sandbox.faults import Fault, Operation
from server.sandbox.frame import Tampering
from tests.unit.server.channels.wechat.bench import CODE, NUMBER, Bench, Scripted, transaction


def notice(bench: Bench, tampering: Tampering = Tampering.NONE):
    posted = bench.peer.compose(bench.books.events.all()[-1], tampering)
    headers = {name.lower(): value for name, value in posted.headers.items()}
    return bench.channel.read_notice(headers, posted.body, bench.now)


def test_j1_trouble_at_the_provider_never_fails_a_payment_that_went_through(bench):
    for index, fault in enumerate((Fault.SYSTEM_ERROR_AFTER, Fault.STRANGE_CODE)):
        number = f"{index:032x}"
        bench.let(fault, Operation.PAY)
        code = f"1345678901234568{index:02d}"
        assert isinstance(bench.charge(number=number, code=code), Unknown)
        assert isinstance(bench.query(number), Succeeded)


def test_j2_what_stays_unclear_is_reversed_and_the_reversal_confirmed(bench):
    bench.let(Fault.LOST_ANSWER, Operation.PAY)
    bench.charge()
    bench.clock.move(seconds=45)
    bench.reverse()
    assert bench.query() == Reversed(took_money=True)
    assert bench.books.net_amount(NUMBER) == 0


def test_j3_an_order_whose_time_is_over_here_is_closed_there_too(bench):
    bench.open_order()
    assert isinstance(bench.reverse(), Reversed)
    assert bench.paths()[-1].endswith("/close")
    with pytest.raises(Exception, match="not_open"):
        bench.books.pay_open(NUMBER)


def test_j4_a_success_that_comes_after_closing_is_told_and_not_swallowed(bench):
    bench.open_order()
    bench.books.pay_open(NUMBER)
    assert not isinstance(bench.reverse(), Reversed)
    told = notice(bench)
    assert isinstance(told, Notice)
    assert isinstance(told.said, Succeeded)


def test_j6_nothing_secret_reaches_the_log(bench, caplog):
    caplog.set_level(logging.DEBUG)
    bench.charge()
    bench.let(Fault.BADLY_SIGNED, Operation.PAY)
    bench.charge(number="a" * 32, code="134567890123456701")
    bench.channel.self_test(bench.now)
    secrets = [*bench.peer.account().secrets.values(), CODE, "134567890123456701"]
    signatures = [request.headers["authorization"] for request in bench.requests]
    assert all(secret not in caplog.text for secret in [*secrets, *signatures])
    assert CODE not in repr(Charge(NUMBER, 1, CODE))


def test_j7_a_payers_code_is_charged_by_version_three(bench):
    bench.charge()
    assert bench.paths() == ["/v3/pay/transactions/codepay"]


def test_j10_trouble_before_the_call_is_not_a_payment_that_silently_expires(keys):
    scripted = Scripted(keys)
    scripted.fail(httpx.RemoteProtocolError("broken"))
    said = scripted.channel.pay(Charge(NUMBER, 1250, CODE), scripted.now)
    assert isinstance(said, Unknown)
    assert scripted.kit.kept[-1].operation == "pay"


@pytest.mark.parametrize("tampering", [Tampering.WRONG_APP, Tampering.FORGED, Tampering.STALE])
def test_j13_a_signature_alone_does_not_make_a_notice_ours(bench, tampering):
    bench.open_order()
    bench.books.pay_open(NUMBER)
    assert isinstance(notice(bench, tampering), Forged)


def test_j13_a_signed_answer_about_another_order_does_not_pay_this_one(keys):
    scripted = Scripted(keys)
    scripted.say(200, transaction(out_trade_no="b" * 32))
    said = scripted.channel.query(NUMBER, scripted.now + timedelta(seconds=1))
    assert isinstance(said, Unknown)
    assert said.is_alert

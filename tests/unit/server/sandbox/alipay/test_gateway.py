"""The peer at its door and in its words: what it refuses, what it signs, what a trade is."""

from pathlib import Path

import pytest

from server.sandbox.alipay import words
from server.sandbox.alipay.peer import CERTIFICATE_APP_ID, AlipayPeer
from server.sandbox.entries import State, Way
from server.sandbox.faults import Fault, Operation
from server.sandbox.frame import Request
from server.sandbox.keys import Keys
from server.sandbox.run import kinds, peer_class
from tests.unit.server.sandbox.alipay.callers import CODE, Caller, answer, charge

PAY, QUERY, CANCEL = "alipay.trade.pay", "alipay.trade.query", "alipay.trade.cancel"
REFUND, CLOSE = "alipay.trade.refund", "alipay.trade.close"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return Keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def caller(keys: Keys, tmp_path: Path) -> Caller:
    return Caller(keys, tmp_path)


def test_it_is_one_of_the_sandbox_s_peers() -> None:
    assert "alipay" in kinds()
    assert peer_class("alipay") is AlipayPeer


def test_a_request_signed_by_openssl_is_done_and_its_answer_verifies(caller: Caller) -> None:
    said = caller.call(PAY, charge())
    assert (said["code"], said["total_amount"], said["out_trade_no"]) == ("10000", "12.50", "n1")
    assert caller.call(QUERY, {"out_trade_no": "n1"})["trade_status"] == "TRADE_SUCCESS"


@pytest.mark.parametrize(
    ("changed", "sub_code"),
    [
        ({"app_id": "2021999999999999"}, "isv.invalid-app-id"),
        ({"app_id": ""}, "isv.missing-app-id"),
        ({"method": ""}, "isv.missing-method"),
        ({"method": "alipay.trade.sing"}, "isv.invalid-method"),
        ({"timestamp": ""}, "isv.missing-timestamp"),
        ({"timestamp": "22.11.2026"}, "isv.invalid-timestamp"),
        ({"sign_type": "RSA"}, "isv.invalid-signature-type"),
        ({"charset": "gbk"}, "isv.invalid-charset"),
        ({"version": "2.0"}, "isv.invalid-format"),
        ({"biz_content": "{"}, "isv.invalid-parameter"),
        ({"biz_content": "[]"}, "isv.invalid-parameter"),
        ({"app_id": CERTIFICATE_APP_ID}, "isv.missing-app-cert-sn"),
        ({"app_id": CERTIFICATE_APP_ID, "app_cert_sn": "x"}, "isv.invalid-app-cert-sn"),
    ],
)
def test_the_door_refuses_by_name(caller: Caller, changed: dict[str, str], sub_code: str) -> None:
    assert answer(caller.send(caller.params(PAY, charge(), **changed)))["sub_code"] == sub_code
    assert caller.books.orders() == []


def test_any_change_after_signing_is_refused_and_nothing_is_done(caller: Caller) -> None:
    params = caller.params(PAY, charge())
    for changed in (
        {"biz_content": params["biz_content"].replace("12.50", "0.01")},
        {"notify_url": "https://elsewhere.test/"},
        {"timestamp": "2026-11-22 12:00:01"},
        {"sign": params["sign"][:-8] + "AAAAAAA="},
        {"sign": "!"},
    ):
        assert answer(caller.send({**params, **changed}))["sub_code"] == "isv.invalid-signature"
    unsigned = {name: value for name, value in params.items() if name != "sign"}
    assert answer(caller.send(unsigned))["sub_code"] == "isv.missing-signature"
    assert caller.books.orders() == []


def test_nobody_known_is_answered_unsigned(caller: Caller) -> None:
    reply = caller.send(caller.params(PAY, charge(), app_id="2021999999999999"))
    assert b'"sign"' not in reply.body
    assert b"alipay_trade_pay_response" in reply.body
    nothing = caller.desk.handle(Request("POST", "/gateway.do", {}, b""))
    assert nothing is not None
    assert b"error_response" in nothing.body


@pytest.mark.parametrize(
    ("content", "sub_code"),
    [
        (charge(amount="0.00"), "ACQ.TOTAL_FEE_EXCEED"),
        (charge(amount="100000000.01"), "ACQ.TOTAL_FEE_EXCEED"),
        (charge(amount="1.005"), "ACQ.INVALID_PARAMETER"),
        (charge(amount="-1.00"), "ACQ.INVALID_PARAMETER"),
        (charge(number="not a number!"), "ACQ.INVALID_PARAMETER"),
        (charge(number=""), "ACQ.INVALID_PARAMETER"),
        (charge(code="131234567890123456"), "ACQ.PAYMENT_AUTH_CODE_INVALID"),
        ({**charge(), "subject": ""}, "ACQ.INVALID_PARAMETER"),
        ({**charge(), "scene": "sound"}, "ACQ.INVALID_PARAMETER"),
        ({**charge(), "scene": "security_code"}, "ACQ.PAYMENT_AUTH_CODE_INVALID"),
        ({}, "ACQ.INVALID_PARAMETER"),
    ],
)
def test_a_charge_that_makes_no_sense_is_refused(
    caller: Caller, content: dict[str, str], sub_code: str
) -> None:
    said = caller.call(PAY, content)
    assert (said["code"], said["sub_code"]) == ("40004", sub_code)


def test_a_number_is_charged_once_whatever_is_asked(caller: Caller) -> None:
    caller.call(PAY, charge())
    assert caller.call(PAY, charge())["sub_code"] == "ACQ.TRADE_HAS_SUCCESS"
    other = caller.call(PAY, charge(amount="12.51", code=CODE + "1"))
    assert other["sub_code"] == "ACQ.CONTEXT_INCONSISTENT"
    again = caller.call(PAY, charge(number="n2"))
    assert again["sub_code"] == "ACQ.PAYMENT_AUTH_CODE_INVALID"
    assert [order.number for order in caller.books.orders()] == ["n1"]


def test_a_declined_charge_is_closed_and_was_never_paid(caller: Caller) -> None:
    caller.faults.ask(Operation.PAY, Fault.DECLINED)
    assert caller.call(PAY, charge())["sub_code"] == "ACQ.BUYER_BALANCE_NOT_ENOUGH"
    trade = caller.call(QUERY, {"out_trade_no": "n1"})
    assert trade["trade_status"] == "TRADE_CLOSED"
    assert "send_pay_date" not in trade


def test_closed_means_two_things(caller: Caller) -> None:
    caller.call(PAY, charge())
    caller.call(REFUND, {"out_trade_no": "n1", "refund_amount": "12.50"})
    trade = caller.call(QUERY, {"out_trade_no": "n1"})
    assert trade["trade_status"] == "TRADE_CLOSED"
    assert trade["send_pay_date"]
    assert caller.call(PAY, charge())["sub_code"] == "ACQ.TRADE_HAS_CLOSE"


def test_cancelling_says_what_it_did(caller: Caller) -> None:
    assert caller.call(CANCEL, {"out_trade_no": "never"}) == {
        "code": "10000", "msg": "Success", "out_trade_no": "never", "retry_flag": "N",
    }  # fmt: skip
    caller.call(PAY, charge())
    assert caller.call(CANCEL, {"out_trade_no": "n1"})["action"] == "refund"
    assert caller.call(CANCEL, {"out_trade_no": "n1"})["action"] == "refund"
    caller.faults.ask(Operation.PAY, Fault.PAYER_NEVER)
    caller.call(PAY, charge("n2", code=CODE + "2"))
    assert caller.call(CANCEL, {"out_trade_no": "n2"})["action"] == "close"
    assert caller.books.net_amount("n1") == caller.books.net_amount("n2") == 0


def test_a_partly_refunded_payment_is_not_cancelled(caller: Caller) -> None:
    caller.call(PAY, charge())
    caller.call(REFUND, {"out_trade_no": "n1", "refund_amount": "1.00", "out_request_no": "r1"})
    said = caller.call(CANCEL, {"out_trade_no": "n1"})
    assert said["sub_code"] == "ACQ.REASON_TRADE_REFUND_FEE_ERR"


def test_a_partial_refund_needs_its_own_number(caller: Caller) -> None:
    caller.call(PAY, charge())
    said = caller.call(REFUND, {"out_trade_no": "n1", "refund_amount": "1.00"})
    assert said["sub_code"] == "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL"
    partial = {"out_trade_no": "n1", "refund_amount": "1.00", "out_request_no": "r1"}
    assert caller.call(REFUND, partial)["fund_change"] == "Y"
    again = caller.call(REFUND, partial)
    assert (again["fund_change"], again["refund_fee"]) == ("N", "1.00")
    assert caller.books.net_amount("n1") == 1150


def test_only_what_nobody_paid_is_closed(caller: Caller) -> None:
    assert caller.call(CLOSE, {"out_trade_no": "n9"})["sub_code"] == "ACQ.TRADE_NOT_EXIST"
    caller.call(PAY, charge())
    said = caller.call(CLOSE, {"out_trade_no": "n1"})
    assert said["sub_code"] == "ACQ.REASON_TRADE_STATUS_INVALID"
    assert caller.books.net_amount("n1") == 1250


def test_a_code_to_show_ends_with_its_time_and_never_was_a_trade(caller: Caller) -> None:
    content = {"out_trade_no": "n1", "subject": "x", "total_amount": "1.00",
               "qr_code_timeout_express": "2m"}  # fmt: skip
    said = caller.call("alipay.trade.precreate", content)
    assert said["qr_code"].startswith("https://qr.alipay.com/")
    caller.clock.move(minutes=3)
    assert caller.call(QUERY, {"out_trade_no": "n1"})["sub_code"] == "ACQ.TRADE_NOT_EXIST"
    order = caller.books.peek("n1")
    assert order is not None
    assert (order.way, order.state) == (Way.SCAN, State.CLOSED)


def test_the_address_of_a_bill_lives_half_a_minute(caller: Caller) -> None:
    caller.call(PAY, charge())
    caller.clock.move(days=1)
    bill = {"bill_type": "trade", "bill_date": "2026-11-22"}
    said = caller.call("alipay.data.dataservice.bill.downloadurl.query", bill)
    target = said["bill_download_url"].removeprefix("http://alipay.test")
    for seconds, status in ((0, 200), (29, 200), (2, 403)):
        caller.clock.move(seconds=seconds)
        reply = caller.desk.handle(Request("GET", target, {}, b""))
        assert reply is not None
        assert reply.status == status


@pytest.mark.parametrize(
    ("fault", "code"), [(Fault.RATE_LIMITED, "40005"), (Fault.STRANGE_CODE, "40004")]
)
def test_trouble_comes_in_alipay_s_words(caller: Caller, fault: Fault, code: str) -> None:
    caller.faults.ask(Operation.PAY, fault)
    assert caller.call(PAY, charge())["code"] == code


def test_its_own_trouble_comes_from_the_gateway_or_from_behind_it(caller: Caller) -> None:
    caller.faults.ask(Operation.PAY, Fault.SYSTEM_ERROR, 8)
    said = {caller.call(PAY, charge()).get("sub_code") for _ in range(8)}
    assert said == {"isp.unknow-error", "ACQ.SYSTEM_ERROR"}
    assert caller.books.orders() == []


def test_an_answer_may_lack_its_signature_or_have_another_s(caller: Caller) -> None:
    for fault in (Fault.UNSIGNED, Fault.BADLY_SIGNED):
        caller.faults.ask(Operation.QUERY, fault)
        reply = caller.send(caller.params(QUERY, {"out_trade_no": "n1"}))
        assert answer(reply)["sub_code"] == "ACQ.TRADE_NOT_EXIST"
        assert not caller.is_signed(reply)


def test_the_ending_of_a_payer_s_code_plays_its_part(caller: Caller) -> None:
    assert caller.call(PAY, charge(code="281234567890123491"))["code"] == "10003"


def test_money_is_written_exactly() -> None:
    amounts = (0, 1, 10, 99, 100, 123456789)
    assert [words.fen(words.yuan(amount)) for amount in amounts] == list(amounts)
    for text in ("", "1.", ".1", "1.234", "-1", "1e2", "１"):
        with pytest.raises(ValueError, match="amount"):
            words.fen(text)

"""Alipay's words → outcomes: whatever is not in a table is unknown and wakes somebody."""

import json

import httpx
import pytest

from server.channels.channel import (
    AwaitingPayer,
    Declined,
    NotFound,
    Reversed,
    Succeeded,
    Unknown,
)
from server.channels.providers.alipay import answers
from server.channels.providers.alipay.wire import Answer
from server.sandbox.keys import Keys
from tests.unit.server.channels.alipay import published
from tests.unit.server.channels.alipay.bench import NUMBER, Scripted, envelope

PAY, QUERY = "alipay.trade.pay", "alipay.trade.query"
PAID = {
    "code": "10000",
    "msg": "Success",
    "out_trade_no": NUMBER,
    "trade_no": "2026",
    "total_amount": "12.50",
}


@pytest.fixture
def scripted(keys: Keys) -> Scripted:
    return Scripted(keys)


def business(sub_code: str, code: str = "40004", **more: str) -> dict[str, str]:
    return {"code": code, "msg": "Business Failed", "sub_code": sub_code, "sub_msg": "…", **more}


def answer(**data: str) -> Answer:
    return Answer(b"", data)


# --- pay ----------------------------------------------------------------------------------


def test_paid_is_paid_and_paying_is_awaited(scripted: Scripted) -> None:
    assert scripted.say(PAY, PAID).pay() == Succeeded("2026")
    said = scripted.say(PAY, {**PAID, "code": "10003"}).pay()
    assert said == AwaitingPayer()


@pytest.mark.parametrize(
    "content",
    [
        business("isp.unknow-error", "20000"),
        business("aop.unknow-error", "20000"),
        business("ACQ.SYSTEM_ERROR"),
        business("AQC.SYSTEM_ERROR"),
        business("ACQ.TRADE_HAS_SUCCESS"),
        business("ACQ.TRADE_HAS_CLOSE"),
        business("ACQ.TRADE_STATUS_ERROR"),
        business("ACQ.PULL_MOBILE_CASHIER_FAIL"),
    ],
)
def test_what_alipay_does_not_know_is_no_failure_of_the_payment(
    scripted: Scripted, content: dict[str, str]
) -> None:
    said = scripted.say(PAY, content).pay()
    assert isinstance(said, Unknown)
    assert not said.is_alert


@pytest.mark.parametrize(
    ("sub_code", "code"),
    [
        ("ACQ.PAYMENT_AUTH_CODE_INVALID", "channels.code_invalid"),
        ("ACQ.BUYER_BALANCE_NOT_ENOUGH", "channels.insufficient_funds"),
        ("ACQ.BUYER_BANKCARD_BALANCE_NOT_ENOUGH", "channels.insufficient_funds"),
        ("ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR", "channels.limit"),
        ("ACQ.PAYMENT_REQUEST_HAS_RISK", "channels.risk"),
        ("ACQ.SELLER_BEEN_BLOCKED", "channels.merchant_suspended"),
        ("ACQ.ACCESS_FORBIDDEN", "channels.not_contracted"),
        ("ACQ.PARTNER_ERROR", "channels.misconfigured"),
    ],
)
def test_a_documented_refusal_is_a_refusal(scripted: Scripted, sub_code: str, code: str) -> None:
    assert scripted.say(PAY, business(sub_code)).pay() == Declined(code)


@pytest.mark.parametrize(
    "content",
    [
        business("ACQ.MOON_IN_CAPRICORN"),
        business(""),
        business("ACQ.BUYER_BALANCE_NOT_ENOUGH", "40009"),
        business("ACQ.TRADE_BUYER_NOT_MATCH"),
        business("ACQ.CONTEXT_INCONSISTENT"),
        {"code": "10004"},
        {"code": ""},
        {},
    ],
)
def test_a_code_in_no_table_is_unknown_and_an_alert(
    scripted: Scripted, content: dict[str, str]
) -> None:
    said = scripted.say(PAY, content).pay()
    assert isinstance(said, Unknown)
    assert said.is_alert


@pytest.mark.parametrize("code", sorted(answers.GATEWAY_REFUSALS))
def test_what_the_gateway_refuses_at_its_door_was_not_done(scripted: Scripted, code: str) -> None:
    said = scripted.say(PAY, business("isv.something", code)).pay()
    assert isinstance(said, Declined)
    query = scripted.say(QUERY, business("isv.something", code)).channel.query(NUMBER, scripted.now)
    assert isinstance(query, Unknown)
    assert query.is_alert is (code != "40005")


@pytest.mark.parametrize(
    "changed",
    [
        {"out_trade_no": "another"},
        {"total_amount": "12.51"},
        {"total_amount": "12.5e0"},
        {"total_amount": ""},
    ],
)
def test_success_of_something_else_is_not_ours(scripted: Scripted, changed: dict[str, str]) -> None:
    said = scripted.say(PAY, {**PAID, **changed}).pay()
    assert isinstance(said, Unknown)
    assert said.is_alert


# --- authenticity and the connection ------------------------------------------------------


def test_slashes_characters_and_escapes_leave_the_signature_right(scripted: Scripted) -> None:
    text = (
        f'{{"code":"10000","out_trade_no":"{NUMBER}","trade_no":"2026", "total_amount" : 12.50,'
        r'"store_name":"\u5317\u533a \/ \"\u4e00\u53f7}\" \\","x":"https:\/\/a.b/c"}'
    )
    assert scripted.say(PAY, text).pay() == Succeeded("2026")


def test_slashes_that_were_escaped_after_signing_are_right_too(scripted: Scripted) -> None:
    text = f'{{"code":"10000","out_trade_no":"{NUMBER}","trade_no":"1/2","total_amount":"12.50"}}'
    body = envelope(PAY, text.replace("/", "\\/"), scripted.signature(text))
    assert scripted.say_bytes(body).pay() == Succeeded("1/2")


def test_an_answer_written_anew_is_not_what_was_signed(scripted: Scripted) -> None:
    text = f'{{"code":"10000","out_trade_no":"{NUMBER}","trade_no":"2026","total_amount":"12.50"}}'
    body = envelope(PAY, text.replace(":", ": "), scripted.signature(text))
    said = scripted.say_bytes(body).pay()
    assert said == Unknown("the answer's signature is wrong", is_alert=True)


def test_an_unsigned_answer_is_nobody_s_word_whatever_it_says(scripted: Scripted) -> None:
    for content in (b'{"code":"10000"}', b'{"code":"40004","sub_code":"ACQ.PAYMENT_FAIL"}'):
        body = b'{"alipay_trade_pay_response":' + content + b"}"
        assert scripted.say_bytes(body).pay() == Unknown("the answer is not signed", is_alert=True)
    error = b'{"error_response":{"code":"40002","sub_code":"isv.invalid-signature"}}'
    assert scripted.say_bytes(error).pay().is_alert


def test_a_signed_error_envelope_is_read(scripted: Scripted) -> None:
    text = '{"code":"40001","sub_code":"isv.missing-method"}'
    body = f'{{"error_response":{text},"sign":"{scripted.signature(text)}"}}'.encode()
    assert scripted.say_bytes(body).pay() == Declined("channels.misconfigured")


def test_an_answer_to_another_method_is_no_answer(scripted: Scripted) -> None:
    said = scripted.say(QUERY, PAID).pay()
    assert isinstance(said, Unknown)


@pytest.mark.parametrize("status", [200, 429, 500, 502, 504])
def test_a_page_from_the_way_says_nothing(scripted: Scripted, status: int) -> None:
    said = scripted.say_bytes(b"<html>502</html>", status).pay()
    assert isinstance(said, Unknown)
    assert not said.is_alert


@pytest.mark.parametrize(
    "problem", [httpx.ReadTimeout, httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError]
)
def test_a_connection_that_broke_after_sending_is_unknown(
    scripted: Scripted, problem: type[httpx.TransportError]
) -> None:
    assert scripted.fail(problem("…")).pay() == Unknown(problem.__name__)


@pytest.mark.parametrize("problem", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout])
def test_only_a_charge_of_which_no_byte_left_was_certainly_not_made(
    scripted: Scripted, problem: type[httpx.TransportError]
) -> None:
    assert scripted.fail(problem("…")).pay() == Declined("channels.unreachable")
    query = scripted.fail(problem("…")).channel.query(NUMBER, scripted.now)
    assert query == Unknown(problem.__name__)


def test_each_call_states_its_time_outs_below_ten_seconds_in_all(scripted: Scripted) -> None:
    scripted.say(PAY, PAID).pay()
    stated = scripted.timeouts[0]
    assert set(stated) == {"connect", "read", "write", "pool"}
    assert sum(stated.values()) < 10
    assert scripted.urls[0].path == "/gateway.do"


# --- what a trade is ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trade", "said"),
    [
        ({"trade_status": "WAIT_BUYER_PAY"}, AwaitingPayer()),
        ({"trade_status": "TRADE_SUCCESS", "trade_no": "7"}, Succeeded("7")),
        ({"trade_status": "TRADE_FINISHED", "trade_no": "7"}, Succeeded("7")),
        ({"trade_status": "TRADE_CLOSED"}, Reversed(took_money=False)),
        (
            {"trade_status": "TRADE_CLOSED", "receipt_amount": "0.00", "buyer_pay_amount": "0.00"},
            Reversed(took_money=False),
        ),
        (
            {"trade_status": "TRADE_CLOSED", "send_pay_date": "2026-11-22 12:00:00"},
            Reversed(took_money=True),
        ),
        (
            {"trade_status": "TRADE_CLOSED", "gmt_payment": "2026-11-22 12:00:00"},
            Reversed(took_money=True),
        ),
    ],
)
def test_a_status_is_read_by_the_table(trade: dict[str, str], said: object) -> None:
    assert answers.by_status(trade) == said


@pytest.mark.parametrize(
    "trade",
    [
        {"trade_status": "TRADE_CLOSED", "receipt_amount": "12.50"},
        {"trade_status": "TRADE_CLOSED", "buyer_pay_amount": "rubbish"},
        {"trade_status": "TRADE_CLOSED", "fund_bill_list": "[{}]"},
        {"trade_status": "TRADE_PENDING"},
        {"trade_status": ""},
        {},
    ],
)
def test_a_status_that_fits_nothing_is_nobody_s_guess(trade: dict[str, str]) -> None:
    said = answers.by_status(trade)
    assert isinstance(said, Unknown)
    assert said.is_alert


def test_alipay_s_own_answers_are_read() -> None:
    paid = Answer(b"", json.loads(published.PAID))
    said = answers.of_query(paid, "yansongda-1622986519")
    assert said == Succeeded("2021060622001498120501382075")
    missing = Answer(b"", json.loads(published.NOT_EXIST))
    assert answers.of_query(missing, "1622819957") == NotFound()


# --- cancel, close ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"action": "close"}, Reversed(took_money=False)),
        ({"action": "refund"}, Reversed(took_money=True)),
        ({}, Unknown("there was nothing to cancel")),
        ({"action": "close", "retry_flag": "Y"}, Unknown("to be asked again ()")),
        ({"action": "sing"}, Unknown("action 'sing'", is_alert=True)),
    ],
)
def test_a_cancellation_says_what_it_did(data: dict[str, str], said: object) -> None:
    heard = answer(code="10000", out_trade_no=NUMBER, **data)
    assert answers.of_cancel(heard, NUMBER) == said


def test_a_cancellation_that_is_refused_for_now_is_unknown_and_for_good_is_declined() -> None:
    again = answer(code="40004", sub_code="ACQ.SYSTEM_ERROR", retry_flag="Y")
    assert isinstance(answers.of_cancel(again, NUMBER), Unknown)
    late = answer(code="40004", sub_code="ACQ.TRADE_CANCEL_TIME_OUT", retry_flag="N")
    assert answers.of_cancel(late, NUMBER) == Declined("channels.reversal_too_late")
    short = answers.of_cancel(
        answer(code="40004", sub_code="ACQ.SELLER_BALANCE_NOT_ENOUGH"), NUMBER
    )
    assert isinstance(short, Unknown)
    assert short.is_alert
    odd = answers.of_close(answer(code="40004", sub_code="ACQ.NEW"), NUMBER)
    assert isinstance(odd, Unknown)
    assert odd.is_alert


# --- refunds ------------------------------------------------------------------------------


def test_a_refund_is_done_when_money_moved() -> None:
    moved = answer(code="10000", fund_change="Y", out_trade_no=NUMBER, trade_no="7")
    assert answers.of_refund(moved, NUMBER) == Succeeded("7")
    assert answers.of_refund(answer(code="10000", fund_change="N"), NUMBER) is None
    other = answers.of_refund(answer(code="10000", fund_change="Y", out_trade_no="x"), NUMBER)
    assert isinstance(other, Unknown)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, NotFound()),
        ({"refund_status": "REFUND_PROCESSING"}, Unknown("the refund is on its way")),
        ({"refund_status": "REFUND_FAIL"}, Declined("refunds.channel_closed")),
        ({"refund_status": "REFUND_SUCCESS", "trade_no": "7"}, Succeeded("7")),
        ({"refund_status": "ODD"}, Unknown("refund_status 'ODD'", is_alert=True)),
        (
            {"refund_status": "REFUND_SUCCESS", "out_request_no": "x"},
            Unknown("the answer is about another refund", is_alert=True),
        ),
    ],
)
def test_a_refund_s_query_is_more_than_its_code(data: dict[str, str], said: object) -> None:
    heard = answer(code="10000", **data)
    assert answers.of_query_refund(heard, NUMBER, "r1") == said


@pytest.mark.parametrize(
    "table",
    [
        answers.PAY,
        answers.CREATE,
        answers.QUERY,
        answers.CANCEL,
        answers.CLOSE,
        answers.REFUND,
        answers.QUERY_REFUND,
    ],
)
def test_no_table_takes_trouble_or_an_unknown_code_for_an_outcome(table: dict) -> None:
    for code in ("ACQ.SYSTEM_ERROR", "AQC.SYSTEM_ERROR"):
        assert isinstance(table[code], Unknown)
    assert not any(isinstance(said, Succeeded) for said in table.values())

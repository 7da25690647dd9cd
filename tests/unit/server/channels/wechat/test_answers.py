"""Every word WeChat Pay has, and those it has not: what each operation makes of it."""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.channels.channel import (
    AwaitingPayer,
    Charge,
    Created,
    Declined,
    NotFound,
    PayeeOrder,
    Reversed,
    Succeeded,
    Unknown,
    Way,
)
from server.channels.providers.wechat import answers
from server.channels.providers.wechat.wire import KEYS_TIMEOUT, PRODUCTION, TIMEOUT
from tests.unit.server.channels.wechat.bench import (
    CODE,
    NUMBER,
    REFUND,
    Scripted,
    open_channel,
    transaction,
)


@pytest.fixture(scope="module")
def opened(keys):
    return Scripted(keys)


@pytest.fixture
def scripted(opened):
    opened.says.clear()
    return opened


def pay(scripted):
    return scripted.channel.pay(Charge(NUMBER, 1250, CODE), scripted.now)


def query(scripted):
    return scripted.channel.query(NUMBER, scripted.now)


def create(scripted, way=Way.SCAN):
    order = PayeeOrder(NUMBER, 1250, way, scripted.now + timedelta(minutes=5), payer="openid")
    return scripted.channel.create(order, scripted.now)


def refund(scripted):
    return scripted.channel.refund(NUMBER, REFUND, 250, 1250, scripted.now)


def query_refund(scripted):
    return scripted.channel.query_refund(NUMBER, REFUND, scripted.now)


OPERATIONS: dict[str, tuple[Callable[..., Any], Mapping[str, Any]]] = {
    "pay": (pay, answers.PAY),
    "create": (create, answers.CREATE),
    "query": (query, answers.QUERY),
    "refund": (refund, answers.REFUND),
    "query_refund": (query_refund, answers.QUERY_REFUND),
}
WORDS = sorted(
    (name, code) for name, (_, table) in OPERATIONS.items() for code in table
)  # fmt: skip


@pytest.mark.parametrize(("operation", "code"), WORDS)
def test_each_word_of_a_table_is_understood(scripted, operation, code):
    ask, table = OPERATIONS[operation]
    assert ask(scripted.say(403, {"code": code, "message": "…"})) == table[code]


@pytest.mark.parametrize(
    ("written", "meant"),
    [("ORDER_NOT_EXIST", NotFound()), ("ORDERNOTEXIST", NotFound())],
)
def test_both_spellings_of_a_code_are_the_same(scripted, written, meant):
    assert query(scripted.say(404, {"code": written})) == meant


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
@pytest.mark.parametrize(
    ("status", "content"),
    [(403, {"code": "MOON_IN_CAPRICORN"}), (200, {}), (400, b"<html>"), (200, [1]), (204, b"")],
)
def test_what_is_in_no_table_is_unknown_and_an_alert(scripted, operation, status, content):
    ask, _ = OPERATIONS[operation]
    said = ask(scripted.say(status, content))
    assert isinstance(said, Unknown)
    assert said.is_alert


def test_no_trouble_of_wechats_own_is_a_definite_word():
    for table in (answers.PAY, answers.QUERY, answers.REFUND, answers.REVERSE, answers.CLOSE):
        assert isinstance(table["SYSTEMERROR"], Unknown)
        assert isinstance(table["BANKERROR"], Unknown)


def test_payers_were_charged_behind_a_parameter_error_so_it_is_no_refusal():
    for code in ("PARAMERROR", "INVALIDREQUEST"):
        said = answers.PAY[code]
        assert isinstance(said, Unknown)
        assert said.is_alert


@pytest.mark.parametrize(
    ("state", "meant"),
    [
        ("SUCCESS", Succeeded("4200000001")),
        ("REFUND", Succeeded("4200000001")),
        ("NOTPAY", AwaitingPayer()),
        ("USERPAYING", AwaitingPayer()),
        ("ACCEPT", AwaitingPayer()),
        ("CLOSED", Reversed(took_money=False)),
        ("REVOKED", Reversed(took_money=True)),
        ("PAYERROR", Declined("channels.declined")),
    ],
)
def test_each_state_of_an_order_is_understood(scripted, state, meant):
    assert query(scripted.say(200, transaction(state))) == meant


def test_an_unknown_state_is_an_alert_and_a_failed_try_of_an_open_order_is_one_too(scripted):
    assert query(scripted.say(200, transaction("FROZEN"))).is_alert
    assert query(scripted.say(200, transaction("PAYERROR", trade_type="NATIVE"))).is_alert


def test_a_charge_that_says_the_order_is_closed_is_left_to_a_query(scripted):
    assert pay(scripted.say(200, transaction("REVOKED"))) == Unknown("closed already")


def test_202_means_the_payer_is_typing_in_either_shape(scripted):
    assert pay(scripted.say(202, {"code": "USERPAYING"})) == AwaitingPayer()
    assert pay(scripted.say(202, transaction("USERPAYING"))) == AwaitingPayer()


@pytest.mark.parametrize(
    "other",
    [
        {"out_trade_no": "f" * 32},
        {"mchid": "1900009999"},
        {"appid": "wx0000000000000000"},
        {"mchid": None},
    ],
)
def test_a_signed_answer_about_something_else_is_no_answer(scripted, other):
    for ask in (pay, query):
        said = ask(scripted.say(200, transaction("SUCCESS", **other)))
        assert said == Unknown("answered about another order", is_alert=True)


@pytest.mark.parametrize(
    "amount",
    [{"total": 1251}, {"total": 1250, "currency": "HKD"}, {"total": 1250.0}, {}, None],
)
def test_a_success_over_another_amount_is_no_success(scripted, amount):
    said = pay(scripted.say(200, transaction("SUCCESS", amount=amount)))
    assert isinstance(said, Unknown)
    assert said.is_alert


# --- authenticity ---------------------------------------------------------------------------


def test_a_success_without_a_signature_is_forged(scripted):
    said = pay(scripted.say_unsigned(200, transaction()))
    assert said == Unknown("HTTP 200, not signed", is_alert=True)


def test_a_refusal_without_a_signature_is_not_believed_either(scripted):
    assert pay(scripted.say_unsigned(403, {"code": "NOT_ENOUGH"})).is_alert
    assert query(scripted.say_unsigned(404, {"code": "ORDER_NOT_EXIST"})).is_alert


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_gateway_that_cannot_sign_is_unknown_without_alarm(scripted, status):
    said = pay(scripted.say_unsigned(status, {"code": "SYSTEM_ERROR"}))
    assert isinstance(said, Unknown)
    assert not said.is_alert


def test_the_signature_is_over_the_bytes_as_received(scripted):
    body = b'{ "trade_state" : "SUCCESS"}'
    scripted.say(200, body)
    honest = scripted.says.pop()
    honest_headers = dict(honest.headers)
    del honest_headers["content-length"]
    scripted.says.append(
        httpx.Response(200, content=b'{"trade_state":"SUCCESS"}', headers=honest_headers)
    )
    assert query(scripted) == Unknown("HTTP 200, signature is wrong", is_alert=True)


@settings(max_examples=60, deadline=None)
@given(place=st.integers(0, 10_000), change=st.integers(1, 255), in_header=st.booleans())
def test_one_changed_bit_of_an_answer_ends_no_order(opened, place, change, in_header):
    opened.says.clear()
    body = bytearray(json.dumps(transaction()).encode())
    headers = opened.signed(bytes(body))
    if in_header:
        name = sorted(headers)[place % len(headers)]
        headers[name] = headers[name][:-1] + ("0" if headers[name][-1] != "0" else "1")
    else:
        body[place % len(body)] ^= change
    opened.says.append(httpx.Response(200, content=bytes(body), headers=headers))
    opened.says.append(httpx.Response(503))
    assert isinstance(pay(opened), Unknown)


@pytest.mark.parametrize("age_s", [301, -301])
def test_an_answer_signed_at_another_time_is_not_believed(scripted, age_s):
    stamp = int(scripted.now.timestamp()) - age_s
    body = b"{}"
    scripted.says.append(httpx.Response(200, content=body, headers=scripted.signed(body, stamp)))
    assert "time" in query(scripted).why


def test_a_probe_of_our_checking_is_refused_without_alarm(scripted):
    scripted.say(200, transaction(), **{"Wechatpay-Signature": "WECHATPAY/SIGNTEST/abc"})
    said = query(scripted)
    assert isinstance(said, Unknown)
    assert not said.is_alert


@pytest.mark.parametrize("serial", ["PUB_KEY_ID_OF_ANOTHER", "7A7A"])
def test_an_unknown_key_is_not_believed_and_makes_us_fetch_at_most_once_a_minute(keys, serial):
    scripted = Scripted(keys)
    for _ in range(3):
        scripted.say(200, transaction(), **{"Wechatpay-Serial": serial})
    if not serial.startswith("PUB"):
        scripted.says.insert(1, httpx.Response(503))
    for _ in range(3):
        assert query(scripted).is_alert
    assert not scripted.says


# --- connections ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "problem", [httpx.ConnectError("x"), httpx.ConnectTimeout("x"), httpx.PoolTimeout("x")]
)
def test_a_connection_that_was_never_made_charged_nothing(scripted, problem):
    assert pay(scripted.fail(problem)) == Declined("channels.unreachable")
    assert create(scripted.fail(problem)) == Declined("channels.unreachable")
    for ask in (query, refund, query_refund):
        assert isinstance(ask(scripted.fail(problem)), Unknown)


@pytest.mark.parametrize(
    "problem",
    [
        httpx.ReadTimeout("x"), httpx.WriteTimeout("x"), httpx.ReadError("x"),
        httpx.WriteError("x"), httpx.RemoteProtocolError("x"), httpx.DecodingError("x"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_a_connection_that_broke_after_sending_is_unknown(scripted, operation, problem):
    ask, _ = OPERATIONS[operation]
    said = ask(scripted.fail(problem))
    assert isinstance(said, Unknown)
    assert not said.is_alert


def test_in_production_the_other_city_is_asked_when_the_first_cannot_be_reached(keys):
    scripted = Scripted(keys)
    scripted.channel = open_channel(scripted.peer.account(), scripted.kit, host=PRODUCTION)
    scripted.fail(httpx.ConnectTimeout("x")).say(200, transaction())
    assert isinstance(pay(scripted), Succeeded)
    assert scripted.hosts == ["api.mch.weixin.qq.com", "api2.mch.weixin.qq.com"]


def test_the_other_city_is_never_asked_once_something_was_sent(keys):
    scripted = Scripted(keys)
    scripted.channel = open_channel(scripted.peer.account(), scripted.kit, host=PRODUCTION)
    scripted.fail(httpx.ReadTimeout("x")).say(200, transaction())
    assert isinstance(pay(scripted), Unknown)
    assert scripted.hosts == ["api.mch.weixin.qq.com"]


def test_a_charge_waits_less_than_ten_seconds_even_with_every_detour():
    whole, keys = (
        sum(part or 60 for part in timeout.as_dict().values())
        for timeout in (TIMEOUT, KEYS_TIMEOUT)
    )
    never_made = (TIMEOUT.connect or 60) + (TIMEOUT.pool or 60)
    assert never_made + whole + keys < 10


# --- undoing, giving back -------------------------------------------------------------------


def reverse(scripted):
    return scripted.channel.reverse(NUMBER, scripted.now)


@pytest.mark.parametrize("code", sorted(answers.REVERSE))
def test_each_word_about_a_reversal_is_understood(scripted, code):
    scripted.say(200, transaction("USERPAYING")).say(403, {"code": code})
    assert reverse(scripted) == answers.REVERSE[code]


@pytest.mark.parametrize("code", sorted(answers.CLOSE))
def test_an_order_that_will_not_be_closed_is_reversed(scripted, code):
    scripted.say(200, transaction("NOTPAY")).say(403, {"code": code}).say(200, {})
    said = reverse(scripted)
    assert said == Reversed(took_money=False)
    assert len(scripted.says) == (1 if isinstance(answers.CLOSE[code], Reversed) else 0)


def test_an_unpaid_order_is_closed_by_a_signed_answer_without_a_body(scripted):
    scripted.say(200, transaction("NOTPAY")).say(204, b"")
    assert reverse(scripted) == Reversed(took_money=False)


def test_a_reversal_answered_with_nothing_signed_is_unknown(scripted):
    scripted.say(200, transaction("SUCCESS")).say_unsigned(200, {})
    assert reverse(scripted).is_alert


def refunded(status="SUCCESS", **more):
    return {
        "out_trade_no": NUMBER, "out_refund_no": REFUND, "refund_id": "5000", "status": status,
        "amount": {"refund": 250, "total": 1250, "currency": "CNY"}, **more,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("status", "meant"),
    [
        ("SUCCESS", Succeeded("5000")),
        ("CLOSED", Declined("refunds.channel_closed")),
        ("PROCESSING", Unknown("the refund is on its way")),
    ],
)
def test_each_state_of_a_refund_is_understood(scripted, status, meant):
    assert refund(scripted.say(200, refunded(status))) == meant
    assert query_refund(scripted.say(200, refunded(status))) == meant


@pytest.mark.parametrize(
    "other",
    [{"status": "ABNORMAL"}, {"status": "LOST"}, {"out_refund_no": "x"}, {"out_trade_no": "x"}],
)
def test_a_refund_that_somebody_should_look_at_is_an_alert(scripted, other):
    assert query_refund(scripted.say(200, refunded(**other))).is_alert


def test_a_refund_of_another_amount_is_not_ours(scripted):
    amount = {"refund": 251, "total": 1250, "currency": "CNY"}
    assert refund(scripted.say(200, refunded(amount=amount))).is_alert


# --- launching ------------------------------------------------------------------------------


def test_a_page_and_an_app_are_launched_with_their_own_names(scripted):
    page = create(scripted.say(200, {"prepay_id": "wx1"}), Way.PAGE)
    app = create(scripted.say(200, {"prepay_id": "wx1"}), Way.APP)
    assert isinstance(page, Created)
    assert isinstance(app, Created)
    assert set(page.launch) == {
        "appId", "timeStamp", "nonceStr", "package", "signType", "paySign",
    }  # fmt: skip
    assert page.launch["package"] == "prepay_id=wx1"
    assert page.launch["signType"] == "RSA"
    assert set(app.launch) == {
        "appid", "partnerid", "prepayid", "package", "noncestr", "timestamp", "sign",
    }  # fmt: skip


def test_a_code_is_not_taken_for_a_page_nor_a_page_for_a_code(scripted):
    assert create(scripted.say(200, {"code_url": "weixin://x"}), Way.PAGE).is_alert
    assert create(scripted.say(200, {"prepay_id": "wx1"}), Way.SCAN).is_alert

"""Whatever Alipay, or whoever stands in the way, says: nothing is raised, nothing is made up."""

import io
import logging
import zipfile
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.channels.channel import (
    Bill,
    BillKind,
    Declined,
    Forged,
    NoBill,
    Notice,
    Reversed,
    Succeeded,
    Unknown,
    Way,
)
from server.channels.providers.alipay import bills
from server.sandbox.keys import Keys
from tests.unit.server.channels.alipay.bench import CODE, NUMBER, Bench, Scripted
from tests.unit.server.channels.alipay.test_bills import BACK, END, HEADER, PAID, TOP, packed

WORDS = st.sampled_from(
    ["10000", "10003", "20000", "40004", "40005", "ACQ.SYSTEM_ERROR", "ACQ.TRADE_NOT_EXIST", "Y",
     "N", "", "close", "refund", "TRADE_CLOSED", "TRADE_SUCCESS", "REFUND_SUCCESS", NUMBER, "12.50",
     "-1", "🍚", "}\\"]
) | st.text(max_size=5)  # fmt: skip
VALUES = st.none() | st.booleans() | st.integers() | WORDS | st.lists(WORDS, max_size=2)
NAMES = st.sampled_from(
    ["code", "sub_code", "out_trade_no", "trade_no", "trade_status", "total_amount", "retry_flag",
     "action", "fund_change", "refund_status", "out_request_no", "send_pay_date", "receipt_amount",
     "qr_code", "bill_download_url", "fund_bill_list"]
)  # fmt: skip
ANSWERS = st.dictionaries(NAMES, VALUES, max_size=8)
METHODS = {
    "pay": "alipay.trade.pay",
    "query": "alipay.trade.query",
    "reverse": "alipay.trade.cancel",
    "refund": "alipay.trade.refund",
    "query_refund": "alipay.trade.fastpay.refund.query",
}


@pytest.fixture(scope="module")
def scripted(keys: Keys) -> Scripted:
    return Scripted(keys)


def ask(scripted: Scripted, operation: str) -> Any:
    channel, now = scripted.channel, scripted.now
    if operation == "pay":
        return scripted.pay()
    if operation == "refund":
        return channel.refund(NUMBER, "r1", 100, 1250, now)
    if operation == "query_refund":
        return channel.query_refund(NUMBER, "r1", now)
    return getattr(channel, operation)(NUMBER, now)


@given(operation=st.sampled_from(sorted(METHODS)), content=ANSWERS)
def test_only_what_says_so_plainly_is_success(
    scripted: Scripted, operation: str, content: dict[str, Any]
) -> None:
    scripted.says.clear()
    scripted.say(METHODS[operation], content)
    # What a refund or a cancellation may ask next finds nobody
    scripted.fail(httpx.ReadTimeout("…"))
    said = ask(scripted, operation)
    if isinstance(said, Succeeded | Reversed):
        assert str(content["code"]) == "10000"
        assert str(content.get("out_trade_no") or NUMBER) == NUMBER
    if isinstance(said, Declined):
        assert str(content["code"]) not in ("10000", "10003", "20000")
    if isinstance(said, Unknown) and said.is_alert is False:
        assert said.why


@given(body=st.binary(max_size=60))
def test_bytes_from_nowhere_are_unknown(scripted: Scripted, body: bytes) -> None:
    for operation in METHODS:
        scripted.says.clear()
        scripted.say_bytes(body)
        assert isinstance(ask(scripted, operation), Unknown)


@given(content=ANSWERS)
def test_a_bill_s_address_may_be_anything(scripted: Scripted, content: dict[str, Any]) -> None:
    scripted.says.clear()
    scripted.say("alipay.data.dataservice.bill.downloadurl.query", content)
    scripted.say_bytes(b"PK")
    on = scripted.now.date()
    assert isinstance(scripted.channel.bill(BillKind.TRADE, on, scripted.now), NoBill | Bill)


@given(fields=st.dictionaries(NAMES | st.just("sign") | st.just("notify_time"), st.text()))
def test_a_form_from_nowhere_is_forged(scripted: Scripted, fields: dict[str, str]) -> None:
    body = urlencode(fields).encode()
    assert isinstance(scripted.channel.read_notice({}, body, scripted.now), Forged)


def test_no_changed_byte_of_a_notice_changes_what_it_says(bench: Bench) -> None:
    bench.charge()
    body = bench.notice()
    said = bench.read(body)
    assert isinstance(said, Notice)
    for place in range(len(body)):
        changed = bytearray(body)
        changed[place] ^= 1
        assert isinstance(bench.read(bytes(changed)), Forged), place


@given(place=st.integers(0, 10_000), bit=st.integers(0, 7), is_cut=st.booleans())
def test_a_changed_zip_is_damaged_or_says_the_same(place: int, bit: int, is_cut: bool) -> None:
    plain = packed("\r\n".join([TOP, HEADER, PAID, BACK, END]))
    with zipfile.ZipFile(io.BytesIO(plain)) as archive, io.BytesIO() as deflated:
        with zipfile.ZipFile(deflated, "w", zipfile.ZIP_DEFLATED) as made:
            made.writestr("明细.csv", archive.read("0.csv"))
        file = bytearray(deflated.getvalue())
    place %= len(file)
    if is_cut:
        del file[place:]
    else:
        file[place] ^= 1 << bit
    try:
        items = bills.read(BillKind.TRADE, bytes(file))
    except ValueError:
        return
    assert items == bills.read(BillKind.TRADE, plain)


def test_no_log_holds_a_code_a_key_or_what_was_signed(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    """A well-known gateway logs the text that it signs, secret and all."""
    caplog.set_level(logging.DEBUG)
    bench.charge()
    bench.open_order(Way.APP, number="a" * 32, payer="")
    bench.read(bench.notice())
    bench.channel.self_test(bench.now)
    text = caplog.text
    assert CODE not in text
    assert "biz_content" not in text
    assert bench.requests[0]["sign"][:20] not in text
    assert bench.sample.secrets["private_key"][40:80] not in text

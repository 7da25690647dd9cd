"""The peer by itself: what it lets in, how it signs, what it writes. openssl stands for merchants.

Nothing of the product's client is used here, so that a mistake of one is not excused by the other.
"""

import base64
import json
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from server.sandbox.books import Books
from server.sandbox.frame import Reply, Request, Seal, World
from server.sandbox.keys import Keys
from server.sandbox.wechat.peer import APPID, MCHID, PUBLIC_KEY_ID, Mode, WechatPeer
from tests.factories.clocks import StandingClock

NUMBER = "order0000001"
CHARGE = {
    "appid": APPID,
    "mchid": MCHID,
    "description": "午餐",
    "out_trade_no": NUMBER,
    "payer": {"auth_code": "134567890123456700"},
    "amount": {"total": 1250, "currency": "CNY"},
    "scene_info": {"store_info": {"out_id": "S1"}},
}


def openssl(*words: str, given: bytes = b"") -> bytes:
    return subprocess.run(
        ["openssl", *words], input=given, capture_output=True, check=True, timeout=30
    ).stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("wechat-peer")


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def peer(folder, clock) -> WechatPeer:
    drawn = iter(range(1 << 20))
    random = lambda count: next(drawn).to_bytes(count, "big")  # noqa: E731
    made = WechatPeer(World(Books(":memory:", clock.now), Keys(folder), clock.now, random))
    made.host = "http://wechat.test"
    return made


class Merchant:
    """Signs with openssl, as a merchant with a shell would."""

    def __init__(self, peer: WechatPeer, folder: Path, clock: StandingClock) -> None:
        self.peer, self.folder, self.clock, self.count = peer, folder, clock, 0
        pem = peer.account().settings["certificate"].encode()
        serial = openssl("x509", "-noout", "-serial", given=pem).decode().strip()
        self.serial = serial.removeprefix("serial=").lstrip("0")

    def request(self, method: str, target: str, body: bytes = b"", **changed: str) -> Request:
        self.count += 1
        stamp = changed.get("timestamp", str(int(self.clock.at.timestamp())))
        nonce = changed.get("nonce", f"NONCE{self.count:027d}")
        message = f"{method}\n{target}\n{stamp}\n{nonce}\n".encode() + body + b"\n"
        key = self.folder / "wechat-merchant.key.pem"
        raw = openssl("dgst", "-sha256", "-sign", str(key), given=message)
        signature = changed.get("signature", base64.b64encode(raw).decode())
        header = (
            f'WECHATPAY2-SHA256-RSA2048 mchid="{changed.get("mchid", MCHID)}",'
            f'serial_no="{changed.get("serial", self.serial)}",nonce_str="{nonce}",'
            f'timestamp="{stamp}",signature="{signature}"'
        )
        headers = {"authorization": header, "accept": "application/json", "user-agent": "curl"}
        return Request(method, target, headers, body)

    def post(self, path: str, content: object) -> Reply:
        return self.peer.answer(self.request("POST", path, json.dumps(content).encode()))

    def get(self, target: str) -> Reply:
        return self.peer.answer(self.request("GET", target))


@pytest.fixture
def merchant(peer, folder, clock) -> Merchant:
    return Merchant(peer, folder, clock)


def said(reply: Reply) -> dict:
    return json.loads(reply.body)


PAY = "/v3/pay/transactions/codepay"
ORDER = f"/v3/pay/transactions/out-trade-no/{NUMBER}?mchid={MCHID}"


def test_what_openssl_signed_is_let_in(merchant, peer):
    assert said(merchant.post(PAY, CHARGE))["trade_state"] == "SUCCESS"
    found = said(merchant.get(ORDER))
    assert found["transaction_id"] == peer.books.peek(NUMBER).reference
    assert found["amount"] == {
        "total": 1250, "currency": "CNY", "payer_total": 1250, "payer_currency": "CNY",
    }  # fmt: skip


@pytest.mark.parametrize(
    "changed",
    [
        {"mchid": "1900009999"},
        {"serial": "5F"},
        {"signature": "AAAA"},
        {"signature": "?"},
        {"timestamp": "1554208460"},
        {"timestamp": "now"},
    ],
)
def test_what_is_not_the_merchants_is_refused(merchant, peer, changed):
    reply = peer.answer(merchant.request("GET", ORDER, **changed))
    assert (reply.status, said(reply)["code"]) == (401, "SIGN_ERROR")


def test_a_request_changed_on_the_way_or_played_back_is_refused(merchant, peer):
    request = merchant.request("POST", PAY, json.dumps(CHARGE).encode())
    changed = json.dumps({**CHARGE, "amount": {"total": 1, "currency": "CNY"}}).encode()
    bad = Request(request.method, request.target, request.headers, changed)
    assert peer.answer(bad).status == 401
    assert peer.answer(request).status == 200
    assert "重放" in said(peer.answer(request))["message"]
    assert len(peer.books.orders()) == 1


@pytest.mark.parametrize("header", ["authorization", "accept", "user-agent"])
def test_a_request_without_its_headers_is_refused(merchant, peer, header):
    request = merchant.request("GET", ORDER)
    headers = {name: value for name, value in request.headers.items() if name != header}
    assert peer.answer(Request("GET", ORDER, headers, b"")).status in (400, 401)


@pytest.mark.parametrize(
    "changed",
    [
        {"mchid": "1900009999"},
        {"appid": "wx0"},
        {"out_trade_no": "a b"},
        {"out_trade_no": "x" * 33},
        {"amount": {"total": 12.5}},
        {"amount": {"total": 0}},
        {"amount": {"total": 100, "currency": "USD"}},
        {"payer": {"auth_code": "280000000000000000"}},
        {"payer": {}},
        {"scene_info": {}},
        {"description": ""},
    ],
)
def test_a_charge_that_is_not_as_documented_is_refused_and_charges_nothing(merchant, peer, changed):
    reply = merchant.post(PAY, {**CHARGE, **changed})
    assert (reply.status, said(reply)["code"]) == (400, "PARAM_ERROR")
    assert peer.books.orders() == []


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("asked", ["", PUBLIC_KEY_ID])
def test_answers_verify_with_openssl_in_every_mode(merchant, peer, folder, mode, asked):
    peer.mode = mode
    request = merchant.request("GET", ORDER)
    request.headers["wechatpay-serial"] = asked
    reply = peer.seal(request, peer.answer(request), Seal.RIGHT)
    is_public = mode is Mode.PUBLIC_KEY or (mode is Mode.GREY and asked != "")
    assert (reply.headers["Wechatpay-Serial"] == PUBLIC_KEY_ID) is is_public
    name = "wechat-public" if is_public else "wechat-platform"
    (folder / "public.pem").write_text(peer.keys.pair(name).public_pem)
    (folder / "signature").write_bytes(base64.b64decode(reply.headers["Wechatpay-Signature"]))
    message = (
        f"{reply.headers['Wechatpay-Timestamp']}\n{reply.headers['Wechatpay-Nonce']}\n".encode()
        + reply.body
        + b"\n"
    )
    verified = openssl(
        "dgst", "-sha256", "-verify", str(folder / "public.pem"), "-signature",
        str(folder / "signature"), given=message,
    )  # fmt: skip
    assert verified == b"Verified OK\n"


def test_an_answer_spoiled_on_request_has_no_or_another_signature(merchant, peer):
    request = merchant.request("GET", ORDER)
    reply = peer.answer(request)
    assert not peer.seal(request, reply, Seal.MISSING).headers
    right, wrong = (peer.seal(request, reply, seal) for seal in (Seal.RIGHT, Seal.WRONG))
    names = "Wechatpay-Serial"
    assert right.headers[names] == wrong.headers[names]
    assert right.headers["Wechatpay-Signature"] != wrong.headers["Wechatpay-Signature"]


def test_without_platform_certificates_asking_for_them_is_a_404(merchant, peer):
    peer.mode = Mode.PUBLIC_KEY
    reply = merchant.get("/v3/certificates")
    assert (reply.status, said(reply)["code"]) == (404, "RESOURCE_NOT_EXISTS")


def test_a_bill_link_dies_after_five_minutes(merchant, clock):
    merchant.post(PAY, CHARGE)
    clock.move(days=1)
    named = said(merchant.get("/v3/bill/tradebill?bill_date=2026-11-22"))
    target = named["download_url"].removeprefix("http://wechat.test")
    assert merchant.get(target).body.startswith("\ufeff交易时间".encode())
    clock.at += timedelta(minutes=5)
    assert merchant.get(target).status == 403


def test_the_sample_merchant_stays_the_same(folder, clock, peer):
    again = WechatPeer(World(Books(":memory:", clock.now), Keys(folder), clock.now, bytes))
    assert again.account() == peer.account()
    assert len(peer.account().secrets["api_v3_key"]) == 32

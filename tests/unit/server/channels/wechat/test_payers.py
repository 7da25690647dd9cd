"""Who pays on a page inside WeChat: told by its sign-in, or by nobody."""

from __future__ import annotations

import logging
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from server.channels.channel import Created, Way
from server.channels.providers.wechat.payers import Payers
from server.channels.signing_in import SignsIn
from server.sandbox.wechat.sign_in import OPENID
from tests.unit.server.channels.wechat.bench import Bench, open_channel

PAGE = "https://us.test/pay/abc"


def signed_in(bench: Bench) -> str:
    """Walk a phone to the sign-in and back; return the code it brings."""
    url = payers(bench).sign_in_url(PAGE).replace("state=", "state=s1")
    back = bench.kit.client.get(url)
    assert back.status_code == 302
    target = urlsplit(back.headers["location"])
    assert target.geturl().startswith(PAGE + "?")
    asked = parse_qs(target.query)
    assert asked["state"] == ["s1"]
    return asked["code"][0]


def payers(bench: Bench) -> SignsIn:
    assert isinstance(bench.channel, SignsIn)
    return bench.channel


def test_the_sign_in_asks_for_nothing_but_who_it_is_in_wechats_own_order() -> None:
    url = Payers("https://api.mch.weixin.qq.com", "wx1", "s").sign_in_url(PAGE)
    assert url == (
        "https://open.weixin.qq.com/connect/oauth2/authorize?appid=wx1"
        "&redirect_uri=https%3A%2F%2Fus.test%2Fpay%2Fabc&response_type=code&scope=snsapi_base"
        "&state=#wechat_redirect"
    )


def test_who_signed_in_opens_the_order_of_a_page(bench: Bench) -> None:
    openid = payers(bench).payer_of(signed_in(bench))
    assert openid == OPENID
    opened = bench.open_order(Way.PAGE)
    assert isinstance(opened, Created)
    assert opened.launch["package"].startswith("prepay_id=")


def test_a_code_works_once_and_for_five_minutes(bench: Bench) -> None:
    code = signed_in(bench)
    assert payers(bench).payer_of(code) == OPENID
    assert payers(bench).payer_of(code) == ""
    late = signed_in(bench)
    bench.clock.at += timedelta(minutes=5, seconds=1)
    assert payers(bench).payer_of(late) == ""
    assert payers(bench).payer_of("made up") == ""


def test_without_an_app_secret_nobody_is_sent_anywhere(bench: Bench) -> None:
    sample = bench.peer.account()
    plain = open_channel(sample, bench.kit, app_secret="")
    assert isinstance(plain, SignsIn)
    assert plain.sign_in_url(PAGE) == ""
    wrong = open_channel(sample, bench.kit, app_secret="x" * 32)
    assert isinstance(wrong, SignsIn)
    assert wrong.payer_of(signed_in(bench)) == ""


@pytest.mark.parametrize("said", ["broken", "not json", "a list", "a number for an openid"])
def test_whatever_comes_back_the_secret_stays_out_of_the_log(
    said: str, caplog: pytest.LogCaptureFixture
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if said == "broken":
            raise httpx.ReadTimeout(f"no answer from {request.url}", request=request)
        body = {"not json": "<html>", "a list": "[]", "a number for an openid": '{"openid": 7}'}
        return httpx.Response(200, text=body[said])

    caplog.set_level(logging.WARNING)
    with httpx.Client(transport=httpx.MockTransport(answer)) as client:
        found = Payers("http://wechat.test", "wx1", "top-secret").payer_of("c1", client)
    assert found == ""
    assert "top-secret" not in caplog.text
    assert "WeChat did not say who pays" in caplog.text

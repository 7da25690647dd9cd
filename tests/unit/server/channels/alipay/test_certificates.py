"""Alipay changes its certificate: the new one is fetched, believed for its issuer and its name."""

import base64
from dataclasses import replace
from datetime import timedelta

import pytest

from server.channels.channel import Forged, Notice, Succeeded, Unknown
from server.channels.providers.alipay.wire import CERTIFICATE, CERTIFICATE_TIMEOUT, TIMEOUT
from server.sandbox.alipay import gate
from server.sandbox.alipay.peer import CERTIFICATE_APP_ID, SELLER_ID, AlipayPeer
from server.sandbox.keys import Keys, certificate_pem
from tests.unit.server.channels.alipay.bench import Bench


@pytest.fixture
def changed(keys: Keys) -> Bench:
    bench = Bench(keys, has_certificates=True)
    bench.peer.change_certificate()
    return bench


def lie(bench: Bench, monkeypatch: pytest.MonkeyPatch, pem: str) -> None:
    """Let the peer give out another certificate than the one it signs under."""
    content = base64.b64encode(pem.encode()).decode()
    peer: AlipayPeer = bench.peer
    answer = {"code": "10000", "alipay_cert_content": content}
    methods = {**peer._methods, CERTIFICATE: lambda *_: answer}
    monkeypatch.setattr(peer, "_methods", methods)


def test_the_sale_goes_on_and_the_certificate_is_fetched_once(changed: Bench) -> None:
    assert isinstance(changed.charge(), Succeeded)
    assert isinstance(changed.query(), Succeeded)
    assert changed.methods() == ["alipay.trade.pay", CERTIFICATE, "alipay.trade.query"]


def test_notices_under_the_new_certificate_are_read_from_then_on(changed: Bench) -> None:
    changed.charge()
    assert isinstance(changed.read(changed.notice()), Notice)


def test_a_notice_alone_brings_no_certificate(changed: Bench, keys: Keys) -> None:
    changed.charge()
    fresh = changed.open()
    body = changed.notice()
    assert fresh.read_notice({}, body, changed.now) == Forged("signature is wrong")


def test_the_self_test_asks_for_the_new_file(changed: Bench) -> None:
    codes = [f.code for f in changed.channel.self_test(changed.now) if not f.is_right]
    assert codes == ["alipay.other_certificate"]


@pytest.mark.parametrize("name", ["merchant", "stranger", "expired", "rubbish"])
def test_a_certificate_that_is_not_alipay_s_is_not_believed(
    changed: Bench, keys: Keys, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    merchant = keys.certificate("some-merchant", common_name="2088x", issuer="alipay-root")
    keys.certificate("false-root", common_name="Sandbox Authority R1")
    forged = keys.certificate("false-alipay", common_name=SELLER_ID, issuer="false-root")
    genuine = changed.peer._our_crt
    pems = {
        "merchant": certificate_pem(merchant),
        "stranger": certificate_pem(forged) + certificate_pem(
            keys.certificate("false-root", common_name="Sandbox Authority R1")
        ),
        "expired": certificate_pem(genuine),
        "rubbish": "hello",
    }  # fmt: skip
    if name == "expired":
        changed.clock.at = genuine.not_valid_after_utc + timedelta(seconds=1)
    else:
        signer = {"merchant": merchant, "stranger": forged}.get(name, genuine)
        monkeypatch.setattr(changed.peer, "_our_crt", signer)
        app = changed.peer._apps[CERTIFICATE_APP_ID]
        changed.peer._apps[CERTIFICATE_APP_ID] = replace(app, alipay_cert_sn=gate.sn_of(signer))
        signs_with = {"merchant": "some-merchant", "stranger": "false-alipay"}.get(name)
        monkeypatch.setattr(changed.peer, "_signer", signs_with or "alipay-gateway-next")
    lie(changed, monkeypatch, pems[name])
    said = changed.charge()
    assert isinstance(said, Unknown)
    assert said.is_alert
    assert "another certificate" in said.why


def test_who_answers_under_false_names_cannot_keep_us_busy(
    changed: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    lie(changed, monkeypatch, "hello")
    for _ in range(3):
        assert isinstance(changed.query(), Unknown)
    assert changed.methods().count(CERTIFICATE) == 1
    changed.clock.move(minutes=1)
    changed.query()
    assert changed.methods().count(CERTIFICATE) == 2


def test_key_mode_fetches_nothing(bench: Bench) -> None:
    bench.peer.change_certificate()
    assert isinstance(bench.charge(), Succeeded)
    assert bench.methods() == ["alipay.trade.pay"]


def test_a_charge_with_its_certificate_stays_below_ten_seconds() -> None:
    stated = [*TIMEOUT.as_dict().values(), *CERTIFICATE_TIMEOUT.as_dict().values()]
    assert sum(seconds or 99 for seconds in stated) < 10

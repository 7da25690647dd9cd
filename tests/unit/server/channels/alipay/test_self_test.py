"""The self-test says exactly which key, certificate or number is wrong, if one is."""

from datetime import UTC, datetime

import httpx
import pytest

from domain.messages import is_known
from server.sandbox.faults import Fault, Operation
from server.sandbox.keys import Keys, certificate_pem
from tests.unit.server.channels.alipay.bench import Bench, Scripted


@pytest.fixture
def certified(keys: Keys) -> Bench:
    return Bench(keys, has_certificates=True)


def complaints(bench: Bench, drop: tuple[str, ...] = (), **more: str) -> list[str]:
    findings = bench.open(drop, **more).self_test(bench.now)
    codes = [finding.code for finding in findings if not finding.is_right]
    assert all(is_known(code) for code in codes)
    return codes


def test_a_right_account_has_nothing_to_complain_of(bench: Bench, certified: Bench) -> None:
    for one in (bench, certified):
        findings = one.channel.self_test(one.now)
        assert [finding for finding in findings if not finding.is_right] == []
        assert {"our_signature", "alipay_signature"} <= {finding.check for finding in findings}
        assert one.books.orders() == []


def test_our_own_public_key_in_alipay_s_place_is_named(bench: Bench) -> None:
    own = bench.peer.keys.pair("alipay-app").public_pem
    assert complaints(bench, alipay_public_key=own) == [
        "alipay.own_key_as_alipay",
        "alipay.alipay_key",
    ]


def test_another_key_in_alipay_s_place_is_named(bench: Bench) -> None:
    other = bench.peer.keys.pair("stranger").public_pem
    assert complaints(bench, alipay_public_key=other) == ["alipay.alipay_key"]


def test_a_private_key_that_is_not_registered_is_named(bench: Bench) -> None:
    other = bench.peer.keys.pair("stranger").private_pem
    assert complaints(bench, private_key=other) == ["alipay.signature_refused"]


def test_an_unknown_app_is_named_although_the_gateway_cannot_sign(bench: Bench) -> None:
    assert complaints(bench, app_id="2021999999999999") == ["alipay.app_unknown"]


def test_a_wrong_seller_is_named(bench: Bench) -> None:
    assert complaints(bench, seller_id="1900000109") == ["alipay.seller_id"]


def test_key_mode_for_an_app_with_certificates_is_named(certified: Bench) -> None:
    public = certified.peer.keys.pair("alipay-gateway").public_pem
    drop = ("app_certificate", "alipay_certificate", "root_certificate")
    assert complaints(certified, drop, alipay_public_key=public) == ["alipay.certificate_mode"]


def test_each_wrong_certificate_is_named(certified: Bench) -> None:
    keys = certified.peer.keys
    other = certificate_pem(keys.certificate("other-app", common_name="x", issuer="alipay-root"))
    root = certificate_pem(keys.certificate("other-root", common_name="Other"))
    assert complaints(certified, app_certificate=other) == [
        "alipay.app_certificate_not_ours",
        "alipay.app_certificate_refused",
    ]
    assert complaints(certified, root_certificate=root) == [
        "alipay.certificate_not_of_root",
        "alipay.root_certificate_refused",
    ]
    assert complaints(certified, alipay_certificate=other) == ["alipay.other_certificate"]
    own = certified.sample.settings["app_certificate"]
    assert complaints(certified, alipay_certificate=own) == [
        "alipay.own_certificate_as_alipay",
        "alipay.other_certificate",
    ]


def test_a_certificate_that_is_about_to_end_is_named(certified: Bench) -> None:
    until = datetime(2033, 12, 1, tzinfo=UTC)
    certified.clock.at = until
    assert complaints(certified) == ["alipay.certificate_expires", "alipay.certificate_expires"]


def test_no_answer_is_no_answer(keys: Keys) -> None:
    scripted = Scripted(keys)
    for problem in (httpx.ConnectError("…"), httpx.ReadTimeout("…")):
        findings = scripted.fail(problem).channel.self_test(scripted.now)
        assert [f.code for f in findings if not f.is_right] == ["alipay.unreachable"]


@pytest.mark.parametrize(
    ("sub_code", "code"),
    [
        ("isv.missing-signature-key", "alipay.key_not_registered"),
        ("isv.invalid-timestamp", "alipay.clock"),
        ("isv.insufficient-isv-permissions", "alipay.no_permission"),
        ("isv.something-new", "alipay.refused"),
    ],
)
def test_what_the_gateway_says_is_put_into_advice(keys: Keys, sub_code: str, code: str) -> None:
    scripted = Scripted(keys)
    scripted.say("alipay.trade.query", {"code": "40002", "sub_code": sub_code})
    findings = scripted.channel.self_test(scripted.now)
    assert [f.code for f in findings if not f.is_right] == [code]


@pytest.mark.parametrize("fault", [Fault.UNSIGNED, Fault.BADLY_SIGNED])
def test_an_answer_that_is_not_alipay_s_is_found(bench: Bench, fault: Fault) -> None:
    bench.let(fault, Operation.QUERY)
    assert complaints(bench) == ["alipay.alipay_key"]

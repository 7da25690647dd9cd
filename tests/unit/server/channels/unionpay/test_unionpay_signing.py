"""Signatures against openssl, certificates of strangers, and answers that are none."""

import base64
import ssl
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from hypothesis import given
from hypothesis import strategies as st

from server.channels.channel import (
    Declined,
    Finding,
    Forged,
    NoBill,
    Notice,
    Succeeded,
    Unknown,
)
from server.channels.providers.unionpay import answers, bills, signing
from server.channels.providers.unionpay.provider import PROVIDER
from server.sandbox.faults import Fault, Operation
from server.sandbox.frame import Posting, Tampering
from server.sandbox.keys import Keys
from server.sandbox.unionpay.peer import UnionPayPeer
from tests.unit.server.channels.peer_bench import NOON, NUMBER, REFUND, Bench
from tests.unit.server.channels.unionpay.published import NOTICE

CODE = "6212345678901234500"
FIELDS = {"txnType": "01", "orderId": "A1", "empty": "", "txnAmt": "100", "reserved": "{a=1&b=2}"}
TEXT = b"certId=7&orderId=A1&reserved={a=1&b=2}&signMethod=01&txnAmt=100&txnType=01"


def test_a_form_is_signed_as_openssl_would(keys: Keys, tmp_path: Path):
    pem = tmp_path / "key.pem"
    pem.write_text(keys.pair("merchant").private_pem)
    (tmp_path / "text").write_bytes(TEXT)
    hashed = subprocess.run(
        ["openssl", "dgst", "-sha256", "-r", tmp_path / "text"],
        capture_output=True, check=True, timeout=20,
    ).stdout.split()[0]  # fmt: skip
    (tmp_path / "hex").write_bytes(hashed)
    wanted = subprocess.run(
        ["openssl", "dgst", "-sha256", "-sign", pem, tmp_path / "hex"],
        capture_output=True, check=True, timeout=20,
    ).stdout  # fmt: skip
    signed = signing.sign(FIELDS, signing.Signer(keys.pair("merchant").private, "7"))
    assert base64.b64decode(signed["signature"]) == wanted
    assert signing.digest(signed) == hashed


def test_an_answers_signature_is_openssls(bench: Bench, tmp_path: Path):
    bench.pay(CODE)
    fields = signing.read_answer(bench.kit.kept[-1].answer)
    (tmp_path / "crt").write_text(fields["signPubKeyCert"])
    public = subprocess.run(
        ["openssl", "x509", "-pubkey", "-noout", "-in", tmp_path / "crt"],
        capture_output=True, check=True, timeout=20,
    ).stdout  # fmt: skip
    (tmp_path / "pub").write_bytes(public)
    (tmp_path / "sig").write_bytes(base64.b64decode(fields["signature"]))
    (tmp_path / "hex").write_bytes(signing.digest(fields))
    check = ["openssl", "dgst", "-sha256", "-verify", "pub", "-signature", "sig", "hex"]
    said = subprocess.run(check, check=True, timeout=20, cwd=tmp_path, capture_output=True)
    assert said.stdout.strip() == b"Verified OK"


def test_the_published_notice_is_unionpays():
    fields = signing.read_form(NOTICE)
    leaf = signing.certificate(fields["signPubKeyCert"])
    assert signing.name_of(leaf) == "00040000:SIGN"
    raw = base64.b64decode(fields["signature"])
    check = signing.key_of(leaf).verify
    check(raw, signing.digest(fields), padding.PKCS1v15(), hashes.SHA256())
    with pytest.raises(InvalidSignature):
        check(raw, signing.digest({**fields, "txnAmt": "137"}), padding.PKCS1v15(), hashes.SHA256())


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
@pytest.mark.parametrize("bit", range(8))
def test_a_certificate_that_is_damaged_anywhere_is_a_flaw(bench: Bench, bit: int):
    bench.pay(CODE)
    fields = signing.read_answer(bench.kit.kept[-1].answer)
    trust = bench.channel._wire._trust
    assert signing.flaw(fields, trust, NOON) is None
    whole = ssl.PEM_cert_to_DER_cert(fields["signPubKeyCert"])
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << bit
        pem = ssl.DER_cert_to_PEM_cert(bytes(damaged))
        assert signing.flaw({**fields, "signPubKeyCert": pem}, trust, NOON), place


@pytest.mark.parametrize("hash", ["-sha1", "-sha256"])
def test_an_issuer_counts_also_when_it_signs_with_sha1_as_unionpays_does(hash: str, tmp_path: Path):
    def run(*words: str) -> None:
        subprocess.run(
            ["openssl", *words], check=True, timeout=20, cwd=tmp_path, capture_output=True
        )

    make = ("req", "-newkey", "rsa:2048", "-nodes")
    run(*make, "-x509", hash, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=ca")
    run(*make, "-x509", hash, "-keyout", "x.key", "-out", "x.pem", "-subj", "/CN=ca")
    run(*make, "-keyout", "l.key", "-out", "l.csr", "-subj", "/CN=041@a@b@1")
    run("x509", "-req", "-in", "l.csr", "-CA", "ca.pem", "-CAkey", "ca.key", hash,
        "-set_serial", "7", "-out", "l.pem")  # fmt: skip
    leaf, issuer, stranger = (
        signing.certificate((tmp_path / name).read_text()) for name in ("l.pem", "ca.pem", "x.pem")
    )
    assert signing.is_issued(leaf, issuer)
    assert not signing.is_issued(leaf, stranger)
    assert not signing.is_issued(issuer, leaf)


def test_a_notice_of_a_failure_says_what_a_query_would(bench: Bench):
    bench.pay(CODE)
    bench.faults.ask(Operation.REFUND, Fault.REFUND_FAILS)
    bench.refund(34)
    bench.pass_time(seconds=130)
    bench.peer.books.settle()
    read = bench.read(bench.notice())
    assert isinstance(read, Notice)
    assert read.said == Declined("refunds.channel_payer_gone")


def test_an_answer_is_read_as_it_is_written():
    body = b"respCode=00&respMsg=ok+%2B&reserved={a=1&b=[2&3]}&signature=ab+/=="
    assert signing.read_answer(body) == {
        "respCode": "00",
        "respMsg": "ok+%2B",
        "reserved": "{a=1&b=[2&3]}",
        "signature": "ab+/==",
    }
    assert signing.read_answer(b"{respCode=00}") == {"respCode": "00"}


@pytest.mark.parametrize("body", [b"", b"<html>", b"a=1&a=2", b"=1", b"\xff", b"a&b=1"])
def test_what_is_no_answer_is_refused(body: bytes):
    with pytest.raises(ValueError):
        signing.read_answer(body)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(body: bytes):
    for read in (signing.read_answer, signing.read_form):
        with suppress(ValueError):
            assert isinstance(read(body), dict)


@given(st.dictionaries(st.text(max_size=12), st.text(max_size=20)))
def test_no_fields_make_a_signature(bench_trust: signing.Trust, fields: dict[str, str]):
    assert signing.flaw({**fields, "signMethod": "01"}, bench_trust, NOON) is not None


@pytest.fixture(scope="session")
def bench_trust(keys: Keys) -> signing.Trust:
    settings = Bench(PROVIDER, UnionPayPeer, keys).peer.account().settings
    return signing.Trust(
        signing.certificate(settings["root_certificate"]),
        signing.certificate(settings["middle_certificate"]),
    )


@pytest.mark.parametrize("code", [f"{n:02d}" for n in range(100)] + ["ZZ", "", "A6"])
def test_only_explicit_words_are_success_or_failure(code: str):
    asked = {"respCode": "00", "origRespCode": code}
    said = answers.pay_state(asked)
    assert isinstance(said, Succeeded) == (code in ("00", "A6"))
    assert isinstance(answers.refund_state(asked), Succeeded) == (code in ("00", "A6"))
    # Money that moved although the order failed, and codes of nobody, are for a person
    if code in ("42", "74", "75", "ZZ", "", "07"):
        assert said == Unknown(f"answered {code!r}", is_alert=True)
    if code in ("03", "04"):
        assert said == Unknown(f"answered {code!r}")
    # A query that fails says nothing about the payment
    refused = answers.pay_state({"respCode": code, "origRespCode": "00"})
    assert isinstance(refused, Succeeded) == (code == "00")


def test_a_notice_of_a_payment_is_read(bench: Bench):
    said = bench.pay(CODE)
    read = bench.read(bench.notice())
    assert isinstance(read, Notice)
    assert (read.number, read.amount, read.said) == (NUMBER, 1234, said)
    assert bench.read(bench.notice()).id == read.id
    assert bench.channel.answer_notice(is_taken=True).status == 200
    assert bench.channel.answer_notice(is_taken=False).status == 500


def test_a_notice_of_a_refund_names_both_numbers(bench: Bench):
    bench.pay(CODE)
    bench.refund(34)
    read = bench.read(bench.notice())
    assert isinstance(read, Notice)
    assert (read.number, read.refund_number, read.amount) == (NUMBER, REFUND, 34)
    assert isinstance(read.said, Succeeded)


@pytest.mark.parametrize(
    ("tampering", "why"),
    [
        (Tampering.FORGED, "the signature is wrong"),
        (Tampering.UNSIGNED, "not signed"),
        (Tampering.WRONG_APP, "for another merchant"),
        (Tampering.STALE, "the certificate is not valid now"),
    ],
)
def test_a_notice_that_is_not_unionpays_to_us_is_forged(
    bench: Bench, tampering: Tampering, why: str
):
    bench.pay(CODE)
    assert bench.read(bench.notice(tampering)) == Forged(why)


def test_a_wrong_amount_is_told_as_it_is(bench: Bench):
    bench.pay(CODE)
    assert bench.read(bench.notice(Tampering.WRONG_AMOUNT)).amount == 1235


@given(st.binary(max_size=200))
def test_any_body_is_a_forgery(bench_channel: Bench, body: bytes):
    assert isinstance(bench_channel.read(Posting({}, body)), Forged)


@pytest.fixture(scope="session")
def bench_channel(keys: Keys) -> Bench:
    return Bench(PROVIDER, UnionPayPeer, keys)


def test_one_changed_byte_is_noticed(bench: Bench):
    bench.pay(CODE)
    posting = bench.notice()
    changed = posting.body.replace(b"txnAmt=1234", b"txnAmt=1233")
    assert changed != posting.body
    assert bench.read(Posting(posting.headers, changed)) == Forged("the signature is wrong")


def test_a_certificate_of_the_right_issuer_for_somebody_else_does_not_count(bench: Bench):
    bench.pay(CODE)
    bench.channel = bench.open(signer="某某科技有限公司")
    assert bench.read(bench.notice()) == Forged("the certificate is made out to somebody else")


def test_a_certificate_of_another_issuer_does_not_count(bench: Bench):
    bench.pay(CODE)
    bench.channel = bench.open(middle_certificate=bench.peer.account().settings["certificate"])
    assert bench.read(bench.notice()) == Forged("the certificate is not of UnionPay's issuer")


def test_a_clearing_list_survives_nothing_that_is_not_one():
    for file in (b"x", b"S22" + b"\xff" * 800):
        with pytest.raises(bills._Damaged):
            bills.read_lines(file, NOON.date())


@given(st.binary(max_size=900))
def test_any_clearing_list_is_read_or_damaged(file: bytes):
    with suppress(bills._Damaged):
        assert isinstance(bills.read_lines(file, NOON.date()), list)


@given(st.text(alphabet="ABCabc0123456789+/=", max_size=60))
def test_any_content_is_damaged(content: str):
    said = bills.read_bill({"respCode": "00", "fileContent": content}, NOON.date(), NOON)
    assert isinstance(said, NoBill)
    assert said.code == "bills.damaged"


def wrong(findings: Sequence[Finding]) -> dict[str, str]:
    return {finding.check: finding.code for finding in findings if not finding.is_right}


def test_a_healthy_account_passes_its_self_test(bench: Bench):
    findings = bench.channel.self_test(bench.now)
    assert len(findings) == 5
    assert wrong(findings) == {}


def test_a_strangers_key_is_named(bench: Bench, keys: Keys):
    channel = bench.open(private_key=keys.pair("stranger").private_pem)
    assert wrong(channel.self_test(bench.now)) == {
        "key": "unionpay.key_not_certificates",
        "exchange": "unionpay.signature_refused",
    }


def test_a_wrong_root_or_middle_is_named(bench: Bench):
    settings = bench.peer.account().settings
    channel = bench.open(root_certificate=settings["certificate"])
    assert wrong(channel.self_test(bench.now)) == {"middle": "unionpay.middle_not_roots"}
    channel = bench.open(middle_certificate=settings["root_certificate"])
    assert wrong(channel.self_test(bench.now)) == {"exchange": "unionpay.unsigned"}


def test_expired_certificates_are_named(bench: Bench):
    found = wrong(bench.channel.self_test(bench.now + timedelta(days=9000)))
    assert found["certificate"] == "unionpay.certificate_expired"
    assert found["root"] == "unionpay.root_expired"


def test_a_gateway_that_is_not_there_or_refuses_is_told(bench: Bench):
    bench.faults.ask(Operation.QUERY, Fault.LOST_REQUEST)
    assert wrong(bench.channel.self_test(bench.now)) == {"exchange": "unionpay.unreachable"}
    bench.faults.ask(Operation.QUERY, Fault.RATE_LIMITED)
    assert wrong(bench.channel.self_test(bench.now)) == {"exchange": "unionpay.refused"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("merchant", ""),
        ("certificate", "x"),
        ("root_certificate", ""),
        ("middle_certificate", "-----BEGIN CERTIFICATE-----"),
        ("private_key", "x"),
    ],
)
def test_an_account_with_a_bad_setting_says_which(bench: Bench, name: str, text: str):
    with pytest.raises(ValueError, match=name):
        bench.open(None, **{name: text})

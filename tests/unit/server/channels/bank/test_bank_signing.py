"""The link's signatures against openssl, notices, strangers, statements, the self-test."""

import base64
import json
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.channels.channel import Declined, Finding, Forged, Notice, Succeeded
from server.channels.providers.bank import answers, bills, signing
from server.channels.providers.bank.nonces import LIMIT, Nonces
from server.channels.providers.bank.provider import PROVIDER
from server.channels.providers.bank.wire import Answer
from server.sandbox.bank.peer import BankPeer
from server.sandbox.faults import Fault, Operation
from server.sandbox.frame import Posting, Request, Tampering
from server.sandbox.keys import Keys
from tests.unit.server.channels.peer_bench import NUMBER, REFUND, Bench

CODE = "88123456789012345600"


def test_a_request_is_signed_as_openssl_would(keys: Keys, tmp_path: Path):
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    text = f"bank-link/1\nrequest\nGET\n/bank-link/v1/echo\nm1\n1700000000\n00ff\n{empty}\n"
    message = signing.request_message("GET", "/bank-link/v1/echo", "m1", "1700000000", "00ff", b"")
    assert message == text.encode()
    (tmp_path / "key.pem").write_text(keys.pair("merchant").private_pem)
    (tmp_path / "text").write_bytes(message)
    wanted = subprocess.run(
        ["openssl", "dgst", "-sha256", "-sign", tmp_path / "key.pem", tmp_path / "text"],
        capture_output=True, check=True, timeout=20,
    ).stdout  # fmt: skip
    signed = signing.sign(keys.pair("merchant").private, message)
    assert base64.b64decode(signed) == wanted
    assert signing.is_signed(keys.pair("merchant").public, message, signed)


def test_what_openssl_signed_is_verified(keys: Keys, tmp_path: Path):
    (tmp_path / "key.pem").write_text(keys.pair("bank").private_pem)
    message = signing.answer_message("00ff", 200, "b1", "1700000000", b"{}")
    (tmp_path / "text").write_bytes(message)
    raw = subprocess.run(
        ["openssl", "dgst", "-sha256", "-sign", tmp_path / "key.pem", tmp_path / "text"],
        capture_output=True, check=True, timeout=20,
    ).stdout  # fmt: skip
    signature = base64.b64encode(raw).decode()
    assert signing.is_signed(keys.pair("bank").public, message, signature)
    assert not signing.is_signed(keys.pair("bank").public, message + b"\n", signature)
    assert not signing.is_signed(keys.pair("stranger").public, message, signature)
    assert not signing.is_signed(keys.pair("bank").public, message, "?")


def test_a_keys_id_is_that_of_its_der_form(keys: Keys, tmp_path: Path):
    (tmp_path / "key.pem").write_text(keys.pair("bank").public_pem)
    der = subprocess.run(
        ["openssl", "pkey", "-pubin", "-in", tmp_path / "key.pem", "-outform", "DER"],
        capture_output=True, check=True, timeout=20,
    ).stdout  # fmt: skip
    hashed = subprocess.run(
        ["openssl", "dgst", "-sha256", "-r"], input=der, capture_output=True, check=True, timeout=20
    ).stdout
    assert signing.key_id(keys.pair("bank").public) == hashed[:16].decode()


def test_a_request_that_is_sent_twice_is_refused_by_the_bank(bench: Bench):
    bench.query()
    sent = bench.requests[-1]
    headers = {name.lower(): value for name, value in sent.headers.items()}
    request = Request("GET", sent.url.raw_path.decode(), headers, b"")
    assert b"replayed" in bench.peer.answer(request).body
    bench.pass_time(minutes=6)
    assert b"stale" in bench.peer.answer(request).body


def test_our_clock_is_told_to_be_wrong(bench: Bench):
    from datetime import timedelta

    found = bench.channel.self_test(bench.now + timedelta(minutes=6))
    assert wrong(found) == {"exchange": "bank.unsigned"}


def test_a_notice_is_read_once(bench: Bench):
    said = bench.pay(CODE)
    posting = bench.notice()
    read = bench.read(posting)
    assert isinstance(read, Notice)
    assert (read.number, read.amount, read.said) == (NUMBER, 1234, said)
    assert bench.read(posting) == Forged("seen before", is_replay=True)
    again = bench.read(bench.notice())
    assert isinstance(again, Notice)
    assert again.id == read.id


def test_a_notice_of_a_refund_names_both_numbers(bench: Bench):
    bench.pay(CODE)
    bench.faults.ask(Operation.REFUND, Fault.REFUND_FAILS)
    bench.refund(34)
    bench.pass_time(seconds=130)
    bench.peer.books.settle()
    read = bench.read(bench.notice())
    assert isinstance(read, Notice)
    assert (read.number, read.refund_number, read.amount) == (NUMBER, REFUND, 34)
    assert read.said == Declined("refunds.channel_payer_gone")


@pytest.mark.parametrize(
    ("tampering", "why"),
    [
        (Tampering.FORGED, "the signature is wrong"),
        (Tampering.UNSIGNED, "not signed"),
        (Tampering.WRONG_APP, "for another merchant"),
        (Tampering.STALE, "signed at another time"),
    ],
)
def test_a_notice_that_is_not_the_banks_to_us_is_forged(
    bench: Bench, tampering: Tampering, why: str
):
    bench.pay(CODE)
    assert bench.read(bench.notice(tampering)) == Forged(why)


def test_a_wrong_amount_is_told_as_it_is(bench: Bench):
    bench.pay(CODE)
    assert bench.read(bench.notice(Tampering.WRONG_AMOUNT)).amount == 1235


def test_the_answer_to_a_notice_is_204_or_asks_again(bench: Bench):
    assert bench.channel.answer_notice(is_taken=True).status == 204
    assert bench.channel.answer_notice(is_taken=False).status == 500


@pytest.mark.parametrize(
    "change",
    [
        {"amount": "12"}, {"amount": True}, {"amount": -1}, {"currency": "USD"}, {"id": None},
        {"merchant": "x"},
    ],
)  # fmt: skip
def test_a_notice_that_lacks_something_is_forged(
    bench: Bench, keys: Keys, change: dict[str, object]
):
    said = {"id": "1", "merchant": "canteen-0001", "number": NUMBER, "state": "paid",
            "reference": "r", "amount": 1, "currency": "CNY"}  # fmt: skip
    assert isinstance(bench.read(posted(bench, keys, json.dumps(said).encode())), Notice)
    body = json.dumps({**said, **change}).encode()
    assert isinstance(bench.read(posted(bench, keys, body)), Forged)


def posted(bench: Bench, keys: Keys, body: bytes) -> Posting:
    """Sign anything at all as the bank would."""
    at, nonce = str(int(bench.now.timestamp())), bench.draw(16).hex()
    message = signing.notice_message("sandbox-bank", at, nonce, body)
    pair = keys.pair("bank")
    stamp = signing.Stamp("sandbox-bank", signing.key_id(pair.public), at, nonce,
                          signing.sign(pair.private, message))  # fmt: skip
    return Posting(signing.headers(stamp), body)


@pytest.fixture(scope="session")
def one_bench(keys: Keys) -> Bench:
    return Bench(PROVIDER, BankPeer, keys)


@given(body=st.binary(max_size=200))
def test_any_body_is_a_forgery_even_signed(one_bench: Bench, keys: Keys, body: bytes):
    assert isinstance(one_bench.read(posted(one_bench, keys, body)), Forged)


@given(
    said=st.dictionaries(
        st.sampled_from(["number", "amount", "currency", "state", "reason", "reference", "code"]),
        st.one_of(st.none(), st.integers(), st.text(max_size=5), st.sampled_from(["paid", "CNY"])),
    ),
    status=st.sampled_from([200, 201, 400, 404, 409, 422, 429, 500, 503]),
)
def test_no_answer_but_the_right_one_is_success(said: dict[str, object], status: int):
    answer = Answer(status, b"", said)
    outcome = answers.order_state(answer, NUMBER, 1234)
    assert not isinstance(outcome, Succeeded)
    assert not isinstance(answers.refund_state(answer, REFUND, 5), Succeeded)
    assert not isinstance(answers.mandate_state(answer, "m"), Succeeded)


def test_nonces_are_forgotten_when_they_are_stale(bench: Bench):
    from datetime import timedelta

    nonces = Nonces()
    assert nonces.take("a", bench.now)
    assert not nonces.take("a", bench.now + timedelta(minutes=9))
    assert nonces.take("a", bench.now + timedelta(minutes=11))
    assert LIMIT >= 1000


STATEMENT = (
    "type,number,reference,refund_number,refund_reference,amount,fee,currency,status,posted_at\n"
    "payment,n1,r1,,,100,1,CNY,posted,2026-03-04T12:00:00+08:00\n"
    "total,1,,,,100,1,CNY,,\n"
)


def test_a_statement_is_read_by_its_header_with_strange_columns_too():
    assert len(bills.read_lines(STATEMENT.encode())) == 1
    wider = STATEMENT.replace("type,", "new,type,").replace("\npay", "\nx,pay")
    assert bills.read_lines(wider.replace("\ntotal", "\n,total").encode())[0].number == "n1"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("total,1", "total,2"), ("total,1,,,,100", "total,1,,,,101"), ("total", "payment"),
        ("fee,", ""), ("posted_at", "when"), ("T12:00:00+08:00", ""), ("+08:00", ""),
        ("100,1,CNY,posted", "1.0,1,CNY,posted"), ("payment", "gift"), (",posted,", ","),
        ("payment", '"payment'),
    ],
)  # fmt: skip
def test_a_damaged_statement_is_refused(old: str, new: str):
    changed = STATEMENT.replace(old, new, 1)
    assert changed != STATEMENT
    with pytest.raises(bills._Damaged):
        bills.read_lines(changed.encode())


@given(st.binary(max_size=300))
def test_any_statement_is_read_or_damaged(file: bytes):
    with suppress(bills._Damaged):
        assert isinstance(bills.read_lines(file), list)
    with suppress(bills._Damaged):
        assert isinstance(bills.read_lines(STATEMENT.encode() + file), list)


def wrong(findings: Sequence[Finding]) -> dict[str, str]:
    return {finding.check: finding.code for finding in findings if not finding.is_right}


def test_a_healthy_account_passes_its_self_test(bench: Bench):
    findings = bench.channel.self_test(bench.now)
    assert len(findings) == 3
    assert wrong(findings) == {}


def test_the_wrong_key_is_named(bench: Bench, keys: Keys):
    ours = keys.pair("merchant")
    channel = bench.open(private_key=keys.pair("stranger").private_pem)
    assert wrong(channel.self_test(bench.now)) == {"exchange": "bank.signature_refused"}
    channel = bench.open(bank_key=ours.public_pem)
    assert wrong(channel.self_test(bench.now)) == {
        "bank_key": "bank.own_key_as_banks",
        "exchange": "bank.unsigned",
    }
    channel = bench.open(bank_key=keys.pair("stranger").public_pem)
    assert wrong(channel.self_test(bench.now)) == {"exchange": "bank.unsigned"}
    channel = bench.open(bank="other-bank")
    assert wrong(channel.self_test(bench.now)) == {"exchange": "bank.unsigned"}


def test_a_bank_that_is_not_there_or_refuses_is_told(bench: Bench):
    bench.faults.ask(Operation.OTHER, Fault.LOST_REQUEST)
    assert wrong(bench.channel.self_test(bench.now)) == {"exchange": "bank.unreachable"}
    bench.faults.ask(Operation.OTHER, Fault.RATE_LIMITED)
    assert wrong(bench.channel.self_test(bench.now)) == {"exchange": "bank.refused"}


@pytest.mark.parametrize(
    ("name", "text"),
    [("merchant", ""), ("bank", "a b"), ("bank_key", "x"), ("private_key", "")],
)
def test_an_account_with_a_bad_setting_says_which(bench: Bench, name: str, text: str):
    with pytest.raises(ValueError, match=name):
        bench.open(None, **{name: text})

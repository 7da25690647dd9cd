"""What WeChat Pay calls to say: taken when it is authentic, recent, new and for us."""

import json
from datetime import timedelta

import pytest

from server.channels.channel import Declined, Forged, Notice, Succeeded, Unknown
from server.channels.providers.wechat.notices import Nonces
from server.sandbox.faults import Fault, Operation
from server.sandbox.frame import Posting, Tampering
from server.sandbox.wechat.peer import Mode
from tests.factories.clocks import NOON
from tests.unit.server.channels.wechat.bench import NUMBER, REFUND, Bench, open_channel


@pytest.fixture
def paid(bench):
    bench.open_order()
    bench.books.pay_open(NUMBER)
    return bench


def posting(bench: Bench, tampering: Tampering = Tampering.NONE, index: int = 0) -> Posting:
    return bench.peer.compose(bench.books.events.all()[index], tampering)


def read(bench: Bench, posted: Posting):
    headers = {name.lower(): value for name, value in posted.headers.items()}
    return bench.channel.read_notice(headers, posted.body, bench.now)


def test_a_payment_is_told_with_its_amount(paid):
    told = read(paid, posting(paid))
    assert isinstance(told, Notice)
    reference = paid.books.peek(NUMBER).reference
    assert (told.number, told.amount, told.said) == (NUMBER, 1250, Succeeded(reference))
    assert told.refund_number == ""


def test_a_repeat_is_the_same_notice_and_passes(paid):
    first, second = read(paid, posting(paid)), read(paid, posting(paid))
    assert first == second
    assert isinstance(second, Notice)


def test_the_same_bytes_a_second_time_are_a_replay(paid):
    posted = posting(paid)
    assert isinstance(read(paid, posted), Notice)
    assert read(paid, posted) == Forged("replayed", is_replay=True)


@pytest.mark.parametrize(
    ("tampering", "why"),
    [
        (Tampering.FORGED, "signature is wrong"),
        (Tampering.UNSIGNED, "not signed"),
        (Tampering.STALE, "time"),
        (Tampering.WRONG_APP, "another merchant"),
    ],
)
def test_a_notice_that_is_not_wechats_or_not_for_us_is_forged(paid, tampering, why):
    told = read(paid, posting(paid, tampering))
    assert isinstance(told, Forged)
    assert why in told.why


def test_a_forged_notice_does_not_use_up_the_nonce_of_the_true_one(paid):
    posted = posting(paid)
    assert read(paid, Posting(posted.headers, posted.body + b" ")) == Forged("signature is wrong")
    assert isinstance(read(paid, posted), Notice)


def test_a_notice_is_refused_once_its_time_is_over(paid):
    posted = posting(paid)
    paid.clock.move(minutes=5, seconds=1)
    assert isinstance(read(paid, posted), Forged)


def test_an_amount_that_is_not_the_orders_is_told_as_it_was_said(paid):
    told = read(paid, posting(paid, Tampering.WRONG_AMOUNT))
    assert isinstance(told, Notice)
    assert told.amount == 1251


def test_a_success_told_after_the_order_was_closed_here_is_still_told(paid):
    """Whoever books it decides; a late success must not vanish on the way."""
    paid.reverse()
    assert isinstance(read(paid, posting(paid)), Notice)


@pytest.mark.parametrize("mode", list(Mode))
def test_notices_are_read_in_every_mode(keys, mode):
    bench = Bench(keys, mode)
    for index, number in enumerate((NUMBER, "e" * 32)):
        bench.open_order(number=number)
        bench.books.pay_open(number)
        assert isinstance(read(bench, posting(bench, index=index)), Notice)


def test_a_merchant_without_a_public_key_refuses_what_is_signed_with_one(keys):
    bench = Bench(keys, Mode.PUBLIC_KEY)
    bench.open_order()
    bench.books.pay_open(NUMBER)
    bench.channel = open_channel(bench.peer.account(), bench.kit, ("public_key", "public_key_id"))
    told = read(bench, posting(bench))
    assert isinstance(told, Forged)
    assert "unknown key" in told.why


@pytest.mark.parametrize(
    ("fault", "said"),
    [(Fault.REFUND_PENDING, Succeeded), (Fault.REFUND_FAILS, Declined)],
)
def test_a_refund_is_told_when_it_is_through(bench, fault, said):
    bench.charge()
    bench.let(fault, Operation.REFUND)
    assert isinstance(bench.channel.refund(NUMBER, REFUND, 250, 1250, bench.now), Unknown)
    bench.clock.move(minutes=3)
    bench.books.settle()
    told = read(bench, posting(bench))
    assert isinstance(told, Notice)
    assert (told.number, told.refund_number, told.amount) == (NUMBER, REFUND, 250)
    assert isinstance(told.said, said)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"{}", b"null", b'{"event_type":1,"resource":[]}',
        b'{"event_type":"TRANSACTION.SUCCESS","resource":{"algorithm":"x"}}',
    ],
)  # fmt: skip
def test_signed_nonsense_is_refused_quietly(keys, bench, body):
    headers = bench.peer._signed(body, is_public=True, is_right=True)
    assert isinstance(read(bench, Posting(headers, body)), Forged)


def test_a_wrong_api_key_cannot_open_a_notice(paid):
    paid.peer.mode = Mode.PUBLIC_KEY
    paid.channel = open_channel(paid.peer.account(), paid.kit, (), api_v3_key="0" * 32)
    told = read(paid, posting(paid))
    assert isinstance(told, Forged)
    assert "APIv3" in told.why


def test_what_ends_the_repeats_is_said_as_wechat_wants_it(bench):
    taken, refused = (bench.channel.answer_notice(is_taken=is_taken) for is_taken in (True, False))
    assert bench.peer.is_taken(taken.status, taken.body)
    assert not bench.peer.is_taken(refused.status, refused.body)
    assert json.loads(refused.body)["code"] == "FAIL"


def test_nonces_are_forgotten_when_the_time_window_refuses_them_anyway():
    nonces = Nonces()
    assert nonces.is_new("a", NOON)
    assert not nonces.is_new("a", NOON + timedelta(minutes=10))
    assert nonces.is_new("a", NOON + timedelta(minutes=10, seconds=1))


def test_the_memory_of_nonces_is_bounded():
    nonces = Nonces(limit=3)
    assert all(nonces.is_new(str(index), NOON) for index in range(100))
    assert not nonces.is_new("99", NOON)
    assert nonces.is_new("0", NOON)

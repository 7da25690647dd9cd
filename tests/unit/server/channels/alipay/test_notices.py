"""Notices: verified, for our app and seller, in time, once; exactly `success` ends them."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlencode

import pytest

from server.channels.channel import Forged, Notice, Reversed, Succeeded
from server.channels.providers.alipay import notices
from server.sandbox.alipay import gate
from server.sandbox.faults import REFUND_S, Fault, Operation
from server.sandbox.frame import Tampering
from server.sandbox.keys import Keys
from tests.unit.server.channels.alipay import published
from tests.unit.server.channels.alipay.bench import NUMBER, REFUND, Bench


@pytest.fixture
def paid(bench: Bench) -> Bench:
    bench.open_order()
    bench.books.pay_open(NUMBER)
    return bench


def form(bench: Bench, **changed: str) -> dict[str, str]:
    """The fields of a genuine notice, some changed, signed by Alipay all the same."""
    fields = {**dict(parse_qsl(bench.notice().decode())), **changed}
    fields.pop("sign")
    fields = {name: value for name, value in fields.items() if value != "<none>"}
    fields["sign"] = gate.signature_of(bench.peer.keys.pair("alipay-gateway"), fields)
    return fields


def read(bench: Bench, fields: dict[str, str]) -> Notice | Forged:
    said = bench.read(urlencode(fields).encode())
    assert isinstance(said, Notice | Forged)
    return said


def test_a_notice_says_which_order_how_much_and_what(paid: Bench) -> None:
    order = paid.order()
    said = paid.read(paid.notice())
    assert said == Notice(said.id, NUMBER, 1250, Succeeded(order.reference))
    assert said.id


def test_certificate_mode_reads_notices_of_its_own_app(keys: Keys) -> None:
    bench = Bench(keys, has_certificates=True)
    bench.charge()
    assert isinstance(bench.read(bench.notice()), Notice)


@pytest.mark.parametrize(
    ("tampering", "why"),
    [
        (Tampering.FORGED, "signature is wrong"),
        (Tampering.UNSIGNED, "not signed"),
        (Tampering.WRONG_APP, "for another app"),
        (Tampering.STALE, "sent at another time than ours"),
    ],
)
def test_what_is_not_alipay_s_or_not_for_us_is_refused(
    paid: Bench, tampering: Tampering, why: str
) -> None:
    assert paid.read(paid.notice(tampering)) == Forged(why)


def test_a_right_signature_is_not_enough(paid: Bench) -> None:
    """The hole of a well-known gateway: a genuine notice of another seller, app or order."""
    assert read(paid, form(paid, seller_id="2088999999999999")) == Forged("for another seller")
    assert read(paid, form(paid, seller_id="<none>")) == Forged("for another seller")
    assert read(paid, form(paid, app_id="2021999999999999")) == Forged("for another app")
    other = read(paid, form(paid, out_trade_no="f" * 32, notify_id="n2"))
    assert isinstance(other, Notice)
    assert other.number == "f" * 32
    more = read(paid, form(paid, total_amount="0.01", notify_id="n3"))
    assert isinstance(more, Notice)
    assert more.amount == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"total_amount": "<none>"},
        {"total_amount": "1,250.00"},
        {"out_trade_no": "<none>"},
        {"notify_id": "<none>"},
        {"notify_time": "<none>"},
        {"notify_time": "yesterday"},
    ],
)
def test_a_notice_that_lacks_something_is_refused(paid: Bench, changed: dict[str, str]) -> None:
    assert isinstance(read(paid, form(paid, **changed)), Forged)


def test_characters_and_signs_survive_the_form(paid: Bench) -> None:
    said = read(paid, form(paid, subject='1+1=2 & "½" 红烧肉/米饭 %2B', body="a+b%20c"))
    assert isinstance(said, Notice)


def test_a_field_that_stands_twice_is_refused(paid: Bench) -> None:
    body = paid.notice() + b"&total_amount=0.01"
    assert paid.read(body) == Forged("not a notice: a field stands twice")


@pytest.mark.parametrize("body", [b"", b"\xff", b"{}", b"a", b"a=%ff", b"&" * 300, b"sign=x"])
def test_rubbish_is_refused(bench: Bench, body: bytes) -> None:
    assert isinstance(bench.read(body), Forged)


def test_a_repeat_is_signed_anew_and_passes_the_same_bytes_do_not(paid: Bench) -> None:
    first, bytes_again = paid.notice(), paid.notice()
    said = paid.read(first)
    assert isinstance(said, Notice)
    assert paid.read(bytes_again) == Forged("the same signed bytes again", is_replay=True)
    paid.clock.move(minutes=4)
    again = paid.read(paid.notice())
    assert isinstance(again, Notice)
    assert again.id == said.id


def test_what_was_seen_is_forgotten_when_its_time_alone_refuses_it() -> None:
    seen = notices.Seen(limit=3)
    now = datetime(2026, 11, 22, tzinfo=UTC)
    assert all(seen.is_new(sign, now) for sign in "abc")
    assert not seen.is_new("c", now)
    assert seen.is_new("d", now + timedelta(minutes=1))
    assert not seen.is_new("d", now + timedelta(minutes=2))
    assert seen.is_new("c", now + timedelta(minutes=12))


def test_a_cancelled_payment_s_notice_says_that_money_went_back(paid: Bench) -> None:
    fields = form(paid, trade_status="TRADE_CLOSED")
    said = read(paid, fields)
    assert isinstance(said, Notice)
    assert said.said == Reversed(took_money=True)
    never = form(paid, trade_status="TRADE_CLOSED", gmt_payment="<none>", receipt_amount="0.00",
                 buyer_pay_amount="0.00", fund_bill_list="<none>", notify_id="n2")  # fmt: skip
    said = read(paid, never)
    assert isinstance(said, Notice)
    assert said.said == Reversed(took_money=False)


def test_a_refund_s_notice_names_the_refund_and_what_went_back_so_far(bench: Bench) -> None:
    bench.charge()
    bench.let(Fault.REFUND_PENDING, Operation.REFUND)
    bench.refund(300)
    bench.clock.move(seconds=REFUND_S)
    bench.books.settle()
    said = bench.read(bench.notice())
    assert isinstance(said, Notice)
    assert (said.number, said.refund_number, said.amount) == (NUMBER, REFUND, 300)
    assert isinstance(said.said, Succeeded)


def test_only_seven_characters_end_the_repeats(bench: Bench) -> None:
    taken, refused = (bench.channel.answer_notice(is_taken=taken) for taken in (True, False))
    assert taken.body == b"success"
    assert refused.body != b"success"
    assert bench.peer.is_taken(taken.status, taken.body)
    assert not bench.peer.is_taken(refused.status, refused.body)


def test_alipay_s_own_notice_is_read(keys: Keys) -> None:
    notice = published.NOTICE
    bench = Bench(keys)
    channel = bench.open(
        app_id=notice["app_id"],
        seller_id=notice["seller_id"],
        alipay_public_key=published.ALIPAY_KEY,
    )
    at = datetime(2022, 9, 18, 5, 30, 11, tzinfo=UTC)
    said = channel.read_notice({}, urlencode(notice).encode(), at)
    assert said == Notice(
        "2022091800222133008098120532343049",
        "web1663478942",
        1,
        Succeeded("2022091822001498120503050754"),
    )
    unescaped = urlencode(notice).replace("%2B%E6", "+%E6").encode()
    assert channel.read_notice({}, unescaped, at) == Forged("signature is wrong")

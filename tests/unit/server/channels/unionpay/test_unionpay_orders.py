"""UnionPay's channel against the gateway's own side: charges, codes, reversals, refunds."""

from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from domain.emvco import parse
from server.channels.channel import (
    AwaitingPayer,
    Bill,
    BillKind,
    Created,
    Declined,
    NoBill,
    NotFound,
    Reversed,
    Succeeded,
    Unknown,
    Way,
)
from server.channels.providers.unionpay.provider import PROVIDER
from server.sandbox.faults import AFTER, BEFORE, Fault, Operation
from server.sandbox.keys import Keys
from server.sandbox.unionpay.peer import UnionPayPeer
from tests.unit.server.channels.peer_bench import NUMBER, REFUND, Bench, DiaryKit

CODE = "6212345678901234500"


def test_a_code_is_charged_and_known_by_its_number(bench: Bench):
    said = bench.pay(CODE)
    assert isinstance(said, Succeeded)
    assert len(said.reference) == 21
    assert bench.query() == said
    assert bench.peer.books.net_amount(NUMBER) == 1234


def test_accepted_is_not_paid(bench: Bench):
    bench.faults.ask(Operation.QUERY, Fault.LOST_REQUEST)
    assert bench.pay(CODE) == Unknown("ReadError")


def test_the_same_number_charges_once(bench: Bench):
    first = bench.pay(CODE)
    assert bench.pay(CODE) == first
    assert bench.peer.books.net_amount(NUMBER) == 1234


@pytest.mark.parametrize(
    ("ending", "first", "later"),
    [
        ("90", Declined("channels.insufficient_funds"), Declined("channels.insufficient_funds")),
        ("91", AwaitingPayer(), Succeeded),
        ("92", Unknown("ReadError"), Succeeded),
        ("93", Unknown("ReadError"), Unknown("ReadError")),
        ("96", AwaitingPayer(), AwaitingPayer()),
        ("97", Unknown("answered '04'"), Succeeded),
        ("98", AwaitingPayer(), Declined("channels.declined")),
    ],
)
def test_the_payer_plays_his_part(bench: Bench, ending: str, first: Any, later: Any):
    assert bench.pay(CODE[:-2] + ending) == first
    bench.pass_time(seconds=25)
    said = bench.query()
    assert isinstance(said, later) if isinstance(later, type) else said == later


def test_a_used_code_pays_nobody_else(bench: Bench):
    bench.pay(CODE)
    assert bench.pay(CODE, number=REFUND) == Declined("channels.code_used")


def test_a_payment_is_reversed_and_stays_so(bench: Bench):
    bench.pay(CODE)
    assert bench.reverse() == Reversed(took_money=True)
    assert bench.query() == Reversed(took_money=True)
    assert bench.reverse() == Reversed(took_money=True)
    assert bench.peer.books.net_amount(NUMBER) == 0


def test_a_reversal_is_refused_while_the_payer_types(bench: Bench):
    bench.pay(CODE[:-2] + "95")
    assert bench.reverse() == Declined("channels.still_paying")
    bench.pass_time(seconds=25)
    assert isinstance(bench.query(), Succeeded)
    assert bench.reverse() == Reversed(took_money=True)


def test_money_that_comes_after_a_lost_reversal_is_found_and_returned(bench: Bench):
    bench.pay(CODE[:-2] + "94")
    assert bench.reverse() == Unknown("ReadError")
    assert isinstance(bench.query(), Succeeded)
    assert bench.reverse() == Reversed(took_money=True)


def test_the_clearing_day_ends_at_eleven_in_the_evening(bench: Bench):
    bench.pay(CODE)
    bench.pass_time(hours=11)
    assert bench.reverse() == Declined("channels.reversal_too_late")
    assert isinstance(bench.refund(), Succeeded)


def test_a_request_that_arrives_late_charges_and_is_found(bench: Bench):
    bench.faults.ask(Operation.PAY, Fault.HELD_REQUEST)
    assert bench.pay(CODE) == Unknown("ReadError")
    assert bench.query() == NotFound()
    bench.pass_time(seconds=21)
    bench.query()
    assert isinstance(bench.query(), Succeeded)


def test_a_number_nobody_sent_is_not_guessed_at(bench: Bench):
    assert bench.query() == Unknown("nobody remembers when this number was sent", is_alert=True)
    assert isinstance(bench.reverse(), Unknown)
    assert isinstance(bench.refund(), Unknown)
    assert bench.requests == []


def test_with_a_diary_another_process_can_ask(bench: Bench):
    kit = DiaryKit(bench.kit.client)
    bench.channel = bench.open(kit)
    said = bench.pay(CODE)
    bench.pass_time(seconds=90)
    bench.channel = bench.open(kit)
    assert bench.query() == said
    assert isinstance(bench.refund(34), Succeeded)
    bench.channel = bench.open(kit)
    assert isinstance(bench.channel.query_refund(NUMBER, REFUND, bench.now), Succeeded)
    assert set(kit.notes) == {NUMBER, REFUND}


class BrokenKit(DiaryKit):
    def note(self, account: Any, number: str, text: str) -> str:
        raise OSError("disk full")

    noted = note  # type: ignore[assignment]


def test_what_the_diary_cannot_keep_is_not_sent(bench: Bench):
    bench.channel = bench.open(BrokenKit(bench.kit.client))
    assert bench.pay(CODE) == bench.create() == Declined("channels.unavailable")
    assert isinstance(bench.query(), Unknown)
    assert isinstance(bench.refund(), Unknown)
    assert bench.requests == []


def test_a_code_to_scan_is_emvco_and_for_our_amount(bench: Bench):
    said = bench.create()
    assert isinstance(said, Created)
    read = parse(said.code_text)
    assert (read.amount, read.currency, read.is_dynamic) == (1234, "156", True)
    assert bench.create() == said
    assert bench.query() == NotFound()
    bench.peer.books.pay_open(NUMBER)
    assert isinstance(bench.query(), Succeeded)


def test_a_code_that_says_another_amount_is_not_shown(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
):
    bench.create()
    bench.channel._wire.ask = lambda *args, **more: _Said(bench.peer, 1235)
    assert bench.create() == Unknown("a code for another amount", is_alert=True)


class _Said:
    """An answer whose code is for somebody else's amount."""

    code = "00"

    def __init__(self, peer: Any, amount: int) -> None:
        from server.sandbox.unionpay.codes import code_text

        self.fields = {"qrCode": code_text("m", "20260304" + "1" * 20, amount)}


def test_an_answer_about_another_order_is_not_taken(bench: Bench):
    bench.pay(CODE)
    bench.pay("6212345678901234590", number="a" * 32)
    paid = bench.kit.kept[1].answer

    def replay(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=paid)

    bench.kit.client = httpx.Client(transport=httpx.MockTransport(replay))
    assert isinstance(bench.query(), Succeeded)
    assert bench.query("a" * 32) == Unknown("an answer about another order", is_alert=True)


def test_a_charge_of_another_amount_is_for_a_person(bench: Bench):
    bench.pay(CODE)
    assert bench.pay(CODE, amount=1235) == Unknown("an order of another amount", is_alert=True)


@pytest.mark.parametrize(("status", "is_alert"), [(404, True), (429, False), (502, False)])
def test_who_speaks_in_front_of_the_gateway_says_nothing(bench: Bench, status: int, is_alert: bool):
    bench.pay(CODE)
    reply = httpx.MockTransport(lambda request: httpx.Response(status))
    bench.kit.client = httpx.Client(transport=reply)
    assert bench.query() == Unknown(f"HTTP {status}", is_alert)


def test_nothing_secret_is_logged(bench: Bench, caplog: pytest.LogCaptureFixture):
    caplog.set_level("DEBUG")
    bench.pay(CODE)
    bench.refund(34)
    bench.channel.self_test(bench.now)
    logged = "\n".join(record.getMessage() for record in caplog.records)
    assert CODE not in logged
    assert "PRIVATE" not in logged + repr(bench.channel._signer) + repr(bench.channel._account)


def test_an_app_is_given_its_order_number(bench: Bench):
    said = bench.create(Way.APP)
    assert isinstance(said, Created)
    assert list(said.launch) == ["tn"]
    assert bench.create(Way.PAGE) == Declined("channels.misconfigured")


def test_an_order_nobody_paid_is_closed(bench: Bench):
    bench.create()
    assert bench.reverse() == Reversed(took_money=False)
    assert bench.query() == Reversed(took_money=False)


def test_an_order_that_expired_is_not_found(bench: Bench):
    bench.create()
    bench.pass_time(minutes=4)
    assert bench.query() == NotFound()


def test_refunds_come_in_parts_and_never_above_what_was_paid(bench: Bench):
    bench.pay(CODE)
    assert isinstance(bench.refund(1000), Succeeded)
    assert isinstance(bench.refund(1000), Succeeded)
    assert bench.refund(235, "a" * 32) == Declined("refunds.exceeds_paid")
    assert isinstance(bench.refund(234, "b" * 32), Succeeded)
    assert bench.peer.books.net_amount(NUMBER) == 0


@pytest.mark.parametrize(
    ("fault", "later"),
    [
        (Fault.REFUND_PENDING, Succeeded),
        (Fault.REFUND_FAILS, Declined),
        (Fault.LOST_ANSWER, Succeeded),
    ],
)
def test_an_accepted_refund_is_asked_about(bench: Bench, fault: Fault, later: type):
    bench.pay(CODE)
    bench.faults.ask(Operation.REFUND, fault)
    assert isinstance(bench.refund(), Unknown)
    bench.pass_time(seconds=130)
    assert isinstance(bench.channel.query_refund(NUMBER, REFUND, bench.now), later)


def test_a_refund_nobody_sent_is_not_found(bench: Bench):
    bench.pay(CODE)
    assert bench.channel.query_refund(NUMBER, REFUND, bench.now) == NotFound()
    bench.faults.ask(Operation.REFUND, Fault.LOST_REQUEST)
    bench.refund()
    assert bench.channel.query_refund(NUMBER, REFUND, bench.now) == NotFound()


ALERTS = {Fault.GARBAGE, Fault.UNSIGNED, Fault.BADLY_SIGNED, Fault.STRANGE_CODE}


@pytest.mark.parametrize("fault", sorted(BEFORE | AFTER - {Fault.SLOW_ANSWER}))
def test_whatever_happens_on_the_way_nothing_is_taken_for_granted(bench: Bench, fault: Fault):
    bench.faults.ask(Operation.PAY, fault)
    said = bench.pay(CODE)
    if fault is Fault.RATE_LIMITED:
        assert said == Declined("channels.busy")
        assert bench.query() == NotFound()
        return
    assert isinstance(said, Unknown)
    assert said.is_alert == (fault in ALERTS)
    bench.pass_time(seconds=30)
    bench.query()
    assert bench.query() == NotFound() or isinstance(bench.query(), Succeeded)


@pytest.mark.parametrize("fault", sorted(BEFORE | AFTER - {Fault.SLOW_ANSWER}))
def test_a_query_that_goes_wrong_says_nothing(bench: Bench, fault: Fault):
    bench.pay(CODE)
    bench.faults.ask(Operation.QUERY, fault)
    assert isinstance(bench.query(), Unknown)
    assert isinstance(bench.query(), Succeeded)


def test_nobody_at_the_door_declines_a_payment_only(keys: Keys):
    def nobody(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    bench = Bench(PROVIDER, UnionPayPeer, keys)
    bench.pay(CODE)
    bench.kit.client = httpx.Client(transport=httpx.MockTransport(nobody))
    assert bench.pay(CODE, number="c" * 32) == Declined("channels.unreachable")
    assert bench.create(number="d" * 32) == Declined("channels.unreachable")
    assert bench.query() == Unknown("ConnectError")
    assert bench.reverse() == Unknown("ConnectError")
    assert bench.refund() == Unknown("ConnectError")


def test_the_bill_lists_what_was_cleared_to_the_fen(bench: Bench):
    bench.pay(CODE)
    bench.pay("6212345678901234511", number="a" * 32, amount=500)
    bench.refund(234)
    bench.reverse("a" * 32)
    today = date(2026, 3, 4)
    assert bench.channel.bill(BillKind.TRADE, today, bench.now) == NoBill("bills.not_ready")
    bench.pass_time(days=1)
    bill = bench.channel.bill(BillKind.TRADE, today, bench.now)
    assert isinstance(bill, Bill)
    paid, refunded = bill.items
    assert (paid.number, paid.amount, paid.fee_amount, paid.refund_number) == (NUMBER, 1234, 5, "")
    assert paid.reference == bench.query().reference
    assert paid.occurred_at == bench.now - timedelta(days=1)
    assert (refunded.number, refunded.refund_number) == (NUMBER, REFUND)
    assert (refunded.amount, refunded.fee_amount) == (234, -1)
    assert bench.channel.bill(BillKind.TRADE, date(2026, 3, 1), bench.now) == NoBill("bills.empty")
    assert isinstance(bench.channel.bill(BillKind.FUNDS, today, bench.now), NoBill)


def test_a_clearing_day_begins_the_evening_before(bench: Bench):
    bench.pass_time(hours=11, minutes=30)
    bench.pay(CODE)
    bench.pass_time(days=2)
    assert bench.channel.bill(BillKind.TRADE, date(2026, 3, 4), bench.now) == NoBill("bills.empty")
    bill = bench.channel.bill(BillKind.TRADE, date(2026, 3, 5), bench.now)
    assert [item.number for item in bill.items] == [NUMBER]


def test_a_damaged_bill_is_no_bill(bench: Bench):
    bench.pay(CODE)
    bench.pass_time(days=1)
    for fault, code in [
        (Fault.BILL_DAMAGED, "bills.damaged"),
        (Fault.GARBAGE, "bills.unavailable"),
        (Fault.SYSTEM_ERROR, "bills.refused"),
    ]:
        bench.faults.ask(Operation.BILL, fault)
        said = bench.channel.bill(BillKind.TRADE, date(2026, 3, 4), bench.now)
        assert isinstance(said, NoBill)
        assert said.code == code


def test_evidence_is_kept_and_holds_no_secret(bench: Bench):
    bench.pay(CODE)
    assert [sent.operation for sent in bench.kit.kept] == ["pay", "query"]
    assert all(CODE.encode() not in sent.answer for sent in bench.kit.kept)
    assert all(CODE not in repr(sent) for sent in bench.kit.kept)


@pytest.mark.parametrize(
    ("host", "more", "wanted"),
    [
        ("https://gateway.95516.com", {}, "filedownload.95516.com"),
        ("https://gateway.test.95516.com", {}, "filedownload.test.95516.com"),
        ("https://acquirer.test", {}, "acquirer.test"),
        ("https://acquirer.test", {"file_host": "https://files.test/"}, "files.test"),
    ],
)
def test_files_are_fetched_where_they_lie(
    bench: Bench, host: str, more: dict[str, str], wanted: str
):
    bench.peer.host = host
    bench.open(None, **more).bill(BillKind.TRADE, date(2026, 3, 3), bench.now)
    assert bench.requests[-1].url.host == wanted
    assert bench.requests[-1].url.path == "/"

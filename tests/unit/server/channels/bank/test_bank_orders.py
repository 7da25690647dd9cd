"""The bank's channel against the bank's own side: posting, codes, mandates, reversals, refunds."""

from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from domain.emvco import objects, parse
from domain.payment_codes import CodeKind, KnownCode, recognise
from server.channels.channel import (
    AwaitingPayer,
    Bill,
    BillKind,
    Created,
    Debit,
    Declined,
    NoBill,
    NotFound,
    Reversed,
    Succeeded,
    Unknown,
    Way,
)
from server.sandbox.faults import AFTER, BEFORE, Fault, Operation
from tests.unit.server.channels.peer_bench import NUMBER, REFUND, Bench

CODE = "88123456789012345600"
MANDATE = "m-1"


def debit(bench: Bench, number: str = NUMBER, amount: int = 1234) -> Any:
    return bench.channel.debit(Debit(number, amount, MANDATE, "lunch"), bench.now)


def sign(bench: Bench) -> Any:
    return bench.channel.sign(MANDATE, {"account_tail": "1234"}, bench.now)


def test_the_banks_code_is_known_at_the_counter():
    assert recognise(CODE) == KnownCode(CodeKind.BANK, CODE)


def test_money_is_posted_before_the_answer(bench: Bench):
    said = bench.pay(CODE)
    assert isinstance(said, Succeeded)
    assert bench.peer.books.net_amount(NUMBER) == 1234
    assert bench.query() == said


def test_the_same_number_is_posted_once(bench: Bench):
    assert bench.pay(CODE) == bench.pay(CODE)
    assert len(bench.peer.books.orders()) == 1
    assert bench.pay(CODE, amount=1235) == Declined("channels.misconfigured")


@pytest.mark.parametrize(
    ("ending", "first", "later"),
    [
        ("90", Declined("channels.insufficient_funds"), Declined("channels.insufficient_funds")),
        ("91", AwaitingPayer(), Succeeded),
        ("92", Unknown("ReadError"), Succeeded),
        ("93", Unknown("ReadError"), Unknown("ReadError")),
        ("96", AwaitingPayer(), AwaitingPayer()),
        ("97", Unknown("503 'busy'"), Succeeded),
        ("98", AwaitingPayer(), Declined("channels.declined")),
    ],
)
def test_the_payer_plays_his_part(bench: Bench, ending: str, first: Any, later: Any):
    assert bench.pay(CODE[:-2] + ending) == first
    bench.pass_time(seconds=25)
    said = bench.query()
    assert isinstance(said, later) if isinstance(later, type) else said == later


def test_a_used_or_foreign_code_pays_nothing(bench: Bench):
    bench.pay(CODE)
    assert bench.pay(CODE, number=REFUND) == Declined("channels.code_used")
    assert bench.pay("62" * 10, number="a" * 32) == Declined("channels.code_invalid")


def test_a_payment_is_reversed_and_stays_so(bench: Bench):
    bench.pay(CODE)
    assert bench.reverse() == Reversed(took_money=True)
    assert bench.query() == bench.reverse() == Reversed(took_money=True)
    assert bench.peer.books.net_amount(NUMBER) == 0
    assert bench.pay(CODE) == Declined("channels.declined")


def test_a_number_that_was_never_seen_is_closed_before_it_comes(bench: Bench):
    bench.faults.ask(Operation.PAY, Fault.HELD_REQUEST)
    assert bench.pay(CODE) == Unknown("ReadError")
    assert bench.query() == NotFound()
    assert bench.reverse() == Reversed(took_money=False)
    bench.pass_time(seconds=30)
    bench.query()
    assert bench.query() == Reversed(took_money=False)
    assert bench.peer.books.net_amount(NUMBER) == 0


def test_a_reversal_is_refused_while_the_payer_types(bench: Bench):
    bench.pay(CODE[:-2] + "95")
    assert bench.reverse() == Declined("channels.still_paying")
    bench.pass_time(seconds=25)
    assert bench.reverse() == Reversed(took_money=True)


def test_money_that_comes_after_a_lost_reversal_is_found_and_returned(bench: Bench):
    bench.pay(CODE[:-2] + "94")
    assert bench.reverse() == Unknown("ReadError")
    assert isinstance(bench.query(), Succeeded)
    assert bench.reverse() == Reversed(took_money=True)


def test_a_code_to_scan_names_merchant_order_and_amount(bench: Bench):
    said = bench.create()
    assert isinstance(said, Created)
    read = parse(said.code_text)
    assert (read.amount, read.name, read.is_dynamic) == (1234, "SANDBOX CANTEEN", True)
    payee = objects(read.accounts["26"])
    assert payee["01"] == "canteen-0001"
    assert len(payee["02"]) == 20
    assert bench.create() == said
    assert bench.query() == AwaitingPayer()
    bench.peer.books.pay_open(NUMBER)
    assert isinstance(bench.query(), Succeeded)
    assert isinstance(bench.create(), Declined)


def test_an_app_or_page_is_handed_a_token(bench: Bench):
    said = bench.create(Way.APP)
    assert isinstance(said, Created)
    assert set(said.launch) == {"merchant", "token"}
    assert isinstance(bench.create(Way.PAGE, number="a" * 32), Created)


def test_an_order_nobody_paid_is_closed_or_expires(bench: Bench):
    bench.create()
    assert bench.reverse() == Reversed(took_money=False)
    bench.create(number="a" * 32)
    bench.pass_time(minutes=4)
    assert bench.query("a" * 32) == Reversed(took_money=False)


def test_a_name_too_long_for_a_code_is_told(bench: Bench):
    bench.channel = bench.open(display_name="C" * 26)
    assert isinstance(bench.create(), Unknown)


def test_a_mandate_is_signed_debited_and_ended(bench: Bench):
    assert sign(bench) == AwaitingPayer()
    assert debit(bench) == Declined("mandates.unknown")
    bench.peer.books.mandates.confirm(MANDATE)
    assert sign(bench) == Succeeded(MANDATE)
    said = debit(bench)
    assert isinstance(said, Succeeded)
    assert debit(bench) == bench.query() == said
    assert isinstance(bench.refund(34), Succeeded)
    assert bench.channel.cancel_mandate(MANDATE, bench.now) == Succeeded(MANDATE)
    assert bench.channel.cancel_mandate(MANDATE, bench.now) == Succeeded(MANDATE)
    assert debit(bench, "a" * 32) == Declined("mandates.ended")
    assert sign(bench) == Declined("mandates.ended")
    assert debit(bench) == said


def test_a_mandate_of_nobody_or_of_somebody_else_is_refused(bench: Bench):
    assert debit(bench) == Declined("mandates.unknown")
    assert bench.channel.cancel_mandate("nobody", bench.now) == Declined("mandates.unknown")
    sign(bench)
    other = bench.channel.sign(MANDATE, {"account_tail": "9999"}, bench.now)
    assert other == Declined("channels.misconfigured")


@pytest.mark.parametrize("fault", [Fault.DECLINED, Fault.SILENT, Fault.LOST_ANSWER])
def test_a_debit_that_goes_wrong_is_asked_about_and_reversed(bench: Bench, fault: Fault):
    sign(bench)
    bench.peer.books.mandates.confirm(MANDATE)
    bench.faults.ask(Operation.DEBIT, fault)
    said = debit(bench)
    if fault is Fault.DECLINED:
        assert said == Declined("channels.insufficient_funds")
        return
    assert said == Unknown("ReadError")
    assert isinstance(bench.reverse(), Reversed)
    assert bench.peer.books.net_amount(NUMBER) == 0


def test_refunds_come_in_parts_and_never_above_what_was_paid(bench: Bench):
    bench.pay(CODE)
    assert isinstance(bench.refund(1000), Succeeded)
    assert isinstance(bench.refund(1000), Succeeded)
    assert bench.refund(999) == Declined("refunds.channel_refused")
    assert bench.refund(235, "a" * 32) == Declined("refunds.exceeds_paid")
    assert isinstance(bench.refund(234, "b" * 32), Succeeded)
    assert bench.refund(1, "c" * 32, number="d" * 32) == Declined("refunds.nothing_paid")
    assert bench.reverse() == Declined("channels.not_reversible")


@pytest.mark.parametrize(
    ("fault", "later"),
    [
        (Fault.REFUND_PENDING, Succeeded),
        (Fault.REFUND_FAILS, Declined),
        (Fault.LOST_ANSWER, Succeeded),
        (Fault.LOST_REQUEST, NotFound),
    ],
)
def test_a_refund_that_is_not_done_yet_is_asked_about(bench: Bench, fault: Fault, later: type):
    bench.pay(CODE)
    bench.faults.ask(Operation.REFUND, fault)
    assert isinstance(bench.refund(), Unknown)
    bench.pass_time(seconds=130)
    assert isinstance(bench.channel.query_refund(NUMBER, REFUND, bench.now), later)


ALERTS = {Fault.GARBAGE, Fault.UNSIGNED, Fault.BADLY_SIGNED, Fault.STRANGE_CODE}
ANY = sorted((BEFORE | AFTER) - {Fault.SLOW_ANSWER})


@pytest.mark.parametrize("fault", ANY)
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


@pytest.mark.parametrize("fault", ANY)
def test_a_query_that_goes_wrong_says_nothing(bench: Bench, fault: Fault):
    bench.pay(CODE)
    bench.refund(1)
    for operation in (Operation.QUERY, Operation.QUERY_REFUND):
        bench.faults.ask(operation, fault)
    assert isinstance(bench.query(), Unknown)
    assert isinstance(bench.channel.query_refund(NUMBER, REFUND, bench.now), Unknown)
    assert isinstance(bench.query(), Succeeded)


@pytest.mark.parametrize("fault", ANY)
def test_a_reversal_or_mandate_that_goes_wrong_is_unknown_or_refused(bench: Bench, fault: Fault):
    bench.pay(CODE)
    for operation in (Operation.REVERSE, Operation.SIGN, Operation.CANCEL_MANDATE):
        bench.faults.ask(operation, fault)
    assert isinstance(bench.reverse(), Unknown)
    assert isinstance(sign(bench), (Unknown, Declined))
    assert isinstance(bench.channel.cancel_mandate(MANDATE, bench.now), (Unknown, Declined))


def test_nobody_at_the_door_declines_what_takes_money_only(bench: Bench):
    def nobody(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    bench.kit.client = httpx.Client(transport=httpx.MockTransport(nobody))
    gone = Declined("channels.unreachable")
    assert bench.pay(CODE) == bench.create() == debit(bench) == sign(bench) == gone
    assert bench.query() == bench.reverse() == bench.refund() == Unknown("ConnectError")


def test_an_answer_to_another_request_is_not_taken(bench: Bench):
    bench.pay(CODE)
    kept: list[httpx.Response] = []

    def replay(request: httpx.Request) -> httpx.Response:
        if not kept:
            kept.append(bench._carry(request))
        first = kept[0]
        return httpx.Response(first.status_code, headers=first.headers, content=first.content)

    bench.kit.client = httpx.Client(transport=httpx.MockTransport(replay))
    assert isinstance(bench.query(), Succeeded)
    assert bench.query() == Unknown("the signature is wrong", is_alert=True)


@pytest.mark.parametrize(("status", "is_alert"), [(404, True), (429, False), (502, False)])
def test_who_speaks_in_front_of_the_bank_says_nothing(bench: Bench, status: int, is_alert: bool):
    reply = httpx.MockTransport(lambda request: httpx.Response(status, json={"code": "not_found"}))
    bench.kit.client = httpx.Client(transport=reply)
    assert bench.query() == Unknown(f"HTTP {status}, not signed", is_alert)


def test_nothing_secret_is_logged(bench: Bench, caplog: pytest.LogCaptureFixture):
    caplog.set_level("DEBUG")
    bench.pay(CODE)
    sign(bench)
    bench.channel.self_test(bench.now)
    logged = "\n".join(record.getMessage() for record in caplog.records)
    assert CODE not in logged
    assert '1234"' not in logged
    parties = bench.channel._wire.parties
    assert "PRIVATE" not in logged + repr(parties) + repr(bench.channel._account)
    assert "RSAPrivateKey" not in repr(parties)


def test_the_bill_lists_every_posting_to_the_fen(bench: Bench):
    bench.pay(CODE)
    bench.pay("88123456789012345611", number="a" * 32, amount=500)
    bench.refund(234)
    bench.reverse("a" * 32)
    today = date(2026, 3, 4)
    early = bench.channel.bill(BillKind.TRADE, today, bench.now)
    assert early == NoBill("bills.not_ready", "bill_not_ready")
    bench.pass_time(days=1)
    bill = bench.channel.bill(BillKind.TRADE, today, bench.now)
    assert isinstance(bill, Bill)
    lines = {(item.number, item.refund_number): item for item in bill.items}
    assert lines[NUMBER, ""].amount == 1234
    assert lines[NUMBER, ""].fee_amount == 2
    assert lines[NUMBER, ""].reference == bench.query().reference
    assert lines[NUMBER, ""].occurred_at == bench.now - timedelta(days=1)
    assert (lines[NUMBER, REFUND].amount, lines[NUMBER, REFUND].fee_amount) == (234, 0)
    assert lines["a" * 32, "a" * 32].amount == lines["a" * 32, ""].amount == 500
    assert len(bill.items) == 4
    yesterday = bench.channel.bill(BillKind.TRADE, date(2026, 3, 3), bench.now)
    assert isinstance(yesterday, Bill)
    assert list(yesterday.items) == []
    funds = bench.channel.bill(BillKind.FUNDS, today, bench.now)
    assert funds == NoBill("bills.refused", "not_allowed")


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault.BILL_DAMAGED, "bills.damaged"),
        (Fault.BILL_NOT_READY, "bills.not_ready"),
        (Fault.GARBAGE, "bills.unavailable"),
        (Fault.SYSTEM_ERROR, "bills.refused"),
        (Fault.STRANGE_CODE, "bills.refused"),
    ],
)
def test_a_damaged_bill_is_no_bill(bench: Bench, fault: Fault, code: str):
    bench.pay(CODE)
    bench.pass_time(days=1)
    bench.faults.ask(Operation.BILL, fault)
    said = bench.channel.bill(BillKind.TRADE, date(2026, 3, 4), bench.now)
    assert isinstance(said, NoBill)
    assert said.code == code


def test_a_day_cut_early_moves_its_last_minutes_to_the_next(bench: Bench):
    bench.pass_time(hours=11, minutes=55)
    bench.pay(CODE)
    bench.pass_time(days=2)
    bench.faults.ask(Operation.BILL, Fault.BILL_SHIFTED, count=2)
    first, second = (
        bench.channel.bill(BillKind.TRADE, date(2026, 3, day), bench.now) for day in (4, 5)
    )
    assert [len(first.items), len(second.items)] == [0, 1]


def test_evidence_is_kept_and_holds_no_secret(bench: Bench):
    bench.pay(CODE)
    bench.query()
    assert [sent.operation for sent in bench.kit.kept] == ["pay", "query"]
    assert all(CODE not in repr(sent) for sent in bench.kit.kept)
    assert all(CODE.encode() not in sent.answer for sent in bench.kit.kept)

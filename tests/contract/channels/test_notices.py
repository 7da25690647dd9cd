"""Notices at every provider: the authentic ones are read, all others are refused by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from server.channels.channel import Created, Forged, Notice, PayeeOrder, Succeeded, Way
from server.sandbox.faults import NOTICES, Fault, Operation
from server.sandbox.frame import Posting, Reply, Request, Tampering
from server.sandbox.listening import HttpServer
from tests.contract.channels.benches import KINDS, Bench, account_of, provider_of


@pytest.fixture(params=[kind for kind in KINDS if Way.SCAN in provider_of(kind).ways])
def told(request: pytest.FixtureRequest, benches: dict[str, Bench]) -> Bench:
    """A provider that opens orders for payers, and so has something to tell."""
    bench = benches[request.param]
    bench.let_all_arrive()
    return bench


def _paid_order(bench: Bench, amount: int = 1234) -> PayeeOrder:
    order = bench.order(amount=amount)
    assert isinstance(bench.channel.create(order, bench.clock.now()), Created)
    bench.books.pay_open(order.number, "payer-1")
    return order


def test_an_authentic_notice_says_who_paid_how_much(told: Bench) -> None:
    order = _paid_order(told, 4321)
    notice = told.read(told.notice(order.number))
    assert isinstance(notice, Notice), notice
    assert (notice.number, notice.amount, notice.refund_number) == (order.number, 4321, "")
    assert isinstance(notice.said, Succeeded)
    assert notice.id


def test_the_order_s_notice_address_is_the_account_s(told: Bench) -> None:
    order = _paid_order(told)
    assert told.event(order.number).url.startswith("http://127.0.0.1:9/notices/")


def test_a_repeated_notice_keeps_its_id(told: Bench) -> None:
    order = _paid_order(told)
    first = told.read(told.notice(order.number))
    told.clock.move(minutes=3)
    again = told.read(told.notice(order.number))
    assert isinstance(first, Notice)
    assert isinstance(again, Notice), again
    assert first.id == again.id


@pytest.mark.parametrize(
    "tampering", [Tampering.FORGED, Tampering.UNSIGNED, Tampering.WRONG_APP, Tampering.STALE]
)
def test_a_notice_that_is_not_for_us_or_not_the_provider_s_is_refused(
    told: Bench, tampering: Tampering
) -> None:
    order = _paid_order(told)
    said = told.read(told.notice(order.number, tampering))
    assert isinstance(said, Forged), said
    assert said.why


def test_a_wrong_amount_is_visible_to_whoever_books(told: Bench) -> None:
    order = _paid_order(told, 1000)
    said = told.read(told.notice(order.number, Tampering.WRONG_AMOUNT))
    assert isinstance(said, Notice), said
    assert said.amount == 1001


@pytest.mark.parametrize("later_s", [0, 360, 86_400])
def test_the_same_bytes_again_are_refused_or_known_by_their_id(told: Bench, later_s: int) -> None:
    """Not every provider signs the moment of sending; its notices are told apart by their ids."""
    posting = told.notice(_paid_order(told).number)
    first = told.read(posting)
    told.clock.move(seconds=later_s)
    again = told.read(posting)
    assert isinstance(first, Notice)
    assert isinstance(again, Forged) or again.id == first.id


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
def test_one_changed_byte_is_refused(told: Bench) -> None:
    posting = told.notice(_paid_order(told).number)
    for place in range(0, len(posting.body), max(1, len(posting.body) // 40)):
        body = bytearray(posting.body)
        body[place] ^= 1
        assert isinstance(told.read(replace(posting, body=bytes(body))), Forged), place


@pytest.mark.parametrize("body", [b"", b"{}", b"\xff\xfe", b"[]", b"null", b"a=b&c", b"{" * 5000])
def test_rubbish_is_refused_and_breaks_nothing(told: Bench, body: bytes) -> None:
    genuine = told.notice(_paid_order(told).number)
    assert isinstance(told.read(Posting({}, body)), Forged)
    assert isinstance(told.read(replace(genuine, body=body)), Forged)


def test_a_refund_s_notice_says_which_refund_and_how_much(told: Bench) -> None:
    order = _paid_order(told, 1000)
    number = told.number()
    told.clock.move(minutes=2)
    told.ask(Operation.REFUND, Fault.REFUND_PENDING)
    told.channel.refund(order.number, number, 300, 1000, told.clock.now())
    told.clock.move(minutes=3)
    told.books.settle()
    assert told.event(order.number).refund_number == number
    notice = told.read(told.notice(order.number))
    assert isinstance(notice, Notice), notice
    assert (notice.number, notice.refund_number, notice.amount) == (order.number, number, 300)
    assert isinstance(notice.said, Succeeded)


def test_the_answer_ends_the_repeats_or_asks_for_another(told: Bench) -> None:
    taken = told.channel.answer_notice(is_taken=True)
    refused = told.channel.answer_notice(is_taken=False)
    assert told.peer.is_taken(taken.status, taken.body)
    assert not told.peer.is_taken(refused.status, refused.body)


class Merchant:
    """A merchant's notice address on the network: read by its channel, answered by its rules."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self.read: list[Notice | Forged] = []
        self.server = HttpServer(self._take)
        account = account_of(bench.sandbox, bench.name)
        heard = replace(account, notice_url=f"{self.server.host}/notices/1")
        self.channel = bench.provider.open(heard, bench.tools)

    def _take(self, request: Request) -> Reply:
        now = self._bench.clock.now()
        said = self.channel.read_notice(request.headers, request.body, now)
        self.read.append(said)
        answer = self.channel.answer_notice(is_taken=isinstance(said, Notice))
        return Reply(answer.status, answer.body, answer.content_type)


@pytest.fixture
def merchant(told: Bench) -> Iterator[Merchant]:
    merchant = Merchant(told)
    yield merchant
    merchant.server.stop()


def _paid_over_the_network(told: Bench, merchant: Merchant) -> PayeeOrder:
    order = told.order()
    assert isinstance(merchant.channel.create(order, told.clock.now()), Created)
    told.books.pay_open(order.number, "payer-1")
    told.sandbox.step()
    return order


def _later(told: Bench) -> None:
    """Let the provider repeat whatever nobody took."""
    for _ in range(12):
        told.clock.move(minutes=5)
        told.sandbox.step()


def test_a_notice_over_the_network_is_taken_once(told: Bench, merchant: Merchant) -> None:
    order = _paid_over_the_network(told, merchant)
    _later(told)
    (notice,) = merchant.read
    assert isinstance(notice, Notice), notice
    assert (notice.number, notice.amount) == (order.number, order.amount)


@pytest.mark.parametrize("fault", sorted(NOTICES))
def test_whatever_happens_to_a_notice_one_that_is_right_arrives(
    told: Bench, merchant: Merchant, fault: Fault
) -> None:
    told.ask(Operation.NOTICE, fault)
    order = _paid_over_the_network(told, merchant)
    _later(told)
    taken = [notice for notice in merchant.read if isinstance(notice, Notice)]
    right = [notice for notice in taken if notice.amount == order.amount]
    assert right, merchant.read
    assert len({notice.id for notice in right}) == 1
    if fault is Fault.NOTICE_FORGED:
        assert isinstance(merchant.read[0], Forged)
    if fault is Fault.NOTICE_WRONG_AMOUNT:
        assert taken[0].amount == order.amount + 1

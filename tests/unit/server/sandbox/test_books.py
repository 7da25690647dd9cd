"""A peer's books: once per number, payers settled by the clock, money that moved is never lost."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from server.sandbox.books import Books
from server.sandbox.entries import MandateState, MoveKind, Refused, Silence, State, Way, Why
from server.sandbox.faults import Fault
from tests.factories.clocks import StandingClock


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def books(clock: StandingClock) -> Iterator[Books]:
    books = Books(":memory:", clock.now)
    yield books
    books.close_file()


def test_a_number_is_charged_once_and_its_amount_is_for_ever(books: Books) -> None:
    first = books.charge("n1", 1500, payer_code="134")
    assert first.state is State.PAID
    assert books.charge("n1", 1500, payer_code="135") == first
    with pytest.raises(Refused) as refused:
        books.charge("n1", 1600, payer_code="136")
    assert refused.value.why is Why.DIFFERENT
    assert [order.number for order in books.orders()] == ["n1"]


def test_a_code_pays_for_one_number_only(books: Books) -> None:
    books.charge("n1", 100, payer_code="134")
    with pytest.raises(Refused) as refused:
        books.charge("n2", 100, payer_code="134")
    assert refused.value.why is Why.CODE_USED
    assert books.look("n2") is None


def test_a_typing_payer_has_paid_when_his_time_is_over(books: Books, clock: StandingClock) -> None:
    assert books.charge("n1", 100, part=Fault.PAYER_TYPES).state is State.PAYING
    clock.move(seconds=19)
    assert books.orders()[0].state is State.PAYING
    clock.move(seconds=1)
    order = books.look("n1")
    assert order is not None
    assert (order.state, order.paid_at) == (State.PAID, clock.now())


def test_a_payer_who_gives_up_has_not_paid(books: Books, clock: StandingClock) -> None:
    books.charge("n1", 100, part=Fault.PAYER_GIVES_UP)
    clock.move(seconds=30)
    assert books.orders()[0].state is State.DECLINED
    assert not books.orders()[0].took_money


def test_a_reversal_returns_what_was_paid_and_closes_what_was_not(
    books: Books, clock: StandingClock
) -> None:
    books.charge("paid", 100)
    books.charge("typing", 100, part=Fault.PAYER_TYPES)
    assert books.reverse("paid").state is State.REVERSED
    assert books.reverse("typing").state is State.CLOSED
    clock.move(seconds=60)
    assert books.orders()[1].state is State.CLOSED
    assert books.reverse("paid").state is State.REVERSED
    assert [books.net_amount(number) for number in ("paid", "typing")] == [0, 0]


def test_a_reversal_is_refused_while_the_payer_types(books: Books, clock: StandingClock) -> None:
    books.charge("n1", 100, part=Fault.REFUSE_REVERSAL)
    with pytest.raises(Refused) as refused:
        books.reverse("n1")
    assert refused.value.why is Why.PAYING
    clock.move(seconds=20)
    assert books.reverse("n1").state is State.REVERSED


def test_money_arrives_after_a_lost_reversal(books: Books) -> None:
    books.charge("n1", 100, part=Fault.LATE_AFTER_REVERSAL)
    with pytest.raises(Silence):
        books.reverse("n1")
    assert books.orders()[0].state is State.PAID
    assert books.reverse("n1").state is State.REVERSED


def test_a_silent_order_is_not_spoken_of_until_it_is_reversed(books: Books) -> None:
    with pytest.raises(Silence):
        books.charge("n1", 100, part=Fault.SILENT)
    with pytest.raises(Silence):
        books.look("n1")
    assert books.reverse("n1").state is State.CLOSED
    assert books.look("n1") is not None


def test_an_open_order_expires_and_is_then_paid_by_nobody(
    books: Books, clock: StandingClock
) -> None:
    books.open("n1", 100, way=Way.SCAN, expires_at=clock.now() + timedelta(minutes=2))
    clock.move(minutes=2)
    with pytest.raises(Refused):
        books.pay_open("n1")
    assert books.orders()[0].state is State.CLOSED


def test_refunds_never_go_beyond_what_was_paid(books: Books, clock: StandingClock) -> None:
    books.charge("n1", 100)
    books.refund("n1", "r1", 60)
    assert books.refund("n1", "r1", 60) == books.look_refund("r1")
    for number, amount, why in (("r2", 41, Why.BEYOND), ("r1", 50, Why.DIFFERENT)):
        with pytest.raises(Refused) as refused:
            books.refund("n1", number, amount)
        assert refused.value.why is why
    books.refund("n1", "r3", 40, part=Fault.REFUND_FAILS)
    clock.move(seconds=120)
    assert books.net_amount("n1") == 40
    books.refund("n1", "r4", 40)
    assert books.net_amount("n1") == 0


def test_concurrent_refunds_never_go_beyond_what_was_paid(books: Books) -> None:
    books.charge("n1", 100)

    def refund(count: int) -> bool:
        try:
            books.refund("n1", f"r{count}", 30)
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(refund, range(16))) == 3


def test_moves_of_a_day_tell_all_that_moved(books: Books, clock: StandingClock) -> None:
    start = clock.now()
    books.charge("n1", 100)
    books.charge("n2", 70)
    clock.move(minutes=1)
    books.refund("n1", "r1", 30)
    books.reverse("n2")
    moves = books.moves(start, clock.now() + timedelta(seconds=1))
    assert [(move.kind, move.amount) for move in moves] == [
        (MoveKind.PAID, 100),
        (MoveKind.PAID, 70),
        (MoveKind.REFUNDED, 30),
        (MoveKind.REVERSED, 70),
    ]
    assert len(books.moves(start, clock.now())) == 2


def test_the_merchant_is_to_be_told_once_of_each_event(books: Books, clock: StandingClock) -> None:
    books.charge("n1", 100, part=Fault.PAYER_TYPES, notice_url="http://127.0.0.1:1/n")
    assert books.events.due(clock.now()) == []
    clock.move(seconds=20)
    books.settle()
    books.settle()
    (event,) = books.events.due(clock.now())
    assert (event.number, event.sent) == ("n1", 0)
    books.events.told(event, None)
    assert books.events.due(clock.now() + timedelta(days=9)) == []


def test_an_ended_mandate_stays_ended(books: Books) -> None:
    assert books.mandates.ask("m1", "payer").state is MandateState.ASKED
    assert books.mandates.confirm("m1").state is MandateState.ACTIVE
    assert books.mandates.end("m1").state is MandateState.ENDED
    with pytest.raises(Refused):
        books.mandates.confirm("m1")
    with pytest.raises(Refused):
        books.mandates.end("never asked")


def test_a_killed_peer_forgets_nothing(tmp_path: Path, clock: StandingClock) -> None:
    first = Books(tmp_path / "books.sqlite3", clock.now)
    first.charge("n1", 100)
    second = Books(tmp_path / "books.sqlite3", clock.now)
    assert second.orders() == first.orders()
    assert second.charge("n2", 5).reference != second.orders()[0].reference
    first.close_file()
    second.close_file()

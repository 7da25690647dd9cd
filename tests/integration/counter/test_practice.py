"""Practice at a counter: everything as in earnest, and nothing of it in the real books."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from devices import ports
from domain.payment_codes import DEFAULT_RULES, UnknownCode, recognise
from sync.messages import Record
from sync.signing import record_bytes, verify
from terminal_app.counter import events as on
from terminal_app.counter import presses
from terminal_app.counter.front import Front, Switch
from terminal_app.counter.machine import Phase
from terminal_app.counter.parts import Parts
from terminal_app.counter.practice import SHOWN_CODE, TITLE, Practice
from terminal_app.counter.run import Counter
from terminal_app.counter.view import CounterView
from tests.integration.counter.bench import (
    CARD,
    CASHIER_PIN,
    STRANGE_CARD,
    WECHAT,
    Bench,
    profile,
)
from tests.integration.counter.conftest import Make
from tests.unit.sync import makers


class Floor:
    """A bench with practice in front of its counter."""

    def __init__(self, bench: Bench, folder: Path) -> None:
        self.bench = bench
        self.path = folder / "practice.sqlite3"
        self.made: list[Practice] = []
        self.views: list[CounterView] = []
        self.front = Front(self._real, self._practice)
        self.front.listen(self.views.append)

    def _real(self, switch: Switch) -> Counter:
        self.bench.practise = switch
        self.bench.build()
        return self.bench.counter

    def _practice(self, real: Parts, switch: Switch) -> Practice:
        made = Practice(self.path, real, self.bench.clock, self.bench.random, switch)
        self.made.append(made)
        return made

    def post(self, *posted: object) -> None:
        for one in posted:
            self.front.post(one)  # type: ignore[arg-type]
        self.step()

    def step(self) -> None:
        self.front.step(self.bench.now)

    def wait(self, seconds: float) -> None:
        for _ in range(round(seconds / 0.05)):
            self.bench.clock.advance(0.05)
            self.step()

    def card(self, uid: bytes = CARD) -> None:
        seen = ports.CardPresented(
            uid=uid,
            assurance=ports.Assurance.CARD_UID,
            seen_at=self.bench.now,
            reader="reader",
        )
        self.post(seen)

    def begin(self) -> None:
        self.step()
        self.post(presses.PracticeAsked(CASHIER_PIN))
        self.step()
        self.post(on.ServingStarted())
        self.wait(0.5)

    @property
    def view(self) -> CounterView:
        return self.front.view()


@pytest.fixture
def floor(make: Make, tmp_path: Path) -> Iterator[Floor]:
    made = Floor(make(), tmp_path)
    yield made
    made.front.close()


def sold(floor: Floor) -> int:
    books = floor.made[-1].counter.parts.store
    found = books.row("SELECT count(*) FROM journal WHERE kind = 'acceptance'")
    assert found is not None
    return int(found[0])


def test_a_practice_sale_is_decided_by_what_the_replica_knows(floor: Floor) -> None:
    floor.begin()
    assert floor.view.is_practice
    assert (floor.view.phase, floor.view.operator_name) == (Phase.ARMED, "陈师傅")
    floor.card()
    assert floor.view.phase is Phase.APPROVED
    assert (floor.view.masked_name, floor.view.shown_amount) == ("张*明", 1200)
    assert sold(floor) == 1


def test_the_real_books_wire_and_balances_know_nothing_of_it(floor: Floor) -> None:
    floor.begin()
    bench = floor.bench
    head, waiting = bench.journal.head(), bench.journal.waiting()
    floor.card()
    floor.wait(1)
    floor.post(ports.CardRemoved("reader", bench.now))
    floor.wait(2)
    floor.post(ports.CodeScanned(WECHAT, ports.Symbology.QR, "scanner", bench.now))
    assert floor.view.phase is Phase.APPROVED
    assert sold(floor) == 2
    assert (bench.journal.head(), bench.journal.waiting()) == (head, waiting)
    assert not bench.server.requests
    account = bench.replica.account(makers.CASH_ACCOUNT)
    assert account is not None
    assert account.available == 50_000
    assert not bench.store.rows("SELECT * FROM intent")


def test_nothing_of_the_real_counter_but_paper_and_eyes_is_within_reach(floor: Floor) -> None:
    floor.begin()
    real, own = floor.front.parts, floor.made[-1].counter.parts
    shared = {"binding", "store", "journal", "replica", "clock", "desk", "till", "asking", "shift"}
    assert all(getattr(real, name) is not getattr(own, name) for name in shared)
    assert own.binding.terminal_id != real.binding.terminal_id
    assert own.store.path != real.store.path


def test_a_practice_row_would_be_authentic_nowhere(floor: Floor) -> None:
    floor.begin()
    floor.card()
    rows = floor.made[-1].counter.parts.journal.lease(50, floor.bench.clock.at)
    assert rows
    real_key = makers.terminal_key().public_key
    assert not any(_is_authentic(row, real_key) for row in rows)


def _is_authentic(row: Record, key: bytes) -> bool:
    return verify(key, record_bytes(row), row.signature)


def test_leaving_brings_the_real_counter_back_and_the_file_goes(floor: Floor) -> None:
    floor.begin()
    floor.card()
    assert floor.path.exists()
    floor.post(presses.PracticeLeft())
    assert not floor.view.is_practice
    assert floor.view.phase is Phase.LOCKED
    assert not any(floor.path.parent.glob("practice*"))
    assert floor.views[-1] == floor.view


def test_practice_needs_an_operators_pin_and_a_counter_at_rest(floor: Floor) -> None:
    floor.step()
    floor.post(presses.PracticeAsked("000000"))
    assert floor.view.refusal.code == "pins.wrong"
    floor.post(presses.PinEntered(CASHIER_PIN), presses.DayAccepted(), on.ServingStarted())
    assert not floor.view.may_practise
    floor.post(presses.PracticeAsked(CASHIER_PIN))
    assert floor.view.refusal.code == "counters.busy"
    floor.post(on.Paused())
    assert floor.view.may_practise
    floor.begin()
    assert floor.view.is_practice
    floor.post(presses.PracticeLeft())
    assert floor.view.phase is Phase.IDLE


def test_a_new_terminal_offers_practice_until_somebody_did(floor: Floor) -> None:
    floor.wait(1.1)
    assert floor.view.offers_practice
    floor.begin()
    floor.post(presses.PracticeLeft())
    floor.wait(1.1)
    assert not floor.view.offers_practice


def test_between_meals_and_with_any_card_there_is_something_to_practise(
    make: Make, tmp_path: Path
) -> None:
    floor = Floor(make(starts="06:00", ends="07:00"), tmp_path)
    floor.begin()
    assert floor.view.phase is Phase.ARMED
    floor.card(STRANGE_CARD)
    assert floor.view.phase is Phase.APPROVED
    floor.front.close()


def test_paper_says_that_it_is_practice_and_the_drawer_stays_shut(
    make: Make, tmp_path: Path
) -> None:
    floor = Floor(make(profile(receipts={"when": "always"})), tmp_path)
    floor.begin()
    floor.post(presses.CashTendered())
    assert floor.view.phase in (Phase.APPROVED, Phase.ARMED)
    printing = floor.front.parts.printing
    while printing.step(floor.bench.now):
        pass
    assert [receipt.title for receipt in floor.bench.printed] == [TITLE]
    floor.front.close()


def test_cash_for_a_wallet_is_practised_without_touching_one(floor: Floor) -> None:
    floor.begin()
    floor.post(presses.TopUpAsked())
    floor.card()
    for digit in "5000":
        floor.post(presses.DigitTyped(digit))
    floor.post(on.Entered())
    floor.wait(0.5)
    floor.post(on.Confirmed(on.Who.DINER), presses.PinEntered(CASHIER_PIN))
    floor.step()
    assert floor.view.top_up is not None
    assert floor.view.top_up.step.value == "booked"
    assert not floor.bench.server.top_ups
    assert not floor.bench.store.rows("SELECT * FROM top_up")


def test_a_practice_code_is_a_sentence_and_no_payment_and_is_paid_by_itself(floor: Floor) -> None:
    floor.begin()
    assert floor.view.showing.may_show
    floor.post(presses.PayeeCodeAsked())
    assert floor.view.phase is Phase.AWAITING
    assert floor.view.showing.text == SHOWN_CODE
    assert floor.view.is_practice
    assert recognise(SHOWN_CODE, DEFAULT_RULES) == UnknownCode()
    for _ in range(12):
        floor.wait(1)
        if floor.view.is_paid and sold(floor):
            break
    assert sold(floor) == 1
    assert floor.bench.server.requests == []


def test_a_practice_code_that_is_given_up_takes_nothing(floor: Floor) -> None:
    floor.begin()
    floor.post(presses.PayeeCodeAsked())
    floor.post(on.StopPressed())
    floor.wait(3)
    assert floor.view.phase not in (Phase.AWAITING, Phase.CANCELLING)
    assert sold(floor) == 0

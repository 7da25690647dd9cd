"""Cash for a wallet at the counter: once, whatever the network and the power do."""

from __future__ import annotations

from uuid import UUID

import msgspec
import pytest

from domain.errors import Unavailable
from sync import top_ups as kept
from sync.client import Turned
from sync.messages import RecordKind, TopUpAnswer, TopUpOutcome
from terminal_app.counter import events as on
from terminal_app.counter import presses
from terminal_app.counter.machine import Phase
from terminal_app.counter.top_up import TopUpStep
from terminal_app.counter.view import TopUpState
from tests.integration.counter.bench import (
    CARD,
    CASHIER_PIN,
    STRANGE_CARD,
    SUPERVISOR_PIN,
    WECHAT,
    Bench,
    profile,
)
from tests.integration.counter.conftest import Make
from tests.unit.sync import makers


def ask(bench: Bench, digits: str = "5000") -> None:
    """Everything up to the PIN: card, sum, and the diner's word."""
    bench.post(presses.TopUpAsked())
    bench.card(CARD)
    for digit in digits:
        bench.post(presses.DigitTyped(digit))
    bench.post(on.Entered())
    bench.wait(0.5)
    bench.post(on.Confirmed(on.Who.DINER))


def step_of(bench: Bench) -> TopUpStep | None:
    return bench.view.top_up.step if bench.view.top_up else None


def balance(bench: Bench) -> int:
    account = bench.replica.account(makers.CASH_ACCOUNT)
    assert account is not None
    return account.balance


def test_a_diner_tops_up_with_cash_and_gets_a_receipt(bench: Bench) -> None:
    ask(bench)
    assert step_of(bench) is TopUpStep.PIN
    assert not bench.server.top_ups
    bench.post(presses.PinEntered(CASHIER_PIN))
    (request,) = bench.server.top_ups
    assert (request.amount, request.confirmed_by) == (5_000, "diner")
    assert request.payer.startswith("card:")
    assert request.shift_id == bench.counter.parts.shift.shift_id
    assert step_of(bench) is TopUpStep.BOOKED
    while bench.counter.parts.printing.step(bench.now):
        pass
    (receipt,) = bench.printed
    assert receipt.code == request.top_up_id.hex
    assert balance(bench) == 55_000
    bench.wait(9)
    assert bench.view.top_up is None
    assert bench.phase is Phase.ARMED
    (line,) = bench.view.top_ups
    assert (line.state, line.amount, line.masked_name) == (TopUpState.BOOKED, 5_000, "张*明")


def test_nothing_is_sold_while_a_top_up_is_on_the_glass(bench: Bench) -> None:
    ask(bench)
    bench.lift_card()
    bench.wait(1.5)
    bench.card()
    bench.post(presses.CashTendered())
    assert bench.phase is Phase.TOP_UP
    assert not bench.server.requests
    assert not bench.accepted


def test_offline_it_is_refused_before_anybody_takes_cash(bench: Bench) -> None:
    bench.server.is_online_first = False
    bench.step()
    assert not bench.view.may_top_up
    bench.post(presses.TopUpAsked())
    assert bench.view.refusal.code == "top_ups.needs_server"
    assert bench.phase is Phase.ARMED


def test_gone_offline_before_the_pin_takes_nothing(bench: Bench) -> None:
    ask(bench)
    bench.server.is_online_first = False
    bench.post(presses.PinEntered(CASHIER_PIN))
    assert bench.view.refusal.code == "top_ups.needs_server"
    assert bench.store.row("SELECT count(*) FROM top_up") == (0,)


def test_the_cashier_cannot_agree_in_the_diners_place(bench: Bench) -> None:
    bench.post(presses.TopUpAsked())
    bench.card()
    bench.post(presses.DigitTyped("9"), on.Entered())
    bench.wait(0.5)
    bench.post(on.Confirmed(on.Who.CASHIER))
    assert step_of(bench) is TopUpStep.CONFIRM
    assert bench.view.refusal.code == "top_ups.diner_confirms"


def test_only_the_operators_own_pin_takes_it(bench: Bench) -> None:
    ask(bench)
    bench.post(presses.PinEntered("000000"))
    assert bench.view.refusal.code == "pins.wrong"
    bench.post(presses.PinEntered(SUPERVISOR_PIN))
    assert bench.view.refusal.code == "pins.wrong"
    assert not bench.server.top_ups


def test_a_stranger_and_a_phones_channel_code_name_nobody(bench: Bench) -> None:
    bench.post(presses.TopUpAsked())
    bench.card(STRANGE_CARD)
    assert bench.view.hint.code == "people.not_entitled_here"
    bench.lift_card()
    bench.code(WECHAT)
    assert bench.view.hint.code == "top_ups.no_person"
    bench.post(presses.TopUpNumber("nobody"))
    assert bench.view.refusal.code == "people.unknown"
    assert step_of(bench) is TopUpStep.WHO


def test_by_number_names_the_person_and_not_me_goes_back(bench: Bench) -> None:
    person = bench.replica.person(makers.PERSON)
    assert person is not None
    bench.post(presses.TopUpAsked(), presses.TopUpNumber(person.number))
    bench.post(presses.DigitTyped("1"), presses.DigitTyped("00"), on.Entered())
    bench.wait(0.5)
    bench.post(on.NotMe())
    assert step_of(bench) is TopUpStep.AMOUNT
    bench.post(on.Cleared())
    assert bench.view.top_up is None
    assert bench.phase is Phase.ARMED


def test_a_lost_answer_is_asked_again_with_the_same_id_and_booked_once(bench: Bench) -> None:
    bench.server.loses_answers = True
    ask(bench)
    bench.post(presses.PinEntered(CASHIER_PIN))
    assert step_of(bench) is TopUpStep.WAITING
    assert bench.view.top_ups[0].state is TopUpState.OPEN
    bench.post(on.Entered())
    assert bench.phase is Phase.ARMED
    bench.server.loses_answers = False
    bench.wait(6)
    assert len({one.top_up_id for one in bench.server.top_ups}) == 1
    assert len(bench.server.top_ups) == 2
    assert bench.view.top_ups[0].state is TopUpState.BOOKED
    assert balance(bench) == 55_000


def test_a_power_cut_between_cash_and_answer_is_finished_after_the_start(bench: Bench) -> None:
    bench.server.loses_answers = True
    ask(bench)
    bench.post(presses.PinEntered(CASHIER_PIN))
    (first,) = bench.server.top_ups
    bench.server.loses_answers = False
    bench.restart()
    bench.wait(1.5)
    assert [one.top_up_id for one in bench.server.top_ups] == [first.top_up_id] * 2
    assert bench.view.top_ups[0].state is TopUpState.BOOKED


def test_a_no_hands_the_cash_back_and_leaves_the_drawer_as_it_was(bench: Bench) -> None:
    bench.server.refuses_top_ups = "people.frozen"
    ask(bench)
    bench.post(presses.PinEntered(CASHIER_PIN))
    assert step_of(bench) is TopUpStep.REFUSED
    assert bench.view.top_up is not None
    assert bench.view.top_up.code == "people.frozen"
    assert bench.counter.parts.shift.count().expected_amount == 0
    bench.wait(120)
    assert len(bench.server.top_ups) == 1
    bench.post(on.Entered())
    assert bench.phase is Phase.ARMED


def test_turned_away_after_a_lost_answer_stays_open_for_a_person_to_look_at(bench: Bench) -> None:
    bench.server.loses_answers = True
    ask(bench)
    bench.post(presses.PinEntered(CASHIER_PIN))
    bench.server.turns_away = Turned("terminals.unknown")
    bench.wait(6)
    line = bench.view.top_ups[0]
    assert (line.state, line.code) == (TopUpState.OPEN, "terminals.unknown")


def test_the_drawer_counts_it_and_a_shift_does_not_close_over_an_open_one(bench: Bench) -> None:
    bench.server.loses_answers = True
    ask(bench)
    bench.post(presses.PinEntered(CASHIER_PIN))
    bench.post(on.Entered())
    bench.acknowledge_all()
    bench.post(presses.CloseAsked(5_000, is_queue_accepted=True))
    assert bench.view.refusal.code == "top_ups.open"
    bench.server.loses_answers = False
    bench.wait(6)
    bench.post(presses.CloseAsked(5_000, is_queue_accepted=True))
    closed = bench.view.closed
    assert closed is not None
    assert (closed.difference_amount, closed.count.topped_up_amount) == (0, 5_000)


def test_the_journal_speaks_of_the_cash_before_and_after(bench: Bench) -> None:
    ask(bench)
    bench.post(presses.PinEntered(CASHIER_PIN))
    names = [event.name for event in bench.records(RecordKind.EVENT)]
    assert names[-2:] == ["top_up_taken", "top_up_booked"]


def test_a_disk_that_is_full_when_the_word_comes_neither_stops_the_counter_nor_loses_it(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise Unavailable("storage.full")

    bench.executor.is_immediate = False
    ask(bench)
    bench.post(presses.PinEntered(CASHIER_PIN))
    with monkeypatch.context() as broken:
        broken.setattr(bench.journal, "append", full)
        broken.setattr(bench.store, "execute", full)
        bench.executor.run()
        bench.wait(7)
        bench.executor.run()
        bench.wait(1)
    (open_still,) = bench.view.top_ups
    assert open_still.state is TopUpState.OPEN
    bench.executor.is_immediate = True
    bench.wait(7)
    (line,) = bench.view.top_ups
    assert line.state is TopUpState.BOOKED
    assert len({one.top_up_id for one in bench.server.top_ups}) == 1


def test_five_wrong_pins_lock_it_and_the_owner_hears_of_it(bench: Bench) -> None:
    ask(bench)
    for _ in range(5):
        bench.post(presses.PinEntered("000000"))
    assert bench.view.refusal.code == "pins.locked"
    assert [event.name for event in bench.records(RecordKind.EVENT)].count("pin_locked") == 1
    bench.post(presses.PinEntered(CASHIER_PIN))
    assert not bench.server.top_ups


@pytest.mark.parametrize("roles", [(), ("supervisor",)])
def test_who_takes_cash_for_wallets_is_the_profiles_word(
    make: Make, roles: tuple[str, ...]
) -> None:
    bench = make(profile("canteen", top_ups={"roles": roles}))
    bench.serve()
    assert not bench.view.may_top_up
    bench.post(presses.TopUpAsked())
    assert bench.view.refusal.code == "top_ups.not_yours"
    assert bench.phase is Phase.ARMED


def test_what_nobody_answered_stays_in_sight_behind_any_number_of_newer_ones(bench: Bench) -> None:
    bench.server.loses_answers = True
    ask(bench)
    bench.post(presses.PinEntered(CASHIER_PIN))
    (old,) = bench.server.top_ups
    for number in range(6):
        bench.wait(1)
        newer = msgspec.structs.replace(
            old, top_up_id=UUID(int=number + 1), stamp=bench.counter.parts.clock.stamp()
        )
        kept.freeze(bench.journal, newer, makers.PERSON)
        booked = TopUpAnswer(top_up_id=newer.top_up_id, outcome=TopUpOutcome.BOOKED)
        assert kept.settle(bench.journal, booked)
    rows = kept.last_top_ups(bench.store, 5, bench.counter.parts.meals.day_since())
    assert [row.request.top_up_id.int for row in rows[:-1]] == [6, 5, 4, 3, 2]
    assert rows[-1].request.top_up_id == old.top_up_id

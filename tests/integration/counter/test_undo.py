"""Taking back: one tap, a PIN, a supervisor; online and offline."""

from __future__ import annotations

from domain.authorization import Tender
from sync.messages import Outcome, RecordKind
from sync.pins import refund_approval
from terminal_app.counter import events as on
from terminal_app.counter import presses
from terminal_app.counter.machine import Phase
from terminal_app.counter.strip import RowState
from tests.integration.counter.bench import (
    CARD,
    CASHIER_PIN,
    OTHER_CARD,
    PERSON,
    SUPERVISOR_PIN,
    Bench,
    answer,
    profile,
)
from tests.integration.counter.canteen import CASHIER


def undo(bench: Bench, place: int = 0, pin: str = "", who: on.Who = on.Who.CASHIER) -> None:
    row = bench.view.strip[place].row
    bench.post(presses.UndoPressed(row.payment_id, who, pin))


def test_one_tap_undoes_the_sale_on_the_glass_with_a_refund_of_its_own(bench: Bench) -> None:
    bench.card()
    undo(bench)
    assert bench.phase is Phase.REVERSED
    (refund,) = bench.records(RecordKind.REFUND)
    assert refund.payment_id == bench.accepted[0].request.intent.payment_id
    assert refund.amount == 1200
    assert refund.tender is Tender.WALLET
    assert bench.view.strip[0].row.state is RowState.REVERSED


def test_undo_works_offline_and_credits_nothing_before_the_servers_word(bench: Bench) -> None:
    bench.server.is_up = False
    bench.card()
    undo(bench)
    assert bench.phase is Phase.REVERSED
    snapshot = bench.replica.snapshot(PERSON)
    assert snapshot is not None
    assert snapshot.sources[0].available_amount == 50_000 - 1200


def test_an_undone_meal_may_be_had_again_without_asking(bench: Bench) -> None:
    bench.card()
    undo(bench)
    bench.wait(2)
    bench.lift_card()
    bench.wait(11)
    bench.card()
    assert bench.phase is Phase.APPROVED
    assert bench.accepted[1].request.intent.total == 1200


def test_an_older_sale_is_undone_while_the_next_diner_is_served(bench: Bench) -> None:
    bench.card()
    bench.wait(1)
    bench.lift_card()
    bench.wait(1.6)
    assert bench.phase is Phase.ARMED
    undo(bench)
    assert bench.phase is Phase.ARMED
    assert len(bench.records(RecordKind.REFUND)) == 1


def test_undone_cash_opens_the_drawer_and_names_who_undid_it(bench: Bench) -> None:
    bench.post(presses.CashTendered(2000))
    undo(bench)
    assert bench.phase is Phase.REVERSED
    (refund,) = bench.records(RecordKind.REFUND)
    assert (refund.tender, refund.operator_id) == (Tender.CASH, CASHIER)


def test_a_sale_is_undone_once(bench: Bench) -> None:
    bench.card()
    undo(bench)
    undo(bench)
    assert bench.view.refusal.code == "undo.nothing"
    assert len(bench.records(RecordKind.REFUND)) == 1


def test_the_diner_may_take_it_back_for_five_seconds(bench: Bench) -> None:
    bench.card()
    assert bench.view.diner_undo_left_s == 5
    bench.wait(4)
    undo(bench, who=on.Who.DINER)
    assert bench.phase is Phase.REVERSED


def test_after_five_seconds_the_diner_may_not(bench: Bench) -> None:
    bench.card()
    bench.wait(6)
    undo(bench, who=on.Who.DINER)
    assert bench.phase is Phase.CLEARING
    assert bench.records(RecordKind.REFUND) == []


def test_after_a_minute_a_pin_is_asked(bench: Bench) -> None:
    bench.card()
    bench.wait(1)
    bench.lift_card()
    bench.wait(61)
    undo(bench)
    assert bench.view.refusal.code == "undo.needs_pin"
    undo(bench, pin="000000")
    assert bench.view.refusal.code == "pins.wrong"
    undo(bench, pin=CASHIER_PIN)
    [refund] = bench.records(RecordKind.REFUND)
    assert (refund.supervisor_id, refund.supervisor_proof) == (None, b"")


def test_above_the_limit_a_supervisor_lends_one_action(make) -> None:
    bench = make(profile(undo={"supervisor_above_amount": 1000}))
    bench.serve()
    bench.card()
    undo(bench)
    assert bench.view.refusal.code == "undo.needs_supervisor"
    undo(bench, pin=CASHIER_PIN)
    assert bench.view.refusal.code == "operators.not_allowed"
    undo(bench, pin=SUPERVISOR_PIN)
    [refund] = bench.records(RecordKind.REFUND)
    # The proof is by the hash that the server knows, over this very refund
    row = next(one for one in bench.replica.operators() if one.operator_id == refund.supervisor_id)
    assert row.role == "supervisor"
    facts = (refund.refund_id, refund.payment_id, refund.amount)
    assert refund.supervisor_proof == refund_approval(row.pin_hash, *facts)
    assert bench.view.operator_name == "陈师傅"
    assert "supervisor_lent" in {event.name for event in bench.records(RecordKind.EVENT)}


def test_a_limit_of_nothing_asks_a_supervisor_for_everything(make) -> None:
    bench = make(profile(undo={"supervisor_above_amount": 0}))
    bench.serve()
    bench.card()
    undo(bench)
    assert bench.view.refusal.code == "undo.needs_supervisor"


def test_clearing_before_the_answer_is_a_cancellation_and_no_refund(bench: Bench) -> None:
    bench.executor.is_immediate = False
    bench.card()
    bench.post(on.Cleared())
    assert bench.phase is Phase.REVERSED
    bench.executor.run()
    bench.wait(3)
    assert bench.accepted == []
    assert len(bench.records(RecordKind.CANCELLATION)) == 1
    assert bench.records(RecordKind.REFUND) == []


def test_a_channels_money_goes_back_only_through_the_server(bench: Bench) -> None:
    bench.code()
    assert bench.phase is Phase.APPROVED
    bench.server.is_online_first = False
    undo(bench)
    assert bench.view.refusal.code == "refunds.not_offline"
    bench.server.is_online_first = True
    undo(bench)
    assert bench.phase is Phase.CANCELLING
    payment = bench.server.requests[0]
    bench.server.known[payment.intent.payment_id] = answer(
        payment, Outcome.APPROVED, refunded_amount=2000
    )
    bench.wait(1.1)
    assert bench.phase is Phase.REVERSED


def test_another_shifts_sale_is_not_undone_here(bench: Bench) -> None:
    bench.card()
    bench.wait(1)
    bench.lift_card()
    bench.wait(1.5)
    bench.post(on.Paused())
    bench.post(presses.CloseAsked(0, is_queue_accepted=True))
    bench.open_shift()
    undo(bench)
    assert bench.view.refusal.code == "undo.other_shift"


def test_a_sale_from_before_the_power_cut_is_undone_with_a_pin(bench: Bench) -> None:
    bench.card(CARD)
    bench.wait(1)
    bench.lift_card()
    bench.wait(1.6)
    bench.card(OTHER_CARD)
    bench.restart()
    bench.open_shift()
    undo(bench, pin=CASHIER_PIN)
    assert len(bench.records(RecordKind.REFUND)) == 1

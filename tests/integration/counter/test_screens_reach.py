"""What the table promises can be reached: by a value of the view, and by a press or a key."""

from __future__ import annotations

from devices import ports
from sync.messages import Outcome, RecordKind
from terminal_app.counter import events as on
from terminal_app.counter import presses
from terminal_app.counter.machine import Phase
from terminal_app.counter.parts import StageName, StageState
from terminal_app.counter.undo import Needs
from tests.integration.counter.bench import (
    CASHIER_PIN,
    SUPERVISOR_PIN,
    Bench,
    answer,
)
from tests.integration.counter.conftest import Make


def health(bench: Bench, device: str, kind: str, *, is_lost: bool = False) -> None:
    state = ports.HealthState.LOST if is_lost else ports.HealthState.READY
    code = "devices.lost" if is_lost else ""
    bench.post(ports.DeviceHealth(device, kind, state, bench.now, code))


def stages(bench: Bench) -> dict[str, StageState]:
    return {stage.name.value: stage.state for stage in bench.view.stages}


def test_a_start_shows_its_stages_and_card_and_code_are_ready_before_the_face(make: Make) -> None:
    bench = make()
    first = bench.views[0]
    assert first.phase is Phase.STARTING
    assert [stage.name for stage in first.stages] == list(StageName)
    assert stages(bench)["readers"] is StageState.WAITING
    health(bench, "scanner", "scanner")
    health(bench, "reader", "card_reader")
    bench.wait(1.1)
    seen = stages(bench)
    assert (seen["disk"], seen["clock"], seen["prices"]) == (StageState.READY,) * 3
    assert (seen["readers"], seen["face"]) == (StageState.READY, StageState.WAITING)
    health(bench, "camera", "camera")
    bench.wait(1.1)
    assert stages(bench)["face"] is StageState.READY


def test_a_reader_that_is_away_fails_its_stage_and_mends(make: Make) -> None:
    bench = make()
    health(bench, "scanner", "scanner")
    health(bench, "reader", "card_reader", is_lost=True)
    bench.wait(1.1)
    assert stages(bench)["readers"] is StageState.FAILED
    health(bench, "reader", "card_reader")
    bench.wait(1.1)
    assert stages(bench)["readers"] is StageState.READY


def test_stages_are_gone_once_the_day_is_open(bench: Bench) -> None:
    assert bench.view.stages == ()


def test_a_sale_of_two_minutes_ago_is_given_back_with_a_pin_as_the_strip_says(bench: Bench) -> None:
    bench.card()
    bench.wait(61)
    line = bench.view.strip[0]
    assert (line.may_undo, line.undo_left_s, line.needs) == (True, 0, Needs.PIN)
    bench.post(presses.UndoPressed(line.row.payment_id))
    assert bench.view.refusal.code == "undo.needs_pin"
    bench.post(presses.UndoPressed(line.row.payment_id, pin=CASHIER_PIN))
    assert len(bench.records(RecordKind.REFUND)) == 1
    assert not bench.view.strip[0].may_undo


def test_sales_of_an_earlier_shift_are_shown_and_not_offered_for_undo(bench: Bench) -> None:
    bench.card()
    bench.wait(2)
    bench.lift_card()
    bench.wait(2)
    bench.post(on.Paused(), presses.CloseAsked(0, is_queue_accepted=True))
    assert bench.phase is Phase.LOCKED
    bench.open_shift()
    assert not bench.view.strip[0].may_undo


def test_sync_now_asks_the_wire_at_once(make: Make) -> None:
    bench = make()
    bench.post(presses.SyncAsked())
    assert bench.syncs == 1


def test_a_parked_phone_that_paid_says_in_the_strip_who_comes_back(bench: Bench) -> None:
    bench.server.says = lambda request: answer(request, Outcome.AWAITING)
    bench.code()
    bench.wait(0.2)
    bench.post(on.NextPressed())
    (payment_id,) = bench.server.known
    bench.server.decide(payment_id, Outcome.APPROVED, total=2000, masked_name="赵*")
    bench.wait(1.2)
    row = bench.view.strip[0].row
    assert (row.masked_name, row.was_parked, row.is_pulsing) == ("赵*", True, False)


def test_records_the_server_will_not_take_are_counted_on_the_badge(bench: Bench) -> None:
    assert bench.view.badge.rejected_count == 0
    bench.store.execute("UPDATE journal SET state = 'rejected' WHERE place = 1")
    bench.step()
    assert bench.view.badge.rejected_count == 1
    assert bench.view.badge.waiting_count == bench.journal.waiting().count


def test_a_supervisor_holds_a_meal_open_that_the_view_names(make: Make) -> None:
    bench = make(starts="06:00", ends="07:00")
    bench.open_shift()
    assert bench.phase is Phase.NO_PERIOD
    period, _zh, _en = bench.view.day.periods[0]
    bench.post(presses.PeriodHeldOpen(period, SUPERVISOR_PIN))
    assert bench.phase is Phase.IDLE
    assert bench.view.day.is_held_open
    assert bench.view.operator_name == "陈师傅"


def test_on_account_is_offered_only_for_somebody_known(bench: Bench) -> None:
    bench.server.says = lambda request: answer(request, Outcome.DECLINED, code="cards.unknown")
    bench.card(b"\x04card-9")
    assert bench.phase is Phase.DECLINED
    assert not bench.view.may_account
    bench.post(on.Cleared())
    bench.lift_card()
    bench.wait(2)
    bench.server.says = lambda request: answer(
        request, Outcome.DECLINED, code="wallets.insufficient"
    )
    bench.card()
    assert bench.phase is Phase.DECLINED
    assert bench.view.may_account

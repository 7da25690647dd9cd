"""After a power cut every frozen intent gets its outcome before the first sale."""

from __future__ import annotations

import msgspec

from sync.messages import RecordKind
from terminal_app.counter import events as on
from terminal_app.counter import presses
from terminal_app.counter.machine import Phase
from tests.integration.counter.bench import Bench, profile


def cut_power_mid_sale(bench: Bench) -> None:
    """The intent is on disk, the answer is not."""
    bench.executor.is_immediate = False
    bench.card()
    assert bench.phase is Phase.AUTHORISING
    bench.executor.is_immediate = True


def test_what_the_server_approved_is_counted(bench: Bench) -> None:
    cut_power_mid_sale(bench)
    bench.executor.run()
    bench.restart()
    bench.step()
    assert bench.phase is Phase.LOCKED
    assert len(bench.accepted) == 1
    assert bench.view.settled[0].is_charged
    assert bench.view.strip[0].row.amount == 1200
    assert bench.journal.open_intents() == []


def test_what_the_server_never_got_is_cancelled(bench: Bench) -> None:
    cut_power_mid_sale(bench)
    bench.restart()
    bench.step()
    assert bench.phase is Phase.LOCKED
    assert bench.accepted == []
    assert not bench.view.settled[0].is_charged
    assert len(bench.records(RecordKind.CANCELLATION)) == 1


def test_without_the_server_the_operator_says_whether_the_meal_was_handed_over(
    bench: Bench,
) -> None:
    cut_power_mid_sale(bench)
    bench.server.is_up = False
    bench.restart()
    bench.step()
    assert bench.phase is Phase.RECOVER
    (question,) = bench.view.questions
    assert question.is_asked
    bench.post(presses.PinEntered("135790"), on.ServingStarted())
    assert bench.phase is Phase.RECOVER
    bench.post(presses.HandedOver(question.payment_id, is_handed_over=True))
    assert bench.phase is Phase.LOCKED
    (acceptance,) = bench.accepted
    assert acceptance.request.intent.payment_id == question.payment_id


def test_not_handed_over_is_a_cancellation(bench: Bench) -> None:
    cut_power_mid_sale(bench)
    bench.server.is_up = False
    bench.restart()
    bench.step()
    (question,) = bench.view.questions
    bench.post(presses.HandedOver(question.payment_id, is_handed_over=False))
    assert bench.phase is Phase.LOCKED
    assert bench.accepted == []


def test_nobody_behind_the_counter_means_cancelled(make) -> None:
    unattended = profile("self_checkout", top={"attended": False})
    bench = make(unattended)
    bench.open_shift()
    bench.key_amount("1200")
    bench.wait(0.5)
    cut_power_mid_sale(bench)
    bench.server.is_up = False
    bench.restart()
    bench.step()
    assert bench.phase is Phase.LOCKED
    assert len(bench.records(RecordKind.CANCELLATION)) == 1


def test_an_approval_on_disk_needs_no_recovery(bench: Bench) -> None:
    bench.card()
    bench.restart()
    assert bench.phase is Phase.LOCKED
    assert len(bench.accepted) == 1
    assert bench.view.strip[0].row.amount == 1200


def test_a_shift_outlives_the_power_cut(bench: Bench) -> None:
    shift = bench.counter.parts.shift.present
    bench.restart()
    bench.open_shift()
    assert bench.counter.parts.shift.present == shift
    assert msgspec.json.encode(len(bench.records(RecordKind.SHIFT_OPENED))) == b"1"

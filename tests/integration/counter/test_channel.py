"""A channel's code: waited for, parked beside the line, given up until definite."""

from __future__ import annotations

from sync.messages import Outcome, RecordKind
from terminal_app.counter import events as on
from terminal_app.counter.machine import Phase
from terminal_app.counter.strip import RowState
from tests.integration.counter.bench import GUEST_AMOUNT, OTHER_CARD, WECHAT, Bench, answer


def awaiting(bench: Bench) -> None:
    bench.server.says = lambda request: answer(request, Outcome.AWAITING)
    bench.code()


def test_a_payer_confirms_on_the_phone_and_the_counter_hears_of_it(bench: Bench) -> None:
    awaiting(bench)
    assert bench.phase is Phase.AWAITING
    bench.server.decide(bench.server.requests[0].intent.payment_id, Outcome.APPROVED)
    bench.wait(1.1)
    assert bench.phase is Phase.APPROVED
    assert bench.accepted[0].request.intent.total == GUEST_AMOUNT


def test_no_journal_row_and_no_intent_ever_holds_the_payers_code(bench: Bench) -> None:
    awaiting(bench)
    bench.wait(2)
    assert bench.server.requests[0].auth_code == WECHAT
    stored = bench.path.read_bytes() + bench.path.with_name("counter.sqlite3-wal").read_bytes()
    assert WECHAT.encode() not in stored


def test_stopping_journals_the_cancellation_and_waits_until_it_is_definite(bench: Bench) -> None:
    awaiting(bench)
    bench.post(on.StopPressed())
    assert bench.phase is Phase.CANCELLING
    assert len(bench.records(RecordKind.CANCELLATION)) == 1
    bench.wait(3)
    assert bench.phase is Phase.CANCELLING
    bench.server.decide(bench.server.requests[0].intent.payment_id, Outcome.REVERSED)
    bench.wait(1.1)
    assert bench.phase is Phase.REVERSED
    assert bench.accepted == []


def test_a_yes_that_comes_after_the_cancellation_is_never_shown_as_paid(bench: Bench) -> None:
    awaiting(bench)
    bench.post(on.StopPressed())
    bench.server.decide(bench.server.requests[0].intent.payment_id, Outcome.APPROVED)
    bench.wait(14)
    assert bench.phase is Phase.CANCELLING
    bench.wait(2)
    assert bench.phase is Phase.ARMED
    assert bench.accepted == []


def test_the_line_goes_on_while_two_phones_are_waited_for(bench: Bench) -> None:
    awaiting(bench)
    bench.post(on.NextPressed())
    assert bench.phase is Phase.ARMED
    assert bench.view.strip[0].row.state is RowState.AWAITING
    bench.server.says = lambda request: answer(request, Outcome.APPROVED)
    bench.wait(0.4)
    bench.card(OTHER_CARD)
    assert bench.phase is Phase.APPROVED
    bench.server.decide(bench.server.requests[0].intent.payment_id, Outcome.APPROVED)
    bench.wait(2.2)
    assert len(bench.accepted) == 2
    assert bench.view.parked_count == 0


def test_a_parked_phone_nobody_answers_is_given_up_in_time(bench: Bench) -> None:
    awaiting(bench)
    bench.post(on.NextPressed())
    bench.wait(46)
    assert len(bench.records(RecordKind.CANCELLATION)) == 1
    assert bench.accepted == []


def test_without_the_network_a_channel_is_refused_and_nothing_is_sent(bench: Bench) -> None:
    bench.server.is_online_first = False
    bench.code()
    assert bench.phase is Phase.DECLINED
    assert bench.view.code == "tenders.not_offline"
    assert bench.server.requests == []


def test_a_code_the_server_never_got_is_sent_again_under_the_same_id(bench: Bench) -> None:
    bench.server.is_up = False
    bench.code()
    assert bench.phase is Phase.AWAITING
    bench.server.is_up = True
    bench.wait(1.1)
    assert bench.phase is Phase.APPROVED
    assert bench.server.requests[0].auth_code == WECHAT


def test_a_phone_left_lying_renews_its_code_and_is_charged_once(bench: Bench) -> None:
    bench.code()
    assert bench.phase is Phase.APPROVED
    for number in range(4):
        bench.wait(30)
        bench.code(f"13456789012345678{number}")
    assert len(bench.accepted) == 1
    bench.take_phone()
    bench.wait(0.4)
    bench.code("134567890123456700")
    assert len(bench.accepted) == 2

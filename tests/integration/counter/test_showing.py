"""A code that the payer scans off the glass: shown, paid, stopped, renewed, cut off, resumed."""

from __future__ import annotations

from pathlib import Path

from sync.messages import CODE_TEXT, Outcome, PaymentAnswer, PaymentRequest, RecordKind
from terminal_app.counter import events as on
from terminal_app.counter import presses
from terminal_app.counter.answers import PAID_TOO_LATE
from terminal_app.counter.machine import Phase
from terminal_app.counter.strip import RowState
from tests.integration.counter.bench import GUEST_AMOUNT, Bench, answer, approved, profile


def orders(request: PaymentRequest) -> PaymentAnswer:
    """The server waits for whoever scans."""
    text = f"https://pay.example.com/pay/{request.intent.payment_id.hex}0123456789abcdef"
    return answer(request, Outcome.AWAITING, data={CODE_TEXT: text})


def keyed(folder: Path) -> Bench:
    bench = Bench(folder, profile("canteen", amount={"source": "keyed"}))
    bench.server.says = orders
    bench.open_shift()
    bench.key_amount("1250")
    bench.wait(0.5)
    return bench


def showing(folder: Path) -> Bench:
    bench = keyed(folder)
    bench.post(presses.PayeeCodeAsked())
    assert bench.phase is Phase.AWAITING
    return bench


def test_the_code_stands_on_the_glass_with_its_amount_and_paying_it_is_seen(
    tmp_path: Path,
) -> None:
    bench = showing(tmp_path)
    (request,) = bench.server.requests
    shown = bench.view.showing
    assert shown.text.startswith("https://pay.example.com/pay/")
    assert (shown.amount, shown.may_renew, bench.view.seconds_left) == (1250, True, 170)
    assert len(bench.journal.open_intents()) == 1
    bench.server.decide(request.intent.payment_id, Outcome.APPROVED, total=1250, mac=b"m")
    bench.wait(0.6)
    assert bench.phase is Phase.APPROVED
    assert bench.view.showing.text == ""
    assert bench.accepted[0].request.intent.payer == "payee"
    bench.close()


def test_the_next_one_who_scans_within_seconds_is_somebody_else(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.serve()
    bench.server.says = approved
    for _ in range(2):
        bench.wait(1.5)
        bench.post(presses.PayeeCodeAsked())
        assert bench.phase is Phase.APPROVED
    assert [one.request.intent.total for one in bench.accepted] == [GUEST_AMOUNT] * 2
    bench.close()


def test_the_key_is_offered_only_where_and_while_a_code_can_be_paid(tmp_path: Path) -> None:
    bench = keyed(tmp_path)
    assert bench.view.showing.may_show
    bench.shows_codes = False
    bench.wait(0.1)
    assert not bench.view.showing.may_show
    bench.post(presses.PayeeCodeAsked())
    assert bench.view.refusal.code == "tenders.not_accepted"
    bench.shows_codes, bench.server.is_online_first = True, False
    bench.post(presses.PayeeCodeAsked())
    assert bench.view.refusal.code == "tenders.not_offline"
    assert not bench.view.showing.may_show
    bench.post(on.Cleared())
    bench.server.is_online_first = True
    bench.post(presses.PayeeCodeAsked())
    assert bench.view.refusal.code == "counters.busy"
    assert bench.server.requests == []
    bench.close()


def test_a_code_that_the_server_is_slow_to_give_comes_later(tmp_path: Path) -> None:
    bench = keyed(tmp_path)
    bench.server.is_up = False
    bench.post(presses.PayeeCodeAsked())
    assert bench.phase is Phase.AWAITING
    assert bench.view.showing.text == ""
    bench.server.is_up = True
    bench.wait(0.6)
    assert bench.view.showing.text
    assert len(bench.server.requests) == 1
    bench.close()


def test_stop_closes_the_order_and_waits_until_that_is_definite(tmp_path: Path) -> None:
    bench = showing(tmp_path)
    bench.post(on.StopPressed())
    assert bench.phase is Phase.CANCELLING
    assert bench.view.showing.text == ""
    assert len(bench.records(RecordKind.CANCELLATION)) == 1
    bench.server.decide(bench.server.requests[0].intent.payment_id, Outcome.CANCELLED)
    bench.wait(1.1)
    assert bench.phase is Phase.REVERSED
    assert not bench.view.showing.was_taken
    bench.close()


def test_money_that_comes_after_stop_is_told_as_returned(tmp_path: Path) -> None:
    bench = showing(tmp_path)
    bench.post(on.StopPressed())
    bench.server.decide(bench.server.requests[0].intent.payment_id, Outcome.REVERSED)
    bench.wait(1.1)
    assert bench.phase is Phase.REVERSED
    assert bench.view.showing.was_taken
    assert bench.accepted == []
    bench.close()


def test_money_that_comes_when_the_line_has_gone_on_is_told_in_the_strip(tmp_path: Path) -> None:
    bench = showing(tmp_path)
    bench.post(on.StopPressed())
    bench.wait(16)
    assert bench.phase is Phase.IDLE
    assert bench.view.strip[0].row.state is RowState.CANCELLING
    tones = bench.view.tone_number
    bench.server.decide(bench.server.requests[0].intent.payment_id, Outcome.REVERSED)
    bench.wait(2)
    row = bench.view.strip[0].row
    assert (row.state, row.code) == (RowState.REVERSED, PAID_TOO_LATE)
    assert bench.view.tone_number == tones + 1
    bench.close()


def test_next_parks_it_and_a_payer_who_scanned_is_seen_to_pay(tmp_path: Path) -> None:
    bench = showing(tmp_path)
    bench.post(on.NextPressed())
    assert bench.phase is Phase.IDLE
    assert bench.view.showing.text == ""
    assert bench.view.strip[0].row.state is RowState.AWAITING
    bench.wait(60)
    bench.server.decide(
        bench.server.requests[0].intent.payment_id, Outcome.APPROVED, total=1250, mac=b"m"
    )
    bench.wait(2.1)
    row = bench.view.strip[0].row
    assert (row.state, row.was_parked) == (RowState.APPROVED, True)
    bench.close()


def test_a_new_code_has_a_new_id_and_the_old_one_is_closed_first(tmp_path: Path) -> None:
    bench = showing(tmp_path)
    first = bench.view.showing.text
    bench.post(on.NewCodePressed())
    assert bench.phase is Phase.CANCELLING
    assert len(bench.server.requests) == 1
    bench.server.decide(bench.server.requests[0].intent.payment_id, Outcome.CANCELLED)
    bench.wait(1.1)
    assert bench.phase is Phase.AWAITING
    one, two = (request.intent for request in bench.server.requests)
    assert one.payment_id != two.payment_id
    assert one.order_id == two.order_id
    assert bench.view.showing.text not in ("", first)
    bench.close()


def test_an_old_code_leaves_the_glass_and_the_amount_waits_for_another_way(
    tmp_path: Path,
) -> None:
    bench = showing(tmp_path)
    bench.wait(170.1)
    assert bench.phase is Phase.CANCELLING
    bench.server.decide(bench.server.requests[0].intent.payment_id, Outcome.CANCELLED)
    bench.wait(1.1)
    assert (bench.phase, bench.view.shown_amount) == (Phase.ARMED, 1250)
    assert bench.view.hint.code == "codes.shown_expired"
    bench.wait(0.4)
    bench.post(presses.PayeeCodeAsked())
    assert bench.phase is Phase.AWAITING
    bench.close()


def test_a_cut_network_is_said_and_the_sale_is_not_concluded(tmp_path: Path) -> None:
    bench = showing(tmp_path)
    bench.server.is_up = False
    bench.wait(2.5)
    assert not bench.view.showing.is_cut
    bench.wait(1.1)
    assert bench.view.showing.is_cut
    assert bench.phase is Phase.AWAITING
    bench.server.is_up = True
    bench.server.decide(
        bench.server.requests[0].intent.payment_id, Outcome.APPROVED, total=1250, mac=b"m"
    )
    bench.wait(0.6)
    assert bench.phase is Phase.APPROVED
    bench.close()


def test_after_a_power_cut_the_code_is_there_again_and_can_be_paid(tmp_path: Path) -> None:
    bench = showing(tmp_path)
    text = bench.view.showing.text
    bench.restart()
    bench.step()
    assert bench.phase is Phase.RECOVER
    assert (bench.view.showing.text, bench.view.showing.amount) == (text, 1250)
    bench.wait(3)
    assert bench.phase is Phase.RECOVER
    (question,) = bench.view.questions
    bench.post(presses.HandedOver(question.payment_id, is_handed_over=True))
    assert bench.phase is Phase.RECOVER
    bench.server.decide(question.payment_id, Outcome.APPROVED, total=1250, mac=b"m")
    bench.wait(1.2)
    assert bench.phase is Phase.LOCKED
    assert bench.view.settled[0].is_charged
    assert len(bench.accepted) == 1
    bench.close()


def test_after_a_power_cut_the_operator_may_stop_it(tmp_path: Path) -> None:
    bench = showing(tmp_path)
    bench.restart()
    bench.step()
    (question,) = bench.view.questions
    bench.post(presses.HandedOver(question.payment_id, is_handed_over=False))
    assert bench.phase is Phase.LOCKED
    assert not bench.view.settled[0].is_charged
    assert len(bench.records(RecordKind.CANCELLATION)) == 1
    bench.close()


def test_after_a_power_cut_it_is_waited_for_no_longer_than_it_lives(tmp_path: Path) -> None:
    bench = showing(tmp_path)
    bench.restart()
    bench.wait(60)
    assert bench.phase is Phase.RECOVER
    bench.server.is_up = False
    bench.wait(60)
    assert bench.phase is Phase.RECOVER
    assert not bench.view.questions[0].is_asked
    bench.server.is_up = True
    bench.wait(52)
    assert bench.phase is Phase.LOCKED
    assert len(bench.records(RecordKind.CANCELLATION)) == 1
    bench.close()

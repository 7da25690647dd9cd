"""A sale from the credential to the journal, online, late, and alone."""

from __future__ import annotations

import pytest

from domain.authorization import Mode, Tender
from sync.messages import Outcome, RecordKind
from terminal_app.counter import events as on
from terminal_app.counter import presses
from terminal_app.counter.machine import Phase
from tests.integration.counter.bench import (
    CARD,
    GUEST_AMOUNT,
    LUNCH_AMOUNT,
    OTHER_CARD,
    PERSON,
    PERSON_PIN,
    STRANGE_CARD,
    Bench,
    answer,
)


def test_a_card_is_charged_the_posted_price_and_journalled_before_it_is_shown(
    bench: Bench,
) -> None:
    bench.card()
    assert bench.phase is Phase.APPROVED
    (acceptance,) = bench.accepted
    assert acceptance.mode is Mode.ONLINE
    assert acceptance.server_mac == b"mac"
    assert acceptance.request.intent.total == LUNCH_AMOUNT
    assert acceptance.request.price_version == 3
    assert bench.journal.open_intents() == []
    assert bench.view.masked_name == "张*明"
    assert bench.view.shown_amount == LUNCH_AMOUNT


def test_the_next_diner_is_served_once_the_card_has_gone(bench: Bench) -> None:
    bench.card()
    bench.wait(1.0)
    assert bench.phase is Phase.CLEARING
    bench.lift_card()
    bench.wait(1.1)
    assert bench.phase is Phase.ARMED
    bench.wait(0.4)
    bench.card(OTHER_CARD)
    assert bench.phase is Phase.APPROVED
    assert len(bench.accepted) == 2
    assert {one.request.intent.order_id for one in bench.accepted}.__len__() == 2


def test_without_an_answer_in_its_budget_a_wallet_is_decided_here_under_the_same_id(
    bench: Bench,
) -> None:
    bench.executor.is_immediate = False
    bench.card()
    assert bench.phase is Phase.AUTHORISING
    bench.wait(0.9)
    assert bench.phase is Phase.APPROVED
    (acceptance,) = bench.accepted
    assert acceptance.mode is Mode.OFFLINE
    assert acceptance.policy_version == 7
    bench.executor.run()  # the server's word comes late, and says the same id
    bench.step()
    assert bench.server.requests[0].intent.payment_id == acceptance.request.intent.payment_id
    assert bench.phase is Phase.APPROVED
    assert len(bench.accepted) == 1


def test_an_offline_sale_is_taken_from_what_this_counter_believes_is_left(bench: Bench) -> None:
    bench.server.is_up = False
    bench.card()
    assert bench.phase is Phase.APPROVED
    snapshot = bench.replica.snapshot(PERSON)
    assert snapshot is not None
    assert snapshot.sources[0].available_amount == 50_000 - LUNCH_AMOUNT


def test_a_no_for_want_of_the_network_is_journalled_as_a_cancellation(bench: Bench) -> None:
    bench.server.loses_answers = True
    bench.card(STRANGE_CARD)  # only the server knows it
    bench.wait(0.1)
    assert bench.phase is Phase.DECLINED
    assert bench.view.code == "cards.unknown"
    assert bench.accepted == []
    assert len(bench.records(RecordKind.CANCELLATION)) == 1


def test_a_declined_payment_shows_why_and_another_card_pays_the_same_order(bench: Bench) -> None:
    bench.server.says = lambda request: answer(
        request, Outcome.DECLINED, code="wallets.insufficient"
    )
    bench.card()
    assert bench.phase is Phase.DECLINED
    assert bench.view.code == "wallets.insufficient"
    first = bench.server.requests[0].intent
    bench.lift_card()
    bench.server.says = lambda request: answer(request, Outcome.APPROVED)
    bench.card(OTHER_CARD)
    assert bench.phase is Phase.APPROVED
    second = bench.server.requests[1].intent
    assert second.order_id == first.order_id
    assert second.payment_id != first.payment_id


def test_a_card_nobody_here_knows_is_the_servers_to_judge_at_the_guests_price(
    bench: Bench,
) -> None:
    bench.card(STRANGE_CARD)
    assert bench.phase is Phase.APPROVED
    intent = bench.server.requests[0].intent
    assert intent.payer.startswith("card:")
    assert intent.total == GUEST_AMOUNT


def test_a_price_the_server_knows_better_is_shown_and_asked_before_it_is_charged(
    bench: Bench,
) -> None:
    bench.server.says = lambda request: (
        answer(request, Outcome.REPRICED, total=900)
        if request.intent.total != 900
        else answer(request, Outcome.APPROVED)
    )
    bench.card(STRANGE_CARD)
    assert bench.phase is Phase.CONFIRM
    assert bench.view.shown_amount == 900
    bench.wait(0.4)
    bench.post(on.Confirmed(on.Who.DINER))
    assert bench.phase is Phase.APPROVED
    assert bench.accepted[0].request.intent.total == 900
    assert len(bench.records(RecordKind.CANCELLATION)) == 1


def test_the_same_person_again_is_the_cashiers_to_allow_at_the_second_price(bench: Bench) -> None:
    bench.card()
    bench.wait(1)
    bench.lift_card()
    bench.wait(12)
    bench.card()
    assert bench.phase is Phase.CONFIRM
    assert bench.view.paid_label == "12:00"
    assert bench.view.shown_amount == 1800
    bench.wait(0.4)
    bench.post(on.Confirmed(on.Who.DINER))
    assert bench.phase is Phase.CONFIRM
    bench.post(on.Entered())
    assert bench.phase is Phase.APPROVED
    assert bench.accepted[1].request.second_portion


def test_within_ten_seconds_only_the_plus_one_key_charges_again(bench: Bench) -> None:
    bench.card()
    bench.wait(1)
    bench.lift_card()
    bench.wait(1.6)
    bench.card()
    assert bench.phase is Phase.ARMED
    assert bench.view.hint.code == "counters.already_paid"
    assert len(bench.accepted) == 1


def test_plus_one_asks_for_the_second_price(bench: Bench) -> None:
    bench.card()
    bench.wait(1)
    bench.post(on.PlusOne())
    assert bench.phase is Phase.CONFIRM
    bench.wait(0.4)
    bench.post(on.Entered())
    assert bench.phase is Phase.APPROVED
    assert [one.request.intent.total for one in bench.accepted] == [1200, 1800]


def test_by_number_needs_the_persons_own_pin(bench: Bench) -> None:
    bench.post(presses.NumberEntered("S00100", "000000"))
    assert bench.phase is Phase.ARMED
    assert bench.view.refusal.code == "pins.wrong"
    bench.post(presses.NumberEntered("S00100", PERSON_PIN))
    assert bench.phase is Phase.APPROVED
    request = bench.accepted[0].request
    assert request.evidence.second_factor == "pin"
    assert request.pin == ""
    bench.wait(1)
    assert bench.phase is Phase.ARMED


def test_guessing_pins_by_number_locks_the_pad_for_a_minute(bench: Bench) -> None:
    for guess in range(5):
        bench.post(presses.NumberEntered("S00100", f"00000{guess}"))
    bench.post(presses.NumberEntered("S00100", PERSON_PIN))
    assert bench.view.refusal.code == "pins.locked"
    assert "by_number_locked" in {one.name for one in bench.records(RecordKind.EVENT)}
    bench.wait(61)
    bench.post(presses.NumberEntered("S00100", PERSON_PIN))
    assert bench.phase is Phase.APPROVED


def test_by_number_on_the_operators_word_is_capped_and_journalled(make) -> None:
    bench = make()
    bench.serve()
    for _ in range(bench.profile.caps.by_number_per_day):
        bench.post(presses.NumberEntered("S00100", reason="forgot card"))
        bench.wait(0.4)
        bench.post(on.Entered())  # the same person again is the cashier's to allow
        assert bench.phase is Phase.APPROVED
        bench.wait(11)
    bench.post(presses.NumberEntered("S00100", reason="forgot card"))
    assert bench.view.refusal.code == "limits.by_number"


def test_cash_opens_the_drawer_and_counts_the_change(bench: Bench) -> None:
    bench.post(presses.CashTendered(1000))
    assert bench.view.refusal.code == "cash.too_little"
    bench.post(presses.CashTendered(5000))
    assert bench.phase is Phase.APPROVED
    assert bench.view.change_amount == 3000
    (acceptance,) = bench.accepted
    assert (acceptance.given_amount, acceptance.change_amount) == (5000, 3000)
    assert acceptance.request.intent.tender is Tender.CASH
    assert bench.server.requests == []


def test_offline_first_decides_here_without_asking(bench: Bench) -> None:
    bench.server.is_online_first = False
    bench.card()
    assert bench.phase is Phase.APPROVED
    assert bench.server.requests == []
    assert bench.accepted[0].mode is Mode.OFFLINE


def test_a_lost_card_pays_nowhere(make) -> None:
    bench = make(card_state="lost")
    bench.serve()
    bench.card()
    assert bench.phase is Phase.ARMED
    assert bench.view.hint.code == "cards.lost"


@pytest.mark.parametrize("uid", [CARD, STRANGE_CARD])
def test_an_under_reviewed_or_reused_id_never_beeps(bench: Bench, uid: bytes) -> None:
    bench.server.says = lambda request: answer(request, Outcome.KEY_REUSED)
    bench.card(uid)
    assert bench.phase is Phase.DECLINED
    assert bench.view.code == "payments.key_reused"
    assert bench.accepted == []

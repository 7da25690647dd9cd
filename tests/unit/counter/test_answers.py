"""The server's word, whole: only a yes is a yes, and nothing that ends a sale stays taken."""

from __future__ import annotations

from uuid import UUID

import pytest

from domain.authorization import Tender
from sync.client import Unanswered
from sync.messages import Outcome, PaymentAnswer
from terminal_app.counter import events as on
from terminal_app.counter.answers import cancel_event_of, event_of, refund_event_of

PAYMENT = UUID(int=1)


def answer(outcome: Outcome, **more: int) -> PaymentAnswer:
    return PaymentAnswer(payment_id=PAYMENT, outcome=outcome, **more)  # type: ignore[arg-type]


def test_only_approved_is_a_yes() -> None:
    for outcome in Outcome:
        for tender in Tender:
            event = event_of(1, answer(outcome, total=5), tender)
            assert isinstance(event, on.Approved) == (outcome is Outcome.APPROVED)


def test_a_yes_of_which_all_was_given_back_is_no_yes() -> None:
    for tender in Tender:
        event = event_of(1, answer(Outcome.APPROVED, total=5, refunded_amount=5), tender)
        assert isinstance(event, on.Declined)
        assert not event.is_on_file
        part = event_of(1, answer(Outcome.APPROVED, total=5, refunded_amount=4), tender)
        assert isinstance(part, on.Approved)


def test_only_a_stored_no_is_on_file() -> None:
    for outcome in Outcome:
        event = event_of(1, answer(outcome, total=5), Tender.WALLET)
        if isinstance(event, on.Declined):
            assert event.is_on_file == (outcome is Outcome.DECLINED)
            assert "." in event.code


@pytest.mark.parametrize("outcome", [Outcome.UNAVAILABLE, Outcome.NOT_FOUND])
def test_nothing_stored_is_as_good_as_no_answer(outcome: Outcome) -> None:
    assert isinstance(event_of(1, answer(outcome), Tender.WALLET), on.Unanswered)


@pytest.mark.parametrize("outcome", [Outcome.AWAITING, Outcome.UNKNOWN])
def test_only_a_channel_is_waited_for(outcome: Outcome) -> None:
    assert isinstance(event_of(1, answer(outcome), Tender.CHANNEL), on.Awaiting)
    assert isinstance(event_of(1, answer(outcome), Tender.WALLET), on.Unanswered)


def test_silence_is_silence() -> None:
    assert event_of(1, Unanswered("server.slow"), Tender.WALLET) == on.Unanswered(1, "server.slow")
    assert cancel_event_of(1, Unanswered("server.slow")) is None
    assert refund_event_of(1, Unanswered("server.slow"), 1200) is None


def test_a_cancellation_is_definite_only_by_the_servers_word() -> None:
    definite = {o for o in Outcome if cancel_event_of(1, answer(o)) is not None}
    assert definite == {Outcome.CANCELLED, Outcome.REVERSED, Outcome.DECLINED}


def test_a_refund_is_definite_when_all_of_it_is_back() -> None:
    assert refund_event_of(1, answer(Outcome.APPROVED, refunded_amount=1199), 1200) is None
    assert refund_event_of(1, answer(Outcome.APPROVED, refunded_amount=1200), 1200) is not None

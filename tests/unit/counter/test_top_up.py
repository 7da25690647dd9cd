"""The steps of a top-up, one by one: nothing is taken before the diner and the PIN said so."""

from __future__ import annotations

from uuid import UUID

import pytest

from sync.client import Turned, Unanswered
from sync.messages import CredentialKind, TopUpAnswer, TopUpOutcome
from terminal_app.counter import top_up as steps
from terminal_app.counter.top_up import Beneficiary, TopUp, TopUpStep

WHO = Beneficiary(UUID(int=100), f"person:{UUID(int=100)}", CredentialKind.CARD, "张*明")
ID = UUID(int=9)


def at_amount(amount: int = 5_000) -> TopUp:
    return TopUp(TopUpStep.AMOUNT, who=WHO, amount=amount)


def test_a_sum_is_typed_like_any_other_and_never_longer_than_eight_digits() -> None:
    top_up = steps.named(TopUp(), WHO, 1.0)
    for digit in ("0", "5", "00", "0"):
        top_up = steps.typed(top_up, digit, 2.0)
    assert top_up.amount == 5_000
    assert steps.backspaced(top_up, 3.0).amount == 500
    assert steps.typed(at_amount(99_999_999), "1", 2.0).amount == 99_999_999
    assert steps.typed(top_up, "x", 2.0) == top_up


def test_another_card_takes_the_place_before_the_sum_is_shown_and_not_after() -> None:
    other = Beneficiary(UUID(int=101), "card:x", CredentialKind.CARD, "李*")
    assert steps.named(at_amount(), other, 1.0).who == other
    shown = steps.entered(at_amount(), 10_000, 1.0)
    assert steps.named(shown, other, 2.0).who == WHO


@pytest.mark.parametrize("amount", [0, 10_001])
def test_nothing_and_more_than_the_limit_are_not_shown(amount: int) -> None:
    assert steps.entered(at_amount(amount), 10_000, 1.0).step is TopUpStep.AMOUNT


def test_a_press_that_came_with_the_sum_agrees_to_nothing() -> None:
    shown = steps.entered(at_amount(), 10_000, 1.0)
    assert steps.agreed(shown, 1.1).step is TopUpStep.CONFIRM
    assert steps.agreed(shown, 1.4).step is TopUpStep.PIN


def test_clear_goes_back_to_the_sum_then_out_and_never_once_cash_was_taken() -> None:
    shown = steps.entered(at_amount(), 10_000, 1.0)
    back = steps.stepped_back(shown, 2.0)
    assert back is not None
    assert back.step is TopUpStep.AMOUNT
    assert steps.stepped_back(back, 3.0) is None
    asking = steps.asked(shown, ID, 3.0)
    assert steps.stepped_back(asking, 4.0) == asking


def test_turned_away_is_a_no_only_when_nothing_can_have_arrived_before() -> None:
    first = steps.final(Turned("envelopes.not_found"), ID, was_sent=False)
    assert isinstance(first, TopUpAnswer)
    assert first.outcome is TopUpOutcome.REFUSED
    again = steps.final(Turned("terminals.revoked"), ID, was_sent=True)
    assert again == Unanswered("terminals.revoked")


def test_a_page_nobody_touches_is_left_and_one_with_cash_in_it_is_not() -> None:
    assert steps.is_over(at_amount(), 60.0)
    assert not steps.is_over(at_amount(), 59.0)
    asking = steps.asked(at_amount(), ID, 0.0)
    assert not steps.is_over(asking, 3_600.0)
    refused = steps.answered(
        asking, TopUpAnswer(top_up_id=ID, outcome=TopUpOutcome.REFUSED, code="people.frozen"), 1.0
    )
    assert refused.step is TopUpStep.REFUSED
    assert not steps.is_over(refused, 3_600.0)
    booked = steps.answered(asking, TopUpAnswer(top_up_id=ID, outcome=TopUpOutcome.BOOKED), 1.0)
    assert steps.is_over(booked, 9.0)

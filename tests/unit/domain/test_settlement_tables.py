"""The states of a payout, and how old what is owed is."""

from datetime import date, timedelta
from itertools import product

import pytest

from domain.errors import Defect
from domain.settlement_ageing import bucket, outstanding
from domain.settlement_states import (
    ENDED,
    IN_TRANSIT,
    TABLE,
    PayoutEvent,
    PayoutState,
    advance_payout,
    may_move,
)

DAYS = [date(2026, 11, day) for day in range(1, 6)]


@pytest.mark.parametrize(("state", "event"), list(product(PayoutState, PayoutEvent)))
def test_every_pair_is_in_the_table_or_refused(state: PayoutState, event: PayoutEvent) -> None:
    if may_move(state, event):
        assert advance_payout(state, event) is TABLE[state, event]
        return
    with pytest.raises(Defect):
        advance_payout(state, event)


def test_a_payout_is_in_transit_or_has_ended() -> None:
    assert set(PayoutState) == IN_TRANSIT | ENDED
    assert not IN_TRANSIT & ENDED


def test_only_money_that_was_confirmed_comes_back_after_the_end() -> None:
    moves = [(state, event) for state, event in TABLE if state in ENDED]
    assert moves == [(PayoutState.SUCCEEDED, PayoutEvent.RETURN)]


def test_what_is_paid_back_pays_the_oldest_first() -> None:
    moves = [(DAYS[0], 100), (DAYS[1], 50), (DAYS[2], -120), (DAYS[3], 10)]
    assert outstanding(moves) == [(DAYS[1], 30), (DAYS[3], 10)]


def test_what_was_paid_beforehand_is_set_off() -> None:
    assert outstanding([(DAYS[0], -70), (DAYS[1], 50), (DAYS[2], 50)]) == [(DAYS[2], 30)]
    assert outstanding([(DAYS[0], 50), (DAYS[1], -50)]) == []


def test_ages_stand_in_four_columns() -> None:
    today = date(2026, 11, 23)
    ages = [0, 30, 31, 60, 61, 90, 91]
    found = [bucket(today - timedelta(days=age), today) for age in ages]
    assert found == [0, 0, 1, 1, 2, 2, 3]

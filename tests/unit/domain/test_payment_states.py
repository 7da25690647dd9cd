"""The three state tables: every pair is in its table or refused as a defect."""

from itertools import product
from pathlib import Path

import pytest

from domain.errors import Defect
from domain.payment_states import (
    ATTEMPT,
    DECIDED_STATES,
    LIVE_ATTEMPT_STATES,
    LIVE_PAYMENT_STATES,
    PAYMENT,
    REFUND,
    AttemptEvent,
    AttemptState,
    PaymentEvent,
    PaymentState,
    RefundEvent,
    RefundState,
    advance,
)

MACHINES = [
    (PAYMENT, PaymentState, PaymentEvent, PaymentState.NOTHING),
    (ATTEMPT, AttemptState, AttemptEvent, AttemptState.CREATED),
    (REFUND, RefundState, RefundEvent, RefundState.NOTHING),
]
FINAL = {AttemptState.DECLINED, AttemptState.REVERSED, RefundState.SUCCEEDED, RefundState.REFUSED}


@pytest.mark.parametrize(("table", "states", "events", "start"), MACHINES)
def test_each_pair_advances_by_the_table_or_is_a_defect(table, states, events, start):
    for state, event in product(states, events):
        if (state, event) in table:
            assert advance(state, event) is table[state, event]
        else:
            with pytest.raises(Defect, match=f"{state} does not take {event}"):
                advance(state, event)


@pytest.mark.parametrize(("table", "states", "events", "start"), MACHINES)
def test_every_state_is_reached_and_only_final_ones_have_no_way_out(table, states, events, start):
    reached = {start}
    for _ in states:
        reached |= {following for (state, _), following in table.items() if state in reached}
    assert reached == set(states)
    stuck = {state for state in states if not any(state is before for before, _ in table)}
    assert stuck <= FINAL


@pytest.mark.parametrize(("table", "states", "events", "start"), MACHINES)
def test_every_event_is_used(table, states, events, start):
    assert {event for _, event in table} == set(events)


def test_states_of_one_table_do_not_take_events_of_another():
    mixed = [
        (PaymentState.SUBMITTED, AttemptEvent.SUCCEED),
        (AttemptState.SUBMITTED, PaymentEvent.SUCCEED),
        (RefundState.SUBMITTED, PaymentEvent.SUCCEED),
    ]
    for state, event in mixed:
        with pytest.raises(Defect):
            advance(state, event)  # type: ignore[call-overload]


def test_nothing_live_is_definite():
    assert {PaymentState.SUCCEEDED, PaymentState.DECLINED}.isdisjoint(LIVE_PAYMENT_STATES)
    assert LIVE_ATTEMPT_STATES.isdisjoint(
        {AttemptState.SUCCEEDED, AttemptState.DECLINED, AttemptState.REVERSED}
    )


def test_a_decision_leads_to_a_state_that_nothing_can_become():
    from_nothing = {after for (state, _), after in PAYMENT.items() if state == "nothing"}
    assert from_nothing >= DECIDED_STATES


def test_an_unknown_attempt_never_becomes_declined_by_giving_up():
    assert advance(AttemptState.UNKNOWN, AttemptEvent.REVERSE) is AttemptState.REVERSING
    assert advance(AttemptState.REVERSING, AttemptEvent.SUCCEED) is AttemptState.REVERSING


@pytest.mark.parametrize("table", [PAYMENT, ATTEMPT, REFUND])
def test_the_picture_in_the_readme_is_drawn_from_the_table(table):
    readme = (Path(__file__).parents[3] / "domain" / "README.md").read_text(encoding="utf-8")
    arrows = [f"    {before} --> {after}: {event}" for (before, event), after in table.items()]
    picture = "\n".join(["```mermaid", "stateDiagram-v2", *arrows, "```"])
    assert picture in readme

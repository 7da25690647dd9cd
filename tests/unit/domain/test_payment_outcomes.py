"""The outcome table against the page of rules, cell by cell, and that it leaves nothing open."""

from itertools import product

import pytest

from domain.authorization import Tender
from domain.payment_outcomes import (
    CONDITIONS,
    TABLE,
    Arrival,
    CaseKind,
    Effect,
    Message,
    Outcome,
    ServerState,
    When,
    outcome,
)
from domain.payment_states import PAYMENT, REFUND, PaymentState, RefundEvent

P, M, E = PaymentState, Message, Effect
UNDONE = (P.CANCELLED, P.REVERSING, P.REVERSED)
KNOWN = tuple(state for state in P if state is not P.NOTHING)
BOOLS = (False, True)


def meets(state: PaymentState, message: Message, **facts) -> Outcome:
    server = {"tender", "is_acceptance_on_file", "is_cancellation_on_file", "parked_code"}
    on_server = {name: value for name, value in facts.items() if name in server}
    arriving = {name: value for name, value in facts.items() if name not in server}
    return outcome(ServerState(state, **on_server), Arrival(message, **arriving))


def all_servers() -> list[ServerState]:
    return [
        ServerState(*facts, parked_code="payments.unbookable")
        for facts in product(P, Tender, BOOLS, BOOLS)
    ]


def all_arrivals() -> list[Arrival]:
    codes = (None, "payments.unbookable")
    return [
        Arrival(message, is_own_terminal=own, is_server_approved=approved, unbookable_code=code)
        for message, own, approved, code in product(M, BOOLS, BOOLS, codes)
        if message is not M.REFUND
    ] + [
        Arrival(
            M.REFUND,
            is_own_terminal=own,
            is_cash=cash,
            is_repeat=repeat,
            is_within_paid=within,
            has_waited_out=waited,
        )
        for own, cash, repeat, within, waited in product(BOOLS, repeat=5)
    ]


EVERYTHING = list(product(all_servers(), all_arrivals()))


def test_the_table_has_every_cell_and_each_ends_with_always():
    assert set(TABLE) == set(P)
    for row in TABLE.values():
        assert set(row) == set(M)
        for cell in row.values():
            assert cell[-1][0] is When.ALWAYS
            assert all(when is not When.ALWAYS for when, _ in cell[:-1])
    assert set(CONDITIONS) == set(When)


def test_every_arrival_has_an_outcome_whose_states_are_lawful():
    moves = {(before, after) for (before, _), after in PAYMENT.items()}
    for server, arrival in EVERYTHING:
        result = outcome(server, arrival)
        if result.effect is E.DECIDE:
            assert result.next_state is None
            continue
        assert result.next_state is not None
        if result.next_state is not server.state:
            assert (server.state, result.next_state) in moves


def test_every_condition_and_effect_is_used():
    seen = {outcome(server, arrival).effect for server, arrival in EVERYTHING}
    assert seen == set(E)
    used = {when for row in TABLE.values() for cell in row.values() for when, _ in cell}
    assert used == set(When)


def test_what_says_no_or_takes_custody_names_its_code():
    for server, arrival in EVERYTHING:
        result = outcome(server, arrival)
        if result.effect in (E.REFUSE, E.PARK):
            assert result.code


def test_only_bookings_take_money_and_they_never_follow_a_cancellation_on_file():
    booking = {E.FACT, E.FACT_DISPUTED, E.POST_HOLD_THEN_FACT}
    for server, arrival in EVERYTHING:
        result = outcome(server, arrival)
        if result.effect in booking:
            assert result.next_state is P.SUCCEEDED
            assert result.files_acceptance
            if server.state in UNDONE:
                assert not server.is_cancellation_on_file


def test_an_undone_payment_is_never_decided_again():
    for server, arrival in EVERYTHING:
        if server.state is not P.NOTHING:
            assert outcome(server, arrival).effect is not E.DECIDE


def test_a_refund_moves_the_refund_and_never_the_payment():
    for server, arrival in EVERYTHING:
        result = outcome(server, arrival)
        is_fresh_refund = arrival.message is M.REFUND and not arrival.is_repeat
        assert (result.refund_event is not None) == is_fresh_refund
        if arrival.message is M.REFUND:
            assert result.next_state is server.state


def test_a_waiting_or_suspended_refund_can_always_be_put_to_the_table_again():
    for server, arrival in EVERYTHING:
        event = outcome(server, arrival).refund_event
        if event is not None and event is not RefundEvent.REFUSE:
            assert ("waiting", event) in REFUND
        if event is not None and arrival.is_cash and event is not RefundEvent.REFUSE:
            assert ("suspense", event) in REFUND


def test_cash_that_left_the_drawer_is_never_merely_refused():
    for server, arrival in EVERYTHING:
        if arrival.message is M.REFUND and arrival.is_cash and not arrival.is_repeat:
            assert outcome(server, arrival).effect is not E.REFUSE


# --- row: nothing


@pytest.mark.parametrize("message", [M.ONLINE_SAME, M.ONLINE_OTHER])
def test_nothing_known_an_online_request_is_decided(message):
    assert meets(P.NOTHING, message) == Outcome(E.DECIDE, None)
    assert meets(P.NOTHING, message, is_own_terminal=False).effect is E.DECIDE


@pytest.mark.parametrize("message", [M.ACCEPTANCE_SAME, M.ACCEPTANCE_OTHER])
def test_nothing_known_an_acceptance_is_a_fact(message):
    assert meets(P.NOTHING, message) == Outcome(E.FACT, P.SUCCEEDED, files_acceptance=True)
    assert meets(P.NOTHING, message, tender=Tender.CASH).effect is E.FACT


def test_nothing_known_an_offline_channel_acceptance_is_disputed_with_a_case():
    result = meets(P.NOTHING, M.ACCEPTANCE_SAME, tender=Tender.CHANNEL)
    assert (result.effect, result.case) == (E.FACT_DISPUTED, CaseKind.ACCEPTED_CHANNEL_OFFLINE)
    approved = meets(P.NOTHING, M.ACCEPTANCE_SAME, tender=Tender.CHANNEL, is_server_approved=True)
    assert (approved.effect, approved.case) == (E.FACT, None)


def test_nothing_known_an_unbookable_acceptance_is_parked_under_its_own_code():
    assert meets(
        P.NOTHING, M.ACCEPTANCE_SAME, unbookable_code="terminals.binding_unknown"
    ) == Outcome(E.PARK, P.PARKED, "terminals.binding_unknown")


def test_nothing_known_a_cancellation_is_a_tombstone():
    assert meets(P.NOTHING, M.CANCELLATION) == Outcome(
        E.TOMBSTONE, P.CANCELLED, files_cancellation=True
    )


def test_nothing_known_a_refund_waits_and_cash_goes_to_suspense():
    wait = meets(P.NOTHING, M.REFUND)
    assert (wait.effect, wait.refund_event, wait.case) == (E.WAIT, RefundEvent.WAIT, None)
    cash = meets(P.NOTHING, M.REFUND, is_cash=True)
    assert (cash.effect, cash.case) == (E.CASH_SUSPENSE, CaseKind.CASH_REFUND_UNPAID)
    late = meets(P.NOTHING, M.REFUND, has_waited_out=True)
    assert (late.effect, late.case) == (E.WAIT, CaseKind.REFUND_UNPAID)


# --- row: submitted / unknown


def test_submitted_shows_its_state_and_never_calls_again():
    assert meets(P.SUBMITTED, M.ONLINE_SAME) == Outcome(E.PRESENT_STATE, P.SUBMITTED)


def test_submitted_a_held_wallet_is_posted_and_a_channel_acceptance_parked():
    assert meets(P.SUBMITTED, M.ACCEPTANCE_SAME) == Outcome(
        E.POST_HOLD_THEN_FACT, P.SUCCEEDED, files_acceptance=True
    )
    assert meets(P.SUBMITTED, M.ACCEPTANCE_SAME, tender=Tender.CHANNEL) == Outcome(
        E.PARK, P.SUBMITTED, "tenders.not_offline"
    )


def test_submitted_a_cancellation_reverses_at_the_channel_or_releases_the_hold():
    assert meets(P.SUBMITTED, M.CANCELLATION, tender=Tender.CHANNEL) == Outcome(
        E.REQUEST_REVERSAL, P.REVERSING, files_cancellation=True
    )
    assert meets(P.SUBMITTED, M.CANCELLATION) == Outcome(
        E.CANCEL, P.CANCELLED, files_cancellation=True
    )


@pytest.mark.parametrize("state", [P.SUBMITTED, P.PARKED])
def test_a_refund_of_what_is_not_definite_waits(state):
    assert meets(state, M.REFUND, is_cash=True, is_within_paid=False).effect is E.WAIT


# --- row: succeeded


def test_succeeded_is_replayed():
    assert meets(P.SUCCEEDED, M.ONLINE_SAME).effect is E.PRESENT_STATE
    assert meets(P.SUCCEEDED, M.ACCEPTANCE_SAME) == Outcome(
        E.REPLAY, P.SUCCEEDED, files_acceptance=True
    )


@pytest.mark.parametrize(
    ("facts", "effect", "state"),
    [
        ({}, E.REVERSE, P.REVERSED),
        ({"tender": Tender.CASH}, E.REVERSE, P.REVERSED),
        ({"tender": Tender.CHANNEL}, E.REQUEST_REVERSAL, P.REVERSING),
        ({"is_acceptance_on_file": True}, E.PARK, P.SUCCEEDED),
    ],
)
def test_succeeded_a_cancellation_undoes_unless_the_meal_was_given(facts, effect, state):
    result = meets(P.SUCCEEDED, M.CANCELLATION, **facts)
    assert (result.effect, result.next_state) == (effect, state)
    assert result.files_cancellation == (effect is not E.PARK)
    assert (result.code == "payments.contradiction") == (effect is E.PARK)


@pytest.mark.parametrize(
    ("facts", "effect", "event"),
    [
        ({}, E.POST_REFUND, RefundEvent.POST),
        ({"tender": Tender.CHANNEL}, E.POST_REFUND, RefundEvent.SUBMIT),
        ({"tender": Tender.CHANNEL, "is_cash": True}, E.POST_REFUND, RefundEvent.POST),
        ({"is_within_paid": False}, E.REFUSE, RefundEvent.REFUSE),
        (
            {"is_within_paid": False, "is_cash": True},
            E.POST_REFUND_EXCESS_SUSPENSE,
            RefundEvent.PUT_IN_SUSPENSE,
        ),
    ],
)
def test_succeeded_a_refund_posts_within_what_was_paid(facts, effect, event):
    result = meets(P.SUCCEEDED, M.REFUND, **facts)
    assert (result.effect, result.refund_event) == (effect, event)
    assert (result.code == "refunds.exceeds_paid") == (effect is not E.POST_REFUND)


# --- row: declined


def test_declined_is_replayed_and_an_acceptance_is_a_fact_with_a_case():
    assert meets(P.DECLINED, M.ONLINE_SAME).effect is E.PRESENT_STATE
    result = meets(P.DECLINED, M.ACCEPTANCE_SAME)
    assert (result.effect, result.case) == (E.FACT, CaseKind.ACCEPTED_AFTER_DECLINE)
    channel = meets(P.DECLINED, M.ACCEPTANCE_SAME, tender=Tender.CHANNEL)
    assert (channel.effect, channel.case) == (E.FACT_DISPUTED, CaseKind.ACCEPTED_AFTER_DECLINE)


def test_declined_a_cancellation_posts_nothing():
    assert meets(P.DECLINED, M.CANCELLATION) == Outcome(
        E.CANCEL, P.CANCELLED, files_cancellation=True
    )


def test_declined_a_refund_waits_a_day_and_is_then_refused_with_a_case():
    assert meets(P.DECLINED, M.REFUND).effect is E.WAIT
    assert meets(P.DECLINED, M.REFUND, is_cash=True).effect is E.WAIT
    late = meets(P.DECLINED, M.REFUND, has_waited_out=True)
    assert (late.effect, late.code) == (E.REFUSE, "refunds.nothing_paid")
    assert late.case is CaseKind.REFUND_UNPAID
    cash = meets(P.DECLINED, M.REFUND, has_waited_out=True, is_cash=True)
    assert (cash.effect, cash.case) == (E.CASH_SUSPENSE, CaseKind.CASH_REFUND_UNPAID)


# --- rows: cancelled, reversing, reversed


@pytest.mark.parametrize("state", UNDONE)
def test_undone_stays_cancelled_for_every_request(state):
    assert meets(state, M.ONLINE_SAME) == Outcome(E.PRESENT_STATE, state, "payments.cancelled")
    assert meets(state, M.CANCELLATION) == Outcome(E.REPLAY, state, files_cancellation=True)


@pytest.mark.parametrize("state", UNDONE)
def test_undone_by_the_counter_an_acceptance_contradicts(state):
    result = meets(state, M.ACCEPTANCE_SAME, is_cancellation_on_file=True)
    assert result == Outcome(E.PARK, state, "payments.contradiction")


@pytest.mark.parametrize("state", UNDONE)
def test_undone_by_the_server_an_acceptance_is_a_fact_with_a_case(state):
    result = meets(state, M.ACCEPTANCE_SAME)
    assert (result.effect, result.case) == (E.FACT, CaseKind.ACCEPTED_AFTER_REVERSAL)


def test_undone_channels_park_while_reversing_and_dispute_after():
    reversing = meets(P.REVERSING, M.ACCEPTANCE_SAME, tender=Tender.CHANNEL)
    assert reversing == Outcome(E.PARK, P.REVERSING, "payments.reversing")
    reversed_ = meets(P.REVERSED, M.ACCEPTANCE_SAME, tender=Tender.CHANNEL)
    assert reversed_.effect is E.FACT_DISPUTED


@pytest.mark.parametrize("state", UNDONE)
def test_undone_a_refund_is_refused_and_cash_goes_to_suspense(state):
    result = meets(state, M.REFUND)
    assert (result.effect, result.code) == (E.REFUSE, "refunds.nothing_paid")
    assert meets(state, M.REFUND, is_cash=True).effect is E.CASH_SUSPENSE


# --- row: parked


def test_parked_is_under_review_until_a_person_decides():
    code = "terminals.binding_unknown"
    assert meets(P.PARKED, M.ONLINE_SAME) == Outcome(E.REFUSE, P.PARKED, "payments.under_review")
    again = meets(P.PARKED, M.ACCEPTANCE_SAME, parked_code=code, unbookable_code=code)
    assert again == Outcome(E.REPLAY, P.PARKED, code)
    assert meets(P.PARKED, M.CANCELLATION) == Outcome(E.ATTACH, P.PARKED)


# --- columns that are alike in all rows


@pytest.mark.parametrize("state", KNOWN)
def test_another_fingerprint_is_refused_online_and_parked_from_the_journal(state):
    assert meets(state, M.ONLINE_OTHER) == Outcome(E.REFUSE, state, "payments.key_reused")
    assert meets(state, M.ACCEPTANCE_OTHER) == Outcome(E.PARK, state, "payments.key_reused")


@pytest.mark.parametrize("state", KNOWN)
@pytest.mark.parametrize("message", [message for message in M if message is not M.REFUND])
def test_another_terminal_never_moves_a_payment(state, message):
    result = meets(state, message, is_own_terminal=False)
    is_online = message in (M.ONLINE_SAME, M.ONLINE_OTHER)
    assert result == Outcome(E.REFUSE if is_online else E.PARK, state, "payments.not_yours")


@pytest.mark.parametrize("state", P)
def test_another_terminal_may_refund_and_a_repeat_is_a_replay(state):
    assert meets(state, M.REFUND, is_own_terminal=False) == meets(state, M.REFUND)
    assert meets(state, M.REFUND, is_repeat=True) == Outcome(E.REPLAY, state)

"""A gate lets through what whoever is behind it bears, and closes when nobody answers."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from server.work.gates import PATIENCE, Gate, place_of
from server.work.handlers import Claimed
from tests.factories.clocks import NOON

ORGANISATION = UUID(int=7)
LONGEST_REST = timedelta(seconds=10)


def due(number: int = 1, *, gate: str = "channel/bank", lease_s: int = 120) -> Claimed:
    held_until = NOON + timedelta(seconds=lease_s)
    id = UUID(int=number)
    return Claimed(id, ORGANISATION, "query", id, NOON, {}, 1, gate, held_until)


def gate_with(count: int, most: int = 8) -> Gate:
    gate = Gate(most, LONGEST_REST)
    gate.waiting.extend(due(number) for number in range(1, count + 1))
    return gate


def begun(gate: Gate, seconds: float = 0) -> int:
    """Begin all that may begin then."""
    count, now = 0, NOON + timedelta(seconds=seconds)
    while gate.admits(now):
        gate.begin()
        count += 1
    return count


def test_as_many_at_once_as_it_may_have() -> None:
    gate = gate_with(20)
    assert begun(gate) == 8
    gate.end(NOON, is_answered=True)
    assert begun(gate) == 1


def test_silence_halves_what_goes_through_and_an_answer_adds_one() -> None:
    gate = gate_with(40)
    begun(gate)
    for _ in range(8):
        gate.end(NOON, is_answered=gate.in_hand != 8)
    assert gate.in_hand == 0
    assert begun(gate) == 8  # four after the silence, and one more for each answer

    gate.end(NOON, is_answered=False)
    gate.end(NOON, is_answered=False)
    for _ in range(6):
        gate.end(NOON, is_answered=True)
    assert begun(gate) == 8


def test_after_some_silences_in_a_row_one_goes_at_a_time_and_rests_grow() -> None:
    gate = gate_with(40)
    begun(gate)
    for _ in range(8):
        gate.end(NOON, is_answered=False)
    assert gate.is_closed
    assert begun(gate, 9.9) == 0
    seconds, rests = 10.0, []
    for _ in range(3):
        assert begun(gate, seconds) == 1
        gate.end(NOON + timedelta(seconds=seconds), is_answered=False)
        rest = next(n for n in range(1, 60) if gate.admits(NOON + timedelta(seconds=seconds + n)))
        rests.append(rest)
        seconds += rest
    assert rests == [10, 10, 10]


def test_the_first_rest_is_a_second_and_an_answer_opens_it() -> None:
    gate = gate_with(40)
    begun(gate)
    for _ in range(PATIENCE):
        gate.end(NOON, is_answered=False)
    while gate.in_hand:
        gate.end(NOON, is_answered=True)
    assert not gate.is_closed
    gate = gate_with(9, most=3)
    begun(gate)
    for _ in range(PATIENCE):
        gate.end(NOON, is_answered=False)
    assert (begun(gate, 0.9), begun(gate, 1.0)) == (0, 1)
    gate.end(NOON + timedelta(seconds=1), is_answered=True)
    assert begun(gate, 1.0) == 2


def test_what_waits_too_long_is_given_back_from_the_front() -> None:
    gate = gate_with(0)
    gate.waiting.extend([due(1, lease_s=30), due(2, lease_s=40), due(3, lease_s=90)])
    old = gate.give_back(NOON + timedelta(seconds=60))
    assert [one.subject_id.int for one in old] == [1, 2]
    assert [one.subject_id.int for one in gate.waiting] == [3]


def test_gates_are_an_organisation_s_own_and_work_without_one_shares_a_place() -> None:
    assert place_of(due()) == (ORGANISATION, "channel/bank")
    assert place_of(due(gate="")) == (None, "")

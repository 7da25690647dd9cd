"""Turns are taken in order, given back once, and never lost."""

import threading

from hypothesis import given
from hypothesis import strategies as st

from server.config.sqlite.turns import Turns


def test_a_free_turn_is_taken_at_once() -> None:
    turns = Turns()
    assert turns.take(0)
    turns.give()
    assert turns.take(0)


def test_a_taken_turn_is_not_taken_twice() -> None:
    turns = Turns()
    turns.take(0)
    assert not turns.take(0.01)


def test_giving_up_waiting_leaves_the_turn_to_others() -> None:
    turns = Turns()
    turns.take(0)
    turns.take(0.001)
    turns.give()
    assert turns.take(0)


def test_whoever_waits_longest_is_next_even_before_who_has_just_given() -> None:
    turns, order = Turns(), list[str]()
    turns.take(0)

    def wait(name: str) -> None:
        assert turns.take(10)
        order.append(name)
        turns.give()

    threads = [threading.Thread(target=wait, args=(f"waiting {n}",)) for n in range(3)]
    for n, thread in enumerate(threads):
        thread.start()
        while turns.waiting <= n:
            thread.join(timeout=0.001)
    turns.give()
    assert turns.take(10)
    order.append("again")
    turns.give()
    for thread in threads:
        thread.join(timeout=10)

    assert order == ["waiting 0", "waiting 1", "waiting 2", "again"]


@given(workers=st.integers(1, 6), rounds=st.integers(1, 20))
def test_only_one_at_a_time_and_nobody_is_left_out(workers: int, rounds: int) -> None:
    turns, inside, served = Turns(), list[int](), list[int]()

    def work(name: int) -> None:
        for _ in range(rounds):
            assert turns.take(10)
            inside.append(name)
            assert inside == [name]
            served.append(name)
            inside.remove(name)
            turns.give()

    threads = [threading.Thread(target=work, args=(name,)) for name in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert sorted(served) == sorted(name for name in range(workers) for _ in range(rounds))

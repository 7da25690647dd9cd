"""Ids keep their millisecond, and a sequence only grows."""

import random

from hypothesis import given
from hypothesis import strategies as st

from domain.ids import IdSequence, attempt_id_of, attempt_number, new_id, time_ms_of

times = st.integers(0, (1 << 48) - 2)


@given(times, st.randoms(use_true_random=False))
def test_an_id_tells_its_millisecond_and_version(time_ms, rng):
    made = new_id(time_ms, rng.randbytes)
    assert time_ms_of(made) == time_ms
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert attempt_id_of(attempt_number(made)) == made


@given(times, times, st.randoms(use_true_random=False))
def test_ids_sort_by_time(first, second, rng):
    earlier, later = sorted((first, second))
    if earlier != later:
        assert new_id(earlier, rng.randbytes) < new_id(later, rng.randbytes)


@given(st.lists(st.integers(10**12, 10**12 + 3), max_size=50), st.integers())
def test_a_sequence_only_grows_whatever_the_clock_does(clock, seed):
    sequence = IdSequence(random.Random(seed).randbytes)
    made = [sequence.next(time_ms) for time_ms in clock]
    assert made == sorted(set(made))


@given(st.lists(st.just(10**12), min_size=2, max_size=20))
def test_ids_grow_even_when_chance_gives_only_ones(clock):
    sequence = IdSequence(lambda length: b"\xff" * length)
    made = [sequence.next(time_ms) for time_ms in clock]
    assert made == sorted(set(made))

"""UUIDv7 ids and the channels' order numbers."""

from uuid import RFC_4122, UUID, uuid4

import pytest

from domain.errors import Refused
from domain.ids import (
    IdSequence,
    attempt_id_of,
    attempt_number,
    derived_id,
    new_id,
    time_ms_of,
)

# RFC 9562 appendix A.6: the example of a version 7 UUID
RFC_TIME_MS = 0x017F22E279B0
RFC_ID = UUID("017F22E2-79B0-7CC3-98C4-DC0C0C07398F")
RFC_RANDOM = (0xCC3 << 62 | 0x18C4DC0C0C07398F).to_bytes(10, "big")


def test_the_example_of_the_standard_is_made():
    made = new_id(RFC_TIME_MS, lambda length: RFC_RANDOM)
    assert made == RFC_ID
    assert made.version == 7
    assert time_ms_of(made) == RFC_TIME_MS


def test_another_version_tells_no_time():
    with pytest.raises(Refused, match=r"ids\.malformed"):
        time_ms_of(uuid4())


@pytest.mark.parametrize("time_ms", [-1, 1 << 48])
def test_time_must_fit_48_bits(time_ms):
    with pytest.raises(ValueError, match="48 bits"):
        new_id(time_ms, bytes)


def test_an_attempts_number_is_32_hex_digits_and_names_it():
    assert attempt_number(RFC_ID) == "017f22e279b07cc398c4dc0c0c07398f"
    assert attempt_id_of(attempt_number(RFC_ID)) == RFC_ID


@pytest.mark.parametrize("number", ["", "12", "0" * 33, "G" * 32, "A" * 32, "{" + "0" * 31])
def test_numbers_that_are_not_ours_are_refused(number):
    with pytest.raises(Refused, match=r"ids\.malformed"):
        attempt_id_of(number)


def test_a_sequence_grows_when_the_clock_stands_or_steps_back():
    sequence = IdSequence(lambda length: b"\xff" * length)
    made = [sequence.next(time_ms) for time_ms in (1000, 1000, 999, 2000)]
    assert made == sorted(set(made))
    assert time_ms_of(made[0]) == 1000
    assert time_ms_of(made[3]) == 2000


def test_what_follows_from_an_id_has_one_of_its_own_beside_it():
    later = new_id(RFC_TIME_MS + 1, lambda length: RFC_RANDOM)
    sale, reversal = derived_id(RFC_ID, "sale"), derived_id(RFC_ID, "reversal")

    assert sale == derived_id(RFC_ID, "sale")
    assert len({RFC_ID, later, sale, reversal, derived_id(later, "sale")}) == 5
    assert max(sale, reversal) < min(later, derived_id(later, "sale"))
    assert (sale.version, sale.variant) == (8, RFC_4122)

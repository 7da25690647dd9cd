"""Identifiers: UUID version 7 (RFC 9562 §5.7), sortable by the millisecond they were made in.

An id that follows from another one keeps its time: database indexes grow at their end.
A channel's order number is an attempt's id as 32 hex digits: it fits every channel's limit
(WeChat takes 32, Alipay 64) and is never used twice.
"""

import hashlib
from collections.abc import Callable
from uuid import UUID

from domain.errors import Refused

RandomBytes = Callable[[int], bytes]

_TIME_LIMIT_MS = 1 << 48
_RANDOM_BITS = 74  # rand_a (12) and rand_b (62) of RFC 9562 §5.7, taken as one number
_RANDOM_LIMIT = 1 << _RANDOM_BITS


def new_id(now_ms: int, random: RandomBytes) -> UUID:
    """Make a UUIDv7 from Unix milliseconds and ``random(n)``, a source of n random bytes."""
    return _assemble(now_ms, _random_number(random))


def derived_id(of: UUID, name: str) -> UUID:
    """Return the id of what follows from ``of``, the same for ever (UUIDv8, RFC 9562 §5.8).

    Unlike a UUIDv5 it begins with the time of ``of``, so that neighbours in time are neighbours
    in an index; the rest is 74 bits of a SHA-256 of both.
    """
    digest = hashlib.sha256(of.bytes + name.encode()).digest()
    number = int.from_bytes(digest[:10], "big") & (_RANDOM_LIMIT - 1)
    high, low = number >> 62, number & ((1 << 62) - 1)
    return UUID(int=of.int >> 80 << 80 | 0x8 << 76 | high << 64 | 0b10 << 62 | low)


def time_ms_of(id: UUID) -> int:
    """Return the Unix milliseconds a UUIDv7 was made in; ``Refused`` for any other version."""
    if id.version != 7:
        raise Refused("ids.malformed")
    return id.int >> 80


def attempt_number(attempt_id: UUID) -> str:
    """Return the channel's order number of an attempt: 32 lower-case hex digits."""
    return attempt_id.hex


def attempt_id_of(number: str) -> UUID:
    """Return the attempt a channel's order number belongs to; ``Refused`` when it is not ours."""
    if len(number) != 32 or not set(number) <= set("0123456789abcdef"):
        raise Refused("ids.malformed")
    return UUID(number)


class IdSequence:
    """Makes ids that only grow, also within one millisecond and when the clock steps back.

    This is the monotonic random method of RFC 9562 §6.2. One sequence belongs to one thread.
    """

    def __init__(self, random: RandomBytes) -> None:
        self._random = random
        self._last = 0

    def next(self, now_ms: int) -> UUID:
        """Return an id greater than every id this sequence returned before."""
        fresh = (now_ms << _RANDOM_BITS) | _random_number(self._random)
        if fresh <= self._last:
            # 32 random bits of step keep the next id hard to guess
            fresh = self._last + 1 + int.from_bytes(self._random(4), "big")
        self._last = fresh
        return _assemble(fresh >> _RANDOM_BITS, fresh & (_RANDOM_LIMIT - 1))


def _random_number(random: RandomBytes) -> int:
    return int.from_bytes(random(10), "big") & (_RANDOM_LIMIT - 1)


def _assemble(time_ms: int, random_number: int) -> UUID:
    if not 0 <= time_ms < _TIME_LIMIT_MS:
        raise ValueError(f"milliseconds outside 48 bits: {time_ms}")
    high, low = random_number >> 62, random_number & ((1 << 62) - 1)
    return UUID(int=time_ms << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)

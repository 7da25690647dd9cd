"""How old what is owed is: what was paid back pays the oldest first.

Used for debts, where one account holds many days' debts: `outstanding` says what of which day is
left, `bucket` in which column of an ageing report it stands.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final

BUCKETS: Final = (30, 60, 90)
"""Days after which what is owed moves to the next column."""


def outstanding(moves: Iterable[tuple[date, int]]) -> list[tuple[date, int]]:
    """Return what is left of what, oldest first: `moves` in the order they were booked.

    A positive amount was owed from that day on, a negative one paid back. What was paid back before
    anything was owed is set off against what is owed next.
    """
    left: list[tuple[date, int]] = []
    credit = 0
    for day, amount in moves:
        if amount > 0:
            used = min(credit, amount)
            credit -= used
            if amount > used:
                left.append((day, amount - used))
            continue
        credit -= amount
        while credit and left:
            oldest, owed = left[0]
            used = min(credit, owed)
            credit -= used
            left[:1] = [(oldest, owed - used)] if owed > used else []
    return left


def bucket(since_on: date, today: date) -> int:
    """Return the column of an age: 0 for up to 30 days, then 1, 2, and 3 for over 90."""
    age = (today - since_on).days
    return sum(age > limit for limit in BUCKETS)

"""Replay payments under other rules and contracts: what would have gone where, at what fee.

Every channel is taken to have been well: health at the time is not kept. Payments are replayed
in their order, so that limits per day fill up as they would have.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from domain.errors import Refused
from domain.routing import Book, Candidate, Moment, RouteAsked, choose


@dataclass(frozen=True, slots=True)
class Replayed:
    """One payment as it went. `kind` empty: nobody knows any more, it stays where it went."""

    asked: RouteAsked
    channel: str
    fee_amount: int
    local: datetime
    business_on: date


@dataclass(slots=True)
class Tally:
    """What one channel took: payments, their sum and the merchants' fees."""

    count: int = 0
    amount: int = 0
    fee_amount: int = 0

    def add(self, amount: int, fee_amount: int) -> None:
        """Count one payment."""
        self.count += 1
        self.amount += amount
        self.fee_amount += fee_amount


@dataclass(slots=True)
class Outcome:
    """Per channel what was, `now`, and what would have been, `then`; and what found no channel."""

    now: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    then: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    refused: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    moved: int = 0
    unknown: int = 0


def simulate(
    payments: Iterable[Replayed],
    candidates: Sequence[Candidate],
    book_of: Callable[[UUID], Book],
) -> Outcome:
    """Replay `payments`, oldest first; `book_of` gives a merchant's contracts and the rules."""
    told = Outcome()
    taken: dict[tuple[UUID, date], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for one in payments:
        asked = one.asked
        told.now[one.channel].add(asked.amount, one.fee_amount)
        day = taken[asked.merchant_id, one.business_on]
        if not asked.kind:
            told.unknown += 1
            told.then[one.channel].add(asked.amount, one.fee_amount)
            day[one.channel] += asked.amount
            continue
        moment = Moment(one.local, one.business_on, day)
        try:
            route = choose(asked, candidates, book_of(asked.merchant_id), moment)
        except Refused as refused:
            told.refused[refused.code] += 1
            continue
        told.then[route.channel].add(asked.amount, route.fee_amount)
        day[route.channel] += asked.amount
        told.moved += route.channel != one.channel
    return told

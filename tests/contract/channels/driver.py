"""What becomes of one order when its provider's own schedule is kept: the port's contract in use.

Query on the terms' delays; give up and reverse, not before the terms allow it; a reversal counts
when a query confirms it; money that arrives on an order that was given up goes back. Time is a
standing clock that is moved instead of slept through.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, repeat
from typing import TypeVar

from server.channels.channel import (
    Channel,
    Charge,
    CreateOutcome,
    Debit,
    Debits,
    Declined,
    NotFound,
    PayeeOrder,
    PayOutcome,
    QueryOutcome,
    RefundOutcome,
    RefundQueryOutcome,
    Reversed,
    Succeeded,
    Unknown,
)
from tests.factories.clocks import StandingClock

Said = TypeVar("Said")

STEPS_MAX = 150
_BACK_OFF = [timedelta(seconds=s) for s in (2, 5, 10, 30, 60, 300, 900, 3600)]


class NeverDefinite(AssertionError):
    """The schedule was kept to its end, and still nobody knows."""


@dataclass(frozen=True, slots=True)
class Never:
    """The provider has never seen the number, and by its terms never will."""


Definite = Succeeded | Declined | Reversed | Never


@dataclass(slots=True, repr=False)
class Course:
    """One order's way: what was heard when, and how it ended. `returned`: by a refund of ours."""

    number: str
    amount: int
    sent_at: datetime
    heard: list[tuple[float, str, object]] = field(default_factory=list)
    end: Definite | None = None
    returned: bool = False

    @property
    def is_paid(self) -> bool:
        """Whether the merchant counts this order as paid."""
        return isinstance(self.end, Succeeded) and not self.returned

    def __repr__(self) -> str:
        last = "; ".join(f"{at:g}s {what}: {said}" for at, what, said in self.heard[-12:])
        return f"{self.number} of {self.amount}: {last} -> {self.end}, returned={self.returned}"

    def operations(self) -> list[str]:
        """List what was asked, in order."""
        return [operation for _, operation, _ in self.heard]


class Driver:
    """Keeps the schedule of one channel."""

    def __init__(self, channel: Channel, clock: StandingClock) -> None:
        self._channel = channel
        self._clock = clock

    def charge(self, charge: Charge) -> Course:
        """Charge a payer's code and follow it to its end."""
        course = self._begin(charge.number, charge.amount)
        said = self._hear(course, "pay", self._channel.pay(charge, self._clock.now()))
        return self._follow(course, said)

    def debit(self, debits: Debits, debit: Debit) -> Course:
        """Deduct by mandate and follow it to its end."""
        course = self._begin(debit.number, debit.amount)
        said = self._hear(course, "debit", debits.debit(debit, self._clock.now()))
        return self._follow(course, said)

    def order(
        self, order: PayeeOrder, payer: Callable[[CreateOutcome], None] = lambda _: None
    ) -> Course:
        """Open an order (asking again while that is unclear), let `payer` act, follow it."""
        course = self._begin(order.number, order.amount)
        said: CreateOutcome = Unknown()
        for _ in range(3):
            course.sent_at = self._clock.now()
            said = self._channel.create(order, self._clock.now())
            self._hear(course, "create", said)
            if not isinstance(said, Unknown):
                break
            self._clock.move(seconds=1)
        if isinstance(said, Declined):
            course.end = said
            return course
        payer(said)
        return self._follow(course, None)

    def refund(self, course: Course, refund_number: str, amount: int) -> RefundOutcome:
        """Ask for a refund until it is definite: the same number each time, queries between."""
        gap = self._channel.terms.refund_gap
        self._clock.move(seconds=gap.total_seconds())
        since = self._clock.now()
        said: RefundQueryOutcome = self._ask_refund(course, refund_number, amount)
        for delay in self._delays(_BACK_OFF):
            if isinstance(said, Succeeded | Declined):
                return said
            self._clock.move(seconds=max(delay, gap).total_seconds())
            again: RefundOutcome = Unknown()
            if isinstance(said, NotFound):
                again = self._ask_refund(course, refund_number, amount)
            query = self._channel.query_refund(course.number, refund_number, self._clock.now())
            said = self._hear(course, "query_refund", query)
            is_unseen = self._clock.now() - since >= self._channel.terms.unseen_after
            if isinstance(again, Declined) and isinstance(said, NotFound) and is_unseen:
                # Refused now, and what was unclear before can be under way no longer
                return again
        raise NeverDefinite(f"refund of {course}")

    def _ask_refund(self, course: Course, refund_number: str, amount: int) -> RefundOutcome:
        now = self._clock.now()
        said = self._channel.refund(course.number, refund_number, amount, course.amount, now)
        return self._hear(course, "refund", said)

    def _begin(self, number: str, amount: int) -> Course:
        return Course(number, amount, self._clock.now())

    def _follow(self, course: Course, said: PayOutcome | None) -> Course:
        if isinstance(said, Succeeded | Declined):
            course.end = said
            return course
        self._wait_for_payer(course)
        if course.end is None:
            self._give_up(course)
        return course

    def _wait_for_payer(self, course: Course) -> None:
        give_up_at = course.sent_at + self._channel.terms.give_up_after
        for delay in self._delays(self._channel.terms.query_delays):
            if self._clock.now() + delay > give_up_at:
                return
            self._clock.move(seconds=delay.total_seconds())
            said = self._query(course)
            if isinstance(said, Succeeded | Declined | Reversed):
                course.end = said
                return

    def _give_up(self, course: Course) -> None:
        terms = self._channel.terms
        earliest = course.sent_at + max(terms.give_up_after, terms.reverse_after)
        self._clock.at = max(self._clock.at, earliest)
        for delay in self._delays(_BACK_OFF):
            outcome = self._channel.reverse(course.number, self._clock.now())
            reversal = self._hear(course, "reverse", outcome)
            said = self._query(course)
            if isinstance(said, Reversed | Declined):
                course.end = said
                return
            if isinstance(said, NotFound) and self._is_unseen(course):
                course.end = Never()
                return
            if isinstance(said, Succeeded) and _is_final(reversal):
                self._send_back(course, said)
                return
            self._clock.move(seconds=delay.total_seconds())
        raise NeverDefinite(str(course))

    def _send_back(self, course: Course, said: Succeeded) -> None:
        """Paid on an order that was given up, and past reversing: the money goes back."""
        course.end = said
        refunded = self.refund(course, course.number[::-1], course.amount)
        assert isinstance(refunded, Succeeded), refunded
        course.returned = True

    def _is_unseen(self, course: Course) -> bool:
        return self._clock.now() - course.sent_at >= self._channel.terms.unseen_after

    def _query(self, course: Course) -> QueryOutcome:
        return self._hear(course, "query", self._channel.query(course.number, self._clock.now()))

    def _hear(self, course: Course, operation: str, said: Said) -> Said:
        after = (self._clock.now() - course.sent_at).total_seconds()
        course.heard.append((after, operation, said))
        return said

    def _delays(self, delays: Iterable[timedelta]) -> Iterable[timedelta]:
        listed = list(delays)
        forever = chain(listed, repeat(listed[-1]))
        return (delay for delay, _ in zip(forever, range(STEPS_MAX), strict=False))


def _is_final(reversal: object) -> bool:
    """A refusal for good: still paying only means later."""
    return isinstance(reversal, Declined) and reversal.code in (
        "channels.not_reversible",
        "channels.reversal_too_late",
    )

"""When a channel is asked again, and when it is asked to give the money back.

Foreground, by the provider's own terms: queries while a payer may still be typing a password, until
it gives up; a reversal not before the provider takes one. Background: 30 s, 1 min, 5 min, 15 min,
1 h, then every 6 h, until the channel's word is definite.
"""

from datetime import datetime, timedelta
from typing import Final

from domain.payment_states import LIVE_ATTEMPT_STATES, AttemptState
from server.channels.channel import Terms
from server.payments.rows import AttemptRow

RESOLVE_KIND: Final = "payments.resolve"
"""Due work: ask the channel what became of an attempt."""
EXPIRE_KIND: Final = "payments.expire"
"""Due work: nobody may pay an opened order any more."""
MANDATE_KIND: Final = "payments.mandate"
"""Due work: a mandate is to be signed, looked at or ended at its bank."""
DEBIT: Final = "debit"
"""The way of an attempt by mandate before the meal is handed over."""
COLLECT: Final = "collect"
"""The way of one whose meal is gone: it is asked for until the bank's word is definite."""
COLLECT_FOR: Final = timedelta(days=3)
"""How long a bank may leave a claim open; a weekend is no reason to give it up."""
ORDER_LIFE: Final = timedelta(minutes=3)
"""How long a payer may take; then the counter shows a new code or the sale ends."""
FIRST_LOOK: Final = timedelta(seconds=2)
"""After sending: the call itself has usually answered by then."""
BACKGROUND_DELAYS: Final = tuple(timedelta(seconds=s) for s in (30, 60, 300, 900, 3_600, 21_600))


def gate_of(channel: str) -> str:
    """The gate of due work that asks a channel: while it is silent, all of it waits."""
    return f"channel/{channel}"


def next_due(attempt: AttemptRow, terms: Terms, now: datetime) -> datetime | None:
    """When an attempt is looked at again; None when it is definite."""
    if attempt.state not in LIVE_ATTEMPT_STATES:
        return None
    if attempt.way == COLLECT and attempt.state is not AttemptState.REVERSING:
        return next_background(attempt.tries, now)
    if attempt.state is not AttemptState.REVERSING:
        return next_query(attempt, terms, now)
    if attempt.tries == 0:
        return max(now, earliest_reversal(attempt, terms))
    return next_background(attempt.tries - 1, now)


def next_query(attempt: AttemptRow, terms: Terms, now: datetime) -> datetime:
    """When to query an attempt again; its first try was the call itself."""
    delays = terms.query_delays
    delay = delays[min(max(attempt.tries - 1, 0), len(delays) - 1)]
    return min(now + delay, max(now, _payers_end(attempt, terms)))


def next_background(tries: int, now: datetime) -> datetime:
    """When to try again to undo, after `tries` tries."""
    return now + BACKGROUND_DELAYS[min(tries, len(BACKGROUND_DELAYS) - 1)]


def has_waited_long_enough(attempt: AttemptRow, terms: Terms, now: datetime) -> bool:
    """Whether the payer's time is up: from here on the attempt is reversed, not waited for."""
    return now >= _payers_end(attempt, terms)


def has_collected_long_enough(attempt: AttemptRow, now: datetime) -> bool:
    """Whether a claim is given up: a bank that will not say has it closed, and the debt stays."""
    return now >= attempt.submitted_at + COLLECT_FOR


def earliest_reversal(attempt: AttemptRow, terms: Terms | None = None) -> datetime:
    """Before this a reversal is not asked for; without terms by what most providers want."""
    return attempt.submitted_at + (terms or Terms()).reverse_after


def _payers_end(attempt: AttemptRow, terms: Terms) -> datetime:
    return attempt.expires_at or attempt.submitted_at + terms.give_up_after

"""When a channel is asked again, and when it is asked to give the money back.

Foreground: 2, 3, 5, 5 … s until 45 s after sending, while a payer may still be typing a password;
a reversal not before 15 s, since a channel refuses to undo what it is still deciding. Background:
30 s, 1 min, 5 min, 15 min, 1 h, then every 6 h, until the channel's word is definite.
"""

from datetime import datetime, timedelta
from typing import Final

from domain.payment_states import LIVE_ATTEMPT_STATES, AttemptState
from server.payments.rows import AttemptRow

RESOLVE_KIND: Final = "payments.resolve"
"""Due work: ask the channel what became of an attempt."""
QUERY_DELAYS: Final = tuple(timedelta(seconds=s) for s in (2, 3, 5))
GIVE_UP_AFTER: Final = timedelta(seconds=45)
REVERSE_AFTER: Final = timedelta(seconds=15)
BACKGROUND_DELAYS: Final = tuple(timedelta(seconds=s) for s in (30, 60, 300, 900, 3_600, 21_600))


def next_due(attempt: AttemptRow, now: datetime) -> datetime | None:
    """When an attempt is looked at again; None when it is definite."""
    if attempt.state not in LIVE_ATTEMPT_STATES:
        return None
    if attempt.state is not AttemptState.REVERSING:
        return next_query(attempt, now)
    if attempt.tries == 0:
        return max(now, earliest_reversal(attempt))
    return next_background(attempt.tries - 1, now)


def next_query(attempt: AttemptRow, now: datetime) -> datetime:
    """When to query an attempt again; its first try was the call itself."""
    delay = QUERY_DELAYS[min(max(attempt.tries - 1, 0), len(QUERY_DELAYS) - 1)]
    return min(now + delay, max(now, attempt.submitted_at + GIVE_UP_AFTER))


def next_background(tries: int, now: datetime) -> datetime:
    """When to try again to undo, after `tries` tries."""
    return now + BACKGROUND_DELAYS[min(tries, len(BACKGROUND_DELAYS) - 1)]


def has_waited_long_enough(attempt: AttemptRow, now: datetime) -> bool:
    """Whether the payer's time is up: from here on the attempt is reversed, not waited for."""
    return now >= attempt.submitted_at + GIVE_UP_AFTER


def earliest_reversal(attempt: AttemptRow) -> datetime:
    """Before this a reversal is not asked for."""
    return attempt.submitted_at + REVERSE_AFTER

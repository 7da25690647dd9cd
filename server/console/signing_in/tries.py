"""Wrong tries are counted in the database, so that a restart or a second server forgives none.

After `FREE_TRIES` wrong ones a kind of try waits, twice as long each time, up to `LONGEST_WAIT`.
While it waits, even the right answer is not looked at.
"""

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from domain.errors import Refused
from server.console.models import SignInTally
from server.runtime import Secrets

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Kind:
    """What is counted: `free` wrong tries cost nothing."""

    name: str
    free: int


def password_kinds(name: str, address: str) -> tuple[Kind, ...]:
    """One name from one address; one name from anywhere; one address for any name."""
    return (
        Kind(f"password/{name.casefold()}/{address}", 5),
        Kind(f"password/{name.casefold()}", 20),
        Kind(f"password//{address}", 40),
    )


def factor_kinds(user_pk: int) -> tuple[Kind, ...]:
    """The second factor of one user, from anywhere."""
    return (Kind(f"factor/{user_pk}", 5),)


def refuse_too_many(kinds: Sequence[Kind], *, now: datetime, secrets: Secrets) -> None:
    """Raise `Refused("staff.too_many_tries")` while any of `kinds` waits."""
    keys = [_key(kind, secrets) for kind in kinds]
    waits = [
        row.blocked_until - now
        for row in SignInTally.objects.filter(key__in=keys)
        if row.blocked_until is not None and row.blocked_until > now
    ]
    if waits:
        raise Refused("staff.too_many_tries", seconds=int(max(waits).total_seconds()) + 1)


def count_wrong(kinds: Sequence[Kind], *, now: datetime, secrets: Secrets) -> None:
    """Count one wrong try of each kind, and let it wait when there were too many."""
    with transaction.atomic():
        for kind in kinds:
            key = _key(kind, secrets)
            SignInTally.objects.get_or_create(key=key, defaults={"last_wrong_at": now})
            row = SignInTally.objects.select_for_update().get(key=key)
            is_old = now - row.last_wrong_at > FORGOTTEN_AFTER
            row.wrong = 1 if is_old else row.wrong + 1
            row.last_wrong_at = now
            beyond = row.wrong - kind.free
            row.blocked_until = now + _wait(beyond) if beyond >= 0 else None
            row.save()


def forgive(kinds: Sequence[Kind], *, secrets: Secrets) -> None:
    """Forget the wrong tries of `kinds`: the right answer came."""
    rows = SignInTally.objects.filter(key__in=[_key(kind, secrets) for kind in kinds])
    # Not deleted: somebody else's try may be waiting for the row
    rows.update(wrong=0, blocked_until=None)


@contextmanager
def one_at_a_time(kinds: Sequence[Kind], *, now: datetime, secrets: Secrets) -> Iterator[None]:
    """Hold the tallies of `kinds` for the length of the block, a transaction.

    What is quick to check is guessed many times at once: each such try waits here for the one
    before it, and then meets what that one was counted as. Nothing slow belongs into the block.
    """
    with transaction.atomic():
        for key in sorted(_key(kind, secrets) for kind in kinds):
            SignInTally.objects.get_or_create(key=key, defaults={"last_wrong_at": now})
            SignInTally.objects.select_for_update().get(key=key)
        yield


def _wait(beyond: int) -> timedelta:
    wait: timedelta = FIRST_WAIT * 2 ** min(beyond, 16)
    return min(LONGEST_WAIT, wait)


def _key(kind: Kind, secrets: Secrets) -> str:
    return hmac.new(secrets.key("sign-in tally"), kind.name.encode(), hashlib.sha256).hexdigest()

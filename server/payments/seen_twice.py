"""A card seen at two places at once: one of the two is a copy, or was lent. A case for a person.

Looked for by the worker, beside the path of payments: nobody waits for it, nothing is blocked, and
a sale that came late, from a counter without a network, is looked at when it came.
"""

import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction

from server.cases.effects import CaseOpened
from server.fleet.models import Terminal
from server.payments.models import Payment
from server.writes import write_now
from sync.messages import CredentialKind

CARD_SEEN_TWICE: Final = "card_seen_twice"
APART: Final = timedelta(seconds=60)
"""Nobody pays in one store and within so short a time in another."""
SETTING: Final = "FANPIAO_CARDS_APART_S"
"""So many seconds instead; 0 where stores are a step from each other, and no pair is a case."""
LOOKED_BACK: Final = timedelta(hours=25)
"""By when payments came: a worker that stood still for a day misses none."""
CHUNK: Final = 500
"""People looked at in one statement."""
_SEEN: Final = ("id", "payer", "store", "terminal", "occurred_at")

Seen = dict[str, Any]


def apart() -> timedelta:
    """How long it takes at least from a store to another; ValueError when it is no such number."""
    seconds = int(os.environ.get(SETTING) or APART.total_seconds())
    if seconds < 0:
        raise ValueError(f"{SETTING} is a number of seconds, 0 or more")
    return timedelta(seconds=seconds)


def open_cards_seen_twice(organisation_id: UUID, now: datetime) -> int:
    """Open a case for each such pair among what came of late; return how many pairs there are.

    One case per pair, however often it is found: it is about the later of the two payments.
    """
    found, within = 0, apart()
    if not within:
        return 0
    came = _came_of_late(organisation_id, now - LOOKED_BACK)
    people = sorted(came)
    for start in range(0, len(people), CHUNK):
        chunk = people[start : start + CHUNK]
        days = {day for person in chunk for day in came[person]}
        pairs = [*_pairs(_seen(organisation_id, chunk, days), within)]
        cases = [_case(organisation_id, *pair, now) for pair in pairs]
        if cases:
            with transaction.atomic(), connection.cursor() as cursor:
                write_now(cursor, cases)
        found += len(cases)
    return found


def _came_of_late(organisation_id: UUID, since: datetime) -> dict[UUID, set[Any]]:
    """Whose cards paid in what came since then, and for which days."""
    terminals = Terminal.objects.filter(organisation_id=organisation_id)
    rows = Payment.objects.filter(
        organisation=organisation_id, terminal__in=terminals.values_list("id", flat=True),
        received_at__gt=since, credential=CredentialKind.CARD, person__isnull=False,
    )  # fmt: skip
    came: dict[UUID, set[Any]] = defaultdict(set)
    for person, day in rows.values_list("person", "business_on").distinct():
        assert person is not None
        came[person].add(day)
    return came


def _seen(organisation_id: UUID, people: Sequence[UUID], days: set[Any]) -> list[Seen]:
    return list(
        Payment.objects.filter(
            organisation=organisation_id, person__in=people, business_on__in=days,
            credential=CredentialKind.CARD,
        ).order_by("occurred_at", "id").values(*_SEEN)
    )  # fmt: skip


def _pairs(seen: Sequence[Seen], within: timedelta) -> Iterator[tuple[Seen, Seen]]:
    """Neighbours in time of one card that lie in two stores."""
    by_card: dict[str, list[Seen]] = defaultdict(list)
    for one in seen:
        by_card[one["payer"]].append(one)
    for many in by_card.values():
        for earlier, later in pairwise(many):
            is_near = later["occurred_at"] - earlier["occurred_at"] <= within
            if is_near and earlier["store"] != later["store"]:
                yield earlier, later


def _case(organisation_id: UUID, earlier: Seen, later: Seen, now: datetime) -> CaseOpened:
    seconds = round((later["occurred_at"] - earlier["occurred_at"]).total_seconds())
    data = {"other_payment": str(earlier["id"]), "seconds": seconds}
    return CaseOpened(
        organisation_id, CARD_SEEN_TWICE, "payment", later["id"], 0, now, data, later["terminal"]
    )

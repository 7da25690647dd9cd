"""Settlement by the worker: every organisation once an hour, first some minutes after the start.

Subsidies that expired go back to their budgets, and cards that were seen at two places at once are
laid before a person.
"""

import logging
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import httpx
from django.db import DatabaseError

from domain.ids import RandomBytes
from server.config.payout_banks import payout_bank_or_none
from server.organisations.models import Organisation
from server.payments.seen_twice import open_cards_seen_twice
from server.settlement.settle_due import settle_due
from server.wallets.take_back import take_back_expired

FIRST_AFTER: Final = timedelta(minutes=10)
"""A server that starts has counters to serve first."""
EVERY: Final = timedelta(hours=1)
PAUSE_S: Final = 60.0

log = logging.getLogger(__name__)


def _look_round(organisation_id: UUID, now: datetime) -> None:
    """Trouble with either keeps no merchant waiting for money; it is tried again next time."""
    for work in (take_back_expired, open_cards_seen_twice):
        try:
            work(organisation_id, now)
        except (DatabaseError, ValueError):
            log.exception("%s of %s", work.__name__, organisation_id)


class Settler:
    """Settles what is due; `step` is called by one thread, any number of workers may run."""

    def __init__(self, random: RandomBytes) -> None:
        self._random = random
        self._next_at: datetime | None = None

    def step(self, now: datetime) -> int:
        """Settle everything when it is time; returns 0, since nothing more waits."""
        if self._next_at is None:
            self._next_at = now + FIRST_AFTER
        if now < self._next_at:
            return 0
        self._next_at = now + EVERY
        with httpx.Client(trust_env=False) as http:
            for organisation in Organisation.objects.values_list("id", flat=True):
                _look_round(organisation, now)
                bank = payout_bank_or_none(http, self._random, organisation)
                settle_due(organisation, now, self._random, bank)
        return 0

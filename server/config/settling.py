"""Settlement by the worker: every organisation once an hour, first some minutes after the start."""

from datetime import datetime, timedelta
from typing import Final

import httpx

from domain.ids import RandomBytes
from server.config.payout_banks import payout_bank_or_none
from server.organisations.models import Organisation
from server.settlement.settle_due import settle_due

FIRST_AFTER: Final = timedelta(minutes=10)
"""A server that starts has counters to serve first."""
EVERY: Final = timedelta(hours=1)
PAUSE_S: Final = 60.0


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
                bank = payout_bank_or_none(http, self._random, organisation)
                settle_due(organisation, now, self._random, bank)
        return 0

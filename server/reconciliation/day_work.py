"""One channel's day done again because a person asked: fetched anew, or matched anew.

The page writes a due row; the process that has channels and the books' writer does it. What the
channel answered is kept as an exchange, so that the page can tell why there is still no bill.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID, uuid5

from django.db import connection

from server.channels.channel import channel_owner_id
from server.channels.exchanges import save
from server.reconciliation.fetch_bill import Fetcher
from server.reconciliation.models import Bill
from server.work.effects import DueRow
from server.work.handlers import Claimed, register
from server.work.models import Due
from server.writes import write_now

KIND: Final = "reconciliation.day"


def ask_day(
    organisation_id: UUID, channel: str, on: date, now: datetime, *, is_fetched: bool
) -> None:
    """Make a day due, in the caller's transaction; asked twice it is done once."""
    subject = _subject(organisation_id, channel, on)
    data = {"channel": channel, "on": on.isoformat(), "is_fetched": is_fetched}
    row = DueRow(uuid5(subject, KIND), organisation_id, KIND, subject, now, data)
    with connection.cursor() as cursor:
        write_now(cursor, [row])


def waiting_day(organisation_id: UUID, channel: str, on: date) -> Due | None:
    """Return the due row of a day that is being done, if it is."""
    subject = _subject(organisation_id, channel, on)
    return Due.objects.filter(
        organisation=organisation_id, kind=KIND, subject_id=subject
    ).first()  # fmt: skip


@dataclass(frozen=True, slots=True)
class DayWork:
    """Does what was asked for, by the fetcher of this process."""

    fetcher: Fetcher

    def do(self, due: Claimed, now: datetime) -> None:
        """`reconciliation.day`: done once; a bill that is not there is left to the daily work."""
        organisation_id, channel = due.organisation_id, str(due.data["channel"])
        on = date.fromisoformat(str(due.data["on"]))
        if due.data["is_fetched"]:
            with self.fetcher.channels.listening() as heard:
                self.fetcher.fetch(organisation_id, channel, on, now)
            save(heard)
            return
        bills = Bill.objects.filter(organisation=organisation_id, channel=channel, on=on)
        if bills.filter(is_current=True).exists():
            from server.reconciliation.resolve_by_rule import resolve_by_rule

            resolve_by_rule(
                organisation_id, channel, on, now, submit=self.fetcher.submit,
                secrets=self.fetcher.secrets,
            )  # fmt: skip


def register_days(fetcher: Fetcher) -> None:
    """Let this process do days again."""
    register(KIND, DayWork(fetcher).do)


def _subject(organisation_id: UUID, channel: str, on: date) -> UUID:
    return uuid5(channel_owner_id(organisation_id, channel), f"day/{on}")

"""Fetch each channel's bills, day by day, and match them: due work, one row per channel.

A day is asked for from `READY_AT` of the next one on (Beijing), again every half hour while the
channel says that it is late or cannot be reached, and the days after it wait: matching goes day by
day. Not there is not the same as empty; a day that is definitely empty is kept as a bill of no
lines. A bill that cannot be had for a week is a person's: a case is opened, which ends when they
have uploaded it, and the days after it go on.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from django.db import connection, transaction

from server.channels.channel import Bill as SaidBill
from server.channels.channel import BillKind, channel_owner_id
from server.channels.models import ChannelAccount
from server.channels.open_channels import Channels
from server.payments.models import Attempt
from server.reconciliation.clear_items import CALENDAR
from server.reconciliation.import_bill import import_bill
from server.reconciliation.models import Bill
from server.reconciliation.overdue_bills import report_overdue
from server.runtime import Secrets
from server.work.effects import DueRow
from server.work.handlers import Claimed, register
from server.work.models import Due
from server.writes import write_now

KIND: Final = "reconciliation.bills"
READY_AT: Final = time(10, 30)
RETRY: Final = timedelta(minutes=30)
LOOK_BACK: Final = timedelta(days=7)
EMPTY: Final = "bills.empty"
Submit = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Fetches and matches the bills of whatever channel is due."""

    channels: Channels
    submit: Submit
    secrets: Secrets

    def fetch_due(self, due: Claimed, now: datetime) -> datetime | None:
        """`reconciliation.bills`: fetch what is missing, oldest day first; say when to go on."""
        organisation_id, name = due.organisation_id, str(due.data["channel"])
        if not ChannelAccount.objects.filter(organisation_id=organisation_id, name=name).exists():
            return None
        today = now.astimezone(CALENDAR).date()
        report_overdue(organisation_id, name, today - LOOK_BACK, now)
        for on in missing_days(organisation_id, name, today, now):
            if not self.fetch(organisation_id, name, on, now):
                return now + RETRY
        yesterday = today - timedelta(days=1)
        return _ready_at(yesterday) if now < _ready_at(yesterday) else _ready_at(today)

    def fetch(self, organisation_id: UUID, name: str, on: date, now: datetime) -> bool:
        """Fetch and match one day; False when the channel has nothing to say yet."""
        self.channels.look(organisation_id)
        channel = self.channels.named(organisation_id, name)
        if channel is None:
            return False
        said = channel.bill(BillKind.TRADE, on, now)
        if not isinstance(said, SaidBill):
            if said.code != EMPTY:
                return False
            said = SaidBill(BillKind.TRADE, on, (), b"")
        # DuckDB takes two seconds to load: a server starts without, and its first bill brings it
        from server.reconciliation.resolve_by_rule import resolve_by_rule

        import_bill(organisation_id, name, said, now=now)
        resolve_by_rule(organisation_id, name, on, now, submit=self.submit, secrets=self.secrets)
        return True


def missing_days(organisation_id: UUID, channel: str, today: date, now: datetime) -> list[date]:
    """Return the days whose bill should be there by now and was never matched, oldest first.

    They begin with the first thing we asked of the channel: before that its bill is not ours.
    """
    back_to = datetime.combine(today - LOOK_BACK, time(), CALENDAR)
    asked = Attempt.objects.filter(
        organisation=organisation_id, channel=channel, submitted_at__gte=back_to
    )
    since = asked.order_by("submitted_at").values_list("submitted_at", flat=True).first()
    if since is None:
        return []
    first = since.astimezone(CALENDAR).date()
    matched = Bill.objects.filter(
        organisation=organisation_id, channel=channel, is_current=True, matched_at__isnull=False
    )
    have = set(matched.filter(on__gte=first).values_list("on", flat=True))
    days = [first + timedelta(days=count) for count in range((today - first).days)]
    return [on for on in days if on not in have and now >= _ready_at(on)]


def schedule_bills(now: datetime) -> int:
    """Give every channel account its due row, if it has none; return how many were new."""
    # Not scoped: the worker serves all organisations of its database
    have = {(row.organisation, row.subject_id) for row in Due.objects.filter(kind=KIND)}
    rows = []
    for account in ChannelAccount.objects.all():
        organisation_id = account.organisation_id
        subject = channel_owner_id(organisation_id, account.name)
        if (organisation_id, subject) not in have:
            data: Mapping[str, str] = {"channel": account.name}
            rows.append(DueRow(uuid5(subject, KIND), organisation_id, KIND, subject, now, data))
    if rows:
        with transaction.atomic(), connection.cursor() as cursor:
            write_now(cursor, rows)
    return len(rows)


def register_fetching(channels: Channels, submit: Submit, secrets: Secrets) -> None:
    """Let this process fetch bills."""
    register(KIND, Fetcher(channels, submit, secrets).fetch_due)


def _ready_at(on: date) -> datetime:
    return datetime.combine(on + timedelta(days=1), READY_AT, CALENDAR)

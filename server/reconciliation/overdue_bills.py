"""Bills that could not be had for a week: somebody's case, which ends once the day is matched.

The days after such a day no longer wait for it. Its payments stay what the channel owes until
somebody brings the file.
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID, uuid5

from django.db import connection, transaction
from django.db.models import Min, Sum

from server.cases.effects import CaseClosed, CaseOpened, case_id
from server.channels.channel import channel_owner_id
from server.payments.models import Attempt
from server.reconciliation.clear_items import CALENDAR
from server.reconciliation.models import Bill
from server.writes import write_now

OVERDUE: Final = "bill_overdue"
SUBJECT: Final = "bill_day"
HAD: Final = "bill_matched"
FAR_BACK: Final = timedelta(days=60)
"""Further back nobody is told any more: whoever had to know has had a case for weeks."""


def report_overdue(organisation_id: UUID, channel: str, until: date, now: datetime) -> int:
    """Open a case for each day before `until` that has payments and no matched bill.

    Reported again, the first report stands. Returns how many days have none.
    """
    found = [
        CaseOpened(
            organisation_id, OVERDUE, SUBJECT, _subject(organisation_id, channel, on), amount, now,
            {"channel": channel, "on": on.isoformat()},
        )
        for on in _unmatched(organisation_id, channel, until)
        if (amount := _asked_amount(organisation_id, channel, on)) is not None
    ]  # fmt: skip
    if found:
        with transaction.atomic(), connection.cursor() as cursor:
            write_now(cursor, found)
    return len(found)


def close_overdue(organisation_id: UUID, channel: str, on: date, now: datetime) -> None:
    """The bill of a day was matched: its case, if there is one, has ended. In a transaction."""
    subject = _subject(organisation_id, channel, on)
    case = case_id(organisation_id, OVERDUE, SUBJECT, subject)
    with connection.cursor() as cursor:
        write_now(cursor, [CaseClosed(case, now, HAD, "")])


def _unmatched(organisation_id: UUID, channel: str, until: date) -> Iterable[date]:
    back_to = datetime.combine(until - FAR_BACK, time(), CALENDAR)
    asked = Attempt.objects.filter(
        organisation=organisation_id, channel=channel, submitted_at__gte=back_to
    )
    since = asked.aggregate(first=Min("submitted_at"))["first"]
    if since is None:
        return []
    first = since.astimezone(CALENDAR).date()
    matched = Bill.objects.filter(
        organisation=organisation_id, channel=channel, is_current=True, matched_at__isnull=False
    )
    have = set(matched.filter(on__gte=first).values_list("on", flat=True))
    days = (first + timedelta(days=count) for count in range((until - first).days))
    return [on for on in days if on not in have]


def _asked_amount(organisation_id: UUID, channel: str, on: date) -> int | None:
    """Return what the channel was asked to take on a day and took; None: it was not asked."""
    start = datetime.combine(on, time(), CALENDAR)
    asked = Attempt.objects.filter(
        organisation=organisation_id, channel=channel, submitted_at__gte=start,
        submitted_at__lt=start + timedelta(days=1),
    )  # fmt: skip
    if not asked.exists():
        return None
    taken = asked.filter(state="succeeded").aggregate(amount=Sum("amount"))
    return taken["amount"] or 0


def _subject(organisation_id: UUID, channel: str, on: date) -> UUID:
    return uuid5(channel_owner_id(organisation_id, channel), f"bill_day/{on}")

"""Due work of the inbox: put a waiting record to its command again; look at a lasting gap."""

from datetime import datetime, timedelta
from typing import Any

from server.fleet.read_standing import read_standing
from server.inbox.book_records import plan_records, read_context
from server.inbox.follow_journal import FollowJournal
from server.inbox.models import Journal, Record
from server.inbox.settle_records import open_record_of, reopen
from server.payments.arrivals import Booked
from server.runtime import Runtime
from server.work.handlers import Claimed, Handler
from sync.messages import Status

QUICK_RETRIES = 20
"""Retries at the quick pace: a refund's payment usually follows within minutes."""
QUICK = timedelta(seconds=30)
SLOW = timedelta(minutes=15)


def retry_waiting(runtime: Runtime) -> Handler:
    """Return the handler that puts a waiting record to its command again."""

    def handle(due: Claimed, now: datetime) -> datetime | None:
        row = open_record_of(due.organisation_id, due.subject_id)
        if row is None:
            return None
        if run_again(runtime, row, now).status is not Status.WAITING:
            return None
        return now + (QUICK if due.attempts <= QUICK_RETRIES else SLOW)

    return handle


def run_again(runtime: Runtime, row: Record, now: datetime) -> Booked:
    """Put a record that waits or is parked to its command again; return its new disposition."""
    terminal, opened = reopen(row)
    standing = read_standing(row.organisation, [row.terminal])[row.terminal]
    context = read_context(terminal, standing, now)
    command: Any = plan_records(context, [opened], again=True)[0]
    answer: Booked = runtime.writer.submit(command, push=True).result()
    return answer


def look_at_gap(runtime: Runtime) -> Handler:
    """Return the handler that opens a case for a gap that has lasted."""

    def handle(due: Claimed, now: datetime) -> datetime | None:
        journal = Journal.objects.get(organisation=due.organisation_id, id=due.subject_id)
        follow = FollowJournal(
            journal.organisation, journal.terminal, journal.id, now, has_lasted=True
        )
        runtime.writer.submit(follow, push=True).result()
        return None

    return handle

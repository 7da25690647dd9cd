"""Work that is overdue becomes somebody's case: due rows and cases do not know each other."""

from datetime import datetime

from django.db import connection, transaction

from server.cases.effects import CaseOpened
from server.work.worker import overdue
from server.writes import write_now

KIND = "overdue_work"


def open_overdue_cases(now: datetime) -> int:
    """Open a case for every overdue row that has none yet; return how many rows are overdue."""
    rows = overdue(now)
    if not rows:
        return 0
    cases = [
        CaseOpened(
            row.organisation, KIND, "work", row.subject_id, 0, now,
            {"work": row.kind, "attempts": row.attempts, "error": row.last_error},
        )
        for row in rows
    ]  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        write_now(cursor, cases)
    return len(rows)

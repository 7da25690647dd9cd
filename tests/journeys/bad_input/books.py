"""What the server's books say, as journeys ask it."""

from __future__ import annotations

import threading
import time
from uuid import UUID

from server.audit.run_audit import run_audit
from server.cases.models import Case
from server.payments.models import Payment
from tests.journeys.bad_input.open_canteen import OpenCanteen

NUMBERING_LIMIT_S = 5.0
"""Time is skipped here, so a change may look old before the sequencer had a moment to number it."""
_never = threading.Event()


def paid(person_id: UUID) -> list[int]:
    """What the books took from a person, payment by payment, in fen."""
    rows = Payment.objects.filter(person=person_id, state="succeeded").order_by("occurred_at")
    return [row.total_amount - row.refunded_amount for row in rows]


def cases_of(terminal_id: UUID) -> list[str]:
    """The kinds of the cases that one terminal gave rise to."""
    return sorted(Case.objects.filter(terminal=terminal_id).values_list("kind", flat=True))


def books_are_sound(canteen: OpenCanteen) -> None:
    """Every rule of the audit holds, once the sequencer has had its real time."""
    until = time.monotonic() + NUMBERING_LIMIT_S
    while findings := run_audit(canteen.noon.now()).findings:
        assert time.monotonic() < until, findings
        _never.wait(0.05)

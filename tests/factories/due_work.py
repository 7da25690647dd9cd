"""The worker of one till's organisation, stepped by hand."""

from __future__ import annotations

from datetime import datetime

from server.payments.complete_order import complete_order
from server.payments.expire_order import expire_order
from server.payments.resolve_payment import Resolver
from server.work.handlers import Claimed, Unanswered
from server.work.models import Due
from tests.factories.payments import Till, run


def work(till: Till, resolver: Resolver | None = None) -> list[tuple[str, datetime]]:
    """Do what is due now, as the worker does; return what is due next."""
    resolver = resolver or till.resolver()
    handlers = {
        "payments.resolve": resolver.resolve,
        "payments.refund": resolver.refund,
        "payments.refund_wait": resolver.refund_wait,
        "payments.complete": lambda due, now: complete_order(run, due, now),
        "payments.expire": lambda due, now: expire_order(run, due, now),
    }
    mine = Due.objects.filter(organisation=till.organisation, kind__in=handlers)
    for row in mine.filter(due_at__lte=till.now).order_by("due_at"):
        due = Claimed(
            row.id, row.organisation, row.kind, row.subject_id, row.due_at, row.data, 1
        )  # fmt: skip
        said = handlers[row.kind](due, till.now)
        again_at = said.again_at if isinstance(said, Unanswered) else said
        if again_at is None:
            Due.objects.filter(id=row.id).delete()
        else:
            Due.objects.filter(id=row.id).update(due_at=again_at)
    return [(row.kind, row.due_at) for row in mine.order_by("due_at")]


def work_until_done(till: Till, limit: int = 40) -> int:
    """Let the worker go on, each time when the next row is due; return how often it had to."""
    for count in range(limit):
        left = work(till)
        if not left:
            return count
        till.now = max(till.now, left[0][1])
    raise AssertionError(f"still due: {left}")

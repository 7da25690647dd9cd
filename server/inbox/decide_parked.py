"""A person decides what to do with a parked record; the decision goes down the feed.

Three ways out: `retry` it (after what stood in its way was mended), `post as new` (the sale was
real: book it under a payment id of its own), or `write off` (nothing is booked, ever).
"""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid5

from django.db import connection, transaction
from msgspec import structs

from domain.errors import Refused
from server.feed.effects import mark
from server.fleet.read_standing import read_standing
from server.inbox.book_records import arrived, read_context
from server.inbox.models import Record
from server.inbox.retry_waiting import run_again
from server.inbox.settle_records import reopen
from server.ledger.apply import apply
from server.payments.arrivals import Booked
from server.payments.book_offline_acceptance import plan_acceptances
from server.payments.cancel_payment import close_parked
from server.runtime import Runtime
from sync import messages
from sync.messages import FeedKind, RecordKind, Status


def retry_parked(runtime: Runtime, record: Record, by: str, now: datetime) -> Booked:
    """Put the record to its command again; raises Refused when it is no longer parked."""
    _check(record)
    booked = run_again(runtime, record, now)
    if booked.status is not Status.PARKED:
        _resolve(record, "retried", by, now)
    return booked


def post_as_new(runtime: Runtime, record: Record, by: str, now: datetime) -> Booked:
    """Book a parked acceptance as a fact under a new payment id, which follows from the record."""
    _check(record)
    if record.kind != RecordKind.ACCEPTANCE:
        raise Refused("records.not_a_sale", kind=record.kind)
    terminal, opened = reopen(record)
    standing = read_standing(record.organisation, [record.terminal])[record.terminal]
    context = read_context(terminal, standing, now)
    command: Any = plan_acceptances([_renamed(arrived(context, opened), record)])[0]
    booked: Booked = runtime.writer.submit(command, push=True).result()
    if booked.status in (Status.APPLIED, Status.REPLAYED):
        _resolve(record, "posted_as_new", by, now)
    return booked


def write_off(record: Record, by: str, now: datetime) -> None:
    """Close the record without booking anything."""
    _check(record)
    _resolve(record, "written_off", by, now)


def _check(record: Record) -> None:
    if record.status != Status.PARKED or record.resolution:
        raise Refused("records.not_parked", status=record.status)


def _renamed(item: Any, record: Record) -> Any:
    acceptance: messages.Acceptance = item.message
    intent = structs.replace(
        acceptance.request.intent,
        payment_id=uuid5(record.id, "payment"),
        order_id=uuid5(record.id, "order"),
    )
    request = structs.replace(acceptance.request, intent=intent)
    return replace(item, message=structs.replace(acceptance, request=request))


def _resolve(record: Record, resolution: str, by: str, now: datetime) -> None:
    with transaction.atomic():
        Record.objects.filter(organisation=record.organisation, id=record.id).update(
            resolution=resolution, resolved_by=by, resolved_at=now
        )
        entity = f"{record.journal}/{record.sequence}"
        scope = f"terminal:{record.terminal}"
        mark(record.organisation, scope, FeedKind.DECISION, entity)
        if resolution != "retried" and record.kind == RecordKind.ACCEPTANCE:
            assert record.subject_id is not None
            ended = close_parked(record.organisation, record.subject_id, now=now)
            if ended is not None:
                apply(connection, [ended])

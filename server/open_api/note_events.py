"""Events of payments and refunds, made in the commit that they speak of.

Registered with `server.payments.announce`: on the path of every payment, so it looks for addresses
once a second at most and does nothing for merchants without one.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Final
from uuid import UUID, uuid5

from server import sql
from server.payments.rows import PaymentRow, RefundRow
from server.work.effects import DUE
from server.writes import Writes

DELIVER: Final = "open_api.deliver"
LOOK_EVERY: Final = timedelta(seconds=1)
"""How old what is known of addresses may be: an address added just now may miss so much."""
EVENT: Final = sql.Table.of(
    "open_api_event",
    {
        "id": "uuid", "organisation": "uuid", "endpoint": "uuid", "merchant": "uuid",
        "kind": "text", "subject": "uuid", "payment": "uuid", "body": "bytea",
        "created_at": "timestamptz", "state": "text", "tries": "int4",
    },
)  # fmt: skip
KINDS: Final[Mapping[str, str]] = {
    "succeeded": "payment.succeeded", "declined": "payment.closed",
    "cancelled": "payment.closed", "reversed": "payment.closed",
}  # fmt: skip
"""State of a payment → the event that tells of it."""
REFUND_KINDS: Final[Mapping[str, str]] = {
    "succeeded": "refund.succeeded", "refused": "refund.refused",
}  # fmt: skip
TEST: Final = "test"

Place = tuple[UUID, UUID]
"""Organisation and merchant."""


class NoteEvents:
    """Writes events and their due rows; one per process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._read_at: datetime | None = None
        self._endpoints: dict[Place, UUID] = {}

    def __call__(self, writes: Writes, rows: Sequence[Any]) -> None:
        """Note what merchants want to hear of."""
        told = [row for row in rows if _kind(row)]
        if not told:
            return
        endpoints = self._known(writes, max(row.changed_at for row in told))
        wanted = [row for row in told if (row.organisation, row.merchant) in endpoints]
        if wanted:
            write(writes, [
                _event(endpoints[row.organisation, row.merchant], row) for row in wanted
            ])  # fmt: skip

    def _known(self, writes: Writes, now: datetime) -> Mapping[Place, UUID]:
        with self._lock:
            at = self._read_at
            if at is None or not timedelta() <= now - at < LOOK_EVERY:
                self._endpoints, self._read_at = _read_endpoints(writes), now
            return self._endpoints


def write(writes: Writes, events: Sequence[dict[str, Any]]) -> None:
    """Write new events with their due rows; one that is on file stays as it is."""
    once = {event["id"]: event for event in events}
    names = [name for name, _ in EVENT.columns]
    writes.insert(
        EVENT, [tuple(event[name] for name in names) for event in once.values()],
        "ON CONFLICT DO NOTHING",
    )  # fmt: skip
    # A row that is due already is left alone, and a delivered event's does nothing
    writes.insert(DUE, [_due(event) for event in once.values()], "ON CONFLICT DO NOTHING")


def test_event(endpoint: UUID, organisation: UUID, merchant: UUID, id: UUID, now: datetime) -> (
    dict[str, Any]
):  # fmt: skip
    """Return an event that says nothing but that it came."""
    said = {"merchant": str(merchant)}
    return _whole(endpoint, organisation, merchant, TEST, id, None, now, said)


def gate_of(endpoint: UUID) -> str:
    """The gate of all that goes to one address: a slow one holds up itself alone."""
    return f"webhook/{endpoint}"


def _kind(row: Any) -> str:
    if isinstance(row, PaymentRow):
        return KINDS.get(row.state.value, "")
    if isinstance(row, RefundRow):
        return REFUND_KINDS.get(row.state.value, "")
    return ""


def _event(endpoint: UUID, row: PaymentRow | RefundRow) -> dict[str, Any]:
    if isinstance(row, PaymentRow):
        payment, said = row.id, _payment(row)
    else:
        payment, said = row.payment, _refund(row)
    return _whole(
        endpoint, row.organisation, row.merchant, _kind(row), row.id, payment, row.changed_at, said
    )


def _whole(
    endpoint: UUID, organisation: UUID, merchant: UUID, kind: str, subject: UUID,
    payment: UUID | None, now: datetime, said: Mapping[str, Any],
) -> dict[str, Any]:  # fmt: skip
    id = uuid5(endpoint, f"{kind}/{subject}")
    body = {"id": str(id), "type": kind, "timestamp": now.isoformat(), "data": said}
    return {
        "id": id, "organisation": organisation, "endpoint": endpoint, "merchant": merchant,
        "kind": kind, "subject": subject, "payment": payment,
        "body": json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(),
        "created_at": now, "state": "waiting", "tries": 0,
    }  # fmt: skip


def _payment(row: PaymentRow) -> dict[str, Any]:
    return {
        "payment": str(row.id), "order": str(row.order), "merchant": str(row.merchant),
        "store": str(row.store), "state": row.state.value, "code": row.code,
        "tender": row.tender, "channel": row.channel, "amount": row.total_amount,
        "refunded_amount": row.refunded_amount, "currency": "CNY",
        "occurred_at": row.occurred_at.isoformat(), "business_on": row.business_on.isoformat(),
    }  # fmt: skip


def _refund(row: RefundRow) -> dict[str, Any]:
    return {
        "refund": str(row.id), "payment": str(row.payment), "merchant": str(row.merchant),
        "state": row.state.value, "code": row.code, "tender": row.tender, "amount": row.amount,
        "refunded_amount": row.posted_amount, "currency": "CNY",
        "occurred_at": row.occurred_at.isoformat(), "business_on": row.business_on.isoformat(),
    }  # fmt: skip


def _due(event: Mapping[str, Any]) -> tuple[Any, ...]:
    at = event["created_at"]
    return (
        uuid5(event["id"], DELIVER), event["organisation"], DELIVER, event["id"], at,
        sql.to_json({}), 0, at, "", at, gate_of(event["endpoint"]),
    )  # fmt: skip


def _read_endpoints(writes: Writes) -> dict[Place, UUID]:
    # Not scoped: the writer serves all organisations of its database
    writes.cursor.execute(
        "SELECT organisation_id, merchant_id, id FROM open_api_endpoint WHERE is_enabled"
    )
    return {
        (sql.to_uuid(organisation), sql.to_uuid(merchant)): sql.to_uuid(id)
        for organisation, merchant, id in writes.cursor.fetchall()
    }

"""Everything on file for the keys of a batch, read after they are locked: a few queries for all.

`read_files` is the one reader of every command of this app, so that commands of all kinds share
a batch's reads. A payment's file holds its refunds, attempts and parked acceptances too, because
whoever changes a payment puts those to the table again in the same commit.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import time
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from msgspec import Struct, field

from domain.authorization import PersonState
from domain.payment_states import PaymentState
from domain.settlement_days import TradingDay
from server import sql
from server.ledger.commands import Key
from server.payments import rows

PAYMENT = "payment"
ORDER = "order"
REFUND = "refund"
PERSON = "person"
CODE = "code"

_CODES = UUID("4f5d8f0e-8e55-5d64-9a5b-1f0d1a4f7c21")
"""The namespace of the ids that wallet codes are locked by."""


STORES = "SELECT id, zone, day_cut_off FROM merchants_store WHERE id IN {any}"
PEOPLE = """
SELECT p.organisation_id, p.id, p.state, p.version, m.site_id
FROM people_person p LEFT JOIN people_membership m ON m.person_id = p.id
WHERE p.id IN {any}
"""


class PaymentFile(Struct, frozen=True):
    """A payment with everything that names it; `payment` None: only refunds came so far."""

    payment: rows.PaymentRow | None = None
    refunds: tuple[rows.RefundRow, ...] = ()
    attempts: tuple[rows.AttemptRow, ...] = ()
    parked: tuple[rows.ParkedRow, ...] = ()
    day: TradingDay | None = None
    """Of its store: what is posted later is booked on a later day."""


class OrderFile(Struct, frozen=True):
    """An order, and what its payments hold of it."""

    order: rows.OrderRow | None = None
    shares: Mapping[UUID, tuple[PaymentState, int]] = field(default_factory=dict)
    """Payment id → (state, total − refunded)."""

    def taken_amount(self, besides: UUID, *states: PaymentState) -> int:
        """What payments other than `besides` in one of `states` hold."""
        return sum(
            left for id, (state, left) in self.shares.items() if id != besides and state in states
        )


class PersonNow(Struct, frozen=True):
    """A person as of this transaction: whether they may pay, and where they eat."""

    state: PersonState
    version: int
    site_ids: tuple[UUID, ...] = ()


def code_key(organisation_id: UUID, certificate: str, nonce: str) -> Key:
    """The key that a wallet code is locked by."""
    return Key(organisation_id, CODE, uuid5(_CODES, f"{certificate}/{nonce}"))


def read_files(cursor: Any, keys: Sequence[Key], fresh: Collection[Key] = ()) -> Mapping[Key, Any]:
    """The ledger reader of this app.

    What is stored of a payment, an order or a code is stored under its own lock; a refund may
    have been made under its payment's.
    """
    found: dict[Key, Any] = {}
    by_kind: dict[str, list[Key]] = {}
    for key in keys:
        if key.kind == REFUND or key not in fresh:
            by_kind.setdefault(key.kind, []).append(key)
    found.update(_payment_files(cursor, by_kind.get(PAYMENT, ())))
    found.update(_order_files(cursor, by_kind.get(ORDER, ())))
    found.update(_people(cursor, by_kind.get(PERSON, ())))
    found.update(_refunds(cursor, by_kind.get(REFUND, ())))
    found.update(_codes(cursor, by_kind.get(CODE, ())))
    return found


def _payment_files(cursor: Any, keys: Sequence[Key]) -> dict[Key, PaymentFile]:
    ids = [key.id for key in keys]
    payments = {
        (row.organisation, row.id): row
        for row in map(rows.payment_of, _select(cursor, rows.PAYMENT, "id", ids))
    }
    refunds = _by_payment(map(rows.refund_of, _select(cursor, rows.REFUND, "payment", ids)))
    through_channels = [
        row.id for row in payments.values() if row.tender == "channel" or row.channel
    ]
    tries = map(rows.attempt_of, _select(cursor, rows.ATTEMPT, "payment", through_channels))
    attempts = _by_payment(sorted(tries, key=lambda attempt: attempt.submitted_at))
    parked = _by_payment(
        map(rows.parked_of, _select(cursor, rows.PARKED, "payment", through_channels))
    )
    days = _days(cursor, {row.store for row in payments.values()})
    return {
        key: PaymentFile(
            payments.get(place),
            tuple(refunds.get(place, ())),
            tuple(attempts.get(place, ())),
            tuple(parked.get(place, ())),
            days.get(payments[place].store) if place in payments else None,
        )
        for key in keys
        if (place := (key.organisation_id, key.id)) in payments or place in refunds
    }


def _days(cursor: Any, store_ids: Collection[UUID]) -> dict[UUID, TradingDay]:
    return {
        sql.to_uuid(id): TradingDay(ZoneInfo(zone), time.fromisoformat(cut_off))
        for id, zone, cut_off in sql.select(cursor, STORES, store_ids)
    }


def _order_files(cursor: Any, keys: Sequence[Key]) -> dict[Key, OrderFile]:
    ids = [key.id for key in keys]
    orders = {
        (row.organisation, row.id): row
        for row in map(rows.order_of, _select(cursor, rows.ORDER, "id", ids))
    }
    shares: dict[tuple[UUID, UUID], dict[UUID, tuple[PaymentState, int]]] = {}
    for organisation, order, payment, state, total, refunded in sql.select(
        cursor,
        'SELECT organisation, "order", id, state, total_amount, refunded_amount'
        ' FROM payments_payment WHERE "order" IN {any}',
        [id for _, id in orders],
    ):
        share = shares.setdefault((sql.to_uuid(organisation), sql.to_uuid(order)), {})
        share[sql.to_uuid(payment)] = (PaymentState(state), total - refunded)
    return {
        key: OrderFile(orders[place], shares.get(place, {}))
        for key in keys
        if (place := (key.organisation_id, key.id)) in orders
    }


def _people(cursor: Any, keys: Sequence[Key]) -> dict[Key, PersonNow]:
    wanted = {key.id: key for key in keys}
    found: dict[Key, PersonNow] = {}
    for organisation, id, state, version, site in sql.select(cursor, PEOPLE, wanted):
        key = wanted[sql.to_uuid(id)]
        if sql.to_uuid(organisation) != key.organisation_id:
            continue
        sites = found[key].site_ids if key in found else ()
        more = () if site is None else (sql.to_uuid(site),)
        found[key] = PersonNow(PersonState(state), version, (*sites, *more))
    return found


def _refunds(cursor: Any, keys: Sequence[Key]) -> dict[Key, rows.RefundRow]:
    ids = [key.id for key in keys]
    found = map(rows.refund_of, _select(cursor, rows.REFUND, "id", ids))
    return {Key(row.organisation, REFUND, row.id): row for row in found}


def _codes(cursor: Any, keys: Sequence[Key]) -> dict[Key, UUID]:
    found = {}
    for organisation, id, payment in sql.select(
        cursor,
        "SELECT organisation, id, payment FROM payments_codeuse WHERE id IN {any}",
        [key.id for key in keys],
    ):
        found[Key(sql.to_uuid(organisation), CODE, sql.to_uuid(id))] = sql.to_uuid(payment)
    return found


def _select(
    cursor: Any, table: sql.Table, column: str, ids: Iterable[UUID]
) -> list[dict[str, Any]]:
    names = [name for name, _ in table.columns]
    columns = ", ".join(f'"{name}"' for name in names)
    statement = f'SELECT {columns} FROM "{table.name}" WHERE "{column}" IN {{any}} ORDER BY id'
    found = sql.select(cursor, statement, ids)
    return [dict(zip(names, row, strict=True)) for row in found]


def _by_payment(found: Iterable[Any]) -> dict[tuple[UUID, UUID], list[Any]]:
    grouped: dict[tuple[UUID, UUID], list[Any]] = {}
    for row in found:
        grouped.setdefault((row.organisation, row.payment), []).append(row)
    return grouped

"""What moved a merchant's payable and is not settled yet, with what fees and shares depend on.

Read under the lock of the payable account: nobody can add to it meanwhile.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from msgspec import Struct

from domain.fees import RateCard, read_card
from domain.settlement_net import Trade
from server import sql
from server.ledger.commands import AccountKey
from server.settlement.accounts import OWN_CAUSES
from server.settlement.effects import asked

LAST = """
SELECT booked_on, through_version FROM settlement_dayclose
WHERE organisation = %s AND merchant = %s ORDER BY booked_on DESC LIMIT 1
"""
CLOSES = """
SELECT id, booked_on FROM settlement_dayclose WHERE organisation = %s AND merchant = %s
  AND booked_on >= %s
"""
MOVES = """
SELECT t.id, t.cause_kind, t.cause_id, t.business_on, t.booked_on, p.amount, p.version, i.id
FROM ledger_posting p JOIN ledger_transfer t ON t.id = p.transfer
LEFT JOIN settlement_item i ON i.organisation = p.organisation AND i.transfer = p.transfer
WHERE p.organisation = %s AND p.account = %s AND p.version > %s ORDER BY p.version
"""
REFUNDS = "SELECT id, payment FROM payments_refund WHERE id IN {any} AND organisation = %s"
PAYMENTS = """
SELECT id, total_amount, fee_amount, rate, channel, tender, booked_on FROM payments_payment
WHERE id IN {any} AND organisation = %s
"""
LINES = """
SELECT id, channel, fee_amount FROM settlement_clearingline
WHERE id IN {any} AND organisation = %s
"""
BEFORE = """
SELECT payment, sum(CASE WHEN amount > 0 THEN amount ELSE 0 END),
    sum(CASE WHEN amount < 0 THEN -amount ELSE 0 END)
FROM settlement_item WHERE payment IN {any} AND organisation = %s GROUP BY payment
"""
DISCOUNTS = """
SELECT p.transfer, a.owner_kind, a.owner_id, -p.amount FROM ledger_posting p
JOIN ledger_account a ON a.id = p.account AND a.kind = 'discount_expense'
WHERE p.transfer IN {any} AND p.organisation = %s
"""


class Move(Struct, frozen=True):
    """One posting on the payable. `is_own`: settlement took it; `is_item`: settled already."""

    transfer: UUID
    cause_kind: str
    cause_id: UUID
    business_on: date
    booked_on: date
    amount: int
    version: int
    is_item: bool

    @property
    def is_own(self) -> bool:
        """Whether settlement itself took it."""
        return self.cause_kind in OWN_CAUSES


class Paid(Struct, frozen=True):
    """What settlement knows of a payment: its fee as it was fixed, by which card, and when."""

    total_amount: int
    fee_amount: int
    card: RateCard | None
    channel: str
    booked_on: date


class Line(Struct, frozen=True):
    """What settlement knows of a clearing line."""

    channel: str
    fee_amount: int


class Discount(Struct, frozen=True):
    """What somebody gave of a transfer's discounts."""

    owner_kind: str
    owner_id: UUID
    amount: int


class Found(Struct, frozen=True):
    """Everything that closing a day looks at."""

    last_on: date | None = None
    through_version: int = 0
    closes: Mapping[date, UUID] = {}
    moves: Sequence[Move] = ()
    payment_of: Mapping[UUID, UUID] = {}
    """Cause (a payment or a refund) → its payment."""
    payments: Mapping[UUID, Paid] = {}
    lines: Mapping[UUID, Line] = {}
    before: Mapping[UUID, Trade] = {}
    discounts: Mapping[UUID, Sequence[Discount]] = {}


def read_found(cursor: Any, payable: AccountKey, through_on: date) -> Found:
    """Read all of it for the merchant who owns `payable`, with eight queries."""
    organisation, merchant = payable.organisation_id, payable.owner_id
    last = asked(cursor, LAST, organisation, merchant)
    through = last[0][1] if last else 0
    moves = [_move(row) for row in asked(cursor, MOVES, organisation, payable.id, through)]
    new = [m for m in moves if not m.is_item and not m.is_own and m.booked_on <= through_on]
    payment_of = _payments_of(cursor, organisation, new)
    ids = set(payment_of.values())
    oldest = min((move.business_on for move in new), default=through_on)
    return Found(
        last_on=sql.to_date(last[0][0]) if last else None,
        through_version=through,
        closes=_closes(asked(cursor, CLOSES, organisation, merchant, oldest)),
        moves=moves,
        payment_of=payment_of,
        payments=_payments(sql.select(cursor, PAYMENTS, ids, organisation)),
        lines=_lines(sql.select(cursor, LINES, _causes(new, "clearing_line"), organisation)),
        before=_before(sql.select(cursor, BEFORE, ids, organisation)),
        discounts=_discounts(
            sql.select(cursor, DISCOUNTS, [m.transfer for m in new], organisation)
        ),
    )


def _move(row: Sequence[Any]) -> Move:
    transfer, kind, cause, business_on, booked_on, amount, version, item = row
    return Move(
        sql.to_uuid(transfer), kind, sql.to_uuid(cause), sql.to_date(business_on),
        sql.to_date(booked_on), amount, version, item is not None,
    )  # fmt: skip


def _closes(rows: Sequence[Sequence[Any]]) -> dict[date, UUID]:
    return {sql.to_date(day): sql.to_uuid(id) for id, day in rows}


def _causes(moves: Sequence[Move], kind: str) -> list[UUID]:
    return [move.cause_id for move in moves if move.cause_kind == kind]


def _payments_of(cursor: Any, organisation_id: UUID, moves: Sequence[Move]) -> dict[UUID, UUID]:
    found = {id: id for id in _causes(moves, "payment")}
    refunds = _causes(moves, "refund")
    for refund, payment in sql.select(cursor, REFUNDS, refunds, organisation_id):
        found[sql.to_uuid(refund)] = sql.to_uuid(payment)
    return found


def _payments(rows: Sequence[Sequence[Any]]) -> dict[UUID, Paid]:
    return {
        sql.to_uuid(id): Paid(total, fee, _card(rate), channel, sql.to_date(booked_on))
        for id, total, fee, rate, channel, _, booked_on in rows
    }


def _card(rate: Any) -> RateCard | None:
    snapshot = sql.from_json(rate)
    card = snapshot.get("card") if isinstance(snapshot, dict) else None
    return read_card(card) if card else None


def _lines(rows: Sequence[Sequence[Any]]) -> dict[UUID, Line]:
    return {sql.to_uuid(id): Line(channel, fee) for id, channel, fee in rows}


def _before(rows: Sequence[Sequence[Any]]) -> dict[UUID, Trade]:
    # SUM of bigint is numeric on PostgreSQL
    return {
        sql.to_uuid(payment): Trade(int(paid), min(int(returned), int(paid)))
        for payment, paid, returned in rows
    }


def _discounts(rows: Sequence[Sequence[Any]]) -> dict[UUID, list[Discount]]:
    found: dict[UUID, list[Discount]] = {}
    for transfer, kind, owner, amount in rows:
        found.setdefault(sql.to_uuid(transfer), []).append(
            Discount(kind, sql.to_uuid(owner), amount)
        )
    return found

"""The rows of payments as values, and the set-based effects that write them.

Every write happens under the lock of the row's key, so an effect replaces the whole row: what
`decide` made is what is stored, and a row count that differs is a defect.
"""

from collections.abc import Sequence
from datetime import date, datetime
from operator import attrgetter
from typing import Any, ClassVar
from uuid import UUID

from msgspec import Struct
from msgspec.structs import fields

from domain.payment_states import AttemptState, PaymentState, RefundState
from server import sql
from server.payments.announce import announce
from server.payments.legs import Leg, read_legs, write_legs
from server.writes import Writes


class PaymentRow(Struct, frozen=True):
    """A payment, as in `models.Payment`. `legs` give what is left of each purse's share."""

    id: UUID
    organisation: UUID
    order: UUID
    merchant: UUID
    store: UUID
    terminal: UUID
    binding_version: int
    tender: str
    payer: str
    person: UUID | None
    masked_name: str
    credential: str
    assurance: int
    total_amount: int
    state: PaymentState
    fingerprint: bytes
    mode: str
    occurred_at: datetime
    received_at: datetime
    changed_at: datetime
    business_on: date
    booked_on: date
    refunded_amount: int = 0
    debt_amount: int = 0
    claim_amount: int = 0
    price_amount: int | None = None
    portions: int = 0
    code: str = ""
    parked_code: str = ""
    merchant_side: str = ""
    channel: str = ""
    lines: tuple[int, ...] = ()
    discounts: tuple[int, ...] = ()
    legs: tuple[Leg, ...] = ()
    line_refunds: tuple[int, ...] = ()
    evidence: Any = None
    fee_amount: int = 0
    rate: Any = None
    meal_period: str = ""
    shift: UUID | None = None
    operator: UUID | None = None
    given_amount: int = 0
    policy_version: int = 0
    cancelled_by: str | None = None
    acceptance_on_file: bool = False
    cancellation_on_file: bool = False

    @property
    def left_amount(self) -> int:
        """What refunds have left of a paid payment."""
        return self.total_amount - self.refunded_amount


class OrderRow(Struct, frozen=True):
    """An order, as in `models.Order`."""

    id: UUID
    organisation: UUID
    merchant: UUID
    store: UUID
    total_amount: int
    created_at: datetime


class AttemptRow(Struct, frozen=True):
    """An attempt, as in `models.Attempt`."""

    id: UUID
    organisation: UUID
    payment: UUID
    channel: str
    amount: int
    state: AttemptState
    submitted_at: datetime
    changed_at: datetime
    code: str = ""
    channel_ref: str = ""
    took_money: bool = False
    tries: int = 0
    way: str = "code"
    expires_at: datetime | None = None
    code_text: str = ""
    launch: Any = None
    route: Any = None
    mandate: UUID | None = None


class RefundRow(Struct, frozen=True):
    """A refund, as in `models.Refund`."""

    id: UUID
    organisation: UUID
    payment: UUID
    merchant: UUID
    terminal: UUID | None
    tender: str
    amount: int
    state: RefundState
    occurred_at: datetime
    received_at: datetime
    changed_at: datetime
    business_on: date
    booked_on: date
    posted_amount: int = 0
    suspense_amount: int = 0
    code: str = ""
    reason: str = ""
    lines: tuple[int, ...] = ()
    legs: tuple[Leg, ...] = ()
    shift: UUID | None = None
    operator: UUID | None = None
    record: UUID | None = None


class ParkedRow(Struct, frozen=True):
    """An acceptance parked until its channel is definite, as in `models.ParkedAcceptance`."""

    id: UUID
    organisation: UUID
    payment: UUID
    code: str
    is_server_approved: bool
    received_at: datetime


_TYPES = {
    "id": "uuid", "organisation": "uuid", "order": "uuid", "merchant": "uuid", "store": "uuid",
    "terminal": "uuid", "person": "uuid", "shift": "uuid", "operator": "uuid", "payment": "uuid",
    "record": "uuid", "mandate": "uuid", "lines": "jsonb", "discounts": "jsonb", "legs": "jsonb",
    "line_refunds": "jsonb", "evidence": "jsonb", "rate": "jsonb", "route": "jsonb",
    "launch": "jsonb", "fingerprint": "bytea", "business_on": "date",
    "booked_on": "date", "assurance": "int4", "portions": "int4", "binding_version": "int4",
    "policy_version": "int4", "tries": "int4", "acceptance_on_file": "bool",
    "cancellation_on_file": "bool", "took_money": "bool", "is_server_approved": "bool",
}  # fmt: skip


def _table(name: str, kind: type[Any]) -> sql.Table:
    """The table of a row type: the column types follow from the names, as in the models."""
    columns = {}
    for field in fields(kind):
        default = "timestamptz" if field.name.endswith("_at") else "text"
        default = "int8" if field.name.endswith("_amount") or field.name == "amount" else default
        columns[field.name] = _TYPES.get(field.name, default)
    return sql.Table.of(name, columns)


PAYMENT = _table("payments_payment", PaymentRow)
ORDER = _table("payments_order", OrderRow)
ATTEMPT = _table("payments_attempt", AttemptRow)
REFUND = _table("payments_refund", RefundRow)
PARKED = _table("payments_parkedacceptance", ParkedRow)
PARKED_ID = sql.Table.of("payments_parkedacceptance", {"id": "uuid"})
CODE_USE = sql.Table.of(
    "payments_codeuse",
    {"id": "uuid", "organisation": "uuid", "certificate": "text", "nonce": "text",
     "payment": "uuid"},
)  # fmt: skip
Stored = PaymentRow | OrderRow | AttemptRow | RefundRow | ParkedRow


def _json(value: Any) -> str:
    # Most lists are empty, and a payment has several
    return "[]" if value == () else sql.to_json({} if value is None else value)


# Fifty columns per payment: read at once, and only JSON is looked at again
_READ = {
    table.name: (
        attrgetter(*(name for name, _ in table.columns)),
        [
            (n, write_legs if name == "legs" else _json)
            for n, (name, kind) in enumerate(table.columns)
            if kind == "jsonb"
        ],
    )
    for table in (PAYMENT, ORDER, ATTEMPT, REFUND, PARKED)
}


def _values(row: Stored, table: sql.Table) -> list[Any]:
    read, written = _READ[table.name]
    values = list(read(row))
    for place, write in written:
        values[place] = write(values[place])
    return values


class _Saved(Struct, frozen=True):
    """The base of effects that store one row, whole: new, or in place of the present one."""

    table: ClassVar[sql.Table]
    row: Any
    is_new: bool

    @classmethod
    def write_all(cls, writes: Writes, effects: Sequence[Any], /) -> None:
        """Insert the new rows, replace the others; any other row count is a defect."""
        new = [_values(effect.row, cls.table) for effect in effects if effect.is_new]
        present = [_values(effect.row, cls.table) for effect in effects if not effect.is_new]
        writes.insert(cls.table, new, exactly=cls.table.name)
        writes.update(cls.table, present, exactly=cls.table.name)
        announce(writes, [effect.row for effect in effects])


class PaymentSaved(_Saved, frozen=True):
    """A payment as it now is."""

    table = PAYMENT


class OrderSaved(_Saved, frozen=True):
    """An order as it now is."""

    table = ORDER


class AttemptSaved(_Saved, frozen=True):
    """An attempt as it now is."""

    table = ATTEMPT


class RefundSaved(_Saved, frozen=True):
    """A refund as it now is."""

    table = REFUND


class AcceptanceParked(_Saved, frozen=True):
    """An acceptance waits beside its payment."""

    table = PARKED


class AcceptanceUnparked(Struct, frozen=True):
    """A parked acceptance has had its answer."""

    id: UUID

    @classmethod
    def write_all(cls, writes: Writes, effects: Sequence["AcceptanceUnparked"], /) -> None:
        """Delete the rows: the record itself stays in the inbox."""
        writes.delete(PARKED_ID, [(effect.id,) for effect in effects])


class CodeUsed(Struct, frozen=True):
    """A wallet code has paid; `id` is the key it was locked by."""

    id: UUID
    organisation: UUID
    certificate: str
    nonce: str
    payment: UUID

    @classmethod
    def write_all(cls, writes: Writes, effects: Sequence["CodeUsed"], /) -> None:
        """Insert the uses; under the code's lock they are new."""
        rows = [(e.id, e.organisation, e.certificate, e.nonce, e.payment) for e in effects]
        writes.insert(CODE_USE, rows, exactly="each wallet code pays once")


def payment_of(values: dict[str, Any]) -> PaymentRow:
    """Make the row from column values as a cursor of either engine gives them."""
    return PaymentRow(**_read(values, PAYMENT, PaymentState))


def order_of(values: dict[str, Any]) -> OrderRow:
    """Likewise for an order."""
    return OrderRow(**_read(values, ORDER, None))


def attempt_of(values: dict[str, Any]) -> AttemptRow:
    """Likewise for an attempt."""
    return AttemptRow(**_read(values, ATTEMPT, AttemptState))


def refund_of(values: dict[str, Any]) -> RefundRow:
    """Likewise for a refund."""
    return RefundRow(**_read(values, REFUND, RefundState))


def parked_of(values: dict[str, Any]) -> ParkedRow:
    """Likewise for a parked acceptance."""
    return ParkedRow(**_read(values, PARKED, None))


def _read(values: dict[str, Any], table: sql.Table, state: Any) -> dict[str, Any]:
    read = {name: _plain(values[name], name, kind) for name, kind in table.columns}
    if state is not None:
        read["state"] = state(read["state"])
    return read


def _plain(value: Any, name: str, kind: str) -> Any:
    if value is None:
        return None
    if kind == "uuid":
        return sql.to_uuid(value)
    if kind == "timestamptz":
        return sql.to_instant(value)
    if kind == "date":
        return sql.to_date(value)
    if kind == "bytea":
        return bytes(value)
    if kind == "bool":
        return bool(value)
    if name == "legs":
        return read_legs(value)
    if kind == "jsonb":
        plain = sql.from_json(value)
        return tuple(plain) if isinstance(plain, list) else plain
    return value

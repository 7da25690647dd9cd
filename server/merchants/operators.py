"""Operators of a merchant: entered with a PIN, given a new one, sent away."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from domain.errors import Refused
from domain.ids import RandomBytes
from server.feed.effects import mark
from server.fresh import fresh_id
from server.merchants.models import Merchant, MerchantOperator, Role
from sync import pins
from sync.messages import FeedKind

MIN_PIN_LENGTH = 6
MAX_PIN_LENGTH = 12
Place = tuple[UUID, UUID, UUID]
"""Organisation, merchant and operator."""


def create_operator(
    merchant: Merchant,
    number: str,
    name: str,
    role: Role,
    pin: str,
    *,
    now: datetime,
    random: RandomBytes,
    must_change: bool = True,
) -> MerchantOperator:
    """Enter an operator; raises `Refused` ("pins.…") when the PIN is not 6 to 12 digits."""
    check_pin(pin)
    with transaction.atomic():
        operator = MerchantOperator.objects.create(
            id=fresh_id(now, random),
            organisation_id=merchant.organisation_id,
            merchant=merchant,
            number=number,
            name=name,
            role=role,
            pin_hash=pins.hash_pin(pin, random(pins.SALT_LENGTH)),
            must_change=must_change,
        )
        mark_operator(operator)
    return operator


def set_operator_pin(
    operator: MerchantOperator, pin: str, *, random: RandomBytes, must_change: bool = True
) -> None:
    """Replace the PIN: forgotten, seen by others, or the first one changed by its owner."""
    check_pin(pin)
    with transaction.atomic():
        operator.pin_hash = pins.hash_pin(pin, random(pins.SALT_LENGTH))
        operator.must_change = must_change
        operator.save(update_fields=["pin_hash", "must_change"])
        mark_operator(operator)


def mark_operator(operator: MerchantOperator) -> None:
    """Tell the merchant's counters that this operator changed; inside atomic()."""
    scope = f"merchant:{operator.merchant_id}"
    mark(operator.organisation_id, scope, FeedKind.OPERATOR, str(operator.id))


def check_pin(pin: str) -> None:
    """Refuse a PIN that is not 6 to 12 ASCII digits (COUNTER §5)."""
    if not (pin.isascii() and pin.isdigit()) or len(pin) > MAX_PIN_LENGTH:
        raise Refused("pins.malformed")
    if len(pin) < MIN_PIN_LENGTH:
        raise Refused("pins.too_short")


def read_supervisors(ids: Iterable[UUID | None]) -> dict[Place, str]:
    """Return the PIN hashes of those of `ids` who are supervisors now, by their place."""
    wanted = {id for id in ids if id is not None}
    if not wanted:
        return {}
    # Whose they are is part of the place: the caller asks for one of its own organisation
    rows = MerchantOperator.objects.filter(id__in=wanted, role=Role.SUPERVISOR, is_active=True)
    return {(row.organisation_id, row.merchant_id, row.id): row.pin_hash for row in rows}

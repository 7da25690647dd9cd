"""The address of an order that a payer opens: its payment's id and a seal, so that none is guessed.

`/pay/<token>` is the page (`server.cashier`), `/v1/pay/<token>` what it and apps ask.
"""

import hmac
from functools import lru_cache
from typing import Final
from uuid import UUID

from domain.errors import Refused
from server.runtime import Secrets

PAGE: Final = "/pay/"
SEAL_HEX: Final = 16
"""64 bits of the seal: nobody tries them all while an order lives."""


def order_token(secrets: Secrets, payment_id: UUID) -> str:
    """Return the token: 32 + 16 hex digits."""
    return payment_id.hex + _seal(secrets, payment_id)


def read_token(secrets: Secrets, token: str) -> UUID:
    """Return the payment's id; raises `Refused` "orders.unknown" for anything we did not make."""
    try:
        payment_id = UUID(hex=token[:32])
    except ValueError as malformed:
        raise Refused("orders.unknown") from malformed
    if not hmac.compare_digest(order_token(secrets, payment_id), token):
        raise Refused("orders.unknown")
    return payment_id


def _seal(secrets: Secrets, payment_id: UUID) -> str:
    return hmac.digest(_key(secrets), payment_id.bytes, "sha256").hex()[:SEAL_HEX]


@lru_cache(maxsize=8)
def _key(secrets: Secrets) -> bytes:
    return secrets.key("order token")

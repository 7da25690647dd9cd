"""The root of every message, and its bytes."""

from datetime import UTC, datetime
from typing import TypeVar

import msgspec

WIRE_VERSION = 1

MessageT = TypeVar("MessageT", bound="Message")


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The root of every message; unknown fields from newer peers are ignored."""


_encoder = msgspec.json.Encoder(order="deterministic")


def encode(message: msgspec.Struct) -> bytes:
    """Encode one message; the same value always gives the same bytes."""
    return _encoder.encode(message)


def decode(kind: type[MessageT], data: bytes) -> MessageT:
    """Decode `data` strictly as `kind`; raises `msgspec.DecodeError` or `ValidationError`."""
    return msgspec.json.decode(data, type=kind)


def instant(timestamp_s: float) -> datetime:
    """The aware instant of Unix seconds, as stores keep them."""
    return datetime.fromtimestamp(timestamp_s, UTC)

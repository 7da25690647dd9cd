"""Reading a request's body: as the type it should be, with values every store can hold."""

import re
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from domain.errors import Refused
from sync.messages import Message, decode

BodyT = TypeVar("BodyT", bound=Message)

_DIGITS = bytes.maketrans(b"123456789", b"000000000")
_LONG = b"0" * 19
_ZONELESS = re.compile(rb'00:00[0:.]*"')
_INTEGER_LIMIT = 1 << 63
"""Amounts and sequences are 64-bit in both databases."""


def read_body(kind: type[BodyT], body: bytes) -> BodyT:
    """Decode `body` as `kind`; raises `Refused("envelopes.malformed")`, saying where.

    Beyond the types it refuses what JSON can say and no database can keep: NUL in a text,
    integers over 64 bits, instants without a zone.
    """
    try:
        message = decode(kind, body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, OverflowError) as error:
        raise Refused("envelopes.malformed", detail=_first_line(error)) from error
    if _is_suspect(body):
        check_sound(message, kind.__name__)
    return message


def _is_suspect(body: bytes) -> bool:
    """Whether `body` has what an unsound value cannot do without: an escaped ASCII character (NUL
    among them), nineteen digits, a time that ends without a Z. Else nothing needs a second look.
    """
    plain = body.translate(_DIGITS)
    is_escaped = b"\\" in body and b"\\u00" in body
    return is_escaped or _LONG in plain or _ZONELESS.search(plain) is not None


def check_sound(value: Any, where: str) -> None:
    """Refuse values that no store can hold, however deep they lie."""
    if isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            check_sound(getattr(value, name), f"{where}.{name}")
    elif isinstance(value, dict):
        for key, item in value.items():
            check_sound(key, where)
            check_sound(item, where)
    elif isinstance(value, (list, tuple)):
        for item in value:
            check_sound(item, where)
    elif not _is_sound(value):
        raise Refused("envelopes.malformed", detail=where)


def _is_sound(value: Any) -> bool:
    if isinstance(value, str):
        return "\x00" not in value
    if isinstance(value, int):
        return -_INTEGER_LIMIT <= value < _INTEGER_LIMIT
    if isinstance(value, datetime):
        return value.tzinfo is not None
    return True


def _first_line(error: Exception) -> str:
    """What the decoder says of the place; the body's own text stays out of messages."""
    return str(error).splitlines()[0][:120] if str(error) else type(error).__name__

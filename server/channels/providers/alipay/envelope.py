"""The envelope of a synchronous answer: which bytes of it are signed, and what they say.

`{"alipay_trade_pay_response":{…},"sign":"…","alipay_cert_sn":"…"}`, in any order. The signature
covers the very characters of the first value, so these are cut out of what was received by a JSON
reader that knows strings and escapes: neither counting braces nor writing the object anew will do.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

ERROR: Final = "error_response"
"""The name when the gateway could not even tell which method was meant."""
_BLANK: Final = " \t\r\n"


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


_READER: Final = json.JSONDecoder(parse_constant=_no_constant)


@dataclass(frozen=True, slots=True)
class Envelope:
    """`signed` are the received bytes that `signature` is about; `data` is what they say."""

    name: str
    signed: bytes = field(repr=False)
    data: Mapping[str, Any] = field(repr=False)
    signature: str = field(default="", repr=False)
    certificate_sn: str = ""


def open_envelope(body: bytes, method: str) -> Envelope:
    """Open the answer to `method`, or the gateway's error.

    Raises `ValueError` for what is no such envelope, or has a member twice: of two answers only
    one would be the signed one.
    """
    text = body.decode("utf-8")
    members: dict[str, tuple[str, Any]] = {}
    for name, raw, value in _members(text):
        if name in members:
            raise ValueError(f"{name[:64]!r} stands twice")
        members[name] = (raw, value)
    expected = response_name(method)
    name = expected if expected in members else ERROR
    if name not in members:
        raise ValueError("no answer in the envelope")
    raw, value = members[name]
    if not isinstance(value, dict):
        raise ValueError("the answer is no object")
    return Envelope(
        name, raw.encode(), value, _text(members, "sign"), _text(members, "alipay_cert_sn")
    )


def response_name(method: str) -> str:
    """Return the name under which a method's answer stands."""
    return method.replace(".", "_") + "_response"


def _members(text: str) -> Iterator[tuple[str, str, Any]]:
    """Read one object: each member's name, the characters of its value, and the value."""
    at = _expect(text, _skip(text, 0), "{")
    is_first = True
    while True:
        at = _skip(text, at)
        if text[at : at + 1] == "}":
            break
        if not is_first:
            at = _skip(text, _expect(text, at, ","))
        is_first = False
        _expect(text, at, '"')
        name, at = _READER.raw_decode(text, at)
        start = _skip(text, _expect(text, _skip(text, at), ":"))
        try:
            value, at = _READER.raw_decode(text, start)
        except RecursionError as problem:
            raise ValueError("nested too deep") from problem
        yield name, text[start:at], value
    if _skip(text, at + 1) != len(text):
        raise ValueError("something follows the envelope")


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _BLANK:
        at += 1
    return at


def _expect(text: str, at: int, character: str) -> int:
    if text[at : at + 1] != character:
        raise ValueError(f"{character} expected at {at}")
    return at + 1


def _text(members: Mapping[str, tuple[str, Any]], name: str) -> str:
    _, value = members.get(name, ("", ""))
    return value if isinstance(value, str) else ""

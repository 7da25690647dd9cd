"""One signed request and its answer: headers out, and a message, a refusal or nothing back.

What comes back is one of: a message of the kind asked for; `Refused` with the server's code (it
understood and says no); `Unavailable` (it cannot now, or what answered is not our server: a
captive portal, a proxy's page, half an answer).
"""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

import msgspec

from domain.clock import Clock
from domain.errors import Refused, Unavailable
from sync import signing
from sync.messages import Failure, MessageT, decode

CLOCK_SKEW = "envelopes.clock_skew"
_TRY_LATER = frozenset({408, 425, 429})
"""Refusals by status that only mean "not now"."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request before it is signed; `query` values as the server decodes them."""

    method: str
    path: str
    body: bytes = b""
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, as bytes."""

    status: int
    body: bytes


class ClockSkewed(Exception):
    """The server refused our time and told its own."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(CLOCK_SKEW)
        self.server_at = failure.server_at


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs calls for one terminal with its corrected time."""

    terminal_id: UUID
    key: signing.TerminalKey
    clock: Clock

    def headers(self, call: Call) -> dict[str, str]:
        """The headers that say who sends, when, and that nobody changed it."""
        time_ms = int(self.clock.now().timestamp() * 1000)
        signed = signing.request_bytes(call.method, call.path, time_ms, call.body, call.query)
        return {
            "content-type": "application/json",
            signing.TERMINAL_HEADER: str(self.terminal_id),
            signing.KEY_HEADER: self.key.key_id,
            signing.TIME_HEADER: str(time_ms),
            signing.SIGNATURE_HEADER: b64encode(self.key.sign(signed)).decode(),
        }


def read_reply(kind: type[MessageT], reply: Reply) -> MessageT:
    """Return the message, or raise `Refused`, `Unavailable` or `ClockSkewed`."""
    if 200 <= reply.status < 300:
        try:
            return decode(kind, reply.body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise Unavailable("server.malformed", status=reply.status) from error
    failure = _failure(reply)
    if failure is None:
        raise Unavailable("server.malformed", status=reply.status)
    if failure.code == CLOCK_SKEW and failure.server_at is not None:
        raise ClockSkewed(failure)
    if reply.status >= 500 or reply.status in _TRY_LATER:
        raise Unavailable(failure.code, failure.retry_after_ms)
    raise Refused(failure.code)


def _failure(reply: Reply) -> Failure | None:
    try:
        return decode(Failure, reply.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None

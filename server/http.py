"""Requests and responses of the terminals' raw routes, without any framework.

A handler is `async (Request) -> Response`. Every answer that is not a 2xx has a `Failure` as
body, whose texts are made in `server.config.failures` at the very edge.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

import msgspec

from sync.messages import Failure, encode

JSON = {"content-type": "application/json"}


class TerminalIdentity(msgspec.Struct, frozen=True):
    """The terminal that signed a request, and what it is bound to. `state` is active, retired
    or revoked.
    """

    terminal_id: UUID
    organisation_id: UUID
    site_id: UUID
    merchant_id: UUID
    store_id: UUID
    binding_version: int
    key_id: str
    public_key: bytes
    state: str
    name: str


class Request(msgspec.Struct, frozen=True):
    """One request; header names are lower case, `query` holds the last value per name."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    terminal: TerminalIdentity | None = None

    @property
    def signer(self) -> TerminalIdentity:
        """The terminal that signed: present in every handler of a signed route."""
        assert self.terminal is not None, f"{self.path} is served without a signature"
        return self.terminal


class Response(msgspec.Struct, frozen=True):
    """One response: `body` as sent."""

    status: int
    body: bytes
    headers: Mapping[str, str] = msgspec.field(default_factory=lambda: JSON)


Handler = Callable[[Request], Awaitable[Response]]
Routes = Mapping[tuple[str, str], Handler]
"""(method, path) → handler; a path is exact or ends in "/*"."""


def json_response(message: msgspec.Struct, status: int = 200) -> Response:
    """Answer with `message` as JSON."""
    return Response(status, encode(message))


def failure(code: str, status: int, retry_after_ms: int = 0, **data: Any) -> Response:
    """Answer with a `Failure`; its texts are filled in at the edge from `code` and `data`."""
    return Response(status, encode(Failure(code=code, data=data, retry_after_ms=retry_after_ms)))

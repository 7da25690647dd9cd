"""The raw routes of the terminals in front of Django, in one process (reference: 1.3 µs a route).

Rules
- `/v1/…` never reaches Django; everything else does.
- A body is read to its route's limit and no further; a signed route sees no body before the
  signature over it is good.
- One terminal has at most `MAX_IN_FLIGHT` requests in flight: its later ones are asked to wait.
- Every answer that is not a 2xx is a `Failure` with texts; no exception leaves this file.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from msgspec.structs import replace

from domain.clock import Clock
from domain.errors import Refused, Unavailable
from server.config.failures import completed, failure_response
from server.http import Handler, Request, Response, Routes, TerminalIdentity

PREFIX = "/v1/"
MAX_IN_FLIGHT = 4
"""Requests of one terminal at a time: a live payment, a push, a pull, a heartbeat."""
BUSY_DELAY_MS = 200
MAX_BODY = 64 * 1024
"""A payment with some hundred lines; a longer one is no canteen's."""
MAX_BODIES: Mapping[str, int] = {
    "/v1/records": 4 * 1024 * 1024,
    "/v1/enrolments": 3 * 1024 * 1024,
    "/v1/enrolments/consents": 128 * 1024,
}
"""A push carries up to 500 records; an enrolment up to four photographs, a consent a signature."""
MAX_QUERY = 4096

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Asgi = Callable[[Any, Any, Any], Awaitable[None]]
Authenticate = Callable[[Request, Any], Awaitable[TerminalIdentity]]


class _Gone(Exception):
    """The client went away before its body had arrived."""


@dataclass(slots=True)
class Application:
    """The ASGI application; `behind` is what serves everything that is not `/v1/`."""

    signed: Routes
    unsigned: Routes
    authenticate: Authenticate
    clock: Clock
    behind: Asgi
    _in_flight: dict[int, int] = field(default_factory=dict)
    """How many requests by the number of the terminal's id: UUIDs are slow to hash."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection event of ASGI 3."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["type"] == "http" and scope["path"].startswith(PREFIX):
            await self._serve(scope, receive, send)
        elif scope["type"] == "http":
            await self.behind(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            request = await _request(scope, receive)
        except _Gone:
            return
        except Exception as error:
            response = failure_response(error, self.clock.now())
        else:
            response = await self.respond(request)
        await _send(send, response, head_only=scope["method"] == "HEAD")

    async def respond(self, request: Request) -> Response:
        """Answer one request of `/v1/`, whatever becomes of it."""
        try:
            response = await self._answer(request)
            return response if response.status < 400 else completed(response, self.clock.now())
        except Exception as error:
            return failure_response(error, self.clock.now())

    async def _answer(self, request: Request) -> Response:
        handler = _find(self.unsigned, request)
        if handler is not None:
            return await handler(request)
        handler = _find(self.signed, request)
        if handler is None:
            raise self._no_such(request)
        terminal = await self.authenticate(request, self.clock.now())
        return await self._in_turn(handler, replace(request, terminal=terminal))

    def _no_such(self, request: Request) -> Refused:
        """Tell a path nobody serves from a method that its path does not take."""
        methods = {method for routes in (self.unsigned, self.signed) for method, _ in routes}
        allowed = sorted(
            method
            for method in methods
            if _find(self.unsigned, replace(request, method=method))
            or _find(self.signed, replace(request, method=method))
        )
        if allowed:
            return Refused("envelopes.method", method=request.method, allowed=", ".join(allowed))
        return Refused("envelopes.not_found", path=request.path[:80])

    async def _in_turn(self, handler: Handler, request: Request) -> Response:
        terminal, in_flight = request.signer.terminal_id.int, self._in_flight
        count = in_flight.get(terminal, 0)
        if count >= MAX_IN_FLIGHT:
            raise Unavailable("terminals.busy", BUSY_DELAY_MS)
        in_flight[terminal] = count + 1
        try:
            return await handler(request)
        finally:
            in_flight[terminal] -= 1
            if not in_flight[terminal]:
                del in_flight[terminal]


def _find(routes: Routes, request: Request) -> Handler | None:
    handler = routes.get((request.method, request.path))
    if handler is None and (cut := request.path.rfind("/")) >= len(PREFIX):
        handler = routes.get((request.method, request.path[:cut] + "/*"))
    return handler


async def _request(scope: Scope, receive: Receive) -> Request:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    query = scope.get("query_string", b"")
    if len(query) > MAX_QUERY:
        raise Refused("envelopes.too_large", limit=MAX_QUERY)
    body = await _body(receive, headers, MAX_BODIES.get(scope["path"], MAX_BODY))
    parameters = dict(parse_qsl(query.decode("utf-8"), keep_blank_values=True)) if query else {}
    return Request(scope["method"], scope["path"], parameters, headers, body)


async def _body(receive: Receive, headers: Mapping[str, str], limit: int) -> bytes:
    stated = headers.get("content-length", "0")
    if not stated.isdecimal():
        raise Refused("envelopes.malformed")
    if int(stated) > limit:
        raise Refused("envelopes.too_large", limit=limit)
    parts, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _Gone
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise Refused("envelopes.too_large", limit=limit)
        parts.append(part)
        more = message.get("more_body", False)
    return parts[0] if len(parts) == 1 else b"".join(parts)


async def _send(send: Send, response: Response, *, head_only: bool) -> None:
    headers = [(name.encode(), value.encode()) for name, value in response.headers.items()]
    headers.append((b"content-length", str(len(response.body)).encode()))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head_only else response.body})


async def _live(receive: Receive, send: Send) -> None:
    """Answer the server's start and stop; our own threads are started around it."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return

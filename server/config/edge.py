"""The short way of an ordinary request: from the bytes of a read to the bytes of its answer.

A counter's request is a POST below /v1/ without a query, with plain headers and a stated length
that fits. Such a one is read here at once and answered by the application; an ASGI scope, messages
and events in between cost more than its decision. Whatever is in any way else (pages, chunks,
large bodies, odd headers) goes on to uvicorn as it came, and by ASGI to the same application.

Rules
- What is taken here has one reading only: names and values of visible ASCII, no name twice, nothing
  that says how the body is coded.
- One request of a connection is answered at a time; what comes meanwhile waits, unread beyond
  one read.
"""

import re
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from server.config.asgi import MAX_BODY
from server.http import JSON, Request, Response

_HEAD: Final = re.compile(
    rb"POST (/v1/[a-z/]+) HTTP/1\.1\r\n((?:[!#-'*+.^`|~\w-]+:[\t\x20-\x7e]*+\r\n)++)\r\n"
)
_UNUSUAL: Final = frozenset({"transfer-encoding", "expect", "upgrade"})
_JSON_HEAD: Final = b"content-type: application/json\r\ncontent-length: %d\r\n\r\n"
_NO_QUERY: Final[dict[str, str]] = {}


class Edge(HttpToolsProtocol):
    """One connection: of uvicorn, with the short way in front of it."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._is_between = True
        """Whether uvicorn's parser is at the start of a request."""
        self._head: tuple[str, dict[str, str], int] | None = None
        """Path, headers and length of a request whose body is still arriving."""
        self._body = bytearray()
        self._is_answering = False
        self._is_last = False
        self._answered_at = 0.0

    def data_received(self, data: bytes) -> None:
        """Take an ordinary request, or leave it to uvicorn."""
        if self._head is None and not self._is_answering:
            data = self._begin(data)
            if data and self._head is None:
                super().data_received(data)
                return
        self._body += data
        if self._is_answering:
            self.flow.pause_reading()
        else:
            self._continue()

    def _begin(self, data: bytes) -> bytes:
        """Read the head of an ordinary request and return what follows it; else all of `data`."""
        under_way: RequestResponseCycle | None = getattr(self, "cycle", None)
        is_taken = under_way is not None and not under_way.response_complete
        if is_taken or not self._is_between or self.flow.write_paused:
            return data
        found = _HEAD.match(data)
        headers = None if found is None else _read_headers(found[2])
        if found is None or headers is None:
            return data
        self._head = found[1].decode(), headers, int(headers["content-length"])
        return data[found.end() :]

    def _continue(self) -> None:
        """Answer once the body is whole."""
        assert self._head is not None
        path, headers, length = self._head
        if len(self._body) < length:
            return
        request = Request("POST", path, _NO_QUERY, headers, bytes(self._body[:length]))
        del self._body[:length]
        self._head, self._is_answering = None, True
        task = self.loop.create_task(self._answer(request))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _answer(self, request: Request) -> None:
        application: Any = self.config.app  # unwrapped: `server.config.asgi.Application`
        response = await application.respond(request)
        self._is_answering = False
        if self.transport.is_closing():
            return
        self.transport.write(_bytes(response))
        self.server_state.total_requests += 1
        if self._is_last:
            self.transport.close()
            return
        self._answered_at = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self.timeout_keep_alive_handler()
        if self._body:
            waited, self._body = bytes(self._body), bytearray()
            self.flow.resume_reading()
            self.data_received(waited)

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection. One timer looks again and again: cheaper than one an answer."""
        left_s = self._answered_at + self.timeout_keep_alive - self.loop.time()
        if self._is_busy:
            left_s = self.timeout_keep_alive
        if left_s > 0 and not self.transport.is_closing():
            again = self.loop.call_later(left_s, self.timeout_keep_alive_handler)
            self.timeout_keep_alive_task = again
        else:
            super().timeout_keep_alive_handler()

    def shutdown(self) -> None:
        """Close once a request under way is answered."""
        if self._is_busy:
            self._is_last = True
        else:
            super().shutdown()

    @property
    def _is_busy(self) -> bool:
        return self._is_answering or self._head is not None

    def on_message_begin(self) -> None:
        """From here on the parser has the connection."""
        self._is_between = False
        super().on_message_begin()

    def on_message_complete(self) -> None:
        """The parser is at the start of a request again."""
        super().on_message_complete()
        self._is_between = True


def _read_headers(block: bytes) -> dict[str, str] | None:
    """Headers by lower-case name; None unless they are those of an ordinary request."""
    lines = block.decode().split("\r\n")[:-1]
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    length = headers.get("content-length", "")
    is_ordinary = (
        len(headers) == len(lines)
        and headers.keys().isdisjoint(_UNUSUAL)
        and headers.get("connection", "keep-alive").lower() == "keep-alive"
        and length.isdecimal()
        and len(length) <= 9
        and int(length) <= MAX_BODY
    )
    return headers if is_ordinary else None


def _bytes(response: Response) -> bytes:
    if response.headers is JSON:
        head = _JSON_HEAD % len(response.body)
        return STATUS_LINE[response.status] + head + response.body
    lines = [f"{name}: {value}\r\n".encode() for name, value in response.headers.items()]
    length = b"content-length: %d\r\n\r\n" % len(response.body)
    return b"".join([STATUS_LINE[response.status], *lines, length, response.body])

"""The network of the sandbox: a threaded HTTP/1.1 server on this machine alone.

A connection that breaks is closed at once, so that tests of it need not wait for a time-out.
"""

import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from server.sandbox.frame import Reply, Request

_BODY_MAX: Final = 1 << 20
"""Bytes; no provider takes a request as long as this."""
_IDLE_S: Final = 60.0
"""A kept connection on which nothing comes for so long is closed."""


class HttpServer:
    """A running server on 127.0.0.1; each connection has its own thread."""

    def __init__(
        self,
        handle: Callable[[Request], Reply | None],
        port: int = 0,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Listen on `port` (0: a free one); raises `OSError` when it is taken.

        `now` is what the `Date` of answers says.
        """
        self._server = _Listener(("127.0.0.1", port), handle, now)
        self.host = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), name="sandbox", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Close every connection and wait for the threads."""
        self._server.shutdown()
        self._thread.join()
        self._server.hang_up()
        self._server.server_close()


class _Listener(ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True
    request_queue_size = 128

    def __init__(
        self,
        address: tuple[str, int],
        handle: Callable[[Request], Reply | None],
        now: Callable[[], datetime],
    ) -> None:
        self.handle = handle
        self.now = now
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(address, _Connection)

    def server_bind(self) -> None:
        """Bind without asking for a name of this machine, as the standard one would."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End kept connections, so that their threads end."""
        with self._lock:
            waiting = list(self._open)
        for connection in waiting:
            _break(connection)


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "sandbox"
    sys_version = ""
    timeout = _IDLE_S
    disable_nagle_algorithm = True
    wbufsize = -1

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except ConnectionError:
            self.close_connection = True

    def do_GET(self) -> None:
        self._exchange()

    def do_POST(self) -> None:
        self._exchange()

    def do_PUT(self) -> None:
        self._exchange()

    def do_DELETE(self) -> None:
        self._exchange()

    def date_time_string(self, timestamp: float | None = None) -> str:
        assert isinstance(self.server, _Listener)
        return super().date_time_string(timestamp or self.server.now().timestamp())

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: targets hold numbers, and the caller keeps its own evidence."""

    def _exchange(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > _BODY_MAX:
            self.send_error(413)
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, self.path, headers, self.rfile.read(length))
        assert isinstance(self.server, _Listener)
        reply = self.server.handle(request)
        if reply is None:
            self.close_connection = True
            _break(self.connection)
        else:
            self._send(reply)

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        if reply.body:
            self.send_header("Content-Type", reply.content_type)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.status != 204:
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)
        self.wfile.flush()


def _break(connection: socket.socket) -> None:
    """Hang up so that the other side sees it at once."""
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        # The other side was quicker
        return

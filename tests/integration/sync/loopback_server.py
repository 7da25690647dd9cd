"""A small HTTP server on loopback that answers what a test tells it to, and keeps what it got."""

from __future__ import annotations

import threading
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import msgspec

from sync import messages, signing
from sync.messages import (
    Disposition,
    Failure,
    FeedPage,
    Heartbeat,
    HeartbeatAnswer,
    PushAnswer,
    PushRequest,
    Record,
    Status,
)
from tests.unit.sync.makers import HandClock, terminal_key


@dataclass(frozen=True)
class Got:
    """One request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def is_signed(self) -> bool:
        time_ms = int(self.headers[signing.TIME_HEADER])
        signed = signing.request_bytes(self.method, self.path, time_ms, self.body, self.query)
        signature = b64decode(self.headers[signing.SIGNATURE_HEADER])
        return signing.verify(terminal_key().public_key, signed, signature)


Answer = tuple[int, bytes]
Route = Callable[[Got], Answer]


def said(message: msgspec.Struct, status: int = 200) -> Answer:
    return status, messages.encode(message)


def refused(code: str, status: int = 422, **fields: Any) -> Answer:
    return said(Failure(code=code, **fields), status)


@dataclass
class Loopback:
    """The running server: routes by path, and every request in order."""

    url: str
    routes: dict[str, Route] = field(default_factory=dict)
    got: list[Got] = field(default_factory=list)
    hang: threading.Event = field(default_factory=threading.Event)

    def paths(self) -> list[str]:
        return [request.path for request in self.got]


@contextmanager
def running() -> Iterator[Loopback]:
    """A server on a free port, stopped at the end."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("content-length") or 0)
            request = Got(
                self.command,
                parts.path,
                dict(parse_qsl(parts.query, keep_blank_values=True)),
                {name.lower(): value for name, value in self.headers.items()},
                self.rfile.read(length),
            )
            loopback.got.append(request)
            status, body = loopback.routes[parts.path](request)
            try:
                self.send_response(status)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except OSError:
                self.close_connection = True  # the client gave up, as it may

        do_GET = do_POST = _answer  # noqa: N815 -- the names http.server looks for

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    loopback = Loopback(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield loopback
    finally:
        loopback.hang.set()
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Custodian:
    """The least a server does: keeps records by place, knows its head, and can be restored."""

    loopback: Loopback
    epoch: str = "E1"
    kept: dict[tuple[UUID, int], Record] = field(default_factory=dict)
    pages: list[FeedPage] = field(default_factory=list)
    beats: list[Heartbeat] = field(default_factory=list)
    state: str = "active"
    code: str = ""
    delay_ms: int = 0
    clock: HandClock = field(default_factory=HandClock)
    statuses: dict[int, Status] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.loopback.routes.update(
            {
                "/v1/heartbeat": self._heartbeat,
                "/v1/records": self._records,
                "/v1/feed": self._feed,
            }
        )

    def _heartbeat(self, got: Got) -> Answer:
        beat = messages.decode(Heartbeat, got.body)
        self.beats.append(beat)
        sequences = [n for journal, n in self.kept if journal == beat.journal_id]
        head = max(sequences, default=0)
        record = self.kept.get((beat.journal_id, head))
        return said(
            HeartbeatAnswer(
                state=self.state,
                code=self.code,
                epoch=self.epoch,
                server_at=self.clock.at,
                head_journal_id=beat.journal_id if record else None,
                head_sequence=head,
                head_hash=signing.record_hash(record) if record else b"",
                lease_until=self.clock.at + timedelta(days=30),
                binding_version=1,
            )
        )

    def _records(self, got: Got) -> Answer:
        words = []
        for record in messages.decode(PushRequest, got.body).records:
            place = (record.journal_id, record.sequence)
            known = place in self.kept
            status = self.statuses.get(record.sequence)
            status = status or (Status.REPLAYED if known else Status.APPLIED)
            if status is not Status.REJECTED:
                self.kept[place] = record
            words.append(Disposition(journal_id=place[0], sequence=place[1], status=status))
        return said(PushAnswer(dispositions=tuple(words), delay_ms=self.delay_ms))

    def _feed(self, got: Got) -> Answer:
        after = int(got.query["after"])
        if got.query["epoch"] != self.epoch and after > 0:
            return said(FeedPage(epoch=self.epoch, rows=(), cursor=0, has_more=True, rebuild=True))
        for page in self.pages:
            if page.cursor > after:
                return said(page)
        return said(FeedPage(epoch=self.epoch, rows=(), cursor=after, has_more=False))

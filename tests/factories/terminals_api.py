"""The terminals' API in one process without a socket: the real edge, a clock moved by hand."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Coroutine, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from typing import Any, cast

import httpx
from django.db import connections

from server.config.asgi import Application
from server.fleet.authenticate import Authenticator
from server.http import Routes
from server.runtime import Runtime
from sync import signing
from tests.factories.clocks import StandingClock
from tests.factories.server_rows import SECRETS, Device, Randomness


class NoWriter:
    """Stands where no route under test may write to the books."""

    def submit(self, command: Any, *, push: bool = False) -> Any:
        """Fail: nothing here books."""
        raise AssertionError(f"booked {command}")

    async def answer(self, command: Any, *, push: bool = False) -> Any:
        """Fail: nothing here books."""
        raise AssertionError(f"booked {command}")

    @property
    def waiting(self) -> int:
        """Nothing waits here."""
        return 0

    @property
    def push_delay_ms(self) -> int:
        """Nobody has to wait here."""
        return 0


class TerminalsApi:
    """Calls routes through the real edge, signed by a device or not at all."""

    def __init__(self, runtime: Runtime, clock: StandingClock) -> None:
        self.runtime = runtime
        self.clock = clock
        self.authenticator = Authenticator(runtime.read)
        self.signed: dict[tuple[str, str], Any] = {}
        self.unsigned: dict[tuple[str, str], Any] = {}

    def serve(self, routes: Routes, *, unsigned: tuple[tuple[str, str], ...] = ()) -> None:
        """Add an app's routes; those named `unsigned` need no signature."""
        for place, handler in routes.items():
            (self.unsigned if place in unsigned else self.signed)[place] = handler

    def call(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        device: Device | None = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Send one request; `headers` replace those that the device's signature makes."""
        signed = {} if device is None else self.sign(device, method, path, body, query)
        return self.run(self._send(method, path, body, {**signed, **(headers or {})}, query))

    def sign(
        self,
        device: Device,
        method: str,
        path: str,
        body: bytes,
        query: Mapping[str, str] | None = None,
        at: datetime | None = None,
    ) -> dict[str, str]:
        """Return the headers with which `device` signs a request."""
        time_ms = int((at or self.clock.now()).timestamp() * 1000)
        message = signing.request_bytes(method, path, time_ms, body, query)
        return {
            signing.TERMINAL_HEADER: str(device.terminal.id),
            signing.KEY_HEADER: device.key.key_id,
            signing.TIME_HEADER: str(time_ms),
            signing.SIGNATURE_HEADER: b64encode(device.key.sign(message)).decode(),
        }

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine to its end on a loop of its own."""
        return asyncio.run(coroutine)

    async def _send(
        self,
        method: str,
        path: str,
        body: bytes,
        headers: Mapping[str, str],
        query: Mapping[str, str] | None,
    ) -> httpx.Response:
        async def behind(scope: Any, receive: Any, send: Any) -> None:
            raise AssertionError("a terminal's request reached the pages")

        application = Application(
            self.signed, self.unsigned, self.authenticator.authenticate, self.clock, behind
        )
        transport = httpx.ASGITransport(app=cast(Any, application))
        async with httpx.AsyncClient(transport=transport, base_url="http://server") as client:
            return await client.request(
                method, path, content=body, headers=dict(headers), params=query
            )


@contextmanager
def terminals_api(at: datetime) -> Iterator[TerminalsApi]:
    """Give an API whose pool thread closes its database connection at the end."""
    clock = StandingClock(at)
    with ThreadPoolExecutor(1) as reads:
        runtime = Runtime(NoWriter(), clock, SECRETS, Randomness(99), reads)
        yield TerminalsApi(runtime, clock)
        reads.submit(connections.close_all).result()

"""Serving the application over HTTP until a signal says stop."""

import errno
import gc
import signal
import socket
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import uvicorn

from domain.errors import Refused
from server.config.edge import Edge

BACKLOG = 2048
SWITCH_INTERVAL_S = 0.0005
"""The writer waits for the database a dozen times per batch, and then each time for the event loop
to let go of the interpreter: Python's 5 ms would be most of a batch's time under load."""
COLLECT_AFTER = 50_000
"""Objects made between two looks for cycles. A batch of payments makes thousands that all live
until its commit, so Python's 700 spent a sixth of the writer's time on looking through them."""
GRACE_S = 5
"""A request in flight has this long to end when the server is told to stop."""


class _Announcing(uvicorn.Server):
    """Says once that it listens, when it does."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        self._announce()


def listen(host: str, port: int) -> socket.socket:
    """Open the listening socket; raises OSError when the address is taken. Port 0: any free.

    `Refused` ("server.bad_address") for an address that is not this machine's to listen on.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise
        detail = error.strerror or type(error).__name__
        raise Refused("server.bad_address", host=host, port=port, detail=detail) from error


def serve(application: Any, listener: socket.socket, announce: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT; returns when the requests in flight have ended."""
    config = uvicorn.Config(
        application,
        loop="uvloop" if sys.platform != "win32" else "asyncio",
        http=Edge,
        ws="none",
        lifespan="off",
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=False,  # only pages ask for the client's address: see `running`
        date_header=False,
        timeout_graceful_shutdown=GRACE_S,
        backlog=BACKLOG,
    )
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    gc.freeze()  # modules and models stay for ever: no need to look through them again
    gc.set_threshold(COLLECT_AFTER)
    # uvicorn hands the signal on when it has stopped: to us, who then clean up and return
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _already_stopping)
    _Announcing(config, announce).run(sockets=[listener])


def _already_stopping(_number: int, _frame: FrameType | None) -> None:
    return None

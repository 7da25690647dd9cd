"""Send one event's bytes: to a checked address, in limited time, following nobody.

Stated limits: 5 s to connect, 10 s for all of it, 4 KiB of answer. No redirect is followed, no
proxy asked, no cookie kept, nothing unpacked.
"""

import ssl
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

import httpcore

from domain.clock import Clock
from server.open_api.addresses import Forbidden, Network, resolve

CONNECT_LIMIT_S: Final = 5.0
WHOLE_LIMIT_S: Final = 10.0
ANSWER_LIMIT: Final = 4096


@dataclass(frozen=True, slots=True)
class Posted:
    """What came of it; `status` 0 and a dotted code when nothing was answered."""

    status: int
    why: str = ""
    answer: bytes = field(default=b"", repr=False)
    took_ms: int = 0

    @property
    def is_taken(self) -> bool:
        """Whether the merchant has it: any 2xx."""
        return 200 <= self.status < 300


@dataclass(slots=True)
class Post:
    """Sends; `allowed` are networks that are not public and may be sent to."""

    clock: Clock
    allowed: Sequence[Network] = ()
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context, repr=False)

    def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Posted:
        """Send it; raises nothing."""
        begun = self.clock.monotonic()
        try:
            status, answer, why = self._exchange(url, headers, body, begun + WHOLE_LIMIT_S)
        except Forbidden as no:
            status, answer, why = 0, b"", str(no)
        except (httpcore.TimeoutException, TimeoutError):
            status, answer, why = 0, b"", "webhooks.timed_out"
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError, ValueError):
            status, answer, why = 0, b"", "webhooks.unreachable"
        return Posted(status, why, answer, round((self.clock.monotonic() - begun) * 1000))

    def _exchange(
        self, url: str, headers: Mapping[str, str], body: bytes, deadline: float
    ) -> tuple[int, bytes, str]:
        backend = _Checked(self.allowed, self.clock, deadline)
        timeout = dict.fromkeys(("read", "write", "pool"), WHOLE_LIMIT_S)
        with httpcore.ConnectionPool(ssl_context=self.tls, network_backend=backend) as pool:
            asked = pool.stream(
                "POST", url, headers=list(headers.items()), content=body,
                extensions={"timeout": {**timeout, "connect": CONNECT_LIMIT_S}},
            )  # fmt: skip
            with asked as response:
                answer = _first(response.iter_stream(), ANSWER_LIMIT)
                is_taken = 200 <= response.status < 300
                return response.status, answer, "" if is_taken else "webhooks.refused"


def _first(chunks: Iterable[bytes], limit: int) -> bytes:
    kept = b""
    for chunk in chunks:
        kept += chunk
        if len(kept) >= limit:
            break
    return kept[:limit]


class _Checked(httpcore.NetworkBackend):
    """Connects to checked addresses alone, and lets nothing last beyond the deadline."""

    def __init__(self, allowed: Sequence[Network], clock: Clock, deadline: float) -> None:
        self._allowed, self._clock, self._deadline = allowed, clock, deadline
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:  # fmt: skip
        """Resolve, check, connect to what was checked."""
        *others, last = resolve(host, port, self._allowed)
        for address in others:
            # A host of several addresses, such as one of IPv6 that no road leads to
            with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return self._connected(address, port, timeout, local_address, socket_options)
        return self._connected(last, port, timeout, local_address, socket_options)

    def _connected(self, address: str, port: int, timeout: float | None, *others: Any) -> "_Timed":
        stream = self._plain.connect_tcp(address, port, self.left(timeout), *others)
        return _Timed(stream, self)

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Any = None
    ) -> httpcore.NetworkStream:
        """Nobody is reached that way."""
        raise Forbidden("webhooks.private_address")

    def left(self, timeout: float | None) -> float:
        """Return how long the next step may take; raises `TimeoutError` when time is up."""
        left = self._deadline - self._clock.monotonic()
        if left <= 0:
            raise TimeoutError
        return left if timeout is None else min(left, timeout)


class _Timed(httpcore.NetworkStream):
    """A connection whose every step counts against the whole."""

    def __init__(self, stream: httpcore.NetworkStream, backend: _Checked) -> None:
        self._stream, self._backend = stream, backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what is there."""
        return self._stream.read(max_bytes, self._backend.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write it all."""
        self._stream.write(buffer, self._backend.left(timeout))

    def close(self) -> None:
        """Close it."""
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:  # fmt: skip
        """Speak TLS with the host by its name, whatever its address."""
        left = self._backend.left(timeout)
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, left), self._backend)

    def get_extra_info(self, info: str) -> Any:
        """Pass on what the connection knows of itself."""
        return self._stream.get_extra_info(info)

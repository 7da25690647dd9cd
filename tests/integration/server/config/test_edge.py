"""The short way of ordinary requests: the same answers as by uvicorn, however the bytes arrive."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from uvicorn import Config
from uvicorn.server import ServerState

from domain.errors import Refused
from server.config.asgi import MAX_BODY, Application
from server.config.edge import Edge
from server.http import Request, Response, TerminalIdentity, json_response
from sync.messages import Failure
from tests.factories.clocks import StandingClock
from tests.factories.ledger import an_id

LIMIT_S = 10
KEEP_ALIVE_S = 0.2
TERMINAL = TerminalIdentity(
    an_id(), an_id(), an_id(), an_id(), an_id(), 1, "k", b"", "active", "一号机"
)


class Served:
    """A server on loopback whose one signed route answers when it is told to."""

    def __init__(self) -> None:
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.short: list[str] = []
        """Bodies that came by the short way."""
        self.asked = asyncio.Event()
        self.connections: list[_Remembering] = []
        self.port = 0
        self._news = asyncio.Event()
        application = Application(
            signed={("POST", "/v1/echo"): self._echo, ("POST", "/v1/refuse"): _refuse},
            unsigned={("GET", "/v1/open"): self._echo},
            authenticate=_known,
            clock=StandingClock(),
            behind=_behind,
        )
        self._config = Config(
            application, lifespan="off", log_config=None, access_log=False,
            timeout_keep_alive=KEEP_ALIVE_S,  # type: ignore[arg-type]
        )  # fmt: skip
        self._state = ServerState()

    def connection(self) -> Edge:
        made = _Remembering(self, config=self._config, server_state=self._state, app_state={})
        self.connections.append(made)
        return made

    def tell(self) -> None:
        self._news.set()

    async def until(self, is_so: Callable[[], bool]) -> None:
        while not is_so():
            self._news.clear()
            await self._news.wait()

    async def _echo(self, request: Request) -> Response:
        self.asked.set()
        await self.may_answer.wait()
        return json_response(Failure(code=request.body.decode(), data=dict(request.query)))


class _Remembering(Edge):
    def __init__(self, served: Served, **named: Any) -> None:
        super().__init__(**named)
        self._served = served
        self.bytes_read = 0
        self.looks = 0
        """How often it asked itself whether it is idle."""
        self.is_lost = False

    def data_received(self, data: bytes) -> None:
        self.bytes_read += len(data)
        super().data_received(data)
        self._served.tell()

    def timeout_keep_alive_handler(self) -> None:
        self.looks += 1
        super().timeout_keep_alive_handler()
        self._served.tell()

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_lost = True
        super().connection_lost(exc)
        self._served.tell()

    async def _answer(self, request: Request) -> None:
        self._served.short.append(request.body.decode())
        await super()._answer(request)


async def _known(request: Request, now: Any) -> TerminalIdentity:
    return TERMINAL


async def _refuse(request: Request) -> Response:
    raise Refused("payments.key_reused")


async def _behind(scope: Any, receive: Any, send: Any) -> None:
    headers = [(b"content-length", b"4")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"page"})


class Client:
    """One connection, byte for byte."""

    def __init__(
        self, served: Served, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._served = served
        self._reader = reader
        self._writer = writer
        self._sent = 0

    async def send(self, *pieces: bytes) -> None:
        """Send each piece once the one before it was read."""
        for piece in pieces:
            self._writer.write(piece)
            self._sent += len(piece)
            await self._served.until(self._is_read)

    def send_unread(self, data: bytes) -> None:
        self._writer.write(data)

    def _is_read(self) -> bool:
        found = self._served.connections
        return bool(found) and found[0].bytes_read >= self._sent

    async def answer(self) -> tuple[int, bytes]:
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head)
        assert length is not None, head
        return int(head.split()[1]), await self._reader.readexactly(int(length[1]))

    async def answer_after_continue(self) -> tuple[int, bytes]:
        await self._reader.readuntil(b" 100 Continue\r\n\r\n")
        return await self.answer()

    async def refusal(self) -> bytes:
        return await self._reader.readuntil(b"\r\n")

    async def is_closed(self) -> bool:
        return await self._reader.read() == b""

    def close(self) -> None:
        self._writer.close()


def post(body: bytes, path: str = "/v1/echo", *headers: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: x", *headers, f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


def code(answer: tuple[int, bytes]) -> tuple[int, str]:
    return answer[0], re.findall(rb'"code":"([^"]*)"', answer[1])[0].decode()


def talk(scene: Callable[[Served, Client], Awaitable[None]]) -> Served:
    async def play() -> Served:
        served = Served()
        server = await asyncio.get_running_loop().create_server(served.connection, "127.0.0.1", 0)
        served.port = server.sockets[0].getsockname()[1]
        client = Client(served, *await asyncio.open_connection("127.0.0.1", served.port))
        try:
            await asyncio.wait_for(scene(served, client), LIMIT_S)
        finally:
            client.close()
            server.close()
        return served

    return asyncio.run(play())


def test_an_ordinary_request_takes_the_short_way() -> None:
    async def scene(served: Served, client: Client) -> None:
        for name in ("a.a", "b.b"):
            await client.send(post(name.encode()))
            assert code(await client.answer()) == (200, name)

    assert talk(scene).short == ["a.a", "b.b"]


def test_head_and_body_may_come_apart() -> None:
    async def scene(served: Served, client: Client) -> None:
        whole = post(b"abc.def")
        await client.send(whole[:-7], whole[-7:-2], whole[-2:])
        assert code(await client.answer()) == (200, "abc.def")

    assert talk(scene).short == ["abc.def"]


def test_a_counter_s_own_library_takes_the_short_way() -> None:
    async def scene(served: Served, client: Client) -> None:
        async with httpx.AsyncClient(trust_env=False) as counter:
            url = f"http://127.0.0.1:{served.port}/v1/echo"
            said = await counter.post(url, content=b"a.a", headers={"fanpiao-key": "k"})
            assert code((said.status_code, said.content)) == (200, "a.a")

    assert talk(scene).short == ["a.a"]


def test_a_head_in_pieces_is_left_to_uvicorn() -> None:
    async def scene(served: Served, client: Client) -> None:
        whole = post(b"a.a")
        await client.send(whole[:20], whole[20:])
        assert code(await client.answer()) == (200, "a.a")
        await client.send(post(b"b.b"))
        assert code(await client.answer()) == (200, "b.b")

    assert talk(scene).short == ["b.b"]


def test_requests_sent_ahead_are_answered_in_order() -> None:
    async def scene(served: Served, client: Client) -> None:
        served.may_answer.clear()
        ahead = [post(b"a.a"), b"GET /v1/open HTTP/1.1\r\nhost: x\r\n\r\n", post(b"b.b")]
        await client.send(b"".join(ahead))
        client.send_unread(post(b"c.c"))
        served.may_answer.set()
        found = [code(await client.answer()) for _ in range(4)]
        assert found == [(200, "a.a"), (200, ""), (200, "b.b"), (200, "c.c")]

    talk(scene)


def test_pages_and_terminals_may_share_a_connection() -> None:
    async def scene(served: Served, client: Client) -> None:
        for name in ("a.a", "b.b"):
            await client.send(b"GET /admin/ HTTP/1.1\r\nhost: x\r\n\r\n")
            assert await client.answer() == (200, b"page")
            await client.send(post(name.encode()))
            assert code(await client.answer()) == (200, name)

    assert talk(scene).short == ["a.a", "b.b"]


@pytest.mark.parametrize(
    ("request_bytes", "expected"),
    [
        (post(b"a.a", "/v1/echo?after=3"), (200, "a.a")),
        (post(b"a.a", "/v1/echo", "Expect: 100-continue"), (200, "a.a")),
        (post(b"a.a", "/v1/echo", "X-Name: 1", "x-name: 2"), (200, "a.a")),
        (post(b"a.a", "/v1/echo", "X-Name: ä"), (200, "a.a")),
        (post(b"x" * (MAX_BODY + 1)), (413, "envelopes.too_large")),
        (
            b"POST /v1/echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
            b"3\r\na.a\r\n0\r\n\r\n",
            (200, "a.a"),
        ),
    ],
)
def test_what_is_not_ordinary_is_left_to_uvicorn(
    request_bytes: bytes, expected: tuple[int, str]
) -> None:
    async def scene(served: Served, client: Client) -> None:
        await client.send(request_bytes)
        is_asked_first = b"Expect" in request_bytes
        answer = client.answer_after_continue() if is_asked_first else client.answer()
        assert code(await answer) == expected

    assert talk(scene).short == []


@pytest.mark.parametrize("odd", ["Content-Length : 3", " folded: 1", "Content-Length: +3"])
def test_headers_with_two_readings_are_refused(odd: str) -> None:
    async def scene(served: Served, client: Client) -> None:
        await client.send(f"POST /v1/echo HTTP/1.1\r\nhost: x\r\n{odd}\r\n\r\na.a".encode())
        assert (await client.refusal()).startswith(b"HTTP/1.1 400")

    assert talk(scene).short == []


def test_a_refusal_is_a_failure_here_too() -> None:
    async def scene(served: Served, client: Client) -> None:
        await client.send(post(b"", "/v1/refuse"))
        assert code(await client.answer()) == (409, "payments.key_reused")
        await client.send(post(b"", "/v1/nowhere"))
        assert code(await client.answer()) == (404, "envelopes.not_found")

    assert talk(scene).short == ["", ""]


def test_a_client_that_leaves_costs_nothing_but_its_answer() -> None:
    async def scene(served: Served, client: Client) -> None:
        served.may_answer.clear()
        await client.send(post(b"a.a"))
        await served.asked.wait()
        client.close()
        await served.until(lambda: served.connections[0].is_lost)
        served.may_answer.set()

    assert talk(scene).short == ["a.a"]


def test_an_idle_connection_is_closed_and_a_waiting_one_is_not() -> None:
    async def scene(served: Served, client: Client) -> None:
        await client.send(post(b"a.a"))
        assert code(await client.answer()) == (200, "a.a")
        served.may_answer.clear()
        await client.send(post(b"b.b"))
        await served.until(lambda: served.connections[0].looks > 3)
        served.may_answer.set()
        assert code(await client.answer()) == (200, "b.b")
        assert await client.is_closed()

    talk(scene)


def test_a_stopping_server_answers_what_is_under_way_and_closes() -> None:
    async def scene(served: Served, client: Client) -> None:
        served.may_answer.clear()
        await client.send(post(b"a.a"))
        await served.asked.wait()
        served.connections[0].shutdown()
        served.may_answer.set()
        assert code(await client.answer()) == (200, "a.a")
        assert await client.is_closed()

    talk(scene)

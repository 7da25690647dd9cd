"""The raw routes: whatever arrives, the answer is a message, never a traceback."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from django.db import OperationalError

from domain.errors import Refused, Unavailable
from server.config.asgi import MAX_BODY, MAX_IN_FLIGHT, Application
from server.config.failures import failure_response
from server.http import Request, Response, TerminalIdentity, failure, json_response
from sync.messages import Failure, Heartbeat, decode
from tests.factories.clocks import NOON, StandingClock
from tests.factories.ledger import an_id

TERMINAL = TerminalIdentity(
    an_id(), an_id(), an_id(), an_id(), an_id(), 1, "k", b"", "active", "一号机"
)


async def echo(request: Request) -> Response:
    return json_response(Failure(code=request.body.decode(), data=dict(request.query)))


async def decoding(request: Request) -> Response:
    return json_response(decode(Heartbeat, request.body))


async def refusing(request: Request) -> Response:
    raise Refused("payments.key_reused", payment="1")


async def busy(request: Request) -> Response:
    raise Unavailable("server.busy", retry_after_ms=700)


async def wrong(request: Request) -> Response:
    raise ZeroDivisionError("a mistake of ours")


async def database_gone(request: Request) -> Response:
    raise OperationalError("server closed the connection")


async def own_failure(request: Request) -> Response:
    return failure("records.too_many", 413, limit=500)


async def known(request: Request, now: Any) -> TerminalIdentity:
    if request.headers.get("fanpiao-terminal") != "known":
        raise Refused("envelopes.unsigned")
    return TERMINAL


async def behind(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def application(**signed: Any) -> Application:
    routes = {
        "/v1/echo": echo, "/v1/decode": decoding, "/v1/refuse": refusing, "/v1/busy": busy,
        "/v1/wrong": wrong, "/v1/gone": database_gone, "/v1/own": own_failure,
        "/v1/things/*": echo,
    }  # fmt: skip
    return Application(
        signed={("POST", path): handler for path, handler in {**routes, **signed}.items()},
        unsigned={("GET", "/v1/open"): echo},
        authenticate=known,
        clock=StandingClock(),
        behind=behind,
    )


async def call(
    app: Application,
    path: str,
    *parts: bytes,
    method: str = "POST",
    headers: Mapping[str, str] | None = None,
    query: bytes = b"",
) -> tuple[int, Any]:
    """Send one request in `parts`; return the status and the failure said."""
    said = {"fanpiao-terminal": "known"} if headers is None else headers
    scope = {
        "type": "http", "method": method, "path": path, "query_string": query,
        "headers": [(name.encode(), value.encode()) for name, value in said.items()],
    }  # fmt: skip
    chunks = list(parts) or [b""]
    waiting = [
        {"type": "http.request", "body": part, "more_body": n + 1 < len(chunks)}
        for n, part in enumerate(chunks)
    ]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    if not sent:
        return 0, None
    body = sent[1]["body"]
    return sent[0]["status"], decode(Failure, body) if body else None


def asked(path: str, *parts: bytes, **how: Any) -> tuple[int, Any]:
    return asyncio.run(call(application(), path, *parts, **how))


def test_a_request_reaches_its_handler_whole() -> None:
    status, said = asked("/v1/echo", b"a.", b"b", query=b"after=3&epoch=")
    assert (status, said.code, said.data) == (200, "a.b", {"after": "3", "epoch": ""})


def test_a_path_with_a_star_takes_what_is_below_it() -> None:
    assert asked("/v1/things/7", b"x.y")[0] == 200
    assert asked("/v1/things", b"x.y")[0] == 404


def test_an_unsigned_route_asks_for_no_signature() -> None:
    assert asked("/v1/open", method="GET", headers={})[0] == 200


def test_everything_else_is_django_s() -> None:
    assert asked("/admin/", method="GET", headers={}) == (204, None)


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/refuse", 409, "payments.key_reused"),
        ("/v1/busy", 503, "server.busy"),
        ("/v1/wrong", 500, "errors.defect"),
        ("/v1/gone", 503, "databases.unreachable"),
        ("/v1/own", 413, "records.too_many"),
        ("/v1/nowhere", 404, "envelopes.not_found"),
    ],
)
def test_a_failure_says_what_where_and_what_to_do(path: str, status: int, code: str) -> None:
    found, said = asked(path, b"{}")

    assert (found, said.code) == (status, code)
    assert said.text_zh
    assert said.text_en
    assert said.server_at == NOON
    assert said.retry_after_ms == (700 if code == "server.busy" else 0)


def test_an_unsigned_request_is_refused_on_a_signed_route() -> None:
    status, said = asked("/v1/echo", b"x", headers={})
    assert (status, said.code) == (401, "envelopes.unsigned")


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[1]", b"\xff\xfe", b'{"journal_id": 7}', b"[" * 50_000, b'"\\ud800"', b"null"],
    ids=["empty", "cut", "list", "not text", "wrong types", "deep", "lone surrogate", "null"],
)
def test_malformed_bytes_are_said_to_be_so(body: bytes) -> None:
    status, said = asked("/v1/decode", body)
    assert (status, said.code) == (400, "envelopes.malformed")


def test_a_body_over_the_limit_is_refused_stated_or_not() -> None:
    stated = {"fanpiao-terminal": "known", "content-length": str(MAX_BODY + 1)}
    assert asked("/v1/echo", headers=stated)[0] == 413
    assert asked("/v1/echo", b"a" * MAX_BODY, b"a")[0] == 413
    assert asked("/v1/echo", b"a" * MAX_BODY)[0] == 200


@pytest.mark.parametrize("length", ["-1", "a", "１", "1e3"])
def test_a_length_that_is_none_is_refused(length: str) -> None:
    headers = {"fanpiao-terminal": "known", "content-length": length}
    try:
        status, said = asked("/v1/echo", headers=headers)
    except UnicodeEncodeError:
        return
    assert (status, said.code) == (400, "envelopes.malformed")


def test_a_client_that_went_away_gets_no_answer() -> None:
    async def leave() -> tuple[int, Any]:
        app, sent = application(), list[Any]()
        scope = {"type": "http", "method": "POST", "path": "/v1/echo", "headers": []}

        async def receive() -> dict[str, Any]:
            return {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await app(scope, receive, send)
        return len(sent), None

    assert asyncio.run(leave()) == (0, None)


def test_one_terminal_has_a_bounded_number_of_requests_in_flight() -> None:
    async def crowd() -> list[int]:
        door = asyncio.Event()

        async def waiting(request: Request) -> Response:
            await door.wait()
            return json_response(Failure(code="done"))

        app = application(**{"/v1/wait": waiting})
        tasks = [asyncio.ensure_future(call(app, "/v1/wait")) for _ in range(MAX_IN_FLIGHT + 2)]
        turned_away: set[asyncio.Future[tuple[int, Any]]] = set()
        while len(turned_away) < 2:
            turned_away, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        door.set()
        first = [status for status, _ in await asyncio.gather(*tasks)]
        return [*first, (await call(app, "/v1/wait"))[0]]

    assert sorted(asyncio.run(crowd())) == [200] * (MAX_IN_FLIGHT + 1) + [429] * 2


def test_a_defect_s_own_words_stay_at_the_server() -> None:
    response = failure_response(RuntimeError("select password from users"), NOON)
    assert b"password" not in response.body


def test_the_server_starts_and_stops_with_its_host() -> None:
    async def live() -> list[str]:
        waiting = ["lifespan.startup", "lifespan.shutdown"]
        sent: list[str] = []

        async def receive() -> dict[str, Any]:
            return {"type": waiting.pop(0)}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message["type"])

        await application()({"type": "lifespan"}, receive, send)
        return sent

    assert asyncio.run(live()) == ["lifespan.startup.complete", "lifespan.shutdown.complete"]

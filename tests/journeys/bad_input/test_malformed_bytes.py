"""Malformed bytes of every kind to every endpoint: a clear failure in two languages, no effect.

The endpoints are taken from the wired routes, so a new one is covered as it is added. Bytes that a
stranger sends are unsigned; a broken counter's are signed as they should be and wrong inside.
"""

from __future__ import annotations

import random
import socket
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
import msgspec
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain import messages as sentences
from server.config.asgi import MAX_BODIES, MAX_BODY
from sync import signing
from sync.messages import Failure, decode
from tests.journeys.bad_input.books import books_are_sound
from tests.journeys.bad_input.open_canteen import OpenCanteen, WalkUp

METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS")
ANSWER_LIMIT_S = 20.0
HARMLESS = frozenset({"feed_mark", "fleet_terminal", "fleet_terminalkey", "fleet_activationtry"})
"""Tables in which asking itself leaves a trace: when a terminal was seen, wrong codes counted."""

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**200), 2**200)
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["\x00", "\ud7ff", "é" * 50, "../..", "' OR 1=1 --", "NaN", "9" * 400]),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)


@dataclass
class Wire:
    """The open server, a terminal that may sign, and what the books held before."""

    canteen: OpenCanteen
    counter: WalkUp
    http: httpx.Client
    routes: list[tuple[str, str]]

    def signed(self, method: str, path: str, body: bytes, **changes: Any) -> dict[str, str]:
        """Headers as a sound terminal makes them for these very bytes."""
        secrets = self.counter.keys.load()
        assert secrets is not None
        time_ms = int(self.canteen.noon.now().timestamp() * 1000)
        message = signing.request_bytes(method, path, time_ms, body, changes.get("query"))
        return {
            signing.TERMINAL_HEADER: str(self.counter.binding.terminal_id),
            signing.KEY_HEADER: secrets.key.key_id,
            signing.TIME_HEADER: str(time_ms),
            signing.SIGNATURE_HEADER: b64encode(secrets.key.sign(message)).decode(),
        }

    def ask(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str | bytes]
    ) -> httpx.Response:
        given: Any = dict(headers)
        return self.http.request(method, path, content=body, headers=given)


def contents() -> dict[str, int]:
    """Rows per table of the server, but for those that asking itself touches."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        found = {}
        for table in sorted(set(tables) - HARMLESS):
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            found[table] = cursor.fetchone()[0]
    return found


@pytest.fixture(scope="module")
def wire(canteen: OpenCanteen, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    counter = WalkUp(canteen, tmp_path_factory.mktemp("fuzzed") / "counter")
    counter.learn()
    application = canteen.street.application
    routes = sorted({*application.signed, *application.unsigned})
    with httpx.Client(base_url=canteen.url, timeout=ANSWER_LIMIT_S, trust_env=False) as http:
        before = contents()
        yield Wire(canteen, counter, http, routes)
        assert contents() == before, "malformed bytes left something in the database"
        books_are_sound(canteen)
    counter.close()


def is_a_clear_failure(status: int, body: bytes) -> Failure:
    assert 400 <= status < 600, (status, body[:200])
    assert status != 500, body
    said = decode(Failure, body)
    assert sentences.is_known(said.code), said
    assert said.text_zh == sentences.text(said.code, said.data, "zh")
    assert said.text_en == sentences.text(said.code, said.data, "en")
    assert b"Traceback" not in body
    return said


def concrete(path: str, end: str) -> str:
    return path[:-1] + quote(end, safe="") if path.endswith("/*") else path


def kinds_of_bytes() -> st.SearchStrategy[bytes]:
    texts = VALUES.map(lambda value: msgspec.json.encode(_jsonable(value)))
    return st.one_of(
        st.binary(max_size=300),
        texts,
        st.tuples(texts, st.integers(0, 40)).map(lambda cut: cut[0][: -cut[1] or None]),
        st.sampled_from([
            b"", b"\x00", b"\xff\xfe{}", b"[" * 60_000, b'{"a":' * 9_000, b"1e999999", b"-",
            b'"\\ud800"', b"\xef\xbb\xbf{}", b"{}", b"null", b"9" * 5_000, b'{"":"' + b"a" * 60_000,
        ]),
    )  # fmt: skip


def _jsonable(value: Any) -> Any:
    """Numbers beyond 64 bits go as JSON writes them."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**63:
        return msgspec.Raw(str(value).encode())
    if isinstance(value, list):
        return [_jsonable(one) for one in value]
    if isinstance(value, dict):
        return {name: _jsonable(one) for name, one in value.items()}
    return value


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_signed_rubbish_to_every_route_is_a_clear_failure(wire: Wire, data: st.DataObject) -> None:
    method, pattern = data.draw(st.sampled_from(wire.routes))
    path = concrete(pattern, data.draw(st.text(min_size=1, max_size=30).filter(_can_be_sent)))
    body = data.draw(kinds_of_bytes())
    plain = httpx.URL(wire.canteen.url + path).path
    response = wire.ask(method, path, body, wire.signed(method, plain, body))
    if response.status_code >= 400:
        is_a_clear_failure(response.status_code, response.content)
    else:
        # What asks nothing of its body may be answered; the tables are compared at the end
        assert method == "GET" or _says_nothing_was_done(pattern, response), response.content


def _says_nothing_was_done(pattern: str, response: httpx.Response) -> bool:
    return pattern == "/v1/records" and response.json().get("dispositions") in (None, [])


def _can_be_sent(text: str) -> bool:
    return text not in {".", ".."} and not any(0xD800 <= ord(one) < 0xE000 for one in text)


@settings(max_examples=80, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_broken_signature_says_which_and_opens_no_route(wire: Wire, data: st.DataObject) -> None:
    signed = sorted(wire.canteen.street.application.signed)
    method, pattern = data.draw(st.sampled_from(signed))
    path = concrete(pattern, "7")
    headers: dict[str, str | bytes] = dict(wire.signed(method, path, b"{}"))
    name = data.draw(st.sampled_from(sorted(headers)))
    rubbish = st.binary(max_size=80).map(lambda one: bytes(max(32, byte) for byte in one))
    odd = st.sampled_from([b"", b"0", b"-1", b"9" * 400, b"NaN", b"AAAA", b"\xff" * 9, b"1_000"])
    value = data.draw(st.none() | rubbish | odd)
    if value is None:
        del headers[name]
    else:
        headers[name] = value.replace(b"\x7f", b" ").strip()
    response = wire.ask(method, path, b"{}", headers)
    said = is_a_clear_failure(response.status_code, response.content)
    assert said.code.split(".")[0] in ("envelopes", "terminals"), said


def test_the_right_signature_over_other_bytes_opens_nothing(wire: Wire) -> None:
    for method, pattern in sorted(wire.canteen.street.application.signed):
        path = concrete(pattern, "7")
        headers = wire.signed(method, path, b"{} ")
        said = is_a_clear_failure(*_answer(wire.ask(method, path, b"{}", headers)))
        assert said.code == "envelopes.bad_signature"


def test_unknown_paths_and_methods_are_told_so(wire: Wire) -> None:
    paths = [concrete(path, "7") for _, path in wire.routes]
    strange = ["/v1/", "/v1/nowhere", "/v1/payments/a/b", "/v1//", "/v1/%00", "/v1/%ff", "/v1/é"]
    known = {(method, concrete(path, "7")) for method, path in wire.routes}
    for path in [*paths, *strange]:
        for method in METHODS:
            if (method, path) in known:
                continue
            response = wire.ask(method, path, b"", wire.signed(method, path, b""))
            said = is_a_clear_failure(*_answer(response))
            assert said.code in ("envelopes.not_found", "envelopes.method"), (method, path, said)


def test_a_method_that_a_known_path_does_not_serve_is_told_apart_from_an_unknown_path(
    wire: Wire,
) -> None:
    response = wire.ask("DELETE", "/v1/payments", b"", {})
    assert response.status_code == 405
    assert is_a_clear_failure(*_answer(response)).code == "envelopes.method"
    assert set(response.headers["allow"].split(", ")) == {"POST"}


def test_a_body_over_the_limit_is_refused_at_every_route(wire: Wire) -> None:
    for method, pattern in wire.routes:
        path = concrete(pattern, "7")
        body = b"a" * (MAX_BODIES.get(path, MAX_BODY) + 1)
        said = is_a_clear_failure(*_answer(wire.ask(method, path, body, {})))
        assert said.code == "envelopes.too_large"
        assert said.data["limit"] == len(body) - 1


@pytest.mark.parametrize("query", ["epoch=%ff", "after=" + "9" * 400, "after=-1", "limit=x", "&=&"])
def test_a_query_that_makes_no_sense_is_a_clear_failure(wire: Wire, query: str) -> None:
    for method, pattern in sorted(wire.canteen.street.application.signed):
        path = concrete(pattern, "7")
        for headers in ({}, wire.signed(method, path, b"")):
            response = wire.ask(method, f"{path}?{query}", b"", headers)
            said = is_a_clear_failure(*_answer(response))
            assert said.code.startswith("envelopes.") or headers, (method, path, said)


RAW: Mapping[str, bytes] = {
    "shorter than stated": b"POST /v1/activate HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{}",
    "negative length": b"POST /v1/activate HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n{}",
    "two lengths": (
        b"POST /v1/activate HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 5\r\n\r\n{}"
    ),
    "length and chunks": (
        b"POST /v1/activate HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
        b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"
    ),
    "bad chunk": (
        b"POST /v1/activate HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n{}"
    ),
    "huge length": (
        b"POST /v1/activate HTTP/1.1\r\nHost: a\r\nContent-Length: " + b"9" * 60 + b"\r\n\r\n{}"
    ),
    "not http": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello",
    "random": random.Random(7).randbytes(2_000),
    "no end": b"POST /v1/payments HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 70_000,
    "nul in header": b"GET /v1/health HTTP/1.1\r\nHost: a\r\nX: \x00\r\n\r\n",
}  # fmt: skip


@pytest.mark.parametrize("name", RAW)
def test_what_is_hardly_http_ends_and_the_server_goes_on(wire: Wire, name: str) -> None:
    url = httpx.URL(wire.canteen.url)
    with socket.create_connection((url.host, url.port or 0), ANSWER_LIMIT_S) as line:
        line.sendall(RAW[name])
        line.shutdown(socket.SHUT_WR)
        got = b""
        while part := line.recv(65_536):
            got += part
    assert b"Traceback" not in got
    assert b" 200 " not in got.split(b"\r\n", 1)[0] or name == "nul in header"
    assert wire.http.get("/v1/health").status_code == 200


def _answer(response: httpx.Response) -> tuple[int, bytes]:
    return response.status_code, response.content

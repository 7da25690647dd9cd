"""Behind the scenes: faults, time, payers, books and notices by `/_control/`, over real HTTP."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.sandbox.faults import Fault, Operation
from server.sandbox.frame import PeerClock, Reply, Request
from server.sandbox.keys import is_signed
from server.sandbox.listening import HttpServer
from server.sandbox.run import FILE, Sandbox
from tests.factories.clocks import StandingClock
from tests.unit.server.sandbox.tiny_peer import TinyPeer


class Merchant:
    """Where notices come: keeps them all, and takes them unless told not to."""

    def __init__(self) -> None:
        self.got: list[Request] = []
        self.status = 200
        self.server = HttpServer(self._take)
        self.url = f"{self.server.host}/notices"

    def amounts(self) -> list[int]:
        return [json.loads(request.body)["amount"] for request in self.got]

    def _take(self, request: Request) -> Reply:
        self.got.append(request)
        return Reply(self.status)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys")


@pytest.fixture
def standing() -> StandingClock:
    return StandingClock()


@pytest.fixture
def sandbox(keys: Path, standing: StandingClock) -> Iterator[Sandbox]:
    running = Sandbox(None, keys, [TinyPeer], clock=PeerClock(standing.now))
    yield running
    running.stop()


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=sandbox.running["tiny"].host, timeout=5) as client:
        yield client


@pytest.fixture
def merchant() -> Iterator[Merchant]:
    merchant = Merchant()
    yield merchant
    merchant.server.stop()


def _control(client: httpx.Client, what: str, **asked: Any) -> Any:
    return client.post(f"/_control/{what}", json=asked).raise_for_status().json()


def _pay(client: httpx.Client, code: str = "100", **more: Any) -> httpx.Response:
    return client.post("/pay", json={"number": "n1", "amount": 100, "code": code} | more)


def test_a_fault_is_asked_for_and_seen_and_taken_back(client: httpx.Client) -> None:
    asked = _control(client, "faults", operation="pay", fault="rate_limited", count=2)
    assert asked == {"pay": [["rate_limited", 2]]}
    assert _pay(client).status_code == 429
    assert client.get("/_control/faults").json() == {"pay": [["rate_limited", 1]]}
    _control(client, "calm")
    assert _pay(client).status_code == 200


@pytest.mark.parametrize(
    "asked",
    [
        {"operation": "pay", "fault": "no such"},
        {"operation": "query", "fault": "declined"},
        {"operation": "pay", "fault": "declined", "count": 0},
        {"fault": "declined"},
    ],
)
def test_what_makes_no_sense_is_told(client: httpx.Client, asked: dict[str, Any]) -> None:
    answer = client.post("/_control/faults", json=asked)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_a_page_in_a_browser_cannot_reach_behind_the_scenes(client: httpx.Client) -> None:
    form = client.post("/_control/calm", content=b"{}", headers={"Content-Type": "text/plain"})
    assert form.status_code == 400
    assert client.get("/_control/nothing").status_code == 404


def test_time_is_moved_and_a_typing_payer_is_through(client: httpx.Client) -> None:
    assert _pay(client, "13491").json() == {"state": "paying"}
    before = client.get("/_control/clock").json()
    assert before["offset_s"] == 0
    _control(client, "clock", offset_s=20)
    assert client.get("/orders/n1").json() == {"state": "paid"}


def test_the_payer_is_played_and_the_books_are_read(client: httpx.Client) -> None:
    _pay(client, "13496")
    assert _control(client, "pay", number="n1", payer="somebody")["state"] == "paid"
    again = client.post("/_control/pay", json={"number": "n1"})
    assert (again.status_code, again.json()) == (409, {"error": "not_open"})
    books = client.get("/_control/books").json()
    (order,) = books["orders"]
    assert (order["payer"], order["net_amount"], order["way"]) == ("somebody", 100, "code")
    assert [(move["kind"], move["amount"]) for move in books["moves"]] == [("paid", 100)]


def test_a_notice_is_repeated_on_schedule_until_it_is_taken(
    sandbox: Sandbox, client: httpx.Client, merchant: Merchant, standing: StandingClock
) -> None:
    merchant.status = 500
    _pay(client, notice_url=merchant.url)
    assert sandbox.step() == 1
    assert sandbox.step() == 0
    standing.move(seconds=15)
    merchant.status = 200
    assert sandbox.step() == 1
    standing.move(days=2)
    assert sandbox.step() == 0
    assert len({request.body for request in merchant.got}) == 1


def test_a_notice_nobody_takes_is_given_up(
    sandbox: Sandbox, client: httpx.Client, merchant: Merchant, standing: StandingClock
) -> None:
    merchant.status = 500
    _pay(client, notice_url=merchant.url)
    for _ in range(30):
        sandbox.step()
        standing.move(hours=1)
    assert len(merchant.got) == 1 + len(TinyPeer.notice_delays_s)


@pytest.mark.parametrize(
    ("fault", "at_once", "later"),
    [
        (Fault.NOTICE_LOST, [], [100]),
        (Fault.NOTICE_LATE, [], [100]),
        (Fault.NOTICE_TWICE, [100, 100], []),
        (Fault.NOTICE_WRONG_AMOUNT, [101], [100]),
        (Fault.NOTICE_FORGED, [100], [100]),
    ],
)
def test_a_notice_goes_wrong_as_asked(
    sandbox: Sandbox,
    client: httpx.Client,
    merchant: Merchant,
    standing: StandingClock,
    fault: Fault,
    at_once: list[int],
    later: list[int],
) -> None:
    sandbox.running["tiny"].faults.ask(Operation.NOTICE, fault)
    _pay(client, notice_url=merchant.url)
    sandbox.step()
    assert merchant.amounts() == at_once
    standing.move(minutes=10)
    sandbox.step()
    assert merchant.amounts() == at_once + later


def test_notices_are_sent_again_in_any_order_and_forged(
    sandbox: Sandbox, client: httpx.Client, merchant: Merchant
) -> None:
    for number, code in (("n1", "1"), ("n2", "2")):
        _pay(client, code, number=number, notice_url=merchant.url)
    sandbox.step()
    first, second = (event["id"] for event in client.get("/_control/notices").json())
    merchant.got.clear()
    sent = _control(client, "notices", ids=[second, first], times=2)
    assert sent == [{"id": id, "status": 200} for id in (second, second, first, first)]
    numbers = [json.loads(request.body)["number"] for request in merchant.got]
    assert numbers == ["n2", "n2", "n1", "n1"]
    _control(client, "notices", ids=[first], tampering="forged")
    public = sandbox.running["tiny"].peer.keys.pair("tiny").public
    signatures = [base64.b64decode(request.headers["signature"]) for request in merchant.got]
    authentic = [
        is_signed(public, request.body, signature)
        for request, signature in zip(merchant.got, signatures, strict=True)
    ]
    assert authentic == [True] * 4 + [False]


def test_a_merchant_who_is_not_there_is_no_trouble(sandbox: Sandbox, client: httpx.Client) -> None:
    _pay(client, notice_url="http://127.0.0.1:9/nobody")
    assert sandbox.step() == 1
    (event,) = client.get("/_control/notices").json()
    assert event["due_at"] is not None


def test_many_counters_are_served_at_once(sandbox: Sandbox) -> None:
    host = sandbox.running["tiny"].host

    def pay(count: int) -> int:
        with httpx.Client(base_url=host, timeout=20) as client:
            return _pay(client, str(count), number=f"n{count}").status_code

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(pay, range(64))) == {200}
    assert len(sandbox.running["tiny"].peer.books.orders()) == 64


def test_a_sandbox_started_again_remembers_and_its_file_is_the_owners(
    tmp_path: Path, keys: Path
) -> None:
    for _ in range(2):
        sandbox = Sandbox(tmp_path, keys, [TinyPeer])
        sandbox.keep_stepping()
        sandbox.write(tmp_path / FILE)
        with httpx.Client(base_url=sandbox.running["tiny"].host, timeout=5) as client:
            assert _pay(client).json() == {"state": "paid"}
        sandbox.stop()
    told = json.loads((tmp_path / FILE).read_text())["peers"]["tiny"]
    assert told["host"] == sandbox.running["tiny"].host
    assert told["settings"]["key"].startswith("-----BEGIN PUBLIC KEY")
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


def test_a_sandbox_started_again_is_found_where_it_was_if_nobody_else_is_there(
    tmp_path: Path, keys: Path
) -> None:
    hosts = []
    for _ in range(2):
        sandbox = Sandbox(tmp_path, keys, [TinyPeer])
        sandbox.write(tmp_path / FILE)
        hosts.append(sandbox.running["tiny"].host)
        sandbox.stop()
    assert hosts[0] == hosts[1]
    first, second = Sandbox(tmp_path, keys, [TinyPeer]), Sandbox(tmp_path, keys, [TinyPeer])
    assert first.running["tiny"].host == hosts[0] != second.running["tiny"].host
    first.stop()
    second.stop()
    (tmp_path / FILE).write_text("{")
    Sandbox(tmp_path, keys, [TinyPeer]).stop()


def test_a_taken_port_leaves_nothing_running(sandbox: Sandbox, keys: Path) -> None:
    port = int(sandbox.running["tiny"].host.rsplit(":", 1)[1])
    with pytest.raises(OSError, match="in use"):
        Sandbox(None, keys, [TinyPeer], first_port=port)

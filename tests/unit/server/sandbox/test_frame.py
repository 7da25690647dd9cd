"""The frame by the smallest peer: real HTTP, and each fault is what its name says."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from server.sandbox.books import Books
from server.sandbox.entries import State
from server.sandbox.faults import ENDINGS, Fate, Fault, Faults, Operation, faults_of
from server.sandbox.frame import Desk, World
from server.sandbox.keys import Keys, is_signed
from server.sandbox.listening import HttpServer
from tests.factories.clocks import StandingClock
from tests.unit.server.sandbox.tiny_peer import TinyPeer


class Bench:
    """A tiny peer on a free port, and a client of it."""

    def __init__(self, keys: Keys) -> None:
        self.clock = StandingClock()
        self.books = Books(":memory:", self.clock.now)
        self.keys = keys
        self.faults = Faults()
        peer = TinyPeer(World(self.books, keys, self.clock.now, lambda count: bytes(count)))
        self.desk = Desk(peer, self.faults)
        self._server = HttpServer(self.desk.handle)
        self.client = httpx.Client(base_url=self._server.host, timeout=5)

    def pay(self, number: str = "n1", code: str = "100") -> httpx.Response:
        asked = {"number": number, "amount": 100, "code": code}
        return self.client.post("/pay", json=asked)

    def is_authentic(self, answer: httpx.Response) -> bool:
        signature = base64.b64decode(answer.headers.get("Signature", ""))
        return is_signed(self.keys.pair("tiny").public, answer.content, signature)

    def close(self) -> None:
        self.client.close()
        self._server.stop()
        self.books.close_file()


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return Keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def bench(keys: Keys) -> Iterator[Bench]:
    bench = Bench(keys)
    yield bench
    bench.close()


def test_an_undisturbed_call_is_done_answered_and_signed(bench: Bench) -> None:
    answer = bench.pay()
    assert answer.json() == {"state": "paid"}
    assert bench.is_authentic(answer)
    assert bench.client.get("/orders/n1").json() == {"state": "paid"}
    assert bench.client.get("/nothing").status_code == 404


def test_a_lost_request_did_nothing_and_a_lost_answer_did_it(bench: Bench) -> None:
    bench.faults.ask(Operation.PAY, Fault.LOST_REQUEST)
    bench.faults.ask(Operation.PAY, Fault.LOST_ANSWER)
    for number, state in (("n1", None), ("n2", State.PAID)):
        with pytest.raises(httpx.RemoteProtocolError):
            bench.pay(number, number)
        order = bench.books.look(number)
        assert (order and order.state) == state
    assert bench.pay("n3", "3").status_code == 200


def test_a_held_request_arrives_when_nobody_waits_any_more(bench: Bench) -> None:
    bench.faults.ask(Operation.PAY, Fault.HELD_REQUEST)
    with pytest.raises(httpx.RemoteProtocolError):
        bench.pay()
    assert bench.client.get("/orders/n1").status_code == 404
    bench.clock.move(seconds=20)
    assert bench.client.get("/orders/n1").json() == {"state": "paid"}


@pytest.mark.parametrize(
    ("fault", "status", "is_done"),
    [
        (Fault.RATE_LIMITED, 429, False),
        (Fault.SYSTEM_ERROR, 500, False),
        (Fault.SYSTEM_ERROR_AFTER, 500, True),
        (Fault.STRANGE_CODE, 200, True),
        (Fault.GARBAGE, 200, True),
        (Fault.SLOW_ANSWER, 200, True),
    ],
)
def test_trouble_is_told_and_says_truly_or_not_what_was_done(
    bench: Bench, fault: Fault, status: int, is_done: bool
) -> None:
    bench.faults.slow_ms = 1
    bench.faults.ask(Operation.PAY, fault)
    assert bench.pay().status_code == status
    assert (bench.books.look("n1") is not None) is is_done


@pytest.mark.parametrize("fault", [Fault.UNSIGNED, Fault.BADLY_SIGNED])
def test_an_answer_may_lack_its_signature(bench: Bench, fault: Fault) -> None:
    bench.faults.ask(Operation.QUERY, fault)
    bench.pay()
    assert not bench.is_authentic(bench.client.get("/orders/n1"))
    assert bench.is_authentic(bench.client.get("/orders/n1"))


def test_a_silent_order_breaks_every_connection_until_it_is_reversed(bench: Bench) -> None:
    for ask in (lambda: bench.pay(code="13893"), lambda: bench.client.get("/orders/n1")):
        with pytest.raises(httpx.RemoteProtocolError):
            ask()
    assert bench.client.post("/orders/n1/reverse").json() == {"state": "closed"}
    assert bench.client.get("/orders/n1").json() == {"state": "closed"}


def test_a_code_asks_for_its_payer_by_its_ending(bench: Bench) -> None:
    states = {"90": "declined", "91": "paying", "96": "paying", "00": "paid"}
    for ending, state in states.items():
        assert bench.pay(f"n{ending}", f"134{ending}").json() == {"state": state}


def test_what_is_asked_comes_before_the_ending_and_lets_calls_pass(bench: Bench) -> None:
    bench.faults.ask(Operation.PAY, None, 2)
    bench.faults.ask(Operation.PAY, Fault.DECLINED, None)
    answers = [bench.pay(f"n{count}", f"{count}90").json()["state"] for count in range(4)]
    assert answers == ["paid", "paid", "declined", "declined"]
    bench.faults.clear()
    assert bench.pay("n5", "500").json() == {"state": "paid"}


def test_a_fault_is_asked_for_only_where_it_can_happen() -> None:
    for operation, fault in ((Operation.QUERY, Fault.DECLINED), (Operation.PAY, Fault.NOTICE_LATE)):
        with pytest.raises(ValueError, match="cannot happen"):
            Faults().ask(operation, fault)
    assert all(fault in faults_of(Operation.PAY) for fault in ENDINGS.values())


def test_fate_is_the_same_for_the_same_seed() -> None:
    drawn = [[Fate(seed).fault(Operation.PAY) for _ in range(1)][0] for seed in range(300)]
    assert drawn == [Fate(seed).fault(Operation.PAY) for seed in range(300)]
    assert set(drawn) == {None, *faults_of(Operation.PAY)} - {Fault.SLOW_ANSWER}


def test_a_defect_of_a_peer_is_remembered_and_the_others_are_served(bench: Bench) -> None:
    assert bench.client.post("/pay", content=b"{").status_code == 500
    assert [type(defect).__name__ for defect in bench.desk.crashes] == ["JSONDecodeError"]
    assert bench.pay().status_code == 200


def test_stopping_ends_kept_connections_too(keys: Keys) -> None:
    bench = Bench(keys)
    bench.pay()
    bench._server.stop()
    with pytest.raises(httpx.TransportError):
        bench.pay("n2", "2")
    bench.client.close()
    bench.books.close_file()


def test_keys_are_made_once_and_for_their_owner_only(tmp_path: Path) -> None:
    first, again = Keys(tmp_path / "k"), Keys(tmp_path / "k")
    assert first.pair("a").private_pem == again.pair("a").private_pem
    root = first.certificate("root", common_name="Root")
    leaf = first.certificate("a", common_name="Merchant", issuer="root")
    assert leaf.issuer == root.subject
    leaf.verify_directly_issued_by(root)
    assert again.certificate("a", common_name="Merchant", issuer="root") == leaf
    assert leaf.public_key() == first.pair("a").public
    modes = {path.stat().st_mode & 0o777 for path in (tmp_path / "k").iterdir()}
    assert modes == {0o600}
    assert (tmp_path / "k").stat().st_mode & 0o777 == 0o700

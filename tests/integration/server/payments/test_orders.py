"""A payer scans the counter's code and chooses: one live attempt, one charge, a definite end."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connections

from server.cases.models import Case
from server.channels.channel import Forged, Notice, NoticeAnswer, Succeeded
from server.channels.models import ChannelNotice
from server.channels.open_channels import Channels, Opened
from server.channels.providers.simulated.channel import SimulatedChannel
from server.ledger.writer import Writer
from server.payments import api
from server.payments.expire_order import expire_order
from server.payments.models import Attempt, Payment
from server.payments.schedule import ORDER_LIFE
from server.runtime import Runtime
from server.work.handlers import Claimed
from sync.messages import (
    PAYER_UNKNOWN,
    CredentialKind,
    Evidence,
    Outcome,
    PaymentAnswer,
    PaymentRequest,
    Tender,
    decode,
    encode,
)
from tests.factories.clocks import StandingClock
from tests.factories.payments import Till, run, tiny_channel
from tests.factories.server_rows import SECRETS, Randomness, Rows
from tests.factories.terminals_api import TerminalsApi

ACCOUNT = UUID(int=77)
PAID_AFTER = timedelta(seconds=4)
SALE = {"channel/receivable": -1_200, "merchant/payable": 1_200}


class TellingChannel(SimulatedChannel):
    """A simulated channel that calls: its notices are authentic when they say so."""

    def read_notice(
        self, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> Notice | Forged:
        if headers.get("x-seal") != "good":
            return Forged("no seal")
        said = json.loads(body)
        return Notice(said["id"], said["number"], said["amount"], Succeeded("r1"))

    def answer_notice(self, *, is_taken: bool) -> NoticeAnswer:
        return NoticeAnswer(200 if is_taken else 400, b"ok" if is_taken else b"no", "text/plain")


class Stall:
    """A counter that shows codes, and the payers in front of it."""

    def __init__(self, till: Till, served: TerminalsApi, clock: StandingClock) -> None:
        self.till, self.api, self.clock = till, served, clock
        self.channel: TellingChannel

    def show(self) -> tuple[PaymentRequest, str]:
        """Open a sale for whoever scans; returns it with the path of its page's questions."""
        evidence = Evidence(credential=CredentialKind.PAYEE_CODE, assurance=0)
        sale = self.till.request(tender=Tender.CHANNEL, evidence=evidence, payer=PAYER_UNKNOWN)
        body = encode(sale)
        said = self.api.call("POST", "/v1/payments", body, self.till.devices[0])
        answer = decode(PaymentAnswer, said.content)
        assert (answer.outcome, answer.code) == (Outcome.AWAITING, "payments.awaiting")
        return sale, "/v1" + answer.data["pay_path"]

    def ask(self, path: str, **choice: str) -> dict[str, Any]:
        method = "POST" if choice else "GET"
        body = json.dumps(choice).encode() if choice else b""
        said: dict[str, Any] = self.api.call(method, path, body).json()
        return said

    def tell(self, number: str, amount: int, seal: str = "good", id: str = "n1") -> int:
        body = json.dumps({"id": id, "number": number, "amount": amount}).encode()
        path = f"/v1/notices/{ACCOUNT}"
        return self.api.call("POST", path, body, headers={"x-seal": seal}).status_code

    def state(self, sale: PaymentRequest) -> str:
        device, path = self.till.devices[0], f"/v1/payments/{sale.intent.payment_id}"
        return decode(PaymentAnswer, self.api.call("GET", path, b"", device).content).outcome.value


@pytest.fixture
def stall(database: str, tmp_path: Path) -> Iterator[Stall]:
    till = Till(Rows(), tiny_channel(tmp_path))
    clock = StandingClock(till.now)
    writer = Writer(clock)
    thread = threading.Thread(target=writer.run)
    channel = TellingChannel(tmp_path / "telling.sqlite3")
    opened = {"simulated": Opened(channel, frozenset({"wechat", "alipay", "scan"}))}
    place = (till.organisation, "simulated")
    channels = Channels(lambda *_, **__: opened, None, lambda id: place if id == ACCOUNT else None)
    with ThreadPoolExecutor(1) as reads:
        served = TerminalsApi(Runtime(writer, clock, SECRETS, Randomness(99), reads), clock)
        routes = api.routes(served.runtime, channels)
        is_outside = [place for place in routes if place[1].startswith(("/v1/pay/", "/v1/not"))]
        served.serve(routes, unsigned=tuple(is_outside))
        thread.start()
        made = Stall(till, served, clock)
        made.channel = channel
        yield made
        writer.stop()
        thread.join(20)
        reads.submit(connections.close_all).result()


def test_a_payer_chooses_and_the_counter_is_told_the_same_way_as_of_any_channel(
    stall: Stall,
) -> None:
    sale, path = stall.show()
    page = stall.ask(path)
    assert (page["amount"], page["outcome"]) == (1_200, "awaiting")
    assert page["kinds"] == {"alipay": ["scan"], "wechat": ["scan"]}
    chosen = stall.ask(path, kind="wechat", way="scan")
    assert chosen["code_text"].startswith("SIMULATED:")
    attempt = Attempt.objects.get()
    assert (attempt.state, attempt.way) == ("awaiting_payer", "scan")
    assert stall.tell(attempt.id.hex, 1_200) == 200
    assert stall.state(sale) == stall.ask(path)["outcome"] == "approved"
    assert stall.till.net(sale) == SALE


def test_choosing_twice_is_one_attempt(stall: Stall) -> None:
    _, path = stall.show()
    first, second = (stall.ask(path, kind="wechat", way="scan") for _ in range(2))
    assert first["code_text"] == second["code_text"]
    assert Attempt.objects.count() == 1


def test_a_notice_books_once_whenever_and_however_often_it_comes(stall: Stall) -> None:
    sale, path = stall.show()
    stall.ask(path, kind="alipay", way="scan")
    number = Attempt.objects.get().id.hex
    assert [stall.tell(number, 1_200) for _ in range(3)] == [200, 200, 200]
    assert stall.tell(number, 1_200, id="n2") == 200
    assert stall.till.net(sale) == SALE
    assert sorted(ChannelNotice.objects.values_list("key", "times")) == [("n1", 3), ("n2", 1)]


def test_a_forged_notice_is_kept_and_changes_nothing(stall: Stall) -> None:
    sale, path = stall.show()
    stall.ask(path, kind="alipay", way="scan")
    assert stall.tell(Attempt.objects.get().id.hex, 1_200, seal="bad") == 400
    assert (stall.state(sale), stall.till.net(sale)) == ("awaiting", {})
    kept = ChannelNotice.objects.get()
    assert (kept.is_authentic, kept.why, kept.taken_at) == (False, "no seal", None)


def test_a_notice_of_another_amount_is_not_believed(stall: Stall) -> None:
    sale, path = stall.show()
    stall.ask(path, kind="alipay", way="scan")
    assert stall.tell(Attempt.objects.get().id.hex, 1) == 200
    assert (stall.state(sale), stall.till.net(sale)) == ("awaiting", {})
    assert Case.objects.get().kind == "notice_amount"


def test_a_notice_of_an_order_that_is_not_ours_is_taken_and_books_nothing(stall: Stall) -> None:
    assert stall.tell("ab" * 16, 1_200) == 200
    assert stall.tell("no number", 1_200, id="n2") == 200
    assert stall.api.call("POST", "/v1/notices/nonsense", b"{}").status_code == 404


def test_a_token_that_we_did_not_make_opens_nothing(stall: Stall) -> None:
    _, path = stall.show()
    for wrong in (path[:-1] + ("0" if path[-1] != "0" else "1"), "/v1/pay/x", "/v1/pay/"):
        assert stall.ask(wrong)["code"] in ("orders.unknown", "envelopes.not_found")


def test_an_order_nobody_opened_ends_without_asking_a_channel(stall: Stall) -> None:
    sale, path = stall.show()
    row = Payment.objects.get()
    late = row.received_at + ORDER_LIFE
    due = Claimed(row.id, row.organisation, "payments.expire", row.id, late, {}, 1)
    assert expire_order(run, due, late) is None
    stall.clock.move(minutes=3)
    assert stall.state(sale) == "cancelled"
    assert stall.ask(path, kind="wechat", way="scan")["outcome"] == "cancelled"
    assert Attempt.objects.count() == 0


def test_the_counter_gives_up_an_order_that_a_payer_has_opened(stall: Stall) -> None:
    sale, path = stall.show()
    stall.ask(path, kind="wechat", way="scan")
    stall.till.cancel(sale)
    assert stall.state(sale) == "reversing"
    assert Attempt.objects.get().state == "reversing"

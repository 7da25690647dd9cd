"""The hot path through the real edge and the real writer: signed requests in, answers out."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.db import connections
from msgspec import structs

from server.channels.breaker import FAILURES
from server.channels.channel import Charge, PayOutcome, Unknown
from server.channels.providers.simulated.channel import SimulatedChannel
from server.ledger.models import LockedKey
from server.ledger.writer import Writer
from server.payments import api, plan, take_payment
from server.payments.models import Attempt, Payment
from server.people.models import Person
from server.runtime import Runtime
from sync.messages import (
    CredentialKind,
    Evidence,
    Failure,
    Outcome,
    PaymentAnswer,
    PaymentRequest,
    Tender,
    decode,
    encode,
)
from sync.pins import hash_pin
from tests.factories.clocks import StandingClock
from tests.factories.payments import CHANNEL_CODE, Till, only, tiny_channel
from tests.factories.server_rows import SECRETS, Randomness, Rows
from tests.factories.terminals_api import TerminalsApi

KNOWN_CODE: dict[str, Any] = {"tender": Tender.CHANNEL, "auth_code": CHANNEL_CODE}


class SlowChannel(SimulatedChannel):
    """Answers a payment only when let go: slow, as networks are."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.go = threading.Event()
        self.go.set()
        self.is_dead = False

    def pay(self, charge: Charge, now: datetime) -> PayOutcome:
        if self.is_dead:
            return Unknown("dead")
        self.go.wait(20)
        return super().pay(charge, now)


class Shop:
    """A till, its device, and the API in front of a running writer."""

    def __init__(self, till: Till, api_: TerminalsApi, channel: SlowChannel) -> None:
        self.till, self.api, self.channel = till, api_, channel
        self.device = till.devices[0]

    def send(self, request: PaymentRequest) -> httpx.Response:
        return self.api.call("POST", "/v1/payments", encode(request), self.device)

    def take(self, request: PaymentRequest) -> PaymentAnswer:
        response = self.send(request)
        assert response.status_code == 200, response.text
        return decode(PaymentAnswer, response.content)

    def ask(self, request: PaymentRequest) -> PaymentAnswer:
        path = f"/v1/payments/{request.intent.payment_id}"
        return decode(PaymentAnswer, self.api.call("GET", path, b"", self.device).content)

    def refused(self, request: PaymentRequest) -> tuple[int, str]:
        response = self.send(request)
        return response.status_code, decode(Failure, response.content).code


@pytest.fixture
def shop(database: str, tmp_path: Path) -> Iterator[Shop]:
    till = Till(Rows(), tiny_channel(tmp_path))
    clock = StandingClock(till.now)
    writer = Writer(clock)
    thread = threading.Thread(target=writer.run)
    channel = SlowChannel(tmp_path / "slow.sqlite3")
    with ThreadPoolExecutor(1) as reads:
        runtime = Runtime(writer, clock, SECRETS, Randomness(99), reads)
        served = TerminalsApi(runtime, clock)
        served.serve(api.routes(runtime, only(channel)))
        thread.start()
        yield Shop(till, served, channel)
        channel.go.set()
        writer.stop()
        thread.join(20)
        reads.submit(connections.close_all).result()


def test_a_sale_is_approved_sealed_and_replayed(shop: Shop) -> None:
    sale = shop.till.request()
    answer = shop.take(sale)
    assert (answer.outcome, answer.total) == (Outcome.APPROVED, 1_200)
    assert answer.mac == shop.till.mac(sale)
    assert answer.masked_name
    assert shop.take(sale).outcome is Outcome.APPROVED
    assert shop.ask(sale).outcome is Outcome.APPROVED
    assert Payment.objects.count() == 1


def test_a_payment_nobody_has_seen_is_not_found(shop: Shop) -> None:
    assert shop.ask(shop.till.request()).outcome is Outcome.NOT_FOUND


def test_what_makes_no_sense_is_refused_and_not_stored(shop: Shop) -> None:
    sale = shop.till.request()
    wrong_total = structs.replace(sale, intent=structs.replace(sale.intent, total=1))
    assert shop.refused(wrong_total) == (422, "payments.order_total")
    assert shop.refused(structs.replace(sale, binding_version=7)) == (
        422, "terminals.binding_unknown",
    )  # fmt: skip
    stranger = structs.replace(sale.intent, terminal_id=shop.till.rows.id())
    assert shop.refused(structs.replace(sale, intent=stranger)) == (403, "payments.not_yours")
    response = shop.api.call("POST", "/v1/payments", b'{"intent": 7}', shop.device)
    assert response.status_code == 400
    response = shop.api.call("GET", "/v1/payments/nonsense", b"", shop.device)
    assert decode(Failure, response.content).code == "ids.malformed"
    assert Payment.objects.count() == 0


def test_a_number_needs_its_pin_and_a_wrong_one_stores_nothing(shop: Shop) -> None:
    Person.objects.filter(id=shop.till.person.id).update(pin_hash=hash_pin("246810", b"s" * 16))
    evidence = Evidence(credential=CredentialKind.NUMBER, assurance=1)
    sale = shop.till.request(evidence=evidence, payer=f"number:{shop.till.person.number}")
    assert shop.take(sale).outcome is Outcome.NEED_SECOND_FACTOR
    wrong = shop.take(structs.replace(sale, pin="000000"))
    assert (wrong.outcome, wrong.code) == (Outcome.NEED_SECOND_FACTOR, "pins.wrong")
    assert Payment.objects.count() == 0
    assert not LockedKey.objects.filter(id=sale.intent.payment_id).exists()
    assert shop.take(structs.replace(sale, pin="246810")).outcome is Outcome.APPROVED


def test_after_five_wrong_pins_even_the_right_one_waits_for_tomorrow(shop: Shop) -> None:
    Person.objects.filter(id=shop.till.person.id).update(pin_hash=hash_pin("246810", b"s" * 16))
    evidence = Evidence(credential=CredentialKind.NUMBER, assurance=1)
    payer = f"number:{shop.till.person.number}"
    for _ in range(5):
        sale = shop.till.request(evidence=evidence, payer=payer, pin="000000")
        assert shop.take(sale).code == "pins.wrong"
    right = shop.till.request(evidence=evidence, payer=payer, pin="246810")
    assert shop.take(right).code == "pins.locked"
    assert Payment.objects.count() == 0
    assert shop.take(shop.till.request()).outcome is Outcome.APPROVED


def test_a_channel_that_answers_in_time_is_the_answer(shop: Shop) -> None:
    assert shop.take(shop.till.request(**KNOWN_CODE)).outcome is Outcome.APPROVED


def test_a_slow_channel_is_awaited_and_its_word_comes_later(shop: Shop) -> None:
    shop.channel.go.clear()
    sale = shop.till.request(**KNOWN_CODE)

    async def taken_and_finished() -> tuple[PaymentAnswer, PaymentAnswer]:
        desk = take_payment.TakePayment(shop.api.runtime, only(shop.channel))
        first = await desk.take(shop.till.terminal, sale)
        shop.channel.go.set()
        await desk.finish()
        return first, await desk.ask(shop.till.terminal, sale.intent.payment_id)

    first, then = shop.api.run(taken_and_finished())
    assert first.outcome is Outcome.AWAITING
    assert first.retry_after_ms > 0
    assert then.outcome is Outcome.APPROVED
    assert Attempt.objects.count() == 1


def test_a_channel_that_keeps_failing_is_refused_before_anything_is_sent(shop: Shop) -> None:
    shop.channel.is_dead = True
    sales = [shop.till.request(**KNOWN_CODE) for _ in range(FAILURES)]
    assert {shop.take(sale).outcome for sale in sales} == {Outcome.UNKNOWN}
    assert shop.refused(shop.till.request(**KNOWN_CODE)) == (422, "channels.breaker_open")
    assert shop.take(sales[0]).outcome is Outcome.UNKNOWN
    assert Payment.objects.count() == FAILURES


def test_a_code_no_channel_takes_is_refused(shop: Shop) -> None:
    sale = shop.till.request(tender=Tender.CHANNEL, auth_code="hello")
    assert shop.refused(sale) == (422, "codes.unknown")


def test_requests_that_come_together_are_planned_together(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned: list[int] = []

    def counted(asked: Any, kept: Any) -> Any:
        planned.append(len(asked))
        return plan.plan_payments(asked, kept)

    monkeypatch.setattr(take_payment, "plan_payments", counted)
    sales = [shop.till.request(total=100) for _ in range(20)]

    async def all_at_once() -> list[PaymentAnswer]:
        desk = take_payment.TakePayment(shop.api.runtime, only())
        return await asyncio.gather(*(desk.take(shop.till.terminal, sale) for sale in sales))

    answers = shop.api.run(all_at_once())
    assert {answer.outcome for answer in answers} == {Outcome.APPROVED}
    assert sum(planned) == 20
    assert len(planned) <= 3


def test_no_secret_of_the_payer_reaches_a_commands_repr(shop: Shop) -> None:
    seen: list[str] = []
    real = shop.api.runtime.writer.answer

    async def spied(command: Any, *, push: bool = False) -> Any:
        seen.append(repr(command))
        return await real(command, push=push)

    object.__setattr__(shop.api.runtime, "writer", _Spy(spied))
    shop.take(shop.till.request(**KNOWN_CODE))
    shop.take(shop.till.request(pin="246810"))
    assert len(seen) >= 2
    assert not [text for text in seen if CHANNEL_CODE in text or "246810" in text]


class _Spy:
    def __init__(self, answer: Any) -> None:
        self.answer = answer

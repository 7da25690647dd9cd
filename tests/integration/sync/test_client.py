"""What the counter hears at a sale: an answer, a refusal, or nothing in time; no exception."""

import json
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from domain.errors import Refused, Unavailable
from sync import messages
from sync.client import Client, Unanswered
from sync.messages import (
    FeedPage,
    Heartbeat,
    HeartbeatAnswer,
    Outcome,
    PaymentAnswer,
    PaymentRequest,
)
from sync.replica import Position
from tests.integration.sync.loopback_server import Answer, Got, Loopback, refused, said
from tests.unit.sync.makers import NOON, TERMINAL, Counter, terminal_key

PAYMENTS = "/v1/payments"
PATIENT_MS = 20_000
"""A busy machine is no slow server: only the test of the budget has a small one."""


def approve(got: Got) -> Answer:
    asked = messages.decode(PaymentRequest, got.body)
    answer = PaymentAnswer(payment_id=asked.intent.payment_id, outcome=Outcome.APPROVED)
    return said(answer)


def beat(counter: Counter) -> Heartbeat:
    head = counter.journal.head()
    return Heartbeat(
        journal_id=head.journal_id,
        head_sequence=head.sequence,
        head_hash=head.hash,
        acknowledged_sequence=0,
        waiting_count=1,
        waiting_amount=0,
        epoch="",
        cursor=0,
        stamp=counter.corrected.stamp(),
        software="1",
    )


def test_an_authorisation_is_signed_and_answered(
    counter: Counter, client: Client, loopback: Loopback
) -> None:
    loopback.routes[PAYMENTS] = approve
    asked = counter.request(pin="482915")
    answer = client.authorise(asked, PATIENT_MS)
    assert isinstance(answer, PaymentAnswer)
    assert answer.outcome is Outcome.APPROVED
    (got,) = loopback.got
    assert got.is_signed
    assert messages.decode(PaymentRequest, got.body).pin == "482915"
    assert got.headers["fanpiao-terminal"] == str(TERMINAL)


def test_a_silent_server_costs_the_budget_and_no_more(
    counter: Counter, client: Client, loopback: Loopback
) -> None:
    def hang(_: Got) -> Answer:
        loopback.hang.wait(20)
        return refused("server.stopping", 503)

    loopback.routes[PAYMENTS] = hang
    assert client.authorise(counter.request(), budget_ms=50) == Unanswered("server.slow")
    loopback.routes[PAYMENTS] = approve
    assert isinstance(client.authorise(counter.request(), PATIENT_MS), PaymentAnswer)


def test_nobody_there_is_unanswered(counter: Counter) -> None:
    client = Client("http://127.0.0.1:9", terminal_key(), TERMINAL, counter.corrected)
    try:
        assert client.authorise(counter.request(), PATIENT_MS) == Unanswered("server.unreachable")
        assert client.ask(UUID(int=5)) == Unanswered("server.unreachable")
        with pytest.raises(Unavailable, match=r"server\.unreachable"):
            client.push([])
    finally:
        client.close()


DEEP = b"[" * 100_000
OTHERS = messages.encode(PaymentAnswer(payment_id=UUID(int=999), outcome=Outcome.APPROVED))


@pytest.mark.parametrize(
    "answer",
    [
        (200, b""),
        (200, b"<html>log in to the network</html>"),
        (200, b"{}"),
        (200, b"\xff\xfe\x00"),
        (200, b'{"payment_id":"no","outcome":"approved"}'),
        (200, json.dumps({"payment_id": str(UUID(int=1)), "outcome": "sure"}).encode()),
        (200, DEEP),
        (200, b"[" + b"1," * 200_000 + b"1]"),
        (200, OTHERS),
        (302, b""),
        (404, b"not here"),
        (500, b"Traceback"),
        (502, b"<html>bad gateway</html>"),
    ],
)
def test_what_is_not_our_servers_word_is_no_answer(
    counter: Counter, client: Client, loopback: Loopback, answer: Answer
) -> None:
    loopback.routes[PAYMENTS] = lambda _: answer
    assert client.authorise(counter.request(), PATIENT_MS) == Unanswered("server.malformed")


@pytest.mark.parametrize(
    ("code", "status", "outcome"),
    [
        ("payments.key_reused", 409, Outcome.KEY_REUSED),
        ("payments.not_found", 404, Outcome.NOT_FOUND),
        ("payments.not_yours", 403, Outcome.REFUSED),
        ("terminals.revoked", 403, Outcome.REFUSED),
    ],
)
def test_a_refusal_is_the_servers_word_and_never_taken_offline(
    counter: Counter, client: Client, loopback: Loopback, code: str, status: int, outcome: Outcome
) -> None:
    loopback.routes[PAYMENTS] = lambda _: refused(code, status)
    answer = client.authorise(counter.request(), PATIENT_MS)
    assert isinstance(answer, PaymentAnswer)
    assert (answer.outcome, answer.code) == (outcome, code)


@pytest.mark.parametrize(
    ("code", "status"),
    [("server.overloaded", 503), ("terminals.busy", 429), ("errors.defect", 500)],
)
def test_a_server_that_cannot_now_is_unanswered(
    counter: Counter, client: Client, loopback: Loopback, code: str, status: int
) -> None:
    loopback.routes[PAYMENTS] = lambda _: refused(code, status)
    assert client.authorise(counter.request(), PATIENT_MS) == Unanswered(code)


def test_a_clock_a_day_off_is_mended_from_the_servers_answer_and_asked_again(
    counter: Counter, client: Client, loopback: Loopback
) -> None:
    right = counter.clock.at + timedelta(days=1)

    def by_clock(got: Got) -> Answer:
        if int(got.headers["fanpiao-time"]) < right.timestamp() * 1000 - 300_000:
            return refused("envelopes.clock_skew", 401, server_at=right)
        return approve(got)

    loopback.routes[PAYMENTS] = by_clock
    assert isinstance(client.authorise(counter.request(), PATIENT_MS), PaymentAnswer)
    assert counter.corrected.now() == right
    counter.reopen()
    assert counter.corrected.now() == right


def test_a_clock_that_cannot_be_mended_is_not_asked_for_ever(
    counter: Counter, client: Client, loopback: Loopback
) -> None:
    loopback.routes[PAYMENTS] = lambda _: refused("envelopes.clock_skew", 401, server_at=NOON)
    assert client.authorise(counter.request(), PATIENT_MS) == Unanswered("envelopes.clock_skew")
    assert len(loopback.got) == 2


def test_three_unanswered_of_ten_turn_the_counter_offline_first_and_probes_turn_it_back(
    counter: Counter, client: Client, loopback: Loopback
) -> None:
    loopback.routes[PAYMENTS] = lambda _: refused("server.overloaded", 503)
    for _ in range(3):
        assert client.is_online_first
        client.authorise(counter.request(), PATIENT_MS)
    assert not client.is_online_first
    loopback.routes["/v1/health"] = lambda _: (200, b'{"ok":true,"server_at":"x","waiting":0}')
    for _ in range(5):
        assert not client.is_online_first
        assert client.probe()
        counter.clock.advance(7.5)
    assert client.is_online_first


def test_the_payment_is_asked_for_by_its_id(client: Client, loopback: Loopback) -> None:
    payment_id = UUID(int=5)
    present = PaymentAnswer(payment_id=payment_id, outcome=Outcome.REVERSED)
    loopback.routes[f"{PAYMENTS}/{payment_id}"] = lambda _: said(present)
    assert client.ask(payment_id) == present
    assert loopback.got[0].is_signed


def test_a_pull_signs_its_query(client: Client, loopback: Loopback) -> None:
    page = FeedPage(epoch="E 1/ü", rows=(), cursor=3, has_more=False)
    loopback.routes["/v1/feed"] = lambda _: said(page)
    assert client.pull(Position("E 1/ü", 3)) == page
    (got,) = loopback.got
    assert got.query == {"epoch": "E 1/ü", "after": "3", "limit": "500"}
    assert got.is_signed


def test_a_heartbeat_teaches_the_clock(
    counter: Counter, client: Client, loopback: Loopback
) -> None:
    server_at = NOON + timedelta(seconds=90)
    answer = HeartbeatAnswer(state="active", epoch="E1", server_at=server_at)
    loopback.routes["/v1/heartbeat"] = lambda _: said(answer)
    client.heartbeat(beat(counter))
    assert counter.corrected.now() == server_at
    counter.clock.at -= timedelta(hours=3)
    counter.clock.advance(10)
    assert counter.corrected.now() == server_at + timedelta(seconds=10)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (lambda _: refused("records.too_many", 413), Refused),
        (lambda _: refused("server.overloaded", 503), Unavailable),
        (lambda _: (200, b"half an ans"), Unavailable),
    ],
)
def test_the_drain_raises_what_it_hears(
    client: Client, loopback: Loopback, answer: Callable[[Got], Answer], error: type[Exception]
) -> None:
    loopback.routes["/v1/records"] = answer
    with pytest.raises(error):
        client.push([])


def test_an_answer_that_drips_for_a_minute_is_given_up(
    counter: Counter, client: Client, loopback: Loopback
) -> None:
    def drip(_: Got) -> Answer:
        counter.clock.advance(61)
        return 200, b'{"dispositions":[]}'

    loopback.routes["/v1/records"] = drip
    with pytest.raises(Unavailable, match=r"server\.slow"):
        client.push([])

"""A sound terminal whose program went wrong: real messages with one field broken, well signed.

Rubbish is stopped at the door; what nearly fits goes deep, to the planner, the writer and the
database. Whatever it is, the answer is a clear failure or an answer, never a defect.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.authorization import Mode
from server.payments.models import Payment
from sync.messages import PushAnswer, Record, RecordKind, Status, decode, encode
from sync.signing import record_bytes, record_hash
from tests.journeys.bad_input.books import books_are_sound
from tests.journeys.bad_input.open_canteen import OpenCanteen, WalkUp
from tests.journeys.bad_input.test_malformed_bytes import Wire, is_a_clear_failure

ODD: list[Any] = [
    None, True, 0, -1, 1, 2**31, 2**62, 2**63 - 1, -(2**63), 1e300, 0.5, "", "\x00", "a\x00b",
    "é" * 400, "9" * 400, "person:", "card:\x00", "number:" + "9" * 300, "-0", [], {}, [[]],
    [None] * 300, {"": ""}, "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z",
    "2026-11-23T03:40:00", "2026-11-23T03:40:00+23:59", "00000000-0000-0000-0000-000000000000",
    "//8=", "\U0001f35a", "' OR 1=1 --", "{who}", "%s",
]  # fmt: skip


def places(value: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a message, so that any field may break."""
    if here:
        yield here
    if isinstance(value, dict | list):
        for name, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(inner, (*here, name))


def broken(message: Any, where: tuple[Any, ...], value: Any) -> Any:
    made = copy.deepcopy(message)
    inner = made
    for name in where[:-1]:
        inner = inner[name]
    inner[where[-1]] = value
    return made


@pytest.fixture(scope="module")
def wire(canteen: OpenCanteen, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    counter = WalkUp(canteen, tmp_path_factory.mktemp("mutated") / "counter")
    counter.learn()
    counter.serve()
    counter.pay_by_card()
    canteen.street.is_open = False
    counter.pay_by_card()
    canteen.street.is_open = True
    with httpx.Client(base_url=canteen.url, timeout=20, trust_env=False) as http:
        yield Wire(canteen, counter, http, [])
    counter.close()


def sample_bodies(wire: Wire) -> dict[str, Any]:
    """What this counter really says, as JSON values."""
    row = wire.counter.store.rows(
        "SELECT request FROM intent WHERE outcome = 'accepted' ORDER BY frozen_at LIMIT 1"
    )[0]
    beat = encode(wire.counter.pump._heartbeat_message())
    return {
        "/v1/payments": msgspec.json.decode(row[0]),
        "/v1/heartbeat": msgspec.json.decode(beat),
        "/v1/activate": {"code": "AAAA", "public_key": "A" * 43, "proof": "A" * 86, "serial": "s",
                         "software": "x"},
    }  # fmt: skip


def post(wire: Wire, path: str, body: bytes) -> httpx.Response:
    return wire.ask("POST", path, body, wire.signed("POST", path, body))


def is_understood_or_refused(response: httpx.Response) -> bool:
    """Whether it was taken, or refused with a reason; the server itself never gave way."""
    if response.status_code >= 400:
        is_a_clear_failure(response.status_code, response.content)
    return response.status_code != 503


@settings(max_examples=250, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_message_with_one_field_broken_is_understood_or_refused(
    wire: Wire, data: st.DataObject
) -> None:
    bodies = sample_bodies(wire)
    path = data.draw(st.sampled_from(sorted(bodies)))
    message = bodies[path]
    if path == "/v1/payments":
        message["intent"]["payment_id"] = str(uuid4())
    where = data.draw(st.sampled_from(list(places(message))))
    value = data.draw(st.sampled_from(ODD))
    response = post(wire, path, msgspec.json.encode(broken(message, where, value)))
    assert is_understood_or_refused(response), response.content


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_signed_record_with_one_field_broken_gets_its_disposition_and_stops_no_other(
    wire: Wire, data: st.DataObject
) -> None:
    kept = wire.counter.store.rows("SELECT kind, body FROM journal ORDER BY place")
    kind, body = data.draw(st.sampled_from([row for row in kept if row[0] != "journal_opened"]))
    message = msgspec.json.decode(body)
    where = data.draw(st.sampled_from(list(places(message))))
    value = data.draw(st.sampled_from(ODD))
    if kind == "acceptance":
        # Another sale, so that it is booked or judged anew, not replayed
        message["request"]["intent"]["payment_id"] = str(uuid4())
        message["request"]["intent"]["order_id"] = str(uuid4())
        message["mode"] = Mode.OFFLINE.value
    bad = msgspec.json.encode(broken(message, where, value))
    first, second = _records(wire, (kind, bad), ("event", _event(wire)))
    pushed = msgspec.json.encode({"records": [first, second]})
    response = post(wire, "/v1/records", pushed)
    assert response.status_code == 200, response.content
    answers = decode(PushAnswer, response.content).dispositions
    assert [one.sequence for one in answers] == [first.sequence, second.sequence]
    assert answers[1].status is Status.APPLIED, answers


def _event(wire: Wire) -> bytes:
    stamp = msgspec.json.decode(msgspec.json.encode(wire.counter.corrected.stamp()))
    return msgspec.json.encode({"name": "pin_wrong", "data": {"count": 1}, "stamp": stamp})


def _records(wire: Wire, *bodies: tuple[str, bytes]) -> list[Record]:
    """Records in a journal of their own, chained and signed as a counter does."""
    secrets = wire.counter.keys.load()
    assert secrets is not None
    journal_id, before = uuid4(), b""
    made = []
    for sequence, (kind, body) in enumerate(bodies, 1):
        record = Record(
            terminal_id=wire.counter.binding.terminal_id, key_id=secrets.key.key_id,
            journal_id=journal_id, sequence=sequence, previous_hash=before,
            kind=RecordKind(kind), body=body,
        )  # fmt: skip
        record = msgspec.structs.replace(record, signature=secrets.key.sign(record_bytes(record)))
        before = record_hash(record)
        made.append(record)
    return made


def test_after_all_that_the_books_are_sound_and_the_counter_drains(wire: Wire) -> None:
    assert os.environ["FANPIAO_DATABASE"]
    wire.counter.speak()
    assert wire.counter.journal.waiting().count == 0
    assert Payment.objects.filter(id__in=wire.counter.accepted(), state="succeeded").count() == 2
    books_are_sound(wire.canteen)

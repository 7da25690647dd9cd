"""A counter's journal in memory, pushed to the real edge, with a real writer behind it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
import pytest
from django.db import connections
from msgspec import structs

from server.audit.run_audit import Report, run_audit
from server.feed.sequencer import Sequencer
from server.http import TerminalIdentity
from server.inbox import api as inbox_api
from server.inbox.work import register_work
from server.ledger.writer import Writer
from server.runtime import Runtime
from server.work.worker import Worker
from sync import signing
from sync.messages import (
    Disposition,
    Message,
    PushAnswer,
    PushRequest,
    Record,
    RecordKind,
    decode,
    encode,
)
from tests.factories.clocks import StandingClock
from tests.factories.payments import Till
from tests.factories.server_rows import NOW, SECRETS, Device, Randomness, Rows
from tests.factories.terminals_api import TerminalsApi

GENESIS = bytes(32)


@dataclass
class Journal:
    """Signs and chains messages as a counter's store does."""

    device: Device
    id: UUID
    sequence: int = 0
    head: bytes = GENESIS
    sent: list[Record] = field(default_factory=list)

    def append(self, kind: RecordKind, message: Message) -> Record:
        """Add one row and return it."""
        self.sequence += 1
        record = self.device.key.sign_record(
            Record(
                terminal_id=self.device.terminal.id,
                key_id=self.device.key.key_id,
                journal_id=self.id,
                sequence=self.sequence,
                previous_hash=self.head,
                kind=kind,
                body=encode(message),
            )
        )
        self.head = signing.record_hash(record)
        self.sent.append(record)
        return record


class Counter:
    """A terminal with its journal, and a server that answers it."""

    def __init__(self, till: Till, api: TerminalsApi, device: Device, worker: Worker) -> None:
        self.till = till
        self.api = api
        self.device = device
        self.worker = worker
        self.journal = Journal(device, till.rows.id())

    def accept(self, total: int = 1_200, **changes: Any) -> Record:
        """Journal an offline sale of `total`."""
        return self.journal.append(
            RecordKind.ACCEPTANCE, self.till.acceptance(self.till.request(total, **changes))
        )

    def push(self, *records: Record) -> tuple[Disposition, ...]:
        """Push `records` and return what became of them."""
        answer = self.send(encode(PushRequest(records=records)))
        assert answer.status_code == 200, answer.text
        return decode(PushAnswer, answer.content).dispositions

    def fates(self, *records: Record) -> list[str]:
        """Push and return the statuses only."""
        return [str(disposition.status) for disposition in self.push(*records)]

    def send(self, body: bytes) -> httpx.Response:
        """Push any bytes, signed."""
        return self.api.call("POST", "/v1/records", body, self.device)

    def work(self, **later: float) -> None:
        """Let time pass and do the due work."""
        self.api.clock.move(**later)
        self.till.pass_time(**later)
        while self.worker.step(self.api.clock.now()):
            pass

    def audit(self) -> Report:
        """Number the feed and prove the books."""
        Sequencer(Randomness(5)).step(self.api.clock.now())
        return run_audit(self.api.clock.now())


@pytest.fixture
def counter(database: str, settings: Any) -> Iterator[Counter]:
    """A counter with a server on each engine."""
    clock = settings.CLOCK = StandingClock(NOW)
    writer = Writer(clock)
    thread = threading.Thread(target=writer.run)
    thread.start()
    try:
        with ThreadPoolExecutor(1) as reads:
            runtime = Runtime(writer, clock, SECRETS, Randomness(99), reads)
            api = TerminalsApi(runtime, clock)
            api.serve(inbox_api.routes(runtime))
            register_work(runtime)
            till = Till(Rows())
            device = till.rows.activated(till.rows.new_terminal("收银一号"))
            till.terminal = load_till_identity(device)
            yield Counter(till, api, device, Worker())
            reads.submit(connections.close_all).result()
    finally:
        writer.stop()
        thread.join()


def load_till_identity(device: Device) -> TerminalIdentity:
    """The identity of an activated device."""
    from server.fleet.authenticate import load_identities

    place = (device.terminal.id, device.key.key_id)
    found = load_identities([place])[place]
    assert found is not None
    return found


def forged(record: Record) -> Record:
    """The same row with one byte of its body changed."""
    return structs.replace(record, body=record.body[:-1] + b" }")

"""Somebody with the terminal's own key and wire tries to be paid twice, or more."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from fanpiao.demo.bench import Bench
from fanpiao.demo.cases.stage import Stage, must
from sync.client import Client, Unanswered
from sync.clocks import CorrectedClock
from sync.journal_rows import READ_COLUMNS, record_of
from sync.keystore import FileKeyStore, store_key
from sync.messages import Acceptance, Outcome, Record, RecordKind, Status, Tender, decode, encode
from sync.store import LocalStore
from terminal_app.terminal import KEYS

PUSHED_TWICE = 20


def duplicate_push(stage: Stage) -> None:
    """The same records arrive again, as after a lost answer."""
    stage.settle()
    records = _records(stage.second)[-PUSHED_TWICE:]
    with stage.costs_nothing("duplicate_push", count=0), _wire(stage, stage.second) as client:
        words = client.push(records).dispositions
        must(len(words) == len(records), "a record got no answer")
        wrong = {str(word.status) for word in words} - {Status.REPLAYED}
        must(not wrong, f"a record pushed twice was {wrong}")
        stage.tally.was_replayed(len(words))


def key_reuse(stage: Stage) -> None:
    """A payment id that has paid is sent again with a larger amount."""
    stage.settle()
    bodies = [one.body for one in _records(stage.second) if one.kind is RecordKind.ACCEPTANCE]
    accepted = [decode(Acceptance, body) for body in bodies]
    sale = next(one for one in reversed(accepted) if one.request.intent.tender is Tender.WALLET)
    intent = sale.request.intent
    line = msgspec.structs.replace(
        intent.lines[0], unit_amount=intent.total + 100, amount=intent.total + 100
    )
    larger = msgspec.structs.replace(intent, lines=(line,), total=intent.total + 100)
    request = msgspec.structs.replace(sale.request, intent=larger, order_total=larger.total)
    with stage.costs_nothing("key_reuse"), _wire(stage, stage.second) as client:
        answer = client.authorise(request, budget_ms=5000)
        must(not isinstance(answer, Unanswered), f"no answer: {answer}")
        assert not isinstance(answer, Unanswered)
        must(answer.outcome is Outcome.KEY_REUSED, f"the same id again was {answer.outcome}")
        stage.tally.was_refused(answer.code)


def tampered_record(stage: Stage) -> None:
    """A signed record's amount is changed on its way."""
    stage.settle()
    acceptances = [one for one in _records(stage.second) if one.kind is RecordKind.ACCEPTANCE]
    record = acceptances[-1]
    accepted = decode(Acceptance, record.body)
    intent = msgspec.structs.replace(accepted.request.intent, total=1)
    request = msgspec.structs.replace(accepted.request, intent=intent)
    body = encode(msgspec.structs.replace(accepted, request=request))
    forged = msgspec.structs.replace(record, body=body)
    with stage.costs_nothing("tampered_record"), _wire(stage, stage.second) as client:
        (word,) = client.push([forged]).dispositions
        must(word.status is Status.REJECTED, f"a forged record was {word.status}")
        stage.tally.was_refused(word.code)


@contextmanager
def _wire(stage: Stage, bench: Bench) -> Iterator[Client]:
    """The counter's own identity on a wire of our own."""
    secrets = FileKeyStore(bench.folder / KEYS).load()
    assert secrets is not None
    assert secrets.binding is not None
    with LocalStore(stage.canteen.folder / "wire.sqlite3") as store:
        clock = CorrectedClock(stage.canteen.clock, store)
        client = Client(stage.canteen.url, secrets.key, secrets.binding.terminal_id, clock)
        try:
            yield client
        finally:
            client.close()


def _records(bench: Bench) -> list[Record]:
    """Everything the counter ever journalled, read beside it with the counter's own key."""
    key = store_key(FileKeyStore(bench.folder / KEYS), os.urandom)
    with LocalStore(bench.store, is_read_only=True, seal_key=key) as store:
        rows = store.rows(f"SELECT {READ_COLUMNS} FROM journal ORDER BY place")
    return [record_of(tuple(row)) for row in rows]

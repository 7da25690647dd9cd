"""A whole server in one process: up, asked over its raw routes, down, and up again."""

import asyncio
import os
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from server.config.running import running
from server.feed.effects import FeedChange
from server.feed.epoch import read_state
from server.feed.models import Marker
from server.ledger.commands import Decision
from server.runtime import Secrets
from server.work.effects import DueRow
from server.work.models import Due
from server.writes import write_now
from tests.factories.clocks import StandingClock
from tests.factories.ledger import ORGANISATION, AskedFor, an_id

SECRETS = Secrets(b"\x07" * 32)


async def ask(application: Any, path: str) -> int:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "headers": [], "query_string": b""}
    await application(scope, receive, send)
    status: int = sent[0]["status"]
    return status


def test_a_server_runs_and_leaves_no_thread_behind(
    database: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FANPIAO_SECRETS", str(tmp_path / "secrets"))
    before = set(threading.enumerate())
    for _ in range(2):
        with running(StandingClock(), SECRETS, os.urandom) as application:
            assert asyncio.run(ask(application, "/v1/health")) == 200
            assert asyncio.run(ask(application, "/v1/feed")) == 401

    left = {thread.name for thread in set(threading.enumerate()) - before if thread.is_alive()}
    assert not left & {"writer", "worker", "sequencer", "reads_0"}
    assert read_state().epoch


def test_what_was_committed_last_is_numbered_before_the_server_ends(
    database: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from server.config import running as module
    from server.ledger.writer import Writer

    clock = StandingClock()
    monkeypatch.setenv("FANPIAO_SECRETS", str(tmp_path / "secrets"))
    writers: list[Writer] = []

    class Remembered(Writer):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            writers.append(self)

    monkeypatch.setattr(module, "Writer", Remembered)
    change = FeedChange(ORGANISATION, "site:1", "person", "a")
    with running(clock, SECRETS, os.urandom):
        future = writers[0].submit(AskedFor(lambda _: Decision("ok", effects=(change,))))

    assert future.result(timeout=0) == "ok"
    assert Marker.objects.get().number == 1
    connection.close()


def test_what_a_killed_server_had_claimed_is_due_at_once_where_nobody_else_can_hold_it(
    database: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FANPIAO_SECRETS", str(tmp_path / "secrets"))
    clock = StandingClock()
    later = clock.now() + timedelta(days=1)
    row = DueRow(an_id(), ORGANISATION, "work.of_nobody", an_id(), later)
    with transaction.atomic(), connection.cursor() as cursor:
        write_now(cursor, [row])
    Due.objects.update(claimed_until=later)
    with running(clock, SECRETS, os.urandom):
        pass
    left = Due.objects.get(id=row.id).claimed_until
    assert (left is None) == (connection.vendor == "sqlite")

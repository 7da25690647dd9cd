"""Ten thousand old rows or a dead channel keep nobody at a counter waiting."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection, transaction

from server.work import handlers, lanes
from server.work.effects import DueRow
from server.work.handlers import Claimed, Unanswered
from server.work.lanes import LATE_THREADS, LOOK_EVERY, Lanes
from server.work.models import Due
from server.writes import write_now
from tests.factories.clocks import NOON, StandingClock
from tests.factories.ledger import ORGANISATION, an_id

KIND = "query_attempt"
OLD = NOON - timedelta(hours=1)
WITHIN_S = 20.0


class Channel:
    """Answers what is fresh at once, and old work only when it lives again."""

    def __init__(self) -> None:
        self.lives, self.fresh, self.full = (threading.Event() for _ in range(3))
        self.stuck = 0
        self.done: list[UUID] = []
        self._lock = threading.Lock()

    def __call__(self, due: Claimed, now: datetime) -> datetime | None:
        if due.due_at == OLD:
            with self._lock:
                self.stuck += 1
                if self.stuck == LATE_THREADS:
                    self.full.set()
            assert self.lives.wait(WITHIN_S)
        else:
            self.fresh.set()
        with self._lock:
            self.done.append(due.subject_id)
        return None


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch) -> Channel:
    made = Channel()
    monkeypatch.setattr(handlers, "_handlers", {KIND: made})
    return made


@pytest.fixture
def worker(postgresql_database: str) -> Iterator[Lanes]:
    made = Lanes(StandingClock(NOON))
    yield made
    made.stop()


def write_rows(rows: list[DueRow]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        write_now(cursor, rows)


def make_due(at: datetime, count: int, gate: str = "") -> list[UUID]:
    rows = [DueRow(an_id(), ORGANISATION, KIND, an_id(), at, gate=gate) for _ in range(count)]
    write_rows(rows)
    return [row.subject_id for row in rows]


def test_what_has_just_become_due_passes_an_old_backlog_that_hangs(
    worker: Lanes, channel: Channel
) -> None:
    old = make_due(OLD, 100)
    worker.step(NOON)
    assert channel.full.wait(WITHIN_S)
    fresh = make_due(NOON, 1)
    worker.step(NOON + LOOK_EVERY)
    assert channel.fresh.wait(WITHIN_S)
    channel.lives.set()
    while worker.step(NOON):
        pass
    assert sorted(channel.done) == sorted([*old, *fresh])
    assert not Due.objects.exists()


def test_what_was_only_claimed_is_let_go_when_the_worker_stops(
    postgresql_database: str, channel: Channel
) -> None:
    worker = Lanes(StandingClock(NOON))
    make_due(OLD, lanes.AT_ONCE * LATE_THREADS)
    worker.step(NOON)
    assert channel.full.wait(WITHIN_S)
    assert Due.objects.filter(claimed_until=None).count() == 0
    threading.Timer(0.05, channel.lives.set).start()
    worker.stop()
    left = Due.objects.all()
    assert {row.claimed_until for row in left} <= {None}
    assert len(left) + len(channel.done) == lanes.AT_ONCE * LATE_THREADS


class Storm:
    """A provider that is asked again and again about old work, and then hangs."""

    def __init__(self, old: set[UUID]) -> None:
        self.old = old
        self.lives, self.fresh = threading.Event(), threading.Event()
        self.hangs = False
        self.first_looks = 0
        self.asked: list[UUID] = []

    def __call__(self, due: Claimed, now: datetime) -> datetime | None:
        if due.subject_id not in self.old:
            self.fresh.set()
            return None
        if self.hangs:
            assert self.lives.wait(WITHIN_S)
            return None
        self.asked.append(due.subject_id)
        return NOON + timedelta(seconds=1)


def test_a_backlog_that_is_put_off_and_due_again_does_not_count_as_new(
    postgresql_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = StandingClock(NOON)
    old = make_due(OLD, 60)
    storm = Storm(set(old))
    monkeypatch.setattr(handlers, "_handlers", {KIND: storm})
    worker = Lanes(clock)
    try:
        while Due.objects.filter(due_at=OLD).exists():
            worker.step(clock.at)
        storm.hangs = True
        clock.move(seconds=10)
        make_due(clock.at, 1)
        worker.step(clock.at)
        assert storm.fresh.wait(WITHIN_S), "somebody at a counter waits behind old work"
    finally:
        storm.lives.set()
        worker.stop()
    assert sorted(storm.asked) == sorted(old)


def test_new_work_that_hangs_does_not_keep_the_backlog_waiting(
    postgresql_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lives, done = threading.Event(), list[UUID]()

    def handler(due: Claimed, now: datetime) -> None:
        if due.due_at != OLD:
            assert lives.wait(WITHIN_S)
        else:
            done.append(due.subject_id)

    monkeypatch.setattr(handlers, "_handlers", {KIND: handler})
    worker = Lanes(StandingClock(NOON))
    make_due(NOON, 60)
    old = make_due(OLD, 60)
    try:
        while Due.objects.filter(due_at=OLD).exists():
            worker.step(NOON)
    finally:
        lives.set()
        worker.stop()
    assert sorted(done) == sorted(old)


class Silence:
    """A channel that says nothing until it lives again; the other one always answers."""

    def __init__(self) -> None:
        self.lives = False
        self.asked: list[str] = []
        self._lock = threading.Lock()

    def __call__(self, due: Claimed, now: datetime) -> datetime | None | Unanswered:
        with self._lock:
            self.asked.append(due.gate)
        is_silent = due.gate == "channel/down" and not self.lives
        return Unanswered(now + timedelta(seconds=5)) if is_silent else None


def test_a_silent_channel_is_asked_a_few_times_and_its_backlog_waits_for_it(
    postgresql_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, channel = StandingClock(NOON), Silence()
    monkeypatch.setattr(handlers, "_handlers", {KIND: channel})
    make_due(OLD, 200, "channel/down")
    make_due(OLD + timedelta(minutes=1), 50, "channel/up")
    worker = Lanes(clock)
    try:
        for _ in range(120):  # a minute
            work_out(worker, clock)
        asked = channel.asked.count("channel/down")
        assert channel.asked.count("channel/up") == 50
        assert 5 <= asked <= 25, "some at first, then one at a time with rests between"
        channel.lives = True
        for _ in range(100):
            work_out(worker, clock)
    finally:
        worker.stop()
    assert not Due.objects.exists()
    assert channel.asked.count("channel/down") == asked + 200


def work_out(worker: Lanes, clock: StandingClock) -> None:
    """Step until nothing is in hand, and let half a second pass."""
    while worker.step(clock.at):
        pass
    clock.move(seconds=0.5)


def test_workers_that_share_a_backlog_never_ask_twice_at_once(
    postgresql_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_hand, twice, done = set[UUID](), list[UUID](), Counter[UUID]()
    lock = threading.Lock()

    def handler(due: Claimed, now: datetime) -> datetime | None:
        with lock:
            if due.subject_id in in_hand:
                twice.append(due.subject_id)
            in_hand.add(due.subject_id)
            done[due.subject_id] += 1
            count = done[due.subject_id]
        if count == 1:
            # Its own command, or a notice, puts it again while it is still in hand
            write_rows([DueRow(due.id, ORGANISATION, KIND, due.subject_id, NOON, since=OLD)])
        with lock:
            in_hand.remove(due.subject_id)
        return None

    monkeypatch.setattr(handlers, "_handlers", {KIND: handler})
    subjects = make_due(OLD, 150)
    workers = [Lanes(StandingClock(NOON)) for _ in range(3)]
    stop = threading.Event()

    def run(worker: Lanes) -> None:
        moment = NOON
        while not stop.is_set():
            worker.step(moment)
            moment += LOOK_EVERY / 10
        worker.stop()
        connection.close()

    threads = [threading.Thread(target=run, args=(worker,)) for worker in workers]
    for thread in threads:
        thread.start()
    until = time.monotonic() + WITHIN_S
    while Due.objects.exists() and time.monotonic() < until:
        pass
    stop.set()
    for thread in threads:
        thread.join(WITHIN_S)
    assert not Due.objects.exists()
    assert (twice, set(done), set(done.values())) == ([], set(subjects), {2})

"""Due work is done once it is due, tried again when it fails, and never by two at a time."""

import threading
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction

from server.cases.models import Case
from server.config.overdue import open_overdue_cases
from server.work import handlers
from server.work.effects import DueDone, DueRow
from server.work.handlers import Claimed
from server.work.models import Due
from server.work.worker import (
    LEASE,
    LONGEST_DELAY,
    OVERDUE,
    Worker,
    backoff,
    claim,
    do,
    let_go,
    put_off,
)
from server.writes import write_now
from tests.factories.clocks import NOON
from tests.factories.ledger import ORGANISATION, an_id

KIND = "query_attempt"
SUBJECT = an_id()
GATE = "channel/bank"


class Handler:
    """Notes what it is asked to do, and answers or fails as told."""

    def __init__(self) -> None:
        self.seen: list[Claimed] = []
        self.again_at: datetime | None = None
        self.error: Exception | None = None

    def __call__(self, due: Claimed, now: datetime) -> datetime | None:
        assert not connection.in_atomic_block
        self.seen.append(due)
        if self.error:
            raise self.error
        return self.again_at


@pytest.fixture
def handler(monkeypatch: pytest.MonkeyPatch) -> Handler:
    made = Handler()
    monkeypatch.setattr(handlers, "_handlers", {KIND: made})
    return made


def make_due(at: datetime = NOON, **data: object) -> None:
    row = DueRow(an_id(), ORGANISATION, KIND, SUBJECT, at, data)
    with transaction.atomic(), connection.cursor() as cursor:
        write_now(cursor, [row])


def make_gated(count: int) -> None:
    rows = [DueRow(an_id(), ORGANISATION, KIND, an_id(), NOON, gate=GATE) for _ in range(count)]
    with transaction.atomic(), connection.cursor() as cursor:
        write_now(cursor, rows)


def test_work_is_done_when_it_is_due_and_then_gone(handler: Handler, database: str) -> None:
    make_due(NOON, channel="wechat")

    assert Worker().step(NOON - timedelta(seconds=1)) == 0
    assert Worker().step(NOON) == 1

    assert [(due.subject_id, due.data) for due in handler.seen] == [
        (SUBJECT, {"channel": "wechat"})
    ]
    assert not Due.objects.exists()


def test_a_handler_may_ask_to_come_again(handler: Handler, database: str) -> None:
    make_due()
    handler.again_at = NOON + timedelta(seconds=5)

    Worker().step(NOON)
    assert Worker().step(NOON + timedelta(seconds=4)) == 0
    handler.again_at = None
    assert Worker().step(NOON + timedelta(seconds=5)) == 1

    assert not Due.objects.exists()


def test_a_failure_comes_back_later_and_later(handler: Handler, database: str) -> None:
    make_due()
    handler.error = RuntimeError("the channel is gone")

    Worker().step(NOON)

    row = Due.objects.get()
    assert (row.due_at, row.attempts, row.last_error) == (
        NOON + backoff(1), 1, "RuntimeError",
    )  # fmt: skip
    assert backoff(1) < backoff(2) < backoff(3)
    assert backoff(99) == LONGEST_DELAY


def test_a_claim_keeps_others_away_until_its_lease_ends(handler: Handler, database: str) -> None:
    make_due()

    assert len(claim(NOON)) == 1
    assert claim(NOON + LEASE) == []
    assert len(claim(NOON + LEASE + timedelta(seconds=1))) == 1


def test_work_that_became_due_again_meanwhile_stays(handler: Handler, database: str) -> None:
    make_due()
    (claimed,) = claim(NOON)
    make_due(NOON + timedelta(minutes=1))

    do(claimed, NOON)

    assert Due.objects.get().due_at == NOON + timedelta(minutes=1)


def test_work_that_is_done_elsewhere_is_gone(handler: Handler, database: str) -> None:
    make_due()
    (claimed,) = claim(NOON)
    with transaction.atomic(), connection.cursor() as cursor:
        write_now(cursor, [DueDone(ORGANISATION, KIND, SUBJECT)])
    handler.again_at = NOON + timedelta(seconds=5)

    do(claimed, NOON)

    assert not Due.objects.exists()


def test_work_nobody_here_can_do_is_left_for_others(database: str) -> None:
    make_due()
    assert Worker().step(NOON) == 0
    assert Due.objects.get().claimed_until is None


def test_two_workers_never_claim_the_same_row(handler: Handler, postgresql_database: str) -> None:
    make_due()
    with transaction.atomic():
        assert len(claim(NOON)) == 1  # the inner atomic is a savepoint: its row lock is kept
        found: list[list[Claimed]] = []

        def other() -> None:
            found.append(claim(NOON))
            connection.close()

        thread = threading.Thread(target=other)
        thread.start()
        thread.join(timeout=10)

    assert found == [[]]


def test_overdue_work_becomes_one_case(handler: Handler, database: str) -> None:
    make_due()
    handler.error = RuntimeError("the channel is gone")
    Worker().step(NOON)
    assert open_overdue_cases(NOON) == 0

    late = NOON + OVERDUE + timedelta(seconds=1)
    assert open_overdue_cases(late) == open_overdue_cases(late) == 1

    case = Case.objects.get()
    assert (case.kind, case.subject_id, case.data["error"]) == (
        "overdue_work", SUBJECT, "RuntimeError",
    )  # fmt: skip


def test_work_due_again_while_somebody_does_it_waits_until_he_has_let_go(
    handler: Handler, database: str
) -> None:
    make_due()
    (claimed,) = claim(NOON)
    make_due(NOON)

    assert claim(NOON) == []
    do(claimed, NOON)

    assert Due.objects.get().claimed_until is None


def test_a_worker_that_lost_its_lease_changes_nothing(handler: Handler, database: str) -> None:
    make_due()
    (slow,) = claim(NOON)
    later = NOON + LEASE + timedelta(seconds=1)
    (quick,) = claim(later)

    do(slow, later)
    assert Due.objects.get().claimed_until == quick.held_until
    do(quick, later)
    assert not Due.objects.exists()


def test_a_claim_that_is_given_up_is_no_attempt(handler: Handler, database: str) -> None:
    make_due()
    for _ in range(3):
        let_go(claim(NOON))
    assert Due.objects.get().attempts == 0


def test_the_age_of_a_matter_stays_however_often_it_is_put_off(
    handler: Handler, database: str
) -> None:
    make_due()
    handler.again_at = NOON + timedelta(hours=1)
    Worker().step(NOON)
    assert Due.objects.get().since == NOON
    late = handler.again_at
    assert claim(late, newer_than=late - timedelta(minutes=1)) == []
    assert len(claim(late, older_than=late - timedelta(minutes=1))) == 1


def test_what_waits_at_a_closed_gate_is_not_overdue(handler: Handler, database: str) -> None:
    make_gated(3)
    late = NOON + OVERDUE - timedelta(seconds=1)
    put_off((ORGANISATION, "channel/other"), late)
    assert set(Due.objects.values_list("due_at", flat=True)) == {NOON}
    put_off((ORGANISATION, GATE), late)
    assert open_overdue_cases(late + timedelta(minutes=20)) == 0


def test_the_rows_of_a_gate_can_be_passed_over(handler: Handler, database: str) -> None:
    make_gated(2)
    make_due(NOON + timedelta(seconds=1))
    now = NOON + timedelta(seconds=2)
    assert [due.gate for due in claim(now, besides=[(ORGANISATION, GATE)])] == [""]
    assert [due.gate for due in claim(now, besides=[(None, "")])] == [GATE, GATE]

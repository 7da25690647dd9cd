"""What people decide of parked records, and the audit's word on records and journals."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection

from server.feed.models import Marker
from server.inbox.decide_parked import post_as_new, retry_parked, write_off
from server.inbox.models import Record as RecordRow
from server.inbox.recorded import DECIDE
from server.inbox.render_decisions import render_decisions
from server.payments.models import Payment
from server.work.effects import DueRow
from server.writes import write_now
from sync.messages import DecisionRow, RecordKind, Status, decode
from tests.factories.payments import other
from tests.integration.server.inbox.conftest import Counter


def parked(counter: Counter) -> RecordRow:
    """A sale under an id that the server knows for something else."""
    sale = counter.till.request(1_200)
    counter.till.online(sale)
    acceptance = counter.till.acceptance(other(sale))
    record = counter.journal.append(RecordKind.ACCEPTANCE, acceptance)
    (disposition,) = counter.push(record)
    assert (disposition.status, disposition.code) == (Status.PARKED, "payments.key_reused")
    return RecordRow.objects.get(status="parked")


def decision(counter: Counter, row: RecordRow) -> str:
    """What the feed tells the terminal about the record."""
    marker = Marker.objects.get(kind="decision")
    bodies = render_decisions(counter.till.terminal, [marker.entity])
    told = decode(DecisionRow, bodies[marker.entity])
    assert (told.journal_id, told.sequence) == (row.journal, row.sequence)
    return told.decision


def test_a_parked_sale_is_booked_as_a_new_payment(counter: Counter) -> None:
    row = parked(counter)
    booked = post_as_new(counter.api.runtime, row, "clerk", counter.till.now)
    assert booked.status is Status.APPLIED
    assert Payment.objects.count() == 2
    assert decision(counter, row) == "posted_as_new"
    assert counter.audit().findings == ()


def test_a_parked_sale_is_written_off_and_booked_never(counter: Counter) -> None:
    row = parked(counter)
    write_off(row, "clerk", counter.till.now)
    assert decision(counter, row) == "written_off"
    assert Payment.objects.count() == 1


def test_a_parked_sale_tried_again_stays_parked_while_its_cause_stands(counter: Counter) -> None:
    row = parked(counter)
    booked = retry_parked(counter.api.runtime, row, "clerk", counter.till.now)
    assert booked.status is Status.PARKED
    assert not Marker.objects.filter(kind="decision").exists()


def test_a_decision_of_the_console_is_carried_out_by_the_worker_once(counter: Counter) -> None:
    row = parked(counter)
    for decision_ in ("post_as_new", "write_off"):
        due = DueRow(
            row.id, row.organisation, DECIDE, row.id, counter.till.now,
            {"decision": decision_, "by": "clerk"},
        )  # fmt: skip
        with connection.cursor() as cursor:
            write_now(cursor, [due])
        counter.work(seconds=1)
    row.refresh_from_db()
    assert row.resolution == "posted_as_new"


def tamper(statement: str) -> Callable[[Counter], None]:
    """Change a row behind the server's back."""

    def change(_counter: Counter) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)

    return change


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("r10_records", tamper("UPDATE inbox_record SET subject_id = journal")),
        ("r10_records", tamper("UPDATE inbox_record SET status = 'waiting'")),
        ("r10_records", tamper("DELETE FROM inbox_record")),
        ("r11_journals", tamper("UPDATE inbox_record SET sequence = sequence + 1")),
        ("r11_journals", tamper("DELETE FROM inbox_record WHERE sequence = 1")),
        ("r11_journals", tamper("UPDATE inbox_journal SET top_sequence = 99")),
    ],
)
def test_the_audit_sees(counter: Counter, rule: str, change: Callable[[Counter], None]) -> None:
    counter.push(counter.accept(1_000), counter.accept(1_100))
    assert counter.audit().findings == ()
    change(counter)
    assert rule in counter.audit().broken

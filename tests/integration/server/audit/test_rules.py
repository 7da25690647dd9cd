"""Every rule can fail: broken by SQL, the audit names it; unbroken, it names none."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction

from server import sql
from server.audit.run_audit import Report, run_audit
from server.cases.effects import CaseOpened
from server.feed.models import Marker, Sequence
from server.ledger.apply import apply
from server.ledger.commands import CounterKey, Decision, HoldOpened, Increment
from server.ledger.models import Account, Counter, Hold
from server.ledger.triggers import IMMUTABLE
from server.organisations.models import Organisation
from tests.factories.ledger import (
    NOON,
    ORGANISATION,
    TODAY,
    AskedFor,
    account,
    an_id,
    moving,
)

MINE = {
    "r01_transfers", "r02_balances", "r06_holds_and_counters", "r07_suspense",
    "r09_subsidies_and_drawers", "r13_closed_days", "r14_organisations", "r15_feed",
}  # fmt: skip
PERSON = UUID("0198c000-0000-7000-8000-00000000aaaa")
CASH = account("cash", owner_id=PERSON, floor=0)
DEBT = account("debt", owner_id=PERSON)
BANK = account("bank", "organisation")
PAYABLE = account("payable", "merchant")
SUSPENSE = account("suspense_short", "organisation")
DISPUTED = account("disputed", "merchant")
SALE = UUID("0198c000-0000-7000-8000-00000000bbbb")
MEAL = CounterKey(ORGANISATION, "person:a", "meal", "2026-11-22/lunch", limit=1)


def applied(*commands: Any) -> None:
    with transaction.atomic():
        apply(connection, commands)


@pytest.fixture
def books(database: str) -> None:
    """A top-up, a sale, a hold, a meal, a disputed sale with its case."""
    Organisation.objects.create(id=ORGANISATION, name="样例", created_at=NOON)
    hold = HoldOpened(an_id(), CASH, 50, "payment", an_id(), NOON)
    case = CaseOpened(ORGANISATION, "over_cap", "payment", SALE, 70, NOON)
    increment = Increment(MEAL, 1, an_id())
    applied(
        moving((BANK, -500), (CASH, 500)),
        moving((CASH, -120), (PAYABLE, 120)),
        AskedFor(lambda _: Decision("held", holds=(hold,)), accounts=[CASH]),
        AskedFor(lambda _: Decision("ate", increments=(increment,)), counters=[MEAL]),
        moving((SUSPENSE, -70), (DISPUTED, 70), cause_id=SALE),
        AskedFor(lambda _: Decision("said", effects=(case,))),
    )


def audited() -> Report:
    return run_audit(NOON)


def broken() -> set[str]:
    report = audited()
    assert report.transfers >= 3
    return set(report.broken) & MINE


def unguarded(statement: str, *arguments: Any) -> None:
    """Change a fact as somebody would who switches the triggers off and on again."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for table in IMMUTABLE:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(statement, arguments)
            for table in IMMUTABLE:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            return
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'ledger%%'"
        )
        triggers = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
        cursor.execute(statement, arguments)
        for _, definition in triggers:
            cursor.execute(definition)


def _told(id: UUID) -> Any:
    """An id as the engine's driver wants it in plain SQL."""
    return id if connection.vendor == "postgresql" else id.hex


def insert_posting(transfer: UUID, on: UUID, amount: int, version: int) -> None:
    table = sql.Table.of(
        "ledger_posting",
        {"transfer": "uuid", "account": "uuid", "organisation": "uuid", "amount": "int8",
         "version": "int8"},
    )  # fmt: skip
    with connection.cursor() as cursor:
        sql.insert(cursor, table, [(transfer, on, ORGANISATION, amount, version)])


def insert_transfer(id: UUID, organisation: UUID = ORGANISATION) -> None:
    table = sql.Table.of(
        "ledger_transfer",
        {"id": "uuid", "organisation": "uuid", "cause_kind": "text", "cause_id": "uuid",
         "purpose": "text", "occurred_at": "timestamptz", "business_on": "date",
         "booked_on": "date"},
    )  # fmt: skip
    with connection.cursor() as cursor:
        row = (id, organisation, "payment", an_id(), "sale", NOON, TODAY, TODAY)
        sql.insert(cursor, table, [row])


def test_sound_books_break_no_rule(books: None) -> None:
    assert broken() == set()


def test_an_empty_database_breaks_no_rule(database: str) -> None:
    assert set(audited().broken) & MINE == set()


def test_a_transfer_without_postings_is_found(books: None) -> None:
    insert_transfer(an_id())
    assert broken() == {"r01_transfers"}


def test_a_transfer_that_does_not_sum_to_zero_is_found(books: None) -> None:
    unguarded("UPDATE ledger_posting SET amount = amount + 1 WHERE amount = 120")
    assert {"r01_transfers", "r02_balances"} <= broken()


def test_an_orphan_posting_is_found(books: None) -> None:
    insert_posting(an_id(), BANK.id, 1, 2)
    assert "r01_transfers" in broken()


def test_a_changed_balance_is_found(books: None) -> None:
    Account.objects.filter(id=PAYABLE.id).update(balance=121)
    assert broken() == {"r01_transfers", "r02_balances"}


def test_a_changed_version_is_found(books: None) -> None:
    Account.objects.filter(id=PAYABLE.id).update(version=7)
    assert broken() == {"r02_balances"}


def test_a_forgotten_hold_is_found(books: None) -> None:
    Account.objects.filter(id=CASH.id).update(held=0)
    assert broken() == {"r02_balances"}


def test_a_hold_said_to_be_posted_that_drew_nothing_is_found(books: None) -> None:
    Hold.objects.update(ended_at=NOON, posted=True)
    Account.objects.filter(id=CASH.id).update(held=0)
    assert broken() == {"r06_holds_and_counters"}


def test_a_counter_that_says_something_else_than_its_increments_is_found(books: None) -> None:
    Counter.objects.update(used=0)
    assert broken() == {"r06_holds_and_counters"}


def test_a_counter_over_its_limit_without_a_case_is_found(books: None) -> None:
    increment = Increment(MEAL, 1, an_id(), forced=True)
    applied(AskedFor(lambda _: Decision("ate", increments=(increment,)), counters=[MEAL]))
    assert broken() == {"r06_holds_and_counters"}

    case = CaseOpened(ORGANISATION, "over_cap", "payment", increment.cause_id, 0, NOON)
    applied(AskedFor(lambda _: Decision("said", effects=(case,))))
    assert broken() == set()


def test_suspense_without_an_open_case_is_found(books: None) -> None:
    applied(moving((SUSPENSE, -1), (DISPUTED, 1)))
    assert broken() == {"r07_suspense"}


def test_a_case_closed_over_money_in_suspense_is_found(books: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE cases_case SET closed_at = opened_at")
    assert broken() == {"r07_suspense"}


def test_more_taken_out_of_suspense_than_lay_there_is_found(books: None) -> None:
    applied(moving((SUSPENSE, 80), (DISPUTED, -80), cause_id=SALE, purpose="decided"))
    assert broken() == {"r07_suspense"}


def test_a_disputed_sale_that_only_one_side_forgot_is_found(books: None) -> None:
    applied(moving((SUSPENSE, 70), (BANK, -70), cause_id=SALE, purpose="decided"))
    assert broken() == {"r07_suspense"}


def test_a_transfer_booked_before_its_day_is_found(books: None) -> None:
    unguarded(
        "UPDATE ledger_transfer SET booked_on = '2026-01-01' WHERE cause_id = %s", _told(SALE)
    )
    assert broken() == {"r13_closed_days"}


def test_cash_beside_debt_is_found(books: None) -> None:
    applied(moving((DEBT, -10), (PAYABLE, 10)))
    assert broken() == {"r07_suspense"}


def test_a_subsidy_nobody_was_granted_is_found(books: None) -> None:
    share = account("subsidy", "grant_share", floor=0)
    applied(moving((BANK, -10), (share, 10)))
    assert broken() == {"r09_subsidies_and_drawers"}


def test_a_missing_trigger_is_found(books: None) -> None:
    with connection.cursor() as cursor:
        on = " ON ledger_posting" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER ledger_posting_refuse_update{on}")
    assert broken() == {"r13_closed_days"}


def test_a_trigger_switched_off_is_found(postgresql_database: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ledger_transfer DISABLE TRIGGER ledger_transfer_refuse_delete")
    report = audited()
    subjects = {found.subject for found in report.findings if found.rule == "r13_closed_days"}
    assert subjects == {"ledger_transfer_refuse_delete"}


def test_a_posting_that_went_missing_is_found(books: None) -> None:
    applied(moving((BANK, -5), (PAYABLE, 5)))
    unguarded("DELETE FROM ledger_posting WHERE amount IN (120, -120)")
    assert {"r01_transfers", "r02_balances", "r13_closed_days"} <= broken()


def test_money_that_left_its_organisation_is_found(books: None) -> None:
    other = an_id()
    Organisation.objects.create(id=other, name="别家", created_at=NOON)
    Account.objects.filter(id=PAYABLE.id).update(organisation=other)
    assert "r14_organisations" in broken()


def test_a_change_that_waits_for_its_number_is_found(books: None) -> None:
    late = NOON - timedelta(seconds=6)
    Marker.objects.create(
        organisation=ORGANISATION, scope="site:1", kind="person", entity="1", changed_at=late
    )
    assert broken() == {"r15_feed"}


def test_a_change_that_has_just_been_made_may_wait(books: None) -> None:
    Marker.objects.create(
        organisation=ORGANISATION, scope="site:1", kind="person", entity="1", changed_at=NOON
    )
    assert broken() == set()


def test_a_number_beyond_the_sequence_is_found(books: None) -> None:
    Sequence.objects.create(id=1, epoch="e", last_number=4, stepped_at=NOON)
    Marker.objects.create(
        organisation=ORGANISATION, scope="site:1", kind="person", entity="1", number=5
    )
    assert broken() == {"r15_feed"}


def test_a_rule_that_cannot_be_checked_is_a_finding(books: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ledger_hold RENAME TO elsewhere")
    report = audited()
    assert "r06_holds_and_counters" in report.broken
    assert any("could not be checked" in found.text for found in report.findings)
    assert len(report.rules) >= len(MINE)


def test_the_audit_sees_one_instant_and_keeps_nobody_waiting(books: None) -> None:
    """A sale commits while the audit runs; the audit sees either all of it or nothing."""
    committed: list[str] = []

    def sell_meanwhile(rule: str) -> None:
        if not committed:
            _in_another_connection()
        committed.append(rule)

    report = run_audit(NOON, sell_meanwhile)

    assert set(report.broken) & MINE == set()
    assert Account.objects.get(id=PAYABLE.id).balance == 121


def _in_another_connection() -> None:
    import threading

    def sell() -> None:
        applied(moving((BANK, -1), (PAYABLE, 1)))
        connection.close()

    thread = threading.Thread(target=sell)
    thread.start()
    thread.join(timeout=10)
    assert not thread.is_alive()

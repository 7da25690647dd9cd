"""A change and its entry in the log are one: neither is there without the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, connection
from django.test import Client, RequestFactory
from django.urls import reverse

from domain.errors import Defect
from server.biometrics.models import Notice
from server.cases.models import Case
from server.console.audit import write_entry
from server.console.models import AuditEntry, StaffGrant
from server.console.staff import close_account, end_role
from server.fleet.models import Terminal
from server.people.models import Person
from tests.factories.races import meeting
from tests.factories.server_rows import NOW, Rows
from tests.factories.staff import sign_in, staff

NO_ENTRY = (
    "CREATE TRIGGER no_entry BEFORE INSERT ON console_auditentry"
    " BEGIN SELECT RAISE(ABORT, 'the log is full'); END"
)

Change = tuple[str, dict[str, Any], Callable[[], object]]


def _person(rows: Rows) -> Change:
    person = rows.new_person()
    place = reverse("console:person", args=[person.id])
    return place, {"do": "freeze"}, lambda: Person.objects.get(id=person.id).state


def _terminal(rows: Rows) -> Change:
    terminal = rows.new_terminal()
    place = reverse("console:terminal", args=[terminal.id])
    sent = {"do": "revoke", "reason": "stolen"}
    return place, sent, lambda: Terminal.objects.get(id=terminal.id).state


def _new_terminal(rows: Rows) -> Change:
    sent = {"store": rows.store.id, "name": "Counter 9", "profile": "canteen"}
    return reverse("console:terminals"), sent, Terminal.objects.count


def _member(rows: Rows) -> Change:
    user = staff("other", "support", rows.organisation.id)
    place = reverse("console:member", args=[user.pk])
    return place, {"do": "close"}, lambda: User.objects.get(pk=user.pk).is_active


def _new_member(rows: Rows) -> Change:
    sent = {
        "username": "eva", "password": "correct horse battery", "role": "support",
        "place": str(rows.organisation.id),
    }  # fmt: skip
    return reverse("console:staff"), sent, User.objects.count


def _case(rows: Rows) -> Change:
    case = Case.objects.create(
        id=rows.id(), organisation=rows.organisation.id, kind="pricing_variance",
        subject_kind="order", subject_id=rows.id(), opened_at=NOW,
    )  # fmt: skip
    place = reverse("console:case", args=[case.id])
    sent = {"resolution": "checked", "reason": "looked"}
    return place, sent, lambda: Case.objects.get(id=case.id).closed_at


def _notice(rows: Rows) -> Change:
    sent = {"contact": "office", "servers": "here"}
    return reverse("console:faces"), sent, Notice.objects.count


@pytest.mark.parametrize(
    "change", [_person, _terminal, _new_terminal, _member, _new_member, _case, _notice]
)
def test_what_cannot_be_logged_is_not_done(
    sqlite_database: str, change: Callable[[Rows], Change]
) -> None:
    rows = Rows()
    administrator = staff("boss", "administrator", rows.organisation.id)
    client = sign_in(Client(), administrator)
    place, sent, read = change(rows)
    before = read()
    with connection.cursor() as cursor:
        cursor.execute(NO_ENTRY)
    with pytest.raises(DatabaseError):
        client.post(place, sent)
    assert read() == before
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER no_entry")
    client.post(place, sent)
    assert (read() != before, AuditEntry.objects.count()) == (True, 1)


def test_an_entry_outside_of_a_change_is_a_defect(sqlite_database: str) -> None:
    request = RequestFactory().post("/")
    with pytest.raises(Defect):
        write_entry(request, "staff.signed_in", actor="somebody")


def test_two_administrators_who_send_each_other_away_leave_one(database: str) -> None:
    organisation = Rows().organisation.id
    first = staff("first", "administrator", organisation)
    second = staff("second", "administrator", organisation)
    answer = meeting(lambda: close_account(second), lambda: close_account(first))
    assert answer == "staff.last_administrator"
    assert User.objects.filter(is_active=True).count() == 1


def test_two_administrators_who_end_each_others_role_leave_one(database: str) -> None:
    organisation = Rows().organisation.id
    for name in ("first", "second"):
        staff(name, "administrator", organisation)
    first, second = StaffGrant.objects.order_by("user__username")
    answer = meeting(
        lambda: end_role(second, now=NOW, by="first"),
        lambda: end_role(first, now=NOW, by="second"),
    )
    assert answer == "staff.last_administrator"
    assert StaffGrant.objects.filter(ended_at__isnull=True).count() == 1


def test_two_who_administer_everything_cannot_both_be_sent_away(database: str) -> None:
    Rows()
    first, second = staff("first"), staff("second")
    answer = meeting(lambda: close_account(second), lambda: close_account(first))
    assert answer == "staff.last_administrator"

"""Roles with their reach, two steps to sign in, wrong tries, and the log nobody can change."""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import urlencode

import openpyxl
import pyotp
import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from server.console.models import AuditEntry, RecoveryCode, SecondFactor, StaffGrant
from server.console.page import PAGES
from server.console.roles import StaffRole, permissions_of
from server.console.signing_in import second_factor
from server.fleet.models import Registration, Terminal
from server.organisations.pages import now, random, secrets
from server.people.models import Person
from tests.factories.server_rows import Rows
from tests.factories.spreadsheets import first_page
from tests.factories.staff import sign_in, staff

PASSWORD = "correct horse battery"


@pytest.fixture
def rows(sqlite_database: str) -> Rows:
    return Rows()


def signed_in(rows: Rows, role: str, site: Any = None) -> Client:
    merchant = rows.merchant.id if role == StaffRole.MERCHANT else None
    return sign_in(Client(), staff(role, role, rows.organisation.id, site, merchant))


def with_password(rows: Rows, name: str = "eva") -> User:
    user = staff(name, "manager", rows.organisation.id)
    user.set_password(PASSWORD)
    user.save()
    return user


def give_password(client: Client, name: str = "eva", password: str = PASSWORD) -> Any:
    fields = {"username": name, "password": password}
    return client.post(reverse("console:sign_in"), fields, HTTP_ACCEPT_LANGUAGE="en")


def set_up(user: User) -> tuple[str, list[str]]:
    secret = second_factor.begin(user, now=now(), random=random, secrets=secrets())
    codes = second_factor.confirm(user, now=now(), random=random, secrets=secrets())
    return secret, codes


def give_code(client: Client, code: str) -> Any:
    return client.post(reverse("console:sign_in_code"), {"code": code}, HTTP_ACCEPT_LANGUAGE="en")


def test_the_password_alone_opens_no_page(rows: Rows) -> None:
    with_password(rows)
    client = Client()
    answer = give_password(client)
    assert answer["location"].startswith(reverse("console:set_up_factor"))
    for place in (reverse("console:today"), reverse("admin:index"), reverse("console:home")):
        assert client.get(place).status_code == 302
    by_django = Client()
    by_django.force_login(User.objects.get(username="eva"))
    assert by_django.get(reverse("console:today")).status_code == 302
    assert by_django.get(reverse("admin:fleet_terminal_changelist")).status_code == 302


def test_the_first_sign_in_sets_up_the_second_step_and_shows_codes_once(rows: Rows) -> None:
    user, client = with_password(rows), Client()
    give_password(client)
    secret = second_factor.begin(user, now=now(), random=random, secrets=secrets())
    place = reverse("console:set_up_factor")
    assert secret[:4] in client.get(place).content.decode()
    assert client.post(place, {"code": "000000"}).status_code == 200
    assert not second_factor.has_factor(user)
    shown = client.post(place, {"code": pyotp.TOTP(secret).now()}).content.decode()
    assert shown.count("<code>") == second_factor.RECOVERY_CODES
    assert client.get(reverse("console:today")).status_code == 200
    # A confirmed secret is shown to nobody again
    assert client.get(place).status_code == 302
    assert secret.encode() not in bytes(SecondFactor.objects.get().sealed_secret)


def test_a_code_works_once_and_a_recovery_code_once(rows: Rows) -> None:
    user = with_password(rows)
    secret, codes = set_up(user)
    code = pyotp.TOTP(secret).now()
    first, second, third = Client(), Client(), Client()
    for client in (first, second, third):
        give_password(client)
    assert give_code(first, code).status_code == 302
    assert "used already" in give_code(second, code).content.decode()
    assert give_code(second, codes[0].lower()).status_code == 302
    assert give_code(third, codes[0]).status_code == 200
    assert RecoveryCode.objects.filter(used_at__isnull=False).count() == 1


@pytest.mark.parametrize("what", ["password", "code"])
def test_wrong_tries_make_the_right_one_wait(what: str, rows: Rows) -> None:
    secret, _codes = set_up(with_password(rows))
    client = Client()
    if what == "code":
        give_password(client)
    for _try in range(6):
        said = (
            give_password(client, password="wrong")
            if what == "password"
            else give_code(client, "000000")
        )
    assert "Too many" in said.content.decode()
    right = (
        give_password(client) if what == "password" else give_code(client, pyotp.TOTP(secret).now())
    )
    assert "Too many" in right.content.decode()
    other = give_password(Client(REMOTE_ADDR="10.0.0.9"))
    assert other.status_code == 302


@pytest.mark.parametrize("role", list(StaffRole))
def test_each_role_opens_its_pages_and_no_other(role: StaffRole, rows: Rows) -> None:
    client = signed_in(rows, role)
    for one in PAGES:
        if "<" in one.route:
            continue
        answer = client.get(reverse(f"console:{one.name}"))
        assert (answer.status_code != 403) == (role in one.roles), one.name


def test_least_privilege_in_the_back_room(rows: Rows) -> None:
    clerk, finance = signed_in(rows, "clerk"), signed_in(rows, "finance")
    assert clerk.get(reverse("admin:people_person_changelist")).status_code == 200
    assert clerk.get(reverse("admin:ledger_account_changelist")).status_code == 403
    assert finance.get(reverse("admin:ledger_account_changelist")).status_code == 200
    assert finance.get(reverse("admin:biometrics_template_changelist")).status_code == 403
    assert finance.get(reverse("admin:people_person_add")).status_code == 403
    for role in StaffRole:
        assert not {one for one in permissions_of([role]) if one.startswith("auth.")}
        assert not {one for one in permissions_of([role]) if "auditentry" in one}


def test_nobody_sees_another_organisation_or_site(rows: Rows) -> None:
    other = Rows(seed=2)
    far = rows.new_site("far")
    here, there = rows.new_terminal(), other.new_terminal()
    for client in (signed_in(rows, "support"), signed_in(rows, "administrator")):
        listed = client.get(reverse("console:terminals")).content.decode()
        assert str(here.id) in listed
        assert str(there.id) not in listed
        assert client.get(reverse("console:terminal", args=[there.id])).status_code == 404
        back = client.get(reverse("admin:fleet_terminal_change", args=[there.id]))
        assert back.status_code == 302
    at_far = sign_in(Client(), staff("far", "support", rows.organisation.id, far.id))
    assert at_far.get(reverse("console:terminal", args=[here.id])).status_code == 404
    assert (
        str(here.id) not in at_far.get(reverse("admin:fleet_terminal_changelist")).content.decode()
    )


def test_an_administrator_grants_only_within_reach(rows: Rows) -> None:
    other = Rows(seed=2)
    client = signed_in(rows, "administrator")
    fields = {
        "username": "new", "password": PASSWORD, "role": "finance",
        "place": str(other.organisation.id),
    }  # fmt: skip
    client.post(reverse("console:staff"), fields)
    assert not User.objects.filter(username="new").exists()
    client.post(reverse("console:staff"), {**fields, "place": str(rows.organisation.id)})
    assert StaffGrant.objects.get(user__username="new").role == "finance"
    at_site = sign_in(Client(), staff("s", "administrator", rows.organisation.id, rows.site.id))
    at_site.post(
        reverse("console:staff"),
        {**fields, "username": "x", "place": str(rows.organisation.id)},
    )
    assert not User.objects.filter(username="x").exists()


def test_the_last_administrator_stays(rows: Rows) -> None:
    client = signed_in(rows, "administrator")
    grant = StaffGrant.objects.get()
    place = reverse("console:member", args=[grant.user_id])
    client.post(place, {"do": "end", "grant": grant.id})
    grant.refresh_from_db()
    assert grant.ended_at is None


def test_closing_an_account_ends_its_sessions_at_once(rows: Rows) -> None:
    boss, clerk = signed_in(rows, "administrator"), signed_in(rows, "clerk")
    user = User.objects.get(username="clerk")
    boss.post(reverse("console:member", args=[user.pk]), {"do": "close"})
    assert clerk.get(reverse("console:my_account")).status_code == 302


def test_a_change_in_the_back_room_is_in_the_log_without_its_secrets(rows: Rows) -> None:
    client = signed_in(rows, "administrator")
    person = rows.new_person("7")
    place = reverse("admin:people_person_change", args=[person.id])
    fields = {
        "number": person.number, "name": "新名字", "category": person.category_id,
        "sites": [rows.site.id], "last_digits": "4321",
    }  # fmt: skip
    client.post(place, fields)
    entry = AuditEntry.objects.get(action="office.changed")
    assert (entry.actor, entry.subject_id) == ("administrator", str(person.id))
    assert (entry.before["name"], entry.after["name"]) == (person.name, "新名字")
    held = Person.objects.get(id=person.id)
    assert held.digits_hash
    assert entry.after["digits_hash"] == "•••"
    assert held.digits_hash not in str(entry.after)


def test_an_action_in_the_back_room_is_logged_row_by_row(rows: Rows) -> None:
    client = signed_in(rows, "administrator")
    terminal = rows.new_terminal()
    fields = {"action": "retire", "_selected_action": [str(terminal.id)]}
    client.post(reverse("admin:fleet_terminal_changelist"), fields)
    entry = AuditEntry.objects.get(action="office.retire")
    assert entry.after["state"] == Terminal.objects.get(id=terminal.id).state == "retired"


def test_the_log_is_append_only_on_both_engines(database: str) -> None:
    user = staff("root")
    client = sign_in(Client(), user)
    client.post(reverse("console:sign_out"))
    assert AuditEntry.objects.count() == 1
    for change in (
        lambda: AuditEntry.objects.update(actor="nobody"),
        lambda: AuditEntry.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert AuditEntry.objects.get().actor == "root"


def test_the_log_is_searched_by_word_actor_and_day(rows: Rows) -> None:
    client = signed_in(rows, "administrator")
    client.post(reverse("console:staff"), {
        "username": "new", "password": PASSWORD, "role": "finance",
        "place": str(rows.organisation.id),
    })  # fmt: skip
    place = reverse("console:audit")

    def shown(**asked: str) -> str:
        return client.get(f"{place}?{urlencode(asked)}").content.decode()

    assert "finance" in shown(words="staff.added")
    assert "finance" in shown(actor="admin", since="2020-01-01")
    assert "finance" not in shown(until="2020-01-01")
    assert "finance" not in shown(actor="nobody")


def test_a_post_without_an_entry_of_its_own_leaves_a_plain_one(rows: Rows) -> None:
    client = signed_in(rows, "administrator")
    before = AuditEntry.objects.count()
    terminal = rows.new_terminal()
    fields = {"do": "move", "name": terminal.name, "store": terminal.store_id, "profile": "canteen"}
    client.post(reverse("console:terminal", args=[terminal.id]), fields)
    entry = AuditEntry.objects.order_by("at").last()
    assert AuditEntry.objects.count() == before + 1
    assert entry is not None
    assert entry.action == "page.terminal"


def test_a_counters_five_elements_are_typed_logged_and_listed(rows: Rows) -> None:
    client = signed_in(rows, "administrator")
    terminal = rows.new_terminal()
    place = reverse("console:terminal", args=[terminal.id])
    listed = reverse("console:registrations")
    assert "还有 1 个窗口没有登记" in client.get(listed).content.decode()
    fields = {"do": "elements", "serial": "SN-0001", "acquirer": "48021000",
              "account": "6222020200001234500", "location": "Hall 1, window 3"}  # fmt: skip
    wrong = client.post(place, fields | {"serial": "?"}, follow=True).content.decode()
    assert "终端序列号应为 4 至 32 位" in wrong
    assert not Registration.objects.exists()
    client.post(place, fields)
    entry = AuditEntry.objects.get(action="terminals.elements_registered")
    assert entry.after["account"] == "…4500"
    assert "向收单机构登记了设备" in client.get(reverse("console:audit")).content.decode()
    shown = client.get(listed).content.decode()
    assert "SN-0001" in shown
    assert "6222020200001234500" not in shown
    sheet = openpyxl.load_workbook(io.BytesIO(client.get(f"{listed}?format=xlsx").content))
    told = [cell.value for cell in first_page(sheet)[2]]
    assert told[2:7] == ["SN-0001", "48021000", "商户 canteen", "6222020200001234500",
                         "Hall 1, window 3"]  # fmt: skip

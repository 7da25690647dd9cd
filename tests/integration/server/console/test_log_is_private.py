"""What tells of somebody's health is in no log: it says only that it changed."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from server.console.audit import HIDDEN
from server.console.models import AuditEntry
from server.people.models import Person
from tests.factories.server_rows import Rows
from tests.factories.staff import sign_in, staff


def test_an_allergy_is_not_copied_into_the_log(sqlite_database: str) -> None:
    rows = Rows()
    person = rows.new_person()
    client = sign_in(Client(), staff("root"))
    place = reverse("admin:people_person_change", args=[person.id])
    form = client.get(place).context["adminform"].form
    sent = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    sent = {name: value for name, value in sent.items() if value not in (None, [], "")}
    sent |= {"allergies": "peanuts", "sites": [rows.site.id]}
    assert client.post(place, sent).status_code == 302
    assert Person.objects.get(id=person.id).allergies == "peanuts"
    entry = AuditEntry.objects.get(action="office.changed")
    assert (entry.before["allergies"], entry.after["allergies"]) == (HIDDEN, HIDDEN)
    assert "peanuts" not in f"{entry.before}{entry.after}"

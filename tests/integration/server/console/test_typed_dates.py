"""Days that no clock can reckon with are told to whoever typed them, wherever they are typed."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin import site
from django.forms import DateField, DateTimeField, SplitDateTimeField
from django.test import Client, RequestFactory
from django.urls import reverse

from server.biometrics.read_register import _date
from server.console.office import refuse_impossible
from server.people.bind_card import bind_card
from tests.factories.server_rows import NOW, Randomness, Rows
from tests.factories.staff import sign_in, staff

FAR = ("9999-12-31", "0001-01-01", "9999-01-01", "0000-00-00", "-1", "2026-02-31")
SAID = "between the years 1900 and 2199"


@pytest.fixture
def rows(sqlite_database: str) -> Rows:
    return Rows()


@pytest.fixture
def client(rows: Rows) -> Client:
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    return sign_in(client, staff("boss", "administrator", rows.organisation.id))


def said(client: Client, place: str, sent: dict[str, Any]) -> str:
    return client.post(place, sent, follow=True).content.decode()


@pytest.mark.parametrize("day", FAR)
def test_a_day_of_leaving(rows: Rows, client: Client, day: str) -> None:
    person = rows.new_person()
    place = reverse("console:person", args=[person.id])
    assert SAID in said(client, place, {"do": "leave", "leaves_on": day})
    sent = {"from_0": "7.1", "leaves_0": "1", "leaves_on": day}
    person.department = "7.1"
    person.save()
    assert SAID in said(client, reverse("console:people_classes"), sent)


@pytest.mark.parametrize("day", FAR)
def test_the_last_day_of_a_subsidy(rows: Rows, client: Client, day: str) -> None:
    rows.new_person()
    sent = {"by": "selection", "name": "Lunch", "amount": "10", "last_day": day}
    assert SAID in said(client, reverse("console:subsidies"), sent)


@pytest.mark.parametrize("day", FAR)
def test_the_hour_a_card_got_lost(rows: Rows, client: Client, day: str) -> None:
    card = bind_card(rows.new_person(), "ab" * 32, now=NOW, random=Randomness(3))
    place = reverse("console:card", args=[card.id])
    assert SAID in said(client, place, {"do": "lose", "lost_at": f"{day}T00:00"})


@pytest.mark.parametrize("day", FAR)
def test_days_that_pages_are_asked_for(client: Client, day: str) -> None:
    for place in ("console:today", "console:audit"):
        asked = {"day": day, "since": day, "until": day}
        assert client.get(reverse(place), asked).status_code == 200


@pytest.mark.parametrize("day", FAR)
def test_the_first_day_of_an_agreement_in_the_back_room(
    rows: Rows, client: Client, day: str
) -> None:
    sent = {"merchant": rows.merchant.id, "starts_on": day, "organisation": rows.organisation.id}
    answer = client.post(reverse("admin:merchants_agreement_add"), sent)
    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors["starts_on"]


def test_every_day_in_every_form_of_the_back_room_is_looked_at(rows: Rows) -> None:
    request = RequestFactory().get("/")
    request.user = staff("everybody")
    days = [
        (model._meta.label, name, field)
        for model, page in site._registry.items()
        if page.has_add_permission(request) or page.has_change_permission(request)
        for name, field in page.get_form(request).base_fields.items()
        if isinstance(field, DateField | DateTimeField | SplitDateTimeField)
    ]
    assert {"merchants.Agreement", "catalogue.Price"} <= {label for label, _name, _field in days}
    assert not [one for one in days if refuse_impossible not in one[2].validators]


@pytest.mark.parametrize("day", FAR)
def test_days_of_a_register_of_consents(day: str) -> None:
    assert _date(day) is None

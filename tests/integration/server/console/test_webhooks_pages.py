"""Webhooks in the console: the secret is shown once, and what was sent can be sent again."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from server.console.models import AuditEntry
from server.open_api.addresses import SETTING
from server.open_api.models import Endpoint, Event, EventState
from server.open_api.note_events import DELIVER
from server.work.models import Due
from tests.factories.server_rows import Rows
from tests.factories.staff import sign_in, staff

ADDRESS = "http://127.0.0.1:9/in"


class Office:
    """A school with a merchant, an administrator and somebody who may only look."""

    def __init__(self) -> None:
        self.rows = Rows()
        organisation = self.rows.organisation.id
        english = {"accept-language": "en"}
        self.client = sign_in(Client(headers=english), staff("eva", "administrator", organisation))
        self.helper = sign_in(Client(headers=english), staff("sue", "support", organisation))

    def add(self, url: str = ADDRESS) -> str:
        fields = {"merchant": str(self.rows.merchant.id), "url": url}
        answer = self.client.post(reverse("console:webhooks"), fields, follow=True)
        return answer.content.decode()

    def do(self, what: str, **fields: str) -> str:
        address = reverse("console:webhook", args=[Endpoint.objects.get().id])
        return self.client.post(address, {"do": what, **fields}, follow=True).content.decode()


@pytest.fixture
def office(sqlite_database: str, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setenv(SETTING, "127.0.0.0/8")
    return Office()


def secret_in(page: str) -> str:
    found = re.search(r"whsec_[A-Za-z0-9+/=]+", page)
    assert found, page
    return found[0]


def test_the_secret_is_shown_once_and_stays_in_no_row_page_or_log(office: Office) -> None:
    secret = secret_in(office.add())
    endpoint = Endpoint.objects.get()
    for name, arguments in (("webhooks", []), ("webhook", [endpoint.id])):
        assert "whsec_" not in office.client.get(
            reverse(f"console:{name}", args=arguments)
        ).content.decode()  # fmt: skip
    kept = f"{list(Endpoint.objects.values())} {list(AuditEntry.objects.values())}"
    assert secret.removeprefix("whsec_") not in kept
    assert endpoint.sealed_secret not in str(list(AuditEntry.objects.values()))
    assert secret_in(office.do("renew")) != secret
    assert AuditEntry.objects.filter(action="webhooks.renewed").count() == 1


def test_an_address_that_is_no_good_says_why_and_adds_nothing(office: Office) -> None:
    assert "private network" in office.add("https://10.0.0.1/in")
    assert "https://" in office.add("http://example.com/in")
    assert not Endpoint.objects.exists()


def test_a_merchant_has_one_address(office: Office) -> None:
    office.add()
    assert "Choose a merchant" in office.add()
    assert Endpoint.objects.count() == 1


def test_a_test_event_is_queued_and_shown_and_what_was_given_up_is_sent_again(
    office: Office,
) -> None:
    office.add()
    assert "test event" in office.do("test")
    event = Event.objects.get()
    Due.objects.filter(kind=DELIVER).delete()
    Event.objects.update(state=EventState.GIVEN_UP)
    address = reverse("console:webhook_event", args=[event.id])
    assert "Under way" not in office.helper.get(address).content.decode()
    assert "Under way" in office.helper.post(address, follow=True).content.decode()
    assert Due.objects.get(kind=DELIVER).subject_id == event.id
    assert AuditEntry.objects.get(action="webhooks.sent_again").actor == "sue"


def test_whoever_may_only_look_adds_and_changes_nothing(office: Office) -> None:
    fields = {"merchant": str(office.rows.merchant.id), "url": ADDRESS}
    office.helper.post(reverse("console:webhooks"), fields)
    assert not Endpoint.objects.exists()
    office.add()
    address = reverse("console:webhook", args=[Endpoint.objects.get().id])
    assert office.helper.post(address, {"do": "disable"}).status_code == 403
    office.do("disable")
    assert not Endpoint.objects.get().is_enabled


def test_events_are_found_by_their_state(office: Office) -> None:
    office.add()
    office.do("test")
    id = str(Event.objects.get().id)
    address = reverse("console:webhooks")
    assert id in office.helper.get(address, {"state": "waiting"}).content.decode()
    assert id not in office.helper.get(address, {"state": "delivered"}).content.decode()

"""Sending a member of staff away, on both engines: the last administrator stays."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from tests.factories.server_rows import Rows
from tests.factories.staff import sign_in, staff


def test_an_administrator_sends_another_away(database: str) -> None:
    organisation = Rows().organisation.id
    first = staff("first", "administrator", organisation)
    second = staff("second", "administrator", organisation)
    client = sign_in(Client(), first)
    client.post(reverse("console:member", args=[second.pk]), {"do": "close"})
    assert not User.objects.get(pk=second.pk).is_active


def test_a_name_with_nul_is_a_bad_request(database: str) -> None:
    client = Client(raise_request_exception=False)
    answer = client.post(reverse("console:sign_in"), {"username": "a\0b", "password": "x"})
    assert answer.status_code == 400

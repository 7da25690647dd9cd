"""The books in the back office: every page opens, none lets anybody write."""

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from server.cases.effects import CaseOpened
from server.ledger.apply import apply
from server.ledger.models import Account, Transfer
from server.read_only import ReadOnlyAdmin
from server.writes import write_now
from tests.factories.ledger import NOON, ORGANISATION, account, an_id, moving
from tests.factories.staff import sign_in

READ_ONLY = [
    model for model, page in admin.site._registry.items() if isinstance(page, ReadOnlyAdmin)
]


@pytest.fixture
def client(sqlite_database: str) -> Client:
    user = get_user_model()._default_manager.create(
        username="root", is_staff=True, is_superuser=True
    )
    return sign_in(Client(HTTP_HOST="localhost"), user)


@pytest.fixture
def sold(client: Client) -> None:
    case = CaseOpened(ORGANISATION, "over_cap", "payment", an_id(), 70, NOON)
    with transaction.atomic(), connection.cursor() as cursor:
        apply(connection, [moving((account("cash"), -120), (account("payable"), 120))])
        write_now(cursor, [case])


@pytest.mark.parametrize("model", READ_ONLY, ids=lambda model: model.__name__)
def test_a_page_of_the_books_opens_and_adds_nothing(
    model: type, client: Client, sold: None
) -> None:
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"  # type: ignore[attr-defined]

    assert client.get(reverse(f"{name}_changelist")).status_code == 200
    assert client.get(reverse(f"{name}_add")).status_code == 403


def test_a_transfer_shows_its_legs(client: Client, sold: None) -> None:
    page = client.get(reverse("admin:ledger_transfer_change", args=[Transfer.objects.get().id]))

    assert page.status_code == 200
    assert "+120" in page.content.decode()


def test_nobody_writes_a_balance(client: Client, sold: None) -> None:
    first = Account.objects.order_by("balance")[0]
    page = reverse("admin:ledger_account_change", args=[first.id])

    assert client.post(page, {"balance": "0"}).status_code == 403
    assert Account.objects.get(id=first.id).balance == -120


def test_a_stranger_is_asked_to_log_in(client: Client) -> None:
    answer = Client(HTTP_HOST="localhost").get("/admin/", follow=True)

    assert answer.redirect_chain[-1][0].startswith("/console/sign-in/")

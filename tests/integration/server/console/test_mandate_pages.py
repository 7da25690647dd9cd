"""A person's bank debit: asked for and cancelled by finance, with an entry in the log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from django.test import Client
from django.urls import reverse

from server.channels.add_account import add_account
from server.channels.open_channels import Channels, Opened
from server.channels.providers.simulated.channel import SimulatedChannel
from server.console.channel_desk import ChannelDesk, _held, forget_channels
from server.console.models import AuditEntry
from server.organisations.pages import now
from server.people.models import Person
from server.wallets.models import Mandate
from server.work.models import Due
from tests.contract.channels.benches import Bench, bench_of
from tests.factories.server_rows import Rows
from tests.factories.staff import sign_in, staff
from tests.integration.server.audit.test_mandate_rules import Lunch

FORM = {
    "channel": "bank", "account_tail": "0001", "holder": "张父", "payment_cap": "50",
    "day_cap": "100.00", "claim_cap": "50", "evidence": "柜 7-12", "do": "ask",
}  # fmt: skip


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with bench_of("bank", tmp_path_factory.mktemp("peer-keys")) as bench:
        yield bench


@contextmanager
def channels(bench: Bench, path: Path) -> Iterator[None]:
    """The process's channels, as the wiring hands them to the pages."""
    simulated = SimulatedChannel(path / "simulated.sqlite3")
    opened = {one.name: Opened(one, frozenset()) for one in (bench.channel, simulated)}
    _held[:] = [ChannelDesk(cast(Any, None), Channels(lambda *_, **__: opened))]
    try:
        yield
    finally:
        forget_channels()
        simulated.close()


@pytest.fixture
def person(sqlite_database: str, bench: Bench, tmp_path: Path) -> Iterator[Person]:
    rows = Rows(now=now())
    add_account(rows.organisation.id, rows.id(), "bank", now=now())
    with channels(bench, tmp_path):
        yield rows.new_person()


def office(person: Person, role: str, language: str = "en") -> Client:
    client = Client(headers={"accept-language": language})
    return sign_in(client, staff(role, role, person.organisation_id))


def page(client: Client, person: Person, **fields: str) -> str:
    address = reverse("console:mandate", args=[person.id])
    answer = client.post(address, fields, follow=True) if fields else client.get(address)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_finance_asks_for_a_mandate_and_cancels_it(person: Person) -> None:
    client = office(person, "finance")
    first = page(client, person)
    assert "<option>bank</option>" in first
    assert "<option>simulated</option>" not in first
    assert "waiting for the payer to sign" in page(client, person, **FORM)
    row = Mandate.objects.get()
    assert (row.payment_cap_amount, row.day_cap_amount, row.claim_cap_amount) == (
        5_000, 10_000, 5_000,
    )  # fmt: skip
    assert row.asked_by == "finance"
    assert Due.objects.filter(kind="payments.mandate", subject_id=row.id).exists()
    assert "being cancelled" in page(client, person, do="cancel", mandate=str(row.id))
    said = list(AuditEntry.objects.order_by("at").values_list("action", flat=True))
    assert said[-2:] == ["mandates.asked", "mandates.cancelled"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"account_tail": "6217000010000000001"}, "last four digits"),
        ({"evidence": ""}, "signed consent is kept"),
        ({"day_cap": "10"}, "within the day"),
        ({"payment_cap": "much"}, "amount"),
        ({"channel": "simulated"}, "takes no mandates"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_asked(
    person: Person, changes: dict[str, str], words: str
) -> None:
    assert words in page(office(person, "finance"), person, **{**FORM, **changes})
    assert not Mandate.objects.exists()


def test_a_second_mandate_is_refused_while_one_lives(person: Person) -> None:
    client = office(person, "administrator")
    page(client, person, **FORM)
    assert "has a mandate already" in page(client, person, **FORM)
    assert Mandate.objects.count() == 1


def test_another_organisations_mandate_is_out_of_reach(person: Person) -> None:
    other = Rows(7, now=now()).new_person("S9")
    client = office(person, "finance")
    assert client.get(reverse("console:mandate", args=[other.id])).status_code == 404


def test_a_sale_that_a_bank_paid_a_part_of_shows_its_history(sqlite_database: str) -> None:
    lunch = Lunch()
    eva = staff("eva", "administrator", lunch.till.organisation)
    client = sign_in(Client(headers={"accept-language": "en"}), eva)
    for sale in (lunch.paid, lunch.refused, lunch.collected, lunch.claimed):
        answer = client.get(reverse("console:order", args=[sale.intent.payment_id]))
        assert answer.status_code == 200
        assert "bank" in answer.content.decode()

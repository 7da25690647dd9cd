"""Channels in the console: secrets go in and never come out, real money is asked back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from django.test import Client
from django.urls import reverse

from server.channels.add_account import add_account
from server.channels.breaker import FAILURES
from server.channels.channel import Provider, Sent, Unknown
from server.channels.exchanges import Heard, Listener, judged, save
from server.channels.models import ChannelAccount, ChannelExchange, Environment
from server.channels.open_accounts import OpenAccounts
from server.channels.open_channels import Channels
from server.channels.providers.bank import provider as bank
from server.channels.providers.simulated.provider import SimulatedProvider
from server.config.sandboxes import OwnSandbox
from server.console import channel_desk
from server.console.models import AuditEntry
from server.organisations.pages import now, secrets
from tests.factories.clocks import StandingClock
from tests.factories.server_rows import NOW, Randomness, Rows
from tests.factories.staff import sign_in, staff

SECRET = "a-key-that-nobody-may-read"


class Office:
    """A school with a bank account in the sandbox, its administrator, and an open desk."""

    def __init__(self, folder: Path) -> None:
        self.sandbox = OwnSandbox(folder / "sandbox")
        self.listener = Listener(httpx.Client(trust_env=False), Randomness(3))
        providers: dict[str, Provider] = {
            "bank": bank.PROVIDER,
            "simulated": SimulatedProvider(folder / "x.sqlite3"),
        }
        accounts = OpenAccounts(
            providers=providers, secrets=secrets(), tools=self.listener, clock=StandingClock(NOW),
            sandbox=self.sandbox.account, notices="https://pay.example/v1/notices/",
        )  # fmt: skip
        channel_desk.register_channels(accounts, Channels(accounts, self.listener))
        self.rows = Rows()
        self.row = add_account(self.rows.organisation.id, self.rows.id(), "bank", now=NOW)
        self.client = sign_in(
            Client(headers={"accept-language": "en"}),
            staff("eva", "administrator", self.rows.organisation.id),
        )

    def post(self, row: ChannelAccount, **fields: str) -> str:
        answer = self.client.post(reverse("console:channel", args=[row.id]), fields, follow=True)
        row.refresh_from_db()
        return answer.content.decode()

    def real(self) -> ChannelAccount:
        return add_account(
            self.rows.organisation.id, self.rows.id(), "bank", now=NOW, name="real",
            environment=Environment.PRODUCTION,
        )  # fmt: skip


@pytest.fixture
def office(sqlite_database: str, tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    yield made
    channel_desk.forget_channels()
    made.listener.close()
    made.sandbox.stop()


def test_a_secret_is_sealed_dated_and_never_shown_nor_logged(office: Office) -> None:
    page = office.post(
        office.row, **{"do": "save", "setting.private_key": SECRET, "setting.merchant": "M 7"}
    )
    assert office.row.settings == {"merchant": "M 7"}
    assert "private_key" in office.row.sealed
    assert "set on" in page
    assert SECRET not in page
    assert SECRET not in str(list(AuditEntry.objects.values()))
    assert AuditEntry.objects.filter(action="channels.secrets_set").count() == 1


def test_a_secret_left_empty_stays(office: Office) -> None:
    office.post(office.row, **{"do": "save", "setting.private_key": SECRET})
    sealed = office.row.sealed
    office.post(office.row, **{"do": "save", "setting.private_key": ""})
    assert office.row.sealed == sealed


def test_production_is_asked_back_and_begins_switched_off(office: Office) -> None:
    office.client.post(
        reverse("console:channels"),
        {"provider": "bank", "name": "real", "environment": "production"},
    )
    row = ChannelAccount.objects.get(name="real")
    assert not row.is_enabled
    page = office.post(row, **{"do": "save", "setting.merchant": "M 1"})
    assert "real money" in page
    assert row.settings == {}
    office.post(row, **{"do": "save", "setting.merchant": "M 1", "confirm": "real"})
    assert row.settings == {"merchant": "M 1"}


def test_what_cannot_be_opened_is_not_switched_on(office: Office) -> None:
    row = office.real()
    ChannelAccount.objects.filter(id=row.id).update(is_enabled=False)
    page = office.post(row, do="enable", reason="go", confirm="real")
    assert "cannot be opened" in page
    assert not row.is_enabled


def test_switching_off_wants_a_reason_and_is_logged_with_it(office: Office) -> None:
    office.post(office.row, do="disable")
    assert office.row.is_enabled
    office.post(office.row, do="disable", reason="contract ended")
    assert not office.row.is_enabled
    assert AuditEntry.objects.get(action="channels.disabled").reason == "contract ended"


def test_the_self_test_says_all_is_right_and_which_key_is_wrong(office: Office) -> None:
    address = reverse("console:channel_test", args=[office.row.id])
    assert "all is right" in office.client.post(address).content.decode()
    sample = office.sandbox.account("bank")
    assert sample is not None
    other = office.sandbox.account("unionpay")
    assert other is not None
    office.post(office.row, **{"do": "save", "setting.private_key": other.secrets["private_key"]})
    page = office.client.post(address).content.decode()
    assert "something is wrong" in page
    assert AuditEntry.objects.filter(action="channels.tested").count() == 2


def alert(office: Office, number: str = "77") -> ChannelExchange:
    sent = Sent("query", number, NOW, 200, b"<b>code</b> 99", "ODD")
    heard = Heard(office.rows.id(), office.rows.organisation.id, "bank", sent)
    save(judged([heard], Unknown("code 99", is_alert=True)))
    return ChannelExchange.objects.get(number=number)


def test_an_alert_is_shown_with_its_evidence_until_somebody_says_what_was_found(
    office: Office,
) -> None:
    row = alert(office)
    address = reverse("console:channel", args=[office.row.id])
    page = office.client.get(address).content.decode()
    assert "code 99" in page
    assert "&lt;b&gt;code" in page
    office.post(office.row, do="seen", alert=str(row.id))
    row.refresh_from_db()
    assert row.seen_at is None
    office.post(office.row, do="seen", alert=str(row.id), reason="a new code of theirs")
    row.refresh_from_db()
    assert row.seen_by == "eva"
    assert "code 99" not in office.client.get(address).content.decode()
    assert AuditEntry.objects.get(action="channels.alerts_seen").reason == "a new code of theirs"


def test_an_alert_that_came_meanwhile_is_not_seen_with_the_others(office: Office) -> None:
    shown, later = alert(office), alert(office, "78")
    office.post(office.row, do="seen", alert=str(shown.id), reason="known")
    later.refresh_from_db()
    assert later.seen_at is None


def test_the_first_page_and_the_list_say_which_channel_needs_a_look(office: Office) -> None:
    alert(office)
    today = office.client.get(reverse("console:today")).content.decode()
    assert "The channel bank gave 1 answers" in today
    assert "needs a look" in office.client.get(reverse("console:channels")).content.decode()
    found = channel_desk.desk()
    assert found is not None
    breaker = found.channels._breaker(office.rows.organisation.id, "bank")
    for _ in range(FAILURES):
        breaker.record(is_known=False, now=now())
    today = office.client.get(reverse("console:today")).content.decode()
    assert "payments go elsewhere" in today
    page = office.client.get(reverse("console:channel", args=[office.row.id])).content.decode()
    assert "unclear in a row: 5" in page

"""Notices in the console: read as they came, taken again by the command of a provider's call."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from django.test import Client
from django.urls import reverse

from server.cases.models import Case
from server.channels.channel import Account, AwaitingPayer, Forged, Notice, Succeeded, Tools
from server.channels.exchanges import Listener
from server.channels.models import ChannelNotice, Verdict
from server.channels.notices import FORGED_AT_MOST, FORGED_PER_HOUR, keep_notice
from server.channels.open_accounts import OpenAccounts
from server.channels.open_channels import Channels
from server.channels.providers.simulated.channel import SimulatedChannel
from server.channels.providers.simulated.provider import SimulatedProvider
from server.console import channel_desk
from server.console.models import AuditEntry
from server.console.payment_work import NOTICE, register_handlers
from server.organisations.pages import secrets
from server.payments.models import Attempt, Payment
from server.work.handlers import Claimed, handler_of
from server.work.models import Due
from sync.messages import Tender
from tests.factories.clocks import StandingClock
from tests.factories.payments import Till, run
from tests.factories.server_rows import NOW, SECRETS, Randomness, Rows
from tests.factories.staff import sign_in, staff


class TellingChannel(SimulatedChannel):
    """Reads notices that are sealed and fresh, each of them once."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._seen: set[bytes] = set()

    def read_notice(
        self, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> Notice | Forged:
        if headers.get("x-seal") != "good":
            return Forged("no seal")
        said = json.loads(body)
        if abs(now - datetime.fromisoformat(said["at"])) > timedelta(minutes=5):
            return Forged("sealed at another time")
        if body in self._seen:
            return Forged("seen before", is_replay=True)
        self._seen.add(body)
        return Notice(said["id"], said["number"], said["amount"], Succeeded("r1"))


class TellingProvider(SimulatedProvider):
    """Opens such channels."""

    def open(self, account: Account, tools: Tools) -> SimulatedChannel:
        return TellingChannel(self.path)

    @property
    def path(self) -> Path:
        return self._path


class Office:
    """A payment that waits for its payer, the notices about it, and who reads them."""

    def __init__(self, folder: Path) -> None:
        self.listener = Listener(httpx.Client(trust_env=False), Randomness(3))
        providers = {"simulated": TellingProvider(folder / "x.sqlite3")}
        accounts = OpenAccounts(
            providers=providers, secrets=secrets(), tools=self.listener, clock=StandingClock(NOW),
            sandbox=lambda _kind: None, notices="https://pay.example/v1/notices/",
        )  # fmt: skip
        channel_desk.register_channels(accounts, Channels(accounts, self.listener))
        register_handlers(run, SECRETS)
        self.rows = Rows()
        self.till = Till(self.rows)
        self.sale = self.till.request(total=1_200, tender=Tender.CHANNEL)
        self.till.online(self.sale)
        self.till.channel_says(self.sale, AwaitingPayer())
        self.attempt = Attempt.objects.get()
        self.client = sign_in(
            Client(headers={"accept-language": "en"}),
            staff("eva", "finance", self.rows.organisation.id),
        )

    def kept(
        self, number: str = "", amount: int = 1_200, id: str = "n1", seal: str = "good",
        why: str = "",
    ) -> ChannelNotice:  # fmt: skip
        number = number or self.attempt.id.hex
        said = {"id": id, "number": number, "amount": amount, "at": NOW.isoformat()}
        notice = Forged(why) if why else Notice(id, number, amount, Succeeded("r1"))
        found = keep_notice(
            self.rows.organisation.id, "simulated", notice, {"x-seal": seal, "cookie": "c"},
            json.dumps(said).encode(), now=NOW, random=self.rows.random,
        )  # fmt: skip
        assert found is not None
        return ChannelNotice.objects.get(id=found)

    def take_again(self, row: ChannelNotice) -> str:
        self.client.post(reverse("console:notice", args=[row.id]))
        due = Due.objects.get(kind=NOTICE, subject_id=row.id)
        # Long after the provider's time window: the notice counts as of when it came
        handler_of(NOTICE)(
            Claimed(due.id, due.organisation, NOTICE, row.id, due.due_at, due.data, 1),
            NOW + timedelta(days=2),
        )
        due.delete()
        row.refresh_from_db()
        return row.verdict

    def page(self, **query: str) -> str:
        return self.client.get(reverse("console:notices"), query).content.decode()


@pytest.fixture
def office(sqlite_database: str, tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    yield made
    channel_desk.forget_channels()
    made.listener.close()


def test_a_notice_on_file_is_booked_once_however_often_it_is_taken(office: Office) -> None:
    row = office.kept()
    assert office.take_again(row) == Verdict.TAKEN
    assert Payment.objects.get().state == "succeeded"
    before = list(Payment.objects.values())
    assert office.take_again(row) == Verdict.TAKEN
    assert list(Payment.objects.values()) == before
    assert AuditEntry.objects.filter(action="notices.taken_again").count() == 2


def test_what_was_taken_for_forged_under_a_wrong_key_is_taken_once_the_key_is_right(
    office: Office,
) -> None:
    row = office.kept(why="the signature is wrong")
    assert row.verdict == Verdict.FORGED
    assert office.take_again(row) == Verdict.TAKEN
    assert (row.number, row.why) == (office.attempt.id.hex, "")


def test_a_forged_notice_stays_forged_and_books_nothing(office: Office) -> None:
    row = office.kept(seal="bad", why="no seal")
    assert office.take_again(row) == Verdict.FORGED
    assert Payment.objects.get().state == "submitted"


def test_a_wrong_amount_and_an_unknown_order_are_named_and_book_nothing(office: Office) -> None:
    assert office.take_again(office.kept(amount=1, id="n2")) == Verdict.WRONG_AMOUNT
    assert Case.objects.get(kind="notice_amount").amount == 1_200
    stranger = office.kept(number=UUID(int=5).hex, id="n3")
    assert office.take_again(stranger) == Verdict.UNKNOWN_ORDER
    assert Payment.objects.get().state == "submitted"


def test_the_page_shows_the_bytes_and_no_cookie_and_runs_nothing(office: Office) -> None:
    row = office.kept()
    body = "<script>alert(1)</script>\u202e\x07".encode()
    ChannelNotice.objects.filter(id=row.id).update(body=body)
    page = office.client.get(reverse("console:notice", args=[row.id])).content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "\u202e" not in page
    assert "\x07" not in page
    assert "cookie" not in row.headers
    assert str(office.sale.intent.payment_id) in page


def test_notices_are_found_by_verdict_channel_and_number(office: Office) -> None:
    good, bad = office.kept(), office.kept(seal="bad", why="no seal")
    page = office.page()
    assert str(good.id) in page
    assert str(bad.id) in page
    page = office.page(verdict="forged")
    assert str(bad.id) in page
    assert str(good.id) not in page
    assert "no seal" in page
    assert str(good.id) in office.page(number=office.attempt.id.hex)
    assert str(good.id) not in office.page(number="77")
    assert str(good.id) not in office.page(channel="wechat")


def test_whoever_may_only_look_cannot_have_it_taken(office: Office) -> None:
    row = office.kept()
    helper = sign_in(Client(), staff("sue", "support", office.rows.organisation.id))
    helper.post(reverse("console:notice", args=[row.id]))
    assert not Due.objects.filter(kind=NOTICE).exists()


def test_a_waiting_page_is_told_when_the_answer_is_there(office: Office) -> None:
    row = office.kept()
    address = reverse("console:notice", args=[row.id])
    office.client.post(address)
    page = office.client.get(address).content.decode()
    mark = page.split("?mark=")[1].split('"')[0]
    asked = office.client.get(address, {"mark": mark}, headers={"x-live": "1"})
    assert "X-Goto" not in asked
    office.take_again(row)
    asked = office.client.get(address, {"mark": mark}, headers={"x-live": "1"})
    assert asked["X-Goto"] == address


def test_forged_notices_are_kept_within_limits_and_the_newest_stay(office: Office) -> None:
    organisation = office.rows.organisation.id

    def come(count: int, hours: int) -> int:
        kept = [
            keep_notice(
                organisation, "simulated", Forged("no seal"), {}, f"{hours}/{n}".encode(),
                now=NOW + timedelta(hours=hours), random=office.rows.random,
            )
            for n in range(count)
        ]  # fmt: skip
        return sum(one is not None for one in kept)

    assert come(FORGED_PER_HOUR + 5, 0) == FORGED_PER_HOUR
    for hours in (2, 4, 6, 8):
        assert come(FORGED_PER_HOUR, hours) == FORGED_PER_HOUR
    rows = ChannelNotice.objects.filter(is_authentic=False)
    assert rows.count() == FORGED_AT_MOST
    assert not rows.filter(body=b"0/0").exists()
    assert rows.filter(body=f"8/{FORGED_PER_HOUR - 1}".encode()).exists()


def test_a_forged_notice_that_comes_again_is_counted_on_its_row(office: Office) -> None:
    office.kept(seal="bad", why="no seal")
    assert office.kept(seal="bad", why="no seal").times == 2

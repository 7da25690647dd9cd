"""Reconciliation in the back office: days, files, differences, and what two people decide."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from server.channels.channel import Bill as SaidBill
from server.channels.channel import BillItem, BillKind
from server.channels.models import ChannelAccount
from server.config.bill_files import FORMATS
from server.console.models import AuditEntry
from server.payments.accounts import receivable_account
from server.payments.models import Attempt
from server.reconciliation.adjust import register_adjustments
from server.reconciliation.clear_items import CALENDAR
from server.reconciliation.day_work import KIND, DayWork
from server.reconciliation.fetch_bill import Fetcher
from server.reconciliation.import_bill import import_bill
from server.reconciliation.match_day import match_day
from server.reconciliation.models import Bill, Difference
from server.reconciliation.read_file import register_formats
from server.work.handlers import Claimed
from server.work.models import Due
from sync.messages import Tender
from tests.factories.clocks import StandingClock
from tests.factories.payments import Till, balance, only, run, tiny_channel
from tests.factories.server_rows import SECRETS, Rows
from tests.factories.staff import sign_in, staff

NAME = "simulated"
HEADER = "交易时间,公众账号ID,商户号,微信订单号,商户订单号,交易状态,货币种类,订单金额,手续费,费率"
TOTALS = "总交易单数,应结订单总金额,退款总金额,手续费总金额"
_seeds = itertools.count(61_000)


@dataclass
class Office:
    """A till whose sales a channel bills, and the people who look at it."""

    till: Till
    finance: Client
    boss: Client

    @property
    def on(self) -> date:
        """The day of the trade."""
        return self.till.now.astimezone(CALENDAR).date()

    @property
    def account(self) -> ChannelAccount:
        return ChannelAccount.objects.get(organisation=self.till.organisation, name=NAME)

    @property
    def day_url(self) -> str:
        return reverse("console:bill_day", args=[self.account.id, self.on.isoformat()])

    def sell(self) -> str:
        """Sell a meal through the channel; return its number there."""
        sale = self.till.request(tender=Tender.CHANNEL, auth_code="130000000000000001")
        self.till.online(sale)
        return Attempt.objects.get(payment=sale.intent.payment_id).id.hex

    def bring(self, *items: tuple[str, int]) -> None:
        """Bring the channel's bill: numbers with what it says of them."""
        lines = [
            BillItem(number, f"ref{number[-4:]}", amount, 7, "OK", self.till.now,
                     raw={"订单号": number})
            for number, amount in items
        ]  # fmt: skip
        said = SaidBill(BillKind.TRADE, self.on, lines, b"")
        import_bill(self.till.organisation, NAME, said, now=self.till.now)
        match_day(self.till.organisation, NAME, self.on, self.till.now)

    def uploads(self, file: bytes, client: Client | None = None) -> str:
        """Upload a file for the day and return what the page then says."""
        answer = (client or self.finance).post(
            self.day_url, {"do": "upload", "file": SimpleUploadedFile("bill.csv", file)},
            follow=True,
        )  # fmt: skip
        assert answer.status_code == 200
        return answer.content.decode()

    def work(self) -> None:
        """Do the days that were asked for, as the server's worker does."""
        channel = self.till.channel
        assert channel is not None
        for row in Due.objects.filter(kind=KIND):
            due = Claimed(row.id, row.organisation, KIND, row.subject_id, row.due_at, row.data, 1)
            DayWork(Fetcher(only(channel), run, SECRETS)).do(due, self.till.now)
            row.delete()


@pytest.fixture
def office(sqlite_database: str, tmp_path: Path, settings: Any) -> Office:
    register_adjustments()
    register_formats(FORMATS)
    rows = Rows(next(_seeds))
    settings.CLOCK = StandingClock(rows.now + timedelta(days=2))
    till = Till(rows, tiny_channel(tmp_path))
    people = [
        sign_in(Client(HTTP_ACCEPT_LANGUAGE="en"), staff(f"{role}-{rows.organisation.id}", role,
                                                         rows.organisation.id))
        for role in ("finance", "approver")
    ]  # fmt: skip
    return Office(till, *people)


def wechat_bill(on: date, *lines: str, count: int | None = None) -> bytes:
    rows = [HEADER, *lines, TOTALS, f"`{len(lines) if count is None else count},`0,`0,`0"]
    return "\n".join(rows).encode()


def wechat_line(on: date, number: str, amount: str = "12.00", mchid: str = "1900000001") -> str:
    cells = (f"{on} 12:00:00", "wx1", mchid, "4200001", number, "SUCCESS", "CNY", amount, "0.07",
             "0.60%")  # fmt: skip
    return "`" + ",`".join(cells)


def as_wechat(office: Office) -> None:
    """Let the channel's account be one of WeChat Pay, whose files people know."""
    account = office.account
    account.provider, account.settings = "wechat", {"mchid": "1900000001"}
    account.save()


def test_days_show_how_their_bills_stand(office: Office) -> None:
    assert "No bill yet" in office.finance.get(office.day_url).content.decode()
    first, second = office.sell(), office.sell()
    office.bring((first, 1200), (second, 1100))

    said = office.finance.get(
        reverse("console:bills"), {"until": office.on.isoformat()}
    ).content.decode()

    assert office.on.isoformat() in said
    assert "differences" in said
    assert "¥23.00" in said
    detail = office.finance.get(office.day_url).content.decode()
    assert "Our amount is over" in detail


def test_the_list_asks_the_database_no_more_for_more_days_and_channels(office: Office) -> None:
    url = reverse("console:bills")
    with CaptureQueriesContext(connection) as few:
        office.finance.get(url)
    for place in range(6):
        ChannelAccount.objects.create(
            id=office.till.rows.id(), organisation=office.till.rows.organisation,
            name=f"bank{place}", provider="bank", changed_at=office.till.now,
        )  # fmt: skip
    office.bring((office.sell(), 1100))
    with CaptureQueriesContext(connection) as many:
        office.finance.get(url)
    assert len(many) <= len(few) + 1


@pytest.mark.parametrize(
    "file", [b"", b"\xff\x00nothing", b"type,number\npayment,1\n"],
    ids=["empty", "bytes", "another channel's"],
)  # fmt: skip
def test_a_file_that_is_no_bill_is_refused_in_one_sentence(office: Office, file: bytes) -> None:
    as_wechat(office)
    assert "This is no trade bill of simulated" in office.uploads(file)
    assert not Bill.objects.exists()


def test_a_bill_of_another_day_merchant_or_half_of_one_is_refused(office: Office) -> None:
    as_wechat(office)
    number = office.sell()
    other_day = wechat_line(office.on + timedelta(days=2), number)
    assert "has no line of" in office.uploads(wechat_bill(office.on, other_day))
    other = wechat_line(office.on, number, mchid="1900000999")
    assert "another merchant number" in office.uploads(wechat_bill(office.on, other))
    half = wechat_bill(office.on, wechat_line(office.on, number), count=2)
    assert "not whole" in office.uploads(half)
    assert "Choose the bill" in office.finance.post(
        office.day_url, {"do": "upload"}, follow=True
    ).content.decode()  # fmt: skip
    assert not Bill.objects.exists()
    assert not Due.objects.filter(kind=KIND).exists()


def test_an_uploaded_bill_is_matched_and_again_it_is_no_news(office: Office) -> None:
    number = office.sell()
    as_wechat(office)
    file = wechat_bill(office.on, wechat_line(office.on, number))

    assert "being matched" in office.uploads(file)
    assert "Under way" in office.finance.get(office.day_url).content.decode()
    office.work()
    assert balance(receivable_account(office.till.organisation, NAME)) == 0
    assert "nothing changed" in office.uploads(file)
    office.work()

    [bill] = Bill.objects.all()
    assert bill.uploaded_by.startswith("finance")
    assert AuditEntry.objects.filter(action="bills.upload").count() == 2


def test_a_day_is_fetched_and_matched_again_by_the_worker(office: Office) -> None:
    office.sell()
    office.finance.post(office.day_url, {"do": "fetch"})
    waiting = office.finance.get(office.day_url, headers={"X-Live": "1"})
    assert waiting.status_code == 200
    office.work()
    assert Bill.objects.get().matched_at is not None
    office.finance.post(office.day_url, {"do": "match"})
    office.work()
    assert Bill.objects.count() == 1
    page = office.finance.get(office.day_url).content.decode()
    assert "Match again" in page
    assert "matched" in page


def test_a_day_that_is_not_over_has_no_bill_to_fetch(office: Office) -> None:
    url = reverse("console:bill_day", args=[office.account.id, "2199-01-01"])
    said = office.finance.post(url, {"do": "fetch"}, follow=True).content.decode()
    assert "is not over" in said
    assert office.finance.get(url.replace("2199-01-01", "yesterday")).status_code == 404


def test_the_queue_is_filtered_by_kind_channel_state_and_age(office: Office) -> None:
    office.bring((office.sell(), 1100))
    url = reverse("console:differences")

    def shown(**asked: Any) -> int:
        return office.finance.get(url, asked).content.decode().count("/differences/0") + (
            office.finance.get(url, asked).content.decode().count("Our amount is over</a>")
        )

    assert shown() == shown(kind="amount_over") == shown(channel=NAME) > 0
    assert shown(kind="fee") == shown(state="resolved") == shown(channel="other") == 0
    assert shown(kind="nonsense", age="x", state="y") > 0


def test_one_asks_another_approves_and_a_new_entry_is_posted_and_shown(office: Office) -> None:
    office.bring((office.sell(), 1100))
    row = Difference.objects.get()
    url = reverse("console:difference", args=[row.id])
    before = office.finance.get(url).content.decode()
    assert "Tries at the channel" in before
    assert "订单号" in before
    assert (
        "Give a reason" in office.finance.post(url, {"reason": " "}, follow=True).content.decode()
    )

    office.finance.post(url, {"reason": "the channel is right"})

    assert "Waits for a colleague" in office.finance.get(url).content.decode()
    assert "waits for approval" in office.finance.get(
        reverse("console:differences")
    ).content.decode()  # fmt: skip
    assert office.boss.get(url).status_code == 200
    listed = office.boss.get(reverse("console:approvals"))
    assert url in listed.content.decode()
    approval = listed.context["waiting"][0]["row"].id
    office.boss.post(reverse("console:approvals"), {"approval": str(approval), "do": "approve"})
    after = office.finance.get(url).content.decode()
    assert "Posted" in after
    assert "variance with the channel" in after
    assert "¥1.00" in after
    assert balance(receivable_account(office.till.organisation, NAME)) == 0


def test_an_approver_may_look_and_not_ask(office: Office) -> None:
    office.bring((office.sell(), 1100))
    row = Difference.objects.get()
    office.boss.post(reverse("console:difference", args=[row.id]), {"reason": "mine"})
    assert not Difference.objects.filter(id=row.id, state="resolved").exists()
    assert not AuditEntry.objects.filter(action="differences.asked").exists()

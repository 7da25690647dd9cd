"""Settlement in the back office: days, batches, payouts, write-offs, clearing files, the bank."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from server.channels.models import ChannelAccount
from server.console.models import AuditEntry
from server.payments.accounts import merchant_account, suspense_account
from server.settlement.models import (
    Batch,
    ClearingLine,
    DayClose,
    MerchantNumber,
    Payout,
    PayoutAccount,
    PayoutBankSettings,
)
from server.settlement.settle_payout import Word, settle_payout
from server.settlement.write_off import register_write_offs
from tests.factories.clocks import StandingClock
from tests.factories.payments import balance
from tests.factories.server_rows import Rows
from tests.factories.settled import Trading
from tests.factories.staff import sign_in, staff

_seeds = itertools.count(62_000)


@dataclass
class Office:
    """A merchant that trades, and the people who settle with it."""

    trading: Trading
    settings: Any
    people: dict[str, Client]

    def get(self, name: str, *args: Any, **asked: Any) -> str:
        """Open a page as finance and return what it says."""
        answer = self.people["finance"].get(reverse(f"console:{name}", args=args), asked)
        assert answer.status_code == 200, answer
        return answer.content.decode()

    def post(self, name: str, role: str = "finance", **sent: Any) -> str:
        """Send a form and return what the page then says."""
        answer = self.people[role].post(reverse(f"console:{name}"), sent, follow=True)
        assert answer.status_code == 200, answer
        return answer.content.decode()

    def settle(self) -> Batch:
        """End the day, close it and make the batch."""
        self.trading.end_day()
        self.trading.close()
        self.trading.settle()
        self.settings.CLOCK = StandingClock(self.trading.now)
        return Batch.objects.latest("made_at")


@pytest.fixture
def office(sqlite_database: str, settings: Any) -> Office:
    register_write_offs()
    rows = Rows(next(_seeds))
    settings.CLOCK = StandingClock(rows.now + timedelta(days=1))
    people = {
        role: sign_in(Client(HTTP_ACCEPT_LANGUAGE="en"),
                      staff(f"{role}-{rows.organisation.id}", role, rows.organisation.id))
        for role in ("finance", "approver", "administrator")
    }  # fmt: skip
    return Office(Trading(rows), settings, people)


def test_a_closed_day_and_its_batch_show_how_the_net_came_about(office: Office) -> None:
    assert "No day is closed yet" in office.get("closes")
    assert "No settlement here" in office.get("settlements")
    sale = office.trading.sell(100_000)
    office.trading.give_back(sale, 10_000)
    office.trading.bank_account()
    batch = office.settle()
    close = DayClose.objects.get()

    listed = office.get("closes")
    assert "¥1000.00" in listed
    day = office.get("day_close", close.id)
    assert close.digest in day
    assert "Our margin" in day
    assert "0 of 1 sales are billed" in day
    one = office.get("settlement", batch.id)
    assert "Where it went" in one
    assert f"¥{batch.payout_amount // 100}.{batch.payout_amount % 100:02}" in one
    assert "Settlements" in office.get("settlements", state="paying", payee="merchant/x")
    assert "No settlement here" in office.get("settlements", state="returned")


def test_without_a_bank_account_everything_is_carried_and_the_page_says_what_to_do(
    office: Office,
) -> None:
    office.trading.sell(5_000)
    batch = office.settle()
    assert batch.state == "carried"
    assert "has no bank account" in office.get("settlement", batch.id)
    assert "everything is carried on" in office.get("payouts")
    payee = f"merchant/{office.trading.merchant}"
    wrong = {"payee": payee, "holder": "示例", "number": "12ab", "bank": "102100099996"}
    assert "6 to 40 digits" in office.post("payouts", **wrong)
    assert "Choose the payee" in office.post("payouts", **{**wrong, "payee": "merchant/0"})
    assert not PayoutAccount.objects.exists()

    office.post("payouts", **{**wrong, "number": "6222 0202 0000 1234 567"})

    account = PayoutAccount.objects.get()
    assert account.number == "6222020200001234567"
    entry = AuditEntry.objects.get(action="payouts.account")
    assert "6222020200001234567" not in str(entry.after)


def test_a_failed_payout_says_the_one_thing_to_do(office: Office) -> None:
    from domain.settlement_states import PayoutEvent

    office.trading.sell(5_000)
    office.trading.bank_account()
    office.settle()
    payout = Payout.objects.get()
    assert "goes to the bank with the next run" in office.get("payouts")
    for word in (Word(PayoutEvent.SUBMIT), Word(PayoutEvent.FAIL, "account_closed")):
        settle_payout(payout, word, office.trading.now)

    said = office.get("payouts", state="failed")

    assert "the account is closed" in said
    assert "Correct the bank account under Payouts" in said
    PayoutAccount.objects.update(number="6222020200009999999")
    assert "corrected since" in office.get("payouts")
    assert "No payout here" in office.get("payouts", state="unknown")


def _dispute(office: Office, amount: int) -> UUID:
    trading = office.trading
    payment = trading.sell(1)
    side = merchant_account(trading.organisation, trading.merchant, "disputed")
    short = suspense_account(trading.organisation)
    trading.move("payment", payment.id, "disputed", {side: amount, short: -amount})
    return payment.id


def test_what_lies_there_is_written_off_by_two_people(office: Office) -> None:
    assert "Nothing lies there" in office.get("ageing")
    payment = _dispute(office, 500)
    side = merchant_account(office.trading.organisation, office.trading.merchant, "disputed")
    asked = {"kind": "disputed", "subject": str(payment)}
    assert "¥5.00" in office.get("ageing", kind="disputed")
    assert "nothing" in office.post("ageing", **{**asked, "subject": "x"}, reason="x").lower()

    assert "waits for approval" in office.post("ageing", **asked, reason="收不回")

    waiting = office.people["approver"].get(reverse("console:approvals")).context["waiting"]
    assert balance(side) == 500
    office.post("approvals", "approver", approval=str(waiting[0]["row"].id), do="approve")
    assert balance(side) == 0
    assert str(payment) not in office.get("ageing", kind="disputed")


CLEARING = (
    b"merchant|terminal|at|kind|amount|reference\n"
    b"898110000000001|T1|20261123120000|S22|10.00|R1\nTOTAL|1|1000\n"
)  # fmt: skip


def test_a_clearing_file_is_taken_in_once_its_number_is_named(office: Office) -> None:
    account = ChannelAccount.objects.get()
    sent = {"channel": str(account.id), "layout": "unionpay-delimited", "on": "2026-11-23"}

    def take(file: bytes = CLEARING, **changes: str) -> str:
        return office.post(
            "clearing", do="take", **{**sent, **changes}, file=SimpleUploadedFile("c.txt", file)
        )

    assert "Choose the clearing file" in office.post("clearing", do="take", **sent)
    assert "line" in take(b"nonsense").lower()
    assert not ClearingLine.objects.exists()
    assert "1 have a merchant number that nobody has" in take()
    assert "898110000000001" in office.get("clearing")
    named = {"do": "number", "channel": str(account.id), "number": "898110000000001"}
    assert "choose a merchant" in office.post("clearing", **named, merchant="x")
    office.post("clearing", **named, merchant=str(office.trading.merchant))
    assert "belongs to another" in office.post(
        "clearing", **named, merchant=str(office.trading.merchant)
    )
    assert MerchantNumber.objects.count() == 1
    assert "1 lines booked (¥10.00)" in take()
    assert "0 lines booked" in take()
    assert ClearingLine.objects.get().amount == 1_000


def _pem() -> tuple[str, str]:
    key = rsa.generate_private_key(65_537, 2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )  # fmt: skip
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private.decode(), public.decode()


def test_the_banks_key_is_sealed_and_never_shown_again(office: Office) -> None:
    private, public = _pem()
    typed = {"do": "save", "host": "http://127.0.0.1:1", "party": "FP", "bank": "BANK",
             "bank_key": public, "private_key": private, "is_enabled": "on"}  # fmt: skip
    page = "payout_bank"
    who = "administrator"
    assert "Fill in the address" in office.post(page, who, **{**typed, "host": "bank"})
    assert "No bank opens" in office.post(page, who, **{**typed, "private_key": "nonsense"})
    assert "Paste our private key" in office.post(page, who, **{**typed, "private_key": ""})
    assert not PayoutBankSettings.objects.exists()

    shown = office.post(page, who, **typed)

    row = PayoutBankSettings.objects.get()
    assert f"/v1/payout-notices/{office.trading.organisation}" in shown
    secret = private.splitlines()[1]
    assert secret not in shown
    assert secret not in row.sealed_key
    assert not any(secret in str(e.before) + str(e.after) for e in AuditEntry.objects.all())
    office.post(page, who, **{**typed, "private_key": "", "party": "FP2"})
    row.refresh_from_db()
    assert row.party == "FP2"
    assert "no clear answer: ConnectError" in office.post(page, who, do="test")
    assert AuditEntry.objects.filter(action="payout_bank.tested").exists()


def test_the_bank_that_is_entered_is_the_one_that_pays(office: Office, settings: Any) -> None:
    import httpx

    from server.config.payout_banks import open_payout_bank

    private, public = _pem()
    office.post(
        "payout_bank", "administrator", do="save", host="https://bank.example", party="FP",
        bank="BANK", bank_key=public, private_key=private, is_enabled="on",
    )  # fmt: skip
    with httpx.Client(trust_env=False) as http:
        bank = open_payout_bank(http, bytes, office.trading.organisation)
        assert bank is not None
        assert bank.name == "BANK"
        PayoutBankSettings.objects.update(is_enabled=False)
        assert open_payout_bank(http, bytes, office.trading.organisation) is None

"""A new merchant: applied for by one, approved or refused by another, and then it sells."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from server.cases.models import Approval
from server.console.merchant_applications import register_applications
from server.console.models import AuditEntry
from server.merchants.contracts import read_contracts
from server.merchants.models import Agreement, ChannelContract, Merchant, MerchantState, Store
from server.merchants.read_stores import read_stores
from server.organisations.models import Site
from server.settlement.models import PayoutAccount
from tests.factories.clocks import StandingClock
from tests.factories.server_rows import NOW, Rows
from tests.factories.settled import Trading
from tests.factories.staff import sign_in, staff

LICENCE = "91310000MA1FL0AB2C"
_seeds = itertools.count(91_000)


@dataclass
class Office:
    """Who writes applications down, and who decides them."""

    rows: Rows
    people: dict[str, Client]

    def form(self, **changes: str) -> dict[str, str]:
        return {
            "name": "停车场管理有限公司", "code": "parking", "licence": LICENCE,
            "contact_name": "王经理", "contact_phone": "0571-88880000",
            "site": str(self.rows.site.id), "store_name": "东门停车场", "day_cut_off": "00:00",
            "holder": "停车场管理有限公司", "number": "6222 0202 0000 7654 321",
            "bank": "102100099996", "rate": "0.38", "cycle_days": "2", **changes,
        }  # fmt: skip

    def apply(self, who: str = "administrator", **changes: str) -> str:
        place = reverse("console:merchant_applications")
        return self.said(self.people[who].post(place, self.form(**changes), follow=True))

    def decide(self, who: str, do: str, note: str = "") -> str:
        fields = {"approval": str(Approval.objects.latest("asked_at").id), "do": do, "note": note}
        return self.said(self.people[who].post(reverse("console:approvals"), fields, follow=True))

    def said(self, answer: Any) -> str:
        assert answer.status_code == 200, answer
        return str(answer.content.decode())


@pytest.fixture
def office(database: str, settings: Any) -> Office:
    register_applications()
    rows = Rows(next(_seeds))
    settings.CLOCK = StandingClock(rows.now)
    people = {
        name: sign_in(
            Client(HTTP_ACCEPT_LANGUAGE="en"),
            staff(f"{name}-{rows.organisation.id}", name.split()[0], rows.organisation.id),
        )
        for name in ("administrator", "administrator two", "approver", "finance")
    }
    return Office(rows, people)


def made() -> Merchant | None:
    return Merchant.objects.filter(code="parking").first()


def test_an_approved_application_makes_a_merchant_that_can_sell(office: Office) -> None:
    Trading(office.rows)
    cost = {"rate_ppm": 2_500}
    ChannelContract.objects.update(cost={**ChannelContract.objects.get().cost, **cost})
    office.rows.new_merchant("older")
    assert "colleague decides it" in office.apply()
    asked = Approval.objects.get()
    place = reverse("console:merchant_application", args=[asked.id])
    shown = office.said(office.people["approver"].get(place))
    for told in (LICENCE, "王经理, 0571-88880000", "东门停车场", "6222020200007654321", "0.38 %",
                 "T+2"):  # fmt: skip
        assert told in shown, told
    listed = office.said(office.people["approver"].get(reverse("console:approvals")))
    assert place in listed
    assert made() is None

    assert "Decided" in office.decide("approver", "approve")
    merchant = made()
    assert merchant is not None
    assert (merchant.state, merchant.licence) == (MerchantState.ACTIVE, LICENCE)
    store = Store.objects.get(merchant=merchant)
    organisation = office.rows.organisation.id
    profile = read_stores(organisation, [store.id])[store.id]
    assert profile.is_open_for_business
    assert profile.agreement_on(NOW.date()) is not None
    assert (store.site_id, store.day_cut_off) == (office.rows.site.id, "00:00")
    account = PayoutAccount.objects.get(payee=merchant.id)
    assert (account.holder, account.number) == ("停车场管理有限公司", "6222020200007654321")
    contracts = read_contracts(organisation, [merchant.id])[merchant.id]
    assert {one.channel for one in contracts} == {"simulated"}
    assert {(one.card.rate_ppm, one.cycle_days) for one in contracts} == {(3_800, 2)}
    assert "To the merchant" in office.said(office.people["administrator"].get(place))
    entry = AuditEntry.objects.get(action="merchants.applied")
    assert entry.after["account"] == "…4321"
    assert "7654321" not in str(entry.after)


def test_what_the_channel_keeps_is_as_for_the_other_merchants(office: Office) -> None:
    known = ChannelContract.objects.create(
        id=office.rows.id(), organisation=office.rows.organisation, merchant=office.rows.merchant,
        channel="simulated", starts_on=NOW.date(),
    )  # fmt: skip
    known.cost = {**known.cost, "rate_ppm": 2_500}
    known.save()
    office.apply()
    office.decide("finance", "approve")
    contract = ChannelContract.objects.exclude(id=known.id).get()
    assert (contract.card["rate_ppm"], contract.cost["rate_ppm"]) == (3_800, 2_500)


def test_nobody_decides_an_application_of_their_own(office: Office) -> None:
    office.apply()
    assert "You asked for this yourself" in office.decide("administrator", "approve")
    assert made() is None
    office.decide("administrator two", "approve")
    assert made() is not None


def test_a_refused_application_says_why_and_makes_nothing(office: Office) -> None:
    office.apply()
    assert "Say why" in office.decide("approver", "turn_down")
    office.decide("approver", "turn_down", "the licence has expired")
    assert made() is None
    shown = office.said(office.people["administrator"].get(
        reverse("console:merchant_applications")))  # fmt: skip
    assert "the licence has expired" in shown
    assert not Agreement.objects.filter(merchant__code="parking").exists()
    assert "colleague decides it" in office.apply(), "it is asked anew"


def test_what_was_typed_stays_when_something_of_it_is_wrong(office: Office) -> None:
    wrong = {
        "name": "", "code": "Park ing", "licence": "123", "contact_name": "",
        "contact_phone": "none", "site": str(Rows(seed=5).site.id), "store_name": "",
        "day_cut_off": "25:00", "holder": "", "number": "12", "bank": "工行", "rate": "38",
        "cycle_days": "91",
    }  # fmt: skip
    for name, value in wrong.items():
        said = office.apply(**{name: value})
        assert 'class="messages"' in said, name
        kept = "contact_name" if name != "contact_name" else "name"
        assert office.form()[kept] in said, name
    for rate in ("0,38", "-1", "10.01", "1e1", ""):
        assert "in per cent" in office.apply(rate=rate), rate
    assert not Approval.objects.exists()


def test_one_business_enters_once(office: Office) -> None:
    office.apply()
    assert "waiting already" in office.apply(code="parking2")
    office.decide("approver", "approve")
    assert "belongs to 停车场管理有限公司 already" in office.apply(code="parking2")
    assert "The code parking is taken" in office.apply(licence="913100001234567")
    with pytest.raises(IntegrityError), transaction.atomic():
        Merchant.objects.create(
            id=office.rows.id(), organisation=office.rows.organisation, code="x", name="x",
            licence=LICENCE,
        )  # fmt: skip
    Merchant.objects.filter(code="parking").update(state=MerchantState.CLOSED)
    assert "colleague decides it" in office.apply(code="parking2")


def test_what_was_taken_meanwhile_is_found_when_it_is_approved(office: Office) -> None:
    office.apply()
    other = office.rows.new_merchant("parking")
    assert "The code parking is taken" in office.decide("approver", "approve")
    assert Approval.objects.get().state == "waiting"
    Merchant.objects.filter(id=other.id).update(code="elsewhere")
    Site.objects.filter(id=office.rows.site.id).update(closed_on=NOW.date())
    assert "Choose the site" in office.decide("approver", "approve")
    assert made() is None

"""Any number off a receipt finds what it is about, and nothing beyond the reader's reach."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from server.channels.channel import Succeeded
from server.payments.models import Attempt, Payment, Refund
from server.wallets.models import TopUp
from sync.messages import Tender
from tests.factories.payments import Till
from tests.factories.server_rows import Rows
from tests.factories.staff import sign_in, staff


@pytest.fixture
def till(sqlite_database: str) -> Till:
    till = Till(Rows())
    channel = till.request(total=1_200, tender=Tender.CHANNEL)
    till.online(channel)
    till.channel_says(channel, Succeeded("4200002911"))
    lunch = till.request(total=900)
    till.online(lunch)
    till.refund(lunch, 100)
    return till


def client(till: Till, role: str = "finance") -> Client:
    return sign_in(
        Client(headers={"accept-language": "en"}),
        staff(role, role, till.rows.organisation.id),
    )


def test_each_number_leads_to_its_thing(till: Till) -> None:
    reader = client(till)
    wallet = Payment.objects.get(tender="wallet")
    channel = Payment.objects.get(tender="channel")
    numbers = {
        wallet.id.hex: wallet.id, str(wallet.order): wallet.id,
        Refund.objects.get().id.hex: wallet.id, "4200002911": channel.id,
        Attempt.objects.get().id.hex: channel.id,
    }  # fmt: skip
    for number, payment in numbers.items():
        answer = reader.get(reverse("console:find"), {"number": f" {number} "})
        assert answer["location"] == reverse("console:order", args=[payment]), number
        assert reader.get(answer["location"]).status_code == 200
    person = reverse("console:person", args=[till.person.id])
    for number in (till.person.number, TopUp.objects.get().id.hex):
        assert reader.get(reverse("console:find"), {"number": number})["location"] == person


def test_a_wallet_payment_is_refunded_here_and_cash_is_not(till: Till) -> None:
    cash = till.request(total=500, tender=Tender.CASH)
    till.accept(cash)
    wallet = Payment.objects.get(tender="wallet")
    reader = client(till)
    page = reader.get(reverse("console:order", args=[wallet.id])).content.decode()
    assert 'value="refund"' in page
    assert 'value="cancel"' not in page
    place = reverse("console:order", args=[cash.intent.payment_id])
    page = reader.get(place).content.decode()
    assert 'value="refund"' not in page
    page = reader.post(
        place, {"do": "refund", "amount": "1", "reason": "x"}, follow=True
    ).content.decode()
    assert "can be refunded" in page


def test_nothing_and_too_much_are_said(till: Till) -> None:
    reader = client(till)
    page = reader.get(reverse("console:find"), {"number": "77' OR 1=1"}).content.decode()
    assert "Nothing has this number" in page
    assert reader.get(reverse("console:find")).status_code == 200


def test_a_number_beyond_reach_is_not_found(till: Till) -> None:
    other = Rows(seed=9)
    stranger = sign_in(Client(), staff("eve", "finance", other.organisation.id))
    number = Payment.objects.get(tender="wallet").id.hex
    assert stranger.get(reverse("console:find"), {"number": number}).status_code == 200
    support = client(till, "support")
    assert support.get(reverse("console:find"), {"number": number}).status_code == 200

"""Channel payments in the console: found by any number, and mended through the books' commands."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from server.channels.channel import AwaitingPayer, QueryOutcome, Succeeded
from server.console.models import AuditEntry
from server.console.payment_work import CANCEL, REFUND, register_handlers
from server.payments.models import Attempt, Payment, Refund
from server.payments.schedule import RESOLVE_KIND
from server.work.handlers import Claimed, handler_of
from server.work.models import Due
from sync.messages import Tender
from tests.factories.payments import Till, run
from tests.factories.server_rows import NOW, SECRETS, Rows
from tests.factories.staff import sign_in, staff


class Office:
    """A till whose payer came with a code, and whoever keeps its money."""

    def __init__(self) -> None:
        self.rows = Rows()
        self.till = Till(self.rows)
        self.sale = self.till.request(total=1_200, tender=Tender.CHANNEL)
        self.client = sign_in(
            Client(headers={"accept-language": "en"}),
            staff("eva", "finance", self.rows.organisation.id),
        )
        register_handlers(run, SECRETS)

    def charged(self, said: QueryOutcome) -> Payment:
        self.till.online(self.sale)
        if not isinstance(said, AwaitingPayer):
            self.till.channel_says(self.sale, said)
        return self.till.payment(self.sale)

    def post(self, **fields: str) -> str:
        address = reverse("console:order", args=[self.sale.intent.payment_id])
        return self.client.post(address, fields, follow=True).content.decode()

    def work(self, kind: str) -> None:
        due = Due.objects.get(kind=kind)
        handler_of(kind)(
            Claimed(due.id, due.organisation, kind, due.subject_id, due.due_at, due.data, 1), NOW
        )


@pytest.fixture
def office(sqlite_database: str) -> Office:
    return Office()


def test_any_number_finds_the_payment_and_another_does_not(office: Office) -> None:
    payment = office.charged(Succeeded("4200002911"))
    attempt = Attempt.objects.get()
    address = reverse("console:orders")
    for number in (str(payment.id), str(payment.order), attempt.id.hex, attempt.channel_ref):
        page = office.client.get(address, {"number": number}).content.decode()
        assert str(payment.id) in page, number
    page = office.client.get(address, {"number": "4200009999"}).content.decode()
    assert str(payment.id) not in page


def test_a_query_is_due_now_and_wants_a_reason(office: Office) -> None:
    office.charged(AwaitingPayer())
    due = Due.objects.get(kind=RESOLVE_KIND)
    office.post(do="query")
    assert Due.objects.get(kind=RESOLVE_KIND).due_at == due.due_at
    office.post(do="query", reason="the payer is waiting")
    assert Due.objects.get(kind=RESOLVE_KIND).due_at != due.due_at
    assert AuditEntry.objects.get(action="orders.query").reason == "the payer is waiting"


def test_a_refund_goes_through_the_books_and_never_above_what_is_left(office: Office) -> None:
    office.charged(Succeeded("4200002911"))
    assert "At most" in office.post(do="refund", amount="12.01", reason="cold soup")
    assert not Due.objects.filter(kind=REFUND).exists()
    office.post(do="refund", amount="5", reason="cold soup")
    office.work(REFUND)
    office.work(REFUND)
    refund = Refund.objects.get()
    assert (refund.amount, refund.reason, refund.state) == (500, "cold soup", "submitted")


def test_a_cancelled_payment_is_on_its_way_back(office: Office) -> None:
    office.charged(Succeeded("4200002911"))
    office.post(do="cancel", reason="charged twice")
    office.work(CANCEL)
    assert office.till.state(office.sale) == "reversing"

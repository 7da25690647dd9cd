"""Refunds from the office above the agreement's limit: one asks, another approves, one refund."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from server.cases.models import Approval, ApprovalState
from server.channels.channel import Succeeded
from server.console.models import AuditEntry
from server.console.payment_work import REFUND, register_handlers
from server.merchants.models import Agreement
from server.payments.models import Refund
from server.work.handlers import Claimed, handler_of
from server.work.models import Due
from sync.messages import Tender
from tests.factories.payments import Till, run
from tests.factories.server_rows import NOW, SECRETS, Rows
from tests.factories.staff import sign_in, staff


class Office:
    """A payment of ¥12.00 at a merchant whose refunds above ¥5.00 need two people."""

    def __init__(self) -> None:
        self.rows = Rows()
        Agreement.objects.update(refund_limit_amount=500)
        self.till = Till(self.rows)
        self.sale = self.till.request(total=1_200, tender=Tender.CHANNEL)
        self.till.online(self.sale)
        self.till.channel_says(self.sale, Succeeded("r"))
        register_handlers(run, SECRETS)
        self.eva, self.bob = (self._client(name) for name in ("eva", "bob"))

    def _client(self, name: str) -> Client:
        user = staff(name, "finance", self.rows.organisation.id)
        return sign_in(Client(headers={"accept-language": "en"}), user)

    def post(self, client: Client, **fields: str) -> str:
        address = reverse("console:order", args=[self.sale.intent.payment_id])
        return client.post(address, fields, follow=True).content.decode()

    def work(self) -> None:
        for due in Due.objects.filter(kind=REFUND):
            handler_of(REFUND)(
                Claimed(due.id, due.organisation, REFUND, due.subject_id, due.due_at, due.data, 1),
                NOW,
            )
            due.delete()


@pytest.fixture
def office(sqlite_database: str) -> Office:
    return Office()


def test_up_to_the_limit_one_person_is_enough(office: Office) -> None:
    office.post(office.eva, do="refund", amount="5", reason="cold")
    assert not Approval.objects.exists()
    office.work()
    assert Refund.objects.get().amount == 500


def test_above_it_nothing_is_due_until_somebody_else_approves(office: Office) -> None:
    page = office.post(office.eva, do="refund", amount="12", reason="charged twice")
    assert "waits for a colleague" in page
    assert not Due.objects.filter(kind=REFUND).exists()
    assert 'name="do" value="approve"' not in page
    office.post(office.eva, do="approve")
    assert Approval.objects.get().state == ApprovalState.WAITING
    office.post(office.bob, do="approve")
    approval = Approval.objects.get()
    assert (approval.state, approval.asked_by, approval.decided_by) == ("approved", "eva", "bob")
    office.work()
    refund = Refund.objects.get()
    assert (refund.amount, refund.reason) == (1_200, "charged twice")
    assert str(refund.id) == approval.data["refund"]
    actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"orders.refund_asked", "orders.refund_approved"} <= actions


def test_an_approver_approves_and_does_nothing_else(office: Office) -> None:
    user = staff("ann", "approver", office.rows.organisation.id)
    ann = sign_in(Client(headers={"accept-language": "en"}), user)
    assert "own organisation" in office.post(ann, do="refund", amount="1", reason="cold")
    office.post(office.eva, do="refund", amount="12", reason="charged twice")
    office.post(ann, do="approve")
    assert Approval.objects.get().decided_by == "ann"
    office.work()
    assert Refund.objects.get().amount == 1_200


def test_a_second_small_refund_that_passes_the_limit_needs_approval_too(office: Office) -> None:
    office.post(office.eva, do="refund", amount="4", reason="cold")
    office.work()
    office.post(office.eva, do="refund", amount="2", reason="cold")
    assert Approval.objects.get().amount == 200


def test_two_quick_requests_do_not_slip_below_the_limit(office: Office) -> None:
    """The first is only queued: what is on its way counts as given back."""
    office.post(office.eva, do="refund", amount="4", reason="cold")
    office.post(office.eva, do="refund", amount="4", reason="cold")
    assert Approval.objects.get().amount == 400


def test_it_can_be_turned_down_for_a_reason_and_withdrawn(office: Office) -> None:
    office.post(office.eva, do="refund", amount="12", reason="a guess")
    office.post(office.bob, do="turn_down")
    assert Approval.objects.get().state == ApprovalState.WAITING
    office.post(office.bob, do="turn_down", reason="not so")
    assert Approval.objects.get().state == ApprovalState.TURNED_DOWN
    office.post(office.eva, do="refund", amount="12", reason="surely")
    office.post(office.eva, do="withdraw")
    states = sorted(Approval.objects.values_list("state", flat=True))
    assert states == ["turned_down", "withdrawn"]
    assert not Due.objects.filter(kind=REFUND).exists()


def test_what_is_no_longer_there_is_not_approved(office: Office) -> None:
    office.post(office.eva, do="refund", amount="12", reason="all of it")
    office.till.refund(office.sale, 300)
    page = office.post(office.bob, do="approve")
    assert "At most" in page
    assert Approval.objects.get().state == ApprovalState.WAITING

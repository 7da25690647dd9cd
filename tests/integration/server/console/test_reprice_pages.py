"""A meal at a wrong price: previewed, asked for, approved by somebody else, given back once."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from server.cases.models import Approval
from server.console.models import AuditEntry
from server.console.payment_work import REFUND, register_handlers
from server.console.reprice import register_repricing
from server.payments.models import Payment
from server.work.handlers import Claimed, handler_of
from server.work.models import Due
from sync.messages import Tender
from tests.factories.payments import Till, run
from tests.factories.server_rows import NOW, SECRETS, Rows
from tests.factories.staff import sign_in, staff


class Office:
    """A lunch sold at ¥12 that should have been ¥10, and three members of staff."""

    def __init__(self) -> None:
        self.rows = Rows()
        self.till = Till(self.rows)
        register_handlers(run, SECRETS)
        register_repricing()
        organisation = self.rows.organisation.id
        self.clients = {
            role: sign_in(
                Client(headers={"accept-language": "en"}), staff(role, role, organisation)
            )
            for role in ("manager", "finance", "approver")
        }
        self.wallet = self.till.request(total=1_200)
        self.till.online(self.wallet)
        self.double = self.till.request(total=2_400, tender=Tender.CASH)
        self.till.accept(self.double)
        self.till.online(self.till.request(total=900))
        self.day = self.till.payment(self.wallet).business_on
        self.address = reverse("console:reprice")

    def form(self, **changes: str) -> dict[str, str]:
        return {
            "day": self.day.isoformat(), "meal": "", "old": "12", "new": "10",
            "reason": "yesterday's price", **changes,
        }  # fmt: skip

    def ask(self, **changes: str) -> str:
        answer = self.clients["manager"].post(self.address, self.form(**changes), follow=True)
        return answer.content.decode()

    def decide(self, role: str, do: str, note: str = "") -> str:
        row = Approval.objects.get()
        answer = self.clients[role].post(
            reverse("console:approvals"), {"approval": str(row.id), "do": do, "note": note},
            follow=True,
        )  # fmt: skip
        return answer.content.decode()

    def work(self) -> None:
        for due in Due.objects.filter(kind=REFUND):
            handler_of(REFUND)(
                Claimed(due.id, due.organisation, REFUND, due.subject_id, due.due_at, due.data, 1),
                NOW,
            )

    def refunded(self) -> list[int]:
        rows = Payment.objects.order_by("total_amount")
        return list(rows.values_list("refunded_amount", flat=True))


@pytest.fixture
def office(sqlite_database: str) -> Office:
    return Office()


def test_what_goes_back_is_shown_before_anybody_asks(office: Office) -> None:
    page = office.clients["manager"].get(office.address, office.form()).content.decode()
    assert "¥6.00" in page
    assert Approval.objects.count() == 0
    for old, new in (("10", "12"), ("12", "12"), ("x", "1")):
        said = office.clients["manager"].get(office.address, office.form(old=old, new=new))
        assert 'role="alert"' in said.content.decode()


def test_a_colleague_approves_and_each_payment_gets_its_part_once(office: Office) -> None:
    office.ask()
    row = Approval.objects.get()
    assert (row.amount, row.data["count"]) == (600, 2)
    office.decide("approver", "approve")
    assert Due.objects.filter(kind=REFUND).count() == 2
    office.work()
    office.work()
    assert office.refunded() == [0, 200, 400]
    place = reverse("console:reprice_request", args=[row.id])
    assert "2 of 2 refunds made" in office.clients["approver"].get(place).content.decode()
    assert AuditEntry.objects.filter(action="approvals.approve").count() == 1
    office.ask()
    assert Approval.objects.count() == 1
    page = office.clients["manager"].get(office.address, office.form(new="9")).content.decode()
    assert "¥3.00" in page


def test_what_was_refunded_meanwhile_is_not_given_back_twice(office: Office) -> None:
    office.ask()
    office.till.refund(office.wallet, 1_100)
    office.decide("finance", "approve")
    office.work()
    assert office.till.payment(office.wallet).refunded_amount == 1_200


def test_nobody_approves_their_own_and_turning_down_wants_a_reason(office: Office) -> None:
    answer = office.clients["finance"].post(office.address, office.form(), follow=True)
    assert answer.status_code == 200
    assert "another member of staff" in office.decide("finance", "approve")
    assert "reason" in office.decide("approver", "turn_down").lower()
    office.decide("approver", "turn_down", "the price was right")
    assert Approval.objects.get().state == "turned_down"
    assert Due.objects.filter(kind=REFUND).count() == 0


def test_nothing_is_asked_for_without_a_reason_or_without_a_payment(office: Office) -> None:
    office.ask(reason=" ")
    office.ask(old="13")
    office.ask(new="13")
    assert Approval.objects.count() == 0

"""Three days of trade at each provider, held against its own bills: found what differs, no more."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import pytest
from django.db import connection

from domain.ids import attempt_number
from server.audit.rules import r08_bills, r08_receivables
from server.cases.approvals.decide_approval import approve
from server.channels.channel import Bill as SaidBill
from server.channels.channel import BillKind, Charge, PayOutcome, Succeeded
from server.ledger.models import Account
from server.payments.accounts import receivable_account
from server.payments.choose_channel import Chosen
from server.payments.models import Attempt
from server.payments.resolve_payment import Resolver
from server.payments.settle_attempt import SettleAttempt
from server.reconciliation.adjust import register_adjustments, request_adjustment
from server.reconciliation.clear_items import cost_account, variance_account
from server.reconciliation.import_bill import import_bill
from server.reconciliation.match_day import Matched
from server.reconciliation.models import Bill, BillLine, Difference
from server.reconciliation.resolve_by_rule import resolve_by_rule
from server.sandbox.faults import Fault, Operation
from sync.messages import PaymentRequest, Tender
from tests.contract.channels.benches import Bench, bench_of
from tests.factories.due_work import work
from tests.factories.payments import Till, balance, only, run
from tests.factories.server_rows import SECRETS, Rows

PROVIDERS = ("wechat", "alipay", "unionpay", "bank")
_seeds = itertools.count(70_000)


@pytest.fixture(scope="module")
def benches(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Bench]]:
    keys = tmp_path_factory.mktemp("peer-keys")
    with ExitStack() as stack:
        yield {kind: stack.enter_context(bench_of(kind, keys)) for kind in PROVIDERS}


@dataclass
class Office:
    """A till at one provider, and the office that reads its bills."""

    bench: Bench
    midnight: datetime = field(init=False)
    till: Till = field(init=False)

    def __post_init__(self) -> None:
        self.bench.let_all_arrive()
        self.midnight = self.bench.fresh_day()
        self.till = Till(Rows(next(_seeds), now=self.bench.clock.now()), None)

    @property
    def day(self) -> date:
        """The first day."""
        return self.midnight.date()

    @property
    def name(self) -> str:
        """The channel's name."""
        return self.bench.channel.name

    def at(self, now: datetime) -> None:
        """Let the time come."""
        self.till.now = self.bench.clock.at = max(self.bench.clock.at, now)

    def sell(
        self, amount: int = 1200, *, charged: int | None = None, heard: bool = True
    ) -> PaymentRequest:
        """Sell for `amount`; the channel charges `charged` (0: it never hears of it)."""
        code = self.bench.code()
        self.till.now = self.bench.clock.now()
        sale = self.till.request(tender=Tender.CHANNEL, auth_code=code, total=amount)
        attempt = self.till.decide(sale, chosen=Chosen(self.name)).attempt
        assert attempt is not None
        said: PayOutcome = Succeeded("never sent")
        if charged != 0:
            number = attempt_number(attempt.id)
            charge = Charge(number, charged or amount, code, "Lunch", "s1", "c1")
            said = self.bench.channel.pay(charge, self.till.now)
            assert isinstance(said, Succeeded), said
        if heard:
            run(SettleAttempt(
                organisation_id=self.till.organisation, payment_id=sale.intent.payment_id,
                order_id=sale.intent.order_id, merchant_id=self.till.terminal.merchant_id,
                channel=self.name, attempt_id=attempt.id, said=said, now=self.till.now,
                secrets=SECRETS,
            ))  # fmt: skip
        return sale

    def refund(self, sale: PaymentRequest, amount: int) -> None:
        """Give back through the channel, and wait until it is done."""
        self.till.refund(sale, amount)
        for _ in range(20):
            resolver = Resolver(only(self.bench.channel), run, SECRETS)
            left = [one for one in work(self.till, resolver) if one[0] == "payments.refund"]
            if not left:
                return
            self.at(left[0][1])

    def read_bill(self, count: int) -> Matched:
        """Fetch the bill of the `count`th day at noon after it, and match it."""
        on = self.day + timedelta(days=count)
        self.at((self.midnight + timedelta(days=count + 1, hours=12, minutes=30)).astimezone(
            self.bench.clock.at.tzinfo))  # fmt: skip
        said = self.bench.channel.bill(BillKind.TRADE, on, self.till.now)
        if not isinstance(said, SaidBill):
            said = SaidBill(BillKind.TRADE, on, (), b"")
        import_bill(self.till.organisation, self.name, said, now=self.till.now)
        return self.match(on)

    def match(self, on: date) -> Matched:
        """Match a day and let the rules work."""
        return resolve_by_rule(
            self.till.organisation, self.name, on, self.till.now, submit=run, secrets=SECRETS
        )

    def differences(self) -> set[tuple[str, str, str]]:
        """Kind, item and state of all of them."""
        rows = Difference.objects.filter(organisation=self.till.organisation)
        return {(row.kind, row.item, row.state) for row in rows}

    def number(self, sale: PaymentRequest) -> str:
        """The item of a sale."""
        return attempt_number(Attempt.objects.get(payment=sale.intent.payment_id).id)

    def audit(self) -> list[str]:
        """What rule 8 says of the channel."""
        rules = (r08_receivables, r08_bills)
        return [one.text for rule in rules for one in rule.check(connection)]


@pytest.mark.parametrize("kind", PROVIDERS)
def test_every_injected_difference_is_found_and_none_invented(
    database: str, benches: dict[str, Bench], kind: str
) -> None:
    office = Office(benches[kind])
    office.bench.ask(Operation.BILL, Fault.BILL_SHIFTED, None)
    office.sell()
    refunded = office.sell(1000)
    office.refund(refunded, 300)
    late = office.sell(heard=False)
    invented = office.sell(700, charged=0)
    over = office.sell(900, charged=800)
    foreign = office.bench.driver.charge(office.bench.new_charge(555)).number
    end = office.midnight + timedelta(hours=22 if kind == "unionpay" else 23, minutes=55)
    office.at(end.astimezone(office.bench.clock.at.tzinfo))
    shifted = office.sell(450)

    office.read_bill(0)
    assert office.till.state(late) == "succeeded"
    first = {
        ("missing_theirs", office.number(invented), "pooled"),
        ("missing_ours", foreign, "pooled"),
        ("missing_theirs", office.number(shifted), "pooled"),
        ("amount_over", office.number(over), "open"),
        ("status", office.number(late), "resolved"),
    }
    assert office.differences() == first
    assert office.audit() == []

    office.read_bill(1)
    assert ("missing_theirs", office.number(shifted), "resolved") in office.differences()
    office.read_bill(2)
    open_now = {one for one in office.differences() if one[2] != "resolved"}
    assert open_now == {
        ("missing_theirs", office.number(invented), "open"),
        ("missing_ours", foreign, "open"),
        ("amount_over", office.number(over), "open"),
    }  # fmt: skip
    assert office.audit() == []
    settle_by_four_eyes(office)


def settle_by_four_eyes(office: Office) -> None:
    """Accept all that is open: the channel then owes nothing, and its variance says what was."""
    register_adjustments()
    organisation = office.till.organisation
    for row in Difference.objects.filter(organisation=organisation, state="open"):
        asked = request_adjustment(
            organisation, row.id, by="wang", reason="asked the channel", now=office.till.now,
            random=lambda count: office.till.rows.id().bytes[-count:],
        )  # fmt: skip
        approve(organisation, asked.id, by="li", now=office.till.now)
    assert balance(receivable_account(organisation, office.name)) == 0
    assert balance(variance_account(organisation, office.name)) == -700 - 100 + 555
    bank = Account.objects.get(organisation=organisation, kind="bank")
    lines = BillLine.objects.filter(organisation=organisation)
    top_up = 5_000
    net = sum(line.amount - line.fee_amount for line in lines)
    assert -bank.balance - top_up == net
    fees = sum(line.fee_amount for line in lines)
    assert balance(cost_account(organisation, office.name)) == -fees
    assert office.audit() == []


def test_matching_again_and_the_same_bill_again_change_nothing(
    database: str, benches: dict[str, Bench]
) -> None:
    office = Office(benches["bank"])
    office.sell()
    first = office.read_bill(0)
    assert first.cleared == 1
    before = balance(receivable_account(office.till.organisation, office.name))

    again = office.read_bill(0)

    assert again.cleared == 0
    assert Bill.objects.filter(organisation=office.till.organisation).count() == 1
    assert balance(receivable_account(office.till.organisation, office.name)) == before == 0
    assert office.audit() == []

"""Days of trade made at random, for reports to add up."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from django.db import connection, transaction
from django.db.models import Sum

from server.inbox.keep_shift import KeepShift
from server.ledger.apply import apply
from server.ledger.models import Account, Posting, Transfer
from server.wallets.grant_subsidy import grant_subsidy
from server.wallets.models import Grant
from sync.messages import CashMoved, ShiftClosed, ShiftOpened, Tender
from tests.factories.payments import Till, run
from tests.factories.server_rows import Rows

SIDES = ("payable", "disputed", "cash_takings")


def ledger_says(rows: Rows) -> int:
    """Σ of what sales and refunds moved on merchants' accounts."""
    accounts = Account.objects.filter(
        organisation=rows.organisation.id, owner_kind="merchant", kind__in=SIDES
    ).values("id")
    causes = Transfer.objects.filter(cause_kind__in=("payment", "refund")).values("id")
    said = Posting.objects.filter(account__in=accounts, transfer__in=causes)
    return int(said.aggregate(sum=Sum("amount"))["sum"] or 0)


def grant(till: Till, amount: int, name: str = "营养餐") -> None:
    """Give the till's payer a subsidy."""
    made = Grant.objects.create(
        id=till.rows.id(), organisation=till.organisation, name=name,
        starts_at=till.now - timedelta(days=1), expires_at=till.now + timedelta(days=30),
        created_at=till.now,
    )  # fmt: skip
    commands = grant_subsidy(
        made, [till.person.id], amount, at=till.now, business_on=till.now.date()
    )
    with transaction.atomic():
        apply(connection, list(commands))


def trade_at_random(till: Till, seed: int) -> None:
    """Sales by every tender, over some days, part of them given back in part or whole."""
    random = Random(seed)
    till.put_money(till.person.id, 90_000)
    grant(till, 10_000)
    for _ in range(25):
        till.pass_time(hours=random.choice([0, 1, 7]))
        tender = random.choice(list(Tender))
        sale = till.request(total=random.randint(1, 3_000), tender=tender)
        if tender is Tender.CASH:
            till.accept(sale)
        else:
            till.online(sale)
        if random.random() < 0.4:
            till.refund(sale, random.randint(1, sale.intent.total))


def keep(till: Till, message: ShiftOpened | ShiftClosed | CashMoved) -> None:
    """Book one record about the till's shift."""
    run(KeepShift(
        till.rows.id(), till.organisation, till.terminal.terminal_id, till.terminal.merchant_id,
        message, till.now.date(),
    ))  # fmt: skip


def open_shift(till: Till, float_amount: int) -> None:
    """Open the till's shift with a counted float."""
    keep(till, ShiftOpened(
        shift_id=till.shift, operator_id=till.rows.id(), business_on=till.now.date(),
        meal_period="lunch", float_amount=float_amount, stamp=till.stamp(), binding_version=1,
    ))  # fmt: skip


def move_cash(till: Till, amount: int) -> None:
    """Put cash into the drawer, or take it out."""
    keep(till, CashMoved(
        shift_id=till.shift, amount=amount, reason="change", operator_id=till.rows.id(),
        stamp=till.stamp(), binding_version=1,
    ))  # fmt: skip


def close_shift(till: Till, *, expected: int, counted: int) -> None:
    """Close the till's shift."""
    keep(till, ShiftClosed(
        shift_id=till.shift, operator_id=till.rows.id(), counted_amount=counted,
        expected_amount=expected, tallies={}, waiting_count=0, waiting_amount=0,
        stamp=till.stamp(), binding_version=1,
    ))  # fmt: skip

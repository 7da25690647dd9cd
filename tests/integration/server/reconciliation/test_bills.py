"""Bills that come again, change, or do not come; decisions that no longer fit; a broken ledger."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from django.db import connection

from domain.errors import Refused
from server.audit.rules import r08_bills, r08_receivables
from server.cases.approvals.decide_approval import approve
from server.cases.models import Case
from server.channels.channel import Bill as SaidBill
from server.channels.channel import BillItem, BillKind, NoBill, channel_owner_id
from server.channels.models import ChannelAccount
from server.channels.open_channels import Channels, Opened
from server.payments.accounts import receivable_account
from server.payments.models import Attempt, Payment
from server.reconciliation.adjust import register_adjustments, request_adjustment
from server.reconciliation.clear_items import CALENDAR, cost_account
from server.reconciliation.fetch_bill import KIND, Fetcher, schedule_bills
from server.reconciliation.import_bill import import_bill
from server.reconciliation.match_day import match_day
from server.reconciliation.models import Bill, BillLine, ClearedItem, Difference
from server.work.handlers import Claimed
from server.work.models import Due
from sync.messages import Tender
from tests.factories.payments import Till, balance, run, tiny_channel
from tests.factories.server_rows import SECRETS, Rows

NAME = "simulated"
_seeds = itertools.count(80_000)


@pytest.fixture
def till(database: str, tmp_path: Path) -> Till:
    return Till(Rows(next(_seeds)), tiny_channel(tmp_path))


def sell(till: Till, count: int = 1) -> list[str]:
    """Sell meals through the channel; return their items."""
    sold = []
    for _ in range(count):
        sale = till.request(tender=Tender.CHANNEL, auth_code="130000000000000001")
        till.online(sale)
        sold.append(Attempt.objects.get(payment=sale.intent.payment_id).id.hex)
    return sold


def day_of(till: Till) -> date:
    return till.now.astimezone(CALENDAR).date()


def bill_of(till: Till, items: Sequence[BillItem], file: bytes = b"") -> SaidBill:
    return SaidBill(BillKind.TRADE, day_of(till), items, file)


def line(till: Till, number: str, amount: int = 1200, fee: int = 7, **changes: Any) -> BillItem:
    return BillItem(number, f"ref{number[-4:]}", amount, fee, "OK", till.now, **changes)


def bring(till: Till, items: Sequence[BillItem], file: bytes = b"") -> None:
    import_bill(till.organisation, NAME, bill_of(till, items, file), now=till.now)
    match_day(till.organisation, NAME, day_of(till), till.now)


def owed(till: Till) -> int:
    return -balance(receivable_account(till.organisation, NAME))


def audit() -> list[str]:
    rules = (r08_receivables, r08_bills)
    return [one.text for rule in rules for one in rule.check(connection)]


def test_what_agrees_goes_to_the_bank_and_the_fee_to_its_cost(till: Till) -> None:
    items = sell(till, 3)
    assert owed(till) == 3600

    bring(till, [line(till, item) for item in items])

    assert owed(till) == 0
    assert balance(cost_account(till.organisation, NAME)) == -21
    assert audit() == []


def test_a_bill_that_comes_again_is_no_news_and_a_changed_one_supersedes(till: Till) -> None:
    first, second = sell(till, 2)
    bring(till, [line(till, first), line(till, second)], b"as it came first")
    bring(till, [line(till, first), line(till, second)], b"as it came first")
    assert Bill.objects.filter(organisation=till.organisation).count() == 1

    bring(till, [line(till, first), line(till, second, 1100)], b"changed")

    versions = Bill.objects.filter(organisation=till.organisation).order_by("version")
    assert [(bill.version, bill.is_current) for bill in versions] == [(1, False), (2, True)]
    assert bytes(versions[0].file) == b"as it came first"
    assert owed(till) == 1200
    [row] = Difference.objects.filter(organisation=till.organisation)
    assert (row.kind, row.our_amount, row.their_amount) == ("amount_over", 1200, 1100)
    undone = ClearedItem.objects.filter(organisation=till.organisation, undone_by__isnull=False)
    assert [item.item for item in undone] == [second]
    assert audit() == []

    bring(till, [line(till, first), line(till, second)], b"as it came first")
    assert owed(till) == 0
    assert Difference.objects.get().resolution == "matched_later"
    assert audit() == []


@pytest.mark.parametrize(
    ("rate", "found"),
    [
        ({"card": {"rate_ppm": 6000}, "cost": {"rate_ppm": 3800}, "cost_amount": 7}, []),
        ({"card": {"rate_ppm": 6000}, "cost": {"rate_ppm": 100}, "cost_amount": 0}, ["fee"]),
        ({"card": {"rate_ppm": 6000}, "cost": None, "cost_amount": 0}, ["fee"]),
        ({}, []),
    ],
    ids=["as the cost says", "beyond the cost", "no cost, so the merchant's fee", "nobody agreed"],
)
def test_a_channels_fee_is_held_against_what_it_costs_us(
    till: Till, rate: dict[str, Any], found: list[str]
) -> None:
    [item] = sell(till)
    Payment.objects.filter(organisation=till.organisation).update(fee_amount=20, rate=rate)

    bring(till, [line(till, item, fee=7)])

    rows = Difference.objects.filter(organisation=till.organisation)
    assert [row.kind for row in rows] == found
    assert owed(till) == (1200 if found else 0)


def test_a_large_day_is_cleared_in_parts_and_goes_on_where_it_was_stopped(till: Till) -> None:
    items = sell(till, 5)
    lines = [line(till, item) for item in items]
    import_bill(till.organisation, NAME, bill_of(till, [*lines, lines[0]]), now=till.now)
    fuse = itertools.count()

    def stop(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("INSERT") and "cleareditem" in sql and next(fuse) == 1:
            raise RuntimeError("stopped")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(stop), pytest.raises(RuntimeError, match="stopped"):
        match_day(till.organisation, NAME, day_of(till), till.now, at_once=2)
    assert owed(till) == 3600
    assert Bill.objects.get().matched_at is None
    assert not Difference.objects.exists()

    matched = match_day(till.organisation, NAME, day_of(till), till.now, at_once=2)

    assert (matched.cleared, owed(till)) == (3, 0)
    assert [row.kind for row in Difference.objects.all()] == ["duplicate"]
    assert ClearedItem.objects.values("clearing").distinct().count() == 3
    assert audit() == []


def test_a_duplicate_line_is_one_difference_and_stays_one(till: Till) -> None:
    [item] = sell(till)
    twice = [line(till, item), replace(line(till, item), reference="again")]
    for file in (b"1", b"2"):
        bring(till, twice, file)
        rows = Difference.objects.filter(organisation=till.organisation).exclude(state="resolved")
        assert [row.kind for row in rows] == ["duplicate"]
    assert owed(till) == 0
    assert audit() == []


def test_a_request_that_no_longer_fits_is_refused_and_nothing_is_posted(till: Till) -> None:
    register_adjustments()
    [item] = sell(till)
    bring(till, [line(till, item, 1100)])
    row = Difference.objects.get()
    asked = request_adjustment(
        till.organisation, row.id, by="wang", reason="short", now=till.now,
        random=lambda count: till.rows.id().bytes[-count:],
    )  # fmt: skip

    bring(till, [line(till, item, 1150)], b"changed")

    with pytest.raises(Refused, match="reconcile.changed_since"):
        approve(till.organisation, asked.id, by="li", now=till.now)
    assert owed(till) == 1200
    with pytest.raises(Refused, match="reconcile.no_reason"):
        request_adjustment(
            till.organisation, row.id, by="wang", reason=" ", now=till.now, random=bytes
        )


@dataclass
class Late:
    """A channel whose bills come when they come."""

    said: dict[date, SaidBill | NoBill]
    name: str = NAME
    asked: list[date] | None = None

    def bill(self, kind: BillKind, on: date, now: datetime) -> SaidBill | NoBill:
        return self.said.get(on, NoBill("bills.not_ready"))


def fetching(till: Till, channel: Late) -> Callable[[datetime], datetime | None]:
    """What the worker does for that channel, whenever it is due."""
    opened: Any = {NAME: Opened(cast("Any", channel), frozenset())}
    fetcher = Fetcher(Channels(lambda *_, **__: opened), run, SECRETS)

    def due(now: datetime) -> datetime | None:
        claimed = Claimed(till.rows.id(), till.organisation, KIND, till.organisation, now,
                          {"channel": NAME}, 1)  # fmt: skip
        return fetcher.fetch_due(claimed, now)

    return due


def noon(on: date) -> datetime:
    return datetime.combine(on, time(12), CALENDAR)


def test_days_are_fetched_in_order_and_a_late_one_is_waited_for(till: Till) -> None:
    [item] = sell(till)
    first = day_of(till)
    assert ChannelAccount.objects.filter(organisation=till.organisation, name=NAME).exists()
    assert schedule_bills(till.now) == 1
    assert schedule_bills(till.now) == 0
    row = Due.objects.get(organisation=till.organisation, kind=KIND)
    assert row.subject_id == channel_owner_id(till.organisation, NAME)
    channel = Late({})
    due = fetching(till, channel)

    now = noon(first + timedelta(days=2))
    assert due(now) == now + timedelta(minutes=30)
    channel.said[first + timedelta(days=1)] = NoBill("bills.empty")
    assert due(now) == now + timedelta(minutes=30)
    assert not Bill.objects.exists()

    channel.said[first] = bill_of(till, [line(till, item)])
    again_at = due(now)
    assert again_at == datetime.combine(first + timedelta(days=3), time(10, 30), CALENDAR)
    kept = Bill.objects.order_by("on").values_list("on", "lines")
    assert list(kept) == [(first, 1), (first + timedelta(days=1), 0)]
    assert owed(till) == 0
    assert due(now) == again_at


def test_a_bill_that_cannot_be_had_for_a_week_is_a_case_until_it_is_brought(till: Till) -> None:
    [item] = sell(till)
    first = day_of(till)
    channel = Late({first + timedelta(days=n): NoBill("bills.empty") for n in range(1, 20)})
    due = fetching(till, channel)

    due(noon(first + timedelta(days=7)))
    assert not Case.objects.exists()
    for _ in range(2):
        due(noon(first + timedelta(days=8)))
    case = Case.objects.get()
    assert (case.kind, case.amount, case.data["on"]) == ("bill_overdue", 1200, first.isoformat())
    assert case.closed_at is None

    bring(till, [line(till, item)])

    case.refresh_from_db()
    assert (case.closed_at, case.resolution) == (till.now, "bill_matched")
    assert owed(till) == 0
    assert audit() == []


@pytest.mark.parametrize(
    ("breaking", "said"),
    [
        ("UPDATE reconciliation_cleareditem SET our_amount = our_amount + 1", "items say"),
        ("DELETE FROM reconciliation_cleareditem", "items say 0"),
        ("UPDATE reconciliation_billline SET is_open = NOT is_open", "closed without a clearing"),
        ("UPDATE payments_attempt SET amount = amount - 1", "its attempt says"),
    ],
)
def test_the_audit_names_what_was_broken(till: Till, breaking: str, said: str) -> None:
    [item] = sell(till)
    bring(till, [line(till, item)])
    assert audit() == []

    with connection.cursor() as cursor:
        cursor.execute(breaking)

    assert any(said in text for text in audit())
    assert BillLine.objects.exists()

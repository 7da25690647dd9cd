"""How each channel's days stand with its bills, put together for people in a fixed few queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Min, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from server.channels.models import ChannelAccount
from server.ledger.models import Account
from server.payments.accounts import receivable_account
from server.reconciliation.clear_items import CALENDAR
from server.reconciliation.fetch_bill import READY_AT
from server.reconciliation.models import Bill, BillLine, Difference, DifferenceState

AGES = (1, 3, 7, 30)
"""Where the columns of ages begin, in days: younger than 1, 3, 7, 30, and older."""
Place = tuple[UUID, str, date]


@dataclass(slots=True)
class ChannelDay:
    """One day of one channel. `state`: not_yet, late, fetched, differences, waiting, matched."""

    account: ChannelAccount
    on: date
    bill: Bill | None = None
    open_lines: int = 0
    differences: dict[str, int] = field(default_factory=dict)
    state: str = "not_yet"

    @property
    def matched_lines(self) -> int:
        """How many of the bill's lines are cleared."""
        return self.bill.lines - self.open_lines if self.bill else 0

    @property
    def mark(self) -> str:
        """The class of its badge."""
        marks = {"matched": "good", "not_yet": "", "differences": "bad", "late": "bad"}
        return marks.get(self.state, "warn")


def read_days(
    accounts: Sequence[ChannelAccount], since: date, until: date, now: datetime
) -> list[ChannelDay]:
    """Return the days of `accounts`, the newest first, from an account's first bill on; of one that
    took money and has no bill at all, yesterday.
    """
    organisations = {account.organisation_id for account in accounts}
    bills = Bill.objects.filter(organisation__in=organisations, is_current=True).defer("file")
    first = {
        (one["organisation"], one["channel"]): one["first"]
        for one in bills.values("organisation", "channel").annotate(first=Min("on"))
    }
    new = _without_bill([one for one in accounts if (one.organisation_id, one.name) not in first])
    yesterday = _today(now) - timedelta(days=1)
    found = _days(accounts, since, until, {**dict.fromkeys(new, yesterday), **first}, yesterday)
    by_place = {(one.account.organisation_id, one.account.name, one.on): one for one in found}
    for bill in bills.filter(on__range=(since, until)):
        if day := by_place.get((bill.organisation, bill.channel, bill.on)):
            day.bill = bill
    _count(by_place, organisations, since, until)
    for day in found:
        day.state = _state(day, now)
    return found


def read_day(account: ChannelAccount, on: date, now: datetime) -> ChannelDay:
    """Return one day, whether or not it is listed."""
    day = ChannelDay(account, on)
    mine = Bill.objects.filter(organisation=account.organisation_id, channel=account.name, on=on)
    day.bill = mine.filter(is_current=True).defer("file").first()
    _count({(account.organisation_id, account.name, on): day}, {account.organisation_id}, on, on)
    day.state = _state(day, now)
    return day


def read_pool(differences: "QuerySet[Difference]", today: date) -> list[dict[str, Any]]:
    """Return what waits and what is open by its age in days: counts and both sides' sums."""
    rows = (
        differences.exclude(state=DifferenceState.RESOLVED).values("state", "first_on")
        .annotate(
            count=Count("id"), ours=Coalesce(Sum("our_amount"), 0),
            theirs=Coalesce(Sum("their_amount"), 0),
        )
    )  # fmt: skip
    cells: defaultdict[tuple[str, int], list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in rows:
        cell = cells[row["state"], age_column((today - row["first_on"]).days)]
        for place, name in enumerate(("count", "ours", "theirs")):
            cell[place] += row[name]
    states = (DifferenceState.POOLED.value, DifferenceState.OPEN.value)
    return [
        {
            "state": state,
            "ages": [cells[state, column][0] for column in range(len(AGES) + 1)],
            "count": sum(cells[state, column][0] for column in range(len(AGES) + 1)),
            "ours": sum(cells[state, column][1] for column in range(len(AGES) + 1)),
            "theirs": sum(cells[state, column][2] for column in range(len(AGES) + 1)),
        }
        for state in states
    ]


def age_column(days: int) -> int:
    """Return the column of an age in days."""
    return sum(days >= begin for begin in AGES)


def is_over(on: date, now: datetime) -> bool:
    """Whether a day of the channels' calendar is over."""
    return on < _today(now)


def _today(now: datetime) -> date:
    return now.astimezone(CALENDAR).date()


def _without_bill(accounts: Sequence[ChannelAccount]) -> list[tuple[UUID, str]]:
    """Which of these have taken money: somebody owes us their bill."""
    ids = {
        receivable_account(one.organisation_id, one.name).id: (one.organisation_id, one.name)
        for one in accounts
    }
    moved = Account.objects.filter(id__in=list(ids)).values_list("id", flat=True) if ids else ()
    return [ids[id] for id in moved]


def _days(
    accounts: Iterable[ChannelAccount], since: date, until: date,
    first: Mapping[tuple[UUID, str], date], yesterday: date,
) -> list[ChannelDay]:  # fmt: skip
    found = []
    for back in range((until - since).days + 1):
        on = until - timedelta(days=back)
        for account in accounts:
            begun = first.get((account.organisation_id, account.name))
            if begun is not None and (on == begun or begun <= on <= yesterday):
                found.append(ChannelDay(account, on))
    return found


def _count(
    days: Mapping[Place, ChannelDay], organisations: Collection[UUID], since: date, until: date
) -> None:
    lines = BillLine.objects.filter(
        organisation__in=organisations, is_open=True, on__range=(since, until)
    )
    for one in lines.values("organisation", "channel", "on").annotate(count=Count("id")):
        if day := days.get((one["organisation"], one["channel"], one["on"])):
            day.open_lines = one["count"]
    rows = Difference.objects.filter(
        Q(organisation__in=organisations), first_on__range=(since, until)
    )
    by_day = rows.values("organisation", "channel", "first_on", "state")
    for one in by_day.annotate(count=Count("id")):
        if day := days.get((one["organisation"], one["channel"], one["first_on"])):
            day.differences[one["state"]] = one["count"]


def _state(day: ChannelDay, now: datetime) -> str:
    if day.bill is None:
        ready_at = datetime.combine(day.on + timedelta(days=1), READY_AT, CALENDAR)
        return "late" if now >= ready_at else "not_yet"
    if day.bill.matched_at is None:
        return "fetched"
    if day.differences.get(DifferenceState.OPEN):
        return "differences"
    return "waiting" if day.differences.get(DifferenceState.POOLED) else "matched"

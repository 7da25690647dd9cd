"""What needs a person, as a short list for whoever may do it: a sentence, a count, a link.

Every line is one query or two, whatever the number of stores: the home page asks for all of them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from server.cases.models import Approval, ApprovalState, Case
from server.channels.models import ChannelAccount, ChannelNotice, Verdict
from server.console.bill_days import read_days
from server.console.roles import (
    ADMINISTRATOR,
    APPROVER,
    CLERK,
    FINANCE,
    MANAGER,
    SUPPORT,
    Reach,
    StaffRole,
)
from server.console.within import terminals_within
from server.fleet.models import Terminal, TerminalState
from server.inbox.models import Record
from server.merchants.models import Agreement, ChannelContract
from server.people.bulk_change import PLAN_LIFE
from server.people.models import BulkChange, ChangeState
from server.reconciliation.clear_items import CALENDAR
from server.reconciliation.models import Difference, DifferenceState
from server.settlement.models import Batch, Payout, PayoutAccount

LOOK_BACK = timedelta(days=30)
SOON = timedelta(days=14)
UNUSED = timedelta(days=7)
"""A counter registered so long ago and never activated was forgotten."""


@dataclass(frozen=True, slots=True)
class Need:
    """`what` is a sentence; `mark` how bad it is: warn or bad."""

    what: Any
    count: int
    url: str
    mark: str = "warn"


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks: only rows in reach count, and one's own requests wait for others."""

    reach: Reach
    name: str
    now: datetime


Finder = Callable[[Asking], Iterator[Need]]


def read_needs(reach: Reach, name: str, now: datetime) -> list[Need]:
    """Return what waits for this reader, what is worst first."""
    found: list[Need] = []
    for roles, finder in FINDERS:
        mine = reach.within(roles)
        if mine:
            found.extend(one for one in finder(Asking(mine, name, now)) if one.count)
    return sorted(found, key=lambda one: one.mark != "bad")


def _to(page: str, **asked: str) -> str:
    return reverse(f"console:{page}") + (f"?{urlencode(asked)}" if asked else "")


def _approvals(asking: Asking) -> Iterator[Need]:
    waiting = asking.reach.of(Approval.objects.filter(state=ApprovalState.WAITING))
    others = waiting.exclude(asked_by__iexact=asking.name)
    yield Need(_("Requests wait for your approval"), others.count(), _to("approvals"))


def _cases(asking: Asking) -> Iterator[Need]:
    rows = terminals_within(asking.reach, Case.objects.filter(closed_at__isnull=True))
    yield Need(_("Cases are open"), rows.count(), _to("cases"))


def _differences(asking: Asking) -> Iterator[Need]:
    rows = asking.reach.of(Difference.objects.filter(state=DifferenceState.OPEN))
    asked = Approval.objects.filter(
        organisation=OuterRef("organisation"), subject_kind="difference",
        subject_id=OuterRef("id"), state=ApprovalState.WAITING,
    )  # fmt: skip
    count = rows.exclude(Exists(asked)).count()
    yield Need(_("Differences with channels' bills"), count, _to("differences"), "bad")


def _bills(asking: Asking) -> Iterator[Need]:
    accounts = list(asking.reach.of(ChannelAccount.objects.filter(is_enabled=True)))
    today = asking.now.astimezone(CALENDAR).date()
    days = read_days(accounts, today - timedelta(days=7), today, asking.now) if accounts else []
    late = [day for day in days if day.state == "late" and day.account.provider != "simulated"]
    yield Need(_("Channels' bills are late"), len(late), _to("bills"))


def _payouts(asking: Asking) -> Iterator[Need]:
    accounts = {
        (one.payee_kind, one.payee): one.number
        for one in asking.reach.of(PayoutAccount.objects.all())
    }
    back = asking.reach.of(Payout.objects.filter(
        state__in=("failed", "returned"), changed_at__gt=asking.now - LOOK_BACK
    ))  # fmt: skip
    # Once the account is corrected, the next settlement pays: nothing is left to do
    wrong = [one for one in back if accounts.get((one.payee_kind, one.payee)) == one.number]
    yield Need(_("Payouts failed or came back"), len(wrong), _to("payouts"), "bad")
    lying = asking.reach.of(Batch.objects.filter(
        state="carried", carried_out_amount__gt=0, made_at__gt=asking.now - LOOK_BACK
    ))  # fmt: skip
    payees = set(lying.values_list("payee_kind", "payee"))
    nowhere = [one for one in payees if one not in accounts]
    url = _to("payouts") + "#accounts"
    yield Need(_("Payees have no bank account to be paid to"), len(nowhere), url)


def _ends(asking: Asking) -> Iterator[Need]:
    """Agreements and contracts that end without one to follow."""
    today = asking.now.date()
    span = Q(ends_on__gte=today - LOOK_BACK, ends_on__lte=today + SOON)
    later = Q(starts_on__gt=OuterRef("starts_on"))
    agreements = Agreement.objects.filter(Q(merchant=OuterRef("merchant")) & later)
    ending = asking.reach.of(Agreement.objects.filter(span)).exclude(Exists(agreements))
    url = reverse("admin:merchants_agreement_changelist")
    yield Need(_("Merchants' agreements end or have ended"), ending.count(), url)
    same = Q(merchant=OuterRef("merchant"), channel=OuterRef("channel"))
    contracts = asking.reach.of(ChannelContract.objects.filter(span))
    left = contracts.exclude(Exists(ChannelContract.objects.filter(same & later)))
    url = reverse("admin:merchants_channelcontract_changelist")
    yield Need(_("Contracts with channels end or have ended"), left.count(), url)


def _counters(asking: Asking) -> Iterator[Need]:
    rows = asking.reach.of(Terminal.objects.filter(
        state=TerminalState.NEW, registered_at__lt=asking.now - UNUSED
    ), site="store__site")  # fmt: skip
    yield Need(_("Counters are registered and were never activated"), rows.count(),
               _to("terminals"))  # fmt: skip


def _records(asking: Asking) -> Iterator[Need]:
    parked = terminals_within(asking.reach, Record.objects.filter(status="parked", resolution=""))
    yield Need(_("Records of counters are parked"), parked.count(), _to("parked"), "bad")


def _notices(asking: Asking) -> Iterator[Need]:
    rows = asking.reach.of(ChannelNotice.objects.all())
    late = rows.filter(verdict=Verdict.WAITING, last_at__lt=asking.now - timedelta(minutes=5))
    yield Need(_("Notices of channels are not taken"), late.count(),
               _to("notices", verdict=Verdict.WAITING))  # fmt: skip
    wrong = rows.filter(verdict=Verdict.WRONG_AMOUNT, last_at__gt=asking.now - timedelta(days=1))
    yield Need(_("Notices name a wrong amount"), wrong.count(),
               _to("notices", verdict=Verdict.WRONG_AMOUNT), "bad")  # fmt: skip


def _lists(asking: Asking) -> Iterator[Need]:
    rows = asking.reach.of(BulkChange.objects.filter(
        state=ChangeState.PLANNED, kind="people", errors=[],
        planned_at__gt=asking.now - UNUSED,
    ))  # fmt: skip
    yield Need(_("Lists were tried and not confirmed"), rows.count(), _to("people_import"))


def _clear_outs(asking: Asking) -> Iterator[Need]:
    rows = asking.reach.of(BulkChange.objects.filter(
        state=ChangeState.PLANNED, kind="clear_out", planned_at__gt=asking.now - PLAN_LIFE
    ))  # fmt: skip
    others = rows.exclude(planned_by=asking.name)
    yield Need(_("Subsidies wait to be cleared out"), others.count(), _to("clear_out"))


ACCOUNTANTS = frozenset({ADMINISTRATOR, FINANCE})
FINDERS: tuple[tuple[frozenset[StaffRole], Finder], ...] = (
    (ACCOUNTANTS | {APPROVER}, _approvals),
    (ACCOUNTANTS | {MANAGER}, _cases),
    (ACCOUNTANTS, _differences),
    (ACCOUNTANTS, _bills),
    (ACCOUNTANTS, _payouts),
    (ACCOUNTANTS, _ends),
    (frozenset({ADMINISTRATOR, MANAGER, SUPPORT}), _counters),
    (ACCOUNTANTS | {SUPPORT}, _records),
    (ACCOUNTANTS | {SUPPORT}, _notices),
    (frozenset({ADMINISTRATOR, CLERK}), _lists),
    (ACCOUNTANTS, _clear_outs),
)
"""Who is told what; each link is one that these roles may open."""

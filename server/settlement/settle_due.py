"""Everything that is due: days closed in order, batches made, payouts sent and heard of.

May be stopped anywhere and run again: each day, batch and payout is a transaction of its own, done
once. One payee's trouble does not keep the others waiting.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Max, Min

from domain.errors import Refused
from domain.ids import RandomBytes
from domain.settlement_days import TradingDay, last_over, open_day
from server.ledger.models import Account, Posting, Transfer
from server.merchants.models import Merchant
from server.merchants.trading_days import read_trading_days
from server.payments.accounts import PAYABLE, merchant_account
from server.settlement import pay_out
from server.settlement.apply_now import apply_now
from server.settlement.close_day import CloseDay
from server.settlement.make_batch import make_batch
from server.settlement.models import Batch, DayClose
from server.settlement.payout_bank import PayoutBank
from server.settlement.terms import Terms, read_calendar, read_terms

log = logging.getLogger(__name__)
MAX_DAYS: Final = 400
"""Days of one merchant closed in one run; more is a clock that went wrong."""
Tell = Callable[[str], None]


@dataclass(slots=True)
class Settled:
    """What one run did. `troubles`: whom it could not do, and why."""

    days: int = 0
    batches: int = 0
    payouts: pay_out.Progress = field(default_factory=pay_out.Progress)
    troubles: list[str] = field(default_factory=list)


def settle_due(
    organisation_id: UUID,
    now: datetime,
    random: RandomBytes,
    bank: PayoutBank | None = None,
    *,
    on: date | None = None,
    tell: Tell | None = None,
) -> Settled:
    """Settle an organisation up to day `on` (None: whatever is over by `now`)."""
    done = Settled()
    merchants = dict(
        Merchant.objects.filter(organisation=organisation_id).values_list("id", "name")
    )
    terms = read_terms(organisation_id, list(merchants))
    trading = read_trading_days(organisation_id, list(merchants))
    for place, (merchant, name) in enumerate(sorted(merchants.items()), start=1):
        if tell is not None:
            tell(f"{place}/{len(merchants)} {name}")
        try:
            days = trading.get(merchant, ())
            done.days += close_due(organisation_id, merchant, days, terms[merchant], now, on)
            today = on or (open_day(days, now) if days else now.date())
            done.batches += batch_due(organisation_id, "merchant", merchant, now, today)
        except Exception as trouble:
            log.exception("settling merchant %s", merchant)
            done.troubles.append(f"{name}: {trouble}")
    # It is tomorrow in Beijing while it still is today in UTC: the day is that of the merchants
    everywhere = {day for days in trading.values() for day in days}
    today = on or (open_day(everywhere, now) if everywhere else now.date())
    for kind, payee in _others(organisation_id):
        try:
            done.batches += batch_due(organisation_id, kind, payee, now, today)
        except Exception as trouble:
            log.exception("settling %s %s", kind, payee)
            done.troubles.append(f"{kind} {payee}: {trouble}")
    if bank is not None:
        done.payouts = pay_out.pay_out(organisation_id, bank, now, random)
    return done


def close_due(
    organisation_id: UUID,
    merchant_id: UUID,
    trading: tuple[TradingDay, ...],
    terms: Terms,
    now: datetime,
    until_on: date | None = None,
) -> int:
    """Close every day of a merchant that is over, the oldest first; return how many were."""
    if not trading:
        return 0
    last = last_over(trading, now)
    closed = 0
    for day in _open_days(organisation_id, merchant_id, min(last, until_on or last)):
        answer = apply_now(CloseDay(organisation_id, merchant_id, day, now, terms))
        closed += answer == "closed"
    return closed


def batch_due(organisation_id: UUID, kind: str, payee_id: UUID, now: datetime, on: date) -> int:
    """Make a payee's batch of the bank's last open day by `on`; 1 when one was made.

    Whatever was due on days before is in it too: a day that was missed is not lost.
    """
    day = on
    calendar = read_calendar(organisation_id)
    for _ in range(MAX_DAYS):
        if calendar.is_open(day):
            break
        day -= timedelta(days=1)
    mine = Batch.objects.filter(organisation=organisation_id, payee_kind=kind, payee=payee_id)
    newest = mine.aggregate(newest=Max("due_on"))["newest"]
    if newest is not None and newest >= day:
        return 0
    try:
        return int(make_batch(organisation_id, kind, payee_id, day, now))
    except Refused:
        return 0  # another worker made a later one meanwhile


def _open_days(organisation_id: UUID, merchant_id: UUID, last: date) -> Iterator[date]:
    closes = DayClose.objects.filter(organisation=organisation_id, merchant=merchant_id)
    newest = closes.aggregate(newest=Max("booked_on"))["newest"]
    first = _first_trade(organisation_id, merchant_id) if newest is None else newest
    if first is None:
        return
    day = first if newest is None else newest + timedelta(days=1)
    for _ in range(MAX_DAYS):
        if day > last:
            return
        yield day
        day += timedelta(days=1)


def _first_trade(organisation_id: UUID, merchant_id: UUID) -> date | None:
    account = merchant_account(organisation_id, merchant_id, PAYABLE)
    transfers = Posting.objects.filter(organisation=organisation_id, account=account.id)
    found = Transfer.objects.filter(id__in=transfers.values("transfer"))
    first: date | None = found.aggregate(first=Min("booked_on"))["first"]
    return first


def _others(organisation_id: UUID) -> list[tuple[str, UUID]]:
    """Agents and receivers to whom something is owed."""
    owed = Account.objects.filter(
        organisation=organisation_id, owner_kind__in=("agent", "receiver"), balance__gt=0
    )
    return sorted(owed.values_list("owner_kind", "owner_id"))

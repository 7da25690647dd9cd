"""Post what is settled with a channel: its receivable to the bank, and what it kept to its cost.

    receivable  + what our books said of the items
    bank        - what the channel paid out for them (its own amounts less its fees)
    cost        - its fees
    variance    + what it said more than we did (nothing, unless somebody accepted that)

What we owe is positive, so that a claim going down and a bank going up are of opposite sign.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Final
from uuid import UUID, uuid5

from django.db import connection

from server.channels.channel import channel_owner_id
from server.ledger.apply import apply
from server.ledger.commands import (
    AccountKey,
    CounterKey,
    Decision,
    Key,
    Locked,
    Posting,
    Reader,
    Transfer,
)
from server.payments.accounts import receivable_account
from server.reconciliation.models import BillLine, ClearedItem
from server.wallets.accounts import bank_account

CALENDAR: Final = timezone(timedelta(hours=8))
CAUSE: Final = "clearing"


def cost_account(organisation_id: UUID, channel: str) -> AccountKey:
    """What a channel has kept as its fees: negative, an expense."""
    owner = channel_owner_id(organisation_id, channel)
    return AccountKey(organisation_id, "channel", owner, "cost")


def variance_account(organisation_id: UUID, channel: str) -> AccountKey:
    """What a channel paid out beyond our books (positive) or fell short of them, as accepted."""
    owner = channel_owner_id(organisation_id, channel)
    return AccountKey(organisation_id, "channel", owner, "variance")


@dataclass(frozen=True, slots=True)
class Clearing:
    """One transfer for the items of one clearing, once and never again."""

    organisation_id: UUID
    channel: str
    id: UUID
    our_amount: int
    their_amount: int
    fee_amount: int
    now: datetime

    @property
    def keys(self) -> Sequence[Key]:
        """Its own id."""
        return (Key(self.organisation_id, CAUSE, self.id),)

    @property
    def counters(self) -> Sequence[CounterKey]:
        """None."""
        return ()

    @property
    def accounts(self) -> Sequence[AccountKey]:
        """The four accounts it moves."""
        return tuple(self._amounts())

    @property
    def reader(self) -> Reader | None:
        """It reads nothing."""
        return None

    def decide(self, locked: Locked) -> Decision:
        """Post, unless that has been done."""
        postings = tuple(Posting(key, amount) for key, amount in self._amounts().items() if amount)
        if not locked.fresh or not postings:
            return Decision(None)
        today = self.now.astimezone(CALENDAR).date()
        transfer = Transfer(
            uuid5(self.id, "transfer"), self.organisation_id, CAUSE, self.id, "clear", postings,
            self.now, today, today,
        )  # fmt: skip
        return Decision(transfer.id, transfers=(transfer,))

    def _amounts(self) -> dict[AccountKey, int]:
        organisation, channel = self.organisation_id, self.channel
        return {
            receivable_account(organisation, channel): self.our_amount,
            bank_account(organisation): self.fee_amount - self.their_amount,
            cost_account(organisation, channel): -self.fee_amount,
            variance_account(organisation, channel): self.their_amount - self.our_amount,
        }


def clear_items(items: Sequence[ClearedItem], now: datetime) -> None:
    """Keep `items` of one clearing as cleared and post them; the last step of a transaction."""
    if not items:
        return
    first = items[0]
    ClearedItem.objects.bulk_create(items, batch_size=1_000)
    lines = [item.line for item in items if item.line is not None]
    _set_open(first.organisation, lines, is_open=False)
    _post(first.organisation, first.channel, first.clearing, items, now, sign=1)


def undo_cleared(
    organisation_id: UUID, channel: str, lines: Iterable[UUID], *, because: UUID, now: datetime
) -> None:
    """Take back what withdrawn lines cleared: their items are open again, in a new posting."""
    rows = ClearedItem.objects.filter(
        organisation=organisation_id, line__in=list(lines), undone_by__isnull=True
    )
    items = list(rows)
    clearing = uuid5(because, "withdrawn")
    rows.update(undone_by=clearing)
    _post(organisation_id, channel, clearing, items, now, sign=-1)


def _set_open(organisation_id: UUID, lines: Sequence[UUID], *, is_open: bool) -> None:
    for start in range(0, len(lines), 500):
        some = lines[start : start + 500]
        BillLine.objects.filter(organisation=organisation_id, id__in=some).update(is_open=is_open)


def _post(
    organisation_id: UUID, channel: str, clearing: UUID, items: Sequence[ClearedItem],
    now: datetime, *, sign: int,
) -> None:  # fmt: skip
    if items:
        command = Clearing(
            organisation_id, channel, clearing,
            sign * sum(item.our_amount for item in items),
            sign * sum(item.their_amount for item in items),
            sign * sum(item.fee_amount for item in items), now,
        )  # fmt: skip
        apply(connection, [command])

"""Make a payee's batch: all that is due by a day and in no batch yet, paid or carried on.

A merchant's batch is made of items; agents and receivers are paid what their account holds. The
money of a positive net leaves the payee's account for third parties and for "payout in transit" in
the same commit. A net that is negative, below the least worth paying, or of a payee without a bank
account stays where it is and is carried. Made twice, it is made once.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from django.db.models import Q
from msgspec import Struct

from domain.errors import Refused
from domain.settlement_net import Net, split_net
from domain.settlement_states import PayoutState
from server import sql
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
from server.merchants.models import SplitRule
from server.merchants.trading_days import open_day_of
from server.settlement.accounts import in_transit, payee_account
from server.settlement.apply_now import apply_now
from server.settlement.effects import Added, ItemsBatched, asked
from server.settlement.models import Batch, Payout, PayoutAccount
from server.settlement.terms import read_terms

KIND = "settlement_batch"
DUE = """
SELECT id, amount, discount_amount, fee_amount FROM settlement_item
WHERE organisation = %s AND merchant = %s AND batch_id IS NULL AND due_on <= %s ORDER BY id
"""
LAST = """
SELECT due_on, carried_out_amount FROM settlement_batch
WHERE organisation = %s AND payee_kind = %s AND payee = %s ORDER BY due_on DESC LIMIT 1
"""


class DueNow(Struct, frozen=True):
    """What a batch finds under its lock: items as (id, amount, discount, fee)."""

    items: Sequence[tuple[UUID, int, int, int]] = ()
    last_due_on: date | None = None
    carried_amount: int = 0


def make_batch(
    organisation_id: UUID, payee_kind: str, payee_id: UUID, due_on: date, now: datetime
) -> bool:
    """Make the batch of a payee by `due_on`; return whether there is one made now.

    Raises `Refused("settlement.out_of_order")` when a later one exists.
    """
    answer = apply_now(_planned(organisation_id, payee_kind, payee_id, due_on, now))
    if answer == "out_of_order":
        raise Refused("settlement.out_of_order", day=due_on.isoformat())
    return bool(answer == "made")


def batch_id(organisation_id: UUID, payee_kind: str, payee_id: UUID, due_on: date) -> UUID:
    """The id of a batch, which follows from what it is."""
    return uuid5(organisation_id, f"batch/{payee_kind}/{payee_id}/{due_on}")


def _planned(
    organisation_id: UUID, payee_kind: str, payee_id: UUID, due_on: date, now: datetime
) -> "MakeBatch":
    account = PayoutAccount.objects.filter(
        organisation=organisation_id, payee_kind=payee_kind, payee=payee_id
    ).first()
    is_merchant = payee_kind == "merchant"
    least = 1
    splits: tuple[tuple[UUID, int], ...] = ()
    booked_on = now.date()
    if is_merchant:
        least = read_terms(organisation_id, [payee_id])[payee_id].paid_on(due_on).least_amount
        splits = _splits(organisation_id, payee_id, due_on)
        booked_on = open_day_of(organisation_id, payee_id, now)
    return MakeBatch(
        organisation_id, payee_kind, payee_id, due_on, now, booked_on, account, splits, least
    )


def _splits(organisation_id: UUID, merchant_id: UUID, on: date) -> tuple[tuple[UUID, int], ...]:
    """The newest rule of each receiver that is in force."""
    rules = SplitRule.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=on),
        organisation=organisation_id, merchant=merchant_id, starts_on__lte=on,
    ).order_by("receiver_id", "starts_on")  # fmt: skip
    return tuple({rule.receiver_id: rule.rate_ppm for rule in rules}.items())


@dataclass(frozen=True, slots=True)
class MakeBatch:
    """The command. Its answer: "made", "made_before", "nothing" or "out_of_order"."""

    organisation_id: UUID
    payee_kind: str
    payee_id: UUID
    due_on: date
    now: datetime
    booked_on: date
    account: PayoutAccount | None = field(repr=False)
    splits: tuple[tuple[UUID, int], ...] = ()
    least_amount: int = 1

    @property
    def id(self) -> UUID:
        """The batch's id."""
        return batch_id(self.organisation_id, self.payee_kind, self.payee_id, self.due_on)

    @property
    def keys(self) -> Sequence[Key]:
        """The batch: only its first maker finds it fresh."""
        return (Key(self.organisation_id, KIND, self.id),)

    @property
    def counters(self) -> Sequence[CounterKey]:
        """None."""
        return ()

    @property
    def payee(self) -> AccountKey:
        """What the payee is owed; its lock keeps other batches of it out."""
        return payee_account(self.organisation_id, self.payee_kind, self.payee_id)

    @property
    def accounts(self) -> Sequence[AccountKey]:
        """The payee's, the third parties' and what is in transit."""
        receivers = [self._receiver(id) for id, _ in self.splits]
        return (self.payee, in_transit(self.organisation_id), *receivers)

    @property
    def reader(self) -> Reader | None:
        """Reads what is due, once the payee's account is locked."""
        return self._read

    def _read(self, cursor: Any, keys: Sequence[Key], _: Collection[Key]) -> Mapping[Key, Any]:
        place = (self.organisation_id, self.payee_kind, self.payee_id)
        last = asked(cursor, LAST, *place)
        items = []
        if self.payee_kind == "merchant":
            rows = asked(cursor, DUE, self.organisation_id, self.payee_id, self.due_on)
            items = [(sql.to_uuid(id), *amounts) for id, *amounts in rows]
        found = DueNow(items, sql.to_date(last[0][0]) if last else None, last[0][1] if last else 0)
        return {keys[0]: found}

    def _receiver(self, id: UUID) -> AccountKey:
        return payee_account(self.organisation_id, "receiver", id)

    def decide(self, locked: Locked) -> Decision:
        """Make the batch of what is due."""
        found: DueNow = locked.rows[self.keys[0]]
        if not locked.fresh:
            return Decision("made_before")
        if found.last_due_on is not None and found.last_due_on >= self.due_on:
            return Decision("out_of_order", forgets=tuple(self.keys))
        batch = self._batch(found, locked.accounts[self.payee].balance)
        if not found.items and batch.payout_amount + batch.split_amount == 0:
            return Decision("nothing", forgets=tuple(self.keys))
        shares = self._shares(batch)
        added: list[Any] = [batch]
        if batch.payout_amount:
            added.append(self._payout(batch))
        transfer = self._transfer(batch, shares)
        return Decision(
            "made",
            transfers=(transfer,) if transfer else (),
            effects=(Added(added), ItemsBatched(self.id, [item[0] for item in found.items])),
        )

    def _batch(self, found: DueNow, balance: int) -> Batch:
        amount = sum(item[1] for item in found.items)
        discount = sum(item[2] for item in found.items)
        taken = sum(item[3] for item in found.items)
        if self.payee_kind != "merchant":
            amount = max(balance, 0)
        net = Net(
            sale_amount=amount, discount_amount=discount, fee_amount=taken,
            carried_amount=found.carried_amount,
        )  # fmt: skip
        paid, carried = net.paid(self.least_amount) if self.account else (0, net.net_amount)
        given = sum(split_net(paid, [rate for _, rate in self.splits]))
        state = "paying" if paid > given else "paid" if paid else "carried"
        return Batch(
            id=self.id, organisation=self.organisation_id, payee_kind=self.payee_kind,
            payee=self.payee_id, due_on=self.due_on, made_at=self.now,
            item_count=len(found.items), amount=amount, discount_amount=discount,
            fee_amount=taken, carried_in_amount=found.carried_amount, net_amount=net.net_amount,
            split_amount=given, payout_amount=paid - given, carried_out_amount=carried,
            state=state,
        )  # fmt: skip

    def _shares(self, batch: Batch) -> dict[AccountKey, int]:
        paid = batch.split_amount + batch.payout_amount
        parts = split_net(paid, [rate for _, rate in self.splits])
        return {self._receiver(id): part for (id, _), part in zip(self.splits, parts, strict=True)}

    def _transfer(self, batch: Batch, shares: dict[AccountKey, int]) -> Transfer | None:
        paid = batch.split_amount + batch.payout_amount
        amounts = {self.payee: -paid, in_transit(self.organisation_id): batch.payout_amount}
        postings = [Posting(at, part) for at, part in (*amounts.items(), *shares.items()) if part]
        if not postings:
            return None
        return Transfer(
            id=uuid5(self.id, "payout"),
            organisation_id=self.organisation_id,
            cause_kind=KIND,
            cause_id=self.id,
            purpose="payout",
            postings=tuple(postings),
            occurred_at=self.now,
            business_on=self.booked_on,
            booked_on=self.booked_on,
        )

    def _payout(self, batch: Batch) -> Payout:
        assert self.account is not None, "without an account everything is carried"
        return Payout(
            id=uuid5(self.id, "number"), organisation=self.organisation_id, batch_id=self.id,
            payee_kind=self.payee_kind, payee=self.payee_id, amount=batch.payout_amount,
            holder=self.account.holder, number=self.account.number, bank=self.account.bank,
            state=PayoutState.CREATED.value, made_at=self.now, changed_at=self.now,
        )  # fmt: skip

"""A merchant that trades over days: postings like a payment's, closes, batches, payouts.

books = Trading(Rows())
books.sell(1_200); books.give_back(sale, 300)
books.end_day(); books.close(); books.settle()
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from domain.fees import RateCard, card_data, fee
from server.ledger.apply import apply
from server.ledger.commands import AccountKey, Posting, Transfer
from server.ledger.models import Account
from server.merchants.models import Agent, AgentCost, ChannelContract, SettlementTerms
from server.payments.accounts import PAYABLE, merchant_account, receivable_account
from server.payments.models import Payment, Refund
from server.settlement.close_day import close_day
from server.settlement.make_batch import make_batch
from server.settlement.models import PayoutAccount
from tests.factories.ledger import AskedFor
from tests.factories.server_rows import Rows

CHANNEL = "wechat"
CARD = RateCard(rate_ppm=6_000)


class Trading:
    """One merchant; `day` is its open day, `now` noon of it in Shanghai."""

    def __init__(self, rows: Rows, *, card: RateCard | None = CARD) -> None:
        self.rows, self.now, self.card = rows, rows.now, card
        self.organisation, self.merchant = rows.organisation.id, rows.merchant.id
        self.payable = merchant_account(self.organisation, self.merchant, PAYABLE)
        if card is not None:
            self.contract(card)

    @property
    def day(self) -> date:
        """The day that is open now."""
        return (self.now + timedelta(hours=4)).date()

    def contract(self, card: RateCard, cycle_days: int = 1) -> ChannelContract:
        """Agree with a channel."""
        return ChannelContract.objects.create(
            id=self.rows.id(), organisation=self.rows.organisation, merchant=self.rows.merchant,
            channel=CHANNEL, card=card_data(card), cycle_days=cycle_days,
            starts_on=date(2026, 1, 1),
        )  # fmt: skip

    def agents(self, *rates_ppm: int) -> list[Agent]:
        """Put a chain of agents above the merchant, the nearest first, with their cost prices."""
        parent: Agent | None = None
        made: list[Agent] = []
        for level, rate in reversed(list(enumerate(rates_ppm))):
            agent = Agent.objects.create(
                id=self.rows.id(), organisation=self.rows.organisation, parent=parent,
                code=f"A{level}", name=f"代理 {level}",
            )  # fmt: skip
            AgentCost.objects.create(
                id=self.rows.id(), organisation=self.rows.organisation, agent=agent,
                channel=CHANNEL, card=card_data(RateCard(rate_ppm=rate)),
                starts_on=date(2026, 1, 1),
            )  # fmt: skip
            parent, made = agent, [agent, *made]
        self.terms(agent=parent)
        return made

    def terms(self, **changes: Any) -> SettlementTerms:
        """Say how the merchant is paid."""
        return SettlementTerms.objects.create(
            id=self.rows.id(), organisation=self.rows.organisation, merchant=self.rows.merchant,
            **{"starts_on": date(2026, 1, 1), **changes},
        )  # fmt: skip

    def bank_account(self, kind: str = "merchant", payee: UUID | None = None) -> PayoutAccount:
        """Say where a payee is paid."""
        return PayoutAccount.objects.create(
            id=self.rows.id(), organisation=self.organisation, payee_kind=kind,
            payee=payee or self.merchant, holder="示例餐饮有限公司", number="6222020200001234567",
            bank="102100099996",
        )  # fmt: skip

    def sell(self, amount: int, *, late_days: int = 0, side: str = PAYABLE) -> Payment:
        """A sale through the channel; `late_days`: it happened that many days ago."""
        business_on = self.day - timedelta(days=late_days)
        card = self.card
        payment = Payment.objects.create(
            id=self.rows.id(), organisation=self.organisation, order=self.rows.id(),
            merchant=self.merchant, store=self.rows.store.id, terminal=self.rows.id(),
            binding_version=1, tender="channel", payer="code", credential="code", assurance=1,
            total_amount=amount, state="succeeded", fingerprint=b"\x01" * 32, mode="online",
            merchant_side=side, channel=CHANNEL, fee_amount=fee(card, amount) if card else 0,
            rate={"card": card_data(card)} if card else {}, occurred_at=self.now,
            received_at=self.now, changed_at=self.now, business_on=business_on,
            booked_on=self.day,
            legs=[{
                "account": {"owner_kind": "channel", "owner_id": "", "kind": "receivable"},
                "units": amount, "amount": amount,
            }],
        )  # fmt: skip
        account = merchant_account(self.organisation, self.merchant, side)
        self.move("payment", payment.id, "sale", {account: amount}, business_on)
        return payment

    def give_back(self, payment: Payment, amount: int) -> Refund:
        """A refund through the channel, today."""
        refund = Refund.objects.create(
            id=self.rows.id(), organisation=self.organisation, payment=payment.id,
            merchant=self.merchant, tender="channel", amount=amount, posted_amount=amount,
            state="succeeded", occurred_at=self.now, received_at=self.now, changed_at=self.now,
            business_on=self.day, booked_on=self.day,
        )  # fmt: skip
        payment.refunded_amount += amount
        payment.save()
        self.move("refund", refund.id, "refund", {self.payable: -amount})
        return refund

    def adjust(self, amount: int) -> None:
        """Somebody approved that the merchant is owed more (or less)."""
        self.move("adjustment", self.rows.id(), "adjusted", {self.payable: amount})

    def move(
        self, cause: str, cause_id: UUID, purpose: str, amounts: dict[AccountKey, int],
        business_on: date | None = None, booked_on: date | None = None,
    ) -> UUID:  # fmt: skip
        """Post to the channel's receivable and back."""
        other = receivable_account(self.organisation, CHANNEL)
        postings = [Posting(account, amount) for account, amount in amounts.items()]
        if left := -sum(amounts.values()):
            postings.append(Posting(other, left))
        transfer = Transfer(
            self.rows.id(), self.organisation, cause, cause_id, purpose, tuple(postings), self.now,
            business_on or self.day, booked_on or self.day,
        )  # fmt: skip
        run(transfer)
        return transfer.id

    def end_day(self) -> date:
        """Let the day end and its grace pass; return the day that ended."""
        ended = self.day
        self.now += timedelta(days=1)
        return ended

    def close(self) -> bool:
        """Close the day that ended last."""
        return close_day(self.organisation, self.merchant, self.day - timedelta(days=1), self.now)

    def settle(
        self, due_on: date | None = None, kind: str = "merchant", payee: UUID | None = None
    ) -> bool:
        """Make the batch that is due today."""
        return make_batch(
            self.organisation, kind, payee or self.merchant, due_on or self.day, self.now
        )

    def balance(self, account: AccountKey) -> int:
        """What an account holds."""
        row = Account.objects.filter(organisation=self.organisation, id=account.id).first()
        return row.balance if row else 0


def run(transfer: Transfer) -> None:
    """Book a transfer."""
    accounts = [posting.account for posting in transfer.postings]
    command = AskedFor(lambda _: _decision(transfer), accounts=accounts)
    with transaction.atomic():
        apply(connection, [command])


def _decision(transfer: Transfer) -> Any:
    from server.ledger.commands import Decision

    return Decision("booked", transfers=(transfer,))


def at(text: str) -> datetime:
    """An instant from ISO text."""
    return datetime.fromisoformat(text)

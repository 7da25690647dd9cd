"""Wallets, subsidy grants with each person's share, and top-ups.

Rules (MONEY §1, §5)
- A wallet is a person's cash account and debt account; subsidies lie apart, one per grant.
- Spending order: subsidies by expiry first, then cash. What is missing may become debt.
- Debt has no floor, is repaid first from the next cash top-up and never from subsidy.
- Subsidy comes from its grant's budget and returns only to it.
"""

from django.db import models
from django.db.models import Q


class Wallet(models.Model):
    """A person's own money and debt; the account ids follow from the person's id."""

    id = models.UUIDField(primary_key=True)
    organisation = models.UUIDField()
    person = models.UUIDField()
    opened_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "person"), name="wallets_wallet_person"
            ),
        )

    def __str__(self) -> str:
        return str(self.person)


class Grant(models.Model):
    """A subsidy handed to many: where and when it may be spent, and until when.

    `merchants` are UUIDs as text and `meal_periods` codes; empty means everywhere, at any meal.
    `kind` is subsidy (fen) or meal (a count, each worth `meal_value_amount` fen).
    """

    id = models.UUIDField(primary_key=True)
    organisation = models.UUIDField()
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=8, default="subsidy")
    meal_value_amount = models.BigIntegerField(default=0)
    merchants = models.JSONField(default=list)
    meal_periods = models.JSONField(default=list)
    starts_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150, default="", blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(kind="subsidy", meal_value_amount=0)
                | Q(kind="meal", meal_value_amount__gt=0),
                name="wallets_grant_kind",
            ),
        )

    def __str__(self) -> str:
        return self.name


class Share(models.Model):
    """What one person got of a grant; `id` owns the account: uuid5(person, grant)."""

    id = models.UUIDField(primary_key=True)
    organisation = models.UUIDField()
    grant = models.UUIDField()
    person = models.UUIDField()
    amount = models.BigIntegerField()
    granted_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "person", "grant"), name="wallets_share_person"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="wallets_share_amount"),
        )
        indexes = (models.Index(fields=("organisation", "grant"), name="wallets_share_grant"),)

    def __str__(self) -> str:
        return f"{self.person} {self.amount}"


class TopUp(models.Model):
    """An order whose beneficiary is a wallet; what repaid debt never reached the cash account.

    One at a counter names the shift whose drawer took the cash, its terminal and operator.
    """

    id = models.UUIDField(primary_key=True)
    organisation = models.UUIDField()
    person = models.UUIDField()
    amount = models.BigIntegerField()
    repaid_amount = models.BigIntegerField()
    source = models.CharField(max_length=32)
    reference = models.CharField(max_length=64, default="", blank=True)
    topped_up_at = models.DateTimeField()
    terminal = models.UUIDField(null=True)
    shift = models.UUIDField(null=True)
    operator = models.UUIDField(null=True)
    fingerprint = models.CharField(max_length=64, default="", blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(amount__gt=0) & Q(repaid_amount__gte=0), name="wallets_topup_amount"
            ),
        )
        indexes = (
            models.Index(fields=("organisation", "person"), name="wallets_topup_person"),
            models.Index(fields=("organisation", "shift"), name="wallets_topup_shift"),
        )

    def __str__(self) -> str:
        return f"{self.person} {self.amount}"


class RefusedTopUp(models.Model):
    """A top-up that a counter was told no to: a late repeat must not turn it into a yes."""

    id = models.UUIDField(primary_key=True)
    organisation = models.UUIDField()
    fingerprint = models.CharField(max_length=64)
    code = models.CharField(max_length=64)
    terminal = models.UUIDField()
    refused_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.id} {self.code}"


class PayOut(models.Model):
    """What is left in the wallet of somebody who left, paid out: one proposes, another confirms.

    `state` is proposed, paid or dropped.
    """

    id = models.UUIDField(primary_key=True)
    organisation = models.UUIDField()
    person = models.UUIDField()
    amount = models.BigIntegerField()
    way = models.CharField(max_length=100, default="", blank=True)
    state = models.CharField(max_length=16, default="proposed")
    proposed_at = models.DateTimeField()
    proposed_by = models.CharField(max_length=150)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=150, default="", blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(amount__gt=0), name="wallets_payout_amount"),
            models.CheckConstraint(
                condition=Q(state__in=("proposed", "paid", "dropped")), name="wallets_payout_state"
            ),
            models.CheckConstraint(
                condition=~Q(state="paid") | ~Q(decided_by=models.F("proposed_by")),
                name="wallets_payout_four_eyes",
            ),
            models.UniqueConstraint(
                fields=("organisation", "person"),
                condition=Q(state="proposed"),
                name="wallets_payout_one_waits",
            ),
        )

    def __str__(self) -> str:
        return f"{self.person} {self.amount}"

"""Wallets, subsidy grants with each person's share, top-ups, and mandates to a person's bank.

Rules (MONEY §1, §5)
- A wallet is a person's cash account and debt account; subsidies lie apart, one per grant.
- Spending order: subsidies by expiry first, then cash. What is missing may become debt.
- Debt has no floor, is repaid first from the next cash top-up and never from subsidy.
- Subsidy comes from its grant's budget and returns only to it.
- A mandate is the last source: signed by the payer at the bank, one in force a person. Of the bank
  account only its last four digits are kept.
"""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


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
                condition=~Q(state="paid") | ~Q(decided_by=F("proposed_by")),
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


class MandateState(models.TextChoices):
    """Where a mandate stands: only an active one pays."""

    PENDING = "pending", _("waiting for the payer to sign")
    ACTIVE = "active", _("in force")
    CANCELLING = "cancelling", _("being cancelled")
    CANCELLED = "cancelled", _("no longer in force")
    FAILED = "failed", _("never signed")


LIVE_MANDATES = (MandateState.PENDING, MandateState.ACTIVE, MandateState.CANCELLING)


class Mandate(models.Model):
    """A person's word that a channel may debit their bank account for meals, within limits.

    `number` is the bank's name for it and follows from the id. `payer` is what lets the bank find
    its customer, the same at each asking. `evidence` says where the signed consent is kept.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.UUIDField()
    person = models.UUIDField()
    channel = models.CharField(_("channel"), max_length=32)
    number = models.CharField(max_length=64)
    account_tail = models.CharField(_("account ends in"), max_length=4)
    payer = models.JSONField(default=dict)
    payment_cap_amount = models.BigIntegerField()
    day_cap_amount = models.BigIntegerField()
    claim_cap_amount = models.BigIntegerField()
    state = models.CharField(max_length=12, choices=MandateState, default=MandateState.PENDING)
    code = models.CharField(max_length=64, default="", blank=True)
    evidence = models.CharField(max_length=200)
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=150)
    signed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=150, default="", blank=True)

    class Meta:
        verbose_name = _("bank mandate")
        verbose_name_plural = _("bank mandates")
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "channel", "number"), name="wallets_mandate_number"
            ),
            models.UniqueConstraint(
                fields=("organisation", "person"),
                condition=Q(state__in=LIVE_MANDATES),
                name="wallets_mandate_one_live",
            ),
            models.CheckConstraint(
                condition=Q(state__in=MandateState.values), name="wallets_mandate_state"
            ),
            models.CheckConstraint(
                condition=Q(payment_cap_amount__gt=0)
                & Q(payment_cap_amount__lte=F("day_cap_amount"))
                & Q(claim_cap_amount__gte=0),
                name="wallets_mandate_limits",
            ),
            models.CheckConstraint(
                condition=~Q(state="active") | Q(signed_at__isnull=False),
                name="wallets_mandate_signed",
            ),
        )

    def __str__(self) -> str:
        return f"{self.channel} *{self.account_tail}"

"""The books: accounts, transfers, postings, holds, counters, and the ids that were ever locked.

Rules
- Only `apply.py` writes these tables; here they are declared for migrations and for reading.
- Transfers, postings and increments are never updated or deleted: triggers refuse it.
- Every account moves by postings alone: balance = Σ postings, version = their number.
- There is no foreign key upward: `owner_kind, owner_id` name whoever owns an account or hold.
"""

from django.db import models
from django.db.models import F, Q


class Account(models.Model):
    """A balance of one owner in one unit; `floor` null means without limit below zero."""

    id = models.UUIDField(primary_key=True)
    organisation = models.UUIDField()
    owner_kind = models.CharField(max_length=32)
    owner_id = models.UUIDField()
    kind = models.CharField(max_length=32)
    unit = models.CharField(max_length=8)
    floor = models.BigIntegerField(null=True)
    balance = models.BigIntegerField(default=0)
    held = models.BigIntegerField(default=0)
    version = models.BigIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "owner_kind", "owner_id", "kind", "unit"),
                name="ledger_account_key",
            ),
            models.CheckConstraint(condition=Q(held__gte=0), name="ledger_account_held"),
            models.CheckConstraint(condition=Q(version__gte=0), name="ledger_account_version"),
            models.CheckConstraint(
                condition=Q(floor__isnull=True) | Q(balance__gte=F("floor") + F("held")),
                name="ledger_account_floor",
            ),
            models.CheckConstraint(
                condition=~Q(kind="debt") | Q(balance__lte=0), name="ledger_account_debt"
            ),
        )

    def __str__(self) -> str:
        return f"{self.owner_kind}/{self.kind} {self.balance} {self.unit}"


class Transfer(models.Model):
    """Postings with one cause, that sum to zero per unit."""

    id = models.UUIDField(primary_key=True)
    organisation = models.UUIDField()
    cause_kind = models.CharField(max_length=32)
    cause_id = models.UUIDField()
    purpose = models.CharField(max_length=32)
    occurred_at = models.DateTimeField()
    business_on = models.DateField()
    booked_on = models.DateField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "cause_id", "cause_kind", "purpose"),
                name="ledger_transfer_cause",
            ),
        )

    def __str__(self) -> str:
        return f"{self.cause_kind} {self.cause_id} {self.purpose}"


class Posting(models.Model):
    """One leg of a transfer; `version` is the account's after it, so none can go missing."""

    pk = models.CompositePrimaryKey("transfer", "account")
    organisation = models.UUIDField()
    transfer = models.UUIDField()
    account = models.UUIDField()
    amount = models.BigIntegerField()
    version = models.BigIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "account", "version"), name="ledger_posting_version"
            ),
            models.CheckConstraint(condition=~Q(amount=0), name="ledger_posting_amount"),
        )


class Hold(models.Model):
    """An amount reserved for its owner; ended once, by that owner, posted or released."""

    id = models.UUIDField(primary_key=True)
    organisation = models.UUIDField()
    account = models.UUIDField()
    amount = models.BigIntegerField()
    owner_kind = models.CharField(max_length=32)
    owner_id = models.UUIDField()
    opened_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    posted = models.BooleanField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(amount__gt=0), name="ledger_hold_amount"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, posted__isnull=True)
                | Q(ended_at__isnull=False, posted__isnull=False),
                name="ledger_hold_end",
            ),
        )
        indexes = (
            models.Index(fields=("organisation", "owner_id"), name="ledger_hold_owner"),
            models.Index(
                fields=("account",), name="ledger_hold_open", condition=Q(ended_at__isnull=True)
            ),
        )

    def __str__(self) -> str:
        return f"{self.owner_kind} {self.owner_id} {self.amount}"


class Counter(models.Model):
    """Use of a rule by a subject in a window; `limit_amount` as last stated, null: none."""

    id = models.UUIDField(primary_key=True)
    organisation = models.UUIDField()
    subject = models.CharField(max_length=80)
    rule = models.CharField(max_length=48)
    window = models.CharField(max_length=48)
    used = models.BigIntegerField(default=0)
    limit_amount = models.BigIntegerField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "subject", "rule", "window"), name="ledger_counter_key"
            ),
            models.CheckConstraint(condition=Q(used__gte=0), name="ledger_counter_used"),
        )

    def __str__(self) -> str:
        return f"{self.subject} {self.rule} {self.window}: {self.used}"


class Increment(models.Model):
    """Use (or, negative, give back) of a counter by one cause; `forced` may pass the limit."""

    organisation = models.UUIDField()
    counter = models.UUIDField()
    amount = models.BigIntegerField()
    cause_id = models.UUIDField()
    forced = models.BooleanField()

    class Meta:
        indexes = (models.Index(fields=("counter",), name="ledger_increment_counter"),)
        constraints = (
            models.CheckConstraint(condition=~Q(amount=0), name="ledger_increment_amount"),
        )


class LockedKey(models.Model):
    """An id that something was stored under; the row is what the writer locks."""

    pk = models.CompositePrimaryKey("organisation", "kind", "id")
    organisation = models.UUIDField()
    kind = models.CharField(max_length=32)
    id = models.UUIDField()

    class Meta:
        db_table = "ledger_key"

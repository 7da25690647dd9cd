"""Bills as they came, their lines, what of them is cleared, and what differs.

Rules
- A bill's bytes are kept with their digest; one that came again changes nothing, one that came
  changed is the next version, and the one before stays as history.
- An **item** is one thing that a channel did, named alike on both sides: a payment's order number,
  or `R` and a refund's number. A refund's amounts are negative.
- An item is cleared once: the receivable goes down by our amount, the bank up by what the channel
  paid out for it, and its cost up by the fee. `clearing` names the transfer that did it.
- A difference is pooled while it may only be a day's cut-off, then open until somebody decides.
"""

from django.db import models
from django.db.models import Q


class Bill(models.Model):
    """One version of a channel's statement of one day of its calendar (UTC+8)."""

    id = models.UUIDField(primary_key=True)
    organisation = models.UUIDField()
    channel = models.CharField(max_length=32)
    on = models.DateField()
    version = models.IntegerField()
    digest = models.CharField(max_length=64)
    file = models.BinaryField()
    lines = models.IntegerField()
    amount = models.BigIntegerField()
    fee_amount = models.BigIntegerField()
    arrived_at = models.DateTimeField()
    uploaded_by = models.CharField(max_length=150, default="", blank=True)
    is_current = models.BooleanField(default=True)
    matched_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "channel", "on", "version"),
                name="reconciliation_bill_version",
            ),
            models.UniqueConstraint(
                fields=("organisation", "channel", "on"),
                condition=Q(is_current=True),
                name="reconciliation_bill_current",
            ),
        )

    def __str__(self) -> str:
        return f"{self.channel} {self.on} v{self.version}"


class BillLine(models.Model):
    """One line of the current version of a bill. `is_open`: not cleared yet."""

    id = models.UUIDField(primary_key=True)
    organisation = models.UUIDField()
    channel = models.CharField(max_length=32)
    bill = models.UUIDField()
    on = models.DateField()
    item = models.CharField(max_length=80)
    reference = models.CharField(max_length=80, default="", blank=True)
    amount = models.BigIntegerField()
    fee_amount = models.BigIntegerField()
    currency = models.CharField(max_length=8)
    status = models.CharField(max_length=32)
    occurred_at = models.DateTimeField()
    raw = models.JSONField(default=dict)
    is_open = models.BooleanField(default=True)

    class Meta:
        indexes = (
            models.Index(
                fields=("organisation", "channel", "is_open"), name="reconciliation_line_open"
            ),
            models.Index(fields=("organisation", "bill"), name="reconciliation_line_bill"),
            models.Index(fields=("organisation", "item"), name="reconciliation_line_item"),
        )

    def __str__(self) -> str:
        return f"{self.item} {self.amount}"


class ClearedItem(models.Model):
    """An item that is settled with its channel. `has_ours`: it was in our books."""

    id = models.UUIDField(primary_key=True)
    organisation = models.UUIDField()
    channel = models.CharField(max_length=32)
    item = models.CharField(max_length=80)
    has_ours = models.BooleanField()
    our_amount = models.BigIntegerField()
    their_amount = models.BigIntegerField()
    fee_amount = models.BigIntegerField()
    line = models.UUIDField(null=True)
    clearing = models.UUIDField()
    how = models.CharField(max_length=32)
    cleared_at = models.DateTimeField()
    undone_by = models.UUIDField(null=True)
    """The transfer that took it back, when the channel withdrew the line."""

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "channel", "item"),
                condition=Q(has_ours=True, undone_by__isnull=True),
                name="reconciliation_cleared_once",
            ),
            models.UniqueConstraint(
                fields=("organisation", "line"),
                condition=Q(undone_by__isnull=True),
                name="reconciliation_cleared_line",
            ),
        )
        indexes = (
            models.Index(fields=("organisation", "clearing"), name="reconciliation_clearing"),
        )

    def __str__(self) -> str:
        return self.item


class DifferenceState(models.TextChoices):
    """Where a difference stands."""

    POOLED = "pooled"
    OPEN = "open"
    RESOLVED = "resolved"


class Difference(models.Model):
    """What the two sides say of one item, side by side; null: that side has none."""

    id = models.UUIDField(primary_key=True)
    organisation = models.UUIDField()
    channel = models.CharField(max_length=32)
    kind = models.CharField(max_length=16)
    item = models.CharField(max_length=80)
    line = models.UUIDField(null=True)
    our_amount = models.BigIntegerField(null=True)
    our_fee = models.BigIntegerField(null=True)
    our_status = models.CharField(max_length=32, default="", blank=True)
    their_amount = models.BigIntegerField(null=True)
    their_fee = models.BigIntegerField(null=True)
    their_status = models.CharField(max_length=32, default="", blank=True)
    currency = models.CharField(max_length=8, default="", blank=True)
    first_on = models.DateField()
    last_on = models.DateField()
    state = models.CharField(max_length=8, choices=DifferenceState)
    resolution = models.CharField(max_length=32, default="", blank=True)
    resolved_by = models.CharField(max_length=150, default="", blank=True)
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(
                fields=("organisation", "channel", "state"), name="reconciliation_diff_state"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.item}"

    @property
    def age_days(self) -> int:
        """How many days' bills have come since it was first seen."""
        return (self.last_on - self.first_on).days

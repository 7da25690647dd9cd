"""Closed days, what was settled in them, batches, payouts.

Rules
- A merchant's day is closed once; days are closed in order, none is left out.
- What moved a merchant's payable is an item of exactly one closed day, and of at most one batch
  (UNIQUE per transfer); what moved only its disputed account is none.
- A batch is whatever of a payee's was due by its day and in no batch before; what it does not pay
  it carries, and the next one takes that over.
- A payout belongs to one batch and has one number, which the bank sees; its state is what the bank
  said last. Only `succeeded` has left our account, only `failed` and `returned` come back.
"""

from django.db import models
from django.db.models import F, Q

PAYEES = ("merchant", "agent", "receiver")
BATCH_STATES = ("carried", "paying", "paid", "returned")
PAYOUT_STATES = ("created", "submitted", "unknown", "succeeded", "failed", "returned")
FILE_STATES = ("made", "accepted", "refused", "unknown")


class CalendarDay(models.Model):
    """A day on which banks do not work, or a weekend day on which they do."""

    id = models.UUIDField(primary_key=True)
    organisation = models.UUIDField()
    day = models.DateField()
    is_open = models.BooleanField(default=False)
    name = models.CharField(max_length=64, default="", blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("organisation", "day"), name="settlement_calendar_day"),
        )

    def __str__(self) -> str:
        return f"{self.day} {self.name}"


class DayClose(models.Model):
    """A merchant's closed day: its sums, with the signs of a statement, and the digest of it all.

    `digest` is over every posting on the merchant's payable booked on that day. Up to
    `through_version` every posting of that account is an item, or settlement's own.
    """

    id = models.UUIDField(primary_key=True)
    organisation = models.UUIDField()
    merchant = models.UUIDField()
    booked_on = models.DateField()
    closed_at = models.DateTimeField()
    item_count = models.IntegerField(default=0)
    sale_amount = models.BigIntegerField(default=0)
    refund_amount = models.BigIntegerField(default=0)
    adjustment_amount = models.BigIntegerField(default=0)
    discount_amount = models.BigIntegerField(default=0)
    fee_amount = models.BigIntegerField(default=0)
    agent_amount = models.BigIntegerField(default=0)
    net_amount = models.BigIntegerField(default=0)
    funders = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    through_version = models.BigIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "merchant", "booked_on"), name="settlement_day_once"
            ),
            models.CheckConstraint(
                condition=Q(
                    net_amount=F("sale_amount")
                    - F("refund_amount")
                    + F("adjustment_amount")
                    - F("discount_amount")
                    - F("fee_amount")
                ),
                name="settlement_day_net",
            ),
        )

    def __str__(self) -> str:
        return f"{self.merchant} {self.booked_on} {self.net_amount}"


class Addendum(models.Model):
    """What came after a day was closed and belongs to it: it settles with the day that took it."""

    id = models.UUIDField(primary_key=True)
    organisation = models.UUIDField()
    day = models.ForeignKey(DayClose, on_delete=models.PROTECT, related_name="addenda")
    taken_by = models.ForeignKey(DayClose, on_delete=models.PROTECT, related_name="late_comers")
    item_count = models.IntegerField()
    amount = models.BigIntegerField()
    fee_amount = models.BigIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "day", "taken_by"), name="settlement_addendum_once"
            ),
        )


class Item(models.Model):
    """One transfer that moved a merchant's payable, with what settlement takes of it.

    `amount` is the posting; `channel` whose money it was, `payment` what it was about, if any.
    """

    id = models.UUIDField(primary_key=True)
    organisation = models.UUIDField()
    transfer = models.UUIDField()
    merchant = models.UUIDField()
    day = models.ForeignKey(DayClose, on_delete=models.PROTECT, related_name="items")
    payment = models.UUIDField(null=True)
    kind = models.CharField(max_length=32)
    channel = models.CharField(max_length=32, default="", blank=True)
    business_on = models.DateField()
    amount = models.BigIntegerField()
    discount_amount = models.BigIntegerField(default=0)
    fee_amount = models.BigIntegerField(default=0)
    due_on = models.DateField()
    batch = models.ForeignKey(
        "settlement.Batch", on_delete=models.PROTECT, related_name="items", null=True
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "transfer"), name="settlement_item_once"
            ),
        )
        indexes = (
            models.Index(fields=("organisation", "payment"), name="settlement_item_payment"),
            models.Index(
                fields=("organisation", "merchant", "due_on"), name="settlement_item_due",
                condition=Q(batch__isnull=True),
            ),
        )  # fmt: skip


class AgentShare(models.Model):
    """What an agent earned of a closed day's fees; negative when fees were given back."""

    id = models.UUIDField(primary_key=True)
    organisation = models.UUIDField()
    day = models.ForeignKey(DayClose, on_delete=models.PROTECT, related_name="shares")
    agent = models.UUIDField()
    amount = models.BigIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "day", "agent"), name="settlement_share_once"
            ),
        )


class Batch(models.Model):
    """What was due to a payee by a day: `net_amount` with what was carried is paid or carried.

    Of a positive net, `split_amount` went to third parties' own accounts here.
    """

    id = models.UUIDField(primary_key=True)
    organisation = models.UUIDField()
    payee_kind = models.CharField(max_length=16)
    payee = models.UUIDField()
    due_on = models.DateField()
    made_at = models.DateTimeField()
    item_count = models.IntegerField(default=0)
    amount = models.BigIntegerField(default=0)
    discount_amount = models.BigIntegerField(default=0)
    fee_amount = models.BigIntegerField(default=0)
    carried_in_amount = models.BigIntegerField(default=0)
    net_amount = models.BigIntegerField()
    split_amount = models.BigIntegerField(default=0)
    payout_amount = models.BigIntegerField(default=0)
    carried_out_amount = models.BigIntegerField(default=0)
    state = models.CharField(max_length=12)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "payee_kind", "payee", "due_on"),
                name="settlement_batch_once",
            ),
            models.CheckConstraint(condition=Q(payee_kind__in=PAYEES), name="settlement_payee"),
            models.CheckConstraint(
                condition=Q(state__in=BATCH_STATES), name="settlement_batch_state"
            ),
            models.CheckConstraint(
                condition=Q(
                    net_amount=F("amount")
                    - F("discount_amount")
                    - F("fee_amount")
                    + F("carried_in_amount")
                )
                & Q(net_amount=F("split_amount") + F("payout_amount") + F("carried_out_amount"))
                & Q(payout_amount__gte=0, split_amount__gte=0),
                name="settlement_batch_net",
            ),
        )

    def __str__(self) -> str:
        return f"{self.payee_kind} {self.payee} {self.due_on} {self.net_amount}"


class PayoutAccount(models.Model):
    """The bank account that a payee is paid to."""

    id = models.UUIDField(primary_key=True)
    organisation = models.UUIDField()
    payee_kind = models.CharField(max_length=16)
    payee = models.UUIDField()
    holder = models.CharField(max_length=100)
    number = models.CharField(max_length=40)
    bank = models.CharField(max_length=32)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "payee_kind", "payee"), name="settlement_account_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.bank} …{self.number[-4:]}"


class PayoutFile(models.Model):
    """What was handed to the payout bank at once, under a number that it takes only once."""

    id = models.UUIDField(primary_key=True)
    organisation = models.UUIDField()
    number = models.CharField(max_length=32)
    state = models.CharField(max_length=12)
    code = models.CharField(max_length=48, default="", blank=True)
    row_count = models.IntegerField()
    amount = models.BigIntegerField()
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "number"), name="settlement_file_number"
            ),
            models.CheckConstraint(
                condition=Q(state__in=FILE_STATES), name="settlement_file_state"
            ),
        )

    def __str__(self) -> str:
        return self.number


class Payout(models.Model):
    """Money on its way to a payee; `id` as 32 hex digits is its number at the bank.

    The bank account is kept as it was when the payout was made.
    """

    id = models.UUIDField(primary_key=True)
    organisation = models.UUIDField()
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="payouts")
    payee_kind = models.CharField(max_length=16)
    payee = models.UUIDField()
    amount = models.BigIntegerField()
    holder = models.CharField(max_length=100, default="", blank=True)
    number = models.CharField(max_length=40, default="", blank=True)
    bank = models.CharField(max_length=32, default="", blank=True)
    state = models.CharField(max_length=12)
    file = models.ForeignKey(
        PayoutFile, on_delete=models.PROTECT, related_name="payouts", null=True
    )
    code = models.CharField(max_length=48, default="", blank=True)
    reference = models.CharField(max_length=64, default="", blank=True)
    bank_fee_amount = models.BigIntegerField(default=0)
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "batch"), name="settlement_payout_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=PAYOUT_STATES), name="settlement_payout_state"
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0, bank_fee_amount__gte=0)
                & Q(bank_fee_amount__lte=F("amount")),
                name="settlement_payout_amount",
            ),
        )
        indexes = (
            models.Index(fields=("organisation", "state"), name="settlement_payout_by_state"),
        )

    def __str__(self) -> str:
        return f"{self.id.hex} {self.amount} {self.state}"


class ClearingFile(models.Model):
    """A clearing detail file that was taken, once: known by what is in it."""

    id = models.UUIDField(primary_key=True)
    organisation = models.UUIDField()
    digest = models.CharField(max_length=64)
    layout = models.CharField(max_length=48)
    channel = models.CharField(max_length=32)
    cleared_on = models.DateField()
    line_count = models.IntegerField()
    amount = models.BigIntegerField()
    taken_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("organisation", "digest"), name="settlement_clearing"),
        )

    def __str__(self) -> str:
        return f"{self.channel} {self.cleared_on}"


class ClearingLine(models.Model):
    """One line of it, posted to its merchant; `reference` is the network's own, once for ever.

    `amount` is negative for money that went back; `fee_amount` by the merchant's contract;
    `merchant` is none when nobody has that merchant number: a case says so.
    """

    id = models.UUIDField(primary_key=True)
    organisation = models.UUIDField()
    file = models.ForeignKey(ClearingFile, on_delete=models.PROTECT, related_name="lines")
    reference = models.CharField(max_length=64)
    channel = models.CharField(max_length=32)
    merchant_number = models.CharField(max_length=32)
    merchant = models.UUIDField(null=True)
    amount = models.BigIntegerField()
    fee_amount = models.BigIntegerField(default=0)
    occurred_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "channel", "reference"), name="settlement_clearing_line"
            ),
        )


class MerchantNumber(models.Model):
    """Which of our merchants a clearing network's merchant number names."""

    id = models.UUIDField(primary_key=True)
    organisation = models.UUIDField()
    channel = models.CharField(max_length=32)
    number = models.CharField(max_length=32)
    merchant = models.UUIDField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "channel", "number"), name="settlement_merchant_number"
            ),
        )

    def __str__(self) -> str:
        return f"{self.channel} {self.number}"


# Declared apart for length; Django finds an app's models here
from server.settlement.payout_banks import PayoutBankSettings  # noqa: E402

__all__ = [
    "BATCH_STATES", "FILE_STATES", "PAYEES", "PAYOUT_STATES", "Addendum", "AgentShare", "Batch",
    "CalendarDay", "ClearingFile", "ClearingLine", "DayClose", "Item", "MerchantNumber", "Payout",
    "PayoutAccount", "PayoutBankSettings", "PayoutFile",
]  # fmt: skip

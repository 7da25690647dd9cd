"""Orders, payments, attempts, refunds, used wallet codes, and acceptances that wait for a channel.

Rules (MONEY §1–2)
- One payment id has exactly one row and one effect; `fingerprint` is what first bound the id.
- `state` moves only as `domain.payment_states` says; `legs` are what the payer's side gave, in
  spending order, with what went back of each; `merchant_side` is the account that got it.
- An attempt's 32 hex digits are the channel's order number; at most one live attempt a payment.
- A refund has its own id and names the payment; Σ refunds ≤ paid, per payment, leg and line.
- (certificate, nonce) of a wallet code backs at most one payment that debited somebody.
- Rows are written by the writer's effects only; ids here have no foreign keys downward, since
  the ledger's locks, not the database's, decide the order of things.
"""

from django.db import models
from django.db.models import F, Q

PAYMENT_STATES = (
    "submitted", "succeeded", "declined", "cancelled", "reversing", "reversed", "parked",
)  # fmt: skip
ATTEMPT_STATES = (
    "created", "submitted", "succeeded", "declined", "awaiting_payer", "unknown", "reversing",
    "reversed",
)  # fmt: skip
LIVE_ATTEMPTS = ("created", "submitted", "awaiting_payer", "unknown", "reversing")
REFUND_STATES = ("waiting", "submitted", "succeeded", "refused", "suspense")
TENDERS = ("wallet", "channel", "cash")


class Order(models.Model):
    """What is paid for; 1–n payments. `total_amount` is fixed while money is on it."""

    id = models.UUIDField(primary_key=True)
    organisation = models.UUIDField()
    merchant = models.UUIDField()
    store = models.UUIDField()
    total_amount = models.BigIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(total_amount__gte=0), name="payments_order_total"),
        )

    def __str__(self) -> str:
        return str(self.id)


class Payment(models.Model):
    """One tender's share of an order, under the id that the counter made.

    `claim_amount` of its debt is being collected from the payer's bank.
    """

    id = models.UUIDField(primary_key=True)
    organisation = models.UUIDField()
    order = models.UUIDField()
    merchant = models.UUIDField()
    store = models.UUIDField()
    terminal = models.UUIDField()
    binding_version = models.IntegerField()
    tender = models.CharField(max_length=8)
    payer = models.CharField(max_length=200)
    person = models.UUIDField(null=True)
    masked_name = models.CharField(max_length=64, default="", blank=True)
    credential = models.CharField(max_length=16)
    assurance = models.SmallIntegerField()
    total_amount = models.BigIntegerField()
    refunded_amount = models.BigIntegerField(default=0)
    debt_amount = models.BigIntegerField(default=0)
    claim_amount = models.BigIntegerField(default=0)
    price_amount = models.BigIntegerField(null=True)
    portions = models.IntegerField(default=0)
    state = models.CharField(max_length=12)
    code = models.CharField(max_length=64, default="", blank=True)
    parked_code = models.CharField(max_length=64, default="", blank=True)
    fingerprint = models.BinaryField(max_length=32)
    mode = models.CharField(max_length=8)
    merchant_side = models.CharField(max_length=16, default="", blank=True)
    channel = models.CharField(max_length=32, default="", blank=True)
    lines = models.JSONField(default=list)
    discounts = models.JSONField(default=list)
    legs = models.JSONField(default=list)
    line_refunds = models.JSONField(default=list)
    evidence = models.JSONField(default=dict)
    fee_amount = models.BigIntegerField(default=0)
    rate = models.JSONField(default=dict)
    meal_period = models.CharField(max_length=32, default="", blank=True)
    shift = models.UUIDField(null=True)
    operator = models.UUIDField(null=True)
    given_amount = models.BigIntegerField(default=0)
    policy_version = models.IntegerField(default=0)
    cancelled_by = models.CharField(max_length=8, null=True)
    acceptance_on_file = models.BooleanField(default=False)
    cancellation_on_file = models.BooleanField(default=False)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    business_on = models.DateField()
    booked_on = models.DateField()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(state__in=PAYMENT_STATES), name="payments_state"),
            models.CheckConstraint(condition=Q(tender__in=TENDERS), name="payments_tender"),
            models.CheckConstraint(
                condition=Q(refunded_amount__gte=0) & Q(refunded_amount__lte=F("total_amount")),
                name="payments_refunded",
            ),
            models.CheckConstraint(
                condition=Q(claim_amount__gte=0) & Q(claim_amount__lte=F("debt_amount")),
                name="payments_claim",
            ),
        )
        indexes = (
            models.Index(fields=("organisation", "order"), name="payments_payment_order"),
            models.Index(
                fields=("organisation", "person", "business_on"), name="payments_payment_person"
            ),
            models.Index(
                fields=("organisation", "terminal", "received_at"), name="payments_payment_terminal"
            ),
            models.Index(fields=("organisation", "shift"), name="payments_payment_shift"),
            models.Index(
                fields=("organisation", "business_on", "store"), name="payments_payment_day"
            ),
        )

    def __str__(self) -> str:
        return f"{self.tender} {self.total_amount} {self.state}"


class Attempt(models.Model):
    """One try at a channel, under one order number (`id` as 32 hex digits)."""

    id = models.UUIDField(primary_key=True)
    organisation = models.UUIDField()
    payment = models.UUIDField()
    channel = models.CharField(max_length=32)
    amount = models.BigIntegerField()
    state = models.CharField(max_length=16)
    code = models.CharField(max_length=64, default="", blank=True)
    channel_ref = models.CharField(max_length=64, default="", blank=True)
    took_money = models.BooleanField(default=False)
    submitted_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    tries = models.IntegerField(default=0)
    way = models.CharField(max_length=8, default="code")
    expires_at = models.DateTimeField(null=True)
    code_text = models.CharField(max_length=512, default="", blank=True)
    launch = models.JSONField(default=dict)
    route = models.JSONField(default=dict)
    mandate = models.UUIDField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=ATTEMPT_STATES), name="payments_attempt_state"
            ),
            models.UniqueConstraint(
                fields=("organisation", "payment"),
                condition=Q(state__in=LIVE_ATTEMPTS),
                name="payments_attempt_one_live",
            ),
        )
        indexes = (
            models.Index(fields=("organisation", "payment"), name="payments_attempt_payment"),
        )

    def __str__(self) -> str:
        return f"{self.channel} {self.amount} {self.state}"


class Refund(models.Model):
    """Money back, or trying to; `posted_amount` went back, `suspense_amount` nobody owed."""

    id = models.UUIDField(primary_key=True)
    organisation = models.UUIDField()
    payment = models.UUIDField()
    merchant = models.UUIDField()
    terminal = models.UUIDField(null=True)
    tender = models.CharField(max_length=8)
    amount = models.BigIntegerField()
    posted_amount = models.BigIntegerField(default=0)
    suspense_amount = models.BigIntegerField(default=0)
    state = models.CharField(max_length=12)
    code = models.CharField(max_length=64, default="", blank=True)
    reason = models.CharField(max_length=200, default="", blank=True)
    lines = models.JSONField(default=list)
    legs = models.JSONField(default=list)
    shift = models.UUIDField(null=True)
    operator = models.UUIDField(null=True)
    record = models.UUIDField(null=True)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    business_on = models.DateField()
    booked_on = models.DateField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=REFUND_STATES), name="payments_refund_state"
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0)
                & Q(posted_amount__gte=0)
                & Q(suspense_amount__gte=0)
                & Q(amount__gte=F("posted_amount") + F("suspense_amount")),
                name="payments_refund_amount",
            ),
        )
        indexes = (
            models.Index(fields=("organisation", "payment"), name="payments_refund_payment"),
            models.Index(fields=("organisation", "shift"), name="payments_refund_shift"),
        )

    def __str__(self) -> str:
        return f"{self.tender} {self.amount} {self.state}"


class CodeUse(models.Model):
    """A wallet code that has paid: the row that makes a second use visible."""

    id = models.UUIDField(primary_key=True)
    organisation = models.UUIDField()
    certificate = models.CharField(max_length=64)
    nonce = models.CharField(max_length=32)
    payment = models.UUIDField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "certificate", "nonce"), name="payments_code_once"
            ),
        )


class ParkedAcceptance(models.Model):
    """An acceptance parked while its channel is not definite; put to the table again after."""

    id = models.UUIDField(primary_key=True)
    organisation = models.UUIDField()
    payment = models.UUIDField()
    code = models.CharField(max_length=64)
    is_server_approved = models.BooleanField(default=False)
    received_at = models.DateTimeField()

    class Meta:
        indexes = (
            models.Index(fields=("organisation", "payment"), name="payments_parked_payment"),
        )

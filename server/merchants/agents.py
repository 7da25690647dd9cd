"""Who earns from a merchant's fees, and on what terms a merchant is paid: models.

Rules
- Agents form a tree; each pays its own cost price, per channel, to whoever stands above it.
- Terms follow each other by their start, as contracts do: the newest begun counts.
- What third parties get of a merchant's net is a share each, together at most everything.
"""

from django.db import models
from django.db.models import F, Q


class Agent(models.Model):
    """Somebody who won merchants for us; `parent` won this agent."""

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="children", null=True, blank=True
    )
    code = models.CharField(max_length=32)
    name = models.CharField(max_length=100)

    class Meta:
        app_label = "merchants"
        constraints = (
            models.UniqueConstraint(fields=("organisation", "code"), name="merchants_agent_code"),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")), name="merchants_agent_parent"
            ),
        )

    def __str__(self) -> str:
        return self.name


class AgentCost(models.Model):
    """What an agent pays for a trade through a channel, from a business day on.

    An agent without one pays what whoever is below it pays: it earns nothing.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="costs")
    channel = models.CharField(max_length=32)
    card = models.JSONField()
    starts_on = models.DateField()

    class Meta:
        app_label = "merchants"
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "agent", "channel", "starts_on"),
                name="merchants_agentcost_start",
            ),
        )

    def __str__(self) -> str:
        return f"{self.agent} · {self.channel} · {self.starts_on}"


class SettlementTerms(models.Model):
    """How a merchant is paid, from a business day on: T+n without a contract, the least, by whom.

    A channel's contract states its own T+n; `cycle_days` is for everything else.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    merchant = models.ForeignKey(
        "merchants.Merchant", on_delete=models.PROTECT, related_name="settlement_terms"
    )
    starts_on = models.DateField()
    cycle_days = models.SmallIntegerField(default=1)
    least_amount = models.BigIntegerField(default=0)
    agent = models.ForeignKey(
        Agent, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    class Meta:
        app_label = "merchants"
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "merchant", "starts_on"), name="merchants_terms_start"
            ),
            models.CheckConstraint(
                condition=Q(cycle_days__gte=0, cycle_days__lte=90, least_amount__gte=0),
                name="merchants_terms_limits",
            ),
        )

    def __str__(self) -> str:
        return f"{self.merchant} · {self.starts_on}"


class Receiver(models.Model):
    """A third party that gets a share of merchants' money, such as a landlord."""

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    code = models.CharField(max_length=32)
    name = models.CharField(max_length=100)

    class Meta:
        app_label = "merchants"
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "code"), name="merchants_receiver_code"
            ),
        )

    def __str__(self) -> str:
        return self.name


class SplitRule(models.Model):
    """What a receiver gets of every positive net of a merchant, from and until a day."""

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    merchant = models.ForeignKey(
        "merchants.Merchant", on_delete=models.PROTECT, related_name="split_rules"
    )
    receiver = models.ForeignKey(Receiver, on_delete=models.PROTECT, related_name="+")
    rate_ppm = models.IntegerField()
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        app_label = "merchants"
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "merchant", "receiver", "starts_on"),
                name="merchants_split_start",
            ),
            models.CheckConstraint(
                condition=Q(rate_ppm__gt=0, rate_ppm__lte=1_000_000), name="merchants_split_rate"
            ),
        )

    def __str__(self) -> str:
        return f"{self.merchant} · {self.receiver} · {self.rate_ppm}"

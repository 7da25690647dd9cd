"""Where a merchant is told of its payments, what it was told, and each try.

Rules
- One address a merchant. Its secret is sealed and shown once, when it is made.
- An event's bytes are made in the commit that it speaks of and never change; every try sends them.
- An event is once per (endpoint, kind, subject), however often its row is saved.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class EventState(models.TextChoices):
    """Whether the merchant knows."""

    WAITING = "waiting", _("on its way")
    DELIVERED = "delivered", _("delivered")
    GIVEN_UP = "given_up", _("given up")


class Endpoint(models.Model):
    """The address at which one merchant hears of its payments."""

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    merchant = models.ForeignKey("merchants.Merchant", on_delete=models.PROTECT, related_name="+")
    url = models.CharField(_("address"), max_length=500)
    sealed_secret = models.TextField(editable=False)
    is_enabled = models.BooleanField(_("enabled"), default=True)
    changed_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = _("address for events")
        verbose_name_plural = _("addresses for events")
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "merchant"), name="open_api_endpoint_merchant"
            ),
        )

    def __str__(self) -> str:
        return self.url


class Event(models.Model):
    """One thing that a merchant is told. `tries` counts from the last time it was queued."""

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.UUIDField()
    endpoint = models.UUIDField()
    merchant = models.UUIDField()
    kind = models.CharField(max_length=32)
    subject = models.UUIDField()
    payment = models.UUIDField(null=True)
    body = models.BinaryField()
    created_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=EventState, default=EventState.WAITING)
    tries = models.IntegerField(default=0)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("event for a merchant")
        verbose_name_plural = _("events for merchants")
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "endpoint", "kind", "subject"), name="open_api_event_once"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=EventState.values), name="open_api_event_state"
            ),
        )
        indexes = (
            models.Index(fields=("organisation", "created_at"), name="open_api_event_created"),
            models.Index(fields=("organisation", "payment"), name="open_api_event_payment"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class Try(models.Model):
    """One attempt to deliver an event; `status` 0: no answer came, and `why` says what did."""

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.UUIDField()
    event = models.UUIDField()
    at = models.DateTimeField()
    url = models.CharField(max_length=500)
    status = models.IntegerField(default=0)
    why = models.CharField(max_length=64, default="", blank=True)
    answer = models.BinaryField(default=b"")
    took_ms = models.IntegerField(default=0)

    class Meta:
        verbose_name = _("try to deliver")
        verbose_name_plural = _("tries to deliver")
        indexes = (models.Index(fields=("organisation", "event", "at"), name="open_api_try_event"),)

"""An organisation's accounts at providers, and what providers said, as it came.

Rules
- An account's name is what attempts and accounts in the books keep: it never changes, and an
  account that took money is disabled, not deleted.
- Secrets are sealed (AES-256-GCM under a key of this organisation, with organisation, account and
  the name of the setting as associated data) and never shown again.
- An exchange keeps the answer's bytes, never the request's: those may hold a payer's code.
- A notice is kept whatever it was worth, within limits, and counted when it comes again.
"""

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class Environment(models.TextChoices):
    """Where an account's requests go."""

    SANDBOX = "sandbox", _("sandbox: no real money")
    PRODUCTION = "production", _("production")


class Verdict(models.TextChoices):
    """What became of a notice."""

    WAITING = "waiting", _("not taken yet")
    TAKEN = "taken", _("taken")
    REPLAYED = "replayed", _("replayed")
    FORGED = "forged", _("forged")
    WRONG_AMOUNT = "wrong_amount", _("wrong amount")
    UNKNOWN_ORDER = "unknown_order", _("unknown order")


class ChannelAccount(models.Model):
    """One account at one provider. `version` changes with every edit, so that it is opened anew."""

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    name = models.CharField(
        _("name"), max_length=32, validators=[RegexValidator(r"[a-z][a-z0-9_-]*\Z")]
    )
    provider = models.CharField(_("provider"), max_length=16)
    environment = models.CharField(
        _("environment"), max_length=16, choices=Environment, default=Environment.SANDBOX
    )
    host = models.URLField(_("host"), max_length=200, blank=True, default="")
    settings = models.JSONField(_("settings"), default=dict, blank=True)
    sealed = models.JSONField(default=dict, editable=False)
    is_enabled = models.BooleanField(_("enabled"), default=True)
    version = models.IntegerField(default=1, editable=False)
    changed_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = _("channel")
        verbose_name_plural = _("channels")
        constraints = (
            models.UniqueConstraint(fields=("organisation", "name"), name="channels_account_name"),
            models.CheckConstraint(
                condition=models.Q(environment__in=Environment.values),
                name="channels_account_environment",
            ),
        )

    def __str__(self) -> str:
        return self.name


class ChannelExchange(models.Model):
    """One answer of a provider: what `operation` on `number` was told at a time.

    `is_unclear`: it left open what became of the money. `is_alert`: it is not in the provider's
    documentation, or not authentic; a person says by `seen_by` that they have looked.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.UUIDField()
    channel = models.CharField(max_length=32)
    operation = models.CharField(max_length=32)
    number = models.CharField(max_length=64)
    at = models.DateTimeField()
    status = models.IntegerField()
    answer = models.BinaryField()
    outcome = models.CharField(max_length=200, default="", blank=True)
    is_unclear = models.BooleanField(default=False)
    is_alert = models.BooleanField(default=False)
    took_ms = models.IntegerField(null=True)
    seen_at = models.DateTimeField(null=True)
    seen_by = models.CharField(max_length=150, default="", blank=True)

    class Meta:
        verbose_name = _("channel exchange")
        verbose_name_plural = _("channel exchanges")
        indexes = (
            models.Index(fields=("organisation", "number", "at"), name="channels_exchange_number"),
            models.Index(fields=("at",), name="channels_exchange_at"),
            models.Index(
                fields=("organisation", "channel", "at"), name="channels_exchange_channel"
            ),
            models.Index(
                fields=("organisation", "channel"),
                name="channels_exchange_alert",
                condition=models.Q(is_alert=True, seen_at=None),
            ),  # fmt: skip
        )


class ChannelNotice(models.Model):
    """What came to a notice address, what became of it, and `why` a forged one was refused.

    `is_authentic` is how it was found when it came. `key` tells repeats: the provider's own id of
    the notice, or the hash of what came.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.UUIDField()
    channel = models.CharField(max_length=32)
    key = models.CharField(max_length=64)
    number = models.CharField(max_length=64, default="", blank=True)
    headers = models.JSONField(default=dict)
    body = models.BinaryField()
    is_authentic = models.BooleanField()
    why = models.CharField(max_length=200, default="", blank=True)
    verdict = models.CharField(max_length=16, choices=Verdict, default=Verdict.WAITING)
    times = models.IntegerField(default=1)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("channel notice")
        verbose_name_plural = _("channel notices")
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "channel", "is_authentic", "key"),
                name="channels_notice_key",
            ),
            models.CheckConstraint(
                condition=models.Q(verdict__in=Verdict.values), name="channels_notice_verdict"
            ),
        )
        indexes = (
            models.Index(fields=("organisation", "number"), name="channels_notice_number"),
            models.Index(fields=("last_at",), name="channels_notice_last"),
        )


class ChannelNote(models.Model):
    """What a provider asks back about a number, such as the time of its first sending."""

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.UUIDField()
    channel = models.CharField(max_length=32)
    number = models.CharField(max_length=64)
    text = models.CharField(max_length=200)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "channel", "number"), name="channels_note_number"
            ),
        )

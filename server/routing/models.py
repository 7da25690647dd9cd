"""Rules that say which channels are preferred, forbidden or the only ones, and when.

Rules
- A condition that is empty holds always; all of a rule's conditions must hold.
- A smaller priority speaks first, and the first rule that speaks of a channel settles it
  (`domain.routing`).
"""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from server.merchants.models import check_names, check_time_of_day


class RuleAction(models.TextChoices):
    """What a rule says of its channels."""

    PREFER = "prefer", _("prefer these")
    FORBID = "forbid", _("forbid these")
    ONLY = "only", _("only these")


def check_channels(value: object) -> None:
    """Refuse a rule about no channel: nobody would know what it does."""
    check_names(value)
    if not value:
        raise ValidationError(_("Name at least one channel."))


def check_weekdays(value: object) -> None:
    """Refuse anything but a list of weekdays, Monday as 1."""
    days = value if isinstance(value, list) else [None]
    if not all(type(day) is int and 1 <= day <= 7 for day in days):
        raise ValidationError(_("Not a list of weekdays, such as [1, 2, 7]; Monday is 1."))


class Rule(models.Model):
    """One rule of an organisation; amounts in fen, both ends included."""

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    name = models.CharField(_("name"), max_length=64)
    is_enabled = models.BooleanField(_("in force"), default=True)
    priority = models.IntegerField(
        _("priority"), default=100, help_text=_("A smaller number speaks first.")
    )
    action = models.CharField(_("action"), max_length=8, choices=RuleAction)
    channels = models.JSONField(
        _("channels"), validators=[check_channels], help_text=_('Names, such as ["wechat"].')
    )
    merchant = models.ForeignKey(
        "merchants.Merchant", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    store = models.ForeignKey(
        "merchants.Store", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    kinds = models.JSONField(
        _("kinds and ways"), default=list, blank=True, validators=[check_names],
        help_text=_('Such as ["wechat", "scan"]; empty: all.'),
    )  # fmt: skip
    from_amount = models.BigIntegerField(_("from amount (fen)"), default=0)
    to_amount = models.BigIntegerField(_("to amount (fen)"), null=True, blank=True)
    opens = models.CharField(
        _("from hour"), max_length=5, default="00:00", validators=[check_time_of_day],
        help_text=_("By the store's clock; the same as the end: all day."),
    )  # fmt: skip
    closes = models.CharField(
        _("until hour"), max_length=5, default="00:00", validators=[check_time_of_day]
    )
    weekdays = models.JSONField(
        _("weekdays"), default=list, blank=True, validators=[check_weekdays],
        help_text=_("Monday is 1; empty: every day."),
    )  # fmt: skip

    class Meta:
        verbose_name = _("routing rule")
        verbose_name_plural = _("routing rules")
        constraints = (
            models.UniqueConstraint(fields=("organisation", "name"), name="routing_rule_name"),
            models.CheckConstraint(
                condition=models.Q(action__in=RuleAction.values), name="routing_rule_action"
            ),
            models.CheckConstraint(
                condition=models.Q(from_amount__gte=0)
                & (
                    models.Q(to_amount__isnull=True)
                    | models.Q(to_amount__gte=models.F("from_amount"))
                ),
                name="routing_rule_amounts",
                violation_error_message=_("Amounts are 0 or more, and rise."),
            ),
        )

    def __str__(self) -> str:
        return self.name

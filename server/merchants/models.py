"""Merchants, their stores and operators, and whose wallets they take.

Rules
- A merchant belongs to the organisation that reviewed it; it takes an organisation's wallets only
  by an agreement, and what it is owed is kept per (merchant, organisation).
- A store has one zone and one cut-off: together they fix `business_on` of each of its payments.
- An operator works for one merchant; the PIN is kept as scrypt text only.
- A channel contract's versions follow each other: on any business day the newest one begun counts.
"""

import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from domain.fees import FREE, card_data, read_card

USUAL_REFUND_LIMIT = 20_000
"""What a new agreement lets one person give back (fen): like a counter's usual profile."""


def check_zone(value: str) -> None:
    """Refuse a zone that the tz database does not know."""
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        raise ValidationError(_("Not an IANA time zone, such as Asia/Shanghai.")) from unknown


def check_time_of_day(value: str) -> None:
    """Refuse anything but "HH:MM"."""
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
        raise ValidationError(_("Not a time of day, such as 04:00."))


def check_card(value: object) -> None:
    """Refuse what is no rate card, naming the field."""
    try:
        read_card(value)
    except ValueError as wrong:
        raise ValidationError(_("Not a rate card: %(why)s."), params={"why": str(wrong)}) from wrong


def check_names(value: object) -> None:
    """Refuse anything but a list of short names, such as ["wechat", "scan"]."""
    names = value if isinstance(value, list) else [None]
    if not all(isinstance(name, str) and name for name in names):
        raise ValidationError(_('Not a list of names, such as ["wechat", "scan"].'))


def free_card() -> dict[str, object]:
    """Return a card that keeps nothing."""
    return card_data(FREE)


class MerchantState(models.TextChoices):
    """Whether a merchant may take payments."""

    ACTIVE = "active", _("active")
    SUSPENDED = "suspended", _("suspended")
    CLOSED = "closed", _("closed")


NOT_SELLING = {
    MerchantState.SUSPENDED.value: "merchants.suspended",
    MerchantState.CLOSED.value: "merchants.closed",
}
"""Why a merchant in this state takes no payment, as counters and payers are told."""


class Bearer(models.TextChoices):
    """Who bears debt and disputed sales (MONEY §5): a term of the agreement."""

    OPERATOR = "operator", _("the organisation")
    MERCHANT = "merchant", _("the merchant")


class Role(models.TextChoices):
    """What an operator may do (COUNTER §5)."""

    CASHIER = "cashier", _("cashier")
    SUPERVISOR = "supervisor", _("supervisor")
    TECHNICIAN = "technician", _("technician")
    ENROLMENT_CLERK = "enrolment_clerk", _("enrolment clerk")
    ATTENDANT = "attendant", _("attendant")


class Merchant(models.Model):
    """One business that sells."""

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    code = models.CharField(_("code"), max_length=32)
    name = models.CharField(_("name"), max_length=100)
    state = models.CharField(
        _("state"), max_length=16, choices=MerchantState, default=MerchantState.ACTIVE
    )
    licence = models.CharField(_("licence number"), max_length=32, blank=True, default="")
    contact_name = models.CharField(_("contact"), max_length=64, blank=True, default="")
    contact_phone = models.CharField(_("contact's phone"), max_length=32, blank=True, default="")

    class Meta:
        verbose_name = _("merchant")
        verbose_name_plural = _("merchants")
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "code"), name="merchants_merchant_code"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=MerchantState.values), name="merchants_merchant_state"
            ),
            models.UniqueConstraint(
                fields=("organisation", "licence"),
                condition=~models.Q(licence="") & ~models.Q(state=MerchantState.CLOSED),
                name="merchants_merchant_licence",
                violation_error_message=_("Another merchant has this licence number."),
            ),
        )

    def __str__(self) -> str:
        return self.name


class Store(models.Model):
    """One place where a merchant sells; its zone and cut-off decide the business day."""

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="stores")
    site = models.ForeignKey("organisations.Site", on_delete=models.PROTECT, related_name="+")
    code = models.CharField(_("code"), max_length=32)
    name = models.CharField(_("name"), max_length=100)
    zone = models.CharField(
        _("time zone"), max_length=64, default="Asia/Shanghai", validators=[check_zone]
    )
    day_cut_off = models.CharField(
        _("day cut-off"), max_length=5, default="04:00", validators=[check_time_of_day],
        help_text=_("A sale before this time belongs to the day before."),
    )  # fmt: skip
    currency = models.CharField(_("currency"), max_length=3, default="CNY")

    class Meta:
        verbose_name = _("store")
        verbose_name_plural = _("stores")
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "merchant", "code"), name="merchants_store_code"
            ),
        )

    def __str__(self) -> str:
        return self.name


class Agreement(models.Model):
    """A merchant takes an organisation's wallets, from a day on; who bears what it states."""

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="agreements")
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)
    debt_bearer = models.CharField(
        _("who bears debt"), max_length=16, choices=Bearer, default=Bearer.OPERATOR
    )
    disputed_bearer = models.CharField(
        _("who bears disputed sales"), max_length=16, choices=Bearer, default=Bearer.MERCHANT
    )
    refund_limit_amount = models.BigIntegerField(
        _("refunds of one payment without a second person, at most (fen)"), null=True, blank=True,
        help_text=_(
            "Above it a supervisor approves at the counter, a colleague here; empty: no limit."
        ),
    )  # fmt: skip

    class Meta:
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "merchant", "starts_on"), name="merchants_agreement_start"
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True)
                | models.Q(ends_on__gte=models.F("starts_on")),
                name="merchants_agreement_order",
            ),
            models.CheckConstraint(
                condition=models.Q(refund_limit_amount__isnull=True)
                | models.Q(refund_limit_amount__gte=0),
                name="merchants_agreement_refund_limit",
            ),
        )

    def __str__(self) -> str:
        return f"{self.merchant} · {self.starts_on}"


class ChannelContract(models.Model):
    """What a merchant agreed with us about one channel, from a business day on; amounts in fen.

    `card` is what the merchant pays, `cost` what the channel keeps of us (`domain.fees`). A change
    of terms is a new version with a later start, so that a closed day keeps its rate.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="contracts")
    channel = models.CharField(
        _("channel"), max_length=32, help_text=_("The name of the channel's account.")
    )
    kinds = models.JSONField(
        _("kinds and ways"), default=list, blank=True, validators=[check_names],
        help_text=_('Such as ["wechat", "scan"]; empty: all that the channel takes.'),
    )  # fmt: skip
    card = models.JSONField(
        _("rate card"), default=free_card, validators=[check_card],
        help_text=_("rate_ppm 3800 is 0.38 %; amounts in fen."),
    )  # fmt: skip
    cost = models.JSONField(_("channel cost"), default=free_card, validators=[check_card])
    least_amount = models.BigIntegerField(_("least per payment (fen)"), default=0)
    most_amount = models.BigIntegerField(_("most per payment (fen)"), null=True, blank=True)
    day_amount = models.BigIntegerField(_("most per day (fen)"), null=True, blank=True)
    opens = models.CharField(
        _("serves from"), max_length=5, default="00:00", validators=[check_time_of_day],
        help_text=_("By the store's clock; the same as the end: all day."),
    )  # fmt: skip
    closes = models.CharField(
        _("serves until"), max_length=5, default="00:00", validators=[check_time_of_day]
    )
    cycle_days = models.SmallIntegerField(_("settled after days (T+n)"), default=1)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("channel contract")
        verbose_name_plural = _("channel contracts")
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "merchant", "channel", "starts_on"),
                name="merchants_contract_start",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True)
                | models.Q(ends_on__gte=models.F("starts_on")),
                name="merchants_contract_order",
                violation_error_message=_("The end is before the start."),
            ),
            models.CheckConstraint(
                condition=models.Q(least_amount__gte=0)
                & (
                    models.Q(most_amount__isnull=True)
                    | models.Q(most_amount__gte=models.F("least_amount"))
                )
                & (models.Q(day_amount__isnull=True) | models.Q(day_amount__gt=0)),
                name="merchants_contract_limits",
                violation_error_message=_(
                    "Limits are 0 or more, and the most is not below the least."
                ),
            ),
            models.CheckConstraint(
                condition=models.Q(cycle_days__gte=0) & models.Q(cycle_days__lte=90),
                name="merchants_contract_cycle",
                violation_error_message=_("Settled after 0 to 90 days."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.merchant} · {self.channel} · {self.starts_on}"


class MerchantOperator(models.Model):
    """A person who works a counter of this merchant."""

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="operators")
    number = models.CharField(_("number"), max_length=32)
    name = models.CharField(_("name"), max_length=100)
    role = models.CharField(_("role"), max_length=16, choices=Role, default=Role.CASHIER)
    pin_hash = models.CharField(max_length=200, editable=False)
    must_change = models.BooleanField(_("must change the PIN"), default=True)
    card_key = models.CharField(max_length=64, blank=True, default="", editable=False)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("operator")
        verbose_name_plural = _("operators")
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "merchant", "number"), name="merchants_operator_number"
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="merchants_operator_role"
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.number})"


# Declared apart for length; Django finds an app's models here
from server.merchants.agents import (  # noqa: E402
    Agent,
    AgentCost,
    Receiver,
    SettlementTerms,
    SplitRule,
)

__all__ = [
    "NOT_SELLING", "Agent", "AgentCost", "Agreement", "Bearer", "ChannelContract", "Merchant",
    "MerchantOperator", "MerchantState", "Receiver", "Role", "SettlementTerms", "SplitRule",
    "Store", "check_card", "check_names", "check_time_of_day", "check_zone", "free_card",
]  # fmt: skip

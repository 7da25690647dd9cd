"""Meal periods, prices by category and period, and items.

Rules
- A price is never changed: a new row takes over from its `effective_at`, by default the start of
  the next period; "now" needs a reason and is shown as a banner at the counters (COUNTER §5).
- A row names a category and a period, or any ("") of them; `domain.pricing.price_in_force` picks:
  the more exact row first, then the newest already in force. The frozen sale keeps its price.
- `version` is one sequence per price list, so that a sale names the list it was priced by.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class MealPeriod(models.Model):
    """A meal of a store; `starts` and `ends` are "HH:MM" in the store's zone, ends excluded."""

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    store = models.ForeignKey("merchants.Store", on_delete=models.PROTECT, related_name="+")
    code = models.CharField(_("code"), max_length=32)
    name_zh = models.CharField(_("name (Chinese)"), max_length=64)
    name_en = models.CharField(_("name (English)"), max_length=64)
    starts = models.CharField(_("starts"), max_length=5)
    ends = models.CharField(_("ends"), max_length=5)
    entitlement = models.IntegerField(
        _("portions per person"), null=True, blank=True,
        help_text=_("How many a person may take in this meal; empty for as many as paid for."),
    )  # fmt: skip

    class Meta:
        verbose_name = _("meal period")
        verbose_name_plural = _("meal periods")
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "store", "code"), name="catalogue_period_code"
            ),
        )

    def __str__(self) -> str:
        return self.name_zh


class PriceList(models.Model):
    """The prices of one store; `version` is the last version given to any of them."""

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    store = models.ForeignKey("merchants.Store", on_delete=models.PROTECT, related_name="+")
    version = models.BigIntegerField(_("version"), default=0)

    class Meta:
        verbose_name = _("price list")
        verbose_name_plural = _("price lists")
        constraints = (
            models.UniqueConstraint(fields=("organisation", "store"), name="catalogue_list_store"),
        )

    def __str__(self) -> str:
        return str(self.store)


class Price(models.Model):
    """What a category pays in a period, from an instant on; a second portion has its own."""

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    price_list = models.ForeignKey(PriceList, on_delete=models.PROTECT, related_name="prices")
    category = models.CharField(_("category"), max_length=32, blank=True, default="")
    period = models.CharField(_("meal period"), max_length=32, blank=True, default="")
    amount = models.BigIntegerField(_("price (fen)"))
    second_amount = models.BigIntegerField(_("second portion (fen)"), null=True, blank=True)
    effective_at = models.DateTimeField(_("effective from"))
    version = models.BigIntegerField(_("version"))
    reason = models.CharField(_("reason"), max_length=200, blank=True, default="")
    created_at = models.DateTimeField(_("created"))
    created_by = models.CharField(_("created by"), max_length=150, blank=True, default="")

    class Meta:
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "price_list", "version"), name="catalogue_price_version"
            ),
            models.CheckConstraint(
                condition=models.Q(amount__gte=0)
                & (models.Q(second_amount__isnull=True) | models.Q(second_amount__gte=0)),
                name="catalogue_price_amount",
            ),
        )

    def __str__(self) -> str:
        return f"{self.category} · {self.period} · ¥{self.amount / 100:.2f}"


class Item(models.Model):
    """A dish or product with its own price."""

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    merchant = models.ForeignKey("merchants.Merchant", on_delete=models.PROTECT, related_name="+")
    code = models.CharField(_("code"), max_length=64)
    name_zh = models.CharField(_("name (Chinese)"), max_length=64)
    name_en = models.CharField(_("name (English)"), max_length=64)
    amount = models.BigIntegerField(_("price (fen)"))
    version = models.BigIntegerField(default=1, editable=False)
    is_active = models.BooleanField(_("on sale"), default=True)

    class Meta:
        verbose_name = _("item")
        verbose_name_plural = _("items")
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "merchant", "code"), name="catalogue_item_code"
            ),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="catalogue_item_amount"),
        )

    def __str__(self) -> str:
        return self.name_zh

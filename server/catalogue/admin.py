"""Meal periods, prices and items in the back office."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from server.catalogue.models import Item, MealPeriod, Price, PriceList
from server.catalogue.set_item import set_item
from server.catalogue.set_period import open_price_list, remove_period, set_period
from server.catalogue.set_price import set_price
from server.organisations.pages import Page, by, now, random


@admin.register(MealPeriod)
class MealPeriodPage(Page):
    """The meals of a store; two may not overlap."""

    list_display = ("name_zh", "code", "store", "starts", "ends", "entitlement")
    list_filter = ("store",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Keep the code that sales name."""
        return () if obj is None else ("store", "code")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let a meal end; sales keep its code."""
        return self.has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Save by the use-case, which checks for overlaps and tells the counters."""
        made = set_period(
            obj.store, obj.code, obj.starts, obj.ends, now=now(), random=random,
            name_zh=obj.name_zh, name_en=obj.name_en, entitlement=obj.entitlement,
        )  # fmt: skip
        obj.id, obj.organisation_id = made.id, made.organisation_id

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Remove by the use-case, which tells the counters."""
        remove_period(obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        """Remove each by the use-case."""
        for period in queryset:
            remove_period(period)


@admin.register(PriceList)
class PriceListPage(Page):
    """One list per store; its version grows with every price."""

    list_display = ("store", "version")
    readonly_fields = ("version",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no: a list changes by its prices."""
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Open the list."""
        made = open_price_list(obj.store, now=now(), random=random)
        obj.id, obj.organisation_id = made.id, made.organisation_id


class PriceForm(forms.ModelForm):  # type: ignore[type-arg]
    """A new price; without an instant it holds from the next meal on."""

    class Meta:
        model = Price
        fields = (
            "price_list", "category", "period", "amount", "second_amount", "effective_at", "reason",
        )  # fmt: skip

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if instant := self.fields.get("effective_at"):
            instant.required = False
            instant.help_text = _("Empty: from the start of the next meal. Now or past: a reason.")


@admin.register(Price)
class PricePage(Page):
    """Prices are posted, never changed: the newest in force counts."""

    form = PriceForm
    list_display = (
        "price_list", "category", "period", "yuan", "second_yuan", "effective_at", "version",
        "reason", "created_by",
    )  # fmt: skip
    list_filter = ("price_list", "category", "period")
    ordering = ("-effective_at", "-version")

    @admin.display(description=_("price"), ordering="amount")
    def yuan(self, row: Price) -> str:
        """Return the price in yuan."""
        return f"¥{row.amount / 100:.2f}"

    @admin.display(description=_("second portion"))
    def second_yuan(self, row: Price) -> str:
        """Return the price of a second portion in yuan."""
        return "–" if row.second_amount is None else f"¥{row.second_amount / 100:.2f}"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no: a posted price stays as it was seen."""
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Post the price, and say from when it holds."""
        made = set_price(
            obj.price_list, obj.category, obj.period, obj.amount, now=now(), random=random,
            second_amount=obj.second_amount, effective_at=obj.effective_at,
            reason=obj.reason, set_by=by(request),
        )  # fmt: skip
        obj.id, obj.organisation_id = made.id, made.organisation_id
        messages.info(request, f"{made} · {made.effective_at:%Y-%m-%d %H:%M %Z}")


@admin.register(Item)
class ItemPage(Page):
    """Dishes and products."""

    list_display = ("name_zh", "code", "merchant", "yuan", "is_active", "version")
    list_filter = ("merchant", "is_active")
    search_fields = ("name_zh", "name_en", "code")

    @admin.display(description=_("price"), ordering="amount")
    def yuan(self, row: Item) -> str:
        """Return the price in yuan."""
        return f"¥{row.amount / 100:.2f}"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Keep the code that lines name."""
        return () if obj is None else ("merchant", "code")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Save by the use-case, which tells the counters."""
        made = set_item(
            obj.merchant, obj.code, obj.name_zh, obj.name_en, obj.amount,
            now=now(), random=random, is_active=obj.is_active,
        )  # fmt: skip
        obj.id, obj.organisation_id, obj.version = made.id, made.organisation_id, made.version

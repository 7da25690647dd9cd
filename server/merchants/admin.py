"""Merchants, stores, agreements and operators in the back office."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from server.merchants.agents import Agent, AgentCost, Receiver, SettlementTerms, SplitRule
from server.merchants.models import (
    Agreement,
    ChannelContract,
    Merchant,
    MerchantOperator,
    MerchantState,
    Role,
    Store,
)
from server.merchants.operators import (
    MIN_PIN_LENGTH,
    create_operator,
    mark_operator,
    set_operator_pin,
)
from server.organisations.pages import Page, now, random


@admin.register(Merchant)
class MerchantPage(Page):
    """Merchants are entered and suspended here; closing one has a page of its own."""

    list_display = ("name", "code", "state")
    list_filter = ("state",)
    search_fields = ("name", "code")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leave a closed merchant closed."""
        return ("state",) if obj is not None and obj.state == MerchantState.CLOSED else ()

    def formfield_for_choice_field(self, db_field: Any, request: Any, **options: Any) -> Any:
        """Offer every state but closed: that is more than a word in a table."""
        if db_field.name == "state":
            options["choices"] = [one for one in MerchantState.choices
                                  if one[0] != MerchantState.CLOSED]  # fmt: skip
        return super().formfield_for_choice_field(db_field, request, **options)


@admin.register(Store)
class StorePage(Page):
    """Stores; zone and cut-off decide the business day, so they stay once sales were made."""

    list_display = ("name", "code", "merchant", "site", "zone", "day_cut_off")
    list_filter = ("merchant", "site")
    search_fields = ("name", "code")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leave open what may change without moving a sale to another day or merchant."""
        return () if obj is None else ("merchant", "site", "zone", "day_cut_off", "currency")


@admin.register(Agreement)
class AgreementPage(Page):
    """Whose wallets a merchant takes; a change of terms is a new agreement."""

    list_display = (
        "merchant", "starts_on", "ends_on", "debt_bearer", "disputed_bearer", "refund_limit_amount",
    )  # fmt: skip
    list_filter = ("merchant",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leave the end and the limit of refunds open."""
        return () if obj is None else ("merchant", "starts_on", "debt_bearer", "disputed_bearer")


@admin.register(ChannelContract)
class ContractPage(Page):
    """Contracts with channels; a change of terms is a new version, and only its end stays open."""

    list_display = ("merchant", "channel", "starts_on", "ends_on", "opens", "closes", "cycle_days")
    list_filter = ("merchant", "channel")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leave only the end open."""
        if obj is None:
            return ()
        fixed = {"id", "organisation", "ends_on"}
        return tuple(f.name for f in obj._meta.fields if f.name not in fixed)


class OperatorForm(forms.ModelForm):  # type: ignore[type-arg]
    """An operator with a first PIN."""

    pin = forms.CharField(
        label=_("first PIN"), min_length=MIN_PIN_LENGTH, max_length=12, required=False,
        widget=forms.PasswordInput, help_text=_("6 to 12 digits; changed at first use."),
    )  # fmt: skip

    class Meta:
        model = MerchantOperator
        fields = ("merchant", "number", "name", "role", "is_active", "must_change")


@admin.register(MerchantOperator)
class OperatorPage(Page):
    """Who works the counters; PINs are set, never shown."""

    form = OperatorForm
    list_display = ("name", "number", "merchant", "role", "is_active", "must_change")
    list_filter = ("merchant", "role", "is_active")
    search_fields = ("name", "number")
    actions = ("give_new_pin",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Keep an operator with the merchant and number that sales name."""
        return () if obj is None else ("merchant", "number")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Save by the use-cases, which tell the counters."""
        pin = form.cleaned_data.get("pin", "")
        if not change:
            made = create_operator(
                obj.merchant, obj.number, obj.name, Role(obj.role), pin,
                now=now(), random=random, must_change=obj.must_change,
            )  # fmt: skip
            obj.id, obj.organisation_id, obj.pin_hash = made.id, made.organisation_id, made.pin_hash
            return
        obj.save()
        mark_operator(obj)
        if pin:
            set_operator_pin(obj, pin, random=random)

    @admin.action(description=_("Give a new PIN, shown once"), permissions=["change"])
    def give_new_pin(self, request: HttpRequest, rows: QuerySet[MerchantOperator]) -> None:
        """Draw a PIN for each operator and show it this once."""

        def renew(operator: MerchantOperator) -> str:
            pin = f"{int.from_bytes(random(8), 'big') % 1000000:06d}"
            set_operator_pin(operator, pin, random=random)
            return f"PIN {pin}"

        self.each(request, rows, renew)


@admin.register(Agent)
class AgentPage(Page):
    """Who won merchants for us, and who won whom."""

    list_display = ("name", "code", "parent")
    search_fields = ("name", "code")


@admin.register(AgentCost)
class AgentCostPage(Page):
    """What an agent pays for a trade, per channel and start."""

    list_display = ("agent", "channel", "starts_on")
    list_filter = ("agent", "channel")


@admin.register(SettlementTerms)
class SettlementTermsPage(Page):
    """How a merchant is paid, from a business day on."""

    list_display = ("merchant", "starts_on", "cycle_days", "least_amount", "agent")
    list_filter = ("merchant",)


@admin.register(Receiver)
class ReceiverPage(Page):
    """Third parties that get a share of merchants' money."""

    list_display = ("name", "code")


@admin.register(SplitRule)
class SplitRulePage(Page):
    """What a receiver gets of a merchant's net."""

    list_display = ("merchant", "receiver", "rate_ppm", "starts_on", "ends_on")
    list_filter = ("merchant",)

"""Payments in the back office: to be read. What changes them is a message, never a form."""

from django.contrib import admin

from server.payments.models import Attempt, CodeUse, Order, ParkedAcceptance, Payment, Refund
from server.read_only import ReadOnlyAdmin


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin):
    """One payment: what was asked, what became of it, who bears it."""

    list_display = (
        "id", "tender", "credential", "total_amount", "refunded_amount", "state", "code",
        "masked_name", "merchant_side", "occurred_at",
    )  # fmt: skip
    list_filter = ("state", "tender", "credential", "mode", "merchant_side", "business_on")
    search_fields = ("=id", "=order", "=person", "=terminal", "=shift")
    date_hierarchy = "business_on"


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    """What was paid for."""

    list_display = ("id", "total_amount", "store", "created_at")
    search_fields = ("=id",)


@admin.register(Attempt)
class AttemptAdmin(ReadOnlyAdmin):
    """Each try at a channel."""

    list_display = (
        "id", "channel", "amount", "state", "code", "took_money", "tries", "submitted_at",
    )  # fmt: skip
    list_filter = ("state", "channel")
    search_fields = ("=id", "=payment", "=channel_ref")


@admin.register(Refund)
class RefundAdmin(ReadOnlyAdmin):
    """Money back, or trying to."""

    list_display = (
        "id", "payment", "tender", "amount", "posted_amount", "suspense_amount", "state", "code",
        "reason", "occurred_at",
    )  # fmt: skip
    list_filter = ("state", "tender", "business_on")
    search_fields = ("=id", "=payment", "=shift")


@admin.register(CodeUse)
class CodeUseAdmin(ReadOnlyAdmin):
    """Wallet codes that have paid."""

    list_display = ("certificate", "nonce", "payment")
    search_fields = ("=payment", "certificate")


@admin.register(ParkedAcceptance)
class ParkedAcceptanceAdmin(ReadOnlyAdmin):
    """Acceptances that wait for their channel."""

    list_display = ("id", "payment", "code", "received_at")
    search_fields = ("=id", "=payment")

"""Wallets in the back office: to be read. Money moves by top-ups and grants, never by a form."""

from django.contrib import admin

from server.read_only import ReadOnlyAdmin
from server.wallets.models import Grant, PayOut, RefusedTopUp, Share, TopUp, Wallet


@admin.register(Wallet)
class WalletAdmin(ReadOnlyAdmin):
    """Who has a wallet."""

    list_display = ("person", "opened_at")
    search_fields = ("=person",)


@admin.register(Grant)
class GrantAdmin(ReadOnlyAdmin):
    """Subsidies: where, when and until when they may be spent."""

    list_display = ("name", "kind", "meal_value_amount", "starts_at", "expires_at", "created_by")
    list_filter = ("kind",)
    search_fields = ("name",)


@admin.register(Share)
class ShareAdmin(ReadOnlyAdmin):
    """Who got how much of which grant."""

    list_display = ("person", "grant", "amount", "granted_at")
    search_fields = ("=person", "=grant")


@admin.register(TopUp)
class TopUpAdmin(ReadOnlyAdmin):
    """Money that reached wallets, and what of it repaid debt."""

    list_display = ("person", "amount", "repaid_amount", "source", "reference", "topped_up_at")
    list_filter = ("source",)
    search_fields = ("=person", "reference")


@admin.register(RefusedTopUp)
class RefusedTopUpAdmin(ReadOnlyAdmin):
    """Top-ups that counters were told no to."""

    list_display = ("id", "code", "terminal", "refused_at")
    list_filter = ("code",)


@admin.register(PayOut)
class PayOutAdmin(ReadOnlyAdmin):
    """What was paid out to people who left."""

    list_display = ("person", "amount", "way", "state", "proposed_by", "decided_by")
    list_filter = ("state",)
    search_fields = ("=person",)

"""The books in the back office: to be read, never to be written."""

from django.contrib import admin

from server.ledger.models import Account, Counter, Hold, Posting, Transfer
from server.read_only import ReadOnlyAdmin


@admin.register(Account)
class AccountAdmin(ReadOnlyAdmin):
    """Accounts with their balances."""

    list_display = ("owner_kind", "kind", "unit", "balance", "held", "version", "owner_id")
    list_filter = ("owner_kind", "kind", "unit")
    search_fields = ("=id", "=owner_id")


@admin.register(Transfer)
class TransferAdmin(ReadOnlyAdmin):
    """Transfers with their postings."""

    list_display = ("occurred_at", "cause_kind", "purpose", "booked_on", "cause_id")
    list_filter = ("cause_kind", "purpose")
    search_fields = ("=id", "=cause_id")
    date_hierarchy = "occurred_at"
    fields = (
        "id", "organisation", "cause_kind", "cause_id", "purpose", "occurred_at",
        "business_on", "booked_on", "postings",
    )  # fmt: skip

    @admin.display(description="postings")
    def postings(self, transfer: Transfer) -> str:
        """The legs, one per line: amount, then the account's owner and kind."""
        legs = list(Posting.objects.filter(transfer=transfer.id).order_by("account"))
        accounts = Account.objects.in_bulk([leg.account for leg in legs])
        return "\n".join(f"{leg.amount:+} {accounts.get(leg.account)}" for leg in legs)


@admin.register(Hold)
class HoldAdmin(ReadOnlyAdmin):
    """Holds, open and ended."""

    list_display = ("owner_kind", "owner_id", "amount", "opened_at", "ended_at", "posted")
    list_filter = ("posted",)
    search_fields = ("=owner_id", "=account")


@admin.register(Counter)
class CounterAdmin(ReadOnlyAdmin):
    """Counters with their use."""

    list_display = ("subject", "rule", "window", "used", "limit_amount")
    list_filter = ("rule",)
    search_fields = ("subject", "window")

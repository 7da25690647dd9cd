"""What closing a merchant comes to, before somebody does it."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, Sum

from server.console.merchant_desk.own import Standing, read_standing
from server.console.models import StaffGrant
from server.fleet.models import Terminal, TerminalState
from server.merchants.models import (
    ChannelContract,
    Merchant,
    MerchantOperator,
    SplitRule,
)
from server.open_api.models import Endpoint
from server.settlement.models import Item


@dataclass(frozen=True, slots=True)
class Preview:
    """What stops, what is still to come, and what goes on by itself; amounts in fen."""

    terminals: tuple[Terminal, ...]
    waiting_count: int
    waiting_amount: int
    shift_count: int
    operator_count: int
    standing: Standing
    due_count: int
    due_amount: int
    last_due_on: date | None
    splits: tuple[SplitRule, ...]
    contract_count: int
    endpoint_count: int
    login_count: int


def preview_of(merchant: Merchant, today: date) -> Preview:
    """Return what closing `merchant` would come to."""
    own = {"organisation_id": merchant.organisation_id, "merchant": merchant}
    in_force = Q(ends_on__isnull=True) | Q(ends_on__gte=today)
    terminals = tuple(
        Terminal.objects.filter(**own, state__in=(TerminalState.ACTIVE, TerminalState.NEW))
        .select_related("store").order_by("store__name", "name")
    )  # fmt: skip
    items = Item.objects.filter(
        organisation=merchant.organisation_id, merchant=merchant.id, batch__isnull=True
    )
    due = items.aggregate(
        count=Count("id"), amount=Sum("amount"), less=Sum("fee_amount") + Sum("discount_amount")
    )
    last = items.order_by("-due_on").values_list("due_on", flat=True).first()
    return Preview(
        terminals,
        sum(one.waiting_count for one in terminals),
        sum(one.waiting_amount for one in terminals),
        sum(one.shift is not None for one in terminals),
        MerchantOperator.objects.filter(**own, is_active=True).count(),
        read_standing(merchant),
        due["count"], (due["amount"] or 0) - (due["less"] or 0), last,
        tuple(SplitRule.objects.filter(in_force, **own).select_related("receiver")),
        ChannelContract.objects.filter(in_force, **own).count(),
        Endpoint.objects.filter(**own, is_enabled=True).count(),
        StaffGrant.objects.filter(**own, ended_at__isnull=True).count(),
    )  # fmt: skip

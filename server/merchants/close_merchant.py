"""Close a merchant for good: it sells nothing from now on, and is paid what it is owed."""

from django.db import transaction

from domain.errors import Refused
from server.merchants.models import Merchant, MerchantOperator, MerchantState, Role
from server.merchants.operators import mark_operator


def close_merchant(merchant: Merchant) -> Merchant:
    """Close `merchant`; its counters hear it with their next report, and its operators leave but
    for the supervisors, who may still have drawers to count.

    Nothing else ends: bindings, agreement and contracts stay, so that a sale which a counter made
    alone is booked whenever it comes, and every day and settlement goes on to the last fen.
    Raises `Refused("merchants.closed_already")`.
    """
    with transaction.atomic():
        held = Merchant.objects.select_for_update().get(
            id=merchant.id, organisation_id=merchant.organisation_id
        )
        if held.state == MerchantState.CLOSED:
            raise Refused("merchants.closed_already")
        held.state = MerchantState.CLOSED
        held.save(update_fields=["state"])
        operators = MerchantOperator.objects.filter(
            organisation_id=held.organisation_id, merchant=held, is_active=True
        ).exclude(role=Role.SUPERVISOR)
        for operator in operators.order_by("id"):
            operator.is_active = False
            operator.save(update_fields=["is_active"])
            # By the feed, which counters keep: nobody opens a shift there, network or not
            mark_operator(operator)
    return held

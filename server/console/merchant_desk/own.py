"""Whose desk it is: the merchants that the reader speaks for, and how one's account stands."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet, Sum
from django.http import Http404, HttpRequest

from server.console.roles import MERCHANT, Reach
from server.ledger.models import Account
from server.merchants.models import Merchant, Store
from server.payments.accounts import DISPUTED, PAYABLE
from server.settlement.models import Batch, Payout

ON_ITS_WAY = ("created", "submitted", "unknown")


@dataclass(frozen=True, slots=True)
class Standing:
    """How a merchant's account stands, in fen. `owed_amount` is negative when it owes us."""

    owed_amount: int
    disputed_amount: int
    on_its_way_amount: int
    last_batch: Batch | None


def merchants_of(reach: Reach) -> "QuerySet[Merchant]":
    """Return the merchants that the reader speaks for; none for members of the house."""
    rows = Merchant.objects.select_related("organisation").order_by("name", "id")
    return reach.within({MERCHANT}).of(rows, merchant="pk")


def merchant_asked(request: HttpRequest, reach: Reach) -> Merchant:
    """Return the merchant that `?merchant=` names, else the first.

    Raises `PermissionDenied` for whoever speaks for none, `Http404` for one that is not theirs.
    """
    own = list(merchants_of(reach))
    if not own:
        raise PermissionDenied
    asked = request.POST.get("merchant", "") or request.GET.get("merchant", "")
    found = next((one for one in own if not asked or str(one.id) == asked), None)
    if found is None:
        raise Http404
    return found


def stores_of(merchant: Merchant) -> list[Store]:
    """Return a merchant's stores by name, with their sites."""
    rows = Store.objects.filter(organisation=merchant.organisation_id, merchant=merchant)
    return list(rows.select_related("site").order_by("name", "id"))


def read_standing(merchant: Merchant) -> Standing:
    """Return how the account of a merchant stands."""
    payee = {"organisation": merchant.organisation_id, "payee_kind": "merchant",
             "payee": merchant.id}  # fmt: skip
    going = Payout.objects.filter(**payee, state__in=ON_ITS_WAY).aggregate(amount=Sum("amount"))
    return Standing(
        _balance(merchant, PAYABLE), _balance(merchant, DISPUTED), going["amount"] or 0,
        Batch.objects.filter(**payee).order_by("-due_on").first(),
    )  # fmt: skip


def _balance(merchant: Merchant, side: str) -> int:
    rows = Account.objects.filter(
        organisation=merchant.organisation_id, owner_kind="merchant", owner_id=merchant.id,
        kind=side,
    )  # fmt: skip
    return rows.aggregate(amount=Sum("balance"))["amount"] or 0

"""What the channels themselves kept of settled payments, as their bills said: our cost."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import Sum

from domain.ids import attempt_number
from server.payments.models import Attempt
from server.reconciliation.models import ClearedItem
from server.settlement.models import Item

CHUNK: Final = 500
MOST: Final = 20_000
"""Payments whose cost is looked up for one page; more is a report's work."""


@dataclass(frozen=True, slots=True)
class Cost:
    """The sum in fen, of how many payments it is known, and of how many there are."""

    amount: int
    known: int
    count: int

    @property
    def is_whole(self) -> bool:
        """Whether the channels billed all of them."""
        return self.known == self.count


def cost_of(organisation_id: UUID, items: Any) -> Cost | None:
    """Return what channels kept of the sales among `items` (a queryset); None for too many."""
    sales: Any = Item.objects.filter(pk__in=items.values("pk")).exclude(channel="")
    ids = list(sales.filter(amount__gt=0, payment__isnull=False)
               .values_list("payment", flat=True)[: MOST + 1])  # fmt: skip
    if len(ids) > MOST:
        return None
    numbers = [
        attempt_number(id) for part in _parts(ids) for id in _attempts(organisation_id, part)
    ]
    amount = known = 0
    for part in _parts(numbers):
        rows = ClearedItem.objects.filter(
            organisation=organisation_id, item__in=part, undone_by__isnull=True, has_ours=True
        )
        amount += rows.aggregate(amount=Sum("fee_amount"))["amount"] or 0
        known += rows.count()
    return Cost(amount, known, len(ids))


def _attempts(organisation_id: UUID, payments: Sequence[UUID]) -> Iterable[UUID]:
    return Attempt.objects.filter(
        organisation=organisation_id, payment__in=payments, state="succeeded"
    ).values_list("id", flat=True)


def _parts(values: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (values[start : start + CHUNK] for start in range(0, len(values), CHUNK))

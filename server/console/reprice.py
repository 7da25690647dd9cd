"""A meal that was sold at a wrong price: what everybody paid too much goes back, by four eyes.

    told = preview(Repricing(organisation, store, day, meal, 1_200, 1_000))
    ask_to_reprice(repricing, reason, by=…, now=…, random=…)   # → approved by somebody else

Rules
- Only down: nobody is charged more after the meal.
- A line counts when its amount is a whole number of portions at the price charged, at most
  `MAX_PORTIONS`. What an earlier repricing of the meal gave back is taken off, and no payment gives
  back more than is left of it. One request about a meal waits at a time.
- The refunds are ordinary ones, each under an id that follows from the request and the payment, so
  that approving, a restart and a second worker make each of them once.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID, uuid5

from django.db import connection

from domain.errors import Refused
from domain.ids import RandomBytes
from domain.money import format_amount
from server.cases.approvals import carried_out
from server.cases.approvals.request_approval import Asked, Subject, request_approval
from server.cases.models import Approval, ApprovalState
from server.console.payment_work import REFUND
from server.payments.models import Payment, Refund
from server.work.effects import DueRow
from server.writes import write_now

KIND: Final = "approvals.reprice"
MAX_PORTIONS: Final = 9
GIVEN: Final = "given"
"""Where an approved request keeps what it gives back: payment → fen."""


@dataclass(frozen=True, slots=True)
class Repricing:
    """One meal of one store's business day: from the old price to a lower one, in fen."""

    organisation_id: UUID
    store_id: UUID
    business_on: date
    meal_period: str
    old_amount: int
    new_amount: int

    @property
    def subject_id(self) -> UUID:
        """The meal, whatever its prices."""
        return uuid5(self.store_id, f"{self.business_on}/{self.meal_period}")

    def check(self) -> None:
        """Refuse a price that does not fall."""
        if not 0 <= self.new_amount < self.old_amount:
            raise Refused("reprice.not_lower")

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON can keep it."""
        return {
            "store": str(self.store_id), "on": self.business_on.isoformat(),
            "meal": self.meal_period, "old_amount": self.old_amount,
            "new_amount": self.new_amount,
        }  # fmt: skip

    @classmethod
    def of(cls, approval: Approval) -> "Repricing":
        """Read what `as_data` kept."""
        data = approval.data
        return cls(
            approval.organisation, UUID(data["store"]), date.fromisoformat(data["on"]),
            data["meal"], int(data["old_amount"]), int(data["new_amount"]),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Preview:
    """What a repricing would give back; `untouched` payments of the meal had another price."""

    payments: int
    amount: int
    untouched: int


def preview(repricing: Repricing) -> Preview:
    """Return what would go back. Raises `Refused("reprice.not_lower")`."""
    repricing.check()
    owed = [amount for _, amount in _owed(repricing)]
    given = [amount for amount in owed if amount]
    return Preview(len(given), sum(given), len(owed) - len(given))


def ask_to_reprice(
    repricing: Repricing, reason: str, *, by: str, now: datetime, random: RandomBytes
) -> Approval:
    """Ask in the name of `by`. Raises `Refused`: not lower, nothing to give back, no reason."""
    told = preview(repricing)
    if not reason.strip():
        raise Refused("staff.reason_missing")
    if not told.payments:
        raise Refused("reprice.nothing")
    name = f"{repricing.business_on} {repricing.meal_period} "
    name += f"{format_amount(repricing.old_amount)} → {format_amount(repricing.new_amount)}"
    subject = Subject("repricing", repricing.subject_id, name)
    data = {**repricing.as_data(), "count": told.payments}
    asked = Asked(repricing.organisation_id, KIND, subject, data, told.amount, reason)
    return request_approval(asked, by=by, now=now, random=random)


def give_back(approval: Approval, now: datetime) -> None:
    """Make the refunds of an approved request due."""
    given = {str(payment): amount for payment, amount in _owed(Repricing.of(approval)) if amount}
    approval.data[GIVEN] = given
    approval.save(update_fields=["data"])
    due = [
        DueRow(
            uuid5(approval.id, payment), approval.organisation, REFUND,
            uuid5(approval.id, payment), now,
            {"payment": payment, "amount": amount, "reason": approval.reason},
        )
        for payment, amount in given.items()
    ]  # fmt: skip
    with connection.cursor() as cursor:
        write_now(cursor, due)


def given_back(approval: Approval) -> tuple[int, int]:
    """Return how many refunds of an approved request are made, and their sum in fen."""
    ids = [uuid5(approval.id, payment) for payment in approval.data.get(GIVEN, {})]
    made = 0, 0
    for at in range(0, len(ids), 500):
        amounts = Refund.objects.filter(
            organisation=approval.organisation, id__in=ids[at : at + 500], state="succeeded"
        ).values_list("posted_amount", flat=True)
        made = made[0] + len(amounts), made[1] + sum(amounts)
    return made


def register_repricing() -> None:
    """Let approved requests be carried out."""
    carried_out.register(KIND, give_back)


def _payments(repricing: Repricing) -> Any:
    return Payment.objects.filter(
        organisation=repricing.organisation_id, store=repricing.store_id,
        business_on=repricing.business_on, meal_period=repricing.meal_period, state="succeeded",
    )  # fmt: skip


def _owed(repricing: Repricing) -> Iterator[tuple[UUID, int]]:
    """Yield each payment of the meal with what goes back of it, 0 for another price."""
    rows = _payments(repricing).values_list("id", "lines", "total_amount", "refunded_amount")
    earlier = _earlier(repricing)
    for id, lines, total, refunded in rows.iterator():
        portions = sum(_portions(int(amount), repricing.old_amount) for amount in lines)
        due = portions * (repricing.old_amount - repricing.new_amount)
        yield id, max(0, min(due - earlier[str(id)], total - refunded))


def _earlier(repricing: Repricing) -> Counter[str]:
    """Return per payment what approved requests about this meal promised already."""
    approved = Approval.objects.filter(
        organisation=repricing.organisation_id, kind=KIND, state=ApprovalState.APPROVED,
        subject_id=repricing.subject_id,
    )  # fmt: skip
    found: Counter[str] = Counter()
    for one in approved:
        found.update(one.data.get(GIVEN, {}))
    return found


def _portions(line_amount: int, old_amount: int) -> int:
    count, rest = divmod(line_amount, old_amount)
    return count if rest == 0 and count <= MAX_PORTIONS else 0

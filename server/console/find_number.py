"""What a number means: whatever stands on a receipt, a bill, a card list or a terminal.

A receipt carries 14 digits to type and the payment's 32 (as its QR); a payer's own bill carries the
order number of an attempt and the provider's number; people have student or staff numbers.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from domain.errors import Refused
from domain.money import format_amount
from domain.sale_numbers import bare_number, ids_of_number, is_number_of
from server.cases.models import Case
from server.console.roles import (
    ADMINISTRATOR,
    CLERK,
    FINANCE,
    MANAGER,
    SUPPORT,
    Reach,
)
from server.console.within import terminals_within
from server.fleet.models import Terminal
from server.payments.models import Attempt, Payment, Refund
from server.people.models import Person
from server.wallets.models import TopUp

MAX_OF_A_KIND = 20
NUMBER_DIGITS = 14
MONEY_READERS = frozenset({ADMINISTRATOR, FINANCE, MANAGER})
PEOPLE_READERS = frozenset({ADMINISTRATOR, CLERK, FINANCE, MANAGER})
TERMINAL_READERS = frozenset({ADMINISTRATOR, MANAGER, SUPPORT})


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that has the number: what kind, in words, and where it is shown."""

    kind: str
    what: str
    url: str


def find_number(number: str, reach: Reach) -> list[Found]:
    """Return everything within `reach` that has `number`, the likeliest kind first."""
    asked = number.strip()
    id = _id(asked)
    return [
        *_payments(asked, id, reach.within(MONEY_READERS)),
        *_top_ups(asked, id, reach.within(MONEY_READERS)),
        *_cases(id, reach.within(MONEY_READERS)),
        *_people(asked, reach.within(PEOPLE_READERS)),
        *_terminals(asked, id, reach.within(TERMINAL_READERS)),
    ]


def payments_by_number(asked: str) -> Q:
    """The condition on payments: the receipt's 14 digits, their own number, the order's, an
    attempt's or a refund's, or the provider's reference.
    """
    id = _id(asked)
    attempts = Q(channel_ref=asked)
    found = Q(id__in=_typed(asked))
    if id is not None:
        attempts |= Q(id=id)
        found = Q(id=id) | Q(order=id) | Q(id__in=Refund.objects.filter(id=id).values("payment"))
    return found | Q(id__in=Attempt.objects.filter(attempts).values("payment"))


def _payments(asked: str, id: UUID | None, reach: Reach) -> Iterator[Found]:
    rows = terminals_within(reach, Payment.objects.filter(payments_by_number(asked)))
    for row in rows.order_by("-received_at")[:MAX_OF_A_KIND]:
        what = f"{format_amount(row.total_amount)} · {row.received_at:%Y-%m-%d %H:%M}"
        yield Found(_("Payment"), what, reverse("console:order", args=[row.id]))


def _top_ups(asked: str, id: UUID | None, reach: Reach) -> Iterator[Found]:
    condition = Q(reference=asked) if asked else Q(pk__in=())
    if id is not None:
        condition |= Q(id=id)
    for row in reach.of(TopUp.objects.filter(condition))[:MAX_OF_A_KIND]:
        what = f"{format_amount(row.amount)} · {row.topped_up_at:%Y-%m-%d %H:%M}"
        yield Found(_("Top-up"), what, reverse("console:person", args=[row.person]))


def _cases(id: UUID | None, reach: Reach) -> Iterator[Found]:
    if id is None:
        return
    rows = terminals_within(reach, Case.objects.filter(Q(id=id) | Q(subject_id=id)))
    for row in rows[:MAX_OF_A_KIND]:
        what = f"{row.kind} · {format_amount(row.amount)}"
        yield Found(_("Case"), what, reverse("console:case", args=[row.id]))


def _people(asked: str, reach: Reach) -> Iterator[Found]:
    people = reach.of(Person.objects.filter(number=asked), site="memberships__site").distinct()
    for row in people[:MAX_OF_A_KIND]:
        yield Found(_("Person"), str(row), reverse("console:person", args=[row.id]))


def _terminals(asked: str, id: UUID | None, reach: Reach) -> Iterator[Found]:
    condition: Any = Q(serial__iexact=asked) if asked else Q(pk__in=())
    if id is not None:
        condition |= Q(id=id)
    for row in reach.of(Terminal.objects.filter(condition), site="store__site")[:MAX_OF_A_KIND]:
        yield Found(_("Counter"), row.name, reverse("console:terminal", args=[row.id]))


def _typed(asked: str) -> list[UUID]:
    """The payments of 14 typed digits: of one millisecond, told apart by the last two."""
    try:
        number = bare_number(asked)
    except Refused:
        return []
    if not number.isdigit() or len(number) != NUMBER_DIGITS:
        return []
    near = Payment.objects.filter(id__range=ids_of_number(number)).values_list("id", flat=True)
    return [id for id in near if is_number_of(number, id)]


def _id(asked: str) -> UUID | None:
    try:
        return UUID(asked)
    except ValueError:
        return None

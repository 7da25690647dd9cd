"""Clear a subsidy out before it expires (补贴清零): of everybody, by category,
by class, or by a list of numbers.

A trial run shows from whom how much goes back and the total; somebody else confirms it. Nobody
gives back more than was shown: what was spent meanwhile is spent, what came back stays.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import F

from domain.errors import Refused
from domain.ids import RandomBytes
from domain.money import format_amount
from server import sql
from server.ledger.apply import apply
from server.ledger.models import Account
from server.organisations.models import Organisation
from server.people.bulk_change import Chunk, Trial, confirm_change, register_change
from server.people.import_people import read_people
from server.people.models import BulkChange, Person
from server.spreadsheets import CellError
from server.wallets.accounts import share_account, share_id
from server.wallets.models import Grant
from server.wallets.take_back import CLEAR_OUT, TakeBackShares, people_with_rest

KIND = "clear_out"
RESTS = """
SELECT s."grant", count(*), sum(a.balance - a.held) FROM wallets_share s
JOIN ledger_account a ON a.organisation = s.organisation AND a.owner_kind = 'grant_share'
  AND a.owner_id = s.id
WHERE s."grant" IN {any} AND a.balance > a.held GROUP BY s."grant"
"""


@dataclass(frozen=True, slots=True)
class Rest:
    """What is left of a grant, and with how many people."""

    grant: Grant
    people: int
    amount: int


def list_rests(organisation_id: UUID) -> list[Rest]:
    """Return the subsidies of which anything is left, the one that expires first first."""
    grants = Grant.objects.filter(organisation=organisation_id, kind="subsidy")
    by_id = {grant.id: grant for grant in grants.order_by(F("expires_at").asc(nulls_last=True))}
    with connection.cursor() as cursor:
        rows = sql.select(cursor, RESTS, by_id)
    found = {sql.to_uuid(id): (int(people), int(amount)) for id, people, amount in rows}
    return [Rest(grant, *found[id]) for id, grant in by_id.items() if id in found]


def try_clear_out(
    grant: Grant,
    categories: Sequence[str] = (),
    departments: Sequence[str] = (),
    numbers: Sequence[str] = (),
) -> Trial:
    """Say what goes back from whom; without categories, classes or a list it is everybody's.

    Of several of these a person must be in each. A number that nobody has is an error of the
    trial, by its place in the list. Raises `Refused("subsidies.nothing_left")`.
    """
    rows = Person.objects.filter(organisation_id=grant.organisation, id__in=people_with_rest(grant))
    errors: list[CellError] = []
    if numbers:
        named = read_people(grant.organisation, numbers)
        rows = rows.filter(id__in=[person.id for person in named.values()])
        errors = [
            CellError(place, "number", number, "people.number_unknown")
            for place, number in enumerate(numbers, 1)
            if number not in named
        ]
    if categories:
        rows = rows.filter(category__code__in=categories)
    if departments:
        rows = rows.filter(department__in=departments)
    people = list(rows.order_by("number"))
    left = _left(grant, [person.id for person in people])
    items = [
        {
            "row": 0, "person": str(person.id), "number": person.number, "name": person.name,
            "department": person.department, "amount": left[person.id],
        }
        for person in people
        if left.get(person.id, 0) > 0
    ]  # fmt: skip
    if not items and not errors:
        raise Refused("subsidies.nothing_left")
    total = sum(left[person.id] for person in people)
    settings = {"grant": str(grant.id), "total_amount": total}
    title = f"{grant.name} · {format_amount(total)}"
    return Trial(KIND, title, items, {"people": len(items)}, errors, settings)


def confirm_clear_out(
    change: BulkChange, *, now: datetime, random: RandomBytes, by: str
) -> None:  # fmt: skip
    """Let it be done; raises `Refused` as `confirm_change` does, and to whoever asked for it."""
    if by == change.planned_by:
        raise Refused("approvals.own_request")
    confirm_change(change, now=now, random=random, by=by)


def register_clear_outs() -> None:
    """Let confirmed ones be worked off."""
    register_change(KIND, _apply)


def _apply(chunk: Chunk) -> Mapping[str, int]:
    """Take back from the people of a chunk; who has nothing left any more is left out."""
    zone = ZoneInfo(Organisation.objects.get(id=chunk.organisation_id).zone)
    grant = Grant.objects.get(organisation=chunk.organisation_id, id=UUID(chunk.settings["grant"]))
    most = {UUID(item["person"]): int(item["amount"]) for item in chunk.items}
    command = TakeBackShares(
        chunk.organisation_id, grant.id, grant.kind, CLEAR_OUT, most, chunk.now,
        chunk.now.astimezone(zone).date(),
    )  # fmt: skip
    cleared = sum(apply(connection, [command]))
    return Counter(cleared=cleared, skipped=len(most) - cleared)


def _left(grant: Grant, people: Sequence[UUID]) -> dict[UUID, int]:
    """What each of `people` has left of a grant, without what is held."""
    owners = {
        share_account(grant.organisation, share_id(person, grant.id), grant.kind).id: person
        for person in people
    }
    found: dict[UUID, int] = {}
    ids = list(owners)
    for start in range(0, len(ids), 500):
        rows = Account.objects.filter(id__in=ids[start : start + 500])
        for id, balance, held in rows.values_list("id", "balance", "held"):
            found[owners[id]] = balance - held
    return found

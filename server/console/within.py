"""Rows that name their terminal by its id alone, as the books do: those within reach."""

from typing import TypeVar

from django.db.models import Model, Q, QuerySet

from server.console.roles import Reach
from server.fleet.models import Terminal

Rows = TypeVar("Rows", bound=Model)


def terminals_within(
    reach: Reach, rows: "QuerySet[Rows]", name: str = "terminal"
) -> "QuerySet[Rows]":
    """Return those of `rows` within reach; a grant for one site shows its terminals' rows, one for
    a merchant shows none: its own pages look by merchant.
    """
    if reach.is_everything:
        return rows
    found = Q(pk__in=())
    for grant in reach.house:
        place = Q(organisation=grant.organisation_id)
        if grant.site_id is not None:
            at_site = Terminal.objects.filter(
                organisation_id=grant.organisation_id, store__site_id=grant.site_id
            )
            place &= Q(**{f"{name}__in": at_site.values("id")})
        found |= place
    return rows.filter(found)

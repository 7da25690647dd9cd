"""Who is paid: merchants, agents and receivers by name, for lists that hold their ids alone."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from server.console.roles import Reach
from server.merchants.models import Agent, Merchant, Receiver

MODELS: Mapping[str, Any] = {"merchant": Merchant, "agent": Agent, "receiver": Receiver}


def names_of(payees: Iterable[tuple[str, UUID]]) -> dict[UUID, str]:
    """Return the names of payees (kind, id), in one query for each kind."""
    by_kind: dict[str, set[UUID]] = {}
    for kind, id in payees:
        by_kind.setdefault(kind, set()).add(id)
    found: dict[UUID, str] = {}
    for kind, ids in by_kind.items():
        if kind in MODELS:
            found.update(MODELS[kind].objects.filter(id__in=ids).values_list("id", "name"))
    return found


def all_payees(reach: Reach) -> list[tuple[str, Any]]:
    """Return every payee within reach as (kind, row), by kind and name."""
    return [
        (kind, row) for kind, model in MODELS.items()
        for row in reach.of(model.objects.order_by("name"))
    ]  # fmt: skip


def payee_of(reach: Reach, typed: str) -> tuple[str, Any] | None:
    """Return the payee that a form names as "kind/id"; None when there is none within reach."""
    kind, _, id = typed.partition("/")
    if kind not in MODELS:
        return None
    row = next((one for one in reach.of(MODELS[kind].objects.all()) if str(one.id) == id), None)
    return None if row is None else (kind, row)

"""An organisation's rules in force, in one query."""

from collections.abc import Sequence
from datetime import time
from typing import Any
from uuid import UUID

from django.db import connection

from domain.routing import Action, Hours, RouteRule
from server import sql

RULES = """
SELECT name, priority, action, channels, merchant_id, store_id, kinds, from_amount, to_amount,
    opens, closes, weekdays
FROM routing_rule WHERE organisation_id IN {any} AND is_enabled
"""


def read_rules(organisation_id: UUID) -> tuple[RouteRule, ...]:
    """Return the rules in force; their order does not matter."""
    with connection.cursor() as cursor:
        return tuple(_rule(row) for row in sql.select(cursor, RULES, {organisation_id}))


def _rule(row: Sequence[Any]) -> RouteRule:
    name, priority, action, channels, merchant, store, kinds, least, most, opens, closes, days = row
    return RouteRule(
        name=name,
        priority=priority,
        action=Action(action),
        channels=frozenset(sql.from_json(channels)),
        merchant_id=None if merchant is None else sql.to_uuid(merchant),
        store_id=None if store is None else sql.to_uuid(store),
        kinds=frozenset(sql.from_json(kinds)),
        from_amount=least,
        to_amount=most,
        hours=Hours(time.fromisoformat(opens), time.fromisoformat(closes)),
        weekdays=frozenset(sql.from_json(days)),
    )

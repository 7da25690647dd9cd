"""A merchant's contracts with channels, as routing and settlement read them."""

from collections.abc import Sequence
from datetime import time
from typing import Any
from uuid import UUID

from django.db import connection

from domain.fees import read_card
from domain.routing import Contract, Hours
from server import sql

CONTRACTS = """
SELECT merchant_id, id, channel, starts_on, ends_on, kinds, card, cost, least_amount, most_amount,
    day_amount, opens, closes, cycle_days
FROM merchants_channelcontract WHERE merchant_id IN {any} AND organisation_id = %s
"""


def read_contracts(
    organisation_id: UUID, merchant_ids: Sequence[UUID]
) -> dict[UUID, tuple[Contract, ...]]:
    """Return every version of the merchants' contracts by merchant, in one query."""
    with connection.cursor() as cursor:
        rows = sql.select(cursor, CONTRACTS, set(merchant_ids), organisation_id)
    found: dict[UUID, tuple[Contract, ...]] = {}
    for merchant, *terms in rows:
        merchant_id = sql.to_uuid(merchant)
        found[merchant_id] = (*found.get(merchant_id, ()), _contract(terms))
    return found


def _contract(row: Sequence[Any]) -> Contract:
    id_, channel, starts_on, ends_on, kinds, card, cost, least, most, day, opens, closes, cycle = (
        row
    )
    return Contract(
        id=sql.to_uuid(id_),
        channel=channel,
        starts_on=sql.to_date(starts_on),
        ends_on=None if ends_on is None else sql.to_date(ends_on),
        kinds=frozenset(sql.from_json(kinds)),
        card=read_card(sql.from_json(card)),
        cost=read_card(sql.from_json(cost)),
        least_amount=least,
        most_amount=most,
        day_amount=day,
        hours=Hours(time.fromisoformat(opens), time.fromisoformat(closes)),
        cycle_days=cycle,
    )

"""Set-based reads of wallets that also run inside the writer."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from server import sql
from server.ledger.commands import Key

SHARE = "share"
TOP_UP = "top_up"


def sites_of(cursor: Any, person_ids: Collection[UUID]) -> dict[tuple[UUID, UUID], list[UUID]]:
    """Return the sites of each (organisation, person), in one query."""
    found: dict[tuple[UUID, UUID], list[UUID]] = {}
    for organisation, person, site in sql.select(
        cursor,
        "SELECT organisation_id, person_id, site_id FROM people_membership"
        " WHERE person_id IN {any}",
        person_ids,
    ):
        place = (sql.to_uuid(organisation), sql.to_uuid(person))
        found.setdefault(place, []).append(sql.to_uuid(site))
    return found


def read_wallet_keys(
    cursor: Any, keys: Sequence[Key], fresh: Collection[Key] = ()
) -> Mapping[Key, Any]:
    """A ledger reader: which shares and top-ups exist already, with their amounts."""
    found: dict[Key, Any] = {}
    for kind, table in ((SHARE, "wallets_share"), (TOP_UP, "wallets_topup")):
        wanted = [key.id for key in keys if key.kind == kind and key not in fresh]
        rows = sql.select(
            cursor, f"SELECT organisation, id, amount FROM {table} WHERE id IN {{any}}", wanted
        )
        for organisation, id, amount in rows:
            found[Key(sql.to_uuid(organisation), kind, sql.to_uuid(id))] = amount
    return found

"""Set-based reads of wallets that also run inside the writer."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from server import sql
from server.ledger.commands import Key

SHARE = "share"
TOP_UP = "top_up"
PERSON = "person"
SHIFT = "shift"
"""What a shift and its drawer are locked under, wherever cash is booked."""


@dataclass(frozen=True, slots=True)
class BookedTopUp:
    """A top-up on file, or the no it got: what the same id sent again is compared with."""

    person_id: UUID | None
    amount: int
    repaid_amount: int
    fingerprint: str
    code: str = ""


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
    cursor: Any, keys: Sequence[Key], _fresh: Collection[Key] = ()
) -> Mapping[Key, Any]:
    """A ledger reader: amounts of shares, `BookedTopUp` of top-ups, and people's states."""
    by_kind: dict[str, list[UUID]] = {}
    for key in keys:
        by_kind.setdefault(key.kind, []).append(key.id)
    shares = sql.select(
        cursor,
        "SELECT organisation, id, amount FROM wallets_share WHERE id IN {any}",
        by_kind.get(SHARE, ()),
    )
    people = sql.select(
        cursor,
        "SELECT organisation_id, id, state FROM people_person WHERE id IN {any}",
        by_kind.get(PERSON, ()),
    )
    top_ups = sql.select(
        cursor,
        "SELECT organisation, id, person, amount, repaid_amount, fingerprint FROM wallets_topup"
        " WHERE id IN {any}",
        by_kind.get(TOP_UP, ()),
    )
    refused = sql.select(
        cursor,
        "SELECT organisation, id, fingerprint, code FROM wallets_refusedtopup WHERE id IN {any}",
        by_kind.get(TOP_UP, ()),
    )
    return {
        **{_key(row, SHARE): row[2] for row in shares},
        **{_key(row, PERSON): row[2] for row in people},
        **{_key(row, TOP_UP): _top_up(row) for row in top_ups},
        **{_key(row, TOP_UP): BookedTopUp(None, 0, 0, row[2], row[3]) for row in refused},
    }


def _key(row: Sequence[Any], kind: str) -> Key:
    return Key(sql.to_uuid(row[0]), kind, sql.to_uuid(row[1]))


def _top_up(row: Sequence[Any]) -> BookedTopUp:
    return BookedTopUp(sql.to_uuid(row[2]), row[3], row[4], row[5])

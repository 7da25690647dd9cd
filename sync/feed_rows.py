"""Feed rows in the store, and what the rules of the domain make of them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from domain.authorization import FundingSource, SourceKind
from domain.errors import Refused
from domain.pricing import MealPrice, price_in_force
from sync.messages import (
    AccountRow,
    CardRow,
    DecisionRow,
    FeedKind,
    FeedRow,
    FundingRow,
    IssuerKeyRow,
    ItemRow,
    MealPeriodRow,
    Message,
    OperatorRow,
    PersonRow,
    PolicyRow,
    PriceRow,
    TemplateRow,
    decode,
)
from sync.store import LocalStore

SmallRow = TypeVar("SmallRow", bound=Message)

SMALL_KINDS: Mapping[type[Message], FeedKind] = {
    MealPeriodRow: FeedKind.MEAL_PERIOD,
    PriceRow: FeedKind.PRICE,
    ItemRow: FeedKind.ITEM,
    PolicyRow: FeedKind.POLICY,
    OperatorRow: FeedKind.OPERATOR,
    IssuerKeyRow: FeedKind.ISSUER_KEY,
}
"""Kinds of which a counter has few rows and looks at all of them."""

_LOOKUPS: Mapping[FeedKind, Callable[[bytes], str]] = {
    FeedKind.PERSON: lambda body: decode(PersonRow, body).number,
    FeedKind.CARD: lambda body: str(decode(CardRow, body).person_id),
    FeedKind.TEMPLATE: lambda body: str(decode(TemplateRow, body).person_id),
    FeedKind.DECISION: lambda body: _place_of(decode(DecisionRow, body)),
}
"""By what else than its entity a row is found."""


class SmallRows:
    """The small kinds of the present generation, decoded once until a page is applied."""

    def __init__(self, store: LocalStore) -> None:
        self._store = store
        self._kept: dict[type[Message], tuple[Message, ...]] = {}

    def forget(self) -> None:
        """Read anew at the next question."""
        self._kept = {}

    def all(self, kind: type[SmallRow], generation: int) -> tuple[SmallRow, ...]:
        """Every row of a small kind."""
        # This moment's dictionary: what is read while a page is applied must not outlive it
        kept = self._kept
        found = kept.get(kind)
        if found is None:
            rows = self._store.rows(
                "SELECT unseal(body) FROM feed_row WHERE generation = ? AND kind = ?",
                (generation, SMALL_KINDS[kind].value),
            )
            found = tuple(decode(kind, body) for (body,) in rows)
            kept[kind] = found
        return tuple(row for row in found if isinstance(row, kind))


def write_rows(store: LocalStore, generation: int, rows: Sequence[FeedRow]) -> None:
    """Write the rows of a page into a generation, tombstones included.

    Raises `msgspec.MsgspecError` on a body that is not of its kind, before anything is committed.
    """
    for row in rows:
        if row.kind is FeedKind.ACCOUNT:
            _write_account(store, generation, row)
        elif row.body is None:
            store.execute(
                "DELETE FROM feed_row WHERE generation = ? AND kind = ? AND entity = ?",
                (generation, row.kind.value, row.entity),
            )
        else:
            store.execute(
                "INSERT OR REPLACE INTO feed_row (generation, kind, entity, lookup, number, body)"
                " VALUES (?, ?, ?, ?, ?, seal(?))",
                (
                    generation,
                    row.kind.value,
                    row.entity,
                    _blinded(store, row.kind, _lookup(row.kind, row.body)),
                    row.number,
                    row.body,
                ),
            )


def source_of(row: FundingRow, available_amount: int) -> FundingSource:
    """The purse as `domain.authorization` sees it; no restriction is None, not an empty set."""
    return FundingSource(
        source_id=row.account_id,
        kind=SourceKind(row.kind),
        available_amount=available_amount,
        floor_amount=row.floor,
        unit=row.unit,
        meal_value_amount=row.meal_value_amount,
        merchant_ids=frozenset(row.merchants) or None,
        meal_periods=frozenset(row.meal_periods) or None,
        expires_at=row.expires_at,
        claim_cap_amount=row.claim_cap_amount,
    )


def price_in_force_of(
    rows: Sequence[PriceRow], category: str, period: str, at: datetime
) -> PriceRow | None:
    """The row in force by `domain.pricing`; empty category or period in a row means any."""
    prices = [(row, _meal_price(row)) for row in rows]
    try:
        found = price_in_force(
            [price for _, price in prices], category=category, meal_period=period, at=at
        )
    except Refused:
        return None
    return next(row for row, price in prices if price is found)


def _meal_price(row: PriceRow) -> MealPrice:
    return MealPrice(
        first_amount=row.amount,
        effective_at=row.effective_at,
        category=row.category or None,
        meal_period=row.period or None,
        second_amount=row.second_amount,
    )


def _blinded(store: LocalStore, kind: FeedKind, lookup: str) -> str:
    return store.blind(lookup) if kind is FeedKind.PERSON else lookup


def _lookup(kind: FeedKind, body: bytes) -> str:
    if kind in _LOOKUPS:
        return _LOOKUPS[kind](body)
    small = next((message for message, of in SMALL_KINDS.items() if of is kind), None)
    if small is not None:
        decode(small, body)  # a body nobody can read must not become part of the replica
    return ""


def _write_account(store: LocalStore, generation: int, row: FeedRow) -> None:
    if row.body is None:
        store.execute(
            "DELETE FROM account WHERE generation = ? AND account_id = ?",
            (generation, UUID(row.entity).bytes),
        )
        return
    account = decode(AccountRow, row.body)
    store.execute(
        "INSERT INTO account (generation, account_id, person_id, kind, unit, balance, held, floor,"
        " version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (generation, account_id) DO UPDATE SET person_id = excluded.person_id,"
        " kind = excluded.kind, unit = excluded.unit, balance = excluded.balance,"
        " held = excluded.held, floor = excluded.floor, version = excluded.version"
        " WHERE excluded.version >= account.version",
        (
            generation,
            account.account_id.bytes,
            account.person_id.bytes,
            account.kind,
            account.unit,
            account.balance,
            account.held,
            account.floor,
            account.version,
        ),
    )


def _place_of(decision: DecisionRow) -> str:
    return f"{decision.journal_id.hex}/{decision.sequence}"

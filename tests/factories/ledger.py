"""Commands for the ledger with valid defaults."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from server.ledger.commands import (
    AccountKey,
    CounterKey,
    Decision,
    Key,
    Locked,
    Posting,
    Reader,
    Transfer,
)

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
ORGANISATION = UUID("0198c000-0000-7000-8000-000000000001")
_numbers = itertools.count(1)


def an_id() -> UUID:
    """A fresh id: the numbers in order, so that a failing test shows the same ones again."""
    return UUID(int=(0x0198C000 << 96) | (7 << 76) | (1 << 63) | next(_numbers))


def account(
    kind: str, owner_kind: str = "person", owner_id: UUID | None = None, *,
    organisation_id: UUID = ORGANISATION, floor: int | None = None, unit: str = "CNY",
) -> AccountKey:  # fmt: skip
    """An account; without `floor` it may go below zero."""
    return AccountKey(organisation_id, owner_kind, owner_id or an_id(), kind, unit, floor)


def transfer(*legs: tuple[AccountKey, int], **changes: Any) -> Transfer:
    """A transfer of `legs` with a cause of its own."""
    values: dict[str, Any] = {
        "id": an_id(), "organisation_id": legs[0][0].organisation_id, "cause_kind": "payment",
        "cause_id": an_id(), "purpose": "sale", "postings": tuple(Posting(*leg) for leg in legs),
        "occurred_at": NOON, "business_on": TODAY, "booked_on": TODAY,
    }  # fmt: skip
    return Transfer(**{**values, **changes})


@dataclass(frozen=True, eq=False)
class AskedFor:
    """A command that does whatever `decided(locked)` says."""

    decided: Callable[[Locked], Decision]
    keys: Sequence[Key] = field(default_factory=lambda: [a_key()])
    accounts: Sequence[AccountKey] = ()
    counters: Sequence[CounterKey] = ()
    reader: Reader | None = None

    def decide(self, locked: Locked) -> Decision:
        """Decide as asked for."""
        return self.decided(locked)


def a_key(kind: str = "payment", id: UUID | None = None) -> Key:
    """A lockable id."""
    return Key(ORGANISATION, kind, id or an_id())


def moving(*legs: tuple[AccountKey, int], answer: Any = "moved", **changes: Any) -> AskedFor:
    """A command that moves `legs`, and answers `answer`."""
    decision = Decision(answer, transfers=(transfer(*legs, **changes),))
    return AskedFor(lambda _: decision, accounts=[key for key, _ in legs])

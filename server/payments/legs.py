"""The payer's side of a payment: what each account gave, and what of it has gone back.

- `amount` is fen; `units` is what left the account in its own unit (fen, or meals).
- A refund takes from the last leg first: what was spent last comes back first, so that subsidy,
  spent first, returns last and only to its own grant.
- A meal goes back whole or not at all.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from server import sql
from server.ledger.commands import AccountKey

FLOORLESS = frozenset({"debt", "drawer", "receivable", "suspense_short"})
"""Kinds of payer accounts that may go below zero without limit."""


class Leg(Struct, frozen=True):
    """What one account gave. `left_amount` is what refunds have left of it."""

    account: AccountKey
    amount: int
    units: int
    refunded_amount: int = 0

    @property
    def left_amount(self) -> int:
        """Fen that may still go back to this account."""
        return self.amount - self.refunded_amount

    @property
    def is_counted(self) -> bool:
        """Whether it is a count of meals rather than money."""
        return self.account.unit != "CNY"

    @property
    def is_of_channel(self) -> bool:
        """Whether a channel took it, so that only the channel can give it back."""
        return self.account.owner_kind == "channel"

    def units_of(self, amount: int) -> int:
        """The units that `amount` fen of this leg are."""
        return amount * self.units // self.amount if self.is_counted else amount


class Part(Struct, frozen=True):
    """What goes back to the account of one leg."""

    leg: Leg
    amount: int

    @property
    def units(self) -> int:
        """In the account's own unit."""
        return self.leg.units_of(self.amount)


def left_of(legs: Sequence[Leg]) -> int:
    """What all legs together may still give back."""
    return sum(leg.left_amount for leg in legs)


def give_back(legs: Sequence[Leg], amount: int) -> tuple[tuple[Leg, ...], tuple[Part, ...], int]:
    """Take `amount` from the legs, last first.

    Returns the legs after it, the parts that go back, and what no leg could give (0 unless the
    amount exceeds what is left, or would split a meal).
    """
    remaining, after, parts = amount, list(legs), list[Part]()
    for index in reversed(range(len(after))):
        leg = after[index]
        part = _share(leg, remaining)
        if part > 0:
            parts.append(Part(leg, part))
            after[index] = replace(leg, refunded_amount=leg.refunded_amount + part)
            remaining -= part
    return tuple(after), tuple(parts), remaining


def _share(leg: Leg, wanted: int) -> int:
    part = min(leg.left_amount, wanted)
    if not leg.is_counted or part <= 0:
        return part
    worth = leg.amount // leg.units
    return part // worth * worth


def write_legs(legs: Sequence[Leg]) -> str:
    """The JSON that a row keeps of its legs."""
    return sql.to_json([_plain(leg) for leg in legs])


def read_legs(value: Any) -> tuple[Leg, ...]:
    """Read back what `write_legs` wrote."""
    plain = msgspec.json.decode(value) if isinstance(value, str | bytes) else value
    return tuple(_leg(item) for item in plain)


def _plain(leg: Leg) -> dict[str, Any]:
    account = leg.account
    return {
        "organisation": account.organisation_id,
        "owner_kind": account.owner_kind,
        "owner": account.owner_id,
        "kind": account.kind,
        "unit": account.unit,
        "amount": leg.amount,
        "units": leg.units,
        "refunded": leg.refunded_amount,
    }


def _leg(item: dict[str, Any]) -> Leg:
    account = AccountKey(
        UUID(item["organisation"]),
        item["owner_kind"],
        UUID(item["owner"]),
        item["kind"],
        item["unit"],
        floor=None if item["kind"] in FLOORLESS else 0,
    )
    return Leg(account, item["amount"], item["units"], item["refunded"])

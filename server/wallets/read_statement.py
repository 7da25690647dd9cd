"""A person's statement: every transfer that touched their accounts, newest first.

Read from the postings themselves, so it says what the books say; the balance after each is counted
back from the account's present one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from server.ledger.models import Account, Posting, Transfer
from server.wallets.models import Grant, Share

MAX_LINES = 5_000


@dataclass(frozen=True, slots=True)
class Purse:
    """One account of the person: cash, debt, or a share of the grant `name`."""

    account_id: UUID
    kind: str
    unit: str
    name: str
    balance: int
    held: int


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One movement of one purse; `balance` is the purse's after it."""

    at: datetime
    purse: Purse
    cause_kind: str
    cause_id: UUID
    purpose: str
    amount: int
    balance: int


@dataclass(frozen=True, slots=True)
class Statement:
    """The purses as they stand, and their movements, newest first; `is_whole`: none left out."""

    purses: tuple[Purse, ...]
    lines: tuple[StatementLine, ...]
    is_whole: bool


def read_statement(organisation_id: UUID, person_id: UUID, *, limit: int = MAX_LINES) -> Statement:
    """Return the person's purses and their last `limit` movements."""
    purses = {purse.account_id: purse for purse in _purses(organisation_id, person_id)}
    rows = Posting.objects.filter(organisation=organisation_id, account__in=purses)
    # An account's version grows by one per posting: all of a purse's, without the far past
    postings = list(
        rows.order_by("account", "-version").values_list(
            "account", "transfer", "amount", "version"
        )[: MAX_LINES * 4]
    )
    transfers = _transfers(organisation_id, [posting[1] for posting in postings])
    lines = _lines(purses, postings, transfers)
    lines.sort(key=lambda line: line.at, reverse=True)
    is_whole = len(lines) <= limit and len(postings) < MAX_LINES * 4
    return Statement(tuple(purses.values()), tuple(lines[:limit]), is_whole)


def _purses(organisation_id: UUID, person_id: UUID) -> list[Purse]:
    shares = dict(
        Share.objects.filter(organisation=organisation_id, person=person_id).values_list(
            "id", "grant"
        )
    )
    grants = Grant.objects.filter(organisation=organisation_id, id__in=set(shares.values()))
    names = dict(grants.values_list("id", "name"))
    rows = Account.objects.filter(
        organisation=organisation_id, owner_id__in=[person_id, *shares],
        owner_kind__in=("person", "grant_share"),
    )  # fmt: skip
    return [
        Purse(
            row.id, row.kind, row.unit, names.get(shares.get(row.owner_id, row.owner_id), ""),
            row.balance, row.held,
        )
        for row in rows.order_by("owner_kind", "kind")
        if row.version
    ]  # fmt: skip


def _transfers(organisation_id: UUID, ids: Sequence[UUID]) -> Mapping[UUID, Transfer]:
    found: dict[UUID, Transfer] = {}
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), 500):
        rows = Transfer.objects.filter(
            organisation=organisation_id, id__in=wanted[start : start + 500]
        )
        found.update({row.id: row for row in rows})
    return found


def _lines(
    purses: Mapping[UUID, Purse],
    postings: Sequence[tuple[UUID, UUID, int, int]],
    transfers: Mapping[UUID, Transfer],
) -> list[StatementLine]:
    """Count each purse's balance back from the present one, newest posting first."""
    after = {account_id: purse.balance for account_id, purse in purses.items()}
    lines = []
    for account_id, transfer_id, amount, _ in postings:
        transfer = transfers[transfer_id]
        lines.append(
            StatementLine(
                transfer.occurred_at, purses[account_id], transfer.cause_kind, transfer.cause_id,
                transfer.purpose, amount, after[account_id],
            )
        )  # fmt: skip
        after[account_id] -= amount
    return lines

"""The feed's account rows: what counters keep of each wallet.

An account that has never moved has no row in the ledger and no marker in the feed.
"""

from collections.abc import Collection, Sequence
from uuid import UUID

from server.http import TerminalIdentity
from server.ledger.models import Account
from server.wallets.models import Share
from sync.messages import AccountRow, encode


def render_accounts(terminal: TerminalIdentity, entities: Sequence[str]) -> dict[str, bytes]:
    """Render accounts by id: two queries for any number."""
    accounts = Account.objects.filter(
        organisation=terminal.organisation_id,
        id__in=[UUID(entity) for entity in entities],
        owner_kind__in=("person", "grant_share"),
    )
    found = list(accounts)
    owners = _people_of_shares(
        terminal.organisation_id, {row.owner_id for row in found if row.owner_kind != "person"}
    )
    return {str(row.id): encode(_row(row, owners.get(row.owner_id, row.owner_id))) for row in found}


def _people_of_shares(organisation_id: UUID, shares: Collection[UUID]) -> dict[UUID, UUID]:
    if not shares:
        return {}
    rows = Share.objects.filter(organisation=organisation_id, id__in=shares)
    return dict(rows.values_list("id", "person"))


def _row(account: Account, person_id: UUID) -> AccountRow:
    return AccountRow(
        account_id=account.id,
        person_id=person_id,
        kind=account.kind,
        unit=account.unit,
        balance=account.balance,
        held=account.held,
        floor=account.floor,
        version=account.version,
    )

"""The calls to a payer's bank: a debit before the meal, and what was owed after it.

Nothing here decides or stores. A debit's number is the attempt's own, so sending it again is
harmless: the bank answers how that one debit stands (docs/bank-link.md §1).
"""

from datetime import datetime
from typing import Final, cast
from uuid import UUID

from domain.ids import attempt_number
from server.channels.channel import (
    Channel,
    Debit,
    Debits,
    Declined,
    NotFound,
    PayOutcome,
    QueryOutcome,
    Unknown,
)
from server.wallets.models import Mandate

LATER: Final = frozenset({
    "channels.unreachable", "channels.busy", "channels.unavailable", "channels.misconfigured",
})  # fmt: skip
"""Refusals that are not about the payer: before a meal they are a no, afterwards they pass."""


def as_debits(channel: Channel) -> Debits | None:
    """Return the channel as one that takes mandates; None when it takes none."""
    takes = all(hasattr(channel, name) for name in ("sign", "debit", "cancel_mandate"))
    return cast(Debits, channel) if takes else None


def mandate_number(organisation_id: UUID, mandate_id: UUID | None) -> str:
    """Return the bank's number of a mandate; empty when there is none."""
    if mandate_id is None:
        return ""
    found = Mandate.objects.filter(organisation=organisation_id, id=mandate_id).first()
    return "" if found is None else found.number


def debit(
    channel: Channel, attempt_id: UUID, amount: int, mandate: str, subject: str, now: datetime
) -> PayOutcome:
    """Have a bank debit its customer."""
    debits = as_debits(channel)
    if debits is None or not mandate:
        # Definite: without both nothing was sent, and nothing will be
        return Declined("mandates.no_channel")
    return debits.debit(Debit(attempt_number(attempt_id), amount, mandate, subject), now)


def collect(
    channel: Channel, attempt_id: UUID, amount: int, mandate: str, now: datetime
) -> QueryOutcome:
    """Ask what became of a debit whose meal is gone; one that the bank never saw is sent.

    A bank that cannot do it now is asked again: only its word about this payer ends a claim.
    """
    present = channel.query(attempt_number(attempt_id), now)
    if not isinstance(present, NotFound):
        return present
    said = debit(channel, attempt_id, amount, mandate, "", now)
    if isinstance(said, Declined) and said.code in LATER:
        return Unknown(said.code)
    return said

"""Effects of wallets on the feed: a moved balance is told to every site where the person eats."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from server import sql
from server.feed.effects import FeedChange
from server.wallets.rows import sites_of
from server.writes import Writes
from sync.messages import FeedKind


class AccountMoved(Struct, frozen=True):
    """An account of `person_id` has a new balance; its row goes down the person's sites' feeds.

    `sites` are read when they are None: whoever knows them, as of this transaction, saves that.
    """

    organisation_id: UUID
    person_id: UUID
    account_id: UUID
    at: datetime
    sites: Collection[UUID] | None = None

    @classmethod
    def write_all(cls, writes: Writes, effects: Sequence["AccountMoved"], /) -> None:
        """Mark the accounts for all sites of their people: one read, one upsert."""
        unknown = {effect.person_id for effect in effects if effect.sites is None}
        read = sites_of(writes.cursor, unknown)
        FeedChange.write_all(
            writes,
            [
                FeedChange(
                    e.organisation_id,
                    f"site:{site}",
                    FeedKind.ACCOUNT,
                    str(e.account_id),
                    changed_at=e.at,
                )
                for e in effects
                for site in (
                    read.get((e.organisation_id, e.person_id), ()) if e.sites is None else e.sites
                )
            ],
        )


class PersonFundingChanged(Struct, frozen=True):
    """The list of a person's wallets changed: the person's row goes down the feeds again."""

    organisation_id: UUID
    person_id: UUID
    at: datetime

    @classmethod
    def write_all(cls, writes: Writes, effects: Sequence["PersonFundingChanged"], /) -> None:
        """Mark the people for all their sites."""
        sites = sites_of(writes.cursor, {effect.person_id for effect in effects})
        FeedChange.write_all(
            writes,
            [
                FeedChange(
                    e.organisation_id,
                    f"site:{site}",
                    FeedKind.PERSON,
                    str(e.person_id),
                    changed_at=e.at,
                )
                for e in effects
                for site in sites.get((e.organisation_id, e.person_id), ())
            ],
        )


_SHARE = sql.Table.of(
    "wallets_share",
    {
        "id": "uuid", "organisation": "uuid", "grant": "uuid", "person": "uuid",
        "amount": "int8", "granted_at": "timestamptz",
    },
)  # fmt: skip
_TOPUP = sql.Table.of(
    "wallets_topup",
    {
        "id": "uuid", "organisation": "uuid", "person": "uuid", "amount": "int8",
        "repaid_amount": "int8", "source": "text", "reference": "text",
        "topped_up_at": "timestamptz", "terminal": "uuid", "shift": "uuid", "operator": "uuid",
        "fingerprint": "text",
    },
)  # fmt: skip
_REFUSED = sql.Table.of(
    "wallets_refusedtopup",
    {
        "id": "uuid", "organisation": "uuid", "fingerprint": "text", "code": "text",
        "terminal": "uuid", "refused_at": "timestamptz",
    },
)  # fmt: skip


class ShareGranted(Struct, frozen=True):
    """One person's share of a grant exists."""

    id: UUID
    organisation_id: UUID
    grant_id: UUID
    person_id: UUID
    amount: int
    granted_at: datetime

    @classmethod
    def write_all(cls, writes: Writes, effects: Sequence["ShareGranted"], /) -> None:
        """Insert the shares; the command has seen, under its locks, that they are new."""
        rows = [
            (e.id, e.organisation_id, e.grant_id, e.person_id, e.amount, e.granted_at)
            for e in effects
        ]
        writes.insert(_SHARE, rows, exactly="a share is granted once")


class ToppedUp(Struct, frozen=True):
    """A top-up was booked."""

    id: UUID
    organisation_id: UUID
    person_id: UUID
    amount: int
    repaid_amount: int
    source: str
    reference: str
    topped_up_at: datetime
    terminal_id: UUID | None = None
    shift_id: UUID | None = None
    operator_id: UUID | None = None
    fingerprint: str = ""

    @classmethod
    def write_all(cls, writes: Writes, effects: Sequence["ToppedUp"], /) -> None:
        """Insert the top-ups; the command has seen, under its locks, that they are new."""
        rows = [
            (
                e.id, e.organisation_id, e.person_id, e.amount, e.repaid_amount, e.source,
                e.reference, e.topped_up_at, e.terminal_id, e.shift_id, e.operator_id,
                e.fingerprint,
            )
            for e in effects
        ]  # fmt: skip
        writes.insert(_TOPUP, rows, exactly="a top-up is booked once")


class TopUpDenied(Struct, frozen=True):
    """A counter was told no: the answer stays under the id."""

    id: UUID
    organisation_id: UUID
    fingerprint: str
    code: str
    terminal_id: UUID
    refused_at: datetime

    @classmethod
    def write_all(cls, writes: Writes, effects: Sequence["TopUpDenied"], /) -> None:
        """Insert the refusals; the command has seen, under its locks, that they are new."""
        rows = [
            (e.id, e.organisation_id, e.fingerprint, e.code, e.terminal_id, e.refused_at)
            for e in effects
        ]
        writes.insert(_REFUSED, rows, exactly="a top-up is refused once")

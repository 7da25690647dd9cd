"""The counter's read model: people, cards, balances, prices and policy of its site.

Rules
- One feed page is one local transaction; a page asked for at another place is ignored, so a
  duplicated or late page changes nothing.
- A new epoch, or a cursor the server no longer keeps, is rebuilt beside the present generation
  and taken over when complete; until then the old one is read.
- Balances: see `sync.account_rows`. Nothing here credits anybody.
- The age of what is known is the time since the last complete pull, by the monotonic clock; after
  a reboot from the last server time on disk.
- Templates lie sealed; they are opened with the leased data key and live in memory only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from domain.authorization import (
    AccountSnapshot,
    FundingSource,
    PersonState,
    Shortfall,
    SourceKind,
)
from domain.offline_policy import OfflinePolicy, OfflineUsed
from sync import feed_rows, sales, sealing
from sync.account_rows import BUILDING, GENERATION, Account, account, taken
from sync.clocks import CorrectedClock
from sync.feed_rows import SmallRow, SmallRows
from sync.journal_rows import bytes_of
from sync.messages import (
    CardRow,
    FeedKind,
    FeedPage,
    FundingRow,
    IssuerKeyRow,
    ItemRow,
    MealPeriodRow,
    OperatorRow,
    PersonRow,
    PolicyRow,
    PriceRow,
    Stamp,
    TemplateRow,
    decode,
)
from sync.store import LocalStore

_POSITION = "replica_position"
FRESH = "replica_fresh"
_KEYS = {"feed_row": "generation, kind, entity", "account": "generation, account_id"}
TIDY_ROWS = 2000
"""Rows of an old generation deleted at a time, so that no sale waits for the broom."""


class Applied(StrEnum):
    """What became of a page."""

    APPLIED = "applied"
    COMPLETE = "complete"  # and nothing more waits at the server
    RESTARTED = "restarted"  # ask again from the new position
    IGNORED = "ignored"  # not asked for at the present position


@dataclass(frozen=True, slots=True)
class Position:
    """Where the next page is asked for; `horizon`: what a rebuild began under (see `FeedPage`)."""

    epoch: str
    cursor: int
    horizon: int = 0


@dataclass(frozen=True, slots=True)
class Template:
    """An opened template: little-endian float32, in memory only."""

    template_id: UUID
    person_id: UUID
    template_version: int
    model: str
    vector: bytes


@dataclass(frozen=True, slots=True)
class Templates:
    """All templates that opened, and the ids of those that did not (templates.bad_seal)."""

    opened: tuple[Template, ...]
    failed: tuple[UUID, ...]


class Replica:
    """The read model in the counter's store. Reads are quick enough for the counter thread."""

    def __init__(self, store: LocalStore, clock: CorrectedClock) -> None:
        self._store = store
        self._clock = clock
        if store.meta(GENERATION) is None:
            store.put_meta(GENERATION, 0)
        self._generation: int = store.meta(GENERATION)
        self._small = SmallRows(store)

    # --- The feed -------------------------------------------------------------------------

    def position(self) -> Position:
        """Where the next page is asked for; of the rebuild while there is one."""
        building = self._store.meta(BUILDING)
        kept = building[1:] if building else self._store.meta(_POSITION) or ["", 0]
        return Position(*kept)

    def apply_page(self, page: FeedPage, asked: Position) -> Applied:
        """Apply a page that was asked for at `asked`, whole or not at all."""
        with self._store.transaction():
            applied = self._apply(page, asked)
        self._generation = self._store.meta(GENERATION)
        self._small.forget()
        return applied

    def tidy(self) -> bool:
        """Delete some of what old generations left; say if there may be more."""
        building = self._store.meta(BUILDING)
        kept = (self._generation, building[0] if building else self._generation)
        deleted = 0
        for table, key in _KEYS.items():
            deleted += self._store.execute(
                f"DELETE FROM {table} WHERE ({key}) IN"
                f" (SELECT {key} FROM {table} WHERE generation NOT IN (?, ?) LIMIT ?)",
                (*kept, TIDY_ROWS),
            )
        return deleted > 0

    def rebuild(self) -> None:
        """Pull everything anew beside what is here: the terminal was bound to another store."""
        with self._store.transaction():
            epoch = self.position().epoch
            self._store.put_meta(BUILDING, [self._next_generation(), epoch, 0])

    def wipe(self) -> None:
        """Forget everybody and everything: the terminal was revoked. The journal stays."""
        with self._store.transaction():
            for table in ("feed_row", "account"):
                self._store.execute(f"DELETE FROM {table}")
            for fact in (_POSITION, BUILDING, FRESH):
                self._store.put_meta(fact, None)
        self._store.empty_log()
        self._small.forget()

    def age_s(self) -> float:
        """Seconds since the replica last held all the server had; infinite when never."""
        kept = self._store.meta(FRESH)
        return float("inf") if kept is None else self._clock.age_of(msgspec.convert(kept, Stamp))

    # --- People ---------------------------------------------------------------------------

    def person(self, person_id: UUID) -> PersonRow | None:
        """A person entitled at this site."""
        body = self._body(FeedKind.PERSON, str(person_id))
        return None if body is None else decode(PersonRow, body)

    def person_by_number(self, number: str) -> PersonRow | None:
        """A person by student or staff number."""
        bodies = self._bodies_by_lookup(FeedKind.PERSON, self._store.blind(number))
        return decode(PersonRow, bodies[0]) if len(bodies) == 1 else None

    def card(self, card_key: str) -> CardRow | None:
        """A card by `signing.card_reference`; it may be lost or returned: look at its state."""
        body = self._body(FeedKind.CARD, card_key)
        return None if body is None else decode(CardRow, body)

    def account(self, account_id: UUID) -> Account | None:
        """The server's row of an account and what our own rows took from it."""
        return account(self._store, account_id)

    def snapshot(
        self,
        person_id: UUID,
        *,
        meal_period: str = "",
        meal_since: datetime | None = None,
        day_since: datetime | None = None,
    ) -> AccountSnapshot | None:
        """What `domain.authorization.decide` needs of one person; None for a stranger.

        `meal_since` is when the present meal began, for the entitlement; `day_since` when the
        business day began. Both count this counter's own sales only.
        """
        person = self.person(person_id)
        if person is None:
            return None
        return AccountSnapshot(
            person_id=person_id,
            state=PersonState(person.state),
            category=person.category,
            sources=self._sources(person.funding),
            debt_amount=self._debt(person.debt_account_id),
            debt_limit_amount=person.debt_limit,
            shortfall=Shortfall(person.shortfall),
            age_s=self.age_s(),
            offline_used=self.offline_used(person_id),
            entitlement_used=(
                sales.portions_of_person(self._store, person_id, meal_period, meal_since)
                if meal_since
                else 0
            ),
            entitlement_limit=self._entitlement(meal_period),
            spent_today_amount=(
                sales.spent_by_person(self._store, person_id, day_since) if day_since else 0
            ),
        )

    def offline_used(self, person_id: UUID | None = None) -> OfflineUsed:
        """What was taken offline from wallets and is not acknowledged, by person and terminal."""
        found = self._store.row(
            "SELECT count(*), coalesce(sum(waiting_amount), 0),"
            " coalesce(sum(waiting_amount) FILTER (WHERE person_id = ?), 0) FROM journal"
            " INDEXED BY journal_alone"
            " WHERE is_offline_wallet AND state IN ('waiting', 'rejected')",
            (bytes_of(person_id),),
        )
        count, amount, of_person = found if found else (0, 0, 0)
        return OfflineUsed(person_amount=of_person, terminal_count=count, terminal_amount=amount)

    # --- Templates ------------------------------------------------------------------------

    def templates(self, data_key: bytes, organisation_id: UUID) -> Templates:
        """Open every template with the leased key. One that fails its seal is left out, named."""
        opened, failed = [], []
        rows = self._store.rows(
            "SELECT unseal(body) FROM feed_row WHERE generation = ? AND kind = 'template'",
            (self._generation,),
        )
        for (body,) in rows:
            row = decode(TemplateRow, body)
            vector = sealing.opened_or_none(data_key, row, organisation_id)
            if vector is None:
                failed.append(row.template_id)
            else:
                opened.append(
                    Template(
                        template_id=row.template_id,
                        person_id=row.person_id,
                        template_version=row.template_version,
                        model=row.model,
                        vector=vector,
                    )
                )
        return Templates(tuple(opened), tuple(failed))

    def template_mark(self) -> tuple[int, int, int]:
        """Something that changes when templates change, to know when to load the gallery anew."""
        found = self._store.row(
            "SELECT count(*), coalesce(max(number), 0) FROM feed_row"
            " WHERE generation = ? AND kind = 'template'",
            (self._generation,),
        )
        return (self._generation, *(found or (0, 0)))

    # --- Prices and rules -----------------------------------------------------------------

    def periods(self) -> tuple[MealPeriodRow, ...]:
        """The meal periods of the store, by their start."""
        return tuple(sorted(self._all(MealPeriodRow), key=lambda row: row.starts))

    def price(self, category: str, period: str, at: datetime) -> PriceRow | None:
        """The price in force for a category in a period; None when nothing is posted."""
        return feed_rows.price_in_force_of(self._all(PriceRow), category, period, at)

    def prices(self) -> tuple[PriceRow, ...]:
        """Every row of the price list, whether or not it holds now."""
        return self._all(PriceRow)

    def items(self) -> tuple[ItemRow, ...]:
        """Dishes and products with a price of their own."""
        return tuple(sorted(self._all(ItemRow), key=lambda row: row.item))

    def operators(self) -> tuple[OperatorRow, ...]:
        """Who may work here."""
        return tuple(sorted(self._all(OperatorRow), key=lambda row: row.name))

    def policy(self) -> OfflinePolicy | None:
        """The offline policy; without one nothing may be taken offline."""
        rows = self._all(PolicyRow)
        if not rows:
            return None
        newest = max(rows, key=lambda row: row.version)
        return msgspec.json.decode(newest.body, type=OfflinePolicy)

    def issuer_key(self, key_id: str) -> IssuerKeyRow | None:
        """A key that signs wallet-code certificates; look at `retired`."""
        return next((row for row in self._all(IssuerKeyRow) if row.key_id == key_id), None)

    # --- Inside ---------------------------------------------------------------------------

    def _apply(self, page: FeedPage, asked: Position) -> Applied:
        if asked != self.position():
            return Applied.IGNORED
        is_new_start = page.epoch != asked.epoch or (page.rebuild and asked.cursor > 0)
        if is_new_start:
            self._store.put_meta(BUILDING, [self._next_generation(), page.epoch, 0, page.horizon])
            if asked.cursor > 0 or not page.rows:
                # Its rows would not begin at the beginning, or it has none to begin with
                return Applied.RESTARTED
        building = self._store.meta(BUILDING)
        generation = building[0] if building else self._generation
        feed_rows.write_rows(self._store, generation, page.rows)
        if page.has_more:
            self._keep_place(building, page, asked)
            return Applied.APPLIED
        self._store.put_meta(GENERATION, generation)
        self._store.put_meta(BUILDING, None)
        self._store.put_meta(_POSITION, [page.epoch, page.cursor])
        self._store.put_meta(FRESH, msgspec.to_builtins(self._clock.stamp()))
        return Applied.COMPLETE

    def _keep_place(self, building: list[object] | None, page: FeedPage, asked: Position) -> None:
        if building:
            horizon = asked.horizon if asked.cursor else page.horizon
            self._store.put_meta(BUILDING, [building[0], page.epoch, page.cursor, horizon])
        else:
            self._store.put_meta(_POSITION, [page.epoch, page.cursor])

    def _next_generation(self) -> int:
        """A generation nothing was written to: a rebuild given up half-way left its rows."""
        found = self._store.row("SELECT coalesce(max(generation), 0) FROM feed_row")
        return 1 + max(self._generation, found[0] if found else 0)

    def _sources(self, funding: Sequence[FundingRow]) -> tuple[FundingSource, ...]:
        sources = []
        for row in funding:
            if row.kind == SourceKind.MANDATE:
                sources.append(feed_rows.source_of(row, row.payment_cap_amount))
                continue
            kept = self.account(row.account_id)
            if kept is not None:
                sources.append(feed_rows.source_of(row, kept.available))
        return tuple(sources)

    def _debt(self, account_id: UUID | None) -> int:
        """Debt owed, our own included; an account without a row has no posting yet."""
        if account_id is None:
            return 0
        kept = self.account(account_id)
        return max(0, -kept.available) if kept else taken(self._store, account_id)

    def _entitlement(self, meal_period: str) -> int | None:
        rows = (row for row in self._all(MealPeriodRow) if row.period == meal_period)
        return next((row.entitlement for row in rows), None)

    def _all(self, kind: type[SmallRow]) -> tuple[SmallRow, ...]:
        return self._small.all(kind, self._generation)

    def _body(self, kind: FeedKind, entity: str) -> bytes | None:
        found = self._store.row(
            "SELECT unseal(body) FROM feed_row WHERE generation = ? AND kind = ? AND entity = ?",
            (self._generation, kind.value, entity),
        )
        return None if found is None else found[0]

    def _bodies_by_lookup(self, kind: FeedKind, lookup: str) -> list[bytes]:
        rows = self._store.rows(
            "SELECT unseal(body) FROM feed_row INDEXED BY feed_row_lookup"
            " WHERE generation = ? AND kind = ? AND lookup = ? AND lookup <> ''",
            (self._generation, kind.value, lookup),
        )
        return [row[0] for row in rows]

"""What one command is about to do, gathered while it decides.

A `Draft` keeps the accounts as they stand after its own postings, so that a fact and the refund
that waited for it can be decided in one commit. An account or counter that is not locked is asked
for (`needs`): then nothing of the draft is used, and the command decides again with it locked.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from domain.errors import Defect
from domain.ids import derived_id
from server.cases.effects import CaseClosed, CaseOpened, case_id
from server.ledger.commands import (
    AccountKey,
    AccountState,
    CounterKey,
    Decision,
    HoldEnded,
    HoldOpened,
    Increment,
    Key,
    Locked,
    Posting,
    Transfer,
)
from server.payments.read_files import PAYMENT, PERSON, PaymentFile, PersonNow
from server.payments.rows import PaymentRow, RefundRow
from server.wallets.effects import AccountMoved
from sync.messages import Balance

PERSONAL = ("person", "grant_share")
"""Owners of accounts whose rows go down the feed and whose balances an answer carries."""


class Draft:
    """The effects of one command, in the making."""

    def __init__(self, locked: Locked, organisation_id: UUID, now: datetime) -> None:
        self.locked = locked
        self.organisation_id = organisation_id
        self.now = now
        self.case_kinds: list[str] = []
        self._states: dict[AccountKey, AccountState] = dict(locked.accounts)
        self._moved: dict[UUID, Balance] = {}
        self._needs: set[AccountKey | CounterKey] = set()
        self._used: dict[CounterKey, int] = dict(locked.counters)
        self._transfers: list[Transfer] = []
        self._holds: list[HoldOpened | HoldEnded] = []
        self._increments: list[Increment] = []
        self._effects: dict[Any, Any] = {}
        self._people: dict[int, PersonNow | None] = {}

    def state(self, account: AccountKey) -> AccountState:
        """Return an account as it stands after what this draft has done."""
        found = self._states.get(account)
        if found is None:
            self._needs.add(account)
            found = AccountState(account.id, 0, 0, account.floor, 0)
        return found

    def post(
        self,
        row: PaymentRow | RefundRow,
        purpose: str,
        amounts: dict[AccountKey, int],
        person_id: UUID | None,
    ) -> None:
        """Post `amounts` (zeros are left out) with a payment or refund as the cause."""
        postings = tuple(Posting(account, amount) for account, amount in amounts.items() if amount)
        if not postings:
            return
        for posting in postings:
            self._move(posting, person_id)
        self._transfers.append(
            Transfer(
                id=derived_id(row.id, f"transfer/{purpose}"),
                organisation_id=self.organisation_id,
                cause_kind="payment" if isinstance(row, PaymentRow) else "refund",
                cause_id=row.id,
                purpose=purpose,
                postings=postings,
                occurred_at=row.occurred_at,
                business_on=row.business_on,
                booked_on=self.booked_on(row),
            )
        )

    def booked_on(self, row: PaymentRow | RefundRow) -> date:
        """Return the day that a posting made now is booked on: never one before, perhaps closed.

        A row that is on file may have been booked days ago: what is posted for it now (a late
        success, a reversal) belongs to today's books, under its own business day.
        """
        payment = row.id if isinstance(row, PaymentRow) else row.payment
        file = self.locked.rows.get(Key(self.organisation_id, PAYMENT, payment))
        day = file.day if isinstance(file, PaymentFile) else None
        return max(row.booked_on, day.day_at(self.now)) if day is not None else row.booked_on

    def _move(self, posting: Posting, person_id: UUID | None) -> None:
        before = self.state(posting.account)
        self._states[posting.account] = AccountState(
            before.id, before.balance + posting.amount, before.held, before.floor,
            before.version + 1,
        )  # fmt: skip
        self._tell(posting.account, person_id)

    def hold(self, hold: HoldOpened | HoldEnded, person_id: UUID | None) -> None:
        """Open or end a hold."""
        change = hold.amount if isinstance(hold, HoldOpened) else -hold.amount
        before = self.state(hold.account)
        self._states[hold.account] = replace(before, held=before.held + change)
        self._holds.append(hold)
        self._tell(hold.account, person_id)

    def _tell(self, account: AccountKey, person_id: UUID | None) -> None:
        if account.owner_kind not in PERSONAL:
            return
        if person_id is None:
            raise Defect(f"nobody is named for {account}")
        state = self._states[account]
        self._moved[account.id] = balance_of(state)
        person = self.person_now(person_id)
        sites = person.site_ids if person is not None else None
        moved = AccountMoved(self.organisation_id, person_id, account.id, self.now, sites)
        self.effect(("moved", account.id), moved)

    def person_now(self, person_id: UUID) -> PersonNow | None:
        """Whoever pays as of this transaction, if the command has read them."""
        number = person_id.int
        if number not in self._people:
            found = self.locked.rows.get(Key(self.organisation_id, PERSON, person_id))
            self._people[number] = found if isinstance(found, PersonNow) else None
        return self._people[number]

    def count(self, counter: CounterKey, amount: int, cause_id: UUID) -> bool:
        """Use `amount` of a counter by force; return whether its limit is now passed.

        Giving back (a negative amount) never goes below what is used.
        """
        if counter not in self._used:
            self._needs.add(counter)
        present = self._used.get(counter, 0)
        amount = max(amount, -present)
        self._used[counter] = present + amount
        if amount:
            self._increments.append(Increment(counter, amount, cause_id, forced=True))
        return counter.limit is not None and amount > 0 and present + amount > counter.limit

    def case(
        self,
        kind: str,
        subject_kind: str,
        subject_id: UUID,
        amount: int,
        terminal_id: UUID | None = None,
        **data: Any,
    ) -> None:
        """Open a case, once per kind and subject."""
        self.case_kinds.append(kind)
        opened = CaseOpened(
            self.organisation_id, kind, subject_kind, subject_id, amount, self.now, data,
            terminal_id,
        )  # fmt: skip
        self.effect(("case", opened.id), opened)

    def close_case(self, kind: str, subject_kind: str, subject_id: UUID, how: str) -> None:
        """Close a case that a later message has answered."""
        id = case_id(self.organisation_id, kind, subject_kind, subject_id)
        self.effect(("closed", id), CaseClosed(id, self.now, how, "server"))

    def effect(self, place: Any, effect: Any) -> None:
        """Store `effect`; a later one for the same place replaces it."""
        self._effects[place] = effect

    def balances(self, accounts: Iterable[AccountKey] = ()) -> tuple[Balance, ...]:
        """The personal accounts that moved, and those named, as they now stand."""
        found = dict(self._moved)
        for account in accounts:
            if account.owner_kind in PERSONAL and account in self._states:
                found[account.id] = balance_of(self._states[account])
        return tuple(found[id] for id in sorted(found))

    def decision(self, answer: Any, forgets: Iterable[Key] = ()) -> Decision:
        """Return everything as one decision, or what has still to be locked for it."""
        if self._needs:
            return Decision(None, needs=tuple(self._needs))
        return Decision(
            answer,
            transfers=tuple(self._transfers),
            holds=tuple(self._holds),
            increments=tuple(self._increments),
            effects=tuple(self._effects.values()),
            forgets=tuple(forgets),
        )


def balance_of(state: AccountState) -> Balance:
    """An account as counters are told of it."""
    return Balance(
        account_id=state.id, balance=state.balance, held=state.held, version=state.version
    )

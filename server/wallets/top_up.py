"""Top up a wallet: debt is repaid first, what is left becomes cash (MONEY §2, §5).

The money is in the bank already, or lies in the drawer of a counter's shift. A top-up at a counter
looks, under its locks, at who is topped up, at what the wallet would hold and at the shift whose
drawer takes the cash; its no is stored as its yes is, since the cash was handed back.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from domain.authorization import PersonState
from server.ledger.commands import (
    AccountKey,
    AccountState,
    CounterKey,
    Decision,
    Key,
    Locked,
    Posting,
    Reader,
    Transfer,
)
from server.wallets.accounts import bank_account, cash_account, debt_account, drawer_account
from server.wallets.effects import AccountMoved, ToppedUp, TopUpDenied
from server.wallets.rows import PERSON, SHIFT, TOP_UP, BookedTopUp, read_wallet_keys
from sync.messages import Balance

COUNTER = "counter"
"""The `source` of cash over the counter; others are "bank", "opening"…"""


@dataclass(frozen=True, slots=True)
class CounterPlace:
    """Where cash was taken, what its message said, and the most a wallet may hold afterwards.

    With a `refusal` the edge has found already that the money may not be taken.
    """

    terminal_id: UUID
    shift_id: UUID
    operator_id: UUID | None
    cash_limit_amount: int
    fingerprint: str = ""
    refusal: str = ""
    reader: Reader = read_wallet_keys
    """Reads the wallets' keys and, where shifts are kept, the shift whose drawer takes the cash."""


class KnownShift(Protocol):
    """What is asked of a shift on file: whose it is, and which of its ends have come."""

    @property
    def terminal_id(self) -> UUID:
        """The terminal that opened or closed it."""

    @property
    def ends(self) -> frozenset[str]:
        """Of "opened" and "closed", what is on file."""


def with_shifts(read_shifts: Reader) -> Reader:
    """Return one reader for top-ups at counters: `read_shifts` knows the keys of kind "shift"."""

    def read(cursor: Any, keys: Sequence[Key], fresh: Collection[Key]) -> Mapping[Key, Any]:
        shifts = [key for key in keys if key.kind == SHIFT]
        return {
            **read_wallet_keys(cursor, keys, fresh),
            **read_shifts(cursor, shifts, fresh),
        }

    return read


@dataclass(frozen=True, slots=True)
class ToppedUpAnswer:
    """`repaid_amount` went to debt, the rest to cash; `is_replay`: this id was booked before.

    With a `code` nothing was booked, and the code says why.
    """

    amount: int
    repaid_amount: int
    is_replay: bool
    code: str = ""
    balances: tuple[Balance, ...] = ()
    person_id: UUID | None = None
    """Whose wallet it went into: a card may have another owner by the time of a repeat."""


@dataclass(frozen=True, slots=True)
class TopUpWallet:
    """Book money that reached the bank or a drawer for a person.

    The same id again changes nothing; the same id for something else is refused.
    """

    id: UUID
    organisation_id: UUID
    person_id: UUID
    amount: int
    source: str
    at: datetime
    business_on: date
    reference: str = ""
    place: CounterPlace | None = None

    @property
    def keys(self) -> Sequence[Key]:
        """The top-up's own id, whose wallet it is, and the shift: it may be closing just now."""
        own = (
            Key(self.organisation_id, TOP_UP, self.id),
            Key(self.organisation_id, PERSON, self.person_id, is_read_only=True),
        )
        if self.place is None:
            return own
        return (*own, Key(self.organisation_id, SHIFT, self.place.shift_id))

    @property
    def counters(self) -> Sequence[CounterKey]:
        """None."""
        return ()

    @property
    def accounts(self) -> Sequence[AccountKey]:
        """The person's cash and debt, and where the money lies; none for a refused one."""
        organisation, person = self.organisation_id, self.person_id
        place = self.place
        if place is not None and place.refusal:
            return ()
        return (
            cash_account(organisation, person),
            debt_account(organisation, person),
            drawer_account(organisation, place.shift_id) if place else bank_account(organisation),
        )

    @property
    def reader(self) -> Reader | None:
        """Reads whether this top-up is there already, the person's state, and the shift."""
        return self.place.reader if self.place else read_wallet_keys

    def decide(self, locked: Locked) -> Decision:
        """Repay debt first, then add the rest to cash."""
        known: BookedTopUp | None = locked.rows.get(self.keys[0])
        if known is not None:
            return Decision(self._again(known, locked))
        if self.place is not None and self.place.refusal:
            return self._refuse(self.place, self.place.refusal)
        cash, debt, holder = self.accounts
        repaid = min(self.amount, -locked.accounts[debt].balance)
        if self.place is not None:
            refusal = self._refusal(self.place, locked, self.amount - repaid)
            if refusal:
                return self._refuse(self.place, refusal)
        legs = ((debt, repaid), (cash, self.amount - repaid), (holder, -self.amount))
        postings = tuple(Posting(account, amount) for account, amount in legs if amount)
        answer = ToppedUpAnswer(
            self.amount, repaid, is_replay=False,
            balances=tuple(_moved(locked, posting) for posting in postings[:-1]),
            person_id=self.person_id,
        )  # fmt: skip
        return Decision(
            answer,
            transfers=(self._transfer(postings),),
            effects=(
                self._row(repaid),
                *(self._moved(posting.account) for posting in postings[:-1]),
            ),
        )

    def _again(self, known: BookedTopUp, locked: Locked) -> ToppedUpAnswer:
        fingerprint = self.place.fingerprint if self.place else ""
        is_same = known.fingerprint == fingerprint and (
            self.place is not None
            or (known.person_id, known.amount) == (self.person_id, self.amount)
        )
        if not is_same:
            return ToppedUpAnswer(self.amount, 0, is_replay=False, code="top_ups.key_reused")
        if known.code:
            return ToppedUpAnswer(self.amount, 0, is_replay=True, code=known.code)
        is_theirs = known.person_id == self.person_id
        mine = self.accounts[:2] if is_theirs else ()
        states = [locked.accounts[account] for account in mine]
        return ToppedUpAnswer(
            known.amount, known.repaid_amount, is_replay=True,
            balances=tuple(_balance(state) for state in states if state.version),
            person_id=known.person_id,
        )  # fmt: skip

    def _refusal(self, place: CounterPlace, locked: Locked, cash_amount: int) -> str:
        """Why a counter may not take this money; "" when it may."""
        state = locked.rows.get(self.keys[1])
        if state is None:
            return "people.unknown"
        if state == PersonState.FROZEN:
            return "people.frozen"
        if state == PersonState.LEFT:
            return "people.left"
        cash = locked.accounts[self.accounts[0]]
        if cash.balance + cash_amount > place.cash_limit_amount:
            return "top_ups.over_limit"
        # A shift's opening may still be on its way; one that is here must be open and ours
        shift: KnownShift | None = locked.rows.get(self.keys[2])
        if shift and ("closed" in shift.ends or shift.terminal_id != place.terminal_id):
            return "top_ups.shift_closed"
        return ""

    def _refuse(self, place: CounterPlace, code: str) -> Decision:
        denied = TopUpDenied(
            self.id, self.organisation_id, place.fingerprint, code, place.terminal_id, self.at
        )
        answer = ToppedUpAnswer(self.amount, 0, is_replay=False, code=code)
        return Decision(answer, effects=(denied,))

    def _transfer(self, postings: tuple[Posting, ...]) -> Transfer:
        return Transfer(
            id=self.id,
            organisation_id=self.organisation_id,
            cause_kind=TOP_UP,
            cause_id=self.id,
            purpose="top_up",
            postings=postings,
            occurred_at=self.at,
            business_on=self.business_on,
            booked_on=self.business_on,
        )

    def _row(self, repaid: int) -> ToppedUp:
        return ToppedUp(
            id=self.id,
            organisation_id=self.organisation_id,
            person_id=self.person_id,
            amount=self.amount,
            repaid_amount=repaid,
            source=self.source,
            reference=self.reference,
            topped_up_at=self.at,
            terminal_id=self.place.terminal_id if self.place else None,
            shift_id=self.place.shift_id if self.place else None,
            operator_id=self.place.operator_id if self.place else None,
            fingerprint=self.place.fingerprint if self.place else "",
        )

    def _moved(self, account: AccountKey) -> AccountMoved:
        return AccountMoved(self.organisation_id, self.person_id, account.id, self.at)


def top_up(
    top_up_id: UUID,
    organisation_id: UUID,
    person_id: UUID,
    amount: int,
    *,
    source: str,
    at: datetime,
    business_on: date,
    reference: str = "",
) -> TopUpWallet:
    """Return the command that tops up; submit it to the writer, or `apply` it inside atomic().

    `source` says where the money came from ("bank", "opening"). Raises ValueError below 1 fen.
    """
    if amount <= 0:
        raise ValueError("a top-up adds money")
    return TopUpWallet(
        top_up_id, organisation_id, person_id, amount, source, at, business_on, reference
    )


def _moved(locked: Locked, posting: Posting) -> Balance:
    """What the account will be once the posting is in."""
    state = locked.accounts[posting.account]
    return Balance(
        account_id=state.id,
        balance=state.balance + posting.amount,
        held=state.held,
        version=state.version + 1,
    )


def _balance(state: AccountState) -> Balance:
    return Balance(
        account_id=state.id, balance=state.balance, held=state.held, version=state.version
    )

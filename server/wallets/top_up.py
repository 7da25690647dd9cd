"""Top up a wallet: debt is repaid first, what is left becomes cash (MONEY §2, §5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
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
from server.wallets.accounts import bank_account, cash_account, debt_account
from server.wallets.effects import AccountMoved, ToppedUp
from server.wallets.rows import TOP_UP, read_wallet_keys


@dataclass(frozen=True, slots=True)
class ToppedUpAnswer:
    """`repaid_amount` went to debt, the rest to cash; `is_replay`: this id was booked before."""

    amount: int
    repaid_amount: int
    is_replay: bool


@dataclass(frozen=True, slots=True)
class TopUpWallet:
    """Book money that reached the bank for a person. The same id again changes nothing."""

    id: UUID
    organisation_id: UUID
    person_id: UUID
    amount: int
    source: str
    at: datetime
    business_on: date
    reference: str = ""

    @property
    def keys(self) -> Sequence[Key]:
        """The top-up's own id."""
        return (Key(self.organisation_id, TOP_UP, self.id),)

    @property
    def counters(self) -> Sequence[CounterKey]:
        """None."""
        return ()

    @property
    def accounts(self) -> Sequence[AccountKey]:
        """The person's cash and debt, and the bank."""
        organisation, person = self.organisation_id, self.person_id
        return (
            cash_account(organisation, person),
            debt_account(organisation, person),
            bank_account(organisation),
        )

    @property
    def reader(self) -> Reader | None:
        """Reads whether this top-up is there already."""
        return read_wallet_keys

    def decide(self, locked: Locked) -> Decision:
        """Repay debt first, then add the rest to cash."""
        known = locked.rows.get(self.keys[0])
        if known is not None:
            return Decision(ToppedUpAnswer(known, 0, is_replay=True))
        cash, debt, bank = self.accounts
        repaid = min(self.amount, -locked.accounts[debt].balance)
        legs = ((debt, repaid), (cash, self.amount - repaid), (bank, -self.amount))
        postings = tuple(Posting(account, amount) for account, amount in legs if amount)
        return Decision(
            ToppedUpAnswer(self.amount, repaid, is_replay=False),
            transfers=(self._transfer(postings),),
            effects=(
                self._row(repaid),
                *(self._moved(posting.account) for posting in postings[:-1]),
            ),
        )

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

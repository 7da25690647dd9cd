"""What the bank said of a payout, committed: confirmed, failed, returned, or nothing certain.

Confirmed: in transit → our bank account. Failed: in transit → back to the payee. Returned after it
was confirmed: our bank account → the payee, less what the bank took for it, which the payee bears,
since it was its account that did not take the money. A word that contradicts one given before
changes nothing and opens a case; the same word again changes nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID, uuid5

from msgspec import Struct

from domain.settlement_states import IN_TRANSIT, PayoutEvent, PayoutState, advance_payout, may_move
from server import sql
from server.cases.effects import CaseOpened
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
from server.merchants.trading_days import open_day_of
from server.settlement.accounts import in_transit, payee_account
from server.settlement.apply_now import apply_now
from server.settlement.effects import PayoutMoved, asked
from server.settlement.models import Payout
from server.wallets.accounts import bank_account

KIND = "payout"
CONTRADICTION: Final = "payout_contradiction"
_BATCH: Final = {
    PayoutState.SUCCEEDED: "paid", PayoutState.FAILED: "returned", PayoutState.RETURNED: "returned",
}  # fmt: skip
ENDS: Final = {
    PayoutEvent.SUCCEED: PayoutState.SUCCEEDED,
    PayoutEvent.FAIL: PayoutState.FAILED,
    PayoutEvent.RETURN: PayoutState.RETURNED,
}
ROW = """
SELECT state, batch_id, code, reference, bank_fee_amount FROM settlement_payout
WHERE organisation = %s AND id = %s
"""


@dataclass(frozen=True, slots=True)
class Word:
    """What a bank says of one payout: a code for people, its own number, what it took."""

    event: PayoutEvent
    code: str = ""
    reference: str = ""
    bank_fee_amount: int = 0


class Present(Struct, frozen=True):
    """The payout as it is under its lock."""

    state: PayoutState
    batch_id: UUID
    code: str
    reference: str
    bank_fee_amount: int


def settle_payout(payout: Payout, word: Word, now: datetime) -> PayoutState:
    """Commit what the bank said of `payout`; return the state it is in now."""
    return PayoutState(apply_now(settling(payout, word, now)))


def settling(payout: Payout, word: Word, now: datetime) -> "SettlePayout":
    """Return the command that commits what the bank said of `payout`."""
    booked_on = now.date()
    if payout.payee_kind == "merchant":
        booked_on = open_day_of(payout.organisation, payout.payee, now)
    return SettlePayout(
        payout.organisation, payout.id, payout.payee_kind, payout.payee, payout.amount, word, now,
        booked_on,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class SettlePayout:
    """The command. Its answer is the payout's state."""

    organisation_id: UUID
    payout_id: UUID
    payee_kind: str
    payee_id: UUID
    amount: int
    word: Word
    now: datetime
    booked_on: date

    @property
    def keys(self) -> Sequence[Key]:
        """The payout."""
        return (Key(self.organisation_id, KIND, self.payout_id),)

    @property
    def counters(self) -> Sequence[CounterKey]:
        """None."""
        return ()

    @property
    def accounts(self) -> Sequence[AccountKey]:
        """Where the money may be: in transit, at the bank, or with the payee."""
        organisation = self.organisation_id
        return (
            payee_account(organisation, self.payee_kind, self.payee_id),
            in_transit(organisation),
            bank_account(organisation),
        )

    @property
    def reader(self) -> Reader | None:
        """Reads the payout under its lock."""
        return self._read

    def _read(self, cursor: Any, keys: Sequence[Key], _: Collection[Key]) -> Mapping[Key, Any]:
        rows = asked(cursor, ROW, self.organisation_id, self.payout_id)
        state, batch, *rest = rows[0]
        return {keys[0]: Present(PayoutState(state), sql.to_uuid(batch), *rest)}

    def decide(self, locked: Locked) -> Decision:
        """Move the payout, and its money after it."""
        present: Present = locked.rows[self.keys[0]]
        event = self.word.event
        if not may_move(present.state, event):
            is_again = ENDS.get(event) is present.state or event not in ENDS
            # What came back was confirmed before: a late "succeeded" says nothing new
            is_stale = (present.state, event) == (PayoutState.RETURNED, PayoutEvent.SUCCEED)
            effects = () if is_again or is_stale else (self._case(present),)
            return Decision(present.state.value, effects=effects)
        state = advance_payout(present.state, event)
        transfer = self._transfer(present, state)
        moved = PayoutMoved(
            self.payout_id, present.batch_id, state.value, _BATCH.get(state, "paying"),
            self.word.code or present.code, self.word.reference or present.reference,
            self._bank_fee(state) or present.bank_fee_amount, self.now,
        )  # fmt: skip
        return Decision(state.value, transfers=(transfer,) if transfer else (), effects=(moved,))

    def _bank_fee(self, state: PayoutState) -> int:
        """Nobody is charged more than what came back."""
        is_charged = state is PayoutState.RETURNED
        return min(max(self.word.bank_fee_amount, 0), self.amount) if is_charged else 0

    def _amounts(self, present: Present, state: PayoutState) -> dict[AccountKey, int]:
        payee, transit, bank = self.accounts
        back = self.amount - self._bank_fee(state)
        if state is PayoutState.SUCCEEDED:
            return {transit: -self.amount, bank: self.amount}
        if state is PayoutState.FAILED:
            return {transit: -self.amount, payee: self.amount}
        if state is PayoutState.RETURNED and present.state in IN_TRANSIT:
            return {transit: -self.amount, bank: self.amount - back, payee: back}
        if state is PayoutState.RETURNED:
            return {bank: -back, payee: back}
        return {}

    def _transfer(self, present: Present, state: PayoutState) -> Transfer | None:
        amounts = self._amounts(present, state)
        postings = tuple(Posting(account, amount) for account, amount in amounts.items() if amount)
        if not postings:
            return None
        return Transfer(
            id=uuid5(self.payout_id, state.value),
            organisation_id=self.organisation_id,
            cause_kind=KIND,
            cause_id=self.payout_id,
            purpose=state.value,
            postings=postings,
            occurred_at=self.now,
            business_on=self.booked_on,
            booked_on=self.booked_on,
        )

    def _case(self, present: Present) -> CaseOpened:
        said = {"state": present.state.value, "said": self.word.event.value, "code": self.word.code}
        return CaseOpened(
            self.organisation_id, CONTRADICTION, KIND, self.payout_id, self.amount, self.now, said
        )

"""Write off debt, disputed sales, suspense and price variance: asked for by one, approved by
another.

Who bears a debt or a disputed sale is a term of the merchant's agreement on the day of the sale.
What is posted has the approval as its cause, so it is posted once; what is left is read again under
lock when it is approved, since some of it may have come in meanwhile.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID, uuid5

from django.db import connection

from domain.errors import Refused
from domain.ids import RandomBytes
from server import sql
from server.cases.approvals.carried_out import register
from server.cases.approvals.request_approval import Asked, Subject, request_approval
from server.cases.effects import CaseClosed
from server.cases.models import Approval
from server.ledger.apply import apply
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
from server.merchants.models import Agreement, Bearer
from server.merchants.read_stores import read_stores
from server.merchants.trading_days import open_day_of
from server.payments.accounts import PAYABLE, merchant_account, suspense_account
from server.payments.models import Payment
from server.settlement.accounts import bad_debt
from server.settlement.effects import asked
from server.wallets.accounts import debt_account
from server.wallets.effects import AccountMoved

DEBT: Final = "approvals.write_off_debt"
DISPUTED: Final = "approvals.write_off_disputed"
SUSPENSE: Final = "approvals.write_off_suspense"
VARIANCE: Final = "approvals.accept_variance"
VARIANCE_CASE: Final = "price_variance"
_REFUSALS: Final = {
    "nothing": "settlement.nothing_to_write_off", "more": "settlement.more_to_write_off",
}  # fmt: skip
Amounts = dict[AccountKey, int]
# What of each account lies there for a payment, its refunds, and what approvals did about either
LYING = """
SELECT a.owner_kind, a.owner_id, a.kind, sum(p.amount) FROM ledger_transfer t
JOIN ledger_posting p ON p.transfer = t.id
JOIN ledger_account a ON a.id = p.account
  AND a.kind IN ('disputed', 'suspense_long', 'drawer_suspense', 'pricing_variance')
LEFT JOIN payments_refund r ON t.cause_kind = 'refund' AND r.id = t.cause_id
LEFT JOIN cases_approval v ON t.cause_kind = 'approval' AND v.id = t.cause_id
LEFT JOIN payments_refund q ON q.id = v.subject_id
WHERE t.organisation = %s AND coalesce(r.payment, q.payment, v.subject_id, t.cause_id) = %s
GROUP BY a.owner_kind, a.owner_id, a.kind HAVING sum(p.amount) <> 0
"""
CASES = """
SELECT c.id, c.kind FROM cases_case c LEFT JOIN payments_refund r ON r.id = c.subject_id
WHERE c.organisation = %s AND c.closed_at IS NULL AND coalesce(r.payment, c.subject_id) = %s
"""


def kind_of(organisation_id: UUID, subject_id: UUID, *, is_variance: bool) -> tuple[str, int]:
    """What would end what lies there for a payment: the kind to ask for and its amount; "" and 0
    when nothing does. A sale that differs from the posted price has both sides: `is_variance` asks
    for that one.
    """
    with connection.cursor() as cursor:
        found = _lying(cursor, organisation_id, subject_id)
    for kind in (VARIANCE,) if is_variance else (DISPUTED, SUSPENSE):
        amount = sum(part for at, part in found.items() if _is_of(kind, at))
        if amount:
            return kind, amount
    return "", 0


def _lying(cursor: Any, organisation_id: UUID, subject_id: UUID) -> Amounts:
    return {
        AccountKey(organisation_id, owner, sql.to_uuid(id), kind): int(amount)
        for owner, id, kind, amount in asked(cursor, LYING, organisation_id, subject_id)
    }


def _is_of(kind: str, at: AccountKey) -> bool:
    """Whether an account is what this kind of request is about."""
    if at.kind == "pricing_variance":
        return kind == VARIANCE and at.owner_kind == "merchant"
    return kind == (DISPUTED if at.kind == "disputed" else SUSPENSE)


def request_write_off(
    organisation_id: UUID,
    kind: str,
    subject_id: UUID,
    *,
    reason: str,
    by: str,
    now: datetime,
    random: RandomBytes,
    amount: int,
    merchant_id: UUID | None = None,
    name: str = "",
) -> Approval:
    """Ask for it: `kind` DEBT of a person, DISPUTED or SUSPENSE of a payment.

    VARIANCE of a payment is accepted as it was charged: nobody's money moves.
    `amount` is what it is now, which whoever decides sees: more than that is never written off,
    however much it is by then. `merchant_id` the merchant that is to bear a
    debt, if it agreed to (None: we do).
    """
    if merchant_id is not None and not _bears_debt(organisation_id, merchant_id, now.date()):
        raise Refused("settlement.nothing_to_write_off")
    what = Subject("person" if kind == DEBT else "payment", subject_id, name)
    data = {"merchant": str(merchant_id)} if merchant_id else {}
    wanted = Asked(organisation_id, kind, what, data, amount, reason)
    return request_approval(wanted, by=by, now=now, random=random)


def register_write_offs() -> None:
    """Let approvals of all four kinds be carried out."""
    for kind in (DEBT, DISPUTED, SUSPENSE, VARIANCE):
        register(kind, _carry_out)


def _carry_out(approval: Approval, now: datetime) -> None:
    command = WriteOff(
        approval.organisation, approval.id, approval.kind, approval.subject_id, approval.amount,
        now, _terms(approval, now),
    )  # fmt: skip
    answer = apply(connection, [command])[0]
    if answer != "written_off":
        raise Refused(_REFUSALS[answer])


@dataclass(frozen=True, slots=True)
class Terms:
    """Who bears it, and on which open day it is booked. `merchant_id` None: we bear a debt."""

    booked_on: date
    merchant_id: UUID | None = None
    is_merchants: bool = False


def _terms(approval: Approval, now: datetime) -> Terms:
    if approval.kind == DEBT:
        named = approval.data.get("merchant")
        if named is None:
            return Terms(now.date())
        merchant = UUID(named)
        return Terms(open_day_of(approval.organisation, merchant, now), merchant, True)
    payment = Payment.objects.filter(
        organisation=approval.organisation, id=approval.subject_id
    ).first()
    if payment is None:
        return Terms(now.date())
    store = read_stores(approval.organisation, [payment.store]).get(payment.store)
    term = store.agreement_on(payment.business_on) if store else None
    bearer = term.disputed_bearer if term else Bearer.MERCHANT
    day = open_day_of(approval.organisation, payment.merchant, now)
    return Terms(day, payment.merchant, bearer == Bearer.MERCHANT)


def _bears_debt(organisation_id: UUID, merchant_id: UUID, day: date) -> bool:
    mine = Agreement.objects.filter(organisation=organisation_id, merchant=merchant_id)
    newest = mine.filter(starts_on__lte=day).order_by("-starts_on").first()
    return newest is not None and newest.debt_bearer == Bearer.MERCHANT


@dataclass(frozen=True, slots=True)
class WriteOff:
    """The command. Its answer: "written_off", "nothing", or "more" than was approved."""

    organisation_id: UUID
    approval_id: UUID
    kind: str
    subject_id: UUID
    amount: int
    now: datetime
    terms: Terms

    @property
    def keys(self) -> Sequence[Key]:
        """The approval, and the payment that it is about."""
        mine = Key(self.organisation_id, "approval", self.approval_id)
        if self.kind == DEBT:
            return (mine,)
        return (mine, Key(self.organisation_id, "payment", self.subject_id))

    @property
    def counters(self) -> Sequence[CounterKey]:
        """None."""
        return ()

    @property
    def accounts(self) -> Sequence[AccountKey]:
        """Who bears it; what lies there is asked for once it is known."""
        bears = [bad_debt(self.organisation_id)]
        if self.kind == DEBT:
            bears.append(debt_account(self.organisation_id, self.subject_id))
        if self.terms.merchant_id:
            bears.append(self._merchant(PAYABLE))
        return tuple(bears)

    @property
    def reader(self) -> Reader | None:
        """Reads what lies there, and the cases about it."""
        return self._read

    def _merchant(self, side: str) -> AccountKey:
        assert self.terms.merchant_id is not None
        return merchant_account(self.organisation_id, self.terms.merchant_id, side)

    def _read(self, cursor: Any, keys: Sequence[Key], _: Collection[Key]) -> Mapping[Key, Any]:
        found = _lying(cursor, self.organisation_id, self.subject_id)
        cases = [
            sql.to_uuid(id)
            for id, kind in asked(cursor, CASES, self.organisation_id, self.subject_id)
            if (kind == VARIANCE_CASE) == (self.kind == VARIANCE)
        ]
        return {keys[0]: (found, cases)}

    def decide(self, locked: Locked) -> Decision:
        """Move what is left to whoever bears it, and close the cases about it."""
        found, cases = locked.rows[self.keys[0]]
        amounts = self._amounts(found, locked)
        missing = tuple(account for account in amounts if account not in locked.accounts)
        if missing:
            return Decision(None, needs=missing)
        postings = tuple(Posting(account, amount) for account, amount in amounts.items() if amount)
        left = self._left(found, locked)
        if not postings or abs(left) > abs(self.amount) or left * self.amount < 0:
            answer = "more" if postings else "nothing"
            return Decision(answer, forgets=tuple(key for key in self.keys if key in locked.fresh))
        effects: list[Any] = []
        if self.kind == DEBT:
            debt = debt_account(self.organisation_id, self.subject_id)
            effects.append(
                AccountMoved(self.organisation_id, self.subject_id, debt.id, self.now, None)
            )
        else:
            by = str(self.approval_id)
            effects = [CaseClosed(id, self.now, "written_off", by) for id in cases]
        return Decision(
            "written_off", transfers=(self._transfer(postings),), effects=tuple(effects)
        )

    def _left(self, found: Amounts, locked: Locked) -> int:
        """What lies there now, as whoever asked was shown it."""
        if self.kind == DEBT:
            return -locked.accounts[debt_account(self.organisation_id, self.subject_id)].balance
        return sum(part for at, part in found.items() if _is_of(self.kind, at))

    def _amounts(self, found: Amounts, locked: Locked) -> Amounts:
        loss = bad_debt(self.organisation_id)
        if self.kind == DEBT:
            debt = debt_account(self.organisation_id, self.subject_id)
            owed = self._left(found, locked)
            bearer = self._merchant(PAYABLE) if self.terms.is_merchants else loss
            return {debt: owed, bearer: -owed}
        if self.kind == VARIANCE:
            return {at: -part for at, part in found.items() if at.kind == "pricing_variance"}
        if self.kind == SUSPENSE:
            lying = {at: part for at, part in found.items() if _is_of(SUSPENSE, at)}
            return {**{at: -amount for at, amount in lying.items()}, loss: sum(lying.values())}
        disputed = self._left(found, locked)
        if not disputed or self.terms.merchant_id is None:
            return {}
        ended = {
            self._merchant("disputed"): -disputed,
            suspense_account(self.organisation_id): disputed,
        }
        if self.terms.is_merchants:
            return ended
        return {**ended, self._merchant(PAYABLE): disputed, loss: -disputed}

    def _transfer(self, postings: tuple[Posting, ...]) -> Transfer:
        return Transfer(
            id=uuid5(self.approval_id, "written_off"),
            organisation_id=self.organisation_id,
            cause_kind="approval",
            cause_id=self.approval_id,
            purpose="written_off",
            postings=postings,
            occurred_at=self.now,
            business_on=self.terms.booked_on,
            booked_on=self.terms.booked_on,
        )

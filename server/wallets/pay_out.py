"""Pay out what is left to somebody who has left: one proposes, another confirms, the books move.

Only cash is theirs: a subsidy stays in its grant. Cash and debt are never there together, so what
is left of cash is theirs in full. Nothing moves before the confirmation, which books exactly what
was proposed or, when the balance is another by then, nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from domain.errors import Refused
from domain.ids import RandomBytes
from server.fresh import fresh_id
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
from server.ledger.models import Account
from server.organisations.models import Organisation
from server.people.models import Person, PersonState
from server.wallets.accounts import bank_account, cash_account
from server.wallets.effects import AccountMoved
from server.wallets.models import PayOut

PAY_OUT = "pay_out"


@dataclass(frozen=True, slots=True)
class Owed:
    """Somebody who left with money, or debt, in the wallet."""

    person: Person
    cash_amount: int
    debt_amount: int
    waiting: PayOut | None


@dataclass(frozen=True, slots=True)
class PayOutWallet:
    """The command that books one; its answer is whether the balance was still as proposed."""

    id: UUID
    organisation_id: UUID
    person_id: UUID
    amount: int
    at: datetime
    business_on: date

    @property
    def keys(self) -> Sequence[Key]:
        """The pay-out's own id."""
        return (Key(self.organisation_id, PAY_OUT, self.id),)

    @property
    def counters(self) -> Sequence[CounterKey]:
        """None."""
        return ()

    @property
    def accounts(self) -> Sequence[AccountKey]:
        """The person's cash and the bank."""
        organisation = self.organisation_id
        return cash_account(organisation, self.person_id), bank_account(organisation)

    @property
    def reader(self) -> Reader | None:
        """Reads nothing: the pay-out's row is locked by the use-case."""
        return None

    def decide(self, locked: Locked) -> Decision:
        """Draw all of the cash, if it is what was proposed and none of it is held."""
        cash, bank = self.accounts
        if locked.accounts[cash].available != self.amount:
            return Decision(False, forgets=tuple(self.keys))
        transfer = Transfer(
            self.id, self.organisation_id, PAY_OUT, self.id, PAY_OUT,
            (Posting(cash, -self.amount), Posting(bank, self.amount)),
            self.at, self.business_on, self.business_on,
        )  # fmt: skip
        moved = AccountMoved(self.organisation_id, self.person_id, cash.id, self.at)
        return Decision(True, transfers=(transfer,), effects=(moved,))


def list_owed(organisation_id: UUID) -> list[Owed]:
    """Return everybody who left with cash to come or debt to pay, by number."""
    rows = Account.objects.filter(
        organisation=organisation_id, owner_kind="person", kind__in=("cash", "debt")
    ).exclude(balance=0)
    amounts: dict[UUID, dict[str, int]] = {}
    for owner_id, kind, balance in rows.values_list("owner_id", "kind", "balance"):
        amounts.setdefault(owner_id, {})[kind] = balance
    waiting = {
        row.person: row
        for row in PayOut.objects.filter(organisation=organisation_id, state="proposed")
    }
    left = Person.objects.filter(organisation_id=organisation_id, state=PersonState.LEFT)
    return [
        Owed(
            person, amounts[person.id].get("cash", 0), -amounts[person.id].get("debt", 0),
            waiting.get(person.id),
        )
        for person in left.order_by("number")
        if person.id in amounts
    ]  # fmt: skip


def propose_pay_out(
    person: Person, *, now: datetime, random: RandomBytes, by: str, way: str = ""
) -> PayOut:
    """Propose to pay all that is left to somebody who left; `way` says how, such as a bank card."""
    if person.state != PersonState.LEFT:
        raise Refused("payouts.not_left")
    organisation_id = person.organisation_id
    account = Account.objects.filter(id=cash_account(organisation_id, person.id).id).first()
    amount = 0 if account is None else account.balance - account.held
    if amount <= 0:
        raise Refused("payouts.nothing_left")
    waiting = PayOut.objects.filter(
        organisation=organisation_id, person=person.id, state="proposed"
    )
    if waiting.exists():
        raise Refused("payouts.proposed_already")
    return PayOut.objects.create(
        id=fresh_id(now, random),
        organisation=organisation_id,
        person=person.id,
        amount=amount,
        way=way[:100],
        proposed_at=now,
        proposed_by=by,
    )


def confirm_pay_out(pay_out: PayOut, *, now: datetime, by: str) -> None:
    """Book a proposal of somebody else's; raises `Refused("payouts.…")`, and then nothing moved."""
    with transaction.atomic():
        held = _waiting(pay_out)
        if held.proposed_by == by:
            raise Refused("payouts.same_person")
        zone = Organisation.objects.get(id=held.organisation).zone
        held.state, held.decided_at, held.decided_by = "paid", now, by
        held.save(update_fields=["state", "decided_at", "decided_by"])
        command = PayOutWallet(
            held.id, held.organisation, held.person, held.amount, now,
            now.astimezone(ZoneInfo(zone)).date(),
        )  # fmt: skip
        [is_booked] = apply(connection, [command])
        if not is_booked:
            raise Refused("payouts.balance_changed")


def drop_pay_out(pay_out: PayOut, *, now: datetime, by: str) -> None:
    """Take a proposal back; anybody who may propose may."""
    with transaction.atomic():
        held = _waiting(pay_out)
        held.state, held.decided_at, held.decided_by = "dropped", now, by
        held.save(update_fields=["state", "decided_at", "decided_by"])


def _waiting(pay_out: PayOut) -> PayOut:
    rows = PayOut.objects.select_for_update()
    held = rows.get(organisation=pay_out.organisation, id=pay_out.id)
    if held.state != "proposed":
        raise Refused("payouts.decided_already")
    return held

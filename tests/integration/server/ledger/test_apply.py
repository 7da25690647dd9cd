"""What `apply` writes, refuses, locks and leaves alone."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from domain.errors import Defect
from server.ledger.apply import apply
from server.ledger.commands import (
    AccountKey,
    CounterKey,
    Decision,
    HoldEnded,
    HoldOpened,
    Increment,
    Key,
    Locked,
)
from server.ledger.models import Account, Counter, Hold, LockedKey, Posting, Transfer
from server.writes import Writes
from tests.factories.ledger import (
    NOON,
    ORGANISATION,
    AskedFor,
    a_key,
    account,
    an_id,
    moving,
    transfer,
)


def applied(*commands: Any) -> list[Any]:
    with transaction.atomic():
        return apply(connection, commands)


def balance_of(key: AccountKey) -> int:
    return Account.objects.get(id=key.id).balance


def test_a_transfer_moves_both_accounts_and_is_kept(database: str) -> None:
    cash, payable = account("cash"), account("payable", "merchant")

    assert applied(moving((cash, -120), (payable, 120), answer="sold")) == ["sold"]

    assert (balance_of(cash), balance_of(payable)) == (-120, 120)
    kept = Transfer.objects.get()
    legs = Posting.objects.filter(transfer=kept.id).values_list("account", "amount", "version")
    assert set(legs) == {(cash.id, -120, 1), (payable.id, 120, 1)}
    assert kept.occurred_at == NOON


def test_later_commands_of_a_batch_see_what_earlier_ones_did(database: str) -> None:
    cash, payable = account("cash", floor=0), account("payable", "merchant")
    bank = account("bank", "organisation")
    seen = []

    def look(locked: Locked) -> Decision:
        state = locked.accounts[cash]
        seen.append((state.balance, state.version))
        return Decision("looked")

    applied(
        moving((bank, -500), (cash, 500)),
        moving((cash, -120), (payable, 120)),
        AskedFor(look, accounts=[cash]),
    )

    assert seen == [(380, 2)]
    assert balance_of(cash) == 380


def test_a_balance_below_its_floor_is_a_defect_and_nothing_is_written(database: str) -> None:
    cash, payable = account("cash", floor=0), account("payable", "merchant")

    with pytest.raises(Defect, match="below floor 0"):
        applied(moving((cash, -1), (payable, 1)))

    assert not Transfer.objects.exists()
    assert not LockedKey.objects.exists()


def test_what_is_held_cannot_be_drawn(database: str) -> None:
    cash, payable = account("cash", floor=0), account("payable", "merchant")
    bank = account("bank", "organisation")
    hold = HoldOpened(an_id(), cash, 400, "payment", an_id(), NOON)
    applied(moving((bank, -500), (cash, 500)))
    applied(AskedFor(lambda _: Decision("held", holds=(hold,)), accounts=[cash]))

    with pytest.raises(Defect, match="below floor"):
        applied(moving((cash, -101), (payable, 101)))

    assert Account.objects.get(id=cash.id).held == 400


def holding(cash: AccountKey) -> HoldOpened:
    bank = account("bank", "organisation")
    hold = HoldOpened(an_id(), cash, 400, "payment", an_id(), NOON)
    applied(moving((bank, -500), (cash, 500)))
    applied(AskedFor(lambda _: Decision("held", holds=(hold,)), accounts=[cash]))
    return hold


def ended(hold: HoldOpened, owner_id: UUID, *, posted: bool = False) -> AskedFor:
    end = HoldEnded(hold.id, hold.account, 400, "payment", owner_id, NOON, posted)
    return AskedFor(lambda _: Decision("ended", holds=(end,)), accounts=[hold.account])


def test_a_hold_ends_once(database: str) -> None:
    cash = account("cash", floor=0)
    hold = holding(cash)

    applied(ended(hold, hold.owner_id))
    with pytest.raises(Defect):
        applied(ended(hold, hold.owner_id))

    assert Account.objects.get(id=cash.id).held == 0
    assert Hold.objects.get().posted is False


def test_a_hold_ends_by_its_owner_only(database: str) -> None:
    hold = holding(account("cash", floor=0))

    with pytest.raises(Defect, match="0 of 1 rows written: holds"):
        applied(ended(hold, an_id()))

    assert Hold.objects.get().ended_at is None


@pytest.mark.parametrize(
    "legs",
    [
        ((0, 120), (1, -119)),
        ((0, 120),),
        ((0, 0), (1, 0)),
        ((0, 120), (0, -120)),
    ],
    ids=["not zero", "one leg", "empty legs", "one account twice"],
)
def test_a_transfer_that_is_none_is_a_defect(legs: Any, database: str) -> None:
    accounts = [account("cash"), account("payable", "merchant")]

    with pytest.raises(Defect):
        applied(moving(*((accounts[n], amount) for n, amount in legs)))

    assert not Posting.objects.exists()


def test_units_are_balanced_each_for_itself(database: str) -> None:
    meals, cash = account("meal", unit="MEAL"), account("cash")

    with pytest.raises(Defect, match="does not sum to zero"):
        applied(moving((meals, -1), (cash, 1)))


def test_a_transfer_stays_in_its_organisation(database: str) -> None:
    ours, theirs = account("cash"), account("cash", organisation_id=an_id())

    with pytest.raises(Defect, match="bad posting"):
        applied(moving((ours, -1), (theirs, 1)))


def test_an_account_that_was_not_named_is_a_defect(database: str) -> None:
    cash, payable = account("cash"), account("payable", "merchant")
    decision = Decision("moved", transfers=(transfer((cash, -1), (payable, 1)),))

    with pytest.raises(Defect, match="not named"):
        applied(AskedFor(lambda _: decision, accounts=[cash]))


def test_a_cause_is_booked_once(database: str) -> None:
    cash, payable, cause = account("cash"), account("payable", "merchant"), an_id()
    applied(moving((cash, -1), (payable, 1), cause_id=cause))

    with pytest.raises(IntegrityError):
        applied(moving((cash, -1), (payable, 1), cause_id=cause))

    assert balance_of(payable) == 1


def test_a_key_is_fresh_once(database: str) -> None:
    key, seen = a_key(), []
    cash, payable = account("cash"), account("payable", "merchant")

    def sell(locked: Locked) -> Decision:
        seen.append(key in locked.fresh)
        return Decision("sold", transfers=(transfer((cash, -1), (payable, 1)),))

    applied(*[AskedFor(sell, keys=[key], accounts=[cash, payable]) for _ in range(2)])
    applied(AskedFor(sell, keys=[key], accounts=[cash, payable]))

    assert seen == [True, False, False]


def test_a_key_under_which_nothing_was_stored_is_fresh_again(database: str) -> None:
    key, seen = a_key(), []

    def refuse(locked: Locked) -> Decision:
        seen.append(key in locked.fresh)
        return Decision("repriced", forgets=(key,))

    applied(*[AskedFor(refuse, keys=[key]) for _ in range(2)])
    applied(AskedFor(refuse, keys=[key]))

    assert seen == [True, True, True]
    assert not LockedKey.objects.exists()


def test_a_command_sharing_a_key_reads_what_the_one_before_it_wrote(database: str) -> None:
    key = a_key("order")
    cash, payable = account("cash"), account("payable", "merchant")

    def count(cursor: Any, keys: Sequence[Key], fresh: Collection[Key]) -> dict[Key, int]:
        cursor.execute("SELECT count(*) FROM ledger_transfer")
        return dict.fromkeys(keys, cursor.fetchone()[0])

    def sell(locked: Locked) -> Decision:
        change = transfer((cash, -1), (payable, 1))
        return Decision(locked.rows[key], transfers=(change,))

    commands = [
        AskedFor(sell, keys=[key], accounts=[cash, payable], reader=count) for _ in range(3)
    ]

    assert applied(*commands) == [0, 1, 2]


def test_a_command_may_ask_for_further_accounts(database: str) -> None:
    cash, payable = account("cash"), account("payable", "merchant")

    def decide(locked: Locked) -> Decision:
        if cash not in locked.accounts:
            return Decision(None, needs=(cash,))
        return Decision("moved", transfers=(transfer((cash, -1), (payable, 1)),))

    assert applied(AskedFor(decide, accounts=[payable])) == ["moved"]
    assert balance_of(cash) == -1


def test_a_command_that_never_stops_asking_is_a_defect(database: str) -> None:
    with pytest.raises(Defect, match="keeps asking"):
        applied(AskedFor(lambda _: Decision(None, needs=(account("cash"),))))


def counting(counter: CounterKey, amount: int, *, forced: bool = False) -> AskedFor:
    increment = Increment(counter, amount, an_id(), forced)
    return AskedFor(lambda _: Decision("used", increments=(increment,)), counters=[counter])


def test_a_counter_goes_to_its_limit_and_no_further(database: str) -> None:
    counter = CounterKey(ORGANISATION, "person", "meal", "2026-11-22/lunch", limit=2)
    applied(counting(counter, 1), counting(counter, 1))

    with pytest.raises(Defect, match="would be 3"):
        applied(counting(counter, 1))

    assert Counter.objects.get().used == 2


def test_a_fact_passes_the_limit_of_a_counter(database: str) -> None:
    counter = CounterKey(ORGANISATION, "person", "meal", "2026-11-22/lunch", limit=1)

    applied(counting(counter, 1), counting(counter, 1, forced=True))

    assert Counter.objects.get().used == 2


@dataclass(frozen=True)
class Noted:
    """An effect that only remembers in which order and how often it was written."""

    text: str
    written: ClassVar[list[list[str]]] = []

    @classmethod
    def write_all(cls, writes: Writes, effects: Sequence["Noted"], /) -> None:
        cls.written.append([effect.text for effect in effects])


def test_effects_of_a_kind_are_written_together_and_in_order(database: str) -> None:
    Noted.written.clear()

    def noting(n: int) -> AskedFor:
        return AskedFor(lambda _: Decision(n, effects=(Noted(str(n)),)))

    applied(*[noting(n) for n in range(3)])

    assert Noted.written == [["0", "1", "2"]]


@pytest.mark.parametrize("table", ["ledger_transfer", "ledger_posting", "ledger_increment"])
@pytest.mark.parametrize("change", ["UPDATE {} SET organisation = organisation", "DELETE FROM {}"])
def test_facts_cannot_be_changed(table: str, change: str, database: str) -> None:
    applied(moving((account("cash"), -1), (account("payable", "merchant"), 1)))
    applied(counting(CounterKey(ORGANISATION, "person", "meal", "today"), 1))

    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change.format(table))


def test_the_database_itself_keeps_the_floor(database: str) -> None:
    cash = account("cash", floor=0)
    applied(moving((account("bank", "organisation"), -5), (cash, 5)))

    with pytest.raises(IntegrityError), transaction.atomic():
        Account.objects.filter(id=cash.id).update(balance=-1)


def statements(count: int) -> int:
    payable = account("payable", "merchant")
    commands = [moving((account("bank", "organisation"), -1), (payable, 1)) for _ in range(count)]
    with CaptureQueriesContext(connection) as captured:
        applied(*commands)
    return len(captured)


def test_the_number_of_statements_does_not_grow_with_the_batch(database: str) -> None:
    assert statements(2) == statements(200)

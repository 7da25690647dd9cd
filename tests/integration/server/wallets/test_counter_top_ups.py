"""Cash over the counter: booked once per id, into the shift's drawer, and a no stays a no."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections, transaction
from msgspec import structs

from server.audit.run_audit import run_audit
from server.inbox.keep_shift import KeepShift, read_shifts
from server.inbox.models import Shift
from server.ledger.apply import apply
from server.ledger.models import Account
from server.ledger.writer import Writer
from server.people.bind_card import bind_card, lose_card, return_card
from server.people.change_person import free_person, freeze_person, part_with_person
from server.runtime import Runtime
from server.wallets import api
from server.wallets.accounts import cash_account, debt_account, drawer_account
from server.wallets.models import TopUp
from server.wallets.take_top_up import MAX_CASH_AMOUNT, MAX_TOP_UP_AMOUNT, NOBODY
from sync.messages import (
    CredentialKind,
    Failure,
    ShiftClosed,
    TopUpAnswer,
    TopUpOutcome,
    TopUpRequest,
    decode,
    encode,
)
from tests.factories.clocks import StandingClock
from tests.factories.payments import Till, balance
from tests.factories.races import until_one_waits
from tests.factories.server_rows import SECRETS, Randomness, Rows
from tests.factories.terminals_api import TerminalsApi


class Counter:
    """A till whose terminal sends top-ups to a running writer."""

    def __init__(self, till: Till, served: TerminalsApi) -> None:
        self.till, self.api = till, served
        self.operator = till.rows.new_operator()

    def asked(self, amount: int = 5_000, **changes: Any) -> TopUpRequest:
        till, terminal = self.till, self.till.terminal
        values: dict[str, Any] = {
            "top_up_id": till.rows.id(), "organisation_id": till.organisation,
            "merchant_id": terminal.merchant_id, "store_id": terminal.store_id,
            "terminal_id": terminal.terminal_id, "payer": f"person:{till.person.id}",
            "amount": amount, "credential": CredentialKind.CARD,
            "operator_id": self.operator.id, "shift_id": till.shift, "stamp": till.stamp(),
            "binding_version": 1, **changes,
        }  # fmt: skip
        return TopUpRequest(**values)

    def send(self, asked: TopUpRequest) -> TopUpAnswer:
        response = self.api.call("POST", "/v1/top-ups", encode(asked), self.till.devices[0])
        assert response.status_code == 200, response.text
        return decode(TopUpAnswer, response.content)

    def refused(self, asked: TopUpRequest) -> str:
        answer = self.send(asked)
        assert (answer.outcome, answer.amount) == (TopUpOutcome.REFUSED, 0)
        return answer.code

    @property
    def cash(self) -> int:
        return balance(cash_account(self.till.organisation, self.till.person.id))

    @property
    def drawer(self) -> int:
        return balance(drawer_account(self.till.organisation, self.till.shift))


@pytest.fixture
def counter(database: str) -> Iterator[Counter]:
    till = Till(Rows())
    clock = StandingClock(till.now)
    writer = Writer(clock)
    thread = threading.Thread(target=writer.run)
    with ThreadPoolExecutor(1) as reads:
        served = TerminalsApi(Runtime(writer, clock, SECRETS, Randomness(99), reads), clock)
        served.serve(api.routes(served.runtime, read_shifts=read_shifts))
        thread.start()
        yield Counter(till, served)
        writer.stop()
        thread.join(20)
        reads.submit(connections.close_all).result()


def test_cash_goes_into_the_wallet_and_the_drawer_once(counter: Counter) -> None:
    asked = counter.asked(2_000)
    first, again = counter.send(asked), counter.send(asked)
    assert (first.outcome, first.amount, first.repaid_amount) == (TopUpOutcome.BOOKED, 2_000, 0)
    assert (again.outcome, again.amount) == (TopUpOutcome.BOOKED, 2_000)
    assert (counter.cash, counter.drawer, TopUp.objects.count()) == (7_000, -2_000, 2)
    cash = cash_account(counter.till.organisation, counter.till.person.id).id
    row = Account.objects.get(id=cash)
    for answer in (first, again):
        told = {balance.account_id: balance for balance in answer.balances}[cash]
        assert (told.balance, told.version) == (row.balance, row.version)
    assert first.masked_name == "张*明"
    kept = TopUp.objects.get(id=asked.top_up_id)
    assert (kept.shift, kept.operator) == (counter.till.shift, counter.operator.id)


def test_debt_is_repaid_first(counter: Counter) -> None:
    till = counter.till
    till.accept(till.request(total=4_900))
    till.accept(till.request(total=600))
    answer = counter.send(counter.asked(2_000))
    assert (answer.repaid_amount, counter.cash) == (500, 1_500)
    assert balance(debt_account(till.organisation, till.person.id)) == 0
    assert {balance.balance for balance in answer.balances} == {0, 1_500}


def test_another_sum_or_payer_under_a_known_id_is_refused(counter: Counter) -> None:
    asked = counter.asked(2_000)
    counter.send(asked)
    other = counter.till.rows.new_person("S002", "李小红")
    for changed in ({"amount": 3_000}, {"payer": f"person:{other.id}"}):
        assert counter.refused(structs.replace(asked, **changed)) == "top_ups.key_reused"
    assert counter.drawer == -2_000


def test_a_no_stays_a_no_when_its_reason_is_gone(counter: Counter) -> None:
    freeze_person(counter.till.person, now=counter.till.now)
    asked = counter.asked(2_000)
    assert counter.refused(asked) == "people.frozen"
    free_person(counter.till.person)
    assert counter.refused(asked) == "people.frozen"
    assert counter.send(counter.asked(2_000)).outcome is TopUpOutcome.BOOKED
    assert counter.cash == 7_000


def test_who_has_left_is_unknown_or_lost_their_card_takes_no_money(counter: Counter) -> None:
    till = counter.till
    card = till.rows.new_card(till.person)
    lose_card(card, now=till.now)
    assert counter.refused(counter.asked(payer=f"card:{card.card_key}")) == "cards.lost"
    unknown = counter.asked(payer="number:nobody")
    assert counter.refused(unknown) == "people.unknown"
    till.rows.new_person("nobody", "王五")
    assert counter.refused(unknown) == "people.unknown"
    part_with_person(till.person, now=till.now)
    assert counter.refused(counter.asked()) == "people.left"
    assert (counter.cash, counter.drawer) == (5_000, 0)
    assert not Account.objects.filter(owner_id=NOBODY).exists()


@pytest.mark.parametrize("amount", [0, -1, MAX_TOP_UP_AMOUNT + 1])
def test_sums_that_are_slips_are_refused(counter: Counter, amount: int) -> None:
    assert counter.refused(counter.asked(amount)) == "top_ups.amount_out_of_range"


def test_a_wallet_holds_no_more_than_it_may(counter: Counter) -> None:
    while counter.cash + MAX_TOP_UP_AMOUNT <= MAX_CASH_AMOUNT:
        counter.send(counter.asked(MAX_TOP_UP_AMOUNT))
    assert counter.refused(counter.asked(MAX_TOP_UP_AMOUNT)) == "top_ups.over_limit"
    rest = MAX_CASH_AMOUNT - counter.cash
    assert counter.send(counter.asked(rest)).outcome is TopUpOutcome.BOOKED


def test_only_an_open_shift_of_this_terminal_takes_cash(counter: Counter) -> None:
    till = counter.till
    values = {
        "organisation": till.organisation, "merchant": till.terminal.merchant_id,
        "opened_at": till.now,
    }  # fmt: skip
    Shift.objects.create(id=till.shift, terminal=till.rows.id(), **values)
    assert counter.refused(counter.asked()) == "top_ups.shift_closed"
    Shift.objects.filter(id=till.shift).update(terminal=till.terminal.terminal_id)
    assert counter.send(counter.asked()).outcome is TopUpOutcome.BOOKED
    Shift.objects.filter(id=till.shift).update(closed_at=till.now)
    assert counter.refused(counter.asked()) == "top_ups.shift_closed"


def test_cash_waits_for_a_shift_that_is_closing_and_then_stays_outside(
    counter: Counter,
) -> None:
    till = counter.till
    closed = ShiftClosed(
        shift_id=till.shift, operator_id=counter.operator.id, counted_amount=0,
        expected_amount=0, tallies={}, waiting_count=0, waiting_amount=0, stamp=till.stamp(),
        binding_version=1,
    )  # fmt: skip
    closing = KeepShift(
        till.rows.id(), till.organisation, till.terminal.terminal_id, till.terminal.merchant_id,
        closed, till.now.date(),
    )  # fmt: skip
    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            apply(connection, [closing])
            sent = other.submit(counter.refused, counter.asked(2_000))
            until_one_waits(sent)
        assert sent.result(20) == "top_ups.shift_closed"
    assert (counter.cash, counter.drawer) == (5_000, 0)


def test_only_a_working_operator_of_the_merchant_takes_cash(counter: Counter) -> None:
    stranger = counter.asked(operator_id=counter.till.rows.id())
    assert counter.refused(stranger) == "operators.unknown"
    counter.operator.is_active = False
    counter.operator.save()
    assert counter.refused(counter.asked()) == "operators.inactive"


def test_no_terminal_speaks_for_another(counter: Counter) -> None:
    asked = counter.asked(terminal_id=counter.till.rows.id())
    response = counter.api.call("POST", "/v1/top-ups", encode(asked), counter.till.devices[0])
    assert decode(Failure, response.content).code == "payments.not_yours"
    response = counter.api.call("POST", "/v1/top-ups", encode(counter.asked()))
    assert response.status_code == 401


def test_the_books_are_right_after_all_of_it(counter: Counter) -> None:
    counter.send(counter.asked(2_000))
    freeze_person(counter.till.person, now=counter.till.now)
    counter.refused(counter.asked(2_000))
    broken = {finding.rule for finding in run_audit(counter.till.now).findings}
    assert not {rule for rule in broken if rule[:3] in {"r01", "r02", "r07", "r09", "r14"}}


def test_a_repeat_speaks_of_whose_money_it_was_when_the_card_is_anothers_by_then(
    counter: Counter,
) -> None:
    rows, person = counter.till.rows, counter.till.person
    other = rows.new_person("1999")
    card = bind_card(person, "ab" * 32, now=counter.till.now, random=Randomness(5))
    asked = counter.asked(1_000, payer=f"card:{card.card_key}")
    assert counter.send(asked).person_id == person.id
    return_card(card, now=counter.till.now)
    bind_card(other, card.card_key, now=counter.till.now, random=Randomness(6))
    again = counter.send(asked)
    assert (again.outcome, again.person_id, again.masked_name) == (
        TopUpOutcome.BOOKED, person.id, "",
    )  # fmt: skip
    assert again.balances == ()


@pytest.mark.parametrize(
    "change",
    ["UPDATE wallets_topup SET amount = amount + 1 WHERE shift IS NOT NULL",
     "UPDATE wallets_topup SET shift = organisation WHERE shift IS NOT NULL",
     "DELETE FROM wallets_topup WHERE shift IS NOT NULL"],
)  # fmt: skip
def test_the_audit_sees_a_top_up_that_the_books_deny(counter: Counter, change: str) -> None:
    counter.send(counter.asked(2_000))
    assert "r01_causes" not in run_audit(counter.till.now).broken
    with connections["default"].cursor() as cursor:
        cursor.execute(change)
    assert "r01_causes" in run_audit(counter.till.now).broken

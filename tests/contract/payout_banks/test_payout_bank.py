"""Each payout ends once: paid, failed or returned, whatever goes wrong on the way to the bank."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

import pytest

from domain.settlement_states import PayoutEvent, PayoutState
from server.audit.run_audit import run_audit
from server.cases.models import Case
from server.sandbox.faults import Fault, Operation
from server.settlement.accounts import in_transit
from server.settlement.api import PREFIX
from server.settlement.models import Payout, PayoutFile
from server.settlement.pay_out import Progress, hear_results, make_file, submit_file
from server.settlement.payout_bank import (
    Accepted,
    FileRefused,
    PayoutBank,
    PayoutOrder,
    Told,
    Unclear,
)
from server.settlement.settle_payout import Word
from server.wallets.accounts import bank_account
from tests.contract.payout_banks.conftest import Desk
from tests.factories.server_rows import Rows

LOST = (
    Fault.LOST_REQUEST, Fault.LOST_ANSWER, Fault.HELD_REQUEST, Fault.GARBAGE, Fault.SYSTEM_ERROR,
    Fault.SYSTEM_ERROR_AFTER, Fault.STRANGE_CODE, Fault.UNSIGNED, Fault.BADLY_SIGNED,
    Fault.RATE_LIMITED,
)  # fmt: skip


def state() -> str:
    return Payout.objects.get().state


def sound(desk: Desk) -> None:
    broken = {found.rule for found in run_audit(desk.now).findings}
    assert not broken & {"r08_settlement", "r13_digests", "r01_transfers", "r02_balances"}


def test_a_payout_is_sent_tried_and_confirmed(desk: Desk) -> None:
    payout = desk.payout()
    desk.round()
    assert state() == PayoutState.SUBMITTED
    desk.pass_time(seconds=10)
    assert desk.round().succeeded == 1
    assert state() == PayoutState.SUCCEEDED
    assert desk.trading.balance(bank_account(desk.trading.organisation)) == payout.amount
    sound(desk)


@pytest.mark.parametrize("fault", LOST)
def test_a_file_whose_answer_is_lost_is_paid_once(desk: Desk, fault: Fault) -> None:
    desk.payout()
    desk.fault(fault)
    desk.round()
    assert state() in (PayoutState.UNKNOWN, PayoutState.SUBMITTED)
    for _ in range(3):
        desk.pass_time(seconds=30)
        desk.round()
    assert state() == PayoutState.SUCCEEDED
    assert PayoutFile.objects.count() == 1
    assert desk.trading.balance(in_transit(desk.trading.organisation)) == 0
    sound(desk)


@pytest.mark.parametrize(
    ("ending", "code"), [("90", "account_closed"), ("91", "name_differs")], ids=["closed", "name"]
)
def test_a_payout_that_fails_goes_back_to_its_payee(desk: Desk, ending: str, code: str) -> None:
    payout = desk.payout(ending)
    desk.round()
    desk.pass_time(seconds=10)
    assert desk.round().failed == 1
    assert Payout.objects.get().code == code
    assert desk.trading.balance(desk.trading.payable) == payout.amount
    sound(desk)


def test_money_that_comes_back_a_day_later_is_owed_again_less_the_banks_fee(desk: Desk) -> None:
    payout = desk.payout("92")
    desk.round()
    desk.pass_time(seconds=10)
    assert desk.round().succeeded == 1
    desk.pass_time(days=1, seconds=10)
    assert desk.round().returned == 1
    assert desk.trading.balance(desk.trading.payable) == payout.amount - 200
    sound(desk)


def test_a_payout_that_is_never_heard_of_stays_in_transit_and_becomes_a_case(desk: Desk) -> None:
    payout = desk.payout("93")
    desk.round()
    desk.pass_time(days=3)
    desk.round()
    assert state() == PayoutState.SUBMITTED
    assert Case.objects.get().kind == "payout_unheard"
    assert desk.trading.balance(in_transit(desk.trading.organisation)) == payout.amount
    sound(desk)


def test_the_banks_notice_settles_a_payout_before_anybody_asks(desk: Desk) -> None:
    desk.payout()
    desk.round()
    desk.pass_time(seconds=10)
    assert desk.deliver() == [204]
    assert state() == PayoutState.SUCCEEDED
    assert desk.round().succeeded == 0


@pytest.mark.parametrize(
    ("fault", "status"), [(Fault.NOTICE_FORGED, 401), (Fault.NOTICE_WRONG_AMOUNT, 204)]
)
def test_a_notice_that_is_not_the_banks_word_changes_nothing(
    desk: Desk, fault: Fault, status: int
) -> None:
    desk.payout()
    desk.round()
    desk.pass_time(seconds=10)
    desk.fault(fault, Operation.NOTICE)
    assert desk.deliver() == [status]
    assert state() == PayoutState.SUBMITTED


def test_a_notice_counts_only_at_the_address_of_its_own_organisation(desk: Desk) -> None:
    desk.payout()
    desk.round()
    desk.pass_time(seconds=10)
    desk.running.postman.step(desk.now)
    notice = desk.posted[0]
    elsewhere = Rows(2).organisation
    paths = ("nobody", str(UUID(int=1)), str(elsewhere))
    assert [desk.post(notice, PREFIX + path) for path in paths] == [404, 404, 404]
    assert state() == PayoutState.SUBMITTED
    assert desk.post(notice) == 204
    assert state() == PayoutState.SUCCEEDED


class Miscounting:
    """A bank whose results are of another amount than was ordered."""

    def __init__(self, told: Told) -> None:
        self.told = told

    def results(self, _number: str, _now: datetime) -> list[Told]:
        """Say it."""
        return [self.told]


def test_a_result_of_another_amount_changes_nothing(desk: Desk) -> None:
    payout = desk.payout()
    desk.round()
    file = PayoutFile.objects.get()
    done = Word(PayoutEvent.SUCCEED)
    for amount in (payout.amount - 1, 0):
        bank = cast(PayoutBank, Miscounting(Told(payout.id, done, amount)))
        hear_results(file, bank, desk.now, Progress())
        assert state() == PayoutState.SUBMITTED
    bank = cast(PayoutBank, Miscounting(Told(payout.id, done, payout.amount)))
    hear_results(file, bank, desk.now, Progress())
    assert state() == PayoutState.SUCCEEDED


def test_a_notice_told_twice_moves_money_once(desk: Desk) -> None:
    payout = desk.payout()
    desk.round()
    desk.pass_time(seconds=10)
    desk.fault(Fault.NOTICE_TWICE, Operation.NOTICE)
    assert desk.deliver() == [204, 204]
    assert desk.trading.balance(bank_account(desk.trading.organisation)) == payout.amount


def test_the_same_file_again_is_the_same_file_and_another_one_is_refused(desk: Desk) -> None:
    order = PayoutOrder("0" * 31 + "1", 500, "某人", "6222000000000000", "1021", "20261124")
    assert isinstance(desk.bank.submit("F-1", [order], desk.now), Accepted)
    assert isinstance(desk.bank.submit("F-1", [order], desk.now), Accepted)
    other = PayoutOrder("0" * 31 + "2", 500, "某人", "6222000000000000", "1021", "20261124")
    said = desk.bank.submit("F-1", [other], desk.now)
    assert isinstance(said, Unclear)
    assert said.is_alert
    assert isinstance(desk.bank.submit("F-2", [order], desk.now), FileRefused)


def test_a_file_that_the_bank_refuses_gives_everything_back(desk: Desk) -> None:
    payout = desk.payout()
    order = PayoutOrder(payout.id.hex, 1, "x", "6222000000000000", "1021", "")
    desk.bank.submit("OTHER", [order], desk.now)
    desk.round()
    assert PayoutFile.objects.get().state == "refused"
    assert state() == PayoutState.FAILED
    assert desk.trading.balance(desk.trading.payable) == payout.amount
    sound(desk)


def test_a_crash_between_sending_and_storing_sends_the_same_file_again(desk: Desk) -> None:
    desk.payout()
    file = make_file(desk.trading.organisation, desk.now, desk.trading.rows.random)
    assert file is not None
    submit_file(file, desk.bank, desk.now)
    PayoutFile.objects.update(state="made")
    desk.pass_time(hours=1)
    desk.round()
    assert PayoutFile.objects.get().state == "accepted"
    assert state() == PayoutState.SUCCEEDED


def test_a_crash_after_a_refusal_pays_nothing_of_the_file(desk: Desk) -> None:
    desk.payout()
    file = make_file(desk.trading.organisation, desk.now, desk.trading.rows.random)
    assert file is not None
    PayoutFile.objects.update(state="refused", code="over_limit")
    desk.round()
    assert state() == PayoutState.FAILED
    assert desk.bank.look(file.number, desk.now).__class__.__name__ == "NeverCame"


def test_a_wrong_key_is_an_alert_and_no_answer(desk: Desk) -> None:
    desk.payout()
    desk.trading.now += timedelta(minutes=1)
    desk.running.desk.peer.world.keys.pair("merchant")
    desk.fault(Fault.BADLY_SIGNED)
    desk.round()
    assert state() == PayoutState.UNKNOWN

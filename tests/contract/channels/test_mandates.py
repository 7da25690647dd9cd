"""Deductions by mandate, at every provider that has them: signed by the payer, once per number."""

from __future__ import annotations

from typing import cast

import pytest

from server.channels.channel import AwaitingPayer, Debit, Debits, Declined, Reversed, Succeeded
from server.sandbox.faults import AFTER, BEFORE, Fault, Operation
from tests.contract.channels.benches import KINDS, Bench
from tests.contract.channels.test_outcomes import assert_books_agree

DEBITING = [kind for kind in KINDS if kind in ("plain", "bank")]
PAYERS = {
    "bank": {"account": "6217000010000000001", "name": "Somebody"},
    "plain": {"account": "6217000010000000001"},
}


@pytest.fixture(params=DEBITING)
def bank(request: pytest.FixtureRequest, benches: dict[str, Bench]) -> Bench:
    bench = benches[request.param]
    bench.let_all_arrive()
    return bench


def _debits(bench: Bench) -> Debits:
    return cast(Debits, bench.channel)


def _signed(bench: Bench) -> str:
    mandate = bench.number()
    said = _debits(bench).sign(mandate, PAYERS[bench.kind], bench.clock.now())
    assert isinstance(said, AwaitingPayer | Succeeded), said
    bench.books.mandates.confirm(mandate)
    return mandate


def test_a_signed_mandate_is_deducted_from_again_and_again(bank: Bench) -> None:
    mandate = _signed(bank)
    for amount in (1200, 1, 350):
        course = bank.driver.debit(_debits(bank), Debit(bank.number(), amount, mandate))
        assert isinstance(course.end, Succeeded)
        assert_books_agree(bank, course)


def test_nothing_is_deducted_without_the_payers_signature(bank: Bench) -> None:
    unsigned = bank.number()
    _debits(bank).sign(unsigned, PAYERS[bank.kind], bank.clock.now())
    for mandate in (unsigned, bank.number()):
        course = bank.driver.debit(_debits(bank), Debit(bank.number(), 100, mandate))
        assert isinstance(course.end, Declined)
        assert_books_agree(bank, course)


def test_nothing_is_deducted_after_the_mandate_ended(bank: Bench) -> None:
    mandate = _signed(bank)
    assert isinstance(_debits(bank).cancel_mandate(mandate, bank.clock.now()), Succeeded)
    assert isinstance(_debits(bank).cancel_mandate(mandate, bank.clock.now()), Succeeded)
    course = bank.driver.debit(_debits(bank), Debit(bank.number(), 100, mandate))
    assert isinstance(course.end, Declined)
    assert_books_agree(bank, course)


@pytest.mark.parametrize("fault", sorted((BEFORE | AFTER) - {Fault.SLOW_ANSWER}))
def test_whatever_happens_to_a_deduction_it_is_made_once_or_not_at_all(
    bank: Bench, fault: Fault
) -> None:
    mandate = _signed(bank)
    bank.ask(Operation.DEBIT, fault)
    course = bank.driver.debit(_debits(bank), Debit(bank.number(), 100, mandate))
    assert bank.net_amount(course.number) == (100 if course.is_paid else 0)
    assert_books_agree(bank, course)


@pytest.mark.parametrize("fault", [Fault.DECLINED, Fault.SILENT])
def test_whatever_the_payers_bank_does(bank: Bench, fault: Fault) -> None:
    mandate = _signed(bank)
    bank.ask(Operation.DEBIT, fault)
    course = bank.driver.debit(_debits(bank), Debit(bank.number(), 100, mandate))
    assert isinstance(course.end, Declined | Reversed), course
    assert_books_agree(bank, course)


def test_a_deduction_is_refunded_like_any_charge(bank: Bench) -> None:
    mandate = _signed(bank)
    course = bank.driver.debit(_debits(bank), Debit(bank.number(), 1000, mandate))
    assert isinstance(bank.driver.refund(course, bank.number(), 400), Succeeded)
    assert bank.net_amount(course.number) == 600

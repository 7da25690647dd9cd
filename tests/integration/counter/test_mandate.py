"""A diner whose bank stands behind the wallet, while this counter cannot ask: a capped claim."""

from __future__ import annotations

from uuid import UUID

import pytest
from msgspec import structs

from sync.messages import FundingRow, Mode, Outcome, RecordKind
from terminal_app.counter.machine import Phase
from tests.integration.counter.bench import LUNCH_AMOUNT, PERSON, Bench, answer
from tests.integration.counter.conftest import Make
from tests.unit.sync import makers

BANK = FundingRow(
    account_id=UUID(int=301), kind="mandate", payment_cap_amount=3_000, claim_cap_amount=2_000
)
FUNDING = (FundingRow(account_id=makers.CASH_ACCOUNT, kind="cash"), BANK)


@pytest.fixture
def bench(make: Make) -> Bench:
    """Lunch costs ¥12; the wallet holds ¥2, and ¥20 may be claimed from the bank."""
    made = make(person={"funding": FUNDING}, balance=200)
    made.serve()
    return made


def test_what_the_wallet_lacks_is_claimed_from_the_bank(bench: Bench) -> None:
    bench.server.is_up = False
    bench.card()
    assert bench.phase is Phase.APPROVED
    snapshot = bench.replica.snapshot(PERSON)
    assert snapshot is not None
    assert snapshot.sources[0].available_amount == 0
    assert snapshot.debt_amount == LUNCH_AMOUNT - 200


def test_no_more_is_claimed_than_the_payer_signed_for(make: Make) -> None:
    little = structs.replace(BANK, claim_cap_amount=LUNCH_AMOUNT - 201)
    bench = make(person={"funding": (FUNDING[0], little)}, balance=200)
    bench.serve()
    bench.server.is_up = False
    bench.card()
    assert bench.phase is Phase.DECLINED
    assert bench.view.code == "limits.offline_claim"
    assert bench.accepted == []


def test_a_bank_that_does_not_answer_in_the_budget_makes_it_a_claim_under_the_same_id(
    bench: Bench,
) -> None:
    bench.server.says = lambda request: answer(request, Outcome.AWAITING)
    bench.card()
    assert bench.phase is Phase.APPROVED
    (acceptance,) = bench.accepted
    assert acceptance.mode is Mode.OFFLINE
    assert acceptance.request.intent.payment_id == bench.server.requests[0].intent.payment_id


def test_over_the_cap_a_bank_that_does_not_answer_ends_in_a_cancellation(make: Make) -> None:
    bench = make(person={"funding": FUNDING, "debt_limit": 0}, balance=0, price=2_500)
    bench.serve()
    bench.server.says = lambda request: answer(request, Outcome.AWAITING)
    bench.card()
    assert bench.phase is Phase.DECLINED
    assert len(bench.records(RecordKind.CANCELLATION)) == 1

"""Rules 8 and 13 of settlement can fail: broken by SQL, the audit names each; unbroken, none."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F

from domain.settlement_states import PayoutEvent
from server.audit.run_audit import run_audit
from server.ledger.models import Account
from server.merchants.models import Receiver, SplitRule
from server.settlement.models import AgentShare, Batch, DayClose, Item, Payout
from server.settlement.settle_payout import Word, settle_payout
from tests.factories.server_rows import Rows
from tests.factories.settled import Trading

EIGHT, THIRTEEN = "r08_settlement", "r13_digests"


@pytest.fixture
def trading(database: str) -> Trading:
    """Three days with agents and a landlord: paid, failed, disputed, refunded, not yet closed."""
    made = Trading(Rows())
    rows = made.rows
    (near,) = made.agents(4_500)
    made.bank_account()
    made.bank_account("agent", near.id)
    landlord = Receiver.objects.create(
        id=rows.id(), organisation=rows.organisation, code="landlord", name="后勤处"
    )
    SplitRule.objects.create(
        id=rows.id(), organisation=rows.organisation, merchant=rows.merchant, receiver=landlord,
        rate_ppm=80_000, starts_on=made.day,
    )  # fmt: skip
    sale = made.sell(10_000)
    made.sell(700, side="disputed")
    next_day(made, near.id)
    payout = Payout.objects.get(payee_kind="merchant")
    settle_payout(payout, Word(PayoutEvent.SUBMIT), made.now)
    settle_payout(payout, Word(PayoutEvent.FAIL), made.now)
    made.give_back(sale, 4_000)
    made.sell(500, late_days=1)
    next_day(made, near.id)
    made.sell(900)
    return made


def next_day(trading: Trading, agent: Any) -> None:
    trading.end_day()
    trading.close()
    trading.settle()
    trading.settle(kind="agent", payee=agent)


def broken(trading: Trading) -> set[str]:
    return set(run_audit(trading.now).broken) & {EIGHT, THIRTEEN}


def test_sound_settlement_breaks_no_rule(trading: Trading) -> None:
    assert broken(trading) == set()


def test_a_payable_that_settlement_cannot_explain_is_found(trading: Trading) -> None:
    Account.objects.filter(id=trading.payable.id).update(balance=F("balance") + 1)
    assert broken(trading) == {EIGHT}


@pytest.mark.parametrize("kind", ["commission", "payable"], ids=["agent", "receiver"])
def test_another_payees_account_that_nobody_can_explain_is_found(
    trading: Trading, kind: str
) -> None:
    owners = ("agent", "receiver")
    Account.objects.filter(kind=kind, owner_kind__in=owners).update(balance=F("balance") + 1)
    assert broken(trading) == {EIGHT}


def test_a_payout_in_transit_that_nobody_made_is_found(trading: Trading) -> None:
    Account.objects.filter(kind="payout_in_transit").update(balance=F("balance") + 1)
    assert broken(trading) == {EIGHT}


def test_a_payout_said_to_be_confirmed_without_its_posting_is_found(trading: Trading) -> None:
    Payout.objects.filter(state="created", payee_kind="merchant").update(state="succeeded")
    assert broken(trading) == {EIGHT}


def test_an_item_taken_out_of_its_batch_is_found(trading: Trading) -> None:
    item = Item.objects.filter(batch__isnull=False).first()
    assert item is not None
    Item.objects.filter(id=item.id).update(batch=None)
    assert broken(trading) == {EIGHT}


def test_an_item_that_is_not_its_posting_is_found(trading: Trading) -> None:
    Item.objects.filter(amount=500).update(amount=501)
    assert EIGHT in broken(trading)


def test_a_disputed_sale_that_is_settled_is_found(trading: Trading) -> None:
    from server.ledger.models import Posting

    disputed = Account.objects.get(kind="disputed")
    transfer = Posting.objects.get(account=disputed.id).transfer
    Item.objects.filter(amount=500).update(transfer=transfer)
    assert EIGHT in broken(trading)


def test_a_batch_that_took_over_something_else_is_found(trading: Trading) -> None:
    batch = Batch.objects.filter(payee_kind="merchant").order_by("due_on").last()
    assert batch is not None
    Batch.objects.filter(id=batch.id).update(
        carried_in_amount=F("carried_in_amount") + 1, net_amount=F("net_amount") + 1,
        carried_out_amount=F("carried_out_amount") + 1,
    )  # fmt: skip
    assert broken(trading) == {EIGHT}


def test_a_payout_of_another_amount_is_found(trading: Trading) -> None:
    Payout.objects.filter(payee_kind="agent").update(amount=F("amount") + 1)
    assert broken(trading) == {EIGHT}


def test_an_agents_share_that_was_not_posted_is_found(trading: Trading) -> None:
    share = AgentShare.objects.first()
    assert share is not None
    AgentShare.objects.filter(id=share.id).update(amount=F("amount") + 1)
    assert EIGHT in broken(trading)


def test_a_posting_into_a_closed_day_is_found(trading: Trading) -> None:
    yesterday = trading.day - timedelta(days=1)
    trading.move(
        "adjustment", trading.rows.id(), "adjusted", {trading.payable: 5}, yesterday, yesterday
    )
    findings = [found.text for found in run_audit(trading.now).findings if found.rule == THIRTEEN]
    assert any("closed day, without being in it" in text for text in findings)
    assert any("digest" in text for text in findings)


def test_what_came_into_a_closed_day_is_settled_all_the_same(trading: Trading) -> None:
    yesterday = trading.day - timedelta(days=1)
    trading.move(
        "adjustment", trading.rows.id(), "adjusted", {trading.payable: 5}, yesterday, yesterday
    )
    trading.end_day()
    trading.close()
    assert Item.objects.filter(amount=5).exists()
    assert broken(trading) == {THIRTEEN}


def test_a_digest_that_was_touched_is_found(trading: Trading) -> None:
    DayClose.objects.filter(item_count=1).update(digest="0" * 64)
    assert broken(trading) == {THIRTEEN}


def test_a_day_that_vanished_is_found(trading: Trading) -> None:
    trading.end_day()
    trading.close()
    middle = DayClose.objects.order_by("booked_on")[1]
    DayClose.objects.filter(id=middle.id).update(merchant=trading.rows.id())
    assert THIRTEEN in broken(trading)


def test_sums_of_a_day_that_are_not_its_items_are_found(trading: Trading) -> None:
    DayClose.objects.update(sale_amount=F("sale_amount") + 1, net_amount=F("net_amount") + 1)
    assert broken(trading) == {THIRTEEN}


def test_fees_that_income_never_got_are_found(trading: Trading) -> None:
    DayClose.objects.update(agent_amount=F("agent_amount") + 1)
    assert broken(trading) == {THIRTEEN}

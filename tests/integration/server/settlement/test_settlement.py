"""A merchant's days are closed once, its batches made once, its payouts moved once."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.errors import Refused
from domain.fees import RateCard
from domain.settlement_states import PayoutEvent, PayoutState
from server.cases.models import Case
from server.merchants.models import Receiver, SplitRule
from server.settlement.accounts import fee_income, in_transit, payee_account
from server.settlement.close_day import close_day
from server.settlement.make_batch import batch_id
from server.settlement.models import Addendum, AgentShare, Batch, DayClose, Item, Payout
from server.settlement.settle_due import settle_due
from server.settlement.settle_payout import Word, settle_payout
from server.wallets.accounts import bank_account
from tests.factories.server_rows import Rows
from tests.factories.settled import Trading


@pytest.fixture
def trading(database: str) -> Trading:
    """A merchant at a channel for 0.6 %, paid to a bank account at T+1. Today is a Monday."""
    made = Trading(Rows())
    made.bank_account()
    return made


def next_day(trading: Trading) -> None:
    trading.end_day()
    assert trading.close()


def only_payout() -> Payout:
    return Payout.objects.get()


def paid(trading: Trading, amount: int = 10_000) -> Payout:
    """A payout that is with the bank."""
    trading.sell(amount)
    next_day(trading)
    assert trading.settle()
    payout = only_payout()
    settle_payout(payout, Word(PayoutEvent.SUBMIT), trading.now)
    return payout


def test_a_closed_day_has_sales_refunds_fees_and_a_net(trading: Trading) -> None:
    sale = trading.sell(10_000)
    trading.sell(5_000)
    trading.give_back(sale, 2_500)
    trading.adjust(-100)
    next_day(trading)
    day = DayClose.objects.get()
    assert (day.sale_amount, day.refund_amount, day.adjustment_amount) == (15_000, 2_500, -100)
    assert day.fee_amount == 60 + 30 - 15
    assert day.net_amount == 15_000 - 2_500 - 100 - 75 == trading.balance(trading.payable)
    assert trading.balance(fee_income(trading.organisation)) == 75
    assert day.item_count == Item.objects.count() == 4


def test_a_day_is_closed_once_however_often_it_is_asked_for(trading: Trading) -> None:
    trading.sell(10_000)
    next_day(trading)
    assert not trading.close()
    assert DayClose.objects.count() == 1
    assert trading.balance(trading.payable) == 9_940


def test_a_day_that_is_not_over_stays_open(trading: Trading) -> None:
    with pytest.raises(Refused, match="day_open"):
        close_day(trading.organisation, trading.merchant, trading.day, trading.now)


def test_no_day_is_left_out(trading: Trading) -> None:
    next_day(trading)
    trading.end_day()
    trading.end_day()
    with pytest.raises(Refused, match="out_of_order"):
        trading.close()


def test_a_day_without_trade_is_closed_too(trading: Trading) -> None:
    next_day(trading)
    assert DayClose.objects.get().net_amount == 0


def test_what_was_sold_after_the_end_of_a_day_is_not_in_it(trading: Trading) -> None:
    trading.sell(10_000)
    trading.end_day()
    trading.sell(3_000)
    assert trading.close()
    assert DayClose.objects.get().sale_amount == 10_000
    next_day(trading)
    assert DayClose.objects.latest("booked_on").sale_amount == 3_000


def test_a_refund_on_a_later_day_gives_its_part_of_the_fee_back(trading: Trading) -> None:
    sale = trading.sell(10_000)
    next_day(trading)
    trading.give_back(sale, 3_333)
    next_day(trading)
    trading.give_back(sale, 6_667)
    next_day(trading)
    assert [day.fee_amount for day in DayClose.objects.order_by("booked_on")] == [60, -19, -41]
    assert trading.balance(trading.payable) == 0


def test_a_late_sale_settles_next_under_its_own_day_and_the_closed_report_says_so(
    trading: Trading,
) -> None:
    trading.sell(10_000)
    next_day(trading)
    trading.sell(2_000, late_days=1)
    trading.sell(1_000)
    next_day(trading)
    first, second = DayClose.objects.order_by("booked_on")
    assert (first.sale_amount, second.sale_amount) == (10_000, 3_000)
    addendum = Addendum.objects.get()
    assert (addendum.day_id, addendum.taken_by_id) == (first.id, second.id)
    assert (addendum.item_count, addendum.amount, addendum.fee_amount) == (1, 2_000, 12)
    assert Item.objects.get(amount=2_000).business_on == first.booked_on


def test_a_disputed_sale_is_no_item(trading: Trading) -> None:
    trading.sell(10_000, side="disputed")
    next_day(trading)
    assert not Item.objects.exists()
    assert DayClose.objects.get().sale_amount == 0


def test_agents_get_the_difference_between_price_and_cost(trading: Trading) -> None:
    near, far = trading.agents(4_500, 4_000)
    sale = trading.sell(10_000)
    next_day(trading)
    assert {s.agent: s.amount for s in AgentShare.objects.all()} == {near.id: 15, far.id: 5}
    assert trading.balance(fee_income(trading.organisation)) == 40
    trading.give_back(sale, 10_000)
    next_day(trading)
    assert trading.balance(payee_account(trading.organisation, "agent", near.id)) == 0
    assert trading.balance(fee_income(trading.organisation)) == 0


def test_an_agent_is_paid_what_it_earned(trading: Trading) -> None:
    (near,) = trading.agents(4_500)
    trading.bank_account("agent", near.id)
    trading.sell(10_000)
    next_day(trading)
    assert trading.settle(kind="agent", payee=near.id)
    assert only_payout().amount == 15
    assert trading.balance(payee_account(trading.organisation, "agent", near.id)) == 0


def test_one_agents_trouble_keeps_nobody_else_waiting(trading: Trading) -> None:
    near, far = sorted(trading.agents(4_500, 4_000), key=lambda agent: agent.id)
    for agent in (near, far):
        trading.bank_account("agent", agent.id)
    trading.sell(10_000)
    next_day(trading)
    day = trading.now.date()
    taken = batch_id(trading.organisation, "agent", near.id, day)
    Batch.objects.create(
        id=taken, organisation=trading.organisation, payee_kind="agent", payee=taken, due_on=day,
        made_at=trading.now, net_amount=0, state="carried",
    )  # fmt: skip
    done = settle_due(trading.organisation, trading.now, trading.rows.random)
    assert [str(near.id) in trouble for trouble in done.troubles] == [True]
    assert Payout.objects.filter(payee=far.id).count() == 1
    assert not Payout.objects.filter(payee=near.id).exists()


def test_what_is_due_today_is_paid_early_in_the_morning_of_the_merchant(trading: Trading) -> None:
    trading.sell(10_000)
    next_day(trading)
    due_on = Item.objects.get().due_on
    # Six o'clock in Beijing, when it still is the day before in UTC
    early = datetime.combine(due_on, time(6), ZoneInfo("Asia/Shanghai")).astimezone(UTC)
    assert early.date() < due_on
    done = settle_due(trading.organisation, early, trading.rows.random)
    assert (done.batches, done.troubles) == (1, [])
    assert only_payout().amount == 9_940


def test_what_is_due_is_paid_out_and_in_transit_until_the_bank_confirms(trading: Trading) -> None:
    payout = paid(trading)
    assert payout.amount == 9_940
    assert trading.balance(trading.payable) == 0
    assert trading.balance(in_transit(trading.organisation)) == 9_940
    assert settle_payout(payout, Word(PayoutEvent.SUCCEED), trading.now) is PayoutState.SUCCEEDED
    assert trading.balance(in_transit(trading.organisation)) == 0
    assert trading.balance(bank_account(trading.organisation)) == 9_940
    assert Batch.objects.get().state == "paid"


def test_a_batch_is_made_once(trading: Trading) -> None:
    paid(trading)
    assert not trading.settle()
    assert Batch.objects.count() == Payout.objects.count() == 1


def test_an_earlier_batch_cannot_be_made_after_a_later_one(trading: Trading) -> None:
    paid(trading)
    with pytest.raises(Refused, match="out_of_order"):
        trading.settle(due_on=trading.day - timedelta(days=1))


def test_what_is_not_due_yet_waits(database: str) -> None:
    trading = Trading(Rows(), card=None)
    trading.bank_account()
    trading.contract(RateCard(), cycle_days=2)
    trading.sell(10_000)
    next_day(trading)
    assert not trading.settle()
    next_day(trading)
    assert trading.settle()


def test_a_negative_net_is_carried_into_the_next_batch(trading: Trading) -> None:
    sale = trading.sell(10_000)
    next_day(trading)
    trading.settle()
    trading.give_back(sale, 10_000)
    trading.sell(2_000)
    next_day(trading)
    assert trading.settle()
    owing = Batch.objects.latest("due_on")
    assert (owing.net_amount, owing.carried_out_amount, owing.state) == (-7_952, -7_952, "carried")
    trading.sell(20_000)
    next_day(trading)
    assert trading.settle()
    assert Batch.objects.latest("due_on").payout_amount == 20_000 - 120 - 7_952


def test_a_net_below_the_least_waits_for_more(trading: Trading) -> None:
    trading.terms(least_amount=5_000)
    trading.sell(4_000)
    next_day(trading)
    trading.settle()
    trading.sell(4_000)
    next_day(trading)
    trading.settle()
    assert only_payout().amount == 8_000 - 48


def test_without_a_bank_account_money_stays_where_it_is(database: str) -> None:
    trading = Trading(Rows())
    trading.sell(10_000)
    next_day(trading)
    trading.settle()
    assert not Payout.objects.exists()
    assert trading.balance(trading.payable) == Batch.objects.get().carried_out_amount == 9_940


def test_third_parties_get_their_share_of_a_net(trading: Trading) -> None:
    rows = trading.rows
    landlord = Receiver.objects.create(
        id=rows.id(), organisation=rows.organisation, code="landlord", name="后勤处"
    )
    SplitRule.objects.create(
        id=rows.id(), organisation=rows.organisation, merchant=rows.merchant, receiver=landlord,
        rate_ppm=80_000, starts_on=trading.day,
    )  # fmt: skip
    trading.sell(10_000)
    next_day(trading)
    trading.settle()
    account = payee_account(trading.organisation, "receiver", landlord.id)
    assert trading.balance(account) == 795
    assert only_payout().amount == 9_940 - 795
    trading.bank_account("receiver", landlord.id)
    assert trading.settle(kind="receiver", payee=landlord.id)
    assert trading.balance(account) == 0


def test_a_payout_that_failed_is_paid_again_by_the_next_batch(trading: Trading) -> None:
    payout = paid(trading)
    settle_payout(payout, Word(PayoutEvent.FAIL, "account_closed"), trading.now)
    assert trading.balance(trading.payable) == 9_940
    assert Batch.objects.get().state == "returned"
    next_day(trading)
    assert trading.settle()
    assert Payout.objects.latest("made_at").amount == 9_940
    assert Item.objects.filter(kind="payout").count() == 1


@pytest.mark.parametrize("is_confirmed", [True, False], ids=["confirmed", "unheard of"])
def test_a_returned_payout_comes_back_less_what_the_bank_took(
    trading: Trading, *, is_confirmed: bool
) -> None:
    payout = paid(trading)
    if is_confirmed:
        settle_payout(payout, Word(PayoutEvent.SUCCEED), trading.now)
    word = Word(PayoutEvent.RETURN, "name_differs", "R1", bank_fee_amount=200)
    assert settle_payout(payout, word, trading.now) is PayoutState.RETURNED
    assert trading.balance(trading.payable) == 9_740
    assert trading.balance(bank_account(trading.organisation)) == 200
    assert trading.balance(in_transit(trading.organisation)) == 0


def test_the_same_word_twice_moves_money_once(trading: Trading) -> None:
    payout = paid(trading)
    for _ in range(3):
        settle_payout(payout, Word(PayoutEvent.SUCCEED), trading.now)
    assert trading.balance(bank_account(trading.organisation)) == 9_940
    assert not Case.objects.exists()


def test_a_word_that_contradicts_the_last_is_a_case(trading: Trading) -> None:
    payout = paid(trading)
    settle_payout(payout, Word(PayoutEvent.FAIL), trading.now)
    settle_payout(payout, Word(PayoutEvent.SUCCEED), trading.now)
    assert Case.objects.get().kind == "payout_contradiction"
    assert trading.balance(trading.payable) == 9_940

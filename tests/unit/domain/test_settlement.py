"""The rules of settlement: calendars, trading days, fees by position, shares, nets."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.fees import RateCard, RefundRule, Tier
from domain.settlement_calendar import MAX_CYCLE_DAYS, BankCalendar
from domain.settlement_days import CLOSING_GRACE, TradingDay, last_over, open_day
from domain.settlement_net import Net, Trade, agent_shares, position, split_net

SHANGHAI = TradingDay(ZoneInfo("Asia/Shanghai"), time(4))
FRIDAY = date(2026, 11, 20)
NATIONAL_WEEK = BankCalendar(
    holidays=frozenset(date(2026, 10, day) for day in range(1, 8)),
    worked_days=frozenset({date(2026, 10, 10)}),
)


def test_t_plus_one_of_a_friday_is_monday() -> None:
    assert BankCalendar().due_on(FRIDAY, 1) == date(2026, 11, 23)


def test_t_plus_one_of_a_sunday_is_the_monday_after_it() -> None:
    assert BankCalendar().due_on(date(2026, 11, 22), 1) == date(2026, 11, 23)


def test_t_plus_nothing_waits_for_the_first_open_day() -> None:
    assert BankCalendar().due_on(date(2026, 11, 22), 0) == date(2026, 11, 23)
    assert BankCalendar().due_on(FRIDAY, 0) == FRIDAY


def test_a_holiday_puts_off_and_a_worked_saturday_counts() -> None:
    assert NATIONAL_WEEK.due_on(date(2026, 9, 30), 1) == date(2026, 10, 8)
    assert NATIONAL_WEEK.due_on(date(2026, 10, 9), 1) == date(2026, 10, 10)


@pytest.mark.parametrize("days", [-1, MAX_CYCLE_DAYS + 1])
def test_a_cycle_that_cannot_be_meant_is_refused(days: int) -> None:
    with pytest.raises(ValueError, match="cycle_days"):
        BankCalendar().due_on(FRIDAY, days)


def test_a_calendar_that_never_opens_is_refused() -> None:
    with pytest.raises(ValueError, match="no open day"):
        BankCalendar(weekend=frozenset(range(7))).first_open(FRIDAY)


def test_a_sale_before_the_cut_off_belongs_to_the_day_before() -> None:
    assert SHANGHAI.day_at(datetime(2026, 11, 22, 19, 59, tzinfo=UTC)) == date(2026, 11, 22)
    assert SHANGHAI.day_at(datetime(2026, 11, 22, 20, 0, tzinfo=UTC)) == date(2026, 11, 23)


def test_a_day_is_over_after_its_grace_and_not_before() -> None:
    end = SHANGHAI.ends_at(date(2026, 11, 22))
    assert end == datetime(2026, 11, 22, 20, 0, tzinfo=UTC)
    assert last_over([SHANGHAI], end + CLOSING_GRACE) == date(2026, 11, 22)
    assert last_over([SHANGHAI], end + CLOSING_GRACE - timedelta(seconds=1)) == date(2026, 11, 21)


def test_a_day_is_over_when_it_is_over_in_every_zone_of_the_merchant() -> None:
    urumqi = TradingDay(ZoneInfo("Asia/Kashgar"), time(4))
    now = SHANGHAI.ends_at(FRIDAY) + CLOSING_GRACE
    assert last_over([SHANGHAI, urumqi], now) == date(2026, 11, 19)
    assert open_day([SHANGHAI, urumqi], now) == date(2026, 11, 21)


def test_a_cut_off_that_comes_twice_ends_the_day_the_second_time() -> None:
    berlin = TradingDay(ZoneInfo("Europe/Berlin"), time(2, 30))
    end = berlin.ends_at(date(2026, 10, 24))
    assert end == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert berlin.day_at(end - timedelta(minutes=1)) == date(2026, 10, 24)
    assert berlin.day_at(end) == date(2026, 10, 25)


def test_a_cut_off_that_is_skipped_ends_the_day_after_the_gap() -> None:
    berlin = TradingDay(ZoneInfo("Europe/Berlin"), time(2, 30))
    end = berlin.ends_at(date(2026, 3, 28))
    assert berlin.day_at(end) == date(2026, 3, 29)


def test_a_fee_that_was_fixed_before_is_not_reckoned_again() -> None:
    card = RateCard(rate_ppm=6_000)
    assert position(card, Trade(10_000)) == 60
    assert position(card, Trade(10_000), fee_amount=55) == 55
    assert position(card, Trade(10_000, 5_000), fee_amount=55) == 28
    assert position(card, Trade(0)) == 0


def test_a_fee_comes_back_when_the_card_says_so() -> None:
    kept = RateCard(rate_ppm=6_000, refund=RefundRule.KEPT)
    whole = RateCard(rate_ppm=6_000, refund=RefundRule.WHEN_WHOLE)
    assert position(kept, Trade(10_000, 10_000)) == 60
    assert position(whole, Trade(10_000, 9_999)) == 60
    assert position(whole, Trade(10_000, 10_000)) == 0


def test_fixed_minimum_cap_and_tiers_count_in_a_position() -> None:
    card = RateCard(
        rate_ppm=6_000, fixed_amount=1, minimum_amount=10, cap_amount=80,
        tiers=(Tier(5_000, 4_000),),
    )  # fmt: skip
    assert [position(card, Trade(amount)) for amount in (100, 4_000, 5_000, 50_000)] == [
        10, 25, 20, 80,
    ]  # fmt: skip


@pytest.mark.parametrize("trade", [(5, 6), (5, -1), (-1, 0)])
def test_more_cannot_go_back_than_was_paid(trade: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="returned"):
        Trade(*trade)


def test_agents_keep_the_difference_between_price_and_cost() -> None:
    assert agent_shares(60, [45, 40]) == (15, 5, 40)
    assert agent_shares(60, []) == (60,)


def test_an_agent_whose_cost_is_above_the_price_keeps_nothing() -> None:
    assert agent_shares(60, [75, 40]) == (0, 20, 40)
    assert agent_shares(60, [-5]) == (60, 0)
    assert agent_shares(-10, [5]) == (0, -10)


def test_third_parties_get_whole_fen_and_the_merchant_the_rest() -> None:
    assert split_net(1_001, [80_000, 20_000]) == (80, 20)
    assert split_net(-5, [80_000]) == (0,)


@pytest.mark.parametrize("rates", [[-1], [600_000, 400_001]], ids=["negative", "too much"])
def test_nobody_gives_away_more_than_everything(rates: list[int]) -> None:
    with pytest.raises(ValueError, match="rates"):
        split_net(100, rates)


def test_a_net_that_is_negative_is_carried_and_never_clamped() -> None:
    owing = Net(sale_amount=100, refund_amount=300, fee_amount=2)
    assert owing.paid() == (0, -202)
    assert Net(sale_amount=500, carried_amount=-202, discount_amount=8).paid() == (290, 0)


def test_a_net_too_small_to_pay_waits() -> None:
    assert Net(sale_amount=90, adjustment_amount=9).paid(least_amount=100) == (0, 99)
    assert Net().paid() == (0, 0)

"""For any trade: fees do not depend on how refunds are cut up, and every share adds up."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.fees import RateCard, RefundRule
from domain.settlement_calendar import BankCalendar
from domain.settlement_net import Net, Trade, agent_shares, position, split_net

AMOUNTS = st.integers(0, 10**9)
CARDS = st.builds(
    RateCard,
    rate_ppm=st.integers(0, 50_000),
    fixed_amount=st.integers(0, 500),
    minimum_amount=st.integers(0, 100),
    refund=st.sampled_from(RefundRule),
)


@given(CARDS, st.lists(AMOUNTS, min_size=1, max_size=6))
def test_the_parts_of_a_fee_that_come_back_add_up(card: RateCard, parts: list[int]) -> None:
    paid, returned, charged = sum(parts), 0, 0
    charged += position(card, Trade(paid))
    for part in parts:
        before = position(card, Trade(paid, returned))
        returned += part
        charged += position(card, Trade(paid, returned)) - before
    assert charged == position(card, Trade(paid, paid))


@given(st.integers(0, 10**9), st.lists(st.integers(-10, 10**9), max_size=5))
def test_agents_and_we_share_a_fee_to_the_fen(fee_amount: int, costs: list[int]) -> None:
    shares = agent_shares(fee_amount, costs)
    assert sum(shares) == fee_amount
    assert min(shares) >= 0


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(0, 200_000), max_size=5))
def test_nobody_is_given_what_the_merchant_does_not_have(net: int, rates: list[int]) -> None:
    given_away = split_net(net, rates)
    assert all(part >= 0 for part in given_away)
    assert sum(given_away) <= max(net, 0)


@given(st.lists(st.integers(-(10**6), 10**6), max_size=30), st.integers(0, 10**6))
def test_what_is_paid_and_carried_is_all_there_was(moves: list[int], least_amount: int) -> None:
    carried = paid_amount = 0
    for move in moves:
        paid, carried = Net(adjustment_amount=move, carried_amount=carried).paid(least_amount)
        paid_amount += paid
    assert paid_amount + carried == sum(moves)


@given(
    st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    st.integers(0, 30),
    st.frozensets(st.dates(date(2020, 1, 1), date(2030, 1, 1)), max_size=20),
)
def test_a_due_day_is_open_and_never_before_the_trade(
    traded_on: date, cycle_days: int, holidays: frozenset[date]
) -> None:
    calendar = BankCalendar(holidays)
    due = calendar.due_on(traded_on, cycle_days)
    assert calendar.is_open(due)
    between = (traded_on + timedelta(days=n) for n in range(1, (due - traded_on).days + 1))
    assert sum(map(calendar.is_open, between)) >= cycle_days
    assert due >= traded_on

"""What went back of each leg: last first, meals whole, never more than is left."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from server.ledger.commands import AccountKey
from server.payments.legs import Leg, give_back, left_of, read_legs, write_legs

ORGANISATION, OWNER = UUID(int=1), UUID(int=2)


def leg(kind: str, amount: int, unit: str = "CNY", units: int | None = None) -> Leg:
    account = AccountKey(ORGANISATION, "person", OWNER, kind, unit)
    return Leg(account, amount, amount if units is None else units)


def test_what_was_spent_last_comes_back_first() -> None:
    legs = (leg("subsidy", 500), leg("cash", 300))
    after, parts, rest = give_back(legs, 400)
    assert [(part.leg.account.kind, part.amount) for part in parts] == [
        ("cash", 300), ("subsidy", 100),
    ]  # fmt: skip
    assert (left_of(after), rest) == (400, 0)


def test_a_meal_goes_back_whole_or_not_at_all() -> None:
    legs = (leg("meal", 2_400, "MEAL", 2),)
    after, parts, rest = give_back(legs, 1_500)
    assert [(part.amount, part.units) for part in parts] == [(1_200, 1)]
    assert (left_of(after), rest) == (1_200, 300)


def test_more_than_is_left_stays_over() -> None:
    assert give_back((leg("cash", 100),), 150)[2] == 50


def test_legs_survive_being_stored() -> None:
    legs, _, _ = give_back((leg("subsidy", 500), leg("meal", 900, "MEAL", 1)), 900)
    assert read_legs(write_legs(legs)) == legs


@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=5), st.lists(st.integers(1, 9_000)))
def test_nothing_is_lost_or_made_by_any_number_of_refunds(
    amounts: list[int], refunds: list[int]
) -> None:
    legs: tuple[Leg, ...] = tuple(leg(f"k{n}", amount) for n, amount in enumerate(amounts))
    given_back = 0
    for refund in refunds:
        legs, parts, rest = give_back(legs, refund)
        assert sum(part.amount for part in parts) + rest == refund
        given_back += refund - rest
    assert left_of(legs) + given_back == sum(amounts)

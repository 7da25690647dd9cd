"""How far a counter may go alone."""

from dataclasses import replace

import pytest

from domain.offline_policy import (
    Assurance,
    Caps,
    OfflinePolicy,
    OfflineUsed,
    exposure_amount,
    remaining,
    with_supervisor_extension,
)

POLICY = OfflinePolicy(
    version=3,
    caps={Assurance.CARD_UID: Caps(2_000, 3_000), Assurance.MUTUAL_CARD: Caps(5_000, 20_000)},
    terminal_count=100,
    terminal_amount=100_000,
    max_age_s=86_400,
    extension_count=50,
    extension_amount=40_000,
)


def test_assurance_goes_from_a_typed_number_to_a_mutual_card():
    assert list(Assurance) == sorted(Assurance)
    assert Assurance.CARD_UID < Assurance.SIGNED_CODE < Assurance.FACE_LIVE < Assurance.MUTUAL_CARD


def test_nothing_used_leaves_everything():
    left = remaining(POLICY, OfflineUsed(), Assurance.MUTUAL_CARD)
    assert (left.payment_amount, left.person_amount) == (5_000, 20_000)
    assert (left.sales_count, left.terminal_amount, left.is_near_cap) == (100, 100_000, False)
    assert left.amount == 5_000


def test_the_tightest_cap_bounds_the_next_payment():
    used = OfflineUsed(person_amount=2_500, terminal_count=1, terminal_amount=2_500)
    assert remaining(POLICY, used, Assurance.CARD_UID).amount == 500
    nearly = OfflineUsed(terminal_amount=99_900)
    assert remaining(POLICY, nearly, Assurance.CARD_UID).amount == 100


def test_no_room_is_never_negative():
    used = OfflineUsed(person_amount=10**9, terminal_count=10**6, terminal_amount=10**9)
    left = remaining(POLICY, used, Assurance.CARD_UID)
    assert (left.person_amount, left.terminal_amount, left.sales_count, left.amount) == (0, 0, 0, 0)


def test_a_credential_without_caps_may_not_pay_offline():
    assert remaining(POLICY, OfflineUsed(), Assurance.NUMBER).amount == 0


@pytest.mark.parametrize(
    ("count", "amount", "is_near"),
    [(79, 0, False), (80, 0, True), (0, 79_999, False), (0, 80_000, True)],
)
def test_the_last_fifth_is_near_the_cap(count, amount, is_near):
    used = OfflineUsed(terminal_count=count, terminal_amount=amount)
    assert remaining(POLICY, used, Assurance.CARD_UID).is_near_cap is is_near


def test_a_supervisor_extends_once():
    once = with_supervisor_extension(POLICY)
    assert (once.terminal_count, once.terminal_amount) == (150, 140_000)
    assert with_supervisor_extension(once) == once


def test_exposure_is_counters_times_the_largest_cap():
    assert exposure_amount(POLICY, 6) == 120_000
    assert exposure_amount(replace(POLICY, caps={}), 6) == 0

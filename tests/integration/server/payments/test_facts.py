"""Who bears an accepted sale: the payer within the policy that terminal held, else nobody yet."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.authorization import PersonState
from domain.offline_policy import Assurance, Caps
from server.cases.models import Case
from server.catalogue.models import MealPeriod
from server.ledger.models import Counter
from server.payments.models import Payment, Refund
from server.people.models import Card, Person
from server.wallets.grant_subsidy import grant_subsidy
from server.wallets.models import Grant
from sync.messages import CredentialKind, Evidence, Line, Mode, Outcome, PaymentRequest, Status
from tests.factories.payments import POLICY, Till, run, write_policy
from tests.factories.wallet_codes import Phone

DISPUTED = {"organisation/suspense_short": -1_200, "merchant/disputed": 1_200}
PAID = {"person/cash": -1_200, "merchant/payable": 1_200}


def cases(till: Till) -> list[str]:
    rows = Case.objects.filter(organisation=till.organisation, closed_at=None)
    return sorted(rows.values_list("kind", flat=True))


def by_card(till: Till, uid: bytes = b"\x04\x01\x02\x03") -> dict[str, Any]:
    card = Card.objects.filter(organisation_id=till.organisation).first()
    card = card or till.rows.new_card(till.person, uid)
    evidence = Evidence(credential=CredentialKind.CARD, assurance=int(Assurance.CARD_UID))
    return {"payer": f"card:{card.card_key}", "evidence": evidence}


def test_purses_are_drawn_in_spending_order_to_their_floors_then_debt(till: Till) -> None:
    grant = give(till, 700)
    sale = till.request(total=6_000)
    write_policy(till.rows, replace(POLICY, version=2, caps=dict.fromkeys(Assurance, WIDE)))
    till.accept(sale, policy_version=2)
    assert till.net(sale) == {
        "grant_share/subsidy": -700, "person/cash": -5_000, "person/debt": -300,
        "merchant/payable": 6_000,
    }  # fmt: skip
    till.refund(sale, 5_500)
    assert till.net(sale) == {
        "grant_share/subsidy": -500, "merchant/payable": 500,
    }  # fmt: skip
    assert grant.name


WIDE = Caps(9_000, 20_000)


def give(till: Till, amount: int) -> Grant:
    grant = Grant.objects.create(
        id=till.rows.id(), organisation=till.organisation, name="补助", starts_at=till.now,
        created_at=till.now,
    )  # fmt: skip
    for command in grant_subsidy(
        grant, [till.person.id], amount, at=till.now, business_on=till.now.date()
    ):
        run(command)
    return grant


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"total": 5_001}, "limits.offline_payment"),
        ({"snapshot_age_s": 8 * 3600 + 1.0}, "limits.snapshot_too_old"),
        ({"policy_version": 99}, "limits.offline_payment"),
    ],
)
def test_what_is_over_a_cap_debits_nobody(till: Till, changes: dict, code: str) -> None:
    till.put_money(till.person.id, 9_000)
    changes = dict(changes)
    sale = till.request(total=changes.pop("total", 1_200))
    booked = till.accept(sale, **changes)
    assert (booked.status, booked.case_kinds) == (Status.APPLIED, ("over_cap",))
    amount = sale.intent.total
    assert till.net(sale) == {
        "organisation/suspense_short": -amount, "merchant/disputed": amount,
    }  # fmt: skip
    case = Case.objects.get(organisation=till.organisation)
    assert (case.data["code"], case.amount) == (code, amount)


def test_the_person_cap_counts_what_the_server_had_not_seen_yet(till: Till) -> None:
    till.put_money(till.person.id, 20_000)
    sales = [till.request(total=4_000) for _ in range(3)]
    till.pass_time(minutes=5)
    for sale in sales:
        till.accept(sale)
    assert cases(till) == ["over_cap"]
    later = till.request(total=4_000)
    till.pass_time(minutes=1)
    till.accept(later)
    assert cases(till) == ["over_cap"]


def test_a_claimed_assurance_beyond_the_credential_debits_nobody(till: Till) -> None:
    evidence = Evidence(credential=CredentialKind.NUMBER, assurance=int(Assurance.MUTUAL_CARD))
    sale = till.request(evidence=evidence, payer=f"number:{till.person.number}")
    till.accept(sale)
    assert (till.net(sale), cases(till)) == (DISPUTED, ["over_cap"])


def test_a_card_counts_for_what_it_was_issued_with_whatever_the_counter_claims(till: Till) -> None:
    caps = {**POLICY.caps, Assurance.CARD_UID: Caps(1_000, 1_000)}
    write_policy(till.rows, replace(POLICY, version=2, caps=caps))
    claimed = Evidence(credential=CredentialKind.CARD, assurance=int(Assurance.MUTUAL_CARD))
    sale = till.request(**(by_card(till) | {"evidence": claimed}))
    till.accept(sale, policy_version=2)
    assert (till.net(sale), cases(till)) == (DISPUTED, ["over_cap"])
    proven = till.request(**(by_card(till) | {"evidence": claimed}))
    Card.objects.filter(organisation_id=till.organisation).update(
        assurance=int(Assurance.MUTUAL_CARD)
    )
    till.accept(proven, policy_version=2)
    assert till.net(proven) == PAID


def test_calling_itself_online_does_not_lift_the_caps(till: Till) -> None:
    sale = till.request()
    till.accept(sale, mode=Mode.ONLINE, policy_version=0)
    assert (till.net(sale), cases(till)) == (DISPUTED, ["over_cap"])


def test_the_servers_own_seal_stands_above_the_caps(till: Till) -> None:
    sale = till.request()
    till.accept(sale, mode=Mode.ONLINE, policy_version=0, server_mac=till.mac(sale))
    assert (till.net(sale), cases(till)) == (PAID, [])


def test_a_card_lost_before_the_sale_debits_nobody_and_one_lost_after_does(till: Till) -> None:
    before, after = till.request(**by_card(till)), till.request(**by_card(till))
    lost_at = till.now
    Card.objects.filter(organisation_id=till.organisation).update(state="lost", lost_at=lost_at)
    till.accept(before)
    assert (till.net(before), cases(till)) == (DISPUTED, ["card_lost"])
    Card.objects.filter(organisation_id=till.organisation).update(
        lost_at=lost_at + timedelta(minutes=1)
    )
    till.accept(after)
    assert till.net(after) == PAID


def test_a_person_frozen_before_the_sale_is_not_debited(till: Till) -> None:
    Person.objects.filter(id=till.person.id).update(
        state=PersonState.FROZEN.value, frozen_at=till.now
    )
    sale = till.request()
    till.accept(sale)
    assert (till.net(sale), cases(till)) == (DISPUTED, ["person_frozen"])


def test_a_revoked_terminal_beyond_its_head_debits_nobody(till: Till) -> None:
    sale = till.request()
    till.accept(sale, beyond_head=True)
    assert (till.net(sale), cases(till)) == (DISPUTED, ["revoked_terminal"])


def test_a_payer_nobody_knows_is_disputed(till: Till) -> None:
    sale = till.request(payer="number:nobody")
    till.accept(sale)
    assert (till.net(sale), cases(till)) == (DISPUTED, ["payer_unknown"])


def test_a_wallet_code_pays_once_online_and_offline(till: Till) -> None:
    shown = Phone(till).evidence(till.now)
    first, second, third = (till.request(**shown) for _ in range(3))
    assert till.online(first).outcome is Outcome.APPROVED
    again = till.online(second)
    assert (again.outcome, again.code) == (Outcome.DECLINED, "codes.replayed")
    till.accept(third)
    assert (till.net(third), cases(till)) == (DISPUTED, ["code_replayed"])


def test_a_wallet_codes_own_cap_holds_offline(till: Till) -> None:
    sale = till.request(**Phone(till, cap_amount=1_000).evidence(till.now))
    till.accept(sale)
    assert (till.net(sale), cases(till)) == (DISPUTED, ["over_cap"])


def test_an_old_or_strange_wallet_code_is_declined_online_and_disputed_offline(till: Till) -> None:
    old = Phone(till).evidence(till.now - timedelta(minutes=5))
    sale = till.request(**old)
    assert till.online(sale).code == "codes.expired"
    fact = till.request(**old)
    till.accept(fact)
    assert (till.net(fact), cases(till)) == (DISPUTED, ["bad_credential"])


def test_an_impossible_time_is_clamped_with_a_case(till: Till) -> None:
    sale = till.request(stamp=till.stamp(till.now + timedelta(days=400)))
    till.accept(sale)
    assert cases(till) == ["clock_impossible"]
    assert till.payment(sale).occurred_at <= till.now + timedelta(minutes=5)


def test_the_second_payment_of_one_order_is_refunded_by_itself(till: Till) -> None:
    first = till.request()
    second = till.request(order_id=first.intent.order_id)
    till.accept(first)
    till.accept(second)
    assert (till.net(first), till.net(second)) == (PAID, {})
    assert (cases(till), Refund.objects.get(organisation=till.organisation).reason) == (
        ["overpay"], "overpay",
    )  # fmt: skip
    assert till.online(till.request(order_id=first.intent.order_id)).code == "payments.overpaid"


# --- prices and portions ---------------------------------------------------------------------


def priced(till: Till, total: int = 1_200, **changes: Any) -> PaymentRequest:
    line = Line(item="meal", name="午餐", quantity=1, unit_amount=total, amount=total)
    return till.request(total=total, lines=(line,), meal_period="lunch", price_version=1, **changes)


def post_price(till: Till, amount: int = 1_200, entitlement: int | None = None) -> None:
    from server.catalogue.models import Price

    prices = till.rows.new_price_list()
    Price.objects.create(
        id=till.rows.id(), organisation=till.rows.organisation, price_list=prices,
        category="student", period="lunch", amount=amount, effective_at=till.now, version=1,
        created_at=till.now,
    )  # fmt: skip
    MealPeriod.objects.create(
        id=till.rows.id(), organisation=till.rows.organisation, store=till.rows.store,
        code="lunch", name_zh="午餐", name_en="Lunch", starts="10:00", ends="14:00",
        entitlement=entitlement,
    )  # fmt: skip


def test_another_price_is_told_before_anything_is_stored(till: Till) -> None:
    post_price(till, amount=1_300)
    sale = priced(till)
    answer = till.online(sale)
    assert (answer.outcome, answer.total) == (Outcome.REPRICED, 1_300)
    assert till.state(sale) == "nothing"


def test_offline_the_counters_total_stands_and_the_difference_is_variance(till: Till) -> None:
    post_price(till, amount=1_300)
    sale = priced(till)
    till.accept(sale)
    assert till.net(sale) == {
        **PAID, "organisation/pricing_variance": -100, "merchant/pricing_variance": 100,
    }  # fmt: skip
    assert cases(till) == ["price_variance"]


def test_a_portion_is_used_once_and_given_back_by_a_cancellation(till: Till) -> None:
    post_price(till, entitlement=1)
    first, second, third = priced(till), priced(till), priced(till)
    assert till.online(first).outcome is Outcome.APPROVED
    assert till.online(second).code == "entitlements.used"
    till.cancel(first)
    assert till.online(third).outcome is Outcome.APPROVED
    fact = priced(till)
    till.accept(fact)
    assert (till.net(fact), cases(till)) == (PAID, ["over_entitlement"])
    assert Counter.objects.get(organisation=till.organisation).used == 2


def test_a_declined_payment_may_be_followed_by_another_of_the_same_order(till: Till) -> None:
    first = till.request(total=9_000)
    till.online(first)
    second = till.request(total=1_000, order_id=first.intent.order_id)
    assert till.online(second).outcome is Outcome.APPROVED
    assert Payment.objects.filter(organisation=till.organisation).count() == 2

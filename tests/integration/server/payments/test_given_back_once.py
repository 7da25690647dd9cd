"""What a sale took is given back once, whichever way it is taken back, and never twice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from msgspec import structs

from domain.offline_policy import Assurance, Caps
from server.cases.models import Case
from server.channels.channel import Declined
from server.ledger.models import Counter, Hold
from server.payments.complete_order import complete_order
from server.payments.models import Refund
from server.payments.refund_payment import plan_refunds
from server.payments.settle_refund import SettleRefund
from server.work.handlers import Claimed
from server.work.models import Due
from sync.messages import (
    CredentialKind,
    Evidence,
    Line,
    Mode,
    Outcome,
    PaymentRequest,
    Tender,
)
from tests.factories.payments import POLICY, Till, run, write_policy
from tests.integration.server.payments.test_facts import post_price, priced


def used(till: Till) -> int:
    return Counter.objects.get(organisation=till.organisation, rule="meal").used


def approved_and_handed_over(till: Till) -> PaymentRequest:
    sale = priced(till)
    assert till.online(sale).outcome is Outcome.APPROVED
    till.accept(sale, mode=Mode.ONLINE, policy_version=0, server_mac=till.mac(sale))
    return sale


# --- portions --------------------------------------------------------------------------------


def test_an_undone_meal_may_be_eaten_after_all(till: Till) -> None:
    post_price(till, entitlement=1)
    sale = approved_and_handed_over(till)
    till.refund(sale, 1_200)
    assert used(till) == 0
    assert till.online(priced(till)).outcome is Outcome.APPROVED


def test_a_part_refunded_meal_was_eaten(till: Till) -> None:
    post_price(till, entitlement=1)
    sale = approved_and_handed_over(till)
    till.refund(sale, 700)
    assert used(till) == 1
    till.refund(sale, 500)
    assert used(till) == 0


def test_a_refund_that_came_before_its_sale_gives_the_portion_back_too(till: Till) -> None:
    post_price(till, entitlement=1)
    sale = priced(till)
    till.refund(sale, 1_200)
    till.accept(sale)
    assert (till.net(sale), used(till)) == ({}, 0)


def test_a_refund_and_then_a_cancellation_give_one_portion_back(till: Till) -> None:
    post_price(till, entitlement=2)
    first, second = priced(till), priced(till)
    assert till.online(first).outcome is Outcome.APPROVED
    assert till.online(second).outcome is Outcome.APPROVED
    till.refund(first, 1_200)
    till.cancel(first)
    assert used(till) == 1


def test_a_cancellation_keeps_the_limit_on_file(till: Till) -> None:
    post_price(till, entitlement=1)
    sale = priced(till)
    till.online(sale)
    till.cancel(sale)
    assert Counter.objects.get(organisation=till.organisation, rule="meal").limit_amount == 1


# --- caps ------------------------------------------------------------------------------------


def test_a_supervisors_extension_raises_the_caps_by_one_step_only(till: Till) -> None:
    till.put_money(till.person.id, 9_000)
    wide = Caps(90_000, 90_000)
    write_policy(till.rows, replace(
        POLICY, version=2, caps=dict.fromkeys(Assurance, wide), terminal_count=2,
        extension_count=1, extension_amount=0,
    ))  # fmt: skip
    sales = [till.request() for _ in range(5)]
    till.pass_time(minutes=1)
    for sale in sales:
        till.accept(sale, policy_version=2)
    debited = [till.net(sale).get("person/cash", 0) for sale in sales]
    assert debited == [-1_200, -1_200, -1_200, 0, 0]


def test_an_age_that_the_counter_could_not_tell_is_not_young(till: Till) -> None:
    sale = till.request()
    till.accept(sale, snapshot_age_s=-1.0)
    assert "person/cash" not in till.net(sale)
    assert Case.objects.get(organisation=till.organisation).data["code"] == (
        "limits.snapshot_too_old"
    )


@pytest.mark.parametrize(
    ("total", "owed"), [(1_200, {"person/debt": -1_200}), (5_001, {})], ids=["within", "past"]
)
def test_a_meal_on_account_is_owed_within_the_caps_and_disputed_past_them(
    till: Till, total: int, owed: dict[str, int]
) -> None:
    till.accept(till.request(total=5_000))
    till.pass_time(hours=1)
    evidence = Evidence(
        credential=CredentialKind.FACE,
        assurance=int(Assurance.FACE_LIVE),
        override_reason="on_account",
    )
    meal = till.request(total=total, evidence=evidence)
    booked = till.accept(meal)
    sides = {"merchant/payable": total} if owed else {
        "organisation/suspense_short": -total, "merchant/disputed": total,
    }  # fmt: skip
    assert till.net(meal) == {**owed, **sides}
    assert booked.case_kinds == (() if owed else ("over_cap",))


# --- holds -----------------------------------------------------------------------------------


def test_a_hold_whose_order_is_uncovered_at_the_last_moment_is_looked_at_again(till: Till) -> None:
    first = till.request(total=700, order_total=1_200)
    till.online(first)
    second = till.request(
        total=500, order_total=1_200, tender=Tender.CASH, order_id=first.intent.order_id
    )
    till.online(second)
    assert till.state(first) == "submitted"

    def cancelled_meanwhile(command: Any) -> Any:
        if till.state(second) == "succeeded":
            till.cancel(second)
        return run(command)

    row = Due.objects.get(organisation=till.organisation, kind="payments.complete")
    due = Claimed(row.id, row.organisation, row.kind, row.subject_id, row.due_at, {}, 1)
    again_at = complete_order(cancelled_meanwhile, due, till.now)
    assert again_at is not None
    late = complete_order(run, due, again_at)
    assert late is not None
    assert complete_order(run, due, late) is None
    assert till.state(first) == "cancelled"
    assert not Hold.objects.filter(organisation=till.organisation, ended_at=None).exists()


# --- lines -----------------------------------------------------------------------------------


@pytest.mark.parametrize("line", [0, 1])
def test_a_refused_refund_frees_the_line_it_named(till: Till, line: int) -> None:
    lines = tuple(
        Line(item=f"dish{n}", name="菜", quantity=1, unit_amount=500, amount=500) for n in range(2)
    )
    sale = till.request(total=1_000, tender=Tender.CHANNEL, lines=lines)
    assert till.online(sale).outcome is Outcome.APPROVED
    till.refund(sale, 500, lines=(1 - line,))
    till.refund(sale, 500, lines=(line,))
    refused = next(r for r in Refund.objects.filter(payment=sale.intent.payment_id)
                   if list(r.lines) == [line])  # fmt: skip
    run(SettleRefund(
        till.organisation, sale.intent.payment_id, refused.id, Declined("refunds.closed"), till.now,
    ))  # fmt: skip
    refunds = till.payment(sale).line_refunds
    assert (refunds[line], refunds[1 - line]) == (0, 500)


# --- whose money -----------------------------------------------------------------------------


def test_a_merchant_gives_back_only_what_it_was_paid(till: Till) -> None:
    sale = till.request()
    till.accept(sale)
    stranger = structs.replace(till.terminal, merchant_id=till.rows.id())

    def refund(tender: Tender) -> Refund:
        message = till.refund_request(sale, 1_200, tender=tender)
        run(plan_refunds([till.arrived(message, terminal=stranger)])[0])
        return Refund.objects.get(id=message.refund_id)

    refused, cash = refund(Tender.WALLET), refund(Tender.CASH)
    assert (refused.state, refused.code) == ("refused", "refunds.unsupported")
    assert (cash.state, cash.suspense_amount) == ("suspense", 1_200)
    assert till.net(sale) == {
        "person/cash": -1_200, "merchant/payable": 1_200,
        "shift/drawer": 1_200, "shift/drawer_suspense": -1_200,
    }  # fmt: skip
    till.refund(sale, 1_200)
    assert till.payment(sale).refunded_amount == 1_200

"""A card at two places at once is a case, once, whichever of the two sales came first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from domain.offline_policy import Assurance
from server.cases.models import Case
from server.config.settling import FIRST_AFTER, Settler
from server.fleet.models import Terminal
from server.payments.models import Payment
from server.payments.seen_twice import (
    APART,
    CARD_SEEN_TWICE,
    LOOKED_BACK,
    SETTING,
    open_cards_seen_twice,
)
from sync.messages import CredentialKind, Evidence
from tests.factories.payments import Till
from tests.factories.staff import sign_in, staff

SECOND = timedelta(seconds=1)


def pays(till: Till, card: Any, after: timedelta, *, elsewhere: bool = False) -> UUID:
    """One sale by this card, so long after the till's hour, maybe in another store."""
    here = till.terminal
    if elsewhere:
        site = till.rows.new_site("elsewhere")
        till.terminal = till.new_identity(till.rows.new_store("elsewhere", site=site))
    evidence = Evidence(credential=CredentialKind.CARD, assurance=int(Assurance.CARD_UID))
    request = till.request(
        500, payer=f"card:{card.card_key}", evidence=evidence, stamp=till.stamp(till.now + after)
    )
    till.accept(request)
    till.terminal = here
    return request.intent.payment_id


def looked(till: Till, later: timedelta = timedelta()) -> list[tuple[UUID, dict[str, Any]]]:
    open_cards_seen_twice(till.organisation, till.now + later)
    rows = Case.objects.filter(organisation=till.organisation, kind=CARD_SEEN_TWICE)
    return [(row.subject_id, row.data) for row in rows]


@pytest.fixture
def card(till: Till) -> Any:
    return till.rows.new_card(till.person, b"\x04\x01\x02\x03")


@pytest.mark.parametrize("is_late", [False, True])
def test_two_stores_within_a_minute_are_one_case_in_either_order(
    till: Till, card: Any, *, is_late: bool
) -> None:
    order = (30 * SECOND, timedelta()) if is_late else (timedelta(), 30 * SECOND)
    first = pays(till, card, order[0])
    assert looked(till) == []
    second = pays(till, card, order[1], elsewhere=True)
    later, earlier = (first, second) if is_late else (second, first)
    found = [(later, {"other_payment": str(earlier), "seconds": 30})]
    assert looked(till) == found
    assert looked(till, timedelta(hours=1)) == found, "found again it is the same case"
    row = Case.objects.get(organisation=till.organisation, kind=CARD_SEEN_TWICE)
    at = Payment.objects.get(id=later).terminal
    assert (row.subject_kind, row.amount, row.terminal) == ("payment", 0, at)
    mine = Payment.objects.filter(organisation=till.organisation, state="succeeded")
    assert mine.count() == 2, "nobody was kept from eating"


def test_who_had_time_to_walk_is_no_case(till: Till, card: Any) -> None:
    pays(till, card, timedelta())
    pays(till, card, APART + SECOND, elsewhere=True)
    assert looked(till) == []


def test_how_long_a_walk_takes_can_be_set(
    till: Till, card: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    pays(till, card, timedelta())
    pays(till, card, 40 * SECOND, elsewhere=True)
    for told in ("0", "39"):
        monkeypatch.setenv(SETTING, told)
        assert looked(till) == []
    monkeypatch.setenv(SETTING, "40")
    assert len(looked(till)) == 1
    monkeypatch.setenv(SETTING, "-1")
    with pytest.raises(ValueError, match="0 or more"):
        looked(till)


def test_two_counters_of_one_store_are_no_case(till: Till, card: Any) -> None:
    pays(till, card, timedelta())
    pays(till, card, 10 * SECOND)
    assert looked(till) == []


def test_another_card_of_the_same_person_is_no_case(till: Till, card: Any) -> None:
    other = till.rows.new_card(till.person, b"\x04\x01\x02\x04")
    pays(till, card, timedelta())
    pays(till, other, 10 * SECOND, elsewhere=True)
    assert looked(till) == []


def test_what_came_long_ago_is_not_looked_at_again(till: Till, card: Any) -> None:
    pays(till, card, timedelta())
    pays(till, card, 10 * SECOND, elsewhere=True)
    assert looked(till, LOOKED_BACK + timedelta(minutes=1)) == []
    assert len(looked(till)) == 1


def test_a_setting_that_is_no_number_keeps_no_merchant_waiting(
    till: Till, card: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SETTING, "soon")
    settler = Settler(till.rows.random)
    settler.step(till.now)
    assert settler.step(till.now + FIRST_AFTER) == 0


def test_the_worker_looks_by_itself(till: Till, card: Any) -> None:
    pays(till, card, timedelta())
    pays(till, card, 10 * SECOND, elsewhere=True)
    mine = Case.objects.filter(organisation=till.organisation, kind=CARD_SEEN_TWICE)
    settler = Settler(till.rows.random)
    settler.step(till.now)
    assert not mine.exists()
    settler.step(till.now + FIRST_AFTER)
    assert mine.count() == 1


def test_the_case_shows_both_payments_to_whoever_may_see_them(till: Till, card: Any) -> None:
    pays(till, card, timedelta())
    pays(till, card, 10 * SECOND, elsewhere=True)
    looked(till)
    row = Case.objects.get(organisation=till.organisation, kind=CARD_SEEN_TWICE)
    client = sign_in(Client(), staff("fin", "finance", till.organisation))
    shown = client.get(reverse("console:case", args=(row.id,)), headers={"accept-language": "zh"})
    told = shown.content.decode()
    assert len(shown.context["evidence"].payments) == 2
    assert "同一张卡在两个门店付款" in told
    assert "两笔相隔秒数" in told
    assert "另一笔付款" in told
    assert row.terminal is not None
    site = Terminal.objects.get(id=row.terminal).store.site_id
    manager = sign_in(Client(), staff("mgr", "manager", till.organisation, site=site))
    shown = manager.get(reverse("console:case", args=(row.id,)))
    [own] = shown.context["evidence"].payments
    assert own.id == row.subject_id, "the other counter is not theirs to see"

"""Whose wallets a store takes, which day a sale belongs to, and who works there."""

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, transaction

from domain.errors import Refused
from server.feed.models import Marker
from server.merchants.feed_rows import render_operators
from server.merchants.models import Agreement, MerchantOperator, Role
from server.merchants.operators import create_operator, set_operator_pin
from server.merchants.read_stores import read_stores
from sync.messages import OperatorRow, decode
from sync.pins import verify_pin
from tests.factories.server_rows import NOW, Rows
from tests.factories.terminals import identity_of


def test_a_store_knows_its_day_and_its_agreements(database: str) -> None:
    rows = Rows()
    Agreement.objects.filter(merchant=rows.merchant).update(ends_on=date(2026, 11, 30))
    store = read_stores(rows.organisation.id, [rows.store.id])[rows.store.id]
    late = datetime(2026, 11, 23, 19, 59, tzinfo=UTC)  # 03:59 on the 24th in Shanghai
    assert store.business_on(late) == date(2026, 11, 23)
    assert store.business_on(late.replace(hour=20, minute=0)) == date(2026, 11, 24)
    assert store.agreement_on(date(2025, 12, 31)) is None
    assert store.agreement_on(date(2026, 11, 30)) is not None
    assert store.agreement_on(date(2026, 12, 1)) is None
    assert store.is_open_for_business


def test_another_organisations_stores_are_unknown(database: str) -> None:
    rows = Rows()
    assert read_stores(Rows(seed=2).organisation.id, [rows.store.id]) == {}


def test_a_closed_merchant_is_not_open_for_business(database: str) -> None:
    rows = Rows()
    rows.merchant.state = "closed"
    rows.merchant.save()
    store = read_stores(rows.organisation.id, [rows.store.id])[rows.store.id]
    assert not store.is_open_for_business


def test_operators_reach_their_merchants_counters_with_a_hash(database: str) -> None:
    rows = Rows()
    operator = rows.new_operator(pin="246810")
    terminal = identity_of(rows.activated())
    row = decode(OperatorRow, render_operators(terminal, [str(operator.id)])[str(operator.id)])
    assert (row.role, row.must_change, row.active) == ("cashier", True, True)
    assert verify_pin("246810", row.pin_hash)
    marker = Marker.objects.get(kind="operator")
    assert marker.scope == f"merchant:{rows.merchant.id}"
    set_operator_pin(operator, "135799", random=rows.random, must_change=False)
    row = decode(OperatorRow, render_operators(terminal, [str(operator.id)])[str(operator.id)])
    assert verify_pin("135799", row.pin_hash)


def test_operators_of_another_merchant_are_not_told(database: str) -> None:
    rows = Rows()
    operator = rows.new_operator()
    other = rows.new_store("tea", merchant=rows.new_merchant("tea"))
    terminal = identity_of(rows.activated(rows.new_terminal("茶", other)))
    assert render_operators(terminal, [str(operator.id)]) == {}


@pytest.mark.parametrize(
    ("pin", "code"),
    [("12345", "pins.too_short"), ("12345a", "pins.malformed"), ("1" * 13, "pins.malformed")],
)
def test_weak_pins_are_refused(sqlite_database: str, pin: str, code: str) -> None:
    rows = Rows()
    with pytest.raises(Refused, match=code):
        create_operator(rows.merchant, "9", "x", Role.CASHIER, pin, now=NOW, random=rows.random)
    assert MerchantOperator.objects.count() == 0


def test_the_database_itself_refuses_an_agreement_that_ends_before_it_starts(
    database: str,
) -> None:
    Rows()
    with pytest.raises(IntegrityError), transaction.atomic():
        Agreement.objects.update(ends_on=date(2020, 1, 1))

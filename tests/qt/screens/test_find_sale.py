"""With fingers: a sale of any shift is found by its number, and part of it goes back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from PySide6.QtCore import Qt

from domain.ids import new_id
from domain.sale_numbers import bare_number, sale_number
from sync.messages import FoundRefund, FoundSale, RefundRequest, Tender
from sync.sales import refunds_of
from terminal_app.counter import events as on
from terminal_app.counter.found import FindStep
from terminal_app.counter.view import CounterView
from tests.integration.counter.bench import CASHIER_PIN, Bench
from tests.qt.screens.cashier_glass import CashierGlass

SALE = new_id(1_790_000_000_123, lambda length: bytes(range(length)))
NUMBER = bare_number(sale_number(SALE))


def sale(left_amount: int, *refunds: FoundRefund) -> FoundSale:
    return FoundSale(
        payment_id=SALE, tender=Tender.CASH, credential="none", state="succeeded", total=1800,
        left_amount=left_amount, occurred_at=datetime(2026, 3, 1, 4, tzinfo=UTC),
        terminal_id=UUID(int=9), refunds=refunds,
    )  # fmt: skip


@pytest.fixture
def glass(tmp_path: Path, qapp: object) -> Iterator[CashierGlass]:
    bench = Bench(tmp_path)
    bench.wait(1.2)
    bench.serve()
    bench.post(on.Paused())
    opened = CashierGlass(bench)
    opened.tap("more", "findSale")
    yield opened
    opened.close()
    bench.close()


def bench_of(glass: CashierGlass) -> Bench:
    assert glass.bench is not None
    return glass.bench


def view_of(glass: CashierGlass) -> CounterView:
    return bench_of(glass).view


def look_up(glass: CashierGlass) -> None:
    glass.type(NUMBER)
    glass.tap("pad_enter")


def test_part_of_it_goes_back_by_the_cashiers_pin(glass: CashierGlass) -> None:
    bench = bench_of(glass)
    bench.server.sales[NUMBER] = sale(1800)
    look_up(glass)
    assert "¥18.00" in glass.words()
    glass.type("500")
    glass.tap("pad_enter")
    glass.type(CASHIER_PIN)
    glass.tap("pad_enter")
    [refund] = refunds_of(bench.store, SALE)
    assert isinstance(refund, RefundRequest)
    assert (refund.amount, refund.tender) == (500, Tender.CASH)
    assert "正在退款" in glass.words()

    said = FoundRefund(refund_id=refund.refund_id, amount=500, state="succeeded")
    bench.server.sales[NUMBER] = sale(1300, said)
    glass.wait(1.2)
    assert "已退回" in glass.words()
    assert "请把现金交给顾客" in glass.words()


def test_a_number_nobody_has_says_so_and_can_be_typed_again(glass: CashierGlass) -> None:
    look_up(glass)
    assert view_of(glass).refusal.code == "payments.not_found"
    assert view_of(glass).finding is not None
    assert glass.has("pad_enter")


def test_more_than_is_left_is_refused_before_any_pin(glass: CashierGlass) -> None:
    bench_of(glass).server.sales[NUMBER] = sale(700)
    look_up(glass)
    glass.type("701")
    glass.tap("pad_enter")
    assert view_of(glass).refusal.code == "refunds.more_than_left"
    assert refunds_of(bench_of(glass).store, SALE) == []


def test_what_the_server_refuses_is_told(glass: CashierGlass) -> None:
    bench = bench_of(glass)
    bench.server.sales[NUMBER] = sale(1800)
    look_up(glass)
    glass.tap("pad_enter")
    glass.type(CASHIER_PIN)
    glass.tap("pad_enter")
    [refund] = refunds_of(bench.store, SALE)
    said = FoundRefund(
        refund_id=refund.refund_id, amount=1800, state="refused", code="refunds.exceeds_paid"
    )
    bench.server.sales[NUMBER] = sale(0, said)
    glass.wait(1.2)
    assert "没有退款" in glass.words()


def test_leaving_the_sheet_leaves_the_sale(glass: CashierGlass) -> None:
    glass.press(Qt.Key.Key_Escape)
    assert view_of(glass).finding is None


def test_a_refund_of_another_shift_leaves_this_drawer(glass: CashierGlass) -> None:
    bench = bench_of(glass)
    before = bench.counter.parts.shift.count().expected_amount
    bench.server.sales[NUMBER] = sale(1800)
    look_up(glass)
    glass.type("500")
    glass.tap("pad_enter")
    glass.type(CASHIER_PIN)
    glass.tap("pad_enter")
    assert bench.counter.parts.shift.count().expected_amount == before - 500
    assert view_of(glass).finding is not None
    assert view_of(glass).finding.step is FindStep.SENT  # type: ignore[union-attr]

"""A terminal finds the sales of its own store by number, and nobody else's."""

from __future__ import annotations

import pytest
from msgspec import structs

from domain.errors import Refused
from domain.sale_numbers import bare_number, sale_number
from server.payments.find_sale import find_sale
from server.payments.models import Attempt, Payment
from sync.messages import FoundSale, PaymentRequest, Tender
from tests.factories.payments import Till
from tests.factories.server_rows import Rows


@pytest.fixture
def till(sqlite_database: str) -> Till:
    return Till(Rows())


def sold(till: Till, total: int = 1_200) -> PaymentRequest:
    sale = till.request(total=total)
    till.online(sale)
    return sale


def number_of(sale: PaymentRequest) -> str:
    return bare_number(sale_number(sale.intent.payment_id))


def find(till: Till, number: str) -> FoundSale:
    return find_sale(till.terminal, number)


def test_the_number_off_the_paper_finds_the_sale_at_any_counter_of_the_store(till: Till) -> None:
    sale = sold(till)
    other = till.new_identity()
    found = find_sale(other, number_of(sale))
    assert found.payment_id == sale.intent.payment_id
    assert (found.total, found.left_amount, found.tender) == (1_200, 1_200, Tender.WALLET)
    assert found.masked_name
    assert "*" in found.masked_name
    assert not found.refunds


def test_the_receipts_code_finds_it_too(till: Till) -> None:
    sale = sold(till)
    assert find(till, sale.intent.payment_id.hex).total == 1_200


def test_the_number_on_the_payers_phone_finds_it_too(till: Till) -> None:
    sale, attempt = sold(till), till.rows.id()
    Attempt.objects.create(
        id=attempt, organisation=till.organisation, payment=sale.intent.payment_id,
        channel="simulated", amount=1_200, state="succeeded", submitted_at=till.now,
        changed_at=till.now,
    )  # fmt: skip
    assert find(till, attempt.hex).payment_id == sale.intent.payment_id


def test_what_went_back_is_no_longer_left(till: Till) -> None:
    sale = sold(till)
    refund = till.refund_request(sale, 500)
    till.book_refund(refund)
    found = find(till, number_of(sale))
    assert found.left_amount == 700
    assert [(one.refund_id, one.amount, one.state) for one in found.refunds] == [
        (refund.refund_id, 500, "succeeded")
    ]


@pytest.mark.parametrize("field", ["organisation_id", "store_id", "merchant_id"])
def test_nothing_is_told_of_another_place(till: Till, field: str) -> None:
    sale = sold(till)
    elsewhere = structs.replace(till.terminal, **{field: till.rows.id()})
    for number in (number_of(sale), sale.intent.payment_id.hex):
        with pytest.raises(Refused, match=r"payments\.not_found"):
            find_sale(elsewhere, number)


def test_nothing_of_a_sale_that_was_not_paid_is_left(till: Till) -> None:
    sale = sold(till)
    Payment.objects.filter(id=sale.intent.payment_id).update(state="declined")
    assert find(till, number_of(sale)).left_amount == 0


def test_a_number_nobody_has_is_not_found(till: Till) -> None:
    with pytest.raises(Refused, match=r"payments\.not_found"):
        find(till, "00000000000000")

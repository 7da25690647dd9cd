"""A merchant's own list of sales held against ours, every difference side by side."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from domain.sale_numbers import sale_number
from server.console.models import AuditEntry
from tests.integration.server.console.desks import Desks, cells


def upload(desks: Desks, text: str, **more: Any) -> Any:
    day = f"{desks.mine.day}"
    file = SimpleUploadedFile("till.csv", text.encode())
    fields = {"list": file, "since": day, "until": day, **more}
    return desks.client.post(reverse("console:merchant_compare"), fields, follow=True)


def test_its_own_list_is_held_against_ours_and_every_difference_shown(desks: Desks) -> None:
    late = desks.mine.sell(900, late_days=2)
    same, over, short, missing, twice = (
        desks.mine.sell(amount) for amount in (1_000, 2_000, 3_000, 4_000, 5_000)
    )
    text = "\n".join([
        "number,amount,at",
        f"{sale_number(same.id)},10.00,12:00", f"{over.id.hex},19.99,12:01",
        f"{short.order.hex},30.5,12:02", f"{twice.id.hex},50,12:03", f"{twice.id.hex},50,12:04",
        "A-77,8.00,12:05", f"{late.id.hex},9,12:06",
    ])  # fmt: skip
    said = upload(desks, text).content.decode()
    for sentence in ("Our amount is more than yours", "Our amount is less than yours",
                     "We have it, your list does not", "Your list has it, we do not",
                     "Your list has this sale more than once"):  # fmt: skip
        assert said.count(sentence) == 1, sentence
    assert "A-77" in said
    assert reverse("console:merchant_payment", args=[missing.id]) in said
    entry = AuditEntry.objects.get(action="merchant.compared")
    assert (entry.after["rows"], entry.after["differences"]) == (7, 5)

    table = cells(upload(desks, text, file="xlsx"))
    assert len(table) == 1 + 5 + 1
    totals = dict(zip(table[0], table[-1], strict=True))
    assert totals["Amount (ours)"] == 90
    assert totals["Amount (your list)"] == 19.99 + 30.5 + 50 + 8


def test_a_list_that_agrees_says_so_and_another_merchants_sale_is_not_ours(desks: Desks) -> None:
    mine, foreign = desks.mine.sell(1_000), desks.theirs.sell(2_000)
    assert "Everything agrees" in upload(desks, f"id,amount\n{mine.id},10\n").content.decode()
    said = upload(desks, f"id,amount\n{mine.id},10\n{foreign.id},20\n").content.decode()
    assert "Your list has it, we do not" in said
    assert upload(desks, "id,amount\n1,2\n", merchant=str(desks.theirs.merchant)).status_code == 404
    store = str(desks.theirs.rows.store.id)
    assert upload(desks, "id,amount\n1,2\n", store=store).status_code == 404


@pytest.mark.parametrize(
    ("text", "said"),
    [("number,amount\nA,ten\n", "Row 2 of the list"), ("x,y\n1,2\n", "amount"),
     ("number,amount\n,12\n", "Row 2 of the list")],
    ids=["amount", "header", "number"],
)  # fmt: skip
def test_a_list_that_cannot_be_read_is_refused_in_words(desks: Desks, text: str, said: str) -> None:
    answer = upload(desks, text)
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert not AuditEntry.objects.filter(action="merchant.compared").exists()


def test_a_list_of_yesterday_is_asked_for_first(desks: Desks) -> None:
    said = desks.page("merchant_compare")
    assert f'value="{desks.rows.now.date() - timedelta(days=1)}"' in said

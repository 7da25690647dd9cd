"""A merchant's login and its own pages: payments, closed days, settlements; and nobody else's."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.admin import site as office_site
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.test import Client
from django.urls import reverse

from domain.sale_numbers import sale_number
from server.console.models import AuditEntry, StaffGrant
from server.console.office import within_reach
from server.console.pages.faces import sites_within
from server.console.payees import all_payees
from server.console.people_reach import organisation_within
from server.console.roles import Granted, StaffRole, permissions_of, reach_of
from server.console.within import terminals_within
from server.ledger.models import Posting
from server.merchants.models import Merchant, MerchantState
from server.organisations.pages import now
from server.payments.models import Payment
from server.settlement.models import Batch, DayClose
from tests.factories.server_rows import Rows
from tests.factories.staff import sign_in, staff
from tests.integration.server.console.desks import Desks, cells, lines

MONEY = 100


# --- the role --------------------------------------------------------------------------------


def test_a_merchants_reach_shows_nothing_where_no_page_names_the_way_to_its_merchant(
    desks: Desks,
) -> None:
    desks.mine.sell(1_000)
    desks.rows.new_person()
    desks.rows.new_terminal()
    reach = reach_of(User.objects.get(username="mia"))
    assert not permissions_of(reach.roles)
    for model in office_site._registry:
        assert not within_reach(reach, model._default_manager.all()).exists(), model
    assert not terminals_within(reach, Payment.objects.all()).exists()
    for site in ("", "stores__site"):
        assert not reach.of(Merchant.objects.all(), site=site).exists()
    assert reach.of(Merchant.objects.all(), merchant="pk").get() == desks.rows.merchant
    assert not sites_within(reach).exists()
    assert list(all_payees(reach)) == []
    with pytest.raises(PermissionDenied):
        organisation_within(reach)
    for role in (StaffRole.FINANCE, StaffRole.MERCHANT):
        assert not reach.covers(Granted(role, desks.rows.organisation.id))


def test_who_speaks_for_several_merchants_chooses_among_them(desks: Desks) -> None:
    own, second = desks.mine.sell(1_100), desks.theirs.sell(2_200)
    StaffGrant.objects.create(
        id=uuid4(), organisation=desks.rows.organisation, user=desks.user, role="merchant",
        merchant_id=desks.theirs.merchant, granted_at=now(), granted_by="test",
    )  # fmt: skip
    for trading, amount, other in ((desks.mine, "11.00", "22.00"),
                                   (desks.theirs, "22.00", "11.00")):  # fmt: skip
        said = desks.page("merchant_payments", merchant=str(trading.merchant))
        assert f"¥{amount}" in said
        assert f"¥{other}" not in said
        assert f'<option value="{trading.merchant}" selected>' in said
    for sale in (own, second):
        assert "¥" in desks.page("merchant_payment", sale.id)
    StaffGrant.objects.filter(merchant=desks.theirs.merchant).update(ended_at=now())
    assert desks.get("merchant_payment", second.id).status_code == 404


def test_the_menu_of_a_merchant_has_its_own_pages_alone(desks: Desks) -> None:
    said = desks.page("home")
    for name in ("merchant_payments", "merchant_closes", "merchant_settlements", "reports"):
        assert reverse(f"console:{name}") in said, name
    for name in ("today", "settlements", "staff", "people", "orders", "find", "approvals"):
        assert f'"{reverse(f"console:{name}")}"' not in said, name
    assert reverse("admin:index") not in said


def administrator(desks: Desks) -> Client:
    user = staff("ada", "administrator", desks.rows.organisation.id)
    return sign_in(Client(HTTP_ACCEPT_LANGUAGE="en"), user)


def place(desks: Desks, merchant: UUID) -> str:
    return f"{desks.rows.organisation.id}//{merchant}"


def test_the_role_is_granted_from_the_staff_page_for_one_merchant(desks: Desks) -> None:
    ada = administrator(desks)
    fields = {"username": "paul", "password": "correct horse battery", "role": "merchant",
              "place": place(desks, desks.theirs.merchant)}  # fmt: skip
    said = ada.post(reverse("console:staff"), fields, follow=True).content.decode()
    assert "商户 parking" in said
    grant = StaffGrant.objects.get(user__username="paul")
    assert (grant.role, grant.merchant_id) == ("merchant", desks.theirs.merchant)
    entry = AuditEntry.objects.get(action="staff.added")
    assert entry.after["place"] == "商户 parking"


def test_a_role_and_its_place_must_fit_each_other(desks: Desks) -> None:
    ada, foreign = administrator(desks), Rows(seed=9)
    closed = desks.rows.new_merchant("gone")
    Merchant.objects.filter(id=closed.id).update(state=MerchantState.CLOSED)
    site = desks.rows.site.id
    wrong = [
        ("merchant", str(desks.rows.organisation.id)),
        ("merchant", f"{desks.rows.organisation.id}/{site}"),
        ("finance", place(desks, desks.mine.merchant)),
        ("merchant", place(desks, foreign.merchant.id)),
        ("merchant", f"{foreign.organisation.id}//{foreign.merchant.id}"),
        ("merchant", place(desks, closed.id)),
        ("merchant", f"{desks.rows.organisation.id}/{site}/{desks.mine.merchant}"),
        ("merchant", "//"),
    ]
    for role, where in wrong:
        fields = {"username": "paul", "password": "correct horse battery", "role": role,
                  "place": where}  # fmt: skip
        assert ada.post(reverse("console:staff"), fields).status_code == 302
        assert not User.objects.filter(username="paul").exists(), (role, where)


def test_who_speaks_for_a_merchant_holds_no_other_role(desks: Desks) -> None:
    ada = administrator(desks)
    for name, role, where in (
        ("mia", "finance", str(desks.rows.organisation.id)),
        ("ada", "merchant", place(desks, desks.mine.merchant)),
    ):
        member = reverse("console:member", args=[User.objects.get(username=name).pk])
        fields = {"do": "grant", "role": role, "place": where}
        said = ada.post(member, fields, follow=True).content.decode()
        assert "holds no other role" in said
        assert StaffGrant.objects.filter(user__username=name).count() == 1


def test_the_database_refuses_a_grant_that_does_not_fit(database: str) -> None:
    rows = Rows()
    user = User.objects.create_user("x")
    for role, site, merchant in (
        (StaffRole.MERCHANT, None, None),
        (StaffRole.MERCHANT, rows.site, rows.merchant),
        (StaffRole.FINANCE, None, rows.merchant),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            StaffGrant.objects.create(
                id=uuid4(), organisation=rows.organisation, user=user, role=role, site=site,
                merchant=merchant, granted_at=now(), granted_by="test",
            )  # fmt: skip
    staff("y", "merchant", rows.organisation.id, merchant=rows.merchant.id)
    with pytest.raises(IntegrityError), transaction.atomic():
        StaffGrant.objects.create(
            id=uuid4(), organisation=rows.organisation, user=User.objects.get(username="y"),
            role="merchant", merchant=rows.merchant, granted_at=now(), granted_by="test",
        )  # fmt: skip


def test_a_superuser_is_no_merchant(desks: Desks) -> None:
    root = sign_in(Client(), staff("root"))
    assert root.get(reverse("console:merchant_payments")).status_code == 403
    assert root.get(reverse("console:home")).status_code == 200


# --- nobody else's ---------------------------------------------------------------------------


def test_another_merchants_rows_are_nowhere(desks: Desks) -> None:
    desks.mine.sell(1_000)
    foreign = desks.theirs.sell(77_700)
    desks.settle()
    close = DayClose.objects.get(merchant=desks.theirs.merchant)
    batch = Batch.objects.get(payee=desks.theirs.merchant)
    asked: list[tuple[str, list[Any]]] = [
        ("merchant_payment", [foreign.id]), ("merchant_close", [close.id]),
        ("merchant_close_file", [close.id, "csv"]), ("merchant_close_file", [close.id, "xlsx"]),
        ("merchant_settlement", [batch.id]), ("merchant_settlement_file", [batch.id, "csv"]),
        ("merchant_settlement_file", [batch.id, "xlsx"]),
    ]  # fmt: skip
    for name, args in asked:
        assert desks.get(name, *args).status_code == 404, name
    merchant, store = str(desks.theirs.merchant), str(desks.theirs.rows.store.id)
    for name in ("home", "merchant_payments", "merchant_closes", "merchant_settlements",
                 "merchant_compare"):  # fmt: skip
        assert desks.get(name, merchant=merchant).status_code == 404, name
    assert desks.get("merchant_payments", store=store).status_code == 404
    for kind in ("xlsx", "csv"):
        assert desks.get("merchant_payments_file", kind, merchant=merchant).status_code == 404
        assert desks.get("merchant_payments_file", kind, store=store).status_code == 404
    for name in ("home", "merchant_payments", "merchant_closes", "merchant_settlements"):
        assert "777.00" not in desks.page(name), name
    assert "Nothing has this number" in desks.page("merchant_payments", number=foreign.id.hex)
    assert "777" not in desks.get("merchant_payments_file", "csv").content.decode()
    assert "777.00" not in desks.page("reports")


def test_an_agents_settlement_is_no_merchants_even_under_the_same_id(desks: Desks) -> None:
    batch = Batch.objects.create(
        id=desks.rows.id(), organisation=desks.rows.organisation.id, payee_kind="agent",
        payee=desks.mine.merchant, due_on=desks.mine.day, made_at=now(), net_amount=0,
        state="carried",
    )  # fmt: skip
    assert desks.get("merchant_settlement", batch.id).status_code == 404


# --- payments --------------------------------------------------------------------------------


def test_the_desk_shows_today_and_what_is_owed(desks: Desks) -> None:
    assert "No settlement yet" in desks.page("home")
    sale = desks.mine.sell(12_300)
    desks.mine.give_back(sale, 300)
    assert "¥120.00" in desks.page("home")
    desks.mine.bank_account()
    batch = desks.settle()
    said = desks.page("home")
    assert reverse("console:merchant_settlement", args=[batch.id]) in said
    assert f"¥{batch.payout_amount / 100:.2f}" in said


def test_payments_are_listed_by_day_store_and_tender_and_found_by_number(desks: Desks) -> None:
    second = desks.rows.new_store("kiosk")
    first = desks.mine.sell(1_100)
    elsewhere = desks.mine.sell(2_200)
    Payment.objects.filter(id=elsewhere.id).update(store=second.id, tender="wallet")
    desks.mine.end_day()
    desks.goes_on()
    desks.mine.sell(3_300)
    day = f"{first.business_on}"

    def listed(**asked: Any) -> set[str]:
        said = desks.page("merchant_payments", **asked)
        return {amount for amount in ("11.00", "22.00", "33.00") if f"¥{amount}</td>" in said}

    assert listed() == {"11.00", "22.00", "33.00"}
    assert listed(since=day, until=day) == {"11.00", "22.00"}
    assert listed(store=str(second.id)) == {"22.00"}
    assert listed(tender="channel", until=day) == {"11.00"}
    for number in (first.id.hex, sale_number(first.id), first.order.hex):
        answer = desks.get("merchant_payments", number=number)
        assert answer["location"] == reverse("console:merchant_payment", args=[first.id])
    said = desks.page("merchant_payment", first.id)
    assert sale_number(first.id) in said
    assert "食堂 hall" in said
    assert "Its day is not closed yet" in said
    assert "Nothing on these days" in desks.page("merchant_payments", until="2026-01-02")


def test_refunds_are_listed_and_lead_to_their_payment(desks: Desks) -> None:
    sale = desks.mine.sell(5_000)
    desks.mine.give_back(sale, 1_500)
    said = desks.page("merchant_payments", what="refunds")
    assert "¥15.00" in said
    assert reverse("console:merchant_payment", args=[sale.id]) in said
    told = desks.page("merchant_payment", sale.id)
    assert "given back" in told
    assert "¥35.00" in told


def test_the_file_of_payments_adds_up_to_the_books(desks: Desks) -> None:
    sales = [desks.mine.sell(amount) for amount in (1_234, 5_678, 999)]
    desks.mine.give_back(sales[1], 678)
    Payment.objects.create(**{
        **{f.name: getattr(sales[0], f.name) for f in Payment._meta.fields},
        "id": desks.rows.id(), "state": "declined", "total_amount": 90_000,
    })  # fmt: skip
    postings = Posting.objects.filter(account=desks.mine.payable.id)
    booked = postings.aggregate(amount=Sum("amount"))["amount"]
    table = cells(desks.get("merchant_payments_file", "xlsx"))
    amounts = [row[table[0].index("Amount")] for row in table]
    assert amounts[-1] == booked / MONEY == sum(amounts[1:-1])
    assert len(table) == 1 + 4 + 1
    written = lines(desks.get("merchant_payments_file", "csv"))
    assert written[-1][written[0].index("Amount")] == f"{booked / MONEY:.2f}"
    assert desks.get("merchant_payments_file", "pdf").status_code == 404


# --- settlement ------------------------------------------------------------------------------


def test_statements_add_up_to_the_settlement_and_the_closed_day(desks: Desks) -> None:
    sale = desks.mine.sell(100_000)
    desks.mine.give_back(sale, 12_345)
    first = desks.settle()
    assert first.state == "carried"
    desks.mine.bank_account()
    desks.mine.sell(5_000)
    desks.mine.end_day()
    desks.mine.close()
    desks.mine.settle()
    second = Batch.objects.filter(payee=desks.mine.merchant).latest("due_on")
    assert second.carried_in_amount == first.net_amount
    for batch in (first, second):
        table = cells(desks.get("merchant_settlement_file", batch.id, "xlsx"))
        totals = dict(zip(table[0], table[-1], strict=True))
        assert totals["Net"] == batch.net_amount / MONEY
        assert totals["Fee"] == batch.fee_amount / MONEY
        assert totals["Amount"] == batch.amount / MONEY
        written = lines(desks.get("merchant_settlement_file", batch.id, "csv"))
        assert written[-1][written[0].index("Net")] == f"{batch.net_amount / MONEY:.2f}"
        assert "Where it went" in desks.page("merchant_settlement", batch.id)
    assert sum(batch.payout_amount for batch in (first, second)) == second.net_amount
    for day in DayClose.objects.filter(merchant=desks.mine.merchant):
        table = cells(desks.get("merchant_close_file", day.id, "xlsx"))
        totals = dict(zip(table[0], table[-1], strict=True))
        assert totals["Net"] == day.net_amount / MONEY
        assert f"{day.item_count} items" in desks.page("merchant_close", day.id)
    listed = desks.page("merchant_settlements")
    assert "account …4567" in listed
    assert "6222020200001234567" not in listed
    assert "margin" not in desks.page("merchant_settlement", second.id)


def test_empty_lists_say_what_to_expect(desks: Desks) -> None:
    assert "No day is closed yet" in desks.page("merchant_closes")
    assert "No settlement here" in desks.page("merchant_settlements")
    assert "Give yours to the office" in desks.page("merchant_settlements")

"""Every address of the console × every role, strangers included: a table written by hand.

The table is not read from the pages: a page that opens itself to somebody else, or one that is not
in the table at all, fails here.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.contrib.admin import site as office
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from server.biometrics.models import Notice
from server.cases.models import Approval, Case
from server.channels.add_account import add_account
from server.channels.models import ChannelNotice
from server.console.roles import StaffRole
from server.inbox.models import Record
from server.open_api.models import Endpoint, Event
from server.payments.models import Payment
from server.people.bind_card import bind_card
from server.people.models import BulkChange
from server.reconciliation.models import Difference
from server.reports.models import Export, ExportPart
from server.settlement.models import Batch, DayClose
from tests.factories.server_rows import NOW, Randomness, Rows
from tests.factories.staff import sign_in, staff

A, M, C, F, P, S = "administrator", "manager", "clerk", "finance", "approver", "support"
T = "merchant"
MAY_OPEN: dict[str, str] = {
    "home": "AMCFPST", "today": "AMFS", "find": "ACFMS", "terminals": "AMS", "terminal": "AMS",
    "registrations": "A",
    "people": "ACFM", "person": "ACFM", "people_import": "AC", "people_classes": "AC",
    "change": "ACF", "change_report": "ACF", "list_template": "ACF",
    "cards": "AC", "cards_class": "AC", "cards_tap": "AC", "card": "AC",
    "faces": "AC", "faces_class": "AC", "faces_person": "AC",
    "cases": "AFM", "case": "AFM", "parked": "AFS", "parked_record": "AFS",
    "subsidies": "AF", "clear_out": "AF", "owed": "AF", "statement": "AF", "mandate": "AF",
    "notices": "AFS", "notice": "AFS",
    "webhooks": "AFS", "webhook": "A", "webhook_event": "AFS",
    "orders": "AFM", "order": "AFMP", "channels": "AFS", "channel": "AFS", "channel_test": "AS",
    "approvals": "AFP", "reprice": "AFM", "reprice_request": "AFMP",
    "reports": "AFMT", "exports": "AFMT", "export_file": "AFMT",
    "bills": "AF", "bill_day": "AF", "differences": "AF", "difference": "AFP",
    "closes": "AF", "day_close": "AF", "settlements": "AF", "settlement": "AF", "payouts": "AF",
    "ageing": "AF", "clearing": "AF", "payout_bank": "A",
    "settlement_terms": "AF",
    "staff": "A", "member": "A", "audit": "AF", "my_account": "AMCFPST",
    "merchant_payments": "T", "merchant_payments_file": "T", "merchant_payment": "T",
    "merchant_closes": "T", "merchant_close": "T", "merchant_close_file": "T",
    "merchant_settlements": "T", "merchant_settlement": "T", "merchant_settlement_file": "T",
    "merchant_compare": "T",
    "merchants": "A", "merchant": "A", "merchant_applications": "A", "merchant_application": "AFP",
}  # fmt: skip
"""Page → the roles it is for, by their first letters (C is the clerk, T the trader)."""
OPEN_TO_ALL = {
    "sign_in", "sign_in_code", "set_up_factor", "sign_out", "first_run", "first_run_state",
    "first_run_link",
}  # fmt: skip
"""What has a guard of its own, tested with it: no role opens anything there."""
LETTERS = {"A": A, "M": M, "C": C, "F": F, "P": P, "S": S, "T": T}
ASKED: dict[str, Any] = {
    "since": "2026-09-01", "until": "2026-09-02", "by": [], "language": "zh", "stores": None,
    "merchants": None,
}  # fmt: skip
STRANGER, PASSWORD_ONLY = "stranger", "password only"
SIGN_IN = "/console/sign-in/"


class Place:
    """One organisation with a row for every page that shows one."""

    def __init__(self) -> None:
        rows = self.rows = Rows()
        self.person = rows.new_person()
        self.card = bind_card(self.person, "ab" * 32, now=NOW, random=Randomness(4))
        self.terminal = rows.new_terminal()
        organisation = rows.organisation
        self.repricing = Approval.objects.create(
            id=rows.id(), organisation=organisation.id, kind="approvals.reprice",
            subject_kind="repricing", subject_id=rows.id(), state="waiting", asked_by="mia",
            asked_at=NOW,
            data={"store": str(rows.store.id), "on": "2026-09-01", "meal": "", "old_amount": 2,
                  "new_amount": 1, "count": 1},
        )  # fmt: skip
        self.application = _application(rows)
        self.case = Case.objects.create(
            id=rows.id(), organisation=organisation.id, kind="pricing_variance",
            subject_kind="order", subject_id=rows.id(), opened_at=NOW,
            terminal=self.terminal.id,
        )  # fmt: skip
        self.list = BulkChange.objects.create(
            id=rows.id(), organisation=organisation, kind="people", planned_at=NOW, items=[],
            settings={}, tally={}, total_count=0,
        )  # fmt: skip
        self.subsidy = BulkChange.objects.create(
            id=rows.id(), organisation=organisation, kind="subsidy", planned_at=NOW, items=[],
            settings={}, tally={}, total_count=0,
        )  # fmt: skip
        self.record = Record.objects.create(**_record(rows, self.terminal.id))
        self.payment = Payment.objects.create(
            id=rows.id(), organisation=organisation.id, order=rows.id(),
            merchant=rows.merchant.id, store=rows.store.id, terminal=self.terminal.id,
            binding_version=1, tender="channel", payer="",
            credential="channel_code", assurance=0, total_amount=1200,
            state="succeeded", fingerprint=b"", mode="online", occurred_at=NOW, received_at=NOW,
            changed_at=NOW, business_on=NOW.date(), booked_on=NOW.date(),
        )  # fmt: skip
        self.channel = add_account(organisation.id, rows.id(), "wechat", now=NOW)
        self.difference = Difference.objects.create(
            id=rows.id(), organisation=organisation.id, channel="wechat", kind="missing_ours",
            item="1", their_amount=100, first_on=NOW.date(), last_on=NOW.date(), state="open",
        )  # fmt: skip
        self.close = DayClose.objects.create(
            id=rows.id(), organisation=organisation.id, merchant=rows.merchant.id,
            booked_on=NOW.date(), closed_at=NOW,
        )  # fmt: skip
        self.batch = Batch.objects.create(
            id=rows.id(), organisation=organisation.id, payee_kind="merchant",
            payee=rows.merchant.id, due_on=NOW.date(), made_at=NOW, net_amount=0, state="carried",
        )  # fmt: skip
        self.notice = ChannelNotice.objects.create(
            id=rows.id(), organisation=organisation.id, channel="wechat", key="1", body=b"{}",
            is_authentic=True, first_at=NOW, last_at=NOW,
        )  # fmt: skip
        self.endpoint = Endpoint.objects.create(
            id=rows.id(), organisation=organisation, merchant=rows.merchant,
            url="https://shop.example/in", sealed_secret="", changed_at=NOW,
        )  # fmt: skip
        self.event = Event.objects.create(
            id=rows.id(), organisation=organisation.id, endpoint=self.endpoint.id,
            merchant=rows.merchant.id, kind="test", subject=rows.id(), body=b"{}", created_at=NOW,
        )  # fmt: skip
        self.staff = {role: _granted(role, role, rows) for role in StaffRole.values}
        self.exports = {role: self._export(role) for role in StaffRole.values}
        Notice.objects.create(
            id=uuid4(), organisation=organisation, contact="office", servers="here"
        )

    def address(self, name: str, role: str) -> str:
        arguments: dict[str, list[Any]] = {
            "terminal": [self.terminal.id], "person": [self.person.id], "card": [self.card.id],
            "change": [self._list_of(role)], "change_report": [self._list_of(role)],
            "list_template": ["people"], "faces_person": [self.rows.site.id, self.person.id],
            "case": [self.case.id], "reprice_request": [self.repricing.id],
            "parked_record": [self.record.id],
            "order": [self.payment.id], "notice": [self.notice.id], "webhook": [self.endpoint.id],
            "webhook_event": [self.event.id], "channel": [self.channel.id],
            "channel_test": [self.channel.id],
            "export_file": [self.exports.get(role, self.case).id],
            "statement": [self.person.id], "mandate": [self.person.id],
            "member": [self.staff["support"].pk],
            "bill_day": [self.channel.id, "2026-09-01"], "difference": [self.difference.id],
            "day_close": [self.close.id], "settlement": [self.batch.id],
            "merchant": [self.rows.merchant.id], "merchant_application": [self.application.id],
            "merchant_payment": [self.payment.id], "merchant_payments_file": ["csv"],
            "merchant_close": [self.close.id], "merchant_close_file": [self.close.id, "csv"],
            "merchant_settlement": [self.batch.id],
            "merchant_settlement_file": [self.batch.id, "xlsx"],
        }  # fmt: skip
        return reverse(f"console:{name}", args=arguments.get(name, []))

    def _export(self, role: str) -> Export:
        """A file that this role asked for: nobody else is given it."""
        export = Export.objects.create(
            id=self.rows.id(), organisation=self.rows.organisation.id, report="trade",
            file_format="csv", asked=ASKED, state="done", asked_by=self.staff[role].get_username(),
            asked_at=NOW, expires_at=NOW,
        )  # fmt: skip
        ExportPart.objects.create(
            organisation=export.organisation, export=export, number=0, data=b""
        )
        return export

    def _list_of(self, role: str) -> Any:
        return self.subsidy.id if role == F else self.list.id

    def client(self, role: str) -> Client:
        if role == STRANGER:
            return Client()
        if role == PASSWORD_ONLY:
            client = Client()
            client.force_login(self.staff[A])
            return client
        return sign_in(Client(), self.staff[role])


def _application(rows: Rows) -> Approval:
    """A new merchant that a colleague has to decide."""
    words = ("organisation_id", "name", "code", "licence", "contact_name", "contact_phone",
             "store_name", "day_cut_off", "holder", "number", "bank")  # fmt: skip
    data = {"site_id": str(rows.site.id), "rate_ppm": 1, "cycle_days": 1}
    return Approval.objects.create(
        id=rows.id(), organisation=rows.organisation.id, kind="approvals.merchant",
        subject_kind="merchant_application", subject_id=rows.id(), state="waiting",
        asked_by="mia", asked_at=NOW, data=data | dict.fromkeys(words, ""),
    )  # fmt: skip


def _granted(name: str, role: str, rows: Rows) -> User:
    """A member of staff of the organisation, or somebody who speaks for its merchant."""
    merchant = rows.merchant.id if role == T else None
    return staff(name, role, rows.organisation.id, merchant=merchant)


def _record(rows: Rows, terminal: Any) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field in Record._meta.concrete_fields:
        kind = field.get_internal_type()
        if field.null or field.has_default():
            continue
        values[field.name] = {
            "UUIDField": rows.id(), "BigIntegerField": 1, "IntegerField": 1,
            "SmallIntegerField": 1, "DateTimeField": NOW, "BinaryField": b"{}",
            "DateField": NOW.date(), "TextField": "", "CharField": "", "JSONField": {},
            "BooleanField": False,
        }[kind]  # fmt: skip
    return values | {
        "organisation": rows.organisation.id, "terminal": terminal, "status": "parked",
        "kind": "event",
    }  # fmt: skip


@pytest.fixture
def place(sqlite_database: str) -> Place:
    return Place()


def _names(patterns: Any) -> set[str]:
    found: set[str] = set()
    for one in patterns:
        if isinstance(one, URLResolver):
            found |= _names(one.url_patterns)
        elif isinstance(one, URLPattern):
            found.add(one.name or str(one.pattern))
    return found


def _console() -> Any:
    return next(one for one in get_resolver().url_patterns
                if isinstance(one, URLResolver) and one.app_name == "console")  # fmt: skip


def test_the_table_names_every_address_of_the_console(place: Place) -> None:
    assert _names(_console().url_patterns) == set(MAY_OPEN) | OPEN_TO_ALL


def test_nothing_else_is_served_beside_console_and_back_room(place: Place) -> None:
    prefixes = {str(one.pattern) for one in get_resolver().url_patterns}
    assert prefixes <= {"", "console/", "admin/", "language/", "pay/"}, prefixes


@pytest.mark.parametrize("role", [*LETTERS.values(), STRANGER, PASSWORD_ONLY])
def test_each_page_opens_for_its_roles_alone(place: Place, role: str) -> None:
    wrong = []
    client = place.client(role)
    for name, letters in MAY_OPEN.items():
        allowed = {LETTERS[letter] for letter in letters}
        for method in ("get", "post"):
            answer = getattr(client, method)(place.address(name, role))
            if role in (STRANGER, PASSWORD_ONLY):
                is_right = answer.status_code == 302 and "/sign-in/" in answer["location"]
            elif role in allowed:
                is_right = answer.status_code in (200, 302, 404) and (
                    method == "post" or name == "cards_tap" or answer.status_code == 200
                )
            else:
                is_right = answer.status_code == 403
            if not is_right:
                wrong.append((name, method, answer.status_code))
    assert wrong == []


@pytest.mark.parametrize("role", LETTERS.values())
def test_nobody_opens_rows_of_another_organisation(place: Place, role: str) -> None:
    other = Rows(seed=9)
    client = sign_in(Client(), _granted(f"other {role}", role, other))
    opened = []
    for name in ("terminal", "person", "card", "change", "change_report", "faces_person", "case",
                 "parked_record", "statement", "member", "channel", "channel_test",
                 "order", "notice", "export_file", "reprice_request",
                 "bill_day", "difference", "day_close", "settlement", "webhook", "webhook_event",
                 "mandate", "merchant", "merchant_application", "merchant_payment",
                 "merchant_close", "merchant_close_file", "merchant_settlement",
                 "merchant_settlement_file"):  # fmt: skip
        for method in ("get", "post"):
            answer = getattr(client, method)(place.address(name, role))
            if answer.status_code not in (403, 404):
                opened.append((name, method, answer.status_code))
    assert opened == []


@pytest.mark.parametrize("role", LETTERS.values())
def test_a_template_belongs_to_nobody_and_one_that_is_none_is_not_found(
    place: Place, role: str
) -> None:
    answer = place.client(role).get(reverse("console:list_template", args=["payroll"]))
    assert answer.status_code == (404 if role in (A, C, F) else 403)


@pytest.mark.parametrize("role", [*LETTERS.values(), STRANGER, PASSWORD_ONLY])
def test_the_back_room_opens_what_the_role_may_see(place: Place, role: str) -> None:
    """Which tables those are is `PERMISSIONS`; here: no stranger, and nothing unknown to it."""
    client = place.client(role)
    for model in office._registry:
        label = f"{model._meta.app_label}_{model._meta.model_name}"
        answer = client.get(reverse(f"admin:{label}_changelist"))
        if role in (STRANGER, PASSWORD_ONLY):
            assert answer.status_code == 302, label
            assert answer["location"].startswith((reverse("admin:login"), SIGN_IN)), label
            continue
        app, name = model._meta.app_label, model._meta.model_name
        may = any(place.staff[role].has_perm(f"{app}.{verb}_{name}") for verb in ("view", "change"))
        assert answer.status_code == (200 if may else 403), label

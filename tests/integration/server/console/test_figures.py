"""The day's figures to the fen, and what a person decides of a parked record, through the pages."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from domain.authorization import Tender
from server.console.day import read_day
from server.console.evidence import decoded
from server.console.models import AuditEntry
from server.console.pictures import bars_svg
from server.inbox.models import Record as RecordRow
from server.payments.models import Payment
from server.qr_codes import qr_svg
from sync.messages import CredentialKind, Event, Evidence, RecordKind, ShiftOpened
from tests.factories.payments import other
from tests.factories.staff import sign_in, staff
from tests.integration.server.inbox.conftest import Counter


def a_day(counter: Counter) -> None:
    """Two sales to one person, one by number, cash, one undone, a face not recognised."""
    till = counter.till
    operator = till.rows.new_operator()
    who: Any = {"operator_id": operator.id}
    opened = ShiftOpened(
        shift_id=till.shift, operator_id=operator.id, business_on=till.now.date(),
        meal_period="lunch", float_amount=0, stamp=till.stamp(), binding_version=1,
    )  # fmt: skip
    by_number = Evidence(credential=CredentialKind.NUMBER, assurance=1, override_reason="no phone")
    wrong = till.request(900, meal_period="lunch", **who)
    undone = till.refund_request(wrong, 900, **who)
    unknown = Event(name="face_unknown", data={}, stamp=till.stamp(), shift_id=till.shift, **who)
    journal = counter.journal
    records = [
        journal.append(RecordKind.SHIFT_OPENED, opened),
        *(
            journal.append(RecordKind.ACCEPTANCE, till.acceptance(sale))
            for sale in (
                till.request(1_201, meal_period="lunch", **who),
                till.request(800, meal_period="lunch", evidence=by_number, **who),
                till.request(333, Tender.CASH, meal_period="lunch", **who),
                wrong,
            )
        ),
        journal.append(RecordKind.REFUND, undone),
        journal.append(RecordKind.EVENT, unknown),
    ]
    pushed = counter.push(*records)
    assert {one.status for one in pushed} == {"applied"}, pushed


def test_a_stores_day_is_found_by_an_index(counter: Counter) -> None:
    store = counter.till.rows.store
    day = Payment.objects.filter(
        organisation=store.organisation_id, store=store.id, business_on=counter.till.now.date()
    )
    with transaction.atomic():
        if connection.vendor == "postgresql":  # which reads so few rows one after the other
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL enable_seqscan = off")
        assert "payments_payment_day" in day.explain()


def test_a_day_adds_up_to_the_fen(counter: Counter) -> None:
    a_day(counter)
    store = counter.till.rows.store
    local = counter.till.now.astimezone(ZoneInfo(store.zone))

    day = read_day(store, local.date())

    assert (day.whole.served, day.whole.sales, day.whole.amount) == (2, 3, 1_201 + 800 + 333)
    assert day.meals["lunch"].amount == day.whole.amount
    assert day.counters[counter.device.terminal.id].served == 2
    assert day.whole.by_credential == {"face": 1, "number": 1, "cash": 1}
    (hand,) = day.operators
    assert (hand.name, hand.undone, hand.overrides, hand.by_number) == ("李收银", 1, 1, 1)
    assert hand.undone_amount == 900
    assert (hand.cash_count, hand.cash_amount) == (1, 333)
    assert day.whole.face_failed == 1
    assert day.slots == [(local.replace(minute=local.minute // 5 * 5, second=0), 2)]
    assert read_day(store, local.date() + timedelta(days=1)).whole.sales == 0


def test_a_sale_before_the_cut_off_belongs_to_the_day_before(counter: Counter) -> None:
    till, zone = counter.till, ZoneInfo(counter.till.rows.store.zone)
    early = datetime(2026, 11, 23, 3, 30, tzinfo=zone)
    record = counter.journal.append(
        RecordKind.ACCEPTANCE, till.acceptance(till.request(500, stamp=till.stamp(early)))
    )
    counter.push(record)
    store = till.rows.store
    assert read_day(store, early.date() - timedelta(days=1)).whole.amount == 500
    assert read_day(store, early.date()).whole.amount == 0


def test_a_parked_record_is_shown_decoded_and_booked_by_decision(counter: Counter) -> None:
    till = counter.till
    sale = till.request(1_200)
    till.online(sale)
    counter.push(counter.journal.append(RecordKind.ACCEPTANCE, till.acceptance(other(sale))))
    row = RecordRow.objects.get(status="parked")
    client = sign_in(Client(), staff("fin", "finance", till.organisation))
    support = sign_in(Client(), staff("sup", "support", till.organisation))
    place = reverse("console:parked_record", args=[row.id])

    shown = client.get(place, HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "request.intent.total" in shown
    assert "fingerprint" not in shown
    assert str(row.id) in client.get(reverse("console:parked")).content.decode()
    support.post(place, {"decision": "post_as_new", "reason": "it was real"})
    client.post(place, {"decision": "post_as_new", "reason": ""})
    client.post(place, {"decision": "burn", "reason": "why not"})
    counter.work(seconds=1)
    assert Payment.objects.count() == 1

    client.post(place, {"decision": "post_as_new", "reason": "it was real"})
    counter.work(seconds=1)
    row.refresh_from_db()
    assert (row.resolution, row.resolved_by, Payment.objects.count()) == ("posted_as_new", "fin", 2)
    entry = AuditEntry.objects.get(action="records.decided")
    assert (entry.actor, entry.reason) == ("fin", "it was real")
    assert counter.audit().findings == ()


def test_what_cannot_be_read_is_shown_as_it_came() -> None:
    odd = RecordRow(kind="event", body=b"\xff{not json")
    assert decoded(odd)[0][1].endswith("{not json")


@pytest.mark.parametrize("heights", [[], [0], [7], [1, 0, 300]])
def test_a_chart_keeps_within_its_frame(heights: list[int]) -> None:
    drawn = str(bars_svg([(f"1{n}:00", height) for n, height in enumerate(heights)], "<heads>"))
    assert "<heads>" not in drawn
    assert drawn.count('class="bar"') == sum(height > 0 for height in heights)
    assert 'height="-' not in drawn
    assert 'y="-' not in drawn


def test_a_code_is_drawn_without_styles_or_scripts() -> None:
    drawn = str(qr_svg("fanpiao:activate?server=http://a&code=1", '"x"'))
    assert "style" not in drawn
    assert "script" not in drawn

"""A merchant hears of its payments: noted in their commit, delivered until taken, sent again."""

from __future__ import annotations

import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid5

import pytest
from django.db import transaction

from domain.errors import Refused
from server.channels.channel import AwaitingPayer, Declined, Succeeded
from server.merchants.models import Merchant
from server.open_api.addresses import SETTING, allowed_networks
from server.open_api.change_endpoint import (
    add_endpoint,
    renew_secret,
    send_again,
    send_test,
    set_url,
    switch,
)
from server.open_api.deliver_event import BACKOFF, Courier
from server.open_api.models import Endpoint, Event, EventState, Try
from server.open_api.note_events import DELIVER, NoteEvents
from server.open_api.post import Post
from server.payments import announce
from server.payments.models import Payment
from server.payments.settle_refund import SettleRefund
from server.work.handlers import Claimed, Unanswered
from server.work.models import Due
from sync.messages import Tender
from tests.factories.clocks import StandingClock
from tests.factories.payments import Till, run
from tests.factories.server_rows import SECRETS, Rows
from tests.integration.server.open_api.receiver import Receiver, receiver


class Shop:
    """A merchant with an address, a till of its own, and whoever delivers."""

    def __init__(self, heard: Receiver) -> None:
        self.rows = Rows()
        self.till = Till(self.rows)
        self.heard = heard
        merchant = Merchant.objects.get(id=self.till.terminal.merchant_id)
        self.endpoint, self.secret = add_endpoint(
            merchant, heard.url, secrets=SECRETS, random=self.rows.random, now=self.rows.now
        )
        post = Post(StandingClock(self.rows.now), allowed_networks("127.0.0.0/8"))
        self.courier = Courier(post, SECRETS, self.rows.random)

    def kinds(self) -> list[str]:
        return list(Event.objects.order_by("created_at", "kind").values_list("kind", flat=True))

    def deliver(self, now: datetime | None = None) -> datetime | None:
        """Do the one due row as a worker would; return when it is due again."""
        due = Due.objects.get(kind=DELIVER)
        claimed = Claimed(due.id, due.organisation, DELIVER, due.subject_id, due.due_at, {}, 1)
        again = self.courier.deliver(claimed, now or self.rows.now)
        if again is None:
            due.delete()
            return None
        assert isinstance(again, Unanswered)
        return again.again_at


@contextmanager
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """A shop that may be told on loopback."""
    monkeypatch.setenv(SETTING, "127.0.0.0/8")
    announce.register_announcer("open_api", NoteEvents())
    with receiver() as heard:
        yield Shop(heard)
    announce._announcers.clear()


@pytest.fixture
def shop(sqlite_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    with opened(monkeypatch) as made:
        yield made


@pytest.fixture
def either(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """On each engine: what its writes must be right on."""
    with opened(monkeypatch) as made:
        yield made


def is_ours(secret: str, heard: Any) -> bool:
    """The merchant's own check, as docs/webhooks.md has it."""
    key = b64decode(secret.removeprefix("whsec_"))
    said = f"{heard.headers['webhook-id']}.{heard.headers['webhook-timestamp']}.".encode()
    right = "v1," + b64encode(hmac.digest(key, said + heard.body, "sha256")).decode()
    return hmac.compare_digest(right, heard.headers["webhook-signature"])


def test_a_payment_is_told_once_with_bytes_that_verify(either: Shop) -> None:
    shop = either
    sale = shop.till.request(total=1_200)
    shop.till.online(sale)
    shop.till.accept(sale)  # saved again: the same event
    assert shop.kinds() == ["payment.succeeded"]
    assert shop.deliver() is None
    [heard] = shop.heard.heard
    assert is_ours(shop.secret, heard)
    assert not is_ours("whsec_" + b64encode(bytes(32)).decode(), heard)
    said = json.loads(heard.body)
    assert said["type"] == "payment.succeeded"
    assert said["id"] == heard.headers["webhook-id"]
    assert said["data"]["payment"] == str(sale.intent.payment_id)
    assert (said["data"]["amount"], said["data"]["currency"]) == (1_200, "CNY")
    event = Event.objects.get()
    assert (event.state, event.tries) == (EventState.DELIVERED, 1)
    tried = Try.objects.get()
    assert (tried.status, bytes(tried.answer)) == (200, b"thank you")


def test_what_is_not_committed_is_not_told(either: Shop) -> None:
    shop = either
    command = shop.till.online_command(shop.till.request(total=1_200))

    with transaction.atomic():
        run(command)
        assert Event.objects.count() == 1
        transaction.set_rollback(True)
    assert (Event.objects.count(), Payment.objects.count()) == (0, 0)
    assert not Due.objects.filter(kind=DELIVER).exists()


def test_closing_and_giving_back_are_told(either: Shop) -> None:
    shop = either
    declined = shop.till.request(total=900, tender=Tender.CHANNEL)
    shop.till.online(declined)
    assert shop.kinds() == []
    shop.till.channel_says(declined, Declined("channels.insufficient_funds"))
    assert shop.kinds() == ["payment.closed"]
    paid = shop.till.request(total=1_200)
    shop.till.online(paid)
    shop.till.refund(paid, 500)
    assert sorted(shop.kinds()) == ["payment.closed", "payment.succeeded", "refund.succeeded"]
    said = json.loads(bytes(Event.objects.get(kind="refund.succeeded").body))["data"]
    assert (said["amount"], said["payment"]) == (500, str(paid.intent.payment_id))


def test_a_channel_s_refund_is_told_when_it_is_definite(shop: Shop) -> None:
    sale = shop.till.request(total=900, tender=Tender.CHANNEL)
    shop.till.online(sale)
    shop.till.channel_says(sale, AwaitingPayer())
    shop.till.channel_says(sale, Succeeded("r"))
    request = shop.till.refund_request(sale, 900)
    shop.till.book_refund(request)
    assert shop.kinds() == ["payment.succeeded"]
    organisation = shop.rows.organisation.id
    for said, kind in ((Succeeded("r2"), "refund.succeeded"),):
        run(SettleRefund(
            organisation, sale.intent.payment_id, request.refund_id, said, shop.till.now
        ))  # fmt: skip
        assert kind in shop.kinds()


def test_merchants_without_an_address_and_switched_off_ones_are_told_nothing(shop: Shop) -> None:
    switch(shop.endpoint, is_enabled=False, now=shop.rows.now)
    announce.register_announcer("open_api", NoteEvents())
    shop.till.online(shop.till.request(total=1_200))
    Endpoint.objects.all().delete()
    announce.register_announcer("open_api", NoteEvents())
    shop.till.online(shop.till.request(total=1_200))
    assert shop.kinds() == []


def test_tries_follow_each_other_ever_more_slowly_and_end(shop: Shop) -> None:
    shop.heard.status, shop.heard.answer = 500, b"out of order"
    shop.till.online(shop.till.request(total=1_200))
    now = shop.rows.now
    for delay in BACKOFF:
        again_at = shop.deliver(now)
        assert again_at == now + delay
        now = again_at
    assert BACKOFF[0] == timedelta(seconds=15)
    assert BACKOFF[-1] == timedelta(hours=24)
    assert shop.deliver(now) is None
    event = Event.objects.get()
    assert (event.state, event.tries) == (EventState.GIVEN_UP, len(BACKOFF) + 1)
    bodies = {heard.body for heard in shop.heard.heard}
    assert len(bodies) == 1
    assert Try.objects.filter(status=500, why="webhooks.refused").count() == len(BACKOFF) + 1


def test_what_was_given_up_is_sent_again_with_the_same_bytes(shop: Shop) -> None:
    shop.till.online(shop.till.request(total=1_200))
    Event.objects.update(state=EventState.GIVEN_UP, tries=10)
    event = Event.objects.get()
    Due.objects.filter(kind=DELIVER).delete()
    send_again(event, now=shop.rows.now)
    assert shop.deliver() is None
    assert Event.objects.get().state == EventState.DELIVERED
    assert shop.heard.heard[-1].body == bytes(event.body)


def test_a_worker_that_died_after_the_answer_sends_the_same_event_again(shop: Shop) -> None:
    shop.till.online(shop.till.request(total=1_200))
    due = Due.objects.get(kind=DELIVER)
    claimed = Claimed(due.id, due.organisation, DELIVER, due.subject_id, due.due_at, {}, 1)
    shop.courier.post.send(shop.heard.url, {}, b"")  # the answer that nobody committed
    shop.courier.deliver(claimed, shop.rows.now)
    shop.courier.deliver(claimed, shop.rows.now)  # delivered: nothing more is sent
    assert len(shop.heard.heard) == 2
    assert Try.objects.count() == 1


def test_a_new_secret_and_a_new_address_count_from_the_next_try(shop: Shop) -> None:
    fresh = renew_secret(shop.endpoint, secrets=SECRETS, random=shop.rows.random, now=shop.rows.now)
    set_url(shop.endpoint, shop.heard.url + "/new", now=shop.rows.now)
    send_test(shop.endpoint, random=shop.rows.random, now=shop.rows.now)
    assert shop.deliver() is None
    [heard] = shop.heard.heard
    assert heard.path == "/in/new"
    assert is_ours(fresh, heard)
    assert not is_ours(shop.secret, heard)
    assert json.loads(heard.body)["type"] == "test"


def test_switching_off_gives_up_what_is_on_its_way(shop: Shop) -> None:
    shop.till.online(shop.till.request(total=1_200))
    switch(shop.endpoint, is_enabled=False, now=shop.rows.now)
    assert shop.deliver() is None
    assert Event.objects.get().state == EventState.GIVEN_UP
    assert Try.objects.get().why == "webhooks.switched_off"
    assert shop.heard.heard == []


def test_a_damaged_secret_sends_nothing(shop: Shop) -> None:
    shop.till.online(shop.till.request(total=1_200))
    Endpoint.objects.update(sealed_secret="bm9uc2Vuc2UgbG9uZyBlbm91Z2g=")
    assert shop.deliver() is not None
    assert Try.objects.get().why == "webhooks.bad_secret"
    assert shop.heard.heard == []


def test_one_address_a_merchant_and_no_secret_in_the_row(shop: Shop) -> None:
    with pytest.raises(Refused) as refused:
        add_endpoint(
            shop.endpoint.merchant, shop.heard.url, secrets=SECRETS, random=shop.rows.random,
            now=shop.rows.now,
        )  # fmt: skip
    assert refused.value.code == "webhooks.taken"
    assert shop.secret.removeprefix("whsec_") not in str(list(Endpoint.objects.values()))


def test_an_event_s_due_row_passes_through_its_address_s_own_gate(shop: Shop) -> None:
    shop.till.online(shop.till.request(total=1_200))
    due = Due.objects.get(kind=DELIVER)
    assert due.gate == f"webhook/{shop.endpoint.id}"
    assert due.id == uuid5(due.subject_id, DELIVER)

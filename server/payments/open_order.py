"""An order that a payer opens: `GET` and `POST /v1/pay/<token>`, for our page and for apps.

Nobody signs these: the token is the right to pay this one order and to see its amount and state.
A channel is called after the commit with no transaction open; calls are idempotent by number.
"""

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Final, cast
from uuid import UUID

from django.db import connection
from msgspec import structs

from domain.errors import Refused
from domain.ids import attempt_number
from server.bodies import read_body
from server.channels.channel import CreateOutcome, PayeeOrder, Terms, Unknown, Way
from server.channels.exchanges import Heard
from server.channels.open_channels import Channels
from server.http import Request, Response, Routes, json_response
from server.ledger.commands import Key
from server.merchants.models import Store
from server.payments import answers, read_files
from server.payments.answers import PAYEE_CODE
from server.payments.choose_channel import Chosen, Sale, choose_for_way
from server.payments.decide_payment import Decided
from server.payments.models import Payment
from server.payments.open_attempt import OpenAttempt
from server.payments.order_tokens import PAGE, read_token
from server.payments.read_files import PaymentFile
from server.payments.rows import AttemptRow, PaymentRow
from server.payments.schedule import ORDER_LIFE
from server.payments.settle_attempt import SettleAttempt
from server.runtime import Runtime
from sync.messages import Message

PREFIX: Final = "/v1/pay/"
MAX_PAYER: Final = 128

log = logging.getLogger(__name__)


class Choice(Message, frozen=True, kw_only=True):
    """How the payer wants to pay: `kind` names the app, `payer` is its own id of them, for PAGE.

    A page that does not know it sends what it came back with from `channel`'s sign-in instead.
    """

    kind: str
    way: Way
    payer: str = ""
    channel: str = ""
    sign_in_code: str = ""


class SignIn(Message, frozen=True, kw_only=True):
    """Where an app has to be sent before its page can pay; `state` in it is the page's to fill."""

    channel: str
    url: str


class OrderView(Message, frozen=True, kw_only=True):
    """An order as its payer may see it. `kinds` are the apps it can be paid with, by way."""

    amount: int
    currency: str
    store: str
    outcome: str
    code: str
    expires_at: datetime
    kinds: Mapping[str, list[str]]
    channel: str = ""
    way: str = ""
    code_text: str = ""
    launch: Mapping[str, str] = {}
    sign_in: Mapping[str, SignIn] = {}


def routes(runtime: Runtime, channels: Channels) -> Routes:
    """Return this file's routes; none of them is signed."""
    desk = _Desk(runtime, channels)
    return {("GET", PREFIX + "*"): desk.look, ("POST", PREFIX + "*"): desk.choose}


class _Desk:
    def __init__(self, runtime: Runtime, channels: Channels) -> None:
        self._runtime = runtime
        self._channels = channels

    async def look(self, request: Request) -> Response:
        """Tell the order's state, and what has been opened for it."""
        payment_id = read_token(self._runtime.secrets, request.path.removeprefix(PREFIX))
        return json_response(await self._runtime.read(self._view, payment_id, self._page(request)))

    async def choose(self, request: Request) -> Response:
        """Open the order at the channel that the payer's app belongs to."""
        payment_id = read_token(self._runtime.secrets, request.path.removeprefix(PREFIX))
        choice = read_body(Choice, request.body)
        if max(len(choice.payer), len(choice.sign_in_code)) > MAX_PAYER:
            raise Refused("envelopes.malformed")
        payment, store, command = await self._runtime.read(self._command, payment_id, choice)
        if choice.sign_in_code:
            chosen = command.chosen.channel
            choice = await asyncio.to_thread(self._signed_in, payment, chosen, choice)
        decided = await self._runtime.writer.answer(command)
        if isinstance(decided, Refused):
            raise decided
        attempt = cast(Decided, decided).attempt
        if attempt is not None and not (attempt.code_text or attempt.launch):
            await self._open(payment, store, attempt, choice)
        return json_response(await self._runtime.read(self._view, payment_id, self._page(request)))

    async def _open(
        self, payment: Payment, store: str, attempt: AttemptRow, choice: Choice
    ) -> None:
        said, heard, terms = await asyncio.to_thread(self._create, payment, store, attempt, choice)
        command = SettleAttempt(
            organisation_id=payment.organisation,
            payment_id=payment.id,
            order_id=payment.order,
            merchant_id=payment.merchant,
            channel=attempt.channel,
            attempt_id=attempt.id,
            said=said,
            now=self._runtime.clock.now(),
            secrets=self._runtime.secrets,
            terms=terms,
            heard=heard,
        )
        await self._runtime.writer.answer(command)

    def _signed_in(self, payment: Payment, chosen: str, choice: Choice) -> Choice:
        """The choice with its payer's id, which is good at the channel that gave it alone."""
        payer = ""
        if choice.channel == chosen:
            payer = self._channels.payer_of(payment.organisation, chosen, choice.sign_in_code)
        if not payer:
            raise Refused("orders.payer_unknown")
        return structs.replace(choice, payer=payer)

    def _page(self, request: Request) -> str:
        """The order's page, as a payer's phone reaches it."""
        base = self._runtime.public_url or f"http://{request.headers.get('host', '')}"
        return base + PAGE + request.path.removeprefix(PREFIX)

    # --- on a pool thread ----------------------------------------------------------------

    def _command(self, payment_id: UUID, choice: Choice) -> tuple[Payment, str, OpenAttempt]:
        payment, now = _payment(payment_id), self._runtime.clock.now()
        _, live = _on_file(payment)
        chosen = self._chosen(payment, live, choice, now)
        return (
            payment,
            _store_name(payment),
            OpenAttempt(
                organisation_id=payment.organisation,
                payment_id=payment.id,
                chosen=chosen,
                way=choice.way.value,
                now=now,
                secrets=self._runtime.secrets,
            ),
        )

    def _chosen(
        self, payment: Payment, live: AttemptRow | None, choice: Choice, now: datetime
    ) -> Chosen:
        """The channel of a choice: the one that is open, when it takes this app."""
        organisation = payment.organisation
        if live is not None and self._channels.takes(organisation, live.channel, choice.kind):
            return Chosen(live.channel)
        sale = Sale(organisation, payment.merchant, payment.store, payment.total_amount)
        return choose_for_way(self._channels, sale, choice.kind, choice.way.value, now)

    def _create(
        self, payment: Payment, store: str, attempt: AttemptRow, choice: Choice
    ) -> tuple[CreateOutcome, list[Heard], Terms]:
        assert attempt.expires_at is not None
        order = PayeeOrder(
            number=attempt_number(attempt.id),
            amount=attempt.amount,
            way=choice.way,
            expires_at=attempt.expires_at,
            subject=store,
            payer=choice.payer,
            store=payment.store.hex,
            device=payment.terminal.hex,
        )
        now, name = self._runtime.clock.now(), attempt.channel
        with self._channels.listening() as heard:
            try:
                said = self._channels.create(payment.organisation, name, order, now)
            except Exception:
                log.exception("channel %s raised", name)
                said = Unknown("the provider raised", is_alert=True)
        return said, heard, self._channels.terms(payment.organisation, name)

    def _view(self, payment_id: UUID, page: str) -> OrderView:
        payment = _payment(payment_id)
        row, attempt = _on_file(payment)
        said = answers.present(row, self._runtime.secrets, attempt=attempt)
        kinds = self._kinds(payment)
        return OrderView(
            amount=payment.total_amount,
            currency="CNY",
            store=_store_name(payment),
            outcome=said.outcome.value,
            code=said.code,
            expires_at=payment.received_at + ORDER_LIFE,
            kinds=kinds,
            channel=attempt.channel if attempt is not None else "",
            way=attempt.way if attempt is not None else "",
            code_text=attempt.code_text if attempt is not None else "",
            launch=attempt.launch or {} if attempt is not None else {},
            sign_in=self._sign_in(payment, kinds, page) if attempt is None else {},
        )

    def _sign_in(
        self, payment: Payment, kinds: Mapping[str, list[str]], page: str
    ) -> dict[str, SignIn]:
        """Where each app is sent whose channel wants to know the payer of a page."""
        now, found = self._runtime.clock.now(), {}
        for kind in (kind for kind, ways in kinds.items() if Way.PAGE.value in ways):
            try:
                name = self._chosen(payment, None, Choice(kind=kind, way=Way.PAGE), now).channel
            except Refused:
                continue
            url = self._channels.sign_in_url(payment.organisation, name, page)
            if url:
                found[kind] = SignIn(channel=name, url=url)
        return found

    def _kinds(self, payment: Payment) -> dict[str, list[str]]:
        """The apps that an enabled channel takes, each with the ways it offers."""
        ways, found = {way.value for way in Way}, dict[str, set[str]]()
        for offer in self._channels.offers(payment.organisation, self._runtime.clock.now()):
            if offer.is_enabled and offer.admits:
                for kind in offer.kinds - ways:
                    found.setdefault(kind, set()).update(offer.kinds & ways)
        return {kind: sorted(offered) for kind, offered in sorted(found.items()) if offered}


def _payment(payment_id: UUID) -> Payment:
    # The token is our own seal over this id: whoever has it may see this one order
    payment = Payment.objects.filter(id=payment_id, credential=PAYEE_CODE).first()
    if payment is None:
        raise Refused("orders.unknown")
    return payment


def _on_file(payment: Payment) -> tuple[PaymentRow, AttemptRow | None]:
    """The payment and its last attempt, as the commands see them."""
    key = Key(payment.organisation, read_files.PAYMENT, payment.id)
    with connection.cursor() as cursor:
        file: PaymentFile = read_files.read_files(cursor, [key])[key]
    assert file.payment is not None
    return file.payment, file.attempts[-1] if file.attempts else None


def _store_name(payment: Payment) -> str:
    store = Store.objects.filter(organisation_id=payment.organisation, id=payment.store).first()
    return "" if store is None else store.name

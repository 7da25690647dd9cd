"""Take one online payment: submit to the writer, call the channel, answer.

- What a decision needs to know is read by the writer just before a batch, one set of reads for all
  of it. Only a PIN is checked before, since that takes long.
- Nothing is stored before the writer; a refusal here leaves the id free.
- A channel is called after the commit and with no transaction open. The answer waits for it as
  long as the counter's budget allows; then it is `awaiting`, and the call goes on.
"""

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import connection
from msgspec import Struct, structs

from domain.errors import Refused, Unavailable
from domain.ids import attempt_number
from server.channels.channel import Channel, Charge, PayOutcome, Terms, Unknown
from server.channels.exchanges import Heard
from server.channels.open_channels import Channels
from server.http import TerminalIdentity
from server.ledger.commands import Key
from server.payments import answers, read_files
from server.payments.ask_bank import debit, mandate_number
from server.payments.choose_channel import NOBODY, Chosen, Sale, choose_for_code
from server.payments.decide_payment import Decided, DecidePayment
from server.payments.plan import Asked, Kept, plan_payments
from server.payments.rows import AttemptRow
from server.payments.settle_attempt import SettleAttempt
from server.runtime import Runtime, Secrets
from sync.messages import (
    CredentialKind,
    Intent,
    Outcome,
    PaymentAnswer,
    PaymentRequest,
    Tender,
    fingerprint,
    payer_of_code,
)
from sync.pins import verify_pin

ANSWER_BUDGET_S: Final = 0.7
"""From a request's arrival to its answer, called channel included: 800 ms less the network's."""
LEAST_CALL_S: Final = 0.05
"""A channel is given at least this long, since most answer at once."""
MAX_CALLS: Final = 64
"""Calls to channels at once; further ones queue in the pool and are answered `awaiting`."""

log = logging.getLogger(__name__)


class PlanPayment(Struct, frozen=True):
    """A request on its way to the writer: planned there, together with the rest of its batch."""

    asked: Asked
    now: datetime
    secrets: Secrets
    kept: Kept
    is_pin_right: bool | None = None
    chosen: Chosen = NOBODY

    @classmethod
    def plan_all(cls, waiting: "Sequence[PlanPayment]", /) -> list[DecidePayment]:
        """Plan with one set of reads for all."""
        plans = plan_payments([one.asked for one in waiting], waiting[0].kept)
        return [
            DecidePayment(
                plan=plan,
                fingerprint=fingerprint(plan.request.intent),
                now=one.now,
                secrets=one.secrets,
                is_pin_right=one.is_pin_right,
                chosen=one.chosen,
            )
            for one, plan in zip(waiting, plans, strict=True)
        ]


class TakePayment:
    """The use-case for one process; `take` and `ask` belong to its event loop."""

    def __init__(self, runtime: Runtime, channels: Channels, calls: Executor | None = None) -> None:
        self._runtime = runtime
        self._channels = channels
        self._kept = Kept()
        self._calls = calls or ThreadPoolExecutor(MAX_CALLS, "channel-call")
        self._tasks: set[asyncio.Task[PaymentAnswer]] = set()

    async def take(self, terminal: TerminalIdentity, request: PaymentRequest) -> PaymentAnswer:
        """Decide `request`, or replay what was decided; raises Refused or Unavailable."""
        now, until = self._runtime.clock.now(), _loop_time() + ANSWER_BUDGET_S
        check_request(terminal, request)
        try:
            chosen = await self._choose(terminal, request, now)
        except Refused as refused:
            # It only matters when the id is not known yet
            return await self._known_or(terminal, request, refused)
        # A command may end up in a log: the payer's secrets go no further than this
        bare = structs.replace(request, pin="", auth_code="")
        asked = Asked(terminal, bare, now)
        command = PlanPayment(
            asked=asked,
            now=now,
            secrets=self._runtime.secrets,
            kept=self._kept,
            is_pin_right=await self._pin(asked, request.pin) if request.pin else None,
            chosen=chosen,
        )
        decided: Decided = await self._runtime.writer.answer(command)
        if decided.attempt is None:
            return decided.answer
        return await self._call_channel(asked, decided, request.auth_code, until)

    async def ask(self, terminal: TerminalIdentity, payment_id: UUID) -> PaymentAnswer:
        """Tell the present state of a payment of this terminal."""
        return await self._runtime.read(read_answer, terminal, payment_id, self._runtime.secrets)

    async def finish(self) -> None:
        """Wait for the calls under way, so that a stopping server commits what it is told."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _choose(
        self, terminal: TerminalIdentity, request: PaymentRequest, now: datetime
    ) -> Chosen:
        """The channel of a request, chosen on a pool thread; none for our own tenders."""
        if request.evidence.credential is not CredentialKind.CHANNEL_CODE:
            return NOBODY
        sale = Sale(
            terminal.organisation_id,
            terminal.merchant_id,
            terminal.store_id,
            request.intent.total,
        )
        return await self._runtime.read(
            choose_for_code, self._channels, sale, request.auth_code, now
        )

    async def _known_or(
        self, terminal: TerminalIdentity, request: PaymentRequest, refused: Refused
    ) -> PaymentAnswer:
        """An id that is known answers with its state, also when its channel is down."""
        answer = await self.ask(terminal, request.intent.payment_id)
        if answer.outcome is Outcome.NOT_FOUND:
            raise refused
        return answer

    async def _pin(self, asked: Asked, pin: str) -> bool:
        """Check the PIN on a pool thread, before the writer: it is made to be slow."""
        return await self._runtime.read(_is_pin_right, asked, pin)

    async def _call_channel(
        self, asked: Asked, decided: Decided, auth_code: str, until: float
    ) -> PaymentAnswer:
        attempt = decided.attempt
        assert attempt is not None
        task = asyncio.create_task(self._charge(asked, attempt, auth_code))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            return await asyncio.wait_for(
                asyncio.shield(task), max(LEAST_CALL_S, until - _loop_time())
            )
        except (TimeoutError, Unavailable):
            # The call goes on, or its outcome could not be stored: due work will ask again
            return decided.answer

    async def _charge(self, asked: Asked, attempt: AttemptRow, auth_code: str) -> PaymentAnswer:
        mandate = ""
        if attempt.mandate is not None:
            mandate = await self._runtime.read(self._look, attempt)
        said, heard, terms = await asyncio.get_running_loop().run_in_executor(
            self._calls, self._pay, asked.terminal, attempt, auth_code, mandate
        )
        command = SettleAttempt(
            organisation_id=attempt.organisation,
            payment_id=attempt.payment,
            order_id=asked.request.intent.order_id,
            merchant_id=asked.terminal.merchant_id,
            channel=attempt.channel,
            attempt_id=attempt.id,
            said=said,
            now=self._runtime.clock.now(),
            secrets=self._runtime.secrets,
            terms=terms,
            heard=heard,
        )
        settled: Decided = await self._runtime.writer.answer(command)
        return settled.answer

    def _pay(
        self, terminal: TerminalIdentity, attempt: AttemptRow, auth_code: str, mandate: str
    ) -> tuple[PayOutcome, list[Heard], Terms]:
        charge = Charge(
            number=attempt_number(attempt.id),
            amount=attempt.amount,
            auth_code=auth_code,
            subject=terminal.name,
            store=terminal.store_id.hex,
            device=terminal.terminal_id.hex,
        )
        now, organisation = self._runtime.clock.now(), attempt.organisation
        with self._channels.listening() as heard:
            try:
                if attempt.mandate is not None:
                    said = self._debit(terminal, attempt, mandate, now)
                else:
                    said = self._channels.pay(organisation, attempt.channel, charge, now)
            except Exception:
                # A provider that raises is a defect of ours, but what it charged is still unknown
                log.exception("channel %s raised", attempt.channel)
                said = Unknown("the provider raised", is_alert=True)
        return said, heard, self._channels.terms(organisation, attempt.channel)

    def _look(self, attempt: AttemptRow) -> str:
        """Learn of accounts that were edited, and the number that the bank knows a mandate by."""
        self._channels.look(attempt.organisation)
        return mandate_number(attempt.organisation, attempt.mandate)

    def _debit(
        self, terminal: TerminalIdentity, attempt: AttemptRow, mandate: str, now: datetime
    ) -> PayOutcome:
        def ask(channel: Channel) -> PayOutcome:
            return debit(channel, attempt.id, attempt.amount, mandate, terminal.name, now)

        return self._channels.call(attempt.organisation, attempt.channel, ask, now)


def _is_pin_right(asked: Asked, pin: str) -> bool:
    payer = plan_payments([asked])[0].payer
    return payer is not None and bool(payer.pin_hash) and verify_pin(pin, payer.pin_hash)


def _loop_time() -> float:
    return asyncio.get_running_loop().time()


def check_request(terminal: TerminalIdentity, request: PaymentRequest) -> None:
    """Refuse what cannot be a sale of this terminal; raises Refused, stores nothing."""
    intent = request.intent
    bound = (terminal.organisation_id, terminal.terminal_id, terminal.merchant_id)
    if (intent.organisation_id, intent.terminal_id, intent.merchant_id) != bound:
        raise Refused("payments.not_yours")
    if intent.store_id != terminal.store_id or request.binding_version != terminal.binding_version:
        raise Refused("terminals.binding_unknown")
    _check_amounts(intent, request.order_total)
    _check_tender(request)


def _check_amounts(intent: Intent, order_total: int) -> None:
    total = sum(line.amount for line in intent.lines)
    total -= sum(discount.amount for discount in intent.discounts)
    if not intent.lines:
        raise Refused("lines.none")
    if total != intent.total or not 0 < intent.total <= order_total:
        raise Refused("payments.order_total")
    if intent.currency != "CNY":
        raise Refused("tenders.unsupported")
    if intent.discounts:
        # No campaign exists that could have granted it
        raise Refused("prices.changed")


def _check_tender(request: PaymentRequest) -> None:
    intent = request.intent
    kinds = {
        Tender.CASH: (CredentialKind.NONE,),
        Tender.CHANNEL: (CredentialKind.CHANNEL_CODE, CredentialKind.PAYEE_CODE),
        Tender.WALLET: (
            CredentialKind.FACE,
            CredentialKind.CARD,
            CredentialKind.WALLET_CODE,
            CredentialKind.NUMBER,
        ),
    }
    if request.evidence.credential not in kinds[intent.tender]:
        raise Refused("tenders.unsupported")
    if intent.tender is Tender.CHANNEL and request.auth_code:
        if intent.payer != payer_of_code(request.auth_code):
            raise Refused("codes.malformed")
    least = 1 if intent.tender is Tender.WALLET else 0
    if not least <= request.evidence.assurance <= 5:
        raise Refused("tenders.unsupported")


def read_answer(terminal: TerminalIdentity, payment_id: UUID, secrets: Secrets) -> PaymentAnswer:
    """Read a payment's present state outside the writer; raises Refused for another terminal's."""
    key = Key(terminal.organisation_id, read_files.PAYMENT, payment_id)
    with connection.cursor() as cursor:
        file = read_files.read_files(cursor, [key]).get(key)
    row = file.payment if file is not None else None
    if row is None or row.organisation != terminal.organisation_id:
        return PaymentAnswer(
            payment_id=payment_id, outcome=Outcome.NOT_FOUND, code="payments.not_found"
        )
    if row.terminal != terminal.terminal_id:
        raise Refused("payments.not_yours")
    attempt = file.attempts[-1] if file is not None and file.attempts else None
    return answers.present(row, secrets, attempt=attempt)

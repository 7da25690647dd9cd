"""What a provider calls to say: `POST /v1/notices/<account>`.

- The provider's signature is checked over the bytes as they came; what is not authentic is kept,
  within limits, and changes nothing.
- A notice is one more word of the channel: the same command books it as books a query's answer,
  so repeats and any order are harmless. Its amount must be the attempt's own.
- The provider is told that it was taken only after the commit; until then it calls again.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domain.errors import Refused
from server.channels.channel import (
    Channel,
    Declined,
    Forged,
    Notice,
    Succeeded,
    Terms,
    Unknown,
)
from server.channels.models import Verdict
from server.channels.notices import keep_notice, mark_taken
from server.channels.open_channels import Channels
from server.http import Request, Response, Routes
from server.payments.models import Attempt, Payment, Refund
from server.payments.refund_moves import channel_amount
from server.payments.settle_attempt import SettleAttempt
from server.payments.settle_refund import SettleRefund
from server.runtime import Runtime, Secrets

PREFIX: Final = "/v1/notices/"
REFUND_WORDS: Final = (Succeeded, Declined, Unknown)

log = logging.getLogger(__name__)


def routes(runtime: Runtime, channels: Channels) -> Routes:
    """Return this file's route; the provider's own signature is the door."""
    return {("POST", PREFIX + "*"): _Desk(runtime, channels).take}


@dataclass(frozen=True, slots=True)
class _Arrived:
    """A notice on file, and the command that books it; None: there is nothing to book."""

    channel: Channel
    said: Notice | Forged
    kept_as: UUID | None
    verdict: Verdict = Verdict.TAKEN
    command: Any = None


def command_of(
    organisation_id: UUID, name: str, said: Notice, terms: Terms, secrets: Secrets, now: datetime
) -> tuple[Verdict, Any]:
    """Return what a notice is worth, and the command that books it; None: nothing is to be booked.

    The same for a notice that comes and for one on file that is taken again.
    """
    if said.refund_number:
        return _refund_command(organisation_id, said, now)
    attempt = Attempt.objects.filter(
        organisation=organisation_id, channel=name, id=_id(said.number)
    ).first()
    if attempt is None:
        log.warning("channel %s: a notice of %s, which is not ours", name, said.number)
        return Verdict.UNKNOWN_ORDER, None
    payment = Payment.objects.get(organisation=organisation_id, id=attempt.payment)
    command = SettleAttempt(
        organisation_id=organisation_id,
        payment_id=payment.id,
        order_id=payment.order,
        merchant_id=payment.merchant,
        channel=name,
        attempt_id=attempt.id,
        said=said.said,
        now=now,
        secrets=secrets,
        terms=terms,
        amount=said.amount,
    )
    return Verdict.TAKEN if said.amount == attempt.amount else Verdict.WRONG_AMOUNT, command


def _refund_command(
    organisation_id: UUID, said: Notice, now: datetime
) -> tuple[Verdict, SettleRefund | None]:
    refund = Refund.objects.filter(organisation=organisation_id, id=_id(said.refund_number)).first()
    if refund is None:
        return Verdict.UNKNOWN_ORDER, None
    if channel_amount(refund) != said.amount:
        # The due work asks the channel itself: it is not told what a refund was by a caller
        return Verdict.WRONG_AMOUNT, None
    if refund.state != "submitted":
        return Verdict.TAKEN, None
    outcome = said.said
    if not isinstance(outcome, REFUND_WORDS):
        outcome = Unknown("the notice does not say what became of the refund")
    return Verdict.TAKEN, SettleRefund(organisation_id, refund.payment, refund.id, outcome, now)


class _Desk:
    def __init__(self, runtime: Runtime, channels: Channels) -> None:
        self._runtime = runtime
        self._channels = channels

    async def take(self, request: Request) -> Response:
        """Verify, keep, book, and only then say so."""
        arrived = await self._runtime.read(self._arrived, request)
        if isinstance(arrived.said, Forged):
            log.warning("a notice for %s is not authentic: %s", request.path, arrived.said.why)
            return _answer(arrived.channel, is_taken=False)
        if arrived.command is not None:
            await self._runtime.writer.answer(arrived.command)
        if arrived.kept_as is not None:
            now = self._runtime.clock.now()
            await self._runtime.read(mark_taken, arrived.kept_as, now, arrived.verdict)
        return _answer(arrived.channel, is_taken=True)

    # --- on a pool thread ----------------------------------------------------------------

    def _arrived(self, request: Request) -> _Arrived:
        place = self._channels.place_of(_account(request.path))
        if place is not None:
            self._channels.look(place[0])
        channel = self._channels.named(*place) if place is not None else None
        if place is None or channel is None:
            raise Refused("envelopes.not_found", path=request.path[:80])
        organisation_id, name = place
        now = self._runtime.clock.now()
        said = channel.read_notice(request.headers, request.body, now)
        kept_as = keep_notice(
            organisation_id, name, said, request.headers, request.body,
            now=now, random=self._runtime.random,
        )  # fmt: skip
        if isinstance(said, Forged):
            return _Arrived(channel, said, kept_as)
        terms = self._channels.terms(organisation_id, name)
        return _Arrived(
            channel, said, kept_as,
            *command_of(organisation_id, name, said, terms, self._runtime.secrets, now),
        )  # fmt: skip


def _answer(channel: Channel, *, is_taken: bool) -> Response:
    said = channel.answer_notice(is_taken=is_taken)
    return Response(said.status, said.body, {"content-type": said.content_type})


def _account(path: str) -> UUID:
    try:
        return UUID(path.removeprefix(PREFIX))
    except ValueError as malformed:
        raise Refused("envelopes.not_found", path=path[:80]) from malformed


def _id(number: str) -> UUID:
    """The id behind a channel's number; the zero id, which nothing has, for any other text."""
    try:
        return UUID(hex=number)
    except ValueError:
        return UUID(int=0)

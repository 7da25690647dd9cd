"""Ask channels until their word is definite: due work, one attempt or refund at a time.

Nothing here decides: each handler asks the channel with no transaction open and hands its word to
a command. A worker that dies between the two asks again; a channel's numbers make that safe.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from domain.ids import attempt_number
from domain.payment_states import AttemptState
from server.channels.channel import (
    Channel,
    Declined,
    NotFound,
    QueryOutcome,
    RefundOutcome,
    Reversed,
    Succeeded,
    Terms,
    Unknown,
)
from server.channels.exchanges import Heard, judged, save
from server.channels.open_channels import Channels
from server.payments import answers
from server.payments.ask_bank import collect, mandate_number
from server.payments.decide_payment import Decided
from server.payments.legs import read_legs
from server.payments.models import Attempt, Payment, Refund
from server.payments.refund_moves import channel_amount
from server.payments.refund_payment import put_again
from server.payments.rows import RefundRow
from server.payments.schedule import BACKGROUND_DELAYS, COLLECT, next_due
from server.payments.settle_attempt import SettleAttempt
from server.payments.settle_refund import SettleRefund
from server.runtime import Secrets
from server.work.handlers import Claimed, Unanswered
from server.work.models import Due

REFUND_RETRY: Final = timedelta(hours=24)
"""A refund that waits on for its payment is looked at once a day."""
FIRST_ASKED: Final = "first_asked_at"
"""In a refund's due row: a worker that dies after asking leaves it to the next one."""
_PAYMENTS: Final = Payment.objects.only("id", "organisation", "order", "merchant", "legs")
"""What is needed of fifty columns: half of the time went into reading them all."""
Submit = Callable[[Any], Any]
"""Runs one command and returns its answer after the commit."""


@dataclass(frozen=True, slots=True)
class Resolver:
    """The handlers of this app's due work."""

    channels: Channels
    submit: Submit
    secrets: Secrets | None = None

    def resolve(self, due: Claimed, now: datetime) -> datetime | None | Unanswered:
        """`payments.resolve`: query or reverse one attempt."""
        attempt = Attempt.objects.filter(
            organisation=due.organisation_id, id=due.subject_id
        ).first()
        if attempt is None:
            return None
        payment = _PAYMENTS.get(organisation=due.organisation_id, id=attempt.payment)
        self.channels.look(attempt.organisation)
        terms = self.channels.terms(attempt.organisation, attempt.channel)
        reversal_at = attempt.submitted_at + terms.reverse_after
        if attempt.state == AttemptState.REVERSING and now < reversal_at:
            return reversal_at
        with self.channels.listening() as heard:
            said = self.ask(attempt, payment, now)
        decided: Decided = self.submit(self.settle(payment, attempt, said, now, heard))
        assert decided.attempt is not None
        return _said(said, next_due(decided.attempt, terms, now))

    def ask(self, attempt: Attempt, payment: Payment, now: datetime) -> QueryOutcome:
        """Ask the channel: what became of it, or, when it is being undone, to undo it."""
        channel = self.channels.named(attempt.organisation, attempt.channel)
        if channel is None:
            return Unknown("channel not configured")
        number = attempt_number(attempt.id)
        if attempt.way == COLLECT and attempt.state != AttemptState.REVERSING:
            mandate = mandate_number(attempt.organisation, attempt.mandate)
            return collect(channel, attempt.id, attempt.amount, mandate, now)
        if attempt.state != AttemptState.REVERSING:
            return channel.query(number, now)
        return _undo(channel, attempt, payment, number, now)

    def settle(
        self,
        payment: Payment,
        attempt: Attempt,
        said: QueryOutcome,
        now: datetime,
        heard: Sequence[Heard] = (),
    ) -> SettleAttempt:
        """The command that commits a channel's word."""
        return SettleAttempt(
            organisation_id=payment.organisation,
            payment_id=payment.id,
            order_id=payment.order,
            merchant_id=payment.merchant,
            channel=attempt.channel,
            attempt_id=attempt.id,
            said=said,
            now=now,
            secrets=self.secrets or answers.default_secrets(),
            terms=self.channels.terms(attempt.organisation, attempt.channel),
            heard=heard,
        )

    def refund(self, due: Claimed, now: datetime) -> datetime | None | Unanswered:
        """`payments.refund`: have a channel give money back."""
        refund = Refund.objects.filter(
            organisation=due.organisation_id, id=due.subject_id, state="submitted"
        ).first()
        if refund is None:
            return None
        asked_before_at = _note_asking(due, now)
        with self.channels.listening() as heard:
            said = self._ask_refund(refund, asked_before_at, now)
        save(judged(heard, said))
        command = SettleRefund(refund.organisation, refund.payment, refund.id, said, now)
        after: RefundRow = self.submit(command)
        if after.state != "submitted":
            return None
        return _said(said, now + _patience(now - refund.received_at))

    def _ask_refund(
        self, refund: Refund, asked_before_at: datetime | None, now: datetime
    ) -> RefundOutcome:
        attempt = (
            Attempt.objects.filter(
                organisation=refund.organisation, payment=refund.payment, took_money=True
            )
            .order_by("submitted_at")
            .last()
        )
        if attempt is None:
            return Unknown("no attempt that took money")
        self.channels.look(attempt.organisation)
        channel = self.channels.named(attempt.organisation, attempt.channel)
        if channel is None:
            return Unknown("channel not configured")
        number, refund_number = attempt_number(attempt.id), attempt_number(refund.id)
        present = channel.query_refund(number, refund_number, now)
        if not isinstance(present, NotFound):
            return present
        amount = channel_amount(refund)
        said = channel.refund(number, refund_number, amount, attempt.amount, now)
        if asked_before_at is None or not isinstance(said, Declined):
            return said
        # Refused now; but an earlier asking, whose answer nobody heard, may still arrive
        present = channel.query_refund(number, refund_number, now)
        if not isinstance(present, NotFound):
            return present
        is_unseen = now >= asked_before_at + channel.terms.unseen_after
        return said if is_unseen else Unknown("refused, but asked before")

    def refund_wait(self, due: Claimed, now: datetime) -> datetime | None:
        """`payments.refund_wait`: a refund has waited for its payment for a day."""
        refund = Refund.objects.filter(
            organisation=due.organisation_id, id=due.subject_id, state="waiting"
        ).first()
        if refund is None:
            return None
        self.submit(put_again(refund, now))
        refund.refresh_from_db()
        return now + REFUND_RETRY if refund.state == "waiting" else None


def _said(
    said: QueryOutcome | RefundOutcome, again_at: datetime | None
) -> datetime | None | Unanswered:
    """Whether the channel is there at all: an answer that is not in its tables is one, too."""
    is_silent = isinstance(said, Unknown) and not said.is_alert
    return Unanswered(again_at) if is_silent else again_at


def _note_asking(due: Claimed, now: datetime) -> datetime | None:
    """Say when this refund was first asked for; None, and noted on disk, when it is now."""
    if before := due.data.get(FIRST_ASKED):
        return datetime.fromisoformat(before)
    noted = {**due.data, FIRST_ASKED: now.isoformat()}
    Due.objects.filter(organisation=due.organisation_id, id=due.id).update(data=noted)
    return None


def _patience(age: timedelta) -> timedelta:
    """How long to wait before asking again: half its age, within the background schedule."""
    return min(max(age / 2, BACKGROUND_DELAYS[0]), BACKGROUND_DELAYS[-1])


def _undo(
    channel: Channel, attempt: Attempt, payment: Payment, number: str, now: datetime
) -> QueryOutcome:
    """Reverse, or refund what can no longer be reversed; definite only by a query after it."""
    # Of a wallet's payment a bank has only its part
    gone = sum(leg.refunded_amount for leg in read_legs(payment.legs) if leg.is_of_channel)
    if gone == 0:
        undone = channel.reverse(number, now)
        if not isinstance(undone, Declined):
            return _definite(channel.query(number, now), channel.terms, attempt, now)
    present = channel.query(number, now)
    if not isinstance(present, Succeeded):
        return _definite(present, channel.terms, attempt, now)
    left = attempt.amount - gone
    if left <= 0:
        return Reversed(took_money=True)
    refund_number = attempt_number(_reversal_id(attempt.id))
    said = channel.refund(number, refund_number, left, attempt.amount, now)
    return Reversed(took_money=True) if isinstance(said, Succeeded) else present


def _definite(said: QueryOutcome, terms: Terms, attempt: Attempt, now: datetime) -> QueryOutcome:
    """A number that the channel has not seen so long after our call, it never will."""
    if isinstance(said, NotFound) and now >= attempt.submitted_at + terms.unseen_after:
        return Reversed(took_money=False)
    return said


def _reversal_id(attempt_id: UUID) -> UUID:
    return uuid5(attempt_id, "reversal")

"""Match a day and let the rules resolve what they can, by posting.

- **Late success**: the channel's bill says that it took what we believe declined, cancelled or
  still under way. Its word goes to the payment as if a query had brought it: the sale is booked, or
  the money goes back to the payer, and the line then meets its item.
- **Cut-off shift**: a lone item waits in the pool for the next days' bills (`keep_differences`).
- **Fee rounding**: up to `FEE_BOUND` fen a line the channel's fee is posted as it stands.

Everything else is for a person: see `adjust.py`.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from server.channels.channel import Succeeded
from server.payments.models import Attempt, Payment
from server.payments.settle_attempt import SettleAttempt
from server.reconciliation.match_day import Found, Matched, match_day
from server.runtime import Secrets

Submit = Callable[[Any], Any]


def resolve_by_rule(
    organisation_id: UUID, channel: str, on: date, now: datetime, *, submit: Submit,
    secrets: Secrets,
) -> Matched:  # fmt: skip
    """Match the day's bill, resolve what a rule resolves, and match again if anything moved."""
    matched = match_day(organisation_id, channel, on, now)
    late = [one for one in matched.found if one.is_late_success]
    for one in late:
        _tell_payment(organisation_id, one, now, submit, secrets)
    if not late:
        return matched
    again = match_day(organisation_id, channel, on, now)
    return Matched(matched.cleared + again.cleared, again.found)


def _tell_payment(
    organisation_id: UUID, one: Found, now: datetime, submit: Submit, secrets: Secrets
) -> None:
    assert one.ours is not None
    assert one.line is not None
    assert one.ours.attempt is not None
    attempt = Attempt.objects.get(organisation=organisation_id, id=one.ours.attempt)
    payment = Payment.objects.get(organisation=organisation_id, id=attempt.payment)
    command = SettleAttempt(
        organisation_id=organisation_id, payment_id=payment.id, order_id=payment.order,
        merchant_id=payment.merchant, channel=attempt.channel, attempt_id=attempt.id,
        said=Succeeded(one.line.reference), now=now, secrets=secrets, amount=one.line.amount,
    )  # fmt: skip
    submit(command)

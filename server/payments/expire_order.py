"""An order that nobody paid in time ends: due work.

What a payer has opened by then is reversed by its own attempt's schedule, which ends no later.
"""

from datetime import datetime

from server.payments.cancel_payment import cancel_payment
from server.payments.models import Attempt, Payment
from server.payments.resolve_payment import Submit
from server.work.handlers import Claimed


def expire_order(submit: Submit, due: Claimed, now: datetime) -> datetime | None:
    """`payments.expire`: cancel an order that no channel has heard of."""
    waiting = Payment.objects.filter(
        organisation=due.organisation_id, id=due.subject_id, state="submitted"
    )
    opened = Attempt.objects.filter(organisation=due.organisation_id, payment=due.subject_id)
    if waiting.exists() and not opened.exists():
        submit(cancel_payment(due.organisation_id, due.subject_id, now=now))
    return None

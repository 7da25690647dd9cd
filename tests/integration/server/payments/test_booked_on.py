"""What is posted on a later day is booked on that day, never on one that may be closed."""

from datetime import timedelta

from server.channels.channel import Succeeded, Unknown
from server.ledger.models import Transfer
from sync.messages import PaymentRequest, Tender
from tests.factories.payments import Till


def booked(till: Till, sale: PaymentRequest, purpose: str) -> Transfer:
    return Transfer.objects.get(
        organisation=till.organisation, cause_id=sale.intent.payment_id, purpose=purpose
    )


def test_a_late_success_is_booked_when_it_is_heard_of(till: Till) -> None:
    sale = till.request(tender=Tender.CHANNEL)
    decided = till.decide(sale)
    assert decided.attempt is not None
    till.channel_says(sale, Unknown())
    sold_on = till.payment(sale).booked_on
    till.pass_time(days=2)
    till.channel_says(sale, Succeeded("ref"))
    transfer = booked(till, sale, "sale")
    assert transfer.booked_on == sold_on + timedelta(days=2)
    assert transfer.business_on == sold_on


def test_a_reversal_days_later_is_booked_that_day_under_the_sales_own(till: Till) -> None:
    sale = till.request()
    till.online(sale)
    sold_on = till.payment(sale).booked_on
    till.pass_time(days=3)
    till.cancel_by_server(sale)
    transfer = booked(till, sale, "reversal")
    assert transfer.booked_on == sold_on + timedelta(days=3)
    assert transfer.business_on == sold_on
    assert booked(till, sale, "sale").booked_on == sold_on

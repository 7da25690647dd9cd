"""Find a sale of the asking terminal's own store by the number off its receipt.

`GET /v1/sales/<number>`. Only the store's sales are told of: at any other number the answer is
"not found", so that nothing is learned of other stores. A channel's order number, which a payer's
phone shows, finds its sale too.
"""

from uuid import UUID

from django.db.models import QuerySet

from domain.authorization import Tender
from domain.errors import Refused
from domain.payment_states import PaymentState
from domain.sale_numbers import bare_number, ids_of_number, is_number_of
from server.http import Request, Response, Routes, TerminalIdentity, json_response
from server.payments.legs import read_legs
from server.payments.models import Attempt, Payment, Refund
from server.runtime import Runtime
from sync.messages import FoundRefund, FoundSale

PREFIX = "/v1/sales/"
SAME_MOMENT_MAX = 64
"""Sales of one store in one millisecond; more are no store's."""
REFUNDS_MAX = 50


def routes(runtime: Runtime) -> Routes:
    """Return the route of this use."""

    async def find(request: Request) -> Response:
        number = bare_number(request.path.removeprefix(PREFIX))
        return json_response(await runtime.read(find_sale, request.signer, number))

    return {("GET", PREFIX + "*"): find}


def find_sale(terminal: TerminalIdentity, number: str) -> FoundSale:
    """Return the sale of a bare number; `Refused("payments.not_found")` beyond the own store."""
    ours = Payment.objects.filter(
        organisation=terminal.organisation_id,
        merchant=terminal.merchant_id,
        store=terminal.store_id,
    )
    payment = _scanned(ours, terminal, number) if len(number) == 32 else _typed(ours, number)
    if payment is None:
        raise Refused("payments.not_found")
    return _found(payment)


def _typed(ours: QuerySet[Payment], number: str) -> Payment | None:
    """The sale of 14 digits; two that share them are told apart by the receipt's code only."""
    first, last = ids_of_number(number)
    near = ours.filter(id__gte=first, id__lte=last).order_by("id")[:SAME_MOMENT_MAX]
    matching = [payment for payment in near if is_number_of(number, payment.id)]
    return matching[0] if len(matching) == 1 else None


def _scanned(ours: QuerySet[Payment], terminal: TerminalIdentity, number: str) -> Payment | None:
    found = ours.filter(id=UUID(number)).first()
    if found is not None:
        return found
    attempts = Attempt.objects.filter(organisation=terminal.organisation_id, id=UUID(number))
    payment_id = attempts.values_list("payment", flat=True).first()
    return None if payment_id is None else ours.filter(id=payment_id).first()


def _found(payment: Payment) -> FoundSale:
    is_paid = payment.state == PaymentState.SUCCEEDED.value
    refunds = Refund.objects.filter(organisation=payment.organisation, payment=payment.id)
    return FoundSale(
        payment_id=payment.id,
        tender=Tender(payment.tender),
        credential=payment.credential,
        state=payment.state,
        total=payment.total_amount,
        left_amount=payment.total_amount - payment.refunded_amount if is_paid else 0,
        masked_name=payment.masked_name,
        occurred_at=payment.occurred_at,
        terminal_id=payment.terminal,
        is_whole_only=any(leg.is_counted for leg in read_legs(payment.legs)),
        refunds=tuple(
            FoundRefund(refund_id=one.id, amount=one.amount, state=one.state, code=one.code)
            for one in refunds.order_by("-received_at")[:REFUNDS_MAX]
        ),
    )

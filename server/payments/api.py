"""The terminals' hot path: `POST /v1/payments` and `GET /v1/payments/<id>`.

Signature and the limit of requests in flight are the router's; every answer about a payment is a
200 with its outcome, and everything else a `Failure`.
"""

from uuid import UUID

from msgspec import structs

from domain.errors import Refused
from server.bodies import read_body
from server.channels.open_channels import Channels
from server.http import Request, Response, Routes, json_response
from server.payments import find_sale, open_order, take_notice
from server.payments.answers import PAY_PATH
from server.payments.take_payment import TakePayment
from server.runtime import Runtime
from sync.messages import PaymentAnswer, PaymentRequest

PREFIX = "/v1/payments/"
CODE_TEXT = "code_text"
"""Where an answer holds the text of the code that a counter shows its payer."""


def routes(runtime: Runtime, channels: Channels) -> Routes:
    """Return this app's routes."""
    desk = _Desk(TakePayment(runtime, channels), runtime.public_url)
    return {
        ("POST", "/v1/payments"): desk.take,
        ("GET", "/v1/payments/*"): desk.ask,
        **find_sale.routes(runtime),
        **open_order.routes(runtime, channels),
        **take_notice.routes(runtime, channels),
    }


class _Desk:
    def __init__(self, payments: TakePayment, public_url: str) -> None:
        self._payments = payments
        self._public_url = public_url

    async def take(self, request: Request) -> Response:
        """Take a payment; a malformed body is refused by the edge."""
        asked = read_body(PaymentRequest, request.body)
        return _told(await self._payments.take(request.signer, asked), self._public(request))

    async def ask(self, request: Request) -> Response:
        """Tell the present state of a payment."""
        try:
            payment_id = UUID(request.path.removeprefix(PREFIX))
        except ValueError as malformed:
            raise Refused("ids.malformed") from malformed
        return _told(await self._payments.ask(request.signer, payment_id), self._public(request))

    def _public(self, request: Request) -> str:
        """Where a payer's phone finds us: the stated address, else the counter's own way here."""
        return self._public_url or f"http://{request.headers.get('host', '')}"


def _told(answer: PaymentAnswer, public_url: str) -> Response:
    """Answer; an order that waits for its payer comes with the text of the code to show."""
    path = answer.data.get(PAY_PATH)
    if path is not None:
        answer = structs.replace(answer, data={**answer.data, CODE_TEXT: public_url + path})
    return json_response(answer)

"""The terminals' hot path: `POST /v1/payments` and `GET /v1/payments/<id>`.

Signature and the limit of requests in flight are the router's; every answer about a payment is a
200 with its outcome, and everything else a `Failure`.
"""

from uuid import UUID

from domain.errors import Refused
from server.bodies import read_body
from server.channels.open_channels import Channels
from server.http import Request, Response, Routes, json_response
from server.payments import open_order, take_notice
from server.payments.take_payment import TakePayment
from server.runtime import Runtime
from sync.messages import PaymentRequest

PREFIX = "/v1/payments/"


def routes(runtime: Runtime, channels: Channels) -> Routes:
    """Return this app's routes."""
    desk = _Desk(TakePayment(runtime, channels))
    return {
        ("POST", "/v1/payments"): desk.take,
        ("GET", "/v1/payments/*"): desk.ask,
        **open_order.routes(runtime, channels),
        **take_notice.routes(runtime, channels),
    }


class _Desk:
    def __init__(self, payments: TakePayment) -> None:
        self._payments = payments

    async def take(self, request: Request) -> Response:
        """Take a payment; a malformed body is refused by the edge."""
        asked = read_body(PaymentRequest, request.body)
        return json_response(await self._payments.take(request.signer, asked))

    async def ask(self, request: Request) -> Response:
        """Tell the present state of a payment."""
        try:
            payment_id = UUID(request.path.removeprefix(PREFIX))
        except ValueError as malformed:
            raise Refused("ids.malformed") from malformed
        return json_response(await self._payments.ask(request.signer, payment_id))

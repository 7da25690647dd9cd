"""`POST /v1/top-ups`: cash over the counter, signed by its terminal."""

from server.bodies import read_body
from server.http import Request, Response, Routes, json_response
from server.ledger.commands import Reader
from server.runtime import Runtime
from server.wallets.take_top_up import TakeTopUp
from sync.messages import TopUpRequest


def routes(runtime: Runtime, *, read_shifts: Reader) -> Routes:
    """Return this app's routes; `read_shifts` reads them where shifts are kept."""
    desk = TakeTopUp(runtime, read_shifts)

    async def take(request: Request) -> Response:
        asked = read_body(TopUpRequest, request.body)
        return json_response(await desk.take(request.signer, asked))

    return {("POST", "/v1/top-ups"): take}

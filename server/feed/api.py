"""`GET /v1/feed?epoch=&after=&limit=&horizon=`: what changed for this terminal."""

from domain.errors import Refused
from server.feed.read_page import read_page
from server.http import Request, Response, Routes, json_response
from server.runtime import Runtime

LIMIT = 500
"""Rows per page, at most: a page is one transaction on a counter's disk."""
CURSOR_LIMIT = 1 << 63


def routes(runtime: Runtime) -> Routes:
    """Return the feed's route."""

    async def pull(request: Request) -> Response:
        epoch = request.query.get("epoch", "")[:64]
        after = _number(request, "after", 0, CURSOR_LIMIT)
        limit = max(1, _number(request, "limit", LIMIT, LIMIT))
        horizon = _number(request, "horizon", 0, CURSOR_LIMIT)
        return json_response(
            await runtime.read(read_page, request.signer, epoch, after, limit, horizon)
        )

    return {("GET", "/v1/feed"): pull}


def _number(request: Request, name: str, default: int, most: int) -> int:
    said = request.query.get(name) or str(default)
    if not (said.isascii() and said.isdigit() and len(said) <= 19):
        raise Refused("feeds.bad_cursor", name=name)
    return min(int(said), most - 1 if most == CURSOR_LIMIT else most)

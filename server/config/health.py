"""`GET /v1/health`, unsigned: whether this process takes commands, and its time."""

from datetime import datetime

from server.http import Request, Response, Routes, json_response
from server.runtime import Runtime
from sync.messages import Message


class Health(Message, frozen=True, kw_only=True):
    """The answer; a counter also uses it to probe whether the server is back."""

    ok: bool
    server_at: datetime
    waiting: int


def routes(runtime: Runtime) -> Routes:
    """Return the health route."""

    async def health(_request: Request) -> Response:
        answer = Health(ok=True, server_at=runtime.clock.now(), waiting=runtime.writer.waiting)
        return json_response(answer)

    return {("GET", "/v1/health"): health}

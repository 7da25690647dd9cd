"""From an error to an HTTP answer: status by code, texts in both languages, never a traceback."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from django.db import InterfaceError, OperationalError

from domain.errors import Refused, Unavailable
from domain.messages import text
from server.http import JSON, Response
from sync.messages import Failure, decode, encode

REFUSED_STATUS = 422
UNAVAILABLE_STATUS = 503
DEFECT_STATUS = 500
STATUSES: Mapping[str, int] = {
    "envelopes.malformed": 400,
    "envelopes.bad_version": 400,
    "records.unreadable": 400,
    "feeds.bad_cursor": 400,
    "envelopes.unsigned": 401,
    "envelopes.bad_signature": 401,
    "envelopes.clock_skew": 401,
    "envelopes.replayed": 401,
    "terminals.unknown": 401,
    "settlement.notice_not_authentic": 401,
    "terminals.retired": 403,
    "terminals.revoked": 403,
    "payments.not_yours": 403,
    "activation.unknown_code": 403,
    "activation.bad_proof": 403,
    "envelopes.not_found": 404,
    "payments.not_found": 404,
    "envelopes.method": 405,
    "activation.used_code": 409,
    "activation.already_active": 409,
    "payments.key_reused": 409,
    "activation.expired_code": 410,
    "envelopes.too_large": 413,
    "records.too_many": 413,
    "activation.too_many_tries": 429,
    "terminals.busy": 429,
}
"""Whatever is not here is 422 when refused and 503 when unavailable."""

log = logging.getLogger(__name__)


def failure_response(error: Exception, now: datetime) -> Response:
    """Answer for an exception that a handler raised; what nobody foresaw is logged and a 500."""
    if isinstance(error, Refused):
        return _response(error.code, STATUSES.get(error.code, REFUSED_STATUS), error.data, now)
    if isinstance(error, Unavailable):
        status = STATUSES.get(error.code, UNAVAILABLE_STATUS)
        return _response(error.code, status, error.data, now, error.retry_after_ms or 0)
    if isinstance(error, msgspec.MsgspecError | UnicodeDecodeError | RecursionError):
        return _response("envelopes.malformed", 400, {}, now)
    if isinstance(error, OperationalError | InterfaceError):
        log.warning("a request found the database gone or busy: %s", error)
        return _response("databases.unreachable", UNAVAILABLE_STATUS, {}, now)
    log.error("a request failed by a defect", exc_info=error)
    return _response("errors.defect", DEFECT_STATUS, {}, now)


def completed(response: Response, now: datetime) -> Response:
    """Give a handler's own `Failure` its texts and the server's time."""
    if response.status < 400:
        return response
    try:
        said = decode(Failure, response.body)
    except msgspec.MsgspecError:
        return response
    return _response(said.code, response.status, said.data, now, said.retry_after_ms)


def _response(
    code: str, status: int, data: Mapping[str, Any], now: datetime, retry_after_ms: int = 0
) -> Response:
    said = Failure(
        code=code,
        data=dict(data),
        text_zh=text(code, data, "zh"),
        text_en=text(code, data, "en"),
        retry_after_ms=retry_after_ms,
        server_at=now,
    )
    # A 405 has to name what the path takes (RFC 9110, 15.5.6)
    allow = {"allow": str(data["allowed"])} if code == "envelopes.method" else {}
    return Response(status, encode(said), {**JSON, **allow})

"""Which terminal signed a request, or a refusal with a code.

Rules
- Ed25519 over `sync.signing.request_bytes`, with the key of the terminal named in the headers.
- A clock more than 5 minutes off is refused with the server's time, so that the counter can mend
  it; the same bound ends the life of a captured request.
- An unknown terminal costs as much time as a wrong signature: neither says which ids exist.
- Keys are kept for a second at most, so a revocation bites within one.
- A replaced device and a revoked one may still push what they hold and be told their state,
  nothing else: what was sold before is valid, or disputed, but never lost.
"""

from base64 import b64decode
from binascii import Error as Base64Error
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from domain.errors import Refused
from server import sql
from server.fleet.models import KeyState
from server.http import Request, TerminalIdentity
from sync import signing

CLOCK_TOLERANCE_MS = 5 * 60 * 1000
KEPT_FOR = timedelta(seconds=1)
KEPT_LIMIT = 4096
"""Identities kept at once: more terminals than one process serves, and a bound for strangers."""
OPEN_TO_ENDED = frozenset({("POST", "/v1/heartbeat"), ("POST", "/v1/records")})
"""What a key that is no longer active may still sign: a report, and records to hand over."""
READ_IDENTITY = """
SELECT t.id, t.organisation_id, s.site_id, t.merchant_id, t.store_id, t.binding_version,
       k.key_id, k.public_key, k.state, t.name
FROM fleet_terminalkey k JOIN fleet_terminal t ON t.id = k.terminal_id
JOIN merchants_store s ON s.id = t.store_id
WHERE k.terminal_id = %s AND k.key_id = %s
"""
"""Once per terminal and second, so by hand: through the ORM it took as long as ten payments."""
_NOBODY = bytes(signing.TerminalKey(b"\x5a" * 32).public_key)

Read = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class _Claim:
    terminal_id: UUID
    key_id: str
    time_ms: int
    signature: bytes


class Authenticator:
    """Authenticates requests for one process. `read` runs blocking work on a pool thread."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._kept: OrderedDict[tuple[UUID, str], tuple[datetime, TerminalIdentity | None]]
        self._kept = OrderedDict()

    async def authenticate(self, request: Request, now: datetime) -> TerminalIdentity:
        """Return who signed `request`; raises `Refused` ("envelopes.…", "terminals.…")."""
        claim = _claim(request)
        identity = await self._identity(claim, now)
        _check_signature(request, claim, identity)
        _check_clock(claim, now)
        assert identity is not None
        _check_standing(request, identity)
        return identity

    async def _identity(self, claim: _Claim, now: datetime) -> TerminalIdentity | None:
        place = (claim.terminal_id, claim.key_id)
        kept = self._kept.get(place)
        if kept is not None and timedelta(0) <= now - kept[0] <= KEPT_FOR:
            return kept[1]
        identity: TerminalIdentity | None = await self._read(load_identity, *place)
        self._kept[place] = (now, identity)
        self._kept.move_to_end(place)
        while len(self._kept) > KEPT_LIMIT:
            self._kept.popitem(last=False)
        return identity


def load_identity(terminal_id: UUID, key_id: str) -> TerminalIdentity | None:
    """Read the terminal that holds `key_id`, as it is bound now; None when there is none."""
    # The terminal's id is the credential that finds the organisation, so it is not known before
    with connection.cursor() as cursor:
        cursor.execute(READ_IDENTITY, [terminal_id, key_id])
        row = cursor.fetchone()
    if row is None:
        return None
    terminal, organisation, site, merchant, store = map(sql.to_uuid, row[:5])
    binding_version, found_key_id, public_key, state, name = row[5:]
    return TerminalIdentity(
        terminal, organisation, site, merchant, store, binding_version, found_key_id,
        bytes(public_key), state, name,
    )  # fmt: skip


def _claim(request: Request) -> _Claim:
    headers = request.headers
    try:
        return _Claim(
            terminal_id=UUID(headers[signing.TERMINAL_HEADER]),
            key_id=headers[signing.KEY_HEADER],
            time_ms=int(headers[signing.TIME_HEADER]),
            signature=b64decode(headers[signing.SIGNATURE_HEADER], validate=True),
        )
    except KeyError as missing:
        raise Refused("envelopes.unsigned", header=str(missing.args[0])) from missing
    except (ValueError, Base64Error) as wrong:
        raise Refused("envelopes.malformed") from wrong


def _check_signature(request: Request, claim: _Claim, identity: TerminalIdentity | None) -> None:
    message = signing.request_bytes(
        request.method, request.path, claim.time_ms, request.body, request.query
    )
    public_key = _NOBODY if identity is None else identity.public_key
    is_valid = signing.verify(public_key, message, claim.signature)
    if identity is None or not is_valid:
        raise Refused("envelopes.bad_signature")


def _check_clock(claim: _Claim, now: datetime) -> None:
    offset_ms = claim.time_ms - int(now.timestamp() * 1000)
    if abs(offset_ms) > CLOCK_TOLERANCE_MS:
        raise Refused("envelopes.clock_skew", offset_s=offset_ms // 1000, server_at=now.isoformat())


def _check_standing(request: Request, identity: TerminalIdentity) -> None:
    if identity.state == KeyState.ACTIVE:
        return
    if (request.method, request.path) not in OPEN_TO_ENDED:
        raise Refused(f"terminals.{identity.state}")

"""Which terminal signed a request, or a refusal with a code.

Rules
- Ed25519 over `sync.signing.request_bytes`, with the key of the terminal named in the headers.
- A clock more than 5 minutes off is refused with the server's time, so that the counter can mend
  it; the same bound ends the life of a captured request.
- An unknown terminal costs as much time as a wrong signature: neither says which ids exist.
- Keys are kept for a second at most, so a revocation bites within one. Then those of all terminals
  that asked in it are read again together: one read a second, however many terminals ask.
- A replaced device and a revoked one may still push what they hold and be told their state,
  nothing else: what was sold before is valid, or disputed, but never lost.
"""

import asyncio
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from msgspec import Struct

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
READ_IDENTITIES = """
SELECT t.id, t.organisation_id, s.site_id, t.merchant_id, t.store_id, t.binding_version,
       k.key_id, k.public_key, k.state, t.name
FROM fleet_terminalkey k JOIN fleet_terminal t ON t.id = k.terminal_id
JOIN merchants_store s ON s.id = t.store_id
WHERE k.terminal_id IN {any}
"""
_NOBODY = bytes(signing.TerminalKey(b"\x5a" * 32).public_key)

Read = Callable[..., Awaitable[Any]]


Place = tuple[UUID, str]
"""A terminal and the id of its key."""
Named = tuple[str, str]
"""The same as in the headers: UUIDs are slow to make and to hash."""


class _Claim(Struct, frozen=True):
    named: Named
    time_ms: int
    signature: bytes


class Authenticator:
    """Authenticates requests for one process. `read` runs blocking work on a pool thread."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._kept: dict[Named, TerminalIdentity | None] = {}
        self._read_at: datetime | None = None
        self._asked: dict[Named, Place] = {}
        """Who asked since `_read_at`."""
        self._reading: asyncio.Task[None] | None = None

    async def authenticate(self, request: Request, now: datetime) -> TerminalIdentity:
        """Return who signed `request`; raises `Refused` ("envelopes.…", "terminals.…")."""
        claim = _claim(request)
        identity = await self._identity(claim.named, now)
        _check_signature(request, claim, identity)
        _check_clock(claim, now)
        assert identity is not None
        _check_standing(request, identity)
        return identity

    async def _identity(self, named: Named, now: datetime) -> TerminalIdentity | None:
        while True:
            if named not in self._asked:
                self._asked[named] = _place(named)
            if self._is_fresh(now) and named in self._kept:
                return self._kept[named]
            # Whoever comes while others are being read waits for them, and is read next
            if self._reading is None:
                self._reading = asyncio.create_task(self._read_asked(now))
            await asyncio.shield(self._reading)

    def _is_fresh(self, now: datetime) -> bool:
        return self._read_at is not None and abs(now - self._read_at) <= KEPT_FOR

    async def _read_asked(self, now: datetime) -> None:
        """Read who is not known yet; when the second is over, all who asked in it."""
        try:
            if not self._is_fresh(now) or len(self._kept) >= KEPT_LIMIT:
                asked, self._asked, self._kept = self._asked, {}, {}
                if len(asked) > KEPT_LIMIT:
                    asked.clear()  # strangers: whoever waits asks again
                self._read_at = now
            else:
                asked = {n: place for n, place in self._asked.items() if n not in self._kept}
            found = await self._read(load_identities, set(asked.values()))
            self._kept.update({named: found[place] for named, place in asked.items()})
        finally:
            self._reading = None


def load_identities(places: Collection[Place]) -> dict[Place, TerminalIdentity | None]:
    """Read the terminals that hold these keys, as they are bound now; None where there is none."""
    # The terminal's id is the credential that finds the organisation, so it is not known before
    with connection.cursor() as cursor:
        rows = sql.select(cursor, READ_IDENTITIES, {terminal_id for terminal_id, _ in places})
    found = {(one.terminal_id, one.key_id): one for one in map(_identity, rows)}
    return {place: found.get(place) for place in places}


def _identity(row: Sequence[Any]) -> TerminalIdentity:
    terminal, organisation, site, merchant, store = map(sql.to_uuid, row[:5])
    binding_version, key_id, public_key, state, name = row[5:]
    return TerminalIdentity(
        terminal, organisation, site, merchant, store, binding_version, key_id,
        bytes(public_key), state, name,
    )  # fmt: skip


def _claim(request: Request) -> _Claim:
    headers = request.headers
    try:
        return _Claim(
            named=(headers[signing.TERMINAL_HEADER], headers[signing.KEY_HEADER]),
            time_ms=int(headers[signing.TIME_HEADER]),
            signature=b64decode(headers[signing.SIGNATURE_HEADER], validate=True),
        )
    except KeyError as missing:
        raise Refused("envelopes.unsigned", header=str(missing.args[0])) from missing
    except (ValueError, Base64Error) as wrong:
        raise Refused("envelopes.malformed") from wrong


def _place(named: Named) -> Place:
    try:
        return UUID(named[0]), named[1]
    except ValueError as wrong:
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

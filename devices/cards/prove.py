"""Prove that a card is one of ours: mutual authentication, then the record that it carries.

- DESFire EV2/EV3: select our application, AuthenticateEV2First with the read key, read the
  record MACed. The record names the UID, so that a file copied to another card says so.
- NTAG 424 DNA: select its NDEF application, AuthenticateEV2First with key 1. The key is the
  card's own, made from its UID: whoever knows it is that card.
- Anything else, and a card that does not know the key, is a card by its number only: the caller
  decides what that is worth.

Commands are ISO-wrapped native ones (class 90); `Exchange` carries one to the card.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from devices.cards.diversify import card_key
from devices.cards.ev2 import BLOCK, Challenge, NotGenuine, Session

Exchange = Callable[[bytes], tuple[bytes, int]]
"""One APDU to the card; the answer's data and status word."""

OK, MORE, ISO_OK = 0x9100, 0x91AF, 0x9000
SELECT, AUTHENTICATE_EV2_FIRST, CONTINUE, READ_DATA = 0x5A, 0x71, 0xAF, 0xBD
NTAG_424 = bytes.fromhex("D2760000850101")
READ_KEY = 1
RECORD_FILE = 1
RECORD_SIZE = 16
APPLICATION = bytes.fromhex("F5FA01")
"""Our application's identifier, as it goes over the air (least significant byte first)."""
_RECORD_HEAD = b"FP\x01"
_CHAIN_MAX = 8
"""More parts than any answer of ours has: a card that goes on for ever is cut off."""


@dataclass(frozen=True, slots=True)
class SiteKeys:
    """What a counter holds: keys of its site. Never a master key."""

    site: str
    read_key: bytes = field(repr=False)
    application: bytes = APPLICATION
    bank_card_key: bytes = field(repr=False, default=b"")
    """Hashes the account numbers of bank cards; empty where they name nobody."""


def is_proven(exchange: Exchange, uid: bytes, keys: SiteKeys) -> bool:
    """Whether the card with this UID knows its key and carries its own record.

    False for any card that is not ours, a forged one included; what `exchange` raises goes on.
    """
    key = card_key(keys.read_key, uid, keys.application)
    try:
        if command(exchange, SELECT, keys.application)[1] == OK:
            session = authenticate(exchange, READ_KEY, key)
            return read_record(exchange, session) == record_of(uid)
        if exchange(select_by_name(NTAG_424))[1] == ISO_OK:
            authenticate(exchange, READ_KEY, key)
            return True
    except NotGenuine:
        pass
    return False


def authenticate(
    exchange: Exchange, number: int, key: bytes, rnd_a: bytes | None = None
) -> Session:
    """AuthenticateEV2First with the card's key `number`; `NotGenuine` when it does not know it."""
    answer, status = command(exchange, AUTHENTICATE_EV2_FIRST, bytes([number, 0]))
    if status != MORE:
        raise NotGenuine(f"no challenge: {status:04X}")
    challenge = Challenge.of(key, answer, rnd_a or secrets.token_bytes(BLOCK))
    answer, status = command(exchange, CONTINUE, challenge.reply())
    if status != OK:
        raise NotGenuine(f"refused: {status:04X}")
    return challenge.session(answer)


def read_record(exchange: Exchange, session: Session) -> bytes:
    """Read the record MACed both ways; `NotGenuine` when its MAC is wrong."""
    header = bytes([RECORD_FILE]) + bytes(3) + RECORD_SIZE.to_bytes(3, "little")
    return secured(exchange, session, READ_DATA, header)


def secured(
    exchange: Exchange, session: Session, code: int, header: bytes, sealed: bytes = b""
) -> bytes:
    """Send one command with its MAC, check the answer's; `NotGenuine` on any other status."""
    body = header + sealed
    answer, status = chained(exchange, code, body + session.mac(code, body))
    if status != OK:
        raise NotGenuine(f"refused: {status:04X}")
    return session.opened(0, answer)


def chained(exchange: Exchange, code: int, data: bytes) -> tuple[bytes, int]:
    """Send a command and gather an answer of several parts."""
    answer, status = command(exchange, code, data)
    for _ in range(_CHAIN_MAX):
        if status != MORE:
            break
        part, status = command(exchange, CONTINUE, b"")
        answer += part
    return answer, status


def command(exchange: Exchange, code: int, data: bytes) -> tuple[bytes, int]:
    """Send one native command in its ISO wrapping."""
    body = bytes([len(data)]) + data if data else b""
    return exchange(bytes([0x90, code, 0, 0]) + body + b"\0")


def select_by_name(name: bytes) -> bytes:
    """Return ISO/IEC 7816-4 SELECT by DF name."""
    return bytes.fromhex("00A4040C") + bytes([len(name)]) + name


def record_of(uid: bytes) -> bytes:
    """What an issued card's file says: ours, version 1, and the UID it was written for."""
    return (_RECORD_HEAD + bytes([len(uid)]) + uid).ljust(RECORD_SIZE, b"\0")

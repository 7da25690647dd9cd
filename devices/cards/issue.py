"""Make a blank card one of ours: its application, its record and its own keys.

Done where the master key is, never at a counter. Every step may be repeated: a card that was torn
away half-way is issued again and comes out the same. The card's key 0 goes last, so that until then
the factory's key still opens it.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from devices.cards.diversify import KEY_SIZE, card_key, site_read_key
from devices.cards.ev2 import NotGenuine, Session, key_change
from devices.cards.prove import (
    APPLICATION,
    ISO_OK,
    NTAG_424,
    OK,
    READ_KEY,
    RECORD_FILE,
    RECORD_SIZE,
    SELECT,
    Exchange,
    SiteKeys,
    authenticate,
    chained,
    command,
    is_proven,
    record_of,
    secured,
    select_by_name,
)

FACTORY_KEY = bytes(KEY_SIZE)
KEY_VERSION = 1
CREATE_APPLICATION, CREATE_FILE, WRITE_DATA, CHANGE_KEY = 0xCA, 0xCD, 0x8D, 0xC4
_WHOLE_CARD = bytes(3)
_SETTINGS = bytes.fromhex("0B82")
"""Only key 0 changes keys and makes files; two AES keys."""
_MACED = b"\x01"
_RIGHTS = bytes.fromhex("0010")
"""Key 1 reads; key 0 writes and changes. Least significant byte first."""
_DUPLICATE = 0x91DE


class CardType(StrEnum):
    """What kind of card lies there, as far as it matters here."""

    DESFIRE = "desfire"
    NTAG_424 = "ntag424"
    OTHER = "other"


class NotIssued(Exception):
    """The card did not become ours; it may be tried again. `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who issues: the master key and the site that the card is for."""

    master_key: bytes = field(repr=False)
    site: str

    @property
    def site_keys(self) -> SiteKeys:
        """What a counter of this site is given."""
        return SiteKeys(self.site, site_read_key(self.master_key, self.site))


def type_of(exchange: Exchange) -> CardType:
    """Look what lies there, changing nothing."""
    if exchange(select_by_name(NTAG_424))[1] == ISO_OK:
        return CardType.NTAG_424
    status = command(exchange, SELECT, _WHOLE_CARD)[1]
    return CardType.DESFIRE if status == OK else CardType.OTHER


def issue(exchange: Exchange, uid: bytes, issuer: Issuer) -> CardType:
    """Issue the card that lies there and prove it; `NotIssued` says why it could not be."""
    kind = type_of(exchange)
    if kind is CardType.OTHER:
        raise NotIssued("cards.no_keys")
    try:
        if kind is CardType.DESFIRE:
            _make_application(exchange)
            _make_file(exchange, _as_owner(exchange, uid, issuer, kind))
            _write_record(exchange, _as_owner(exchange, uid, issuer, kind), uid)
        _change_keys(exchange, uid, issuer, kind)
    except NotGenuine as refused:
        raise NotIssued("cards.foreign_keys") from refused
    if not is_proven(exchange, uid, issuer.site_keys):
        raise NotIssued("cards.not_proven")
    return kind


def _make_application(exchange: Exchange) -> None:
    status = command(exchange, CREATE_APPLICATION, APPLICATION + _SETTINGS)[1]
    if status not in (OK, _DUPLICATE):
        raise NotGenuine(f"no application: {status:04X}")


def _select(exchange: Exchange, kind: CardType) -> None:
    if kind is CardType.DESFIRE:
        command(exchange, SELECT, APPLICATION)
    else:
        exchange(select_by_name(NTAG_424))


def _as_owner(exchange: Exchange, uid: bytes, issuer: Issuer, kind: CardType) -> Session:
    """Authenticate with key 0: the factory's, or ours when the card was issued before."""
    _select(exchange, kind)
    try:
        return authenticate(exchange, 0, FACTORY_KEY)
    except NotGenuine:
        _select(exchange, kind)
        return authenticate(exchange, 0, card_key(issuer.master_key, uid, APPLICATION))


def _make_file(exchange: Exchange, session: Session) -> None:
    header = bytes([RECORD_FILE]) + _MACED + _RIGHTS + RECORD_SIZE.to_bytes(3, "little")
    status = chained(exchange, CREATE_FILE, header + session.mac(CREATE_FILE, header))[1]
    if status not in (OK, _DUPLICATE):
        raise NotGenuine(f"no file: {status:04X}")


def _write_record(exchange: Exchange, session: Session, uid: bytes) -> None:
    place = bytes([RECORD_FILE]) + bytes(3) + RECORD_SIZE.to_bytes(3, "little")
    secured(exchange, session, WRITE_DATA, place, record_of(uid))


def _change_keys(exchange: Exchange, uid: bytes, issuer: Issuer, kind: CardType) -> None:
    read = card_key(issuer.site_keys.read_key, uid, APPLICATION)
    old = read if _knows(exchange, read, kind) else FACTORY_KEY
    session = _as_owner(exchange, uid, issuer, kind)
    secret = session.sealed(key_change(read, KEY_VERSION, old))
    secured(exchange, session, CHANGE_KEY, bytes([READ_KEY]), secret)
    own = session.sealed(
        key_change(card_key(issuer.master_key, uid, APPLICATION), KEY_VERSION, None)
    )
    body = bytes([0]) + own
    # The key of this very session changes: the card answers without a MAC and forgets the session
    status = command(exchange, CHANGE_KEY, body + session.mac(CHANGE_KEY, body))[1]
    if status != OK:
        raise NotGenuine(f"key 0 not changed: {status:04X}")


def _knows(exchange: Exchange, read_key: bytes, kind: CardType) -> bool:
    _select(exchange, kind)
    try:
        authenticate(exchange, READ_KEY, read_key)
    except NotGenuine:
        return False
    return True

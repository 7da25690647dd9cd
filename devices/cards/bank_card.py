"""Who a bank card's account number stands for, without the number being kept.

The card is asked as a terminal asks (EMV Book 1 §12, Book 3 §6.5 and §10; contactless Book B §3.3):
which applications it has (PPSE), the first of them, its processing options, its records, until the
account number (PAN, tag 5A or in 57) is found. It becomes a keyed hash in the same call; the number
itself is in no event, message, log or error, and on no disk.

A third-generation social-security card carries its bank's application and is read the same way.

What a card is known by is no UID: it is longer than any, so that neither is taken for the other.

- Nothing is paid: the amount is zero and the card is told that its issuer would have to be asked
  (TTQ 9F66, online cryptogram required), so that an offline purse (qPBOC) is not touched either.
- It proves nothing: the number can be read from any such card by anybody. `Assurance.CARD_UID`.
- A card that answers nonsense, or never comes to an end, is a card without a number.
"""

import hmac
from collections.abc import Iterable, Iterator
from hashlib import sha256
from itertools import chain
from typing import Final

from devices.cards.ber_tlv import BadTlv, elements, found, tags_and_lengths
from devices.cards.prove import Exchange

IDENTITY_SIZE: Final = 16
"""Bytes of what a card is known by: longer than any UID, so that it is never one."""
PPSE: Final = b"2PAY.SYS.DDF01"
_DOMAIN: Final = b"fanpiao bank card 1\0"
_OK: Final = 0x9000
_DIRECTORY_ENTRY, _AID, _PRIORITY, _PDOL = 0x61, 0x4F, 0x87, 0x9F38
_FORMAT_1, _AFL, _PAN, _TRACK_2, _TRACK_2_DATA = 0x80, 0x94, 0x5A, 0x57, 0x9F6B
_ASKED_TAGS: Final = {
    0x9F66: bytes.fromhex("26800000"),  # EMV mode, PIN and signature; online cryptogram required
    0x9F1A: bytes.fromhex("0156"),
    0x5F2A: bytes.fromhex("0156"),
    0x9F35: bytes.fromhex("22"),
}
"""What a card may want to know; all else, the amounts among it, is zeros."""
EXCHANGES_MAX: Final = 40
"""More than any card needs (five to ten): one that goes on for ever is cut off."""
_OPTIONS_MAX: Final = 250
_PRIORITY_NONE: Final = 16
PAN_DIGITS: Final = range(12, 20)


class _NeverEnds(Exception):
    """The card was asked often enough."""


def identity_of(exchange: Exchange, key: bytes) -> bytes | None:
    """Return what the card is known by under `key` (16 bytes); None for a card without a number.

    What `exchange` raises goes on: a card that was torn away is no card without a number.
    """
    bounded = _bounded(exchange)
    try:
        for application in _applications(bounded):
            number = _number(bounded, application)
            if number is not None:
                return hmac.digest(key, _DOMAIN + number.encode(), sha256)[:IDENTITY_SIZE]
    except _NeverEnds:
        pass
    return None


def _bounded(exchange: Exchange) -> Exchange:
    left = EXCHANGES_MAX

    def carried(command: bytes) -> tuple[bytes, int]:
        nonlocal left
        if not left:
            raise _NeverEnds
        left -= 1
        return exchange(command)

    return carried


def _applications(exchange: Exchange) -> list[bytes]:
    """The card's own list, the likeliest first (Book B §3.3.2; priority 0 is none)."""
    answer = _asked(exchange, _select(PPSE))
    if answer is None:
        return []
    listed: list[tuple[int, bytes]] = []
    try:
        for entry in found(answer, _DIRECTORY_ENTRY):
            inside = dict(elements(entry))
            name, priority = inside.get(_AID, b""), inside.get(_PRIORITY, b"\0")
            if 5 <= len(name) <= 16:
                listed.append((priority[-1] & 0x0F if priority else 0, name))
    except BadTlv:
        return []
    listed.sort(key=lambda one: one[0] or _PRIORITY_NONE)
    return [name for _, name in listed]


def _number(exchange: Exchange, application: bytes) -> str | None:
    answer = _asked(exchange, _select(application))
    if answer is None:
        return None
    try:
        asked = next(found(answer, _PDOL), b"")
        options = _asked(exchange, _processing_options(asked))
        if options is None:
            return None
        for part in chain((options,), _records(exchange, _files(options))):
            number = _number_in(part)
            if number is not None:
                return number
    except BadTlv:
        pass
    return None


def _processing_options(asked: bytes) -> bytes:
    """GET PROCESSING OPTIONS with as many bytes as the card asks for; `BadTlv` for too many."""
    told = b""
    for tag, size in tags_and_lengths(asked):
        if len(told) + size > _OPTIONS_MAX:
            raise BadTlv
        told += _ASKED_TAGS.get(tag, b"").ljust(size, b"\0")[:size]
    data = bytes([0x83, len(told)]) + told
    if len(told) >= 0x80:
        data = bytes([0x83, 0x81, len(told)]) + told
    return bytes.fromhex("80A80000") + bytes([len(data)]) + data + b"\0"


def _files(options: bytes) -> bytes:
    """The application file locator, of either format of the answer (Book 3 §6.5.8.4)."""
    for tag, value in elements(options):
        if tag == _FORMAT_1:
            return value[2:]
    return next(found(options, _AFL), b"")


def _records(exchange: Exchange, files: bytes) -> Iterator[bytes]:
    for at in range(0, len(files) - 3, 4):
        file, first, last = files[at] >> 3, files[at + 1], files[at + 2]
        for number in range(max(first, 1), last + 1):
            command = bytes([0x00, 0xB2, number, (file << 3) | 4, 0])
            record = _asked(exchange, command)
            if record is not None:
                yield record


def _number_in(part: bytes) -> str | None:
    """An account number that is one; `BadTlv` is the card's mistake and ends it."""
    for tag in (_PAN, _TRACK_2, _TRACK_2_DATA):
        for value in found(part, tag):
            digits = value.hex().upper().partition("D" if tag != _PAN else "F")[0]
            if _is_account_number(digits):
                return digits
    return None


def _is_account_number(digits: str) -> bool:
    """Luhn's check holds for zeros alone, which some cards show in place of their number."""
    if not digits.isdecimal() or len(digits) not in PAN_DIGITS or digits[0] == "0":
        return False
    return _luhn(map(int, digits[::-1])) == 0


def _luhn(reversed_digits: Iterable[int]) -> int:
    """ISO/IEC 7812-1, Annex B."""
    total = 0
    for place, digit in enumerate(reversed_digits):
        doubled = digit * 2 if place % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10


def _select(name: bytes) -> bytes:
    """SELECT by name with its file control information (P2 00), which `prove.py` has no use for."""
    return bytes.fromhex("00A40400") + bytes([len(name)]) + name + b"\0"


def _asked(exchange: Exchange, command: bytes) -> bytes | None:
    answer, status = exchange(command)
    return answer if status == _OK else None

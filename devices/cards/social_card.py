"""Who a Chinese social-security card's number stands for, without the number being kept.

The card's own directory (DDF, named in GBK "sx1.sh.社会保障") holds its issue data in file EF05,
free to read: record 1 is the card's identification code (tag 01, 16 bytes: region, registered
provider, serial), record 7 the card's number (tag 07, 9 letters and digits, unique in a region).
Both are hashed together, so that equal numbers of two regions are two cards. Of the records with
name and citizen's number none is asked for.

Source: readers of such cards in public repositories (four independent ones agree on the name, the
file, the records and their lengths), after LD/T 32. Not seen with a card in hand; whether a card
shows this directory without contacts too is its issuer's choice. One that does not is its UID.
"""

import hmac
from hashlib import sha256
from typing import Final

from devices.cards.bank_card import IDENTITY_SIZE
from devices.cards.ber_tlv import BadTlv, elements
from devices.cards.prove import ISO_OK, Exchange

DIRECTORY: Final = "sx1.sh.社会保障".encode("gbk")
EF05: Final = 5
CODE, NUMBER = (1, 16), (7, 9)
"""The record, which is its tag too, and the bytes in it."""
_DOMAIN: Final = b"fanpiao social card 1\0"


def identity_of(exchange: Exchange, key: bytes) -> bytes | None:
    """Return what the card is known by under `key` (16 bytes); None for any other card.

    What `exchange` raises goes on: a card that was torn away is no other card.
    """
    select = bytes.fromhex("00A40400") + bytes([len(DIRECTORY)]) + DIRECTORY + b"\0"
    if exchange(select)[1] != ISO_OK:
        return None
    code = _record(exchange, *CODE)
    number = _record(exchange, *NUMBER) if code else b""
    if not code or not number.isalnum():
        return None
    return hmac.digest(key, _DOMAIN + code + number, sha256)[:IDENTITY_SIZE]


def _record(exchange: Exchange, record: int, size: int) -> bytes:
    """What the record holds; empty when it is none of this kind, or was never written."""
    answer, status = exchange(bytes([0x00, 0xB2, record, EF05 << 3 | 4, size + 2]))
    try:
        held = dict(elements(answer)).get(record, b"") if status == ISO_OK else b""
    except BadTlv:
        return b""
    is_written = len(held) == size and len(set(held)) > 1
    return held if is_written else b""
